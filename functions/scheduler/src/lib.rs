//! Finds what is due and puts it on the queue of whoever works on it. Called every minute.
//!
//! Nothing is lost when a function dies between writing something down and acting on it: what was written is found here.

use std::sync::Arc;

use runtime::{App, Problem, Work};
use serde::Deserialize;
use store::{Due, ScheduledSync};

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
    let due = app.store.due(app.clock.now(), BATCH).await?;
    let enqueued = due.len();
    for due in due {
        let work = match due {
            Due::Job(job) => Work::of_job(job),
            Due::Sync(ScheduledSync { user, id, version, .. }) => {
                Work::ScheduledCalendarSync { user, sync: id, version }
            }
            Due::Intent(intent) => Work::ResolveIntent { user: intent.user, intent: intent.ext_id },
        };
        app.queues.send(&work).await?;
    }
    if enqueued > 0 {
        tracing::info!(enqueued, "found work that was due");
    }
    Ok(())
}
