//! Pace: how fast all instances together may call one provider account.

use domain::ProviderId;
use jiff::{SignedDuration, Timestamp};

use crate::key::Key;
use crate::row::{Item, later, later_ms, time_in};
use crate::write::{Outcome, Write};
use crate::{Error, Store};

/// Whose budget is spent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PaceKey([String; 3]);

/// A budget: one call every `interval_ms` on average, `burst` at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacePolicy {
    /// Milliseconds a call costs.
    pub interval_ms: u32,
    /// Calls that may come at once after a rest.
    pub burst: u32,
}

/// Who is waiting for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A person: may use the whole burst.
    Interactive,
    /// Nobody: leaves a third of the burst to people.
    Bulk,
}

/// Whether a call may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admit {
    /// Now; it is paid for.
    Go,
    /// Not before then; nothing was paid.
    Wait {
        /// When to ask again.
        until: Timestamp,
    },
}

impl PaceKey {
    /// The budget that `scope` (`connection`, `workspace`, …) of this account has at this provider.
    pub fn new(provider: ProviderId, scope: &str, account: &str) -> Self {
        Self([provider.as_str(), scope, account].map(str::to_owned))
    }

    fn key(&self) -> Key {
        Key::pace(&self.0.each_ref().map(String::as_str))
    }
}

impl PacePolicy {
    /// How long so many calls take after a rest, in seconds.
    pub fn seconds_for(self, calls: u32, class: Class) -> u32 {
        let at_once = self.burst - self.reserve(class);
        calls.saturating_sub(at_once).saturating_mul(self.interval_ms).div_ceil(1_000)
    }

    /// What of the burst is left to others.
    fn reserve(self, class: Class) -> u32 {
        match class {
            Class::Interactive => 0,
            Class::Bulk => self.burst / 3,
        }
    }

    /// How far ahead of now the budget may be spent, `cost` included, in milliseconds.
    fn slack_ms(self, cost: u32, class: Class) -> i64 {
        let calls = (self.burst - self.reserve(class)).saturating_sub(cost);
        i64::from(calls).saturating_mul(i64::from(self.interval_ms))
    }
}

const NOT_BLOCKED: &str = "(attribute_not_exists(#block) OR #block <= :now)";
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Store {
    /// Pays for `cost` calls if the budget allows them now.
    ///
    /// The generic cell rate algorithm without a read: `tat` is the time at which everything paid for has been earned.
    /// One update covers a budget at rest, a second one that is being used; a refusal shows the item, hence the wait.
    /// A cost above the burst passes only at rest.
    pub async fn admit(
        &self,
        key: &PaceKey,
        policy: &PacePolicy,
        cost: u32,
        class: Class,
        now: Timestamp,
    ) -> Result<Admit, Error> {
        let cost_ms = i64::from(cost).saturating_mul(i64::from(policy.interval_ms));
        let slack_ms = policy.slack_ms(cost, class);
        let at_rest = Write::update(key.key(), "SET #tat = :tat, #expires_at = :expires")
            .when(format!("(attribute_not_exists(#tat) OR #tat <= :now) AND {NOT_BLOCKED}"))
            .time(":tat", later_ms(now, cost_ms));
        let Some(item) = self.pay(at_rest, now, cost_ms).await? else { return Ok(Admit::Go) };
        if let Some(until) = wait(&item, slack_ms, now) {
            return Ok(Admit::Wait { until });
        }
        let in_use = Write::update(key.key(), "SET #tat = #tat + :cost, #expires_at = :expires")
            .when(format!("#tat > :now AND #tat <= :latest AND {NOT_BLOCKED}"))
            .number(":cost", cost_ms)
            .time(":latest", later_ms(now, slack_ms));
        let Some(item) = self.pay(in_use, now, cost_ms).await? else { return Ok(Admit::Go) };
        // Somebody whose clock is behind may have paid in between; then the wait is the shortest there is.
        Ok(Admit::Wait { until: wait(&item, slack_ms, now).unwrap_or(later_ms(now, 1)) })
    }

    /// Carries out a payment; the item as it is, if it was refused.
    async fn pay(&self, payment: Write, now: Timestamp, cost_ms: i64) -> Result<Option<Item>, Error> {
        let expires = later(later_ms(now, cost_ms), DAY).as_second();
        match self.write(payment.time(":now", now).number(":expires", expires)).await? {
            Outcome::Done(_) => Ok(None),
            Outcome::Refused(item) => Ok(Some(item.unwrap_or_default())),
        }
    }

    /// Until when everybody is stopped, if anybody still is.
    pub async fn blocked_until(&self, key: &PaceKey, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let item = self.get(&key.key()).await?;
        Ok(item.map(|item| time_in(&item, "block")).filter(|until| *until > now))
    }

    /// Stops everybody until then, as the provider asked. A later time already set stays.
    pub async fn block(&self, key: &PaceKey, until: Timestamp) -> Result<(), Error> {
        let block = Write::update(key.key(), "SET #block = :until, #expires_at = :expires")
            .when("attribute_not_exists(#block) OR #block < :until")
            .time(":until", until)
            .number(":expires", later(until, DAY).as_second());
        self.write(block).await.map(drop)
    }
}

/// When a payment that this item refused can pass, unless it can now.
fn wait(item: &Item, slack_ms: i64, now: Timestamp) -> Option<Timestamp> {
    let earned = later_ms(time_in(item, "tat"), -slack_ms);
    Some(earned.max(time_in(item, "block"))).filter(|until| *until > now)
}
