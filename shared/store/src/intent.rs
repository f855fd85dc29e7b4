//! The effect ledger: what we are about to do to somebody else's system, written down before it is done.

use domain::UserId;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::{Claim, Error, Store, StoredResponse};

/// Where an effect stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IntentState {
    /// Certainly not done.
    Pending,
    /// Sent; whether it happened is not known yet.
    Sending,
    /// Done, and the remote object is known.
    Done,
    /// Certainly not done, and not tried again.
    Failed,
}

/// An effect and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    /// The id that also goes into the remote object.
    pub ext_id: Uuid,
    /// For whom.
    pub user: UserId,
    /// What is done, for example `create_ticket`.
    pub kind: String,
    /// Where.
    pub target: Value,
    /// Hash of what is sent.
    pub payload_hash: String,
    /// How the remote object is found again.
    pub strategy: String,
    /// Where it stands.
    pub state: IntentState,
    /// How often it was sent.
    pub attempt: u32,
    /// When it was last sent.
    pub sent_at: Option<Timestamp>,
    /// Counts senders; later writes are refused to earlier ones.
    pub fence: u64,
    /// When it was first looked for after the last sending and not found.
    pub missed_at: Option<Timestamp>,
    /// The remote object's id.
    pub remote_id: Option<String>,
    /// The remote object's address.
    pub remote_url: Option<String>,
}

/// An effect to be written down.
#[derive(Clone, Debug, PartialEq)]
pub struct NewIntent {
    /// The id that also goes into the remote object; the same id is the same effect.
    pub ext_id: Uuid,
    /// For whom.
    pub user: UserId,
    /// What is done.
    pub kind: String,
    /// Where.
    pub target: Value,
    /// Hash of what is sent.
    pub payload_hash: String,
    /// How the remote object is found again.
    pub strategy: String,
}

/// The remote object an effect made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its id.
    pub id: String,
    /// Its address.
    pub url: Option<String>,
}

/// What came of asking to send.
#[derive(Clone, Debug, PartialEq)]
pub enum PutSending {
    /// The caller sends, now.
    Send(Intent),
    /// It was sent and nobody knows whether it happened: look for it before sending again.
    Unresolved(Intent),
    /// It happened.
    Done(Intent),
    /// It was given up.
    Failed(Intent),
}

impl Store {
    /// What is known of an effect.
    pub async fn intent(&self, user: &UserId, ext_id: Uuid) -> Result<Option<Intent>, Error> {
        unimplemented!()
    }

    /// Writes down that the effect is being sent, if it is new or certainly did not happen.
    pub async fn put_sending(&self, new: &NewIntent, now: Timestamp) -> Result<PutSending, Error> {
        unimplemented!()
    }

    /// Writes down that an unresolved effect is sent once more, after it was looked for and is not there.
    /// [`Error::Conflict`] if somebody else resolved or sent it meanwhile.
    pub async fn put_sending_again(
        &self,
        unresolved: &Intent,
        payload_hash: &str,
        now: Timestamp,
    ) -> Result<Intent, Error> {
        unimplemented!()
    }

    /// Writes down that the effect certainly did not happen and may be sent again.
    pub async fn mark_pending(&self, sending: &Intent) -> Result<Intent, Error> {
        unimplemented!()
    }

    /// Writes down that the effect certainly did not happen and is given up.
    pub async fn mark_failed(&self, intent: &Intent) -> Result<Intent, Error> {
        unimplemented!()
    }

    /// Writes down that the effect was looked for and not found. The first time since it was sent is kept.
    pub async fn note_missed(&self, sending: &Intent, now: Timestamp) -> Result<Intent, Error> {
        unimplemented!()
    }

    /// Writes down that the effect happened, together with the answer to the request that asked for it, if there is one:
    /// both or neither. Whoever sent it: what is there is there, so only another remote object is a conflict.
    pub async fn record_done(
        &self,
        intent: &Intent,
        remote: &Remote,
        completing: Option<(&Claim, &StoredResponse)>,
        now: Timestamp,
    ) -> Result<Intent, Error> {
        unimplemented!()
    }

    /// Unresolved effects of a shard that nobody touched since `before`, the oldest first. May miss what was written a moment ago.
    pub async fn due_intents(&self, shard: u8, before: Timestamp, limit: u32) -> Result<Vec<Intent>, Error> {
        unimplemented!()
    }
}
