//! What came of an effect: it happened, it certainly did not, or nobody knows yet.

use jiff::Timestamp;

use crate::due::FORGOTTEN;
use crate::idempotency::completion;
use crate::intent::intent_from_item;
use crate::key::Key;
use crate::transact::Transacted;
use crate::write::Write;
use crate::{Claim, Error, Intent, Store, StoredResponse};

/// The remote object an effect made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its id.
    pub id: String,
    /// Its address.
    pub url: Option<String>,
}

impl Store {
    /// Writes down that the effect certainly did not happen and may be sent again.
    pub async fn mark_pending(&self, sending: &Intent) -> Result<Intent, Error> {
        let set = "SET #state = :pending REMOVE #due_shard, #due_at, #missed_at";
        let write = of_sender(sending, set).when("#state = :sending AND #fence = :fence");
        self.change_intent(write.text(":pending", "pending").text(":sending", "sending")).await
    }

    /// Writes down that the effect certainly did not happen and is given up.
    pub async fn mark_failed(&self, intent: &Intent) -> Result<Intent, Error> {
        let set = "SET #state = :failed REMOVE #due_shard, #due_at, #missed_at";
        let write = of_sender(intent, set).when("#state IN (:sending, :pending) AND #fence = :fence");
        let write = write.text(":failed", "failed").text(":sending", "sending").text(":pending", "pending");
        self.change_intent(write).await
    }

    /// Writes down that the effect was looked for and not found. The first time since it was sent is kept.
    pub async fn note_missed(&self, sending: &Intent, now: Timestamp) -> Result<Intent, Error> {
        let set = "SET #missed_at = if_not_exists(#missed_at, :now), #due_at = :look";
        let write = of_sender(sending, set).when("#state = :sending AND #fence = :fence");
        let look = now.saturating_add(FORGOTTEN).unwrap_or(now);
        self.change_intent(write.time(":now", now).time(":look", look).text(":sending", "sending")).await
    }

    /// Writes down that more is added to the remote object. [`Error::Conflict`] if somebody else does.
    pub async fn note_appending(&self, sending: &Intent, now: Timestamp) -> Result<Intent, Error> {
        let set = "SET #appended_at = :now, #fence = #fence + :one, #due_at = :look";
        let write = of_sender(sending, set).when("#state = :sending AND #fence = :fence").number(":one", 1);
        let look = now.saturating_add(FORGOTTEN).unwrap_or(now);
        self.change_intent(write.time(":now", now).time(":look", look).text(":sending", "sending")).await
    }

    /// Puts off the next look at an effect whose outcome is open.
    pub async fn put_off(&self, sending: &Intent, until: Timestamp) -> Result<Intent, Error> {
        let write = of_sender(sending, "SET #due_at = :until").when("#state = :sending AND #fence = :fence");
        self.change_intent(write.time(":until", until).text(":sending", "sending")).await
    }

    /// Writes down that the effect happened, together with the answer to the request that asked for it, if there is one.
    ///
    /// Whoever sent it: what is there is there, so only another remote object is a conflict. If the claim on the request
    /// was lost, the effect alone is written down and the answer is [`Error::Conflict`]: the new claimant finds it done.
    pub async fn record_done(
        &self,
        intent: &Intent,
        remote: &Remote,
        completing: Option<(&Claim, &StoredResponse)>,
        now: Timestamp,
    ) -> Result<Intent, Error> {
        let Some((claim, response)) = completing else {
            return self.change_intent(done(intent, remote)).await;
        };
        let writes = vec![done(intent, remote), completion(claim, response, now)?];
        match self.transact(writes).await? {
            Transacted::Done => {
                let item = self.get(&Key::intent(intent.ext_id)).await?;
                item.map(intent_from_item).transpose()?.ok_or(Error::Missing)
            }
            Transacted::Refused(reasons) if reasons.first() == Some(&true) => Err(Error::Conflict),
            Transacted::Refused(_) => {
                self.change_intent(done(intent, remote)).await?;
                Err(Error::Conflict)
            }
        }
    }
}

fn done(intent: &Intent, remote: &Remote) -> Write {
    let set = "SET #state = :done, #remote_id = :id";
    let gone = "REMOVE #due_shard, #due_at, #missed_at";
    let write = match &remote.url {
        Some(url) => Write::update(Key::intent(intent.ext_id), format!("{set}, #remote_url = :url {gone}"))
            .text(":url", url),
        None => Write::update(Key::intent(intent.ext_id), format!("{set} {gone}")),
    };
    write
        .when("#user = :user AND (#state <> :done OR #remote_id = :id)")
        .text(":done", "done")
        .text(":id", remote.id.as_str())
        .text(":user", intent.user.as_str())
}

/// A change that only the latest sender may make.
fn of_sender(intent: &Intent, set: &str) -> Write {
    Write::update(Key::intent(intent.ext_id), set).number(":fence", intent.fence)
}
