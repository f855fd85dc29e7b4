//! Pages that were sent and never recorded, and that nobody asked about again: look whether they exist.

use domain::{ProviderId, UserId};
use jiff::SignedDuration;
use runtime::{Access, App, Code, Problem};
use store::{Class, FORGOTTEN, Intent, IntentState};
use tokio::time::{Duration, Instant};
use uuid::Uuid;

use crate::body::{Rest, complete_found};
use crate::ledger::{Missing, contended, look, missing, record};
use crate::target::Target;

/// A queue's invocation may take this long for one intent.
const BUDGET: Duration = Duration::from_secs(25);

/// The longest that a look is put off.
const RARELY: SignedDuration = SignedDuration::from_hours(24);

/// Settles one intent. It records what is there and gives back what is not; it never sends: whoever asked for the page was
/// told that it failed, and asks again if they still want it.
pub async fn settle(app: &App, user: &UserId, id: Uuid) -> Result<(), Problem> {
    let intent = app.store.intent(user, id).await?;
    let Some(intent) = intent.filter(|intent| intent.state == IntentState::Sending) else { return Ok(()) };
    match look_into(app, user, &intent).await {
        Err(problem) if waits_for_others(problem.code()) => {
            tracing::info!(intent = %id, "the look is put off: {problem}");
            put_off(app, &intent).await
        }
        outcome => outcome,
    }
}

/// Whether only the user or the provider can change it: the queue's few repeats are not for that.
fn waits_for_others(code: Code) -> bool {
    matches!(
        code,
        Code::NotConnected
            | Code::NeedsReauth
            | Code::TargetNotFound
            | Code::InsufficientScope
            | Code::ProviderFailed
            | Code::ProviderRateLimited
    )
}

/// Puts the next look off by half the time that the outcome has been open: what nobody mends is looked at ever more rarely.
async fn put_off(app: &App, intent: &Intent) -> Result<(), Problem> {
    let now = app.clock.now();
    let open = intent.sent_at.map_or(SignedDuration::ZERO, |sent| sent.duration_until(now));
    let until = now.saturating_add((open / 2).clamp(FORGOTTEN, RARELY)).unwrap_or(now);
    app.store.put_off(intent, until).await.map(drop).map_err(contended)
}

async fn look_into(app: &App, user: &UserId, intent: &Intent) -> Result<(), Problem> {
    let target = Target::of(intent)?;
    let deadline = Instant::now() + BUDGET;
    let mut access = Access::open(app, user, ProviderId::Notion, deadline, Class::Bulk).await?;
    if let Some(page) = look(app, &mut access, intent, &target).await? {
        let plan = target.plan(app, intent.ext_id);
        if let Rest::Whole = complete_found(app, &mut access, intent, &page, &plan).await? {
            record(app, intent, &page).await?;
        }
        return Ok(());
    }
    match missing(app, intent, app.clock.now()).await? {
        Missing::TooEarly(_) => Ok(()),
        Missing::NotMade => app.store.mark_pending(intent).await.map(drop).map_err(contended),
    }
}
