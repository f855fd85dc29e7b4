//! Jobs as the API shows them.

use domain::JobId;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::JobStatus;

/// A piece of long work.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Job {
    /// Its id.
    #[schema(value_type = String)]
    id: JobId,
    /// What is done.
    #[schema(example = "transcription")]
    kind: String,
    /// `queued`, `running`, `waiting`, `succeeded`, `failed` or `cancelled`.
    #[schema(value_type = String, example = "running")]
    status: JobStatus,
    /// How far it is.
    progress: Progress,
    /// When it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    waiting_until: Option<Timestamp>,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<JobError>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// How far a job is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Progress {
    /// How many are done.
    done: u64,
    /// Of how many, once that is known.
    total: Option<u64>,
    /// Of what.
    unit: String,
}

/// Why a job failed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct JobError {
    /// Stable, for programs.
    code: String,
    /// For people.
    detail: String,
}

impl From<store::Job> for Job {
    fn from(job: store::Job) -> Self {
        let store::Progress { done, total, unit } = job.progress;
        Self {
            id: job.id,
            kind: job.kind,
            status: job.status,
            progress: Progress { done, total, unit },
            waiting_until: job.waiting_until,
            result: job.result,
            error: job.error.map(|store::JobError { code, detail }| JobError { code, detail }),
            created_at: job.created_at,
            updated_at: job.updated_at,
        }
    }
}
