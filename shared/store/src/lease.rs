//! Leases: one worker at a time, and a fence against those who did not notice that their time was over.

use std::time::Duration;

use domain::{JobId, ProviderId, UserId};
use jiff::Timestamp;

use crate::key::Key;
use crate::row::{Item, later_ms, number_in, time_in};
use crate::write::{Outcome, Write};
use crate::{Error, Store};

/// What is leased.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LeaseName(Vec<String>);

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
        Self::of(&["connection", user.as_str(), provider.as_str()])
    }

    /// Work on one job.
    pub fn job(user: &UserId, job: &JobId) -> Self {
        Self::of(&["job", user.as_str(), job.as_str()])
    }

    /// Work on one sync.
    pub fn sync(user: &UserId, subject: &str) -> Self {
        Self::of(&["sync", user.as_str(), subject])
    }

    /// Work of the system itself, for example a sweep.
    pub fn task(name: &str) -> Self {
        Self::of(&["task", name])
    }

    fn of(parts: &[&str]) -> Self {
        Self(parts.iter().map(|part| (*part).to_owned()).collect())
    }

    fn key(&self) -> Key {
        Key::lease(&self.0.iter().map(String::as_str).collect::<Vec<_>>())
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
        let until = end(now, ttl);
        let acquire = Write::update(
            name.key(),
            "SET #owner = :owner, #until = :until, #fence = if_not_exists(#fence, :zero) + :one",
        )
        .when("attribute_not_exists(#until) OR #until <= :now")
        .text(":owner", owner)
        .time(":until", until)
        .time(":now", now)
        .number(":zero", 0)
        .number(":one", 1);
        match self.write(acquire).await? {
            Outcome::Done(item) => Ok(Acquire::Held(lease_from_item(name, owner, &item))),
            Outcome::Refused(Some(item)) => Ok(Acquire::Busy { until: time_in(&item, "until") }),
            Outcome::Refused(None) => Err(Error::Conflict),
        }
    }

    /// Extends a lease. [`Error::Conflict`] if it was lost: stop.
    pub async fn renew_lease(&self, lease: &Lease, ttl: Duration, now: Timestamp) -> Result<Lease, Error> {
        let renew = Write::update(lease.name.key(), "SET #until = :until").time(":until", end(now, ttl));
        match self.write(only_the_holder(renew, lease)).await? {
            Outcome::Done(item) => Ok(lease_from_item(&lease.name, &lease.owner, &item)),
            Outcome::Refused(_) => Err(Error::Conflict),
        }
    }

    /// Gives a lease back. One lost meanwhile is left to its new holder.
    pub async fn release_lease(&self, lease: &Lease) -> Result<(), Error> {
        let release = Write::update(lease.name.key(), "SET #released = :fence REMOVE #until, #owner");
        self.write(only_the_holder(release, lease)).await.map(drop)
    }
}

/// The item stays when a lease ends, so that the fence only ever grows. An expired lease that nobody took since is
/// still its holder's to extend.
fn only_the_holder(write: Write, lease: &Lease) -> Write {
    write
        .when("#fence = :fence AND #owner = :owner")
        .number(":fence", lease.fence)
        .text(":owner", lease.owner.as_str())
}

fn lease_from_item(name: &LeaseName, owner: &str, item: &Item) -> Lease {
    let fence = u64::try_from(number_in(item, "fence")).unwrap_or_default();
    Lease { name: name.clone(), owner: owner.to_owned(), fence, until: time_in(item, "until") }
}

fn end(now: Timestamp, ttl: Duration) -> Timestamp {
    later_ms(now, i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX))
}
