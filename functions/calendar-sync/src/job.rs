//! A sync's job: worked on in pieces, each within one invocation, until the calendar is in step with the plan.

use domain::{JobId, ProviderId, UserId};
use runtime::{Access, App, Code, Finished, Mode, Piece, Problem, Report, Stop, Unfinished};
use serde_json::json;
use store::{Class, Job};

use crate::Input;
use crate::calls::Calls;
use crate::event::wanted;
use crate::record::Record;
use crate::run::Run;

/// Goes on with a sync.
pub(crate) async fn go_on(app: &App, user: &UserId, id: &JobId) -> Result<(), Problem> {
    let work = async |job: &Job, input: Input, piece: Piece| work(app, job, input, piece).await;
    runtime::go_on(app, user, id, work).await
}

async fn work(app: &App, job: &Job, input: Input, piece: Piece) -> Result<Finished, Unfinished> {
    let mut record = Record::load(app, &job.user, &job.subject).await?;
    let Record { history, report, .. } = &mut record;
    let plan = history.begin(app, report, job, &input.plan, input.undo.as_ref()).await?;
    let events = plan.as_ref().map_or_else(Vec::new, |plan| wanted(plan, &app.config.public_url));
    let access =
        Access::open(app, &job.user, ProviderId::GoogleCalendar, piece.deadline, Class::Bulk).await?;
    if access.connection().account.id != input.account {
        let problem = Problem::new(Code::NotConnected, "Another Google account is connected now.");
        return Err(Stop::Cancel(problem).into());
    }
    let look = !(piece.goes_on && record.report.looked);
    let access = access.of_job(&job.id);
    let calls = Calls::new(app, access, &input.calendar_id, Mode::Apply, piece.deadline, piece.astray);
    let mut run = Run { calls, record };
    let made = run.make(&events, look).await;
    let done = run.done(&events);
    let made = match made {
        Ok(()) => {
            let Record { history, report, .. } = &mut run.record;
            history.end(app, report, job, plan.as_ref()).await
        }
        stopped => stopped,
    };
    // What was done is remembered also where the rest has to wait.
    run.forget_untried();
    let saved = run.record.save(app).await;
    if let Err(stop) = made {
        return Err(Unfinished { stop, progress: Some((done, events.len())) });
    }
    saved?;
    if input.undo.is_none() {
        crate::look::keep_up(app, &job.user, &input).await?;
    }
    let Report { created, updated, archived, conflicts, more_conflicts, .. } = run.record.report;
    let result = json!({"calendar_id": input.calendar_id, "created": created, "updated": updated,
        "archived": archived, "conflicts": conflicts, "more_conflicts": more_conflicts});
    Ok(Finished { result, total: events.len() })
}
