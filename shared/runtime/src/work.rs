//! Work that goes on after the answer: messages on FIFO queues, and how a batch of them is worked off.

use std::collections::HashSet;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::{JobId, Object, UserId};
use providers::signature::sha256_hex;
use serde::{Deserialize, Serialize};
use store::{Job, Metric};
use uuid::Uuid;

use crate::Config;
use crate::problem::{Code, Problem};

/// What a job that exports a plan is called.
pub const EXPORT: &str = "notion_export";
/// What a job that brings a calendar in step with a plan is called.
pub const CALENDAR_SYNC: &str = "calendar_sync";
/// What a job is called that undoes an export.
pub const EXPORT_UNDO: &str = "notion_export_undo";
/// What a job is called that undoes a calendar sync.
pub const CALENDAR_SYNC_UNDO: &str = "calendar_sync_undo";

/// What of the month's number a kind of job takes.
pub(crate) fn metric(kind: &str) -> Option<Metric> {
    (kind == EXPORT).then_some(Metric::Exports)
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Work {
    /// A transcription is overdue: submit it once more, or give up.
    CheckTranscription {
        /// Whose.
        user: UserId,
        /// The transcription's job.
        job: JobId,
    },
    /// A write was begun and never recorded: look whether it happened.
    ResolveIntent {
        /// Whose.
        user: UserId,
        /// The intent in the effect ledger.
        intent: Uuid,
    },
    /// A plan's export goes on.
    Export {
        /// Whose.
        user: UserId,
        /// The export's job.
        job: JobId,
        /// The job's version: the queue would take the same message for a repeat.
        version: u64,
    },
    /// A plan's calendar sync goes on.
    CalendarSync {
        /// Whose.
        user: UserId,
        /// The sync's job.
        job: JobId,
        /// The job's version: the queue would take the same message for a repeat.
        version: u64,
    },
    /// A calendar that is kept in step is looked at.
    ScheduledCalendarSync {
        /// Whose.
        user: UserId,
        /// The scheduled sync's id.
        sync: String,
        /// Its version: the queue would take the same message for a repeat.
        version: u64,
    },
}

impl Work {
    /// What a job that is due needs.
    pub fn of_job(job: Job) -> Self {
        let Job { user, id, kind, version, .. } = job;
        match kind.as_str() {
            EXPORT | EXPORT_UNDO => Self::Export { user, job: id, version },
            CALENDAR_SYNC | CALENDAR_SYNC_UNDO => Self::CalendarSync { user, job: id, version },
            _ => Self::CheckTranscription { user, job: id },
        }
    }

    /// Messages of one group are worked off one after another.
    fn group(&self) -> String {
        match self {
            Self::CheckTranscription { user, job } => sha256_hex(format!("{user}#{job}").as_bytes()),
            Self::ResolveIntent { user, intent } => sha256_hex(format!("{user}#{intent}").as_bytes()),
            // One user's exports, and their syncs, wait for each other, and nobody else's for them.
            Self::Export { user, .. } => sha256_hex(format!("{user}#export").as_bytes()),
            Self::CalendarSync { user, .. } | Self::ScheduledCalendarSync { user, .. } => {
                sha256_hex(format!("{user}#calendar").as_bytes())
            }
        }
    }
}

/// The queues, one for each function that works.
#[derive(Clone, Debug)]
pub struct Queues {
    client: aws_sdk_sqs::Client,
    jobs_url: String,
    transcription_url: String,
    calendar_url: String,
}

impl Queues {
    /// The configured queues. Does no I/O.
    pub fn new(client: aws_sdk_sqs::Client, config: &Config) -> Self {
        Self {
            client,
            jobs_url: config.jobs_queue_url.clone(),
            transcription_url: config.transcription_queue_url.clone(),
            calendar_url: config.calendar_queue_url.clone(),
        }
    }

    /// Enqueues `work`. The same work within five minutes is enqueued once (the queue's own window).
    pub async fn send(&self, work: &Work) -> Result<(), Problem> {
        let url = match work {
            Work::CheckTranscription { .. } => &self.transcription_url,
            Work::ResolveIntent { .. } | Work::Export { .. } => &self.jobs_url,
            Work::CalendarSync { .. } | Work::ScheduledCalendarSync { .. } => &self.calendar_url,
        };
        let body = serde_json::to_string(work).map_err(|error| Problem::internal().because(error))?;
        let request = self.client.send_message().queue_url(url).message_group_id(work.group());
        let request = request.message_deduplication_id(sha256_hex(body.as_bytes())).message_body(body);
        request.send().await.map(drop).map_err(|error| {
            Problem::new(Code::StorageUnavailable, "Our queue did not answer. Try again shortly.")
                .retry_after(2)
                .because(error)
        })
    }
}

/// Works off a FIFO batch in order. After a failure the rest of that group is left for later, in order.
pub async fn work_off(
    event: SqsEvent,
    handle: impl AsyncFn(Work) -> Result<(), Problem>,
) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    let mut stopped = HashSet::new();
    for message in event.records {
        let id = message.message_id.unwrap_or_default();
        let group = message.attributes.get("MessageGroupId").cloned().unwrap_or_default();
        if stopped.contains(&group) {
            response.add_failure(id);
            continue;
        }
        let done = match serde_json::from_str(message.body.as_deref().unwrap_or_default()) {
            Ok(Object(work)) => handle(work).await,
            Err(error) => Err(Problem::new(Code::Internal, "A message cannot be read.").because(error)),
        };
        if let Err(problem) = done {
            tracing::warn!(
                message_id = id,
                code = problem.code().as_str(),
                "message left on the queue: {problem}"
            );
            stopped.insert(group);
            response.add_failure(id);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;

    fn resolve(number: u128) -> Work {
        Work::ResolveIntent { user: "u".parse().unwrap(), intent: Uuid::from_u128(number) }
    }

    #[tokio::test]
    async fn a_failure_stops_its_group_and_no_other() {
        let messages = [("m1", "a", 1), ("m2", "a", 2), ("m3", "b", 3), ("m4", "a", 4)];
        let records = messages.map(|(id, group, number)| {
            json!({"messageId": id, "attributes": {"MessageGroupId": group},
                   "body": serde_json::to_string(&resolve(number)).unwrap()})
        });
        let event = serde_json::from_value(json!({ "Records": records })).unwrap();
        let handled = Mutex::new(vec![]);
        let response = work_off(event, async |work| {
            handled.lock().unwrap().push(work.clone());
            if work == resolve(2) { Err(Problem::new(Code::Internal, "no")) } else { Ok(()) }
        })
        .await;
        let failed: Vec<_> =
            response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
        assert_eq!(failed, ["m2", "m4"]);
        assert_eq!(*handled.lock().unwrap(), [resolve(1), resolve(2), resolve(3)]);
    }

    #[tokio::test]
    async fn a_message_nobody_understands_goes_back_to_the_queue() {
        let event =
            json!({"Records": [{"messageId": "m1", "attributes": {}, "body": "{\"kind\":\"dance\"}"}]});
        let response = work_off(serde_json::from_value(event).unwrap(), async |_| Ok(())).await;
        assert_eq!(response.batch_item_failures.len(), 1);
    }
}
