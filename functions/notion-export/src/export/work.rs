//! An export's job: worked on in pieces, each within one invocation, until Notion is equal to the plan.

use std::time::Duration;

use domain::{JobId, PlanId, ProviderId, UserId};
use jiff::SignedDuration;
use runtime::{Access, App, Code, Problem, Work};
use serde_json::json;
use store::{Acquire, Class, FORGOTTEN, Job, JobError, JobStatus, LeaseName};
use tokio::time::Instant;

use super::Input;
use super::calls::{Calls, Mode};
use super::node::wanted_pages;
use super::record::Record;
use super::report::Report;
use super::run::Run;
use super::stop::Stop;

/// A piece takes no longer than this: less than the function's timeout.
const PIECE: Duration = Duration::from_secs(24);
/// Longer than the function's timeout: whoever held it is dead by then.
const LEASE: Duration = Duration::from_secs(40);
/// What only the user can change is looked at again after a part of the time that it lasts already, within these bounds.
const SOON: SignedDuration = SignedDuration::from_mins(2);
const LATE: SignedDuration = SignedDuration::from_hours(6);
/// Nobody waits longer.
const PATIENCE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Goes on with an export.
pub async fn go_on(app: &App, user: &UserId, id: &JobId) -> Result<(), Problem> {
    let Some(job) = app.store.job(user, id).await? else { return Ok(()) };
    if job.status.is_final() {
        return Ok(());
    }
    let input: Input = serde_json::from_value(job.input.clone())
        .map_err(|error| Problem::new(Code::Internal, "Something went wrong on our side.").because(error))?;
    let name = LeaseName::sync(user, &input.subject());
    let now = app.clock.now();
    let owner = app.random.uuid_v4().to_string();
    let lease = match app.store.acquire_lease(&name, &owner, LEASE, now).await? {
        Acquire::Held(lease) => lease,
        Acquire::Busy { until } => {
            return save(app, Job { due_at: Some(until), ..job }).await.map(drop);
        }
    };
    let outcome = Box::pin(piece(app, job, &input)).await;
    if let Err(error) = app.store.release_lease(&lease).await {
        tracing::warn!("the lease will end by itself: {error}");
    }
    outcome
}

/// One invocation's piece of work.
async fn piece(app: &App, job: Job, input: &Input) -> Result<(), Problem> {
    let now = app.clock.now();
    // Between two pieces in a row nothing is looked at that was looked at a moment ago.
    let goes_on = job.status == JobStatus::Running;
    let running = Job {
        status: JobStatus::Running,
        waiting_until: None,
        error: None,
        due_at: now.checked_add(FORGOTTEN).ok(),
        ..job
    };
    let Some(job) = save(app, running).await? else { return Ok(()) };
    let deadline = Instant::now() + PIECE;
    let (stop, job) = match work(app, &job, input, goes_on, deadline).await {
        Ok((report, page)) => {
            let Report { created, updated, archived, conflicts, .. } = report;
            let (page_id, url) = page;
            let result = json!({"page_id": page_id, "url": url, "created": created, "updated": updated,
                "archived": archived, "conflicts": conflicts});
            let mut progress = job.progress.clone();
            progress.done = progress.total.unwrap_or_default();
            return end(app, Job { status: JobStatus::Succeeded, progress, result: Some(result), ..job })
                .await;
        }
        Err((stop, done)) => {
            let mut job = job;
            job.progress.done = done.unwrap_or(job.progress.done);
            (stop, job)
        }
    };
    stopped(app, job, stop).await
}

type Place = (String, String);

