//! What goes on by itself: a calendar that was once brought in step is looked at again and again. A look that finds nothing to be
//! done leaves no trace but its time; whatever else it finds becomes a job.

use domain::{JobId, Plan, ProviderId, Tier, UserId};
use jiff::SignedDuration;
use providers::signature::sha256_hex;
use runtime::{Access, Alone, App, Astray, Code, Mode, PIECE, Problem, Stop, alone};
use store::{Class, Connection, ConnectionStatus, JobStatus, ScheduledSync};
use tokio::time::Instant;
use uuid::Uuid;

use crate::Input;
use crate::calls::Calls;
use crate::event::wanted;
use crate::record::Record;
use crate::run::Run;
use crate::{request, watch};

/// How often a calendar is looked at.
const EVERY: SignedDuration = SignedDuration::from_mins(15);
/// After this it is looked again whether one that is not looked at may be: whatever allows it says so at once, if it does not die.
const REST: SignedDuration = SignedDuration::from_hours(24);
/// After trouble of our own.
const SOON: SignedDuration = SignedDuration::from_mins(2);
/// Names the jobs that looks begin.
const JOBS: Uuid = Uuid::from_u128(0x3c5e_91d2_7b0f_4f6a_8e14_62a9_d0b7_5c38);

/// What a look found.
enum Found {
    /// Everything as it is to be.
    InStep,
    /// Something that is to be done, or told.
    News,
    /// A job that is at it already, and how it stands.
    Job(JobStatus),
    /// That nobody wants the calendar to be looked at, or pays for it.
    Unwanted,
}

/// Sees to it that a calendar which is in step now stays so.
pub(crate) async fn keep_up(app: &App, user: &UserId, input: &Input) -> Result<(), Problem> {
    let now = app.clock.now();
    app.store.note_synced(user, ProviderId::GoogleCalendar, now).await?;
    let tier = app.store.account(user).await?.tier;
    let next = now.saturating_add(if tier.automatic_sync() { EVERY } else { REST }).unwrap_or(now);
    // The first look opens the channel.
    let first = if tier.real_time() { now } else { next };
    let id = &sha256_hex(input.subject().as_bytes())[..32];
    let input = serde_json::to_value(input).map_err(|error| Problem::internal().because(error))?;
    Ok(app.store.schedule_sync(user, id, &input, first, next).await?)
}

/// Looks at a calendar whose time has come.
pub(crate) async fn look(app: &App, user: &UserId, id: &str) -> Result<(), Problem> {
    let Some(sync) = app.store.scheduled_sync(user, id).await? else { return Ok(()) };
    let input: Input =
        serde_json::from_value(sync.input.clone()).map_err(|error| Problem::internal().because(error))?;
    let visit = async |_| {
        // As it is now that nobody else works on it.
        let sync = app.store.scheduled_sync(user, id).await?;
        match sync.filter(|sync| sync.due_at <= app.clock.now()) {
            Some(sync) => Box::pin(visit(app, sync, &input)).await,
            None => Ok(()),
        }
    };
    match alone(app, user, &input.subject(), visit).await? {
        Alone::Done(done) => done,
        // What was read here may be old by now: only the time is written.
        Alone::Busy { until } => Ok(app.store.hint_sync(user, id, until).await?),
    }
}

