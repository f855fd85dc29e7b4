//! The rest of a page that is too long for one call.

use providers::Error;
use providers::notion::{NewBlock, Notion, PagePlan, Position};

/// How often an append with an unknown outcome is looked into.
const LOOKS: usize = 3;

/// Appends what the page does not hold yet. `fresh` is a page that was made a moment ago and holds the first call's blocks.
pub(crate) async fn complete(
    notion: &Notion,
    page_id: &str,
    plan: &PagePlan,
    fresh: bool,
) -> Result<(), Error> {
    if plan.appends.is_empty() {
        return Ok(());
    }
    let mut missing = if fresh { plan.appends.clone() } else { missing(notion, page_id, plan).await? };
    let mut looks = 0;
    while !missing.is_empty() {
        let chunk = missing.remove(0);
        match notion.append_children(page_id, &Position::End, &chunk).await {
            Ok(_) => {}
            Err(Error::Ambiguous { .. }) if looks < LOOKS => {
                looks += 1;
                missing = self::missing(notion, page_id, plan).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn missing(notion: &Notion, page_id: &str, plan: &PagePlan) -> Result<Vec<Vec<NewBlock>>, Error> {
    let present = notion.list_children(page_id).await?.len();
    Ok(plan.missing_after(present))
}
