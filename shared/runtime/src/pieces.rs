//! Long jobs: worked on in pieces, each within one invocation, until they are done or cannot be.

use std::time::Duration;

use domain::{JobId, UserId};
use jiff::SignedDuration;
use providers::Error;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::{FORGOTTEN, Job, JobError, JobStatus, PATIENCE, Progress};
use tokio::time::Instant;

use crate::alone::{Alone, Astray, alone};
use crate::{App, Code, Problem, Work, work};

/// A piece takes no longer than this: less than the functions' timeout.
pub const PIECE: Duration = Duration::from_secs(24);
/// The piece after one that ended not longer ago need not look again at what that one looked at.
const MOMENT: SignedDuration = SignedDuration::from_secs(30);
/// After this a service that was not available is asked again.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// What only the user can change is looked at again after a part of the time that it lasts already, within these bounds.
const SOON: SignedDuration = SignedDuration::from_mins(2);
const LATE: SignedDuration = SignedDuration::from_hours(6);

/// Why a job does not go on for now.
#[derive(Debug)]
pub enum Stop {
    /// The time of this invocation is over, or somebody else changed what it works on.
    Deadline,
    /// Somebody asks to wait, or the outcome of a call is not known yet.
    Wait(SignedDuration),
    /// Only the user can change it.
    Park(Problem),
    /// It does not get better.
    Fail(Problem),
    /// There is nothing to be done any more, or nowhere to.
    Cancel(Problem),
    /// On our side; it passes.
    Trouble(Problem),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match &error {
            Error::RateLimited { retry_after } => {
                Self::Wait(SignedDuration::try_from(*retry_after).unwrap_or(PAUSE))
            }
            Error::Unavailable | Error::Conflict | Error::BadResponse | Error::Ambiguous { .. } => {
                Self::Wait(PAUSE)
            }
            Error::Unauthorized | Error::InvalidGrant | Error::NotFound => Self::Park(error.into()),
            Error::Forbidden { .. } | Error::Blocked | Error::Rejected { .. } | Error::TooLarge => {
                Self::Fail(error.into())
            }
        }
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        match problem.code() {
            Code::NotConnected => Self::Cancel(problem),
            Code::NeedsReauth => Self::Park(problem),
            Code::ProviderRateLimited => {
                let seconds = problem.retry_in().and_then(|seconds| i64::try_from(seconds).ok());
                Self::Wait(seconds.map_or(PAUSE, SignedDuration::from_secs))
            }
            Code::ProviderUnavailable => Self::Wait(PAUSE),
            _ => Self::Trouble(problem),
        }
    }
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Self {
        match error {
            // Somebody else works on the same.
            store::Error::Conflict => Self::Deadline,
            error => Self::Trouble(error.into()),
        }
    }
}

impl Stop {
    /// What to tell somebody who waits for an answer and not for a job.
    pub fn into_problem(self, provider: &str) -> Problem {
        match self {
            Self::Deadline => late(provider, PAUSE),
            Self::Wait(after) => late(provider, after),
            Self::Park(problem) | Self::Fail(problem) | Self::Cancel(problem) | Self::Trouble(problem) => {
                problem
            }
        }
    }
}

fn late(provider: &str, after: SignedDuration) -> Problem {
    let detail = format!("{provider} did not tell in time what is there. Try again shortly.");
    let seconds = u64::try_from(after.as_secs()).unwrap_or_default();
    Problem::new(Code::ProviderUnavailable, detail).retry_after(seconds.max(1))
}

/// What one invocation may do of a job.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Whether the one before ended a moment ago: what was looked at need not be looked at again.
    pub goes_on: bool,
    /// When it must have ended.
    pub deadline: Instant,
    /// To be told of what was sent and got no answer: until that has arrived, nobody works on the same.
    pub astray: Astray,
}

/// The piece that finished its job.
#[derive(Debug)]
pub struct Finished {
    /// What came of it.
    pub result: Value,
    /// How much there was to be done, in the unit of the job's progress.
    pub total: usize,
}

/// A piece that did not finish its job.
#[derive(Debug)]
pub struct Unfinished {
    /// Why.
    pub stop: Stop,
    /// How much of the job is done by now, and of how much, if that is known.
    pub progress: Option<(usize, usize)>,
}

impl<T: Into<Stop>> From<T> for Unfinished {
    fn from(stop: T) -> Self {
        Self { stop: stop.into(), progress: None }
    }
}

