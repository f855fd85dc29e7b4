//! What a sync put into a calendar, as it is remembered: a row for each event, written down before the event is made.

use std::collections::{BTreeMap, BTreeSet};

use domain::UserId;
use jiff::Timestamp;
use runtime::{App, History, Report};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::SYNC_ROWS;

use crate::event::Said;

/// An event of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) title: String,
    /// As which it was last seen or written. Nothing as long as it is not known whether it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) etag: Option<String>,
    /// What the plan said when that was last written, or left alone.
    pub(crate) said: Said,
    /// What Google showed of that; of a part that somebody changed, what the plan said.
    pub(crate) shown: Said,
    /// Somebody else changed it: it is looked at before it is written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) touched: bool,
    /// Somebody deleted it: it is not made again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) gone: bool,
    /// The plan does not have it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) left: Option<Leave>,
    /// When it was last written down that it is to be made.
    pub(crate) sent_at: Timestamp,
}

/// What becomes of an event that the plan does not have any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Leave {
    /// It is being deleted.
    Going,
    /// It is what people made of it: changed, or deleted. If the plan gets it back, it is still that.
    Kept,
}

/// Leads to what people changed since a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SyncToken {
    pub(crate) token: String,
    /// What ends earlier was not in the first list, and so is in none that follows.
    pub(crate) since: Timestamp,
}

/// How far a look at everything has come that was not finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Halfway {
    /// What ends later is in its list.
    pub(crate) since: Timestamp,
    /// The id of the event that was looked at last, of those that are not, in the order of their ids.
    pub(crate) until: String,
}

#[derive(Default, Serialize, Deserialize)]
struct Head {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sync_token: Option<SyncToken>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    halfway: Option<Halfway>,
    report: Report,
    #[serde(default)]
    history: History,
}

/// All that is remembered of one sync.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    user: UserId,
    subject: String,
    version: u64,
    saved: BTreeMap<String, Value>,
    pub(crate) sync_token: Option<SyncToken>,
    pub(crate) halfway: Option<Halfway>,
    /// What the last job did.
    pub(crate) report: Report,
    /// What can be gone back to.
    pub(crate) history: History,
    /// By the ids of tasks.
    pub(crate) rows: BTreeMap<String, Row>,
    /// Tasks whose events have ids since this piece began, and were not tried to be made yet.
    pub(crate) untried: BTreeSet<String>,
}

impl Record {
    /// What is remembered.
    pub(crate) async fn load(app: &App, user: &UserId, subject: &str) -> Result<Self, store::Error> {
        let store::Sync { head, version, rows: saved } = app.store.sync(user, subject).await?;
        let Head { sync_token, halfway, report, history } =
            if head.is_null() { Head::default() } else { read(head)? };
        let rows = saved.iter().map(|(task, row)| Ok((task.clone(), read(row.clone())?)));
        let rows = rows.collect::<Result<_, store::Error>>()?;
        let (user, subject) = (user.clone(), subject.to_owned());
        let untried = BTreeSet::new();
        Ok(Self { user, subject, version, saved, sync_token, halfway, report, history, rows, untried })
    }

    /// Writes down what changed. [`store::Error::Conflict`] if somebody else works on the same sync.
    pub(crate) async fn save(&mut self, app: &App) -> Result<(), store::Error> {
        let mut changes = Vec::new();
        for (task, row) in &self.rows {
            let row = write(row)?;
            if self.saved.get(task) != Some(&row) {
                changes.push((task.clone(), Some(row)));
            }
        }
        let gone = self.saved.keys().filter(|task| !self.rows.contains_key(*task));
        changes.extend(gone.map(|task| (task.clone(), None)));
        let mut left = changes.as_slice();
        loop {
            let (now, later) = left.split_at(left.len().min(SYNC_ROWS));
            let head = self.head(later.is_empty())?;
            self.version = app.store.save_sync(&self.user, &self.subject, self.version, &head, now).await?;
            left = later;
            if left.is_empty() {
                break;
            }
        }
        for (task, row) in changes {
            match row {
                Some(row) => drop(self.saved.insert(task, row)),
                None => drop(self.saved.remove(&task)),
            }
        }
        Ok(())
    }

    /// A token, or how far a look has come, is kept only together with all that was seen until then.
    fn head(&self, with_look: bool) -> Result<Value, store::Error> {
        let (sync_token, halfway) =
            if with_look { (self.sync_token.clone(), self.halfway.clone()) } else { (None, None) };
        write(&Head { sync_token, halfway, report: self.report.clone(), history: self.history.clone() })
    }
}

fn read<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, store::Error> {
    serde_json::from_value(value).map_err(|_| store::Error::Corrupt("calendar sync"))
}

fn write(value: &impl Serialize) -> Result<Value, store::Error> {
    serde_json::to_value(value).map_err(|_| store::Error::Corrupt("calendar sync"))
}
