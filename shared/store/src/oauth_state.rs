//! OAuth transactions: what the callback must match, kept under the hash of its `state`.

use domain::{ProviderId, UserId};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::{Error, Store, Taken};

/// What was true when the browser left for the provider.
#[derive(Clone, Debug)]
pub struct OauthState {
    /// Who is connecting.
    pub user: UserId,
    /// To what.
    pub provider: ProviderId,
    /// Hash of the cookie of the browser that left.
    pub browser_hash: String,
    /// PKCE verifier, where the provider takes one. Worth nothing without the code.
    pub pkce_verifier: Option<SecretString>,
    /// Where the browser goes afterwards.
    pub return_to: Option<String>,
    /// The redirect address that was sent, to be repeated byte for byte.
    pub redirect_uri: String,
    /// From this second on the state is worth nothing.
    pub expires_at: Timestamp,
}

impl Store {
    /// Keeps a transaction under the hash of its `state`.
    pub async fn put_oauth_state(&self, hash: &str, state: &OauthState) -> Result<(), Error> {
        unimplemented!()
    }

    /// Takes the transaction, so that nobody can take it again.
    pub async fn take_oauth_state(&self, hash: &str, now: Timestamp) -> Result<Taken<OauthState>, Error> {
        unimplemented!()
    }
}