/// Goes on with a job, while nobody else works on the same subject. `work` does a piece.
pub async fn go_on<I: DeserializeOwned>(
    app: &App,
    user: &UserId,
    id: &JobId,
    work: impl AsyncFnOnce(&Job, I, Piece) -> Result<Finished, Unfinished>,
) -> Result<(), Problem> {
    let Some(job) = app.store.job(user, id).await? else { return Ok(()) };
    if job.status.is_final() {
        return Ok(());
    }
    let input: I =
        serde_json::from_value(job.input.clone()).map_err(|error| Problem::internal().because(error))?;
    let (subject, waiting) = (job.subject.clone(), job.clone());
    match alone(app, user, &subject, async |astray| Box::pin(piece(app, job, input, astray, work)).await)
        .await?
    {
        Alone::Done(outcome) => outcome,
        Alone::Busy { until } => {
            let waiting_until = waiting.waiting_until.map(|_| until);
            save(app, Job { due_at: Some(until), waiting_until, ..waiting }).await.map(drop)
        }
    }
}

async fn piece<I>(
    app: &App,
    job: Job,
    input: I,
    astray: Astray,
    work: impl AsyncFnOnce(&Job, I, Piece) -> Result<Finished, Unfinished>,
) -> Result<(), Problem> {
    let is_fresh = app.clock.now() < job.updated_at.saturating_add(MOMENT).unwrap_or(job.updated_at);
    let goes_on = job.status == JobStatus::Running && is_fresh;
    let running = Job {
        status: JobStatus::Running,
        waiting_until: None,
        error: None,
        due_at: app.clock.now().checked_add(FORGOTTEN).ok(),
        ..job
    };
    let Some(mut job) = save(app, running).await? else { return Ok(()) };
    match work(&job, input, Piece { goes_on, deadline: Instant::now() + PIECE, astray }).await {
        Ok(Finished { result, total }) => {
            job.progress = progress(job.progress, total, total);
            end(app, Job { status: JobStatus::Succeeded, result: Some(result), ..job }).await
        }
        Err(Unfinished { stop, progress: by_now }) => {
            if let Some((done, total)) = by_now {
                job.progress = progress(job.progress, done, total);
            }
            stopped(app, job, stop).await
        }
    }
}

fn progress(before: Progress, done: usize, total: usize) -> Progress {
    Progress { done: u64::try_from(done).unwrap_or_default(), total: u64::try_from(total).ok(), ..before }
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
        Stop::Wait(_) | Stop::Park(_) | Stop::Trouble(_) if age > PATIENCE => {
            let tired = Problem::new(Code::ProviderUnavailable, "It could not be finished within a week.");
            let problem = if let Stop::Park(problem) = stop { problem } else { tired };
            end(app, Job { status: JobStatus::Failed, error: Some(words(&problem)), ..job }).await
        }
        Stop::Wait(after) => wait(job, after.max(SignedDuration::from_secs(1)), None).await.map(drop),
        Stop::Park(problem) => {
            tracing::info!(job_id = %job.id, kind = job.kind, "the job waits for its user: {problem}");
            wait(job, (age / 4).clamp(SOON, LATE), Some(words(&problem))).await.map(drop)
        }
        Stop::Fail(problem) => {
            tracing::warn!(job_id = %job.id, kind = job.kind, "the job failed: {problem}");
            end(app, Job { status: JobStatus::Failed, error: Some(words(&problem)), ..job }).await
        }
        Stop::Cancel(problem) => {
            end(app, Job { status: JobStatus::Cancelled, error: Some(words(&problem)), ..job }).await
        }
        Stop::Trouble(problem) => {
            tracing::warn!(job_id = %job.id, kind = job.kind, "the job goes on later: {problem}");
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

/// Calls a job off that is not over, as its user wishes. The call that is being made at this moment is still made; if it was
/// the last one, the job succeeds after all.
pub async fn cancel(app: &App, job: Job) -> Result<(), Problem> {
    end(app, Job { status: JobStatus::Cancelled, error: None, ..job }).await
}

/// Ends a job, and what it held of the month's number with it.
async fn end(app: &App, job: Job) -> Result<(), Problem> {
    let (job, now) = (Job { waiting_until: None, ..job }, app.clock.now());
    let metric = work::metric(&job.kind);
    let ended = match metric {
        Some(metric) => app.store.end_counted_job(job.clone(), metric, now).await,
        None => app.store.save_job(job.clone(), now).await,
    };
    match ended {
        Err(store::Error::Conflict) if job.status == JobStatus::Succeeded => {
            Ok(app.store.succeed_cancelled_job(job, metric, now).await?)
        }
        Ok(_) | Err(store::Error::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
