//! What an export or sync can go back to: the plan that was there before the last one.

use domain::{JobId, Plan, PlanId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Job;

use crate::{App, Code, Problem, Report, Stop};

/// Which plans were put at a target, as part of what is remembered of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// The job whose plan the target was made equal to last; none while there is nothing of the plan.
    now: Option<JobId>,
    /// The one before it, which an undo goes back to.
    before: Option<JobId>,
    /// The job that was undone last, unless another one followed.
    undone: Option<JobId>,
}

impl History {
    /// A job begins, unless it did. Answers the plan that it is to put there: the user's as it is now, or the one that an undo goes
    /// back to; none if that one was none.
    pub async fn begin(
        &mut self,
        app: &App,
        report: &mut Report,
        job: &Job,
        plan: &PlanId,
        undo: Option<&JobId>,
    ) -> Result<Option<Plan>, Stop> {
        if report.job.as_ref() != Some(&job.id) {
            self.enter(report, undo)?;
            report.begin(&job.id);
        }
        if self.is_undone() {
            let Some(now) = &self.now else { return Ok(None) };
            let plan = app.store.kept_plan(&job.user, &job.subject, now).await?;
            return plan.map(Some).ok_or_else(|| Stop::Trouble(Problem::internal()));
        }
        match app.store.plan(&job.user, plan).await? {
            Some(stored) => Ok(Some(stored.plan)),
            None => Err(Stop::Cancel(Problem::new(Code::NotFound, "The plan was deleted."))),
        }
    }

    fn enter(&mut self, last: &Report, undo: Option<&JobId>) -> Result<(), Stop> {
        match undo {
            Some(undone) if last.job.as_ref() == Some(undone) => {
                // What did not finish is not what the target was made equal to.
                if last.finished {
                    self.now = self.before.take();
                }
                self.undone = Some(undone.clone());
            }
            Some(undone) if self.undone.as_ref() == Some(undone) => {}
            Some(_) => return Err(Stop::Fail(followed())),
            None => self.undone = None,
        }
        Ok(())
    }

    /// Whether the last job undid another.
    pub fn is_undone(&self) -> bool {
        self.undone.is_some()
    }

    /// The plan is at the target. To be saved afterwards.
    pub async fn end(
        &mut self,
        app: &App,
        report: &mut Report,
        job: &Job,
        plan: Option<&Plan>,
    ) -> Result<(), Stop> {
        let (user, subject) = (&job.user, &job.subject);
        // What an undo brings back is kept already.
        if let Some(plan) = plan.filter(|_| !self.is_undone()) {
            // Also if the job had ended already: the plan may have changed since.
            app.store.keep_plan(user, subject, &job.id, plan).await?;
        }
        if report.finished {
            return Ok(());
        }
        let outdated = match &self.undone {
            None => std::mem::replace(&mut self.before, self.now.replace(job.id.clone())),
            Some(undone) => Some(undone.clone()),
        };
        if let Some(outdated) = outdated {
            app.store.drop_plan(user, subject, &outdated).await?;
        }
        report.finished = true;
        Ok(())
    }
}

/// Whether nothing followed a job of which this is the target's head.
pub fn is_last(head: Value, job: &JobId) -> bool {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Head {
        report: Report,
        history: History,
    }
    let Head { report, history } = serde_json::from_value(head).unwrap_or_default();
    report.job.as_ref() == Some(job) || history.undone.as_ref() == Some(job)
}

/// Why a job cannot be undone, or not any more.
pub fn followed() -> Problem {
    Problem::new(
        Code::VersionConflict,
        "It changed nothing, or another one followed. Only the last one can be undone.",
    )
}
