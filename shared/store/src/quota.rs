//! What a user may do so many times a month: counted exactly, whoever asks at once and whatever is repeated.
//!
//! Something is reserved before it is begun, and counts as used only when it succeeded. A reservation belongs to the month
//! in which it was made.

use domain::UserId;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::key::Key;
use crate::row::{Item, later, number_in, text_in};
use crate::transact::Transacted;
use crate::write::Write;
use crate::{Error, Store};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Plans exported.
    Exports,
}

/// A calendar month in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its first moment.
    pub start: Timestamp,
    /// The first moment of the next.
    pub end: Timestamp,
}

/// What was used of a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Succeeded.
    pub used: u32,
    /// Begun and not decided yet.
    pub held: u32,
}

/// What came of asking to begin something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserve {
    /// It may begin; asked again for the same operation, it still may.
    Held,
    /// It succeeded before.
    Done,
    /// The month's limit is reached.
    Full(Usage),
}

/// How long an undecided or decided operation and its month are remembered: the rest of the month, and a year to look at.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 400);

const HELD: &str = "HELD";
const FREED: &str = "FREED";
const DONE: &str = "DONE";
/// Given back before it turned out to have succeeded.
const DONE_LATE: &str = "DONE_LATE";

impl Metric {
    fn as_str(self) -> &'static str {
        match self {
            Self::Exports => "exports",
        }
    }
}

impl Period {
    /// The month of a moment.
    pub fn of(now: Timestamp) -> Self {
        let first = now.to_zoned(TimeZone::UTC).first_of_month().and_then(|day| day.start_of_day());
        let next = first.clone().and_then(|first| first.checked_add(1.month()));
        // Outside of what a calendar holds there is nothing to count.
        Self {
            start: first.map_or(Timestamp::MIN, |first| first.timestamp()),
            end: next.map_or(Timestamp::MAX, |next| next.timestamp()),
        }
    }

    /// `2026-11`.
    fn name(&self) -> String {
        self.start.strftime("%Y-%m").to_string()
    }
}

impl Store {
    /// What a user used of a month.
    pub async fn usage(&self, user: &UserId, metric: Metric, period: &Period) -> Result<Usage, Error> {
        let item = self.get(&Key::usage(user, metric.as_str(), &period.name())).await?;
        Ok(item.map(|item| usage_from_item(&item)).unwrap_or_default())
    }

    /// Reserves one of this month's `limit` (none is no limit) for an operation, if it has no reservation yet or gave it back.
    pub async fn reserve_quota(
        &self,
        user: &UserId,
        metric: Metric,
        operation: &str,
        limit: Option<u32>,
        now: Timestamp,
    ) -> Result<Reserve, Error> {
        let Reservation { hold, count, place } = reserving(user, metric, operation, limit, now);
        match self.transact(vec![hold, count]).await? {
            Transacted::Done => Ok(Reserve::Held),
            Transacted::Refused(reasons) if reasons.first() == Some(&true) => {
                let known = self.get(&Key::reservation(user, operation)).await?;
                match known.as_ref().and_then(|item| text_in(item, "state")) {
                    Some(HELD) => Ok(Reserve::Held),
                    Some(DONE | DONE_LATE) => Ok(Reserve::Done),
                    // Given back between the two calls: whoever asks again is answered.
                    _ => Err(Error::Conflict),
                }
            }
            Transacted::Refused(_) => {
                let item = self.get(&place).await?;
                Ok(Reserve::Full(item.map(|item| usage_from_item(&item)).unwrap_or_default()))
            }
        }
    }

    /// Counts an operation as used: it succeeded. Once, however often it is said. One that was given back counts too, even
    /// beyond the limit: what happened, happened. [`Error::Missing`] if it was never reserved.
    pub async fn commit_quota(&self, user: &UserId, operation: &str) -> Result<(), Error> {
        loop {
            let reservation = self.reservation(user, operation).await?.ok_or(Error::Missing)?;
            let writes = reservation.ending(true);
            if writes.is_empty() || self.transact(writes).await? == Transacted::Done {
                if reservation.state == FREED {
                    tracing::error!(user.id = %user, operation, "it succeeded after its reservation was given back");
                }
                return Ok(());
            }
        }
    }