async fn visit(app: &App, mut sync: ScheduledSync, input: &Input) -> Result<(), Problem> {
    let deadline = Instant::now() + PIECE;
    let Some(stored) = app.store.plan(&sync.user, &input.plan).await? else {
        if watch::stop_all(app, &mut sync, input, deadline).await {
            return Ok(app.store.end_scheduled_sync(&sync.user, &sync.id).await?);
        }
        return save(app, sync, SOON).await;
    };
    let found = Box::pin(find(app, &mut sync, input, &stored.plan, deadline)).await;
    let after = match found {
        Ok(Found::InStep | Found::Job(JobStatus::Waiting)) => EVERY,
        Ok(Found::Unwanted) if watch::stop_all(app, &mut sync, input, deadline).await => REST,
        Ok(Found::Unwanted | Found::Job(_)) | Err(Stop::Deadline) => SOON,
        Err(Stop::Wait(after)) => after.max(SignedDuration::from_secs(1)),
        Err(Stop::Park(problem)) if problem.code() == Code::NeedsReauth => REST,
        Err(Stop::Cancel(_)) => REST,
        Err(Stop::Trouble(problem)) => {
            tracing::warn!("a calendar is looked at later: {problem}");
            SOON
        }
        // Also what cannot be done is told by a job, where its user sees it. When one succeeds, the next look is brought forward.
        Ok(Found::News) | Err(Stop::Park(_) | Stop::Fail(_)) => {
            begin(app, &sync, input, &stored.plan).await?;
            REST
        }
    };
    save(app, sync, after).await
}

async fn find(
    app: &App,
    sync: &mut ScheduledSync,
    input: &Input,
    plan: &Plan,
    deadline: Instant,
) -> Result<Found, Stop> {
    let user = sync.user.clone();
    let tier = app.store.account(&user).await?.tier;
    let connection = app.store.connection(&user, ProviderId::GoogleCalendar).await?;
    if !connection.is_some_and(|connection| is_wanted(tier, &connection, input)) {
        return Ok(Found::Unwanted);
    }
    let mut record = Record::load(app, &user, &input.subject()).await?;
    if let Some(job) = &record.report.job
        && let Some(job) = app.store.job(&user, job).await?.filter(|job| !job.status.is_final())
    {
        return Ok(Found::Job(job.status));
    }
    // Whoever undoes a sync does not want the same to be done again by itself.
    if record.history.is_undone() {
        return Ok(Found::Unwanted);
    }
    let access = Access::open(app, &user, ProviderId::GoogleCalendar, deadline, Class::Bulk).await?;
    if access.connection().account.id != input.account {
        return Ok(Found::Unwanted);
    }
    let report = std::mem::take(&mut record.report);
    // A look writes nothing.
    let calls = Calls::new(app, access, &input.calendar_id, Mode::Apply, deadline, Astray::default());
    let mut run = Run { calls, record };
    match run.is_in_step(&wanted(plan, &app.config.public_url)).await {
        Ok(true) => {}
        Ok(false) => return Ok(Found::News),
        // A job goes on where it stopped; a look would begin anew each time.
        Err(Stop::Deadline) if run.record.halfway.is_some() => return Ok(Found::News),
        Err(stop) => return Err(stop),
    }
    run.record.report = report;
    run.record.save(app).await?;
    app.store.note_synced(&user, ProviderId::GoogleCalendar, app.clock.now()).await?;
    watch::keep(&mut run.calls, sync, tier).await;
    Ok(Found::InStep)
}

/// Whether the account's owner wants it to be kept in step, and pays for it.
fn is_wanted(tier: Tier, connection: &Connection, input: &Input) -> bool {
    let is_usable = matches!(connection.status, ConnectionStatus::Active | ConnectionStatus::Partial);
    tier.automatic_sync() && connection.sync_enabled && is_usable && connection.account.id == input.account
}

/// Begins a job, once for each version of what is scheduled.
async fn begin(app: &App, sync: &ScheduledSync, input: &Input, plan: &Plan) -> Result<(), Problem> {
    let name = format!("{}/{}/{}", sync.user, sync.id, sync.version);
    let id = Uuid::new_v5(&JOBS, name.as_bytes()).to_string();
    let id: JobId = id.parse().map_err(|error| Problem::internal().because(error))?;
    request::begin(app, &sync.user, input, plan, id, app.clock.now()).await.map(drop)
}

/// Writes down what a look left and when the next one is, unless the sync has ended meanwhile.
async fn save(app: &App, sync: ScheduledSync, after: SignedDuration) -> Result<(), Problem> {
    let now = app.clock.now();
    let due_at = now.saturating_add(after).unwrap_or(now);
    match app.store.save_scheduled_sync(ScheduledSync { due_at, ..sync }).await {
        Ok(_) | Err(store::Error::Missing) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
