//! Jobs that count: one of the month's number is held as long as the job runs, and used when it succeeds.

use jiff::Timestamp;

use crate::job::{Creation, creating, job_from_item, replacing_cancelled, saving};
use crate::quota::{counting_late, deciding, place, reserving};
use crate::transact::Transacted;
use crate::{Error, Job, JobStatus, Metric, NewJob, Period, Store, Usage};

/// What came of asking for a job that counts.
#[derive(Clone, Debug, PartialEq)]
pub enum CountedJob {
    /// The job of this id, as it stands.
    Job(Box<Job>),
    /// The month's limit is reached.
    Full(Usage),
}

impl Store {
    /// Creates a job and reserves one of the month's `limit` for it, both or neither; or answers the one of this id.
    pub async fn create_counted_job(
        &self,
        new: NewJob,
        metric: Metric,
        limit: Option<u32>,
        now: Timestamp,
    ) -> Result<CountedJob, Error> {
        let user = new.user.clone();
        let Creation { key, item, mut writes } = creating(new, now)?;
        writes.push(reserving(place(&user, metric, now), limit, now));
        let found = match self.transact(writes).await? {
            Transacted::Done => Some(item),
            Transacted::Refused(reasons) if reasons.first() == Some(&true) => self.get(&key).await?,
            Transacted::Refused(_) => {
                return self.usage(&user, metric, &Period::of(now)).await.map(CountedJob::Full);
            }
        };
        let job = found.map(job_from_item).transpose()?.ok_or(Error::Conflict)?;
        Ok(CountedJob::Job(Box::new(job)))
    }

    /// Writes an edited copy of a counted job that is now final, and counts it or gives back what it held, both or neither.
    /// [`Error::Conflict`] if it changed since it was read, or was final.
    pub async fn end_counted_job(&self, edited: Job, metric: Metric, now: Timestamp) -> Result<Job, Error> {
        let decided =
            deciding(place(&edited.user, metric, edited.created_at), edited.status == JobStatus::Succeeded);
        let (user, id) = (edited.user.clone(), edited.id.clone());
        match self.transact(vec![saving(edited, now)?, decided]).await? {
            Transacted::Done => self.job(&user, &id).await?.ok_or(Error::Missing),
            Transacted::Refused(_) => Err(Error::Conflict),
        }
    }

    /// Lets a job succeed that its user called off while the last of it was being done, and counts it, even above the limit.
    /// Nothing happens to one that ended otherwise.
    pub async fn succeed_cancelled_job(
        &self,
        done: Job,
        metric: Option<Metric>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(seen) = self.job(&done.user, &done.id).await? else { return Ok(()) };
        // What was not called off by its user says why it ended.
        if seen.status != JobStatus::Cancelled || seen.error.is_some() {
            return Ok(());
        }
        let counted = metric.map(|metric| counting_late(place(&done.user, metric, done.created_at)));
        let writes = std::iter::once(replacing_cancelled(Job { version: seen.version, ..done }, now)?);
        self.transact(writes.chain(counted).collect()).await.map(drop)
    }
}
