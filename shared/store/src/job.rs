//! Jobs: long work that somebody can ask about.

use domain::{JobId, UserId};
use jiff::fmt::serde::timestamp::millisecond;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::key::{self, Key};
use crate::row::{self, Item, json_text, optional_json_text, text, text_in};
use crate::table::Range;
use crate::transact::Transacted;
use crate::write::{Outcome, Write};
use crate::{Error, Page, Store, page};

const WHAT: &str = "job";

/// Nobody waits longer for what a job needs.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Bytes of results on one page. Lambda answers 6 MB, and within its own JSON half of them may be backslashes.
const RESULTS: usize = 3_000_000;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobStatus {
    /// Not begun.
    Queued,
    /// Being worked on.
    Running,
    /// Waiting for a time or for its user.
    Waiting,
    /// Done.
    Succeeded,
    /// Given up.
    Failed,
    /// Called off.
    Cancelled,
}

impl JobStatus {
    /// Whether nobody goes on with the job.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How many are done.
    pub done: u64,
    /// Of how many, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Of what.
    pub unit: String,
}

/// Why a job failed, in words for its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobError {
    /// Stable code.
    pub code: String,
    /// A sentence.
    pub detail: String,
}

/// A piece of long work.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub user: UserId,
    /// What is done.
    pub kind: String,
    /// To what, for example a recording's id.
    pub subject: String,
    /// What the worker needs to know.
    pub input: Value,
    /// Where it stands.
    pub status: JobStatus,
    /// How far it is.
    pub progress: Progress,
    /// When it goes on, if it waits for a time.
    pub waiting_until: Option<Timestamp>,
    /// What came of it.
    pub result: Option<Value>,
    /// Why it failed.
    pub error: Option<JobError>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: u64,
    /// When somebody should look whether it got stuck; none once it is final.
    pub due_at: Option<Timestamp>,
}

/// A job to be created.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// Its id; the same id is the same job.
    pub id: JobId,
    /// Whose it is.
    pub user: UserId,
    /// What is done.
    pub kind: String,
    /// To what.
    pub subject: String,
    /// What the worker needs to know.
    pub input: Value,
    /// How far it is at the start.
    pub progress: Progress,
    /// When somebody should look whether it got stuck.
    pub due_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Job")]
