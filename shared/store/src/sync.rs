//! What an export or sync has put at its target: a head, and a row for each thing that is there.
//!
//! What the head and the rows say is their writer's own business. Whoever writes must have read the head as it is: of two
//! who work on the same sync, the one who is behind writes nothing any more.

use std::collections::BTreeMap;

use domain::{JobId, Plan, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::key::{Key, sync_partition};
use crate::row::{self, Item, json_text, text_in};
use crate::table::Range;
use crate::transact::Transacted;
use crate::write::{Outcome, Write};
use crate::{Error, Store};

const WHAT: &str = "sync";
/// The head's name is the beginning of every row's, so that one query finds both.
const HEAD: &str = "NODE";
const ROWS: &str = "NODE#";
/// What the names of plans that were put there begin with.
const PLANS: &str = "PLAN#";

/// Rows that can be written together with the head: DynamoDB takes 100 writes at once.
pub const SYNC_ROWS: usize = 99;

/// More rows than any sync has: a plan's 350,000 bytes do not make as many blocks.
const MOST: usize = 1_000_000;

/// A sync as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sync {
    /// Null before the first time it is written.
    pub head: Value,
    /// Grows with every writing; 0 before the first.
    pub version: u64,
    /// Rows by their names.
    pub rows: BTreeMap<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    version: u64,
    #[serde(with = "json_text")]
    json: Value,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(with = "json_text")]
    json: Value,
}

impl Store {
    /// Everything that is known of a sync of this user, read strongly consistently.
    pub async fn sync(&self, user: &UserId, subject: &str) -> Result<Sync, Error> {
        let pk = sync_partition(user, subject);
        let range = Range { pk, prefix: HEAD, after: None, newest_first: false, limit: MOST };
        let mut sync = Sync::default();
        for item in self.range(range).await? {
            let name = text_in(&item, "sk").unwrap_or_default().to_owned();
            if let Some(name) = name.strip_prefix(ROWS) {
                let Row { json } = row::read(WHAT, item)?;
                sync.rows.insert(name.to_owned(), json);
            } else {
                let Head { version, json } = row::read(WHAT, item)?;
                (sync.version, sync.head) = (version, json);
            }
        }
        Ok(sync)
    }

    /// What is said of a sync as a whole; null before the first time it is written. Read strongly consistently.
    pub async fn sync_head(&self, user: &UserId, subject: &str) -> Result<Value, Error> {
        let head = self.get(&Key { pk: sync_partition(user, subject), sk: HEAD.to_owned() }).await?;
        head.map_or(Ok(Value::Null), |item| row::read(WHAT, item).map(|Head { json, .. }| json))
    }

    /// Keeps the plan that a job put at the sync's target.
    pub async fn keep_plan(
        &self,
        user: &UserId,
        subject: &str,
        job: &JobId,
        plan: &Plan,
    ) -> Result<(), Error> {
        let json = serde_json::to_value(plan).map_err(|_| Error::Corrupt(WHAT))?;
        self.write(Write::put(kept_plan(user, subject, job), item_from_row(&json)?)).await.map(drop)
    }

    /// The plan that a job put at the sync's target, if it is kept.
    pub async fn kept_plan(&self, user: &UserId, subject: &str, job: &JobId) -> Result<Option<Plan>, Error> {
        let Some(item) = self.get(&kept_plan(user, subject, job)).await? else { return Ok(None) };
        let Row { json } = row::read(WHAT, item)?;
        serde_json::from_value(json).map(Some).map_err(|_| Error::Corrupt(WHAT))
    }

    /// Keeps a plan no longer.
    pub async fn drop_plan(&self, user: &UserId, subject: &str, job: &JobId) -> Result<(), Error> {
        self.write(Write::delete(kept_plan(user, subject, job))).await.map(drop)
    }

    /// Writes the head and up to [`SYNC_ROWS`] rows, all or none; a row without a value is removed. Answers the new version.
    /// [`Error::Conflict`] if somebody else wrote since.
    pub async fn save_sync(
        &self,
        user: &UserId,
        subject: &str,
        seen: u64,
        head: &Value,
        rows: &[(String, Option<Value>)],
    ) -> Result<u64, Error> {
        let pk = sync_partition(user, subject);
        let version = seen.saturating_add(1);
        let item = row::item(WHAT, &Head { version, json: head.clone() })?;
        let write = Write::put(Key { pk: pk.clone(), sk: HEAD.to_owned() }, item);
        let write = match seen {
            0 => write.when_new(),
            seen => write.when("#version = :seen").number(":seen", seen),
        };
        if rows.is_empty() {
            return match self.write(write).await? {
                Outcome::Done(_) => Ok(version),
                Outcome::Refused(_) => Err(Error::Conflict),
            };
        }
        let row = |(name, value): &(String, Option<Value>)| {
            let key = Key { pk: pk.clone(), sk: format!("{ROWS}{name}") };
            Ok(match value {
                Some(value) => Write::put(key, item_from_row(value)?),
                None => Write::delete(key),
            })
        };
        let rows = rows.iter().map(row).collect::<Result<Vec<_>, Error>>()?;
        match self.transact(std::iter::once(write).chain(rows).collect()).await? {
            Transacted::Done => Ok(version),
            Transacted::Refused(_) => Err(Error::Conflict),
        }
    }
}

fn kept_plan(user: &UserId, subject: &str, job: &JobId) -> Key {
    Key { pk: sync_partition(user, subject), sk: format!("{PLANS}{job}") }
}

fn item_from_row(value: &Value) -> Result<Item, Error> {
    row::item(WHAT, &Row { json: value.clone() })
}
