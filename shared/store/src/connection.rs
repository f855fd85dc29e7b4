//! Connections: one per user and provider.

use domain::{ProviderId, UserId};
use jiff::Timestamp;
use serde_json::Value;

use crate::{Error, SealedTokens, Store, Tokens, Vault};

/// How a connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionStatus {
    /// Usable.
    Active,
    /// Only the user can mend it, by connecting again.
    NeedsReauth {
        /// Stable word saying why.
        reason: String,
    },
    /// Usable, but the user granted less than was asked for.
    Partial,
    /// The user paused it.
    Paused,
}

/// Who the user is over there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalAccount {
    /// The provider's id of the account or workspace.
    pub id: String,
    /// A name to show.
    pub name: Option<String>,
    /// An emoji or the address of a picture.
    pub icon: Option<String>,
    /// The id under which our writes appear, where the provider has one.
    pub bot_id: Option<String>,
}

/// One user's connection to one provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// Whose.
    pub user: UserId,
    /// To what.
    pub provider: ProviderId,
    /// How it stands.
    pub status: ConnectionStatus,
    /// Who the user is over there.
    pub account: ExternalAccount,
    /// What was granted.
    pub scopes: Vec<String>,
    /// What the user chose; an object.
    pub settings: Value,
    /// Counts changes of the settings.
    pub settings_version: u64,
    /// Whether scheduled syncs run.
    pub sync_enabled: bool,
    /// When the user last connected.
    pub connected_at: Timestamp,
    /// When a sync last ended.
    pub last_sync: Option<Timestamp>,
    /// Grows with every new pair of tokens, never comes back after a disconnect.
    pub token_version: u64,
    /// When the access token ends, where the provider says so.
    pub token_expires_at: Option<Timestamp>,
    /// Whether there is a refresh token.
    pub refreshable: bool,
    pub(crate) sealed: SealedTokens,
}

/// What a finished OAuth exchange brings.
#[derive(Clone, Debug)]
pub struct NewConnection {
    /// Whose.
    pub user: UserId,
    /// To what.
    pub provider: ProviderId,
    /// The user granted less than was asked for.
    pub partial: bool,
    /// Who the user is over there.
    pub account: ExternalAccount,
    /// What was granted.
    pub scopes: Vec<String>,
    /// The tokens, sealed before they are written.
    pub tokens: Tokens,
    /// When the access token ends, where the provider says so.
    pub token_expires_at: Option<Timestamp>,
}

/// What came of connecting.
#[derive(Clone, Debug, PartialEq)]
pub enum PutConnection {
    /// Connected, or connected again.
    Connected(Box<Connection>),
    /// All integrations of the tier are taken; nothing was written.
    LimitReached {
        /// How many are connected.
        used: u32,
    },
}

impl Store {
    /// All connections of a user, in the order of the providers' names.
    pub async fn connections(&self, user: &UserId) -> Result<Vec<Connection>, Error> {
        unimplemented!()
    }

    /// One connection, read strongly consistently.
    pub async fn connection(&self, user: &UserId, provider: ProviderId) -> Result<Option<Connection>, Error> {
        unimplemented!()
    }

    /// Connects, or connects again, if the provider is connected already or the user has fewer than `limit` integrations.
    /// Settings stay when it is the same account over there, and go when it is another.
    pub async fn put_connection(
        &self,
        vault: &Vault,
        new: NewConnection,
        limit: Option<u32>,
        now: Timestamp,
    ) -> Result<PutConnection, Error> {
        unimplemented!()
    }

    /// Replaces the settings if they still are those of `seen_version`; otherwise [`Error::Conflict`].
    pub async fn update_settings(
        &self,
        user: &UserId,
        provider: ProviderId,
        settings: &Value,
        seen_version: u64,
    ) -> Result<Connection, Error> {
        unimplemented!()
    }

    /// Turns scheduled syncs on or off.
    pub async fn set_sync_enabled(
        &self,
        user: &UserId,
        provider: ProviderId,
        enabled: bool,
    ) -> Result<Connection, Error> {
        unimplemented!()
    }

    /// Marks the connection as one that only the user can mend, if it still has the tokens of `token_version`.
    pub async fn mark_needs_reauth(
        &self,
        user: &UserId,
        provider: ProviderId,
        token_version: u64,
        reason: &str,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Destroys the connection with its keys and tokens and frees its place. Answers what it was; none if there was none.
    pub async fn disconnect(&self, user: &UserId, provider: ProviderId) -> Result<Option<Connection>, Error> {
        unimplemented!()
    }
}