/// Works until the deadline; how many tasks are done, if it ends before all is.
async fn work(
    app: &App,
    job: &Job,
    input: &Input,
    goes_on: bool,
    deadline: Instant,
) -> Result<(Report, Place), (Stop, Option<u64>)> {
    let none = |stop: Stop| (stop, None);
    let plan = plan(app, &job.user, &input.plan).await.map_err(none)?;
    let access = Access::open(app, &job.user, ProviderId::Notion, deadline, Class::Bulk).await;
    let access = access.map_err(|problem| none(problem.into()))?;
    let record = Record::load(app, &job.user, &input.subject()).await.map_err(|error| none(error.into()))?;
    let pages = wanted_pages(&plan, input.layout, &super::link(app, record.mark));
    let mut run = Run {
        calls: Calls::new(app, access, Mode::Apply, deadline),
        record,
        parent_page_id: input.parent_page_id.clone(),
        layout: input.layout,
        recreate: input.recreate_trashed,
    };
    if run.record.report.job.as_ref() != Some(&job.id) {
        run.record.report = Report { job: Some(job.id.clone()), ..Report::default() };
    }
    let looked = if goes_on && run.record.report.looked { Ok(()) } else { run.begin_with_a_look().await };
    let made = match looked {
        Ok(()) => run.make(&pages).await,
        Err(stop) => Err(stop),
    };
    match made {
        Ok(()) => Ok((run.record.report.clone(), run.record.place())),
        Err(stop) => Err((stop, Some(run.record.tasks()))),
    }
}

async fn plan(app: &App, user: &UserId, id: &PlanId) -> Result<domain::Plan, Stop> {
    match app.store.plan(user, id).await? {
        Some(stored) => Ok(stored.plan),
        None => Err(Stop::Cancel(Problem::new(Code::NotFound, "The plan was deleted."))),
    }
}

async fn stopped(app: &App, job: Job, stop: Stop) -> Result<(), Problem> {
    let now = app.clock.now();
    let age = job.created_at.duration_until(now);
    let wait = |job: Job, after: SignedDuration, error| {
        let until = now.saturating_add(after).unwrap_or(now);
        save(
            app,
            Job { status: JobStatus::Waiting, waiting_until: Some(until), due_at: Some(until), error, ..job },
        )
    };
    match stop {
        Stop::Deadline => {
            let due_at = now.checked_add(FORGOTTEN).ok();
            if let Some(job) = save(app, Job { due_at, ..job }).await? {
                app.queues.send(&Work::of_job(job)).await?;
            }
            Ok(())
        }
        Stop::Wait(_) | Stop::Park(_) if age > PATIENCE => {
            let tired = Problem::new(Code::ProviderUnavailable, "It could not be finished within a week.");
            let problem = if let Stop::Park(problem) = stop { problem } else { tired };
            end(app, Job { status: JobStatus::Failed, error: Some(words(&problem)), ..job }).await
        }
        Stop::Wait(after) => wait(job, after.max(SignedDuration::from_secs(1)), None).await.map(drop),
        Stop::Park(problem) => {
            tracing::info!(job_id = %job.id, "the export waits for its user: {problem}");
            wait(job, (age / 4).clamp(SOON, LATE), Some(words(&problem))).await.map(drop)
        }
        Stop::Fail(problem) => {
            tracing::warn!(job_id = %job.id, "the export failed: {problem}");
            end(app, Job { status: JobStatus::Failed, error: Some(words(&problem)), ..job }).await
        }
        Stop::Cancel(problem) => {
            end(app, Job { status: JobStatus::Cancelled, error: Some(words(&problem)), ..job }).await
        }
        Stop::Trouble(problem) => {
            tracing::warn!(job_id = %job.id, "the export goes on later: {problem}");
            wait(job, SOON, None).await.map(drop)
        }
    }
}

fn words(problem: &Problem) -> JobError {
    JobError { code: problem.code().as_str().to_owned(), detail: problem.detail().to_owned() }
}

/// Saves a job; nothing if somebody else changed it, who then goes on with it.
async fn save(app: &App, job: Job) -> Result<Option<Job>, Problem> {
    match app.store.save_job(job, app.clock.now()).await {
        Ok(job) => Ok(Some(job)),
        Err(store::Error::Conflict) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Ends a job, and what it held of the month's number with it.
async fn end(app: &App, job: Job) -> Result<(), Problem> {
    match app.store.end_counted_job(Job { waiting_until: None, ..job }, app.clock.now()).await {
        Ok(_) | Err(store::Error::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
