//! The rest of a page that is too long for one call.

use jiff::SignedDuration;
use providers::Error;
use providers::notion::{NewBlock, Notion, Page, PagePlan, Position};
use runtime::{Access, App, Problem};
use store::Intent;

use crate::ledger::{SETTLED, contended};

/// Longer than an invocation lasts: whatever it sends, it sends within this of writing down that it will.
const INVOCATION: SignedDuration = SignedDuration::from_secs(30);

/// What became of the rest.
pub(crate) enum Rest {
    /// The page is whole.
    Whole,
    /// Some of it may still arrive: look again after this.
    Open(SignedDuration),
}

/// Appends everything to a page that was made a moment ago.
pub(crate) async fn complete_new(
    app: &App,
    access: &mut Access<'_>,
    page: &Page,
    plan: &PagePlan,
) -> Result<Rest, Problem> {
    if page.in_trash {
        return Ok(Rest::Whole);
    }
    append(app, access, page, plan, &plan.appends).await
}

/// Appends what is missing on a page that was found, once nothing of it can be on its way any more.
pub(crate) async fn complete_found(
    app: &App,
    access: &mut Access<'_>,
    intent: &Intent,
    page: &Page,
    plan: &PagePlan,
) -> Result<Rest, Problem> {
    if page.in_trash || plan.appends.is_empty() {
        return Ok(Rest::Whole);
    }
    let missing = missing(app, access, page, plan).await?;
    if missing.is_empty() {
        return Ok(Rest::Whole);
    }
    let now = app.clock.now();
    let written = intent.appended_at.or(intent.sent_at).unwrap_or(now);
    let settled = written + INVOCATION + SETTLED;
    if now < settled {
        return Ok(Rest::Open(now.duration_until(settled)));
    }
    app.store.note_appending(intent, now).await.map_err(contended)?;
    append(app, access, page, plan, &missing).await
}

async fn append(
    app: &App,
    access: &mut Access<'_>,
    page: &Page,
    plan: &PagePlan,
    calls: &[Vec<NewBlock>],
) -> Result<Rest, Problem> {
    let (endpoints, id) = (&app.config.endpoints, page.id.as_str());
    for (index, children) in calls.iter().enumerate() {
        let appended = access
            .call(|http, token| async move {
                Notion::new(http, endpoints, token).append_children(id, &Position::End, children).await
            })
            .await;
        match appended {
            Ok(_) => {}
            Err(Error::Ambiguous { .. }) => {
                let left = missing(app, access, page, plan).await?;
                if left.len() >= calls.len() - index {
                    return Ok(Rest::Open(INVOCATION + SETTLED));
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Rest::Whole)
}

async fn missing(
    app: &App,
    access: &mut Access<'_>,
    page: &Page,
    plan: &PagePlan,
) -> Result<Vec<Vec<NewBlock>>, Problem> {
    let (endpoints, id) = (&app.config.endpoints, page.id.as_str());
    let shown = access
        .call(|http, token| async move {
            let notion = Notion::new(http, endpoints, token);
            notion.list_children(id, |shown| plan.missing_on(shown).is_empty()).await
        })
        .await?;
    Ok(plan.missing_on(&shown))
}
