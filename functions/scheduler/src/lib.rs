//! Finds what is due and puts it on the queue of whoever works on it. Called every minute.
//!
//! Nothing is lost when a function dies between writing something down and acting on it: what was written is found here.

use std::sync::Arc;

use jiff::SignedDuration;
use runtime::{App, Problem, Work};
use serde::Deserialize;
use store::DUE_SHARDS;

/// A write that nobody asked about again for this long is looked into. Longer than any invocation.
const FORGOTTEN: SignedDuration = SignedDuration::from_secs(120);
/// Taken from each shard per run; the next run takes the rest.
const BATCH: u32 = 100;

/// What a schedule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// Look for what is due.
    Sweep,
}

/// Does what the schedule asks for.
pub async fn handle(app: &Arc<App>, task: Task) -> Result<(), Problem> {
    match task {
        Task::Sweep => sweep(app).await,
    }
}

async fn sweep(app: &App) -> Result<(), Problem> {
    let now = app.clock.now();
    let before = now.checked_sub(FORGOTTEN).unwrap_or(now);
    let mut enqueued = 0;
    for shard in 0..DUE_SHARDS {
        for job in app.store.due_jobs(shard, now, BATCH).await? {
            app.queues.send(&Work::CheckTranscription { user: job.user, job: job.id }).await?;
            enqueued += 1;
        }
        for intent in app.store.due_intents(shard, before, BATCH).await? {
            app.queues.send(&Work::ResolveIntent { user: intent.user, intent: intent.ext_id }).await?;
            enqueued += 1;
        }
    }
    if enqueued > 0 {
        tracing::info!(enqueued, "found work that was due");
    }
    Ok(())
}
