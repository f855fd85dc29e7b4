//! Reviewed tickets become pages of a Notion database, and plans become pages of their own: each exactly once, whatever is
//! killed, lost or repeated.

mod body;
pub mod export;
mod find;
mod ledger;
pub mod resolve;
mod target;
pub mod tickets;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use runtime::{App, Code, Problem, Work, complete};

/// The routes of this function.
pub fn routes(app: Arc<App>) -> Router {
    let routes = Router::new()
        .route("/v1/videos/{id}/tickets", post(tickets::create))
        .route("/v1/plans/{id}/exports", post(export::request::create));
    complete(routes, app)
}

/// Works off this function's queue.
pub async fn work(app: &Arc<App>, work: Work) -> Result<(), Problem> {
    match work {
        Work::ResolveIntent { user, intent } => resolve::settle(app, &user, intent).await,
        Work::Export { user, job, version: _ } => export::work::go_on(app, &user, &job).await,
        Work::CheckTranscription { .. } | Work::CalendarSync { .. } | Work::ScheduledCalendarSync { .. } => {
            Err(Problem::new(Code::Internal, "This work belongs on another queue."))
        }
    }
}
