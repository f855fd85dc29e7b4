//! The vault: seals tokens under one data key per connection, which KMS wraps.
//!
//! Nothing falls back to the clear: without the key service there is no new connection, and no call to a provider
//! beyond the life of a cached data key. Disconnecting destroys the wrapped key with the tokens.

use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_kms::Client;
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use domain::{ProviderId, UserId};
use jiff::Timestamp;
use secrecy::SecretString;
use zeroize::{Zeroize, Zeroizing};

use crate::data_keys::{DataKey, DataKeys};
use crate::retry::{passes, retrying};
use crate::sealing::{self, PURPOSE, Place, REFUSED};
use crate::{Connection, Error};

/// A provider's tokens, in the clear.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// What a call carries.
    pub access: SecretString,
    /// What buys the next access token, where the provider gives one.
    pub refresh: Option<SecretString>,
}

/// Tokens as they are stored: readable only through the vault, and only for the connection they were sealed for.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SealedTokens(pub(crate) String);

impl fmt::Debug for SealedTokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealedTokens")
    }
}

/// Tokens in the clear, and the data key that they were sealed under. New tokens must never be lost for want of a key: from
/// here on the key service is not needed for them.
pub struct Opened {
    /// The tokens.
    pub tokens: Tokens,
    key: DataKey,
    wrapped: Vec<u8>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Opened").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

impl Opened {
    /// Seals tokens that replace the connection's present ones: the same data key, the next token version.
    pub(crate) fn seal_next(&self, connection: &Connection, tokens: &Tokens) -> Result<SealedTokens, Error> {
        let present = place(connection);
        let next = Place { token_version: present.token_version.saturating_add(1), ..present };
        sealing::seal(&self.key, &self.wrapped, next, tokens)
    }
}

/// The keys under which tokens are sealed. Clones share the data keys they know.
#[derive(Clone)]
pub struct Vault {
    kms: Client,
    key_id: Arc<str>,
    known: Arc<Mutex<DataKeys>>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Vault").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

impl Vault {
    /// Wraps data keys with this KMS key. The client's own repeats are switched off: the vault repeats.
    #[expect(clippy::needless_pass_by_value, reason = "the client is the vault's from here on")]
    pub fn new(kms: Client, key_id: impl Into<Arc<str>>) -> Self {
        let config = kms.config().to_builder().retry_config(RetryConfig::disabled()).build();
        Self { kms: Client::from_conf(config), key_id: key_id.into(), known: Arc::default() }
    }

    /// The connection's tokens in the clear.
    pub async fn open(&self, connection: &Connection, now: Timestamp) -> Result<Tokens, Error> {
        self.open_to_replace(connection, now).await.map(|opened| opened.tokens)
    }

    /// The connection's tokens in the clear, with what it takes to seal those that replace them.
    pub async fn open_to_replace(&self, connection: &Connection, now: Timestamp) -> Result<Opened, Error> {
        let place = place(connection);
        let wrapped = sealing::wrapped_key(&connection.sealed)?;
        let key = self.data_key(&wrapped, place, now).await?;
        let tokens = sealing::open(&key, place, &connection.sealed)?;
        Ok(Opened { tokens, key, wrapped })
    }

    /// Seals the first tokens of a connection, under a new data key.
    pub(crate) async fn seal_first(
        &self,
        place: Place<'_>,
        tokens: &Tokens,
        now: Timestamp,
    ) -> Result<SealedTokens, Error> {
        let context = context(place.user, place.provider);
        let generate = || {
            let generate = self.kms.generate_data_key().key_id(&*self.key_id);
            generate.key_spec(DataKeySpec::Aes256).set_encryption_context(Some(context.clone())).send()
        };
        let answer = retrying(generate, passes).await.map_err(|error| refusal(&error))?;
        let wrapped = answer.ciphertext_blob.ok_or(REFUSED)?.into_inner();
        let key = data_key(answer.plaintext)?;
        self.known().keep(&wrapped, &key, now);
        sealing::seal(&key, &wrapped, place, tokens)
    }

    async fn data_key(&self, wrapped: &[u8], place: Place<'_>, now: Timestamp) -> Result<DataKey, Error> {
        if let Some(key) = self.known().take_use(wrapped, now) {
            return Ok(key);
        }
        let context = context(place.user, place.provider);
        let decrypt = || {
            let decrypt = self.kms.decrypt().key_id(&*self.key_id).ciphertext_blob(Blob::new(wrapped));
            decrypt.set_encryption_context(Some(context.clone())).send()
        };
        let answer = retrying(decrypt, passes).await.map_err(|error| refusal(&error))?;
        let key = data_key(answer.plaintext)?;
        self.known().keep(wrapped, &key, now);
        Ok(key)
    }

    /// The cache holds no invariant that a panic elsewhere could have broken.
    fn known(&self) -> MutexGuard<'_, DataKeys> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(connection: &Connection) -> Place<'_> {
    Place { user: &connection.user, provider: connection.provider, token_version: connection.token_version }
}

fn data_key(plaintext: Option<Blob>) -> Result<DataKey, Error> {
    let mut bytes = plaintext.ok_or(REFUSED)?.into_inner();
    let key = <[u8; 32]>::try_from(bytes.as_slice()).map(Zeroizing::new).map_err(|_| REFUSED);
    bytes.zeroize();
    key
}

/// The encryption context, which the key service logs in the clear: so the user is a hash.
fn context(user: &UserId, provider: ProviderId) -> HashMap<String, String> {
    let hash = digest(&SHA256, user.as_str().as_bytes());
    let mut name = String::with_capacity(32);
    for byte in hash.as_ref().iter().take(16) {
        _ = write!(name, "{byte:02x}");
    }
    let pairs = [("user", name), ("provider", provider.to_string()), ("purpose", PURPOSE.to_owned())];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn refusal<E: ProvideErrorMetadata + std::fmt::Debug>(error: &SdkError<E>) -> Error {
    let retryable = passes(error);
    tracing::warn!(code = error.code().unwrap_or("none"), retryable, "the key service did not help");
    Error::Crypto { retryable }
}