    /// Gives a reservation back: the operation certainly did not succeed. One that is counted stays so.
    pub async fn release_quota(&self, user: &UserId, operation: &str) -> Result<(), Error> {
        let writes =
            self.reservation(user, operation).await?.map(|known| known.ending(false)).unwrap_or_default();
        if writes.is_empty() { Ok(()) } else { self.transact(writes).await.map(drop) }
    }

    pub(crate) async fn reservation(&self, user: &UserId, operation: &str) -> Result<Option<Known>, Error> {
        let place = Key::reservation(user, operation);
        let Some(item) = self.get(&place).await? else { return Ok(None) };
        let [state, metric, period] = ["state", "metric", "period"].map(|name| text_in(&item, name));
        let (Some(state), Some(metric), Some(period)) = (state, metric, period) else {
            return Err(Error::Corrupt("reservation"));
        };
        let (state, usage) = (state.to_owned(), Key::usage(user, metric, period));
        Ok(Some(Known { place, state, usage, item }))
    }
}

/// The writes that reserve one of this month's.
pub(crate) struct Reservation {
    /// Refused when the operation has a reservation already.
    pub(crate) hold: Write,
    /// Refused when the limit is reached.
    pub(crate) count: Write,
    /// Where the month is counted.
    pub(crate) place: Key,
}

pub(crate) fn reserving(
    user: &UserId,
    metric: Metric,
    operation: &str,
    limit: Option<u32>,
    now: Timestamp,
) -> Reservation {
    let period = Period::of(now);
    let place = Key::usage(user, metric.as_str(), &period.name());
    let expires = later(now, REMEMBERED).as_second();
    let hold = "SET #state = :held, #period = :period, #metric = :metric, #expires_at = :expires";
    let hold = Write::update(Key::reservation(user, operation), hold)
        .when("attribute_not_exists(#pk) OR #state = :freed")
        .text(":held", HELD)
        .text(":freed", FREED)
        .text(":period", period.name())
        .text(":metric", metric.as_str())
        .number(":expires", expires);
    let count = Write::update(place.clone(), "SET #expires_at = :expires ADD #held :one")
        .number(":one", 1)
        .number(":expires", expires);
    let count = match limit {
        // A month nobody used has room unless there is none at all.
        Some(limit) => {
            let unused = if limit > 0 { "attribute_not_exists(#held) OR " } else { "" };
            count.when(format!("{unused}#held < :limit")).number(":limit", limit)
        }
        None => count,
    };
    Reservation { hold, count, place }
}

/// A reservation as it was read.
pub(crate) struct Known {
    place: Key,
    state: String,
    /// Where its month is counted.
    usage: Key,
    item: Item,
}

impl Known {
    fn deciding(&self, to: &str, count: &str) -> [Write; 2] {
        let reservation = Write::update(self.place.clone(), "SET #state = :to")
            .when_unchanged(Some(&self.item))
            .text(":to", to);
        let mut usage = Write::update(self.usage.clone(), count);
        for (name, by) in [(":one", 1), (":less", -1)] {
            if count.contains(name) {
                usage = usage.number(name, by);
            }
        }
        [reservation, usage]
    }

    /// The writes that count the operation as used, or give its reservation back; none where that is done.
    pub(crate) fn ending(&self, succeeded: bool) -> Vec<Write> {
        match (self.state.as_str(), succeeded) {
            (HELD, true) => self.deciding(DONE, "ADD #used :one").into(),
            (FREED, true) => self.deciding(DONE_LATE, "ADD #used :one, #held :one").into(),
            (HELD, false) => self.deciding(FREED, "ADD #held :less").into(),
            _ => Vec::new(),
        }
    }
}

/// In the table, `held` counts what succeeded too: the limit is compared with one number.
pub(crate) fn usage_from_item(item: &Item) -> Usage {
    let [used, held] = ["used", "held"].map(|name| u32::try_from(number_in(item, name)).unwrap_or_default());
    Usage { used, held: held.saturating_sub(used) }
}
