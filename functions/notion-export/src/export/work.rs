//! An export's job: worked on in pieces, each within one invocation, until Notion is equal to the plan.

use domain::{JobId, ProviderId, UserId};
use runtime::{Access, App, Finished, Mode, Piece, Problem, Report, Stop, Unfinished};
use serde_json::json;
use store::{Class, Job};

use super::Input;
use super::calls::Calls;
use super::node::wanted_pages;
use super::record::Record;
use super::request::check;
use super::rows::Rows;
use super::run::Run;

/// Goes on with an export.
pub async fn go_on(app: &App, user: &UserId, id: &JobId) -> Result<(), Problem> {
    let work = async |job: &Job, input: Input, piece: Piece| work(app, job, input, piece).await;
    runtime::go_on(app, user, id, work).await
}

async fn work(app: &App, job: &Job, input: Input, piece: Piece) -> Result<Finished, Unfinished> {
    let mut record = Record::load(app, &job.user, &job.subject).await?;
    let Record { history, report, .. } = &mut record;
    let plan = history.begin(app, report, job, &input.plan, input.undo.as_ref()).await?;
    let total = plan.as_ref().map_or(0, |plan| plan.tasks().count());
    let link = super::link(app, record.mark);
    let pages = plan.as_ref().map_or_else(Vec::new, |plan| wanted_pages(plan, input.layout, &link));
    // It may have changed since it was asked for.
    check(&pages).map_err(Stop::Fail)?;
    let access = Access::open(app, &job.user, ProviderId::Notion, piece.deadline, Class::Bulk).await?;
    let mut run = Run {
        calls: Calls::new(app, access.of_job(&job.id), Mode::Apply, piece.deadline, piece.astray),
        record,
        parent_page_id: input.parent_page_id,
        layout: input.layout,
        recreate: input.recreate_trashed,
        rows: Rows::default(),
    };
    let look = !(piece.goes_on && run.record.report.looked);
    let made = run.make(pages, look).await;
    if run.calls.is_refused {
        // Nobody has to find out what came of it.
        run.record.call = None;
    }
    if run.calls.is_refused || made.is_err() && run.record.is_changed()? {
        run.save().await?;
    }
    if let Err(stop) = made {
        return Err(Unfinished { stop, progress: Some((run.record.tasks().min(total), total)) });
    }
    run.record.end(app, job, plan.as_ref()).await?;
    let place = run.record.place().map(|page| (&page.id, &page.url));
    let (page_id, url) = place.unzip();
    let Report { created, updated, archived, conflicts, more_conflicts, .. } = &run.record.report;
    let result = json!({"page_id": page_id, "url": url, "created": created, "updated": updated,
        "archived": archived, "conflicts": conflicts, "more_conflicts": more_conflicts});
    Ok(Finished { result, total })
}
