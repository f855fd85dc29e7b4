//! Leases: one worker at a time, and a fence against those who did not notice that their time was over.

use std::time::Duration;

use domain::{JobId, ProviderId, UserId};
use jiff::Timestamp;

use crate::{Error, Store};

/// What is leased.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LeaseName(String);

/// A lease held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What is leased.
    pub name: LeaseName,
    /// By whom.
    pub owner: String,
    /// Counts holders, for ever.
    pub fence: u64,
    /// Until when.
    pub until: Timestamp,
}

/// What came of asking for a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acquire {
    /// The caller's.
    Held(Lease),
    /// Somebody else's, until then at the latest.
    Busy {
        /// When their lease ends.
        until: Timestamp,
    },
}

impl LeaseName {
    /// Work on one connection.
    pub fn connection(user: &UserId, provider: ProviderId) -> Self {
        unimplemented!()
    }

    /// Work on one job.
    pub fn job(user: &UserId, job: &JobId) -> Self {
        unimplemented!()
    }

    /// Work of the system itself, for example a sweep.
    pub fn task(name: &str) -> Self {
        unimplemented!()
    }
}

impl Store {
    /// Takes a free or expired lease.
    pub async fn acquire_lease(
        &self,
        name: &LeaseName,
        owner: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Acquire, Error> {
        unimplemented!()
    }

    /// Extends a lease. [`Error::Conflict`] if it was lost: stop.
    pub async fn renew_lease(&self, lease: &Lease, ttl: Duration, now: Timestamp) -> Result<Lease, Error> {
        unimplemented!()
    }

    /// Gives a lease back. One lost meanwhile is left to its new holder.
    pub async fn release_lease(&self, lease: &Lease) -> Result<(), Error> {
        unimplemented!()
    }
}
