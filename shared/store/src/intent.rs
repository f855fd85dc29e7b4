//! The effect ledger: what we are about to do to somebody else's system, written down before it is done.

use domain::UserId;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::due::FORGOTTEN;
use crate::key::{self, Key};
use crate::row::{self, Item, json_text, text, time};
use crate::write::{Outcome, Write};
use crate::{Error, Store};

const WHAT: &str = "intent";

/// Where an effect stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// When more was last added to the remote object.
    pub appended_at: Option<Timestamp>,
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

#[derive(Serialize, Deserialize)]
#[serde(remote = "Intent")]
struct Columns {
    ext_id: Uuid,
    user: UserId,
    kind: String,
    #[serde(with = "json_text")]
    target: Value,
    payload_hash: String,
    strategy: String,
    state: IntentState,
    attempt: u32,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    sent_at: Option<Timestamp>,
    fence: u64,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    missed_at: Option<Timestamp>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    appended_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remote_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remote_url: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Row(#[serde(with = "Columns")] Intent);

impl Store {
    /// What is known of an effect.
    pub async fn intent(&self, user: &UserId, ext_id: Uuid) -> Result<Option<Intent>, Error> {
        let intent = self.get(&Key::intent(ext_id)).await?.map(intent_from_item).transpose()?;
        Ok(intent.filter(|intent| intent.user == *user))
    }

    /// Writes down that the effect is being sent, if it is new or certainly did not happen.
    pub async fn put_sending(&self, new: &NewIntent, now: Timestamp) -> Result<PutSending, Error> {
        let put = Write::put(Key::intent(new.ext_id), first_sending(new, now)?).when_new();
        match self.write(put).await? {
            Outcome::Done(item) => Ok(PutSending::Send(intent_from_item(item)?)),
            Outcome::Refused(Some(item)) => match intent_from_item(item)? {
                other if other.user != new.user => Err(Error::Conflict),
                pending if pending.state == IntentState::Pending => self.send_pending(new, now).await,
                known => Ok(standing(known)),
            },
            Outcome::Refused(None) => Err(Error::Conflict),
        }
    }

    async fn send_pending(&self, new: &NewIntent, now: Timestamp) -> Result<PutSending, Error> {
        let set = format!("{SEND}, #target = :target, #strategy = :strategy");
        let send = sending(new.ext_id, &set, &new.payload_hash, now)
            .when("#state = :pending")
            .text(":pending", "pending")
            .text(":target", new.target.to_string())
            .text(":strategy", new.strategy.as_str());
        match self.write(send).await? {
            Outcome::Done(item) => Ok(PutSending::Send(intent_from_item(item)?)),
            Outcome::Refused(Some(item)) => Ok(standing(intent_from_item(item)?)),
            Outcome::Refused(None) => Err(Error::Missing),
        }
    }

    /// Writes down that an unresolved effect is sent once more, after it was looked for and is not there.
    /// [`Error::Conflict`] if somebody else resolved or sent it meanwhile.
    pub async fn put_sending_again(
        &self,
        unresolved: &Intent,
        payload_hash: &str,
        now: Timestamp,
    ) -> Result<Intent, Error> {
        let set = format!("{SEND} REMOVE #missed_at");
        let send = sending(unresolved.ext_id, &set, payload_hash, now)
            .when("#state = :sending AND #fence = :fence")
            .number(":fence", unresolved.fence);
        self.change_intent(send).await
    }

    pub(crate) async fn change_intent(&self, write: Write) -> Result<Intent, Error> {
        match self.write(write).await? {
            Outcome::Done(item) => intent_from_item(item),
            Outcome::Refused(Some(_)) => Err(Error::Conflict),
            Outcome::Refused(None) => Err(Error::Missing),
        }
    }
}

/// What every sending changes.
const SEND: &str = "SET #state = :sending, #attempt = #attempt + :one, #fence = #fence + :one, #sent_at = :now, \
                    #payload_hash = :payload, #due_shard = :shard, #due_at = :look";

fn sending(ext_id: Uuid, set: &str, payload_hash: &str, now: Timestamp) -> Write {
    Write::update(Key::intent(ext_id), set)
        .text(":sending", "sending")
        .number(":one", 1)
        .time(":now", now)
        .time(":look", now.saturating_add(FORGOTTEN).unwrap_or(now))
        .text(":payload", payload_hash)
        .text(":shard", key::due_shard(&ext_id.to_string()))
}

fn first_sending(new: &NewIntent, now: Timestamp) -> Result<Item, Error> {
    let NewIntent { ext_id, user, kind, target, payload_hash, strategy } = new.clone();
    let (state, attempt, fence, sent_at) = (IntentState::Sending, 1, 1, Some(now));
    let (missed_at, appended_at, remote_id, remote_url) = (None, None, None, None);
    let row = Row(Intent {
        ext_id,
        user,
        kind,
        target,
        payload_hash,
        strategy,
        state,
        attempt,
        sent_at,
        fence,
        missed_at,
        appended_at,
        remote_id,
        remote_url,
    });
    let mut item = row::item(WHAT, &row)?;
    item.insert("due_shard".into(), text(key::due_shard(&ext_id.to_string())));
    item.insert("due_at".into(), time(now.saturating_add(FORGOTTEN).unwrap_or(now)));
    Ok(item)
}

fn standing(intent: Intent) -> PutSending {
    match intent.state {
        IntentState::Done => PutSending::Done(intent),
        IntentState::Failed => PutSending::Failed(intent),
        IntentState::Pending | IntentState::Sending => PutSending::Unresolved(intent),
    }
}

pub(crate) fn intent_from_item(item: Item) -> Result<Intent, Error> {
    row::read(WHAT, item).map(|Row(intent)| intent)
}
