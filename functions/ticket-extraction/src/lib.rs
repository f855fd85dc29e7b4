//! From a recording to a ticket draft: transcription on demand, then one call to a language model whose claims are checked.

pub mod callback;
pub mod draft;
pub mod transcription;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use domain::{UserId, VideoId};
use runtime::{App, Code, Problem, Work, complete};

/// The routes of this function.
pub fn routes(app: Arc<App>) -> Router {
    let routes = Router::new()
        .route("/v1/videos/{id}/transcription", post(transcription::request))
        .route("/v1/videos/{id}/ticket-draft", post(draft::create))
        .route("/v1/hooks/deepgram/{job_id}/{token}", post(callback::receive));
    complete(routes, app)
}

/// Works off this function's queue.
pub async fn work(app: &Arc<App>, work: Work) -> Result<(), Problem> {
    match work {
        Work::CheckTranscription { user, job } => transcription::check(app, &user, &job).await,
        Work::ResolveIntent { .. }
        | Work::Export { .. }
        | Work::CalendarSync { .. }
        | Work::ScheduledCalendarSync { .. } => {
            Err(Problem::new(Code::Internal, "This work belongs on another queue."))
        }
    }
}

/// A recording of `user`. Somebody else's does not exist for them.
async fn owned(app: &App, user: &UserId, id: &VideoId) -> Result<store::Video, Problem> {
    let video = app.store.video(user, id).await?;
    video.ok_or_else(|| Problem::new(Code::NotFound, "There is no such recording."))
}
