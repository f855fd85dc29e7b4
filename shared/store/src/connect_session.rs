//! Connect sessions: a link that lets one browser start connecting one provider, once.

use domain::{ProviderId, UserId};
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::second;
use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::{Error, Store, Taken};

const WHAT: &str = "connect session";

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

#[derive(Serialize, Deserialize)]
#[serde(remote = "ConnectSession")]
struct Row {
    user: UserId,
    provider: ProviderId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    return_to: Option<String>,
    #[serde(with = "second::required")]
    expires_at: Timestamp,
}

#[derive(Serialize)]
struct Written<'a>(#[serde(with = "Row")] &'a ConnectSession);

#[derive(Deserialize)]
struct Read(#[serde(with = "Row")] ConnectSession);

impl Store {
    /// Keeps a session under the hash of its secret.
    pub async fn put_connect_session(&self, hash: &str, session: &ConnectSession) -> Result<(), Error> {
        self.put_once(WHAT, Key::connect_session(hash), &Written(session)).await
    }

    /// Takes the session, so that nobody can take it again.
    pub async fn take_connect_session(
        &self,
        hash: &str,
        now: Timestamp,
    ) -> Result<Taken<ConnectSession>, Error> {
        let taken = self.take_once::<Read>(WHAT, Key::connect_session(hash), now).await?;
        Ok(taken.map(|Read(session)| session))
    }
}
