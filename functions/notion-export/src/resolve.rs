//! Pages that were sent and never recorded, and that nobody asked about again: look whether they exist.

use domain::{ProviderId, UserId};
use runtime::{Access, App, Code, Problem};
use store::{Class, IntentState};
use tokio::time::{Duration, Instant};
use uuid::Uuid;

use crate::ledger::{Missing, complete_body, contended, look, missing, record};
use crate::target::Target;

/// A queue's invocation may take this long for one intent.
const BUDGET: Duration = Duration::from_secs(25);

/// Settles one intent. It records what is there and gives back what is not; it never sends: whoever asked for the page was
/// told that it failed, and asks again if they still want it.
pub async fn settle(app: &App, user: &UserId, id: Uuid) -> Result<(), Problem> {
    let intent = app.store.intent(user, id).await?;
    let Some(intent) = intent.filter(|intent| intent.state == IntentState::Sending) else { return Ok(()) };
    let target = Target::of(&intent)?;
    let opened = Access::open(app, user, ProviderId::Notion, Instant::now() + BUDGET, Class::Bulk).await;
    let mut access = match opened {
        Ok(access) => access,
        // It waits for its user; the next sweep asks again.
        Err(problem) if matches!(problem.code(), Code::NotConnected | Code::NeedsReauth) => return Ok(()),
        Err(problem) => return Err(problem),
    };
    let page = match look(app, &mut access, &intent, &target).await {
        Ok(page) => page,
        Err(problem) if matches!(problem.code(), Code::NeedsReauth | Code::TargetNotFound) => return Ok(()),
        Err(problem) => return Err(problem),
    };
    if let Some(page) = page {
        complete_body(app, &mut access, &page, &target.plan(app, intent.ext_id), false).await?;
        record(app, &intent, &page).await?;
        return Ok(());
    }
    match missing(app, &intent, app.clock.now()).await? {
        Missing::TooEarly(_) => Ok(()),
        Missing::NotMade => app.store.mark_pending(&intent).await.map(drop).map_err(contended),
    }
}
