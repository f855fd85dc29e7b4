//! What providers say on their own: that something changed. What changed, whoever looks finds out.

pub mod google_calendar;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use runtime::{App, complete};

/// The routes of this function.
pub fn routes(app: Arc<App>) -> Router {
    complete(Router::new().route("/v1/hooks/google-calendar", post(google_calendar::receive)), app)
}
