//! `/v1/jobs`: long work and how far it is.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use domain::JobId;
use runtime::{App, Code, Id, Items, Job, Page, Problem, Query, User};

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
    let job = app.store.job(&user, &id).await?;
    let job = job.ok_or_else(|| Problem::new(Code::NotFound, "There is no such job."))?;
    Ok(Answer(job.into()))
}
