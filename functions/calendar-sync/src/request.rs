//! `POST /v1/plans/{id}/calendar-syncs`: asks for a sync, or for what it would do.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::{JobId, Plan, PlanId, ProviderId, UserId};
use jiff::Timestamp;
use runtime::{
    Access, App, Astray, CALENDAR_SYNC, Code, Id, IdempotencyKey, Invocation, Json, Mode, Operation, Preview,
    Problem, Reply, Report, User, Work, once,
};
use serde::Deserialize;
use store::{Class, FORGOTTEN, Job, NewJob, Progress};

use crate::Input;
use crate::calls::Calls;
use crate::event::wanted;
use crate::record::Record;
use crate::run::Run;

/// Google's own name for a user's first calendar.
const PRIMARY: &str = "primary";

/// Which calendar is brought in step.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarSync {
    /// The calendar; the one of the connection's settings when absent, and the user's first where there is none.
    #[serde(default)]
    #[schema(example = "primary", min_length = 1, max_length = 256)]
    calendar_id: Option<String>,
    /// Whether only to tell what would be done.
    #[serde(default)]
    dry_run: bool,
}

/// Brings a Google calendar in step with a plan: an event for each task that takes place at some time. What people changed or
/// deleted in the calendar stays so.
#[utoipa::path(post, path = "/v1/plans/{id}/calendar-syncs", tag = "Plans", request_body = CalendarSync,
    params(runtime::openapi::Id, runtime::openapi::IdempotencyKey),
    responses((status = 200, description = "What it would do, where `dry_run` is true.", body = Preview),
        (status = 202, body = runtime::Job, headers(("Location" = String, description = "The job."))),
        (status = 404, description = "`not_found`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 409, description = "`not_connected`, `needs_reauth`, `in_progress`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 422, description = "`validation_failed`, `target_not_found`, `insufficient_scope`, `idempotency_key_reused`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 503, description = "`provider_unavailable`, `provider_rate_limited`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn create(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    User(user): User,
    Id(plan): Id<PlanId>,
    key: IdempotencyKey,
    body: Json<CalendarSync>,
) -> Result<Response, Problem> {
    let (app, invocation, user) = (&*app, &invocation, &user);
    if body.value.dry_run {
        let preview = Box::pin(preview(app, invocation, user, plan, body.value)).await?;
        return Ok(axum::Json(preview).into_response());
    }
    let operation = format!("sync_calendar#{plan}");
    let hash = body.hash.as_str();
    let start = |operation: Operation| async move {
        Reply::job(start(app, invocation, user, plan, body.value, &operation).await?)
    };
    Box::pin(once(app, invocation, user, &operation, key, hash, start)).await
}

/// What is brought in step, and with whose account.
struct Asked<'a> {
    plan: Plan,
    input: Input,
    access: Access<'a>,
}

async fn asked<'a>(
    app: &'a App,
    invocation: &Invocation,
    user: &UserId,
    id: PlanId,
    sync: CalendarSync,
) -> Result<Asked<'a>, Problem> {
    let stored = app.store.plan(user, &id).await?;
    let plan = stored.ok_or_else(|| Problem::new(Code::NotFound, "There is no such plan."))?.plan;
    let asked = sync.calendar_id.map(valid).transpose()?;
    let access =
        Access::open(app, user, ProviderId::GoogleCalendar, invocation.deadline, Class::Interactive).await?;
    let chosen = access.connection().settings["calendar_id"].as_str().map(str::to_owned);
    let calendar_id = asked.or(chosen).unwrap_or_else(|| PRIMARY.to_owned());
    let account = access.connection().account.id.clone();
    Ok(Asked { plan, input: Input { plan: id, account, calendar_id, undo: None }, access })
}

/// Ids of calendars look like addresses of mail; their length is not documented.
fn valid(id: String) -> Result<String, Problem> {
    let is_valid = (1..=256).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    let detail = "Must be the id of a calendar: up to 256 visible ASCII characters.";
    if is_valid { Ok(id) } else { Err(Problem::field("/calendar_id", "invalid", detail)) }
}

async fn preview(
    app: &App,
    invocation: &Invocation,
    user: &UserId,
    plan: PlanId,
    sync: CalendarSync,
) -> Result<Preview, Problem> {
    let Asked { plan, input, access } = asked(app, invocation, user, plan, sync).await?;
    let mut record = Record::load(app, user, &input.subject()).await?;
    record.report = Report::default();
    let calls =
        Calls::new(app, access, &input.calendar_id, Mode::Try, invocation.deadline, Astray::default());
    let mut run = Run { calls, record };
    let events = wanted(&plan, &app.config.public_url);
    run.make(&events, true).await.map_err(|stop| stop.into_problem("Google Calendar"))?;
    Ok(run.record.report.preview(run.calls.count, 0, runtime::pace(ProviderId::GoogleCalendar)))
}

async fn start(
    app: &App,
    invocation: &Invocation,
    user: &UserId,
    plan: PlanId,
    sync: CalendarSync,
    operation: &Operation,
) -> Result<Job, Problem> {
    let Asked { plan, input, .. } = asked(app, invocation, user, plan, sync).await?;
    let id = operation.id.to_string().parse().map_err(|error| Problem::internal().because(error))?;
    begin(app, user, &input, &plan, id, invocation.now).await
}

/// Begins a sync's job, or answers the one of this id.
pub(crate) async fn begin(
    app: &App,
    user: &UserId,
    input: &Input,
    plan: &Plan,
    id: JobId,
    now: Timestamp,
) -> Result<Job, Problem> {
    let new = NewJob {
        id,
        user: user.clone(),
        kind: CALENDAR_SYNC.to_owned(),
        subject: input.subject(),
        progress: Progress {
            done: 0,
            total: u64::try_from(plan.events().len()).ok(),
            unit: "events".to_owned(),
        },
        input: serde_json::to_value(input).map_err(|error| Problem::internal().because(error))?,
        due_at: now.checked_add(FORGOTTEN).ok(),
    };
    let job = app.store.create_job(new, now).await?;
    app.queues.send(&Work::of_job(job.clone())).await?;
    Ok(job)
}
