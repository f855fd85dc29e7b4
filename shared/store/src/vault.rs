//! Sealing tokens: one data key per connection, wrapped by KMS.

use std::fmt;
use std::sync::Arc;

use aws_sdk_kms::Client;
use domain::{ProviderId, UserId};
use jiff::Timestamp;
use secrecy::SecretString;

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
#[derive(Clone, PartialEq, Eq)]
pub struct SealedTokens(String);

impl fmt::Debug for SealedTokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealedTokens")
    }
}

/// The keys under which tokens are sealed.
#[derive(Clone, Debug)]
pub struct Vault {
    kms: Client,
    key_id: Arc<str>,
}

impl Vault {
    /// Wraps data keys with this KMS key.
    pub fn new(kms: Client, key_id: impl Into<Arc<str>>) -> Self {
        Self { kms, key_id: key_id.into() }
    }

    /// The connection's tokens in the clear.
    pub async fn open(&self, connection: &Connection, now: Timestamp) -> Result<Tokens, Error> {
        unimplemented!()
    }

    /// Seals tokens that replace the connection's present ones, under the same data key and the next token version.
    pub async fn seal_next(
        &self,
        connection: &Connection,
        tokens: &Tokens,
        now: Timestamp,
    ) -> Result<SealedTokens, Error> {
        unimplemented!()
    }

    /// Seals the first tokens of a connection under a new data key.
    pub(crate) async fn seal_new(
        &self,
        user: &UserId,
        provider: ProviderId,
        token_version: u64,
        tokens: &Tokens,
        now: Timestamp,
    ) -> Result<SealedTokens, Error> {
        unimplemented!()
    }
}
