//! What a user may do so many times a month: counted exactly, whoever asks at once and whatever is repeated.
//!
//! What counts is a job: one is reserved together with the job's creation, and counted as used or given back together with
//! its end. It belongs to the month in which the job was created.

use domain::UserId;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::key::Key;
use crate::row::{Item, later, number_in};
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

/// How long a month is remembered: its rest, and a year to look at.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 400);

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
}

/// Where a user's month is counted.
pub(crate) fn place(user: &UserId, metric: Metric, begun_at: Timestamp) -> Key {
    Key::usage(user, metric.as_str(), &Period::of(begun_at).name())
}

/// Takes one of the month's number; refused when the limit is reached.
pub(crate) fn reserving(place: Key, limit: Option<u32>, now: Timestamp) -> Write {
    let count = Write::update(place, "SET #expires_at = :expires ADD #held :one")
        .number(":one", 1)
        .number(":expires", later(now, REMEMBERED).as_second());
    match limit {
        // A month nobody used has room unless there is none at all.
        Some(limit) => {
            let unused = if limit > 0 { "attribute_not_exists(#held) OR " } else { "" };
            count.when(format!("{unused}#held < :limit")).number(":limit", limit)
        }
        None => count,
    }
}

/// Counts what was reserved as used, or gives it back.
pub(crate) fn deciding(place: Key, succeeded: bool) -> Write {
    if succeeded {
        Write::update(place, "ADD #used :one").number(":one", 1)
    } else {
        Write::update(place, "ADD #held :less").number(":less", -1)
    }
}

/// Counts as used what was given back already, whatever the limit says: it was done.
pub(crate) fn counting_late(place: Key) -> Write {
    Write::update(place, "ADD #held :one, #used :one").number(":one", 1)
}

/// In the table, `held` counts what succeeded too: the limit is compared with one number.
pub(crate) fn usage_from_item(item: &Item) -> Usage {
    let [used, held] = ["used", "held"].map(|name| u32::try_from(number_in(item, name)).unwrap_or_default());
    Usage { used, held: held.saturating_sub(used) }
}
