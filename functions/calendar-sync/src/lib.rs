//! The tasks of plans become events of a Google calendar, and stay equal to them where nobody changed them there.

mod calls;
mod event;
mod job;
mod look;
mod record;
pub mod request;
mod run;
mod watch;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use domain::{JobId, PlanId};
use runtime::{App, Code, Problem, Work, complete};
use serde::{Deserialize, Serialize};

/// The routes of this function.
pub fn routes(app: Arc<App>) -> Router {
    complete(Router::new().route("/v1/plans/{id}/calendar-syncs", post(request::create)), app)
}

/// Works off this function's queue.
pub async fn work(app: &Arc<App>, work: Work) -> Result<(), Problem> {
    match work {
        Work::CalendarSync { user, job, version: _ } => job::go_on(app, &user, &job).await,
        Work::ScheduledCalendarSync { user, sync, version: _ } => look::look(app, &user, &sync).await,
        Work::CheckTranscription { .. } | Work::ResolveIntent { .. } | Work::Export { .. } => {
            Err(Problem::new(Code::Internal, "This work belongs on another queue."))
        }
    }
}

/// What a sync's job needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Input {
    plan: PlanId,
    /// Google's id of the account: "primary" is another calendar in another one.
    account: String,
    calendar_id: String,
    /// The sync that is undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    undo: Option<JobId>,
}

impl Input {
    /// Which sync this is. One plan has one for each calendar of each account.
    fn subject(&self) -> String {
        format!("google-calendar/{}/{}/{}", self.plan, self.account, self.calendar_id)
    }
}
