//! `/v1/jobs`: long work and how far it is.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::{Request, State};
use axum::response::Response;
use domain::{JobId, UserId};
use runtime::{
    App, CALENDAR_SYNC, CALENDAR_SYNC_UNDO, Code, EXPORT, EXPORT_UNDO, Id, IdempotencyKey, Invocation, Items,
    Job, Operation, Page, Problem, Query, Reply, User, Work, followed, is_last, json, once,
};
use store::{FORGOTTEN, NewJob, Progress};

/// How often calling a job off is tried that somebody is working on.
const ROUNDS: usize = 8;
/// What requests without a body have for their hash.
const NO_BODY: &str = "";

/// Lists the user's jobs, newest first.
#[utoipa::path(get, path = "/v1/jobs", tag = "Jobs", params(Page), responses((status = 200, body = Items<Job>),
    (status = 400, description = "`invalid_parameter`, `invalid_cursor`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    User(user): User,
    Query(page): Query<Page>,
) -> Result<Answer<Items<Job>>, Problem> {
    let store::Page { items, next_cursor } =
        app.store.jobs(&user, page.size(), page.cursor.as_deref()).await?;
    Ok(Answer(Items { items: items.into_iter().map(Job::from).collect(), next_cursor }))
}

/// Shows one job.
#[utoipa::path(get, path = "/v1/jobs/{id}", tag = "Jobs", params(runtime::openapi::Id),
    responses((status = 200, body = Job),
        (status = 404, description = "`not_found`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn show(
    State(app): State<Arc<App>>,
    User(user): User,
    Id(id): Id<JobId>,
) -> Result<Answer<Job>, Problem> {
    Ok(Answer(job(&app, &user, &id).await?.into()))
}

async fn job(app: &App, user: &UserId, id: &JobId) -> Result<store::Job, Problem> {
    let job = app.store.job(user, id).await?;
    job.ok_or_else(|| Problem::new(Code::NotFound, "There is no such job."))
}

/// Calls off an export, a calendar sync or an undo. One that is over stays as it is. What is done already stays, and can be undone.
///
/// The call that is under way at that moment is still made, and nothing is written after it. If it was the last one, the job
/// succeeds after all, and counts.
#[utoipa::path(post, path = "/v1/jobs/{id}/cancel", tag = "Jobs", params(runtime::openapi::Id),
    request_body(content = Option<json::Nothing>, description = "Nothing, or `{}`."),
    responses((status = 200, description = "The job as it is now.", body = Job),
        (status = 404, description = "`not_found`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 409, description = "`job_running`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 422, description = "`validation_failed`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn cancel(
    State(app): State<Arc<App>>,
    User(user): User,
    Id(id): Id<JobId>,
    request: Request,
) -> Result<Answer<Job>, Problem> {
    json::expect_nothing(request).await?;
    for _ in 0..ROUNDS {
        let job = job(&app, &user, &id).await?;
        if !PLANNED.iter().flatten().any(|kind| *kind == job.kind) {
            let detail = "Only exports, calendar syncs and their undoing can be called off.";
            return Err(Problem::new(Code::ValidationFailed, detail));
        }
        if job.status.is_final() {
            return Ok(Answer(job.into()));
        }
        // Refused if somebody changed the job since it was read.
        runtime::cancel(&app, job).await?;
    }
    Err(Problem::new(Code::JobRunning, "It is being worked on. Try again shortly.").retry_after(1))
}

/// Kinds of jobs that bring plans somewhere, each with the kind that undoes it.
const PLANNED: [[&str; 2]; 2] = [[EXPORT, EXPORT_UNDO], [CALENDAR_SYNC, CALENDAR_SYNC_UNDO]];

/// Undoes the last export or calendar sync: its target becomes what the one before made it. What people changed since stays.
#[utoipa::path(post, path = "/v1/jobs/{id}/undo", tag = "Jobs",
    params(runtime::openapi::Id, runtime::openapi::IdempotencyKey),
    request_body(content = Option<json::Nothing>, description = "Nothing, or `{}`."),
    responses((status = 202, body = Job, headers(("Location" = String, description = "The job that undoes it."))),
        (status = 404, description = "`not_found`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 409, description = "`job_running`, `version_conflict`, `in_progress`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 422, description = "`validation_failed`, `idempotency_key_reused`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn undo(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    User(user): User,
    Id(id): Id<JobId>,
    key: IdempotencyKey,
    request: Request,
) -> Result<Response, Problem> {
    json::expect_nothing(request).await?;
    let (app, invocation, user) = (&*app, &invocation, &user);
    let name = format!("undo#{id}");
    let begin = |operation: Operation| async move {
        Reply::job(start_undo(app, invocation, user, id, operation).await?)
    };
    Box::pin(once(app, invocation, user, &name, key, NO_BODY, begin)).await
}

async fn start_undo(
    app: &App,
    invocation: &Invocation,
    user: &UserId,
    id: JobId,
    operation: Operation,
) -> Result<store::Job, Problem> {
    let done = job(app, user, &id).await?;
    let Some([_, kind]) = PLANNED.iter().find(|[kind, _]| *kind == done.kind) else {
        return Err(Problem::new(Code::ValidationFailed, "Only exports and calendar syncs can be undone."));
    };
    if !done.status.is_final() {
        return Err(Problem::new(Code::JobRunning, "It is not over yet. Cancel it first, or wait."));
    }
    if !is_last(app.store.sync_head(user, &done.subject).await?, &id) {
        return Err(followed());
    }
    let mut input = done.input;
    input["undo"] = id.as_str().into();
    let new = NewJob {
        id: operation.id.to_string().parse().map_err(|error| Problem::internal().because(error))?,
        user: user.clone(),
        kind: (*kind).to_owned(),
        subject: done.subject,
        progress: Progress { done: 0, total: None, unit: done.progress.unit },
        input,
        due_at: invocation.now.checked_add(FORGOTTEN).ok(),
    };
    let job = app.store.create_job(new, invocation.now).await?;
    app.queues.send(&Work::of_job(job.clone())).await?;
    Ok(job)
}
