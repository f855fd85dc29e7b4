//! Finding the page of an intent in Notion, by the id it carries.

use jiff::SignedDuration;
use providers::Error;
use providers::notion::{Block, Notion, Page};
use runtime::{Access, App};
use store::Intent;

use crate::target::Target;

/// Notion keeps times to the minute, and clocks differ.
const EARLIER: SignedDuration = SignedDuration::from_mins(2);

/// The page that carries the intent's id, also when somebody threw it away since: then it must not be made again.
pub(crate) async fn find(
    app: &App,
    access: &mut Access<'_>,
    intent: &Intent,
    target: &Target,
) -> Result<Option<Page>, Error> {
    let bot = access.connection().account.bot_id.clone();
    let bot = bot.as_deref();
    access
        .call(|http, token| async move {
            let notion = Notion::new(http, &app.config.endpoints, token);
            for in_trash in [false, true] {
                let pages = match &target.schema.external_id {
                    Some(property) => by_property(&notion, target, property, intent, in_trash).await?,
                    None => by_link(&notion, target, intent, in_trash).await?,
                };
                let mut pages = pages.into_iter();
                if let Some(page) = pages.next() {
                    if !in_trash {
                        trash_copies(&notion, pages, bot).await?;
                    }
                    return Ok(Some(page));
                }
            }
            Ok(None)
        })
        .await
}

async fn by_property(
    notion: &Notion,
    target: &Target,
    property: &str,
    intent: &Intent,
    in_trash: bool,
) -> Result<Vec<Page>, Error> {
    let id = intent.ext_id.to_string();
    notion.pages_with_text(&target.schema.data_source_id, property, &id, in_trash).await
}

/// Among the pages made since the page was sent, those whose link back to the recording carries the id. Who made them does not
/// tell: whoever connects again may be another bot.
async fn by_link(
    notion: &Notion,
    target: &Target,
    intent: &Intent,
    in_trash: bool,
) -> Result<Vec<Page>, Error> {
    let Some(since) = intent.sent_at.and_then(|sent| sent.checked_sub(EARLIER).ok()) else {
        return Ok(Vec::new());
    };
    let mark = format!("#patchbay-{}", intent.ext_id);
    let mut found = Vec::new();
    for page in notion.pages_created_since(&target.schema.data_source_id, since, in_trash).await? {
        if carries(notion, &page, &mark).await? {
            found.push(page);
        }
    }
    Ok(found)
}

async fn carries(notion: &Notion, page: &Page, mark: &str) -> Result<bool, Error> {
    let is_marked = |blocks: &[Block]| blocks.iter().any(|block| block.raw.to_string().contains(mark));
    Ok(is_marked(&notion.list_children(&page.id, is_marked).await?))
}

/// Copies can only come of a page that became visible minutes after it was sent. Only those that nobody touched go away.
async fn trash_copies(
    notion: &Notion,
    copies: impl Iterator<Item = Page>,
    bot: Option<&str>,
) -> Result<(), Error> {
    for copy in copies {
        let made_by_us = bot.is_some() && copy.created_by.as_deref() == bot;
        let untouched = copy.last_edited_by == copy.created_by;
        if made_by_us && untouched {
            notion.trash_page(&copy.id).await?;
        } else {
            tracing::error!(page_id = copy.id, "a page exists twice and was edited: somebody must choose");
        }
    }
    Ok(())
}
