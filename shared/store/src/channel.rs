//! Channels through which providers tell of changes, by our names for them: whom a message concerns, and what proves it.

use domain::UserId;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::second;
use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::row;
use crate::write::Write;
use crate::{Error, Store};

const WHAT: &str = "channel";

/// Who listens to a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Whose sync is concerned.
    pub user: UserId,
    /// The scheduled sync.
    pub sync: String,
    /// SHA-256 of the token that only the provider was told.
    pub token_hash: String,
    /// The number of the last message that was heeded.
    pub heard: u64,
    /// The provider's name for what is watched, as its messages tell it.
    pub resource_id: Option<String>,
    /// From this second on nobody listens.
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Listener")]
struct Columns {
    user: UserId,
    sync: String,
    token_hash: String,
    heard: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_id: Option<String>,
    #[serde(with = "second::required")]
    expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Row(#[serde(with = "Columns")] Listener);

impl Store {
    /// Listens to a channel, if nobody does yet.
    pub async fn listen(&self, channel: &str, listener: Listener) -> Result<(), Error> {
        let put = Write::put(Key::channel(channel), row::item(WHAT, &Row(listener))?);
        self.write(put.when_new()).await.map(drop)
    }

    /// Who listens to a channel, if anybody does.
    pub async fn listener(&self, channel: &str, now: Timestamp) -> Result<Option<Listener>, Error> {
        let item = self.get(&Key::channel(channel)).await?;
        let listener = item.map(|item| row::read(WHAT, item).map(|Row(listener)| listener)).transpose()?;
        Ok(listener.filter(|listener| listener.expires_at > now))
    }

    /// Remembers the number of a message that was heeded, and what it says is watched. A later one that was heeded stays.
    pub async fn note_heard(
        &self,
        channel: &str,
        number: u64,
        resource_id: Option<&str>,
    ) -> Result<(), Error> {
        let set = match resource_id {
            Some(_) => "SET #heard = :number, #resource_id = :resource",
            None => "SET #heard = :number",
        };
        let mut write = Write::update(Key::channel(channel), set)
            .when("attribute_exists(#pk) AND #heard < :number")
            .number(":number", number);
        if let Some(resource_id) = resource_id {
            write = write.text(":resource", resource_id);
        }
        self.write(write).await.map(drop)
    }

    /// Listens no more.
    pub async fn stop_listening(&self, channel: &str) -> Result<(), Error> {
        self.transact(vec![Write::delete(Key::channel(channel))]).await.map(drop)
    }
}
