//! One page per intent: written down, sent, recorded. An unknown outcome is settled by looking, never by sending again.

use jiff::{SignedDuration, Timestamp};
use providers::notion::{Notion, Page, PagePlan};
use providers::{Committed, Error};
use runtime::{Access, App, Code, Problem, telemetry};
use store::{Intent, Remote};

use crate::body::{self, Rest};
use crate::find::find;
use crate::target::Target;

/// Notion works on a request for up to 55 s, and a page may take a while to be found by a query. A page that is not there by
/// then is missed for the first time.
pub(crate) const SETTLED: SignedDuration = SignedDuration::from_secs(90);
/// A page that is missed twice this far apart was not made.
pub(crate) const SECOND_LOOK: SignedDuration = SignedDuration::from_secs(30);
/// Kept from the invocation to look for the page when the answer does not come.
const LOOK_RESERVE: std::time::Duration = std::time::Duration::from_secs(8);

/// What one sending came to.
pub(crate) enum Sent {
    /// The page is there.
    Page(Page),
    /// Certainly not made, for this reason.
    Refused(Error),
    /// Nobody knows yet.
    Unknown,
}

/// Creates the intent's page. The intent is written down as being sent.
pub(crate) async fn send(
    app: &App,
    access: &mut Access<'_>,
    intent: &Intent,
    target: &Target,
    plan: &PagePlan,
) -> Result<Sent, Problem> {
    let outcome = access
        .call(|http, token| async move {
            let http = http.reserving(LOOK_RESERVE);
            Notion::new(http, &app.config.endpoints, token).create_page(&plan.create).await
        })
        .await;
    let committed = match outcome {
        Ok(page) => return completed(app, access, page, plan).await,
        Err(Error::Ambiguous { committed }) => committed,
        Err(error) => return Ok(Sent::Refused(error)),
    };
    telemetry::ambiguous("notion");
    let page = match committed {
        Some(Committed { resource_id: Some(id), .. }) => Some(page(app, access, &id).await?),
        _ => look(app, access, intent, target).await?,
    };
    match page {
        // Nothing was appended to it before it was known.
        Some(page) => completed(app, access, page, plan).await,
        None => Ok(Sent::Unknown),
    }
}

async fn completed(app: &App, access: &mut Access<'_>, page: Page, plan: &PagePlan) -> Result<Sent, Problem> {
    Ok(match body::complete_new(app, access, &page, plan).await? {
        Rest::Whole => Sent::Page(page),
        Rest::Open(_) => Sent::Unknown,
    })
}

async fn page(app: &App, access: &mut Access<'_>, id: &str) -> Result<Page, Problem> {
    let endpoints = &app.config.endpoints;
    Ok(access.call(|http, token| async move { Notion::new(http, endpoints, token).page(id).await }).await?)
}

/// Looks for the intent's page.
pub(crate) async fn look(
    app: &App,
    access: &mut Access<'_>,
    intent: &Intent,
    target: &Target,
) -> Result<Option<Page>, Problem> {
    let page = find(app, access, intent, target).await?;
    telemetry::resolved("notion", page.is_some());
    Ok(page)
}

/// Writes down that the page is there.
pub(crate) async fn record(app: &App, intent: &Intent, page: &Page) -> Result<Intent, Problem> {
    let remote = Remote { id: page.id.clone(), url: Some(page.url.clone()) };
    app.store.record_done(intent, &remote, None, app.clock.now()).await.map_err(contended)
}

/// What to do about a page that is not there.
pub(crate) enum Missing {
    /// It may still come: look again after this.
    TooEarly(SignedDuration),
    /// It was missed for the second time: it was not made.
    NotMade,
}

/// Decides about a page that was looked for at `now` and is not there, and remembers the first time.
pub(crate) async fn missing(app: &App, intent: &Intent, now: Timestamp) -> Result<Missing, Problem> {
    let sent_at = intent.sent_at.unwrap_or(now);
    let settled = sent_at + SETTLED;
    if now < settled {
        return Ok(Missing::TooEarly(now.duration_until(settled)));
    }
    match intent.missed_at {
        None => {
            app.store.note_missed(intent, now).await.map_err(contended)?;
            Ok(Missing::TooEarly(SECOND_LOOK))
        }
        Some(missed) if now < missed + SECOND_LOOK => {
            Ok(Missing::TooEarly(now.duration_until(missed + SECOND_LOOK)))
        }
        Some(_) => Ok(Missing::NotMade),
    }
}

/// Somebody else settles the same intent at this moment.
pub(crate) fn contended(error: store::Error) -> Problem {
    match error {
        store::Error::Conflict => {
            Problem::new(Code::InProgress, "The same ticket is being created right now.").retry_after(2)
        }
        error => error.into(),
    }
}
