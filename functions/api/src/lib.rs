//! What the host product and its users read and set: connections, recordings, plans, jobs, usage; and the contract itself.

pub mod connect_sessions;
pub mod connections;
pub mod databases;
pub mod jobs;
pub mod plans;
pub mod providers_list;
mod return_to;
mod settings;
pub mod usage;
pub mod videos;

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use runtime::{App, Code, Problem, complete};
use serde::Serialize;

/// The OpenAPI document of all functions, made from their code; a test keeps it up to date.
pub const OPENAPI: &str = include_str!("openapi.json");

/// The routes of this function.
pub fn routes(app: Arc<App>) -> Router {
    let routes = Router::new()
        .route("/v1/health", get(health))
        .route("/v1/openapi.json", get(openapi))
        .route("/v1/providers", get(providers_list::list))
        .route("/v1/connect-sessions", post(connect_sessions::create))
        .route("/v1/connections", get(connections::list))
        .route("/v1/connections/notion/databases", get(databases::list))
        .route(
            "/v1/connections/{provider}",
            get(connections::show).patch(connections::change).delete(connections::disconnect),
        )
        .route("/v1/videos", get(videos::list))
        .route("/v1/videos/{id}", get(videos::show).put(videos::put))
        .route("/v1/plans", get(plans::list))
        .route("/v1/plans/{id}", get(plans::show).put(plans::put).delete(plans::delete))
        .route("/v1/jobs", get(jobs::list))
        .route("/v1/jobs/{id}", get(jobs::show))
        .route("/v1/jobs/{id}/cancel", post(jobs::cancel))
        .route("/v1/jobs/{id}/undo", post(jobs::undo))
        .route("/v1/usage", get(usage::show))
        // The gateway gives these to other functions, and the methods that they do not offer to this one.
        .route("/v1/oauth/{provider}/start", get(elsewhere))
        .route("/v1/oauth/{provider}/callback", get(elsewhere))
        .route("/v1/videos/{id}/transcription", post(elsewhere))
        .route("/v1/videos/{id}/ticket-draft", post(elsewhere))
        .route("/v1/videos/{id}/tickets", post(elsewhere))
        .route("/v1/plans/{id}/exports", post(elsewhere))
        .route("/v1/plans/{id}/calendar-syncs", post(elsewhere))
        .route("/v1/hooks/deepgram/{job_id}/{token}", post(elsewhere))
        .route("/v1/hooks/google-calendar", post(elsewhere));
    complete(routes, app)
}

async fn elsewhere() -> Problem {
    Problem::new(Code::NotFound, "There is no such resource.")
}

/// That the service runs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// The version that runs.
    version: &'static str,
}

/// Tells that the service runs.
#[utoipa::path(get, path = "/v1/health", tag = "Service", security(()), responses((status = 200, body = Health)))]
pub async fn health() -> axum::Json<Health> {
    axum::Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// This document.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "Service", security(()),
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
pub async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}
