//! Jobs: long work that somebody can ask about.

use domain::{JobId, UserId};
use jiff::Timestamp;
use serde_json::Value;

use crate::{Error, Page, Store};

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobStatus {
    /// Not begun.
    Queued,
    /// Being worked on.
    Running,
    /// Waiting for a time or for its user.
    Waiting,
    /// Done.
    Succeeded,
    /// Given up.
    Failed,
    /// Called off.
    Cancelled,
}

impl JobStatus {
    /// Whether nothing happens to the job any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Progress {
    /// How many are done.
    pub done: u64,
    /// Of how many, once that is known.
    pub total: Option<u64>,
    /// Of what.
    pub unit: String,
}

/// Why a job failed, in words for its owner.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct JobError {
    /// Stable code.
    pub code: String,
    /// A sentence.
    pub detail: String,
}

/// A piece of long work.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub user: UserId,
    /// What is done.
    pub kind: String,
    /// To what, for example a recording's id.
    pub subject: String,
    /// What the worker needs to know.
    pub input: Value,
    /// Where it stands.
    pub status: JobStatus,
    /// How far it is.
    pub progress: Progress,
    /// When it goes on, if it waits for a time.
    pub waiting_until: Option<Timestamp>,
    /// What came of it.
    pub result: Option<Value>,
    /// Why it failed.
    pub error: Option<JobError>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: u64,
    /// When somebody should look whether it got stuck; none once it is final.
    pub due_at: Option<Timestamp>,
}

/// A job to be created.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// Its id; the same id is the same job.
    pub id: JobId,
    /// Whose it is.
    pub user: UserId,
    /// What is done.
    pub kind: String,
    /// To what.
    pub subject: String,
    /// What the worker needs to know.
    pub input: Value,
    /// How far it is at the start.
    pub progress: Progress,
    /// When somebody should look whether it got stuck.
    pub due_at: Option<Timestamp>,
}

impl Store {
    /// Creates a job, or answers the one of this id and user as it stands.
    pub async fn create_job(&self, new: NewJob, now: Timestamp) -> Result<Job, Error> {
        unimplemented!()
    }

    /// One job, read strongly consistently.
    pub async fn job(&self, user: &UserId, id: &JobId) -> Result<Option<Job>, Error> {
        unimplemented!()
    }

    /// A user's jobs, newest first. `limit` is brought into 1..=100.
    pub async fn jobs(&self, user: &UserId, limit: u32, cursor: Option<&str>) -> Result<Page<Job>, Error> {
        unimplemented!()
    }

    /// Writes an edited copy of a job that was read: status, progress, waiting, result, error and due time.
    /// [`Error::Conflict`] if it changed since, or is final. A final job is never due.
    pub async fn save_job(&self, edited: Job, now: Timestamp) -> Result<Job, Error> {
        unimplemented!()
    }

    /// Jobs of a shard whose time to be looked at has come, the longest overdue first. May miss what was written a moment ago.
    pub async fn due_jobs(&self, shard: u8, now: Timestamp, limit: u32) -> Result<Vec<Job>, Error> {
        unimplemented!()
    }
}
