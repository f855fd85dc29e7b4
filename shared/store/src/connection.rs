//! Connections: one per user and provider.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{JobId, ProviderId, UserId};
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::job::job_from_item;
use crate::key::{self, Key};
use crate::row::{self, Item, json_text};
use crate::table::Range;
use crate::write::{Outcome, Write};
use crate::{Error, Job, SealedTokens, Store};

const WHAT: &str = "connection";

/// How the table calls the status of a connection that waits for its user.
pub(crate) const NEEDS_REAUTH: &str = "needs_reauth";

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalAccount {
    /// The provider's id of the account or workspace.
    pub id: String,
    /// A name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An emoji or the address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// The id under which our writes appear, where the provider has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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

#[derive(Serialize, Deserialize)]
#[serde(remote = "ConnectionStatus", tag = "status", rename_all = "snake_case")]
enum StatusColumns {
    Active,
    NeedsReauth { reason: String },
    Partial,
    Paused,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Connection")]
struct Columns {
    user: UserId,
    provider: ProviderId,
    #[serde(flatten, with = "StatusColumns")]
    status: ConnectionStatus,
    account: ExternalAccount,
    scopes: Vec<String>,
    #[serde(with = "json_text")]
    settings: Value,
    settings_version: u64,
    sync_enabled: bool,
    #[serde(with = "millisecond::required")]
    connected_at: Timestamp,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    last_sync: Option<Timestamp>,
    token_version: u64,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    token_expires_at: Option<Timestamp>,
    refreshable: bool,
    sealed: SealedTokens,
}

#[derive(Serialize, Deserialize)]
struct Row(#[serde(with = "Columns")] Connection);

/// How the table calls a status.
pub(crate) fn status_word(status: &ConnectionStatus) -> &'static str {
    match status {
        ConnectionStatus::Active => "active",
        ConnectionStatus::NeedsReauth { .. } => NEEDS_REAUTH,
        ConnectionStatus::Partial => "partial",
        ConnectionStatus::Paused => "paused",
    }
}

/// The connection in an item.
pub(crate) fn connection_from_item(item: Item) -> Result<Connection, Error> {
    row::read(WHAT, item).map(|Row(connection)| connection)
}

/// The item of a connection.
pub(crate) fn item_from_connection(connection: Connection) -> Result<Item, Error> {
    row::item(WHAT, &Row(connection))
}

impl Store {
    /// All connections of a user, in the order of the providers' names.
    pub async fn connections(&self, user: &UserId) -> Result<Vec<Connection>, Error> {
        let (pk, prefix, limit) = (key::partition(user), key::CONNECTIONS, ProviderId::ALL.len());
        let items = self.range(Range { pk, prefix, after: None, newest_first: false, limit }).await?;
        items.into_iter().map(connection_from_item).collect()
    }

    /// One connection, read strongly consistently.
    pub async fn connection(&self, user: &UserId, provider: ProviderId) -> Result<Option<Connection>, Error> {
        self.get(&Key::connection(user, provider)).await?.map(connection_from_item).transpose()
    }

    /// A connection and a job of the same user in one go, each read strongly consistently.
    pub async fn connection_and_job(
        &self,
        user: &UserId,
        provider: ProviderId,
        job: &JobId,
    ) -> Result<(Option<Connection>, Option<Job>), Error> {
        let keys = [Key::connection(user, provider), Key::job(user, job)];
        let mut items = self.get_all(&keys).await?.into_iter();
        let connection = items.next().flatten().map(connection_from_item).transpose()?;
        Ok((connection, items.next().flatten().map(job_from_item).transpose()?))
    }

    /// Replaces the settings if they still are those of `seen_version`; otherwise [`Error::Conflict`].
    pub async fn update_settings(
        &self,
        user: &UserId,
        provider: ProviderId,
        settings: &Value,
        seen_version: u64,
    ) -> Result<Connection, Error> {
        let set = "SET #settings = :settings, #settings_version = :next";
        let write = Write::update(Key::connection(user, provider), set)
            .when("#settings_version = :seen")
            .text(":settings", settings.to_string())
            .number(":next", seen_version.saturating_add(1))
            .number(":seen", seen_version);
        self.change(write).await
    }

    /// Turns scheduled syncs on or off.
    pub async fn set_sync_enabled(
        &self,
        user: &UserId,
        provider: ProviderId,
        enabled: bool,
    ) -> Result<Connection, Error> {
        let write = Write::update(Key::connection(user, provider), "SET #sync_enabled = :enabled")
            .when("attribute_exists(#pk)")
            .value(":enabled", AttributeValue::Bool(enabled));
        self.change(write).await
    }

    /// Notes that a sync or an export ended. Nothing happens where there is no connection any more.
    pub async fn note_synced(
        &self,
        user: &UserId,
        provider: ProviderId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let write = Write::update(Key::connection(user, provider), "SET #last_sync = :now")
            .when("attribute_exists(#pk) AND (attribute_not_exists(#last_sync) OR #last_sync < :now)")
            .time(":now", now);
        self.write(write).await.map(drop)
    }

    /// Marks the connection as one that only the user can mend, if it still has the tokens of `token_version`.
    pub async fn mark_needs_reauth(
        &self,
        user: &UserId,
        provider: ProviderId,
        token_version: u64,
        reason: &str,
    ) -> Result<(), Error> {
        let set = "SET #status = :status, #reason = :reason";
        let write = Write::update(Key::connection(user, provider), set)
            .when("#token_version = :version")
            .text(":status", NEEDS_REAUTH)
            .text(":reason", reason)
            .number(":version", token_version);
        self.write(write).await.map(drop)
    }

    /// Changes a connection that must be there.
    async fn change(&self, write: Write) -> Result<Connection, Error> {
        match self.write(write).await? {
            Outcome::Done(item) => connection_from_item(item),
            Outcome::Refused(Some(_)) => Err(Error::Conflict),
            Outcome::Refused(None) => Err(Error::Missing),
        }
    }
}
