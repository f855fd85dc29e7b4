//! `/v1/plans`: learning plans.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use domain::{FieldError, Module, PlanId};
use http::{HeaderName, StatusCode, header};
use jiff::Timestamp;
use runtime::{App, Code, Id, IfMatch, Invocation, Items, Json, NewId, Page, Problem, Query, User, etag};
use serde::Serialize;
use store::{NewPlan, PutPlan};

/// How long a plan's JSON may be without white space, so that it fits into an item of the table.
const MAX_BYTES: usize = 350_000;

/// A plan without what is in it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PlanSummary {
    /// The id it was put under.
    #[schema(value_type = String)]
    id: PlanId,
    /// Its title.
    title: String,
    /// How many modules it has.
    module_count: u32,
    /// How many tasks they have altogether.
    task_count: u32,
    /// 1 at first; grows by one with every change.
    version: u64,
    /// When it was first put.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<store::PlanSummary> for PlanSummary {
    fn from(plan: store::PlanSummary) -> Self {
        let store::PlanSummary { id, title, modules, tasks, hash: _, version, created_at, updated_at } = plan;
        Self { id, title, module_count: modules, task_count: tasks, version, created_at, updated_at }
    }
}

/// A plan as it was put.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ShownPlan {
    /// The id it was put under.
    #[schema(value_type = String)]
    id: PlanId,
    /// Its title.
    title: String,
    /// Markdown.
    description: String,
    /// The IANA time zone of schedules that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    /// In order.
    modules: Vec<Module>,
    /// 1 at first; grows by one with every change.
    version: u64,
    /// When it was first put.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

type Tagged<T> = ([(HeaderName, String); 1], Answer<T>);

fn tagged<T>(version: u64, value: T) -> Tagged<T> {
    ([(header::ETAG, etag(version))], Answer(value))
}

/// Creates or replaces a plan. What is there already is no change, whatever `If-Match` says.
#[utoipa::path(put, path = "/v1/plans/{id}", tag = "Plans", params(runtime::openapi::Id, runtime::openapi::IfMatch),
    request_body = domain::Plan,
    responses(
        (status = 200, description = "Replaced, or the same already.", body = PlanSummary, headers(("ETag" = String, description = "Its version."))),
        (status = 201, description = "Created.", body = PlanSummary, headers(("ETag" = String, description = "Its version."))),
        (status = 400, description = "`invalid_parameter`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 409, description = "`version_conflict`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 412, description = "`precondition_failed`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 413, description = "`payload_too_large`: over 350,000 bytes without white space.", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 422, description = "`validation_failed`; `invalid_schedule`, `invalid_time_zone` or `too_many_reminders` if nothing else is wrong.",
            content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn put(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    User(user): User,
    NewId(id): NewId<PlanId>,
    IfMatch(expected): IfMatch,
    body: Json<domain::Plan>,
) -> Result<(StatusCode, Tagged<PlanSummary>), Problem> {
    let plan = NewPlan::of(&body.value)?;
    if plan.bytes() > MAX_BYTES {
        return Err(Problem::new(Code::PayloadTooLarge, "A plan has up to 350,000 bytes."));
    }
    let wrong = body.value.validate();
    if !wrong.is_empty() {
        return Err(Problem::new(code_of(&wrong), "Some fields are not valid.").with_errors(wrong));
    }
    let (status, plan) =
        match app.store.put_plan(&user, &id, &plan, expected.as_ref(), invocation.now).await? {
            PutPlan::Created(plan) => (StatusCode::CREATED, plan),
            PutPlan::Changed(plan) | PutPlan::Unchanged(plan) => (StatusCode::OK, plan),
            PutPlan::Unexpected => return Err(unexpected()),
        };
    Ok((status, tagged(plan.version, plan.into())))
}

/// The code that all errors share, if it has a name of its own.
fn code_of(wrong: &[FieldError]) -> Code {
    let own = [Code::InvalidSchedule, Code::InvalidTimeZone, Code::TooManyReminders];
    let shared = own.into_iter().find(|code| wrong.iter().all(|error| error.code == code.as_str()));
    shared.unwrap_or(Code::ValidationFailed)
}

fn unexpected() -> Problem {
    Problem::new(Code::PreconditionFailed, "The plan is not of the version that If-Match names.")
}

fn absent() -> Problem {
    Problem::new(Code::NotFound, "There is no such plan.")
}

/// Shows one plan.
#[utoipa::path(get, path = "/v1/plans/{id}", tag = "Plans", params(runtime::openapi::Id),
    responses((status = 200, body = ShownPlan, headers(("ETag" = String, description = "Its version."))),
        (status = 404, description = "`not_found`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn show(
    State(app): State<Arc<App>>,
    User(user): User,
    Id(id): Id<PlanId>,
) -> Result<Tagged<ShownPlan>, Problem> {
    let stored = app.store.plan(&user, &id).await?.ok_or_else(absent)?;
    let store::StoredPlan { plan, version, created_at, updated_at } = stored;
    let domain::Plan { title, description, time_zone, modules } = plan;
    let shown = ShownPlan { id, title, description, time_zone, modules, version, created_at, updated_at };
    Ok(tagged(version, shown))
}

/// Lists the user's plans, without what is in them.
#[utoipa::path(get, path = "/v1/plans", tag = "Plans", params(Page), responses((status = 200, body = Items<PlanSummary>),
    (status = 400, description = "`invalid_parameter`, `invalid_cursor`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    User(user): User,
    Query(page): Query<Page>,
) -> Result<Answer<Items<PlanSummary>>, Problem> {
    let store::Page { items, next_cursor } =
        app.store.plans(&user, page.size(), page.cursor.as_deref()).await?;
    Ok(Answer(Items { items: items.into_iter().map(PlanSummary::from).collect(), next_cursor }))
}

/// Deletes a plan.
#[utoipa::path(delete, path = "/v1/plans/{id}", tag = "Plans", params(runtime::openapi::Id, runtime::openapi::IfMatch),
    responses((status = 204, description = "Deleted."),
        (status = 400, description = "`invalid_parameter`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 404, description = "`not_found`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 409, description = "`version_conflict`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 412, description = "`precondition_failed`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn delete(
    State(app): State<Arc<App>>,
    User(user): User,
    Id(id): Id<PlanId>,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    match app.store.delete_plan(&user, &id, expected.as_ref()).await {
        Ok(true) => Ok(StatusCode::NO_CONTENT),
        Ok(false) => Err(unexpected()),
        Err(store::Error::Missing) => Err(absent()),
        Err(error) => Err(error.into()),
    }
}
