//! Syncs that go on by themselves: one item for each, in the index of due work.

use domain::UserId;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::key::{self, Key};
use crate::row::{self, Item, json_text, text};
use crate::table::Range;
use crate::write::{Outcome, Write};
use crate::{Error, Store};

const WHAT: &str = "scheduled sync";
/// How often a write that lost a race is decided anew.
const ROUNDS: usize = 8;
/// Scheduled syncs that one user may have: more than plans and calendars that somebody could name.
const MOST: usize = 100_000;

/// A sync that goes on by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduledSync {
    /// Names what is kept in step; one for each.
    pub id: String,
    /// Whose it is.
    pub user: UserId,
    /// What the worker needs to know.
    pub input: Value,
    /// When it is looked at next.
    pub due_at: Timestamp,
    /// Grows with every change.
    pub version: u64,
    /// Through which the provider tells of changes; the newest last.
    pub channels: Vec<Channel>,
    /// Before this the provider is not asked for a channel: it refused one.
    pub watch_after: Option<Timestamp>,
}

/// A channel through which a provider tells that something changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Our name for it.
    pub id: String,
    /// When the provider was first asked for it.
    #[serde(with = "millisecond::required")]
    pub asked_at: Timestamp,
    /// When it ends; nothing as long as it is not known whether there is one.
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// The provider's name for what is watched, where its answer was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ScheduledSync")]
struct Columns {
    id: String,
    user: UserId,
    #[serde(with = "json_text")]
    input: Value,
    #[serde(with = "millisecond::required")]
    due_at: Timestamp,
    version: u64,
    channels: Vec<Channel>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    watch_after: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Row(#[serde(with = "Columns")] ScheduledSync);

impl Store {
    /// Lets a sync go on by itself, `first` at this time. One that does already is looked at no later than `next`.
    pub async fn schedule_sync(
        &self,
        user: &UserId,
        id: &str,
        input: &Value,
        first: Timestamp,
        next: Timestamp,
    ) -> Result<(), Error> {
        let key = Key::scheduled_sync(user, id);
        for _ in 0..ROUNDS {
            let seen = self.get(&key).await?;
            let row = match seen.clone().map(scheduled_sync_from_item).transpose()? {
                Some(known) => ScheduledSync {
                    due_at: known.due_at.min(next),
                    version: known.version.saturating_add(1),
                    ..known
                },
                None => ScheduledSync {
                    id: id.to_owned(),
                    user: user.clone(),
                    input: input.clone(),
                    due_at: first,
                    version: 1,
                    channels: Vec::new(),
                    watch_after: None,
                },
            };
            let put = Write::put(key.clone(), item_from_scheduled_sync(row)?);
            if let Outcome::Done(_) = self.write(put.when_unchanged(seen.as_ref())).await? {
                return Ok(());
            }
        }
        Err(Error::Conflict)
    }

    /// One scheduled sync, read strongly consistently.
    pub async fn scheduled_sync(&self, user: &UserId, id: &str) -> Result<Option<ScheduledSync>, Error> {
        self.get(&Key::scheduled_sync(user, id)).await?.map(scheduled_sync_from_item).transpose()
    }

    /// All of a user's.
    pub async fn scheduled_syncs(&self, user: &UserId) -> Result<Vec<ScheduledSync>, Error> {
        let (pk, prefix) = (key::partition(user), key::SCHEDULED_SYNCS);
        let items = self.range(Range { pk, prefix, after: None, newest_first: false, limit: MOST }).await?;
        items.into_iter().map(scheduled_sync_from_item).collect()
    }

    /// Has a sync looked at at this time. Nothing happens where it does not go on by itself any more.
    pub async fn hint_sync(&self, user: &UserId, id: &str, at: Timestamp) -> Result<(), Error> {
        // The version too, so that a look that is under way does not count as the one that is asked for.
        let set = "SET #due_at = :at, #version = #version + :one";
        let write = Write::update(Key::scheduled_sync(user, id), set)
            .when("attribute_exists(#pk)")
            .time(":at", at)
            .number(":one", 1);
        self.write(write).await.map(drop)
    }

    /// Has all of a user's syncs looked at now: what they may do has changed.
    pub async fn hint_syncs(&self, user: &UserId, now: Timestamp) -> Result<(), Error> {
        for sync in self.scheduled_syncs(user).await? {
            self.hint_sync(user, &sync.id, now).await?;
        }
        Ok(())
    }

    /// Writes what a look left of a sync, and answers it as it is now: whoever asked for a look meanwhile still gets one.
    /// [`Error::Missing`] if it does not go on any more.
    pub async fn save_scheduled_sync(&self, edited: ScheduledSync) -> Result<ScheduledSync, Error> {
        let key = Key::scheduled_sync(&edited.user, &edited.id);
        let mut edited = edited;
        for _ in 0..ROUNDS {
            let seen = edited.version;
            let next = ScheduledSync { version: seen.saturating_add(1), ..edited.clone() };
            let put = Write::put(key.clone(), item_from_scheduled_sync(next)?);
            match self.write(put.when("#version = :seen").number(":seen", seen)).await? {
                Outcome::Done(item) => return scheduled_sync_from_item(item),
                Outcome::Refused(None) => return Err(Error::Missing),
                Outcome::Refused(Some(item)) => {
                    let known = scheduled_sync_from_item(item)?;
                    let due_at = known.due_at.min(edited.due_at);
                    edited = ScheduledSync { due_at, version: known.version, ..edited };
                }
            }
        }
        Err(Error::Conflict)
    }

    /// Lets a sync go on no more.
    pub async fn end_scheduled_sync(&self, user: &UserId, id: &str) -> Result<(), Error> {
        self.transact(vec![Write::delete(Key::scheduled_sync(user, id))]).await.map(drop)
    }
}

fn item_from_scheduled_sync(sync: ScheduledSync) -> Result<Item, Error> {
    let shard = text(key::due_shard(&sync.id));
    let mut item = row::item(WHAT, &Row(sync))?;
    item.insert("due_shard".to_owned(), shard);
    Ok(item)
}

pub(crate) fn scheduled_sync_from_item(item: Item) -> Result<ScheduledSync, Error> {
    row::read(WHAT, item).map(|Row(sync)| sync)
}
