//! Connect sessions: a link that lets one browser start connecting one provider, once.

use domain::{ProviderId, UserId};
use jiff::Timestamp;

use crate::{Error, Store, Taken};

/// What a connect link stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectSession {
    /// Who asked for the link.
    pub user: UserId,
    /// What is to be connected.
    pub provider: ProviderId,
    /// Where the browser goes afterwards.
    pub return_to: Option<String>,
    /// From this second on the link is worth nothing.
    pub expires_at: Timestamp,
}

impl Store {
    /// Keeps a session under the hash of its secret.
    pub async fn put_connect_session(&self, hash: &str, session: &ConnectSession) -> Result<(), Error> {
        unimplemented!()
    }

    /// Takes the session, so that nobody can take it again.
    pub async fn take_connect_session(
        &self,
        hash: &str,
        now: Timestamp,
    ) -> Result<Taken<ConnectSession>, Error> {
        unimplemented!()
    }
}
