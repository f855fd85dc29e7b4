//! Idempotency keys: the same request once, its answer as often as asked for.

use std::time::Duration;

use domain::UserId;
use jiff::Timestamp;

use crate::key::Key;
use crate::row::{Item, THIRTY_DAYS, later, later_ms, number_in, text_in, time_in};
use crate::write::{Outcome, Write};
use crate::{Error, Store};

const WHAT: &str = "answer";

/// What makes two requests the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    /// Who asks.
    pub user: UserId,
    /// For what, for example `create_ticket`.
    pub operation: String,
    /// The key the client chose.
    pub key: String,
}

/// The right to carry a request out and to say what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What is claimed.
    pub key: IdempotencyKey,
    /// Who claimed it.
    pub owner: String,
    /// Counts claims; later writes are refused to earlier ones.
    pub fence: u64,
    /// Somebody started before and never said how it ended, so effects may have happened.
    pub resumed: bool,
}

/// The answer that is given again.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers worth repeating, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// What came of beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// The caller carries it out.
    Started(Claim),
    /// It was carried out: this is the answer.
    Replay(StoredResponse),
    /// Somebody is at it, until then at the latest.
    InProgress {
        /// When their claim ends.
        until: Timestamp,
    },
    /// The key was used for another request.
    Mismatch,
}

const IN_PROGRESS: &str = "INPROGRESS";
const COMPLETED: &str = "COMPLETED";
const RELEASED: &str = "RELEASED";

/// Absent or expired; or the same request, given up or left behind by somebody whose time is over.
const CLAIMABLE: &str = "attribute_not_exists(#pk) OR #expires_at <= :second OR (#validation = :hash AND \
     (#status = :released OR (#status = :in_progress AND #in_progress_expiration <= :now)))";

impl Store {
    /// Claims a request for `owner` (this invocation) for as long as `in_progress_for`.
    pub async fn begin(
        &self,
        key: &IdempotencyKey,
        payload_hash: &str,
        owner: &str,
        in_progress_for: Duration,
        now: Timestamp,
    ) -> Result<Begin, Error> {
        let ms = i64::try_from(in_progress_for.as_millis()).unwrap_or(i64::MAX);
        let set = "SET #status = :in_progress, #validation = :hash, #owner = :owner, #expires_at = :expires, \
                   #in_progress_expiration = :until, #fence = if_not_exists(#fence, :zero) + :one, \
                   #unfinished = if_not_exists(#unfinished, :zero) + :one REMOVE #data";
        let begin = Write::update(key.place(), set)
            .when(CLAIMABLE)
            .text(":in_progress", IN_PROGRESS)
            .text(":released", RELEASED)
            .text(":hash", payload_hash)
            .text(":owner", owner)
            .number(":expires", later(now, THIRTY_DAYS).as_second())
            .number(":second", now.as_second())
            .time(":until", later_ms(now, ms))
            .time(":now", now)
            .number(":zero", 0)
            .number(":one", 1);
        match self.write(begin).await? {
            Outcome::Done(item) => Ok(Begin::Started(Claim {
                key: key.clone(),
                owner: owner.to_owned(),
                fence: u64::try_from(number_in(&item, "fence")).unwrap_or_default(),
                resumed: number_in(&item, "unfinished") > 1,
            })),
            Outcome::Refused(Some(item)) => found(&item, payload_hash),
            Outcome::Refused(None) => Err(Error::Conflict),
        }
    }

    /// Stores the answer for 30 days. [`Error::Conflict`] if the claim was lost meanwhile.
    pub async fn complete(
        &self,
        claim: &Claim,
        response: &StoredResponse,
        now: Timestamp,
    ) -> Result<(), Error> {
        match self.write(completion(claim, response, now)?).await? {
            Outcome::Done(_) => Ok(()),
            Outcome::Refused(_) => Err(Error::Conflict),
        }
    }

    /// Gives the claim up after a definite failure before any effect: the same request may run again, another may not.
    /// A claim lost meanwhile is left alone.
    pub async fn release(&self, claim: &Claim) -> Result<(), Error> {
        let set = "SET #status = :released, #unfinished = #unfinished - :one REMOVE #in_progress_expiration";
        let release = of_claimant(claim, set).text(":released", RELEASED).number(":one", 1);
        self.write(release).await.map(drop)
    }
}

impl IdempotencyKey {
    fn place(&self) -> Key {
        Key::idempotency(&self.user, &self.operation, &self.key)
    }
}

/// The write that stores an answer; also part of a transaction with the effect it answers for.
pub(crate) fn completion(claim: &Claim, response: &StoredResponse, now: Timestamp) -> Result<Write, Error> {
    let data = serde_json::to_string(response).map_err(|_| Error::Corrupt(WHAT))?;
    let set = "SET #status = :completed, #data = :data, #expires_at = :expires, #unfinished = :zero \
               REMOVE #in_progress_expiration";
    Ok(of_claimant(claim, set)
        .text(":completed", COMPLETED)
        .text(":data", data)
        .number(":expires", later(now, THIRTY_DAYS).as_second())
        .number(":zero", 0))
}

/// A change that only the present claimant may make, as long as nothing came of the claim.
fn of_claimant(claim: &Claim, set: &str) -> Write {
    Write::update(claim.key.place(), set)
        .when("#owner = :owner AND #fence = :fence AND #status = :in_progress")
        .text(":owner", claim.owner.as_str())
        .number(":fence", claim.fence)
        .text(":in_progress", IN_PROGRESS)
}

fn found(item: &Item, payload_hash: &str) -> Result<Begin, Error> {
    if text_in(item, "validation") != Some(payload_hash) {
        return Ok(Begin::Mismatch);
    }
    match text_in(item, "data") {
        Some(data) => serde_json::from_str(data).map(Begin::Replay).map_err(|_| Error::Corrupt(WHAT)),
        None => Ok(Begin::InProgress { until: time_in(item, "in_progress_expiration") }),
    }
}
