//! Idempotency keys: the same request once, its answer as often as asked for.

use std::time::Duration;

use domain::UserId;
use jiff::Timestamp;

use crate::{Error, Store};

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
        unimplemented!()
    }

    /// Stores the answer for 30 days. [`Error::Conflict`] if the claim was lost meanwhile.
    pub async fn complete(
        &self,
        claim: &Claim,
        response: &StoredResponse,
        now: Timestamp,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Gives the claim up after a definite failure before any effect: the same request may run again, another may not.
    /// A claim lost meanwhile is left alone.
    pub async fn release(&self, claim: &Claim) -> Result<(), Error> {
        unimplemented!()
    }
}