struct Columns {
    id: JobId,
    user: UserId,
    kind: String,
    subject: String,
    #[serde(with = "json_text")]
    input: Value,
    status: JobStatus,
    progress: Progress,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    waiting_until: Option<Timestamp>,
    #[serde(default, with = "optional_json_text", skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<JobError>,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
    version: u64,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Row(#[serde(with = "Columns")] Job);

impl Store {
    /// Creates a job, or answers the one of this id and user as it stands.
    pub async fn create_job(&self, new: NewJob, now: Timestamp) -> Result<Job, Error> {
        let Creation { key, item, writes } = creating(new, now)?;
        match self.transact(writes).await? {
            Transacted::Done => job_from_item(item),
            Transacted::Refused(_) => {
                self.get(&key).await?.map(job_from_item).transpose()?.ok_or(Error::Conflict)
            }
        }
    }

    /// One job, read strongly consistently.
    pub async fn job(&self, user: &UserId, id: &JobId) -> Result<Option<Job>, Error> {
        self.get(&Key::job(user, id)).await?.map(job_from_item).transpose()
    }

    /// A user's jobs, newest first. `limit` is brought into 1..=100; fewer are on a page if their results are long.
    pub async fn jobs(&self, user: &UserId, limit: u32, cursor: Option<&str>) -> Result<Page<Job>, Error> {
        let size = page::size(limit);
        let range = Range {
            pk: key::partition(user),
            prefix: key::JOBS_BY_TIME,
            after: page::place(cursor, is_place)?,
            newest_first: true,
            limit: size + 1,
        };
        let pointers = self.range(range).await?;
        let ids = pointers.iter().map(|pointer| text_in(pointer, "id").unwrap_or_default().parse());
        let ids: Vec<JobId> = ids.collect::<Result<_, _>>().map_err(|_| Error::Corrupt(WHAT))?;
        let keys: Vec<_> = ids.iter().take(size).map(|id| Key::job(user, id)).collect();
        let mut items: Vec<_> = self.get_all(&keys).await?.into_iter().flatten().collect();
        let all = items.len();
        let ends = items.iter().scan(0, |end, item| {
            *end += text_in(item, "result").map_or(0, str::len);
            Some(*end)
        });
        items.truncate(ends.take_while(|end| *end <= RESULTS).count());
        let more = ids.len() > size || items.len() < all;
        let jobs = items.into_iter().map(job_from_item).collect::<Result<Vec<_>, _>>()?;
        Ok(page::page_of(jobs, more, |job| key::time_and_job(job.created_at, &job.id)))
    }

    /// Makes the user's jobs due that wait for something only the user can change.
    pub async fn wake_jobs(&self, user: &UserId, now: Timestamp) -> Result<(), Error> {
        let mut cursor = None;
        loop {
            let Page { items, next_cursor } = self.jobs(user, 100, cursor.as_deref()).await?;
            let is_old = |job: &Job| job.created_at.duration_until(now) > PATIENCE;
            cursor = next_cursor.filter(|_| !items.last().is_some_and(is_old));
            let waiting = |job: &Job| job.status == JobStatus::Waiting && job.error.is_some();
            for job in items.into_iter().filter(waiting) {
                match self.save_job(Job { waiting_until: Some(now), due_at: Some(now), ..job }, now).await {
                    // Somebody is just looking whether it can go on.
                    Ok(_) | Err(Error::Conflict) => {}
                    Err(error) => return Err(error),
                }
            }
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// Writes an edited copy of a job that was read: status, progress, waiting, result, error and due time.
    /// [`Error::Conflict`] if it changed since, or is final. A final job is never due.
    pub async fn save_job(&self, edited: Job, now: Timestamp) -> Result<Job, Error> {
        match self.write(saving(edited, now)?).await? {
            Outcome::Done(item) => job_from_item(item),
            Outcome::Refused(Some(_)) => Err(Error::Conflict),
            Outcome::Refused(None) => Err(Error::Missing),
        }
    }
}

/// A job that is to be created.
pub(crate) struct Creation {
    pub(crate) key: Key,
    pub(crate) item: Item,
    /// The first is refused when there is a job of this id.
    pub(crate) writes: Vec<Write>,
}

pub(crate) fn creating(new: NewJob, now: Timestamp) -> Result<Creation, Error> {
    let NewJob { id, user, kind, subject, input, progress, due_at } = new;
    let (status, version, waiting_until, result, error) = (JobStatus::Queued, 1, None, None, None);
    let (created_at, updated_at) = (now, now);
    let (key, place) = (Key::job(&user, &id), Key::job_by_time(&user, now, &id));
    let pointer = Item::from([("id".into(), text(id.as_str()))]);
    let job = Job {
        id,
        user,
        kind,
        subject,
        input,
        status,
        progress,
        waiting_until,
        result,
        error,
        created_at,
        updated_at,
        version,
        due_at,
    };
    let item = item_from_job(job)?;
    let writes = vec![Write::put(key.clone(), item.clone()).when_new(), Write::put(place, pointer)];
    Ok(Creation { key, item, writes })
}

/// The write of an edited copy, refused if the job changed since it was read, or is final.
pub(crate) fn saving(edited: Job, now: Timestamp) -> Result<Write, Error> {
    let seen = edited.version;
    let put = putting(edited, now)?
        .when("#version = :seen AND #status IN (:queued, :running, :waiting)")
        .number(":seen", seen)
        .text(":queued", "queued")
        .text(":running", "running")
        .text(":waiting", "waiting");
    Ok(put)
}

/// The write of an edited copy, refused unless the job is cancelled.
pub(crate) fn replacing_cancelled(edited: Job, now: Timestamp) -> Result<Write, Error> {
    Ok(putting(edited, now)?.when("#status = :cancelled").text(":cancelled", "cancelled"))
}

fn putting(edited: Job, now: Timestamp) -> Result<Write, Error> {
    let key = Key::job(&edited.user, &edited.id);
    let job = Job { version: edited.version.saturating_add(1), updated_at: now, ..edited };
    Ok(Write::put(key, item_from_job(job)?))
}

/// The item of a job, in the index of due work as long as it is due.
fn item_from_job(mut job: Job) -> Result<Item, Error> {
    job.due_at = job.due_at.filter(|_| !job.status.is_final());
    let shard = job.due_at.map(|_| key::due_shard(job.id.as_str()));
    let mut item = row::item(WHAT, &Row(job))?;
    item.extend(shard.map(|shard| ("due_shard".to_owned(), text(shard))));
    Ok(item)
}

pub(crate) fn job_from_item(item: Item) -> Result<Job, Error> {
    row::read(WHAT, item).map(|Row(job)| job)
}

/// Thirteen digits and a job's id.
fn is_place(place: &str) -> bool {
    place.split_once('#').is_some_and(|(time, id)| {
        time.len() == 13 && time.bytes().all(|digit| digit.is_ascii_digit()) && id.parse::<JobId>().is_ok()
    })
}
