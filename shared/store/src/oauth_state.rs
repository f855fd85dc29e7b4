//! OAuth transactions: what the callback must match, kept under the hash of its `state`.

use domain::{ProviderId, UserId};
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::second;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::{Error, Store, Taken};

const WHAT: &str = "OAuth transaction";

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

#[derive(Serialize, Deserialize)]
#[serde(remote = "OauthState")]
struct Row {
    user: UserId,
    provider: ProviderId,
    browser_hash: String,
    #[serde(default, with = "verifier", skip_serializing_if = "Option::is_none")]
    pkce_verifier: Option<SecretString>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    return_to: Option<String>,
    redirect_uri: String,
    #[serde(with = "second::required")]
    expires_at: Timestamp,
}

#[derive(Serialize)]
struct Written<'a>(#[serde(with = "Row")] &'a OauthState);

#[derive(Deserialize)]
struct Read(#[serde(with = "Row")] OauthState);

/// The verifier is the one secret that is written as it is: without the provider's code it opens nothing.
mod verifier {
    use secrecy::{ExposeSecret, SecretString};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde decides the signature")]
    pub(super) fn serialize<S: Serializer>(
        verifier: &Option<SecretString>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        verifier.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SecretString>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
    }
}

impl Store {
    /// Keeps a transaction under the hash of its `state`.
    pub async fn put_oauth_state(&self, hash: &str, state: &OauthState) -> Result<(), Error> {
        self.put_once(WHAT, Key::oauth_state(hash), &Written(state)).await
    }

    /// Takes the transaction, so that nobody can take it again.
    pub async fn take_oauth_state(&self, hash: &str, now: Timestamp) -> Result<Taken<OauthState>, Error> {
        let taken = self.take_once::<Read>(WHAT, Key::oauth_state(hash), now).await?;
        Ok(taken.map(|Read(state)| state))
    }
}
