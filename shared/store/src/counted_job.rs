//! Jobs that count: one of the month's number is held as long as the job runs, and used when it succeeds.

use jiff::Timestamp;

use crate::job::{Creation, creating, job_from_item, saving};
use crate::quota::{Reservation, reserving, usage_from_item};
use crate::transact::Transacted;
use crate::{Error, Job, JobStatus, Metric, NewJob, Store, Usage};

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
        let Reservation { hold, count, place } = reserving(&new.user, metric, new.id.as_str(), limit, now);
        let Creation { key, item, mut writes } = creating(new, now)?;
        writes.extend([hold, count]);
        let found = match self.transact(writes).await? {
            Transacted::Done => Some(item),
            Transacted::Refused(reasons) if reasons.first() == Some(&true) => self.get(&key).await?,
            Transacted::Refused(_) => {
                let item = self.get(&place).await?;
                return Ok(CountedJob::Full(item.map(|item| usage_from_item(&item)).unwrap_or_default()));
            }
        };
        let job = found.map(job_from_item).transpose()?.ok_or(Error::Conflict)?;
        Ok(CountedJob::Job(Box::new(job)))
    }

    /// Writes an edited copy of a job that is now final, and counts it or gives its reservation back, both or neither.
    /// [`Error::Conflict`] if it changed since it was read, or was final.
    pub async fn end_counted_job(&self, edited: Job, now: Timestamp) -> Result<Job, Error> {
        let succeeded = edited.status == JobStatus::Succeeded;
        let reservation = self.reservation(&edited.user, edited.id.as_str()).await?;
        let decided = reservation.map(|known| known.ending(succeeded)).unwrap_or_default();
        let (user, id) = (edited.user.clone(), edited.id.clone());
        let writes = std::iter::once(saving(edited, now)?).chain(decided).collect();
        match self.transact(writes).await? {
            Transacted::Done => self.job(&user, &id).await?.ok_or(Error::Missing),
            Transacted::Refused(_) => Err(Error::Conflict),
        }
    }
}
