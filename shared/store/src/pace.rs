//! Pace: how fast all instances together may call one provider account.

use domain::ProviderId;
use jiff::Timestamp;

use crate::{Error, Store};

/// Whose budget is spent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PaceKey(String);

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
        unimplemented!()
    }
}

impl Store {
    /// Pays for `cost` calls if the budget allows them now.
    pub async fn admit(
        &self,
        key: &PaceKey,
        policy: &PacePolicy,
        cost: u32,
        class: Class,
        now: Timestamp,
    ) -> Result<Admit, Error> {
        unimplemented!()
    }

    /// Stops everybody until then, as the provider asked. A later time already set stays.
    pub async fn block(&self, key: &PaceKey, until: Timestamp) -> Result<(), Error> {
        unimplemented!()
    }
}
