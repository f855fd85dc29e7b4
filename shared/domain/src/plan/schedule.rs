//! When a task takes place: from one local time to another, or on whole days.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::FieldError;

/// The rules that the program was built with: the same on every machine, and Lambda has none on its disk.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// When a task takes place: either timed, with `start`, or on whole days, with `date`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Timed: the local time at which it begins. One that a clock change skips is refused; of one that a clock change repeats the
    /// first is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        example = "2026-11-23T09:00",
        pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"
    )]
    pub start: Option<String>,
    /// Timed: the local time at which it ends, read as `start` is. Without it the task's `minutes` say how long it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        example = "2026-11-23T09:45",
        pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"
    )]
    pub end: Option<String>,
    /// Timed: the IANA time zone of both; the plan's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Europe/Berlin")]
    pub time_zone: Option<String>,
    /// Whole days: the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    pub date: Option<String>,
    /// Whole days: the last one, which still belongs to it; the first one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    pub end_date: Option<String>,
}

/// The exact time of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// From one instant to a later one.
    Timed {
        /// When it begins.
        start: Timestamp,
        /// When it ends.
        end: Timestamp,
    },
    /// On whole days, wherever one is.
    AllDay {
        /// The first day.
        first: Date,
        /// The last day, which still belongs to it.
        last: Date,
    },
}

/// Whether this is the name of a time zone, in the spelling of the IANA database.
pub fn is_time_zone(name: &str) -> bool {
    zone(name).is_some()
}

pub(super) fn zone(name: &str) -> Option<TimeZone> {
    // The database finds names in any case; providers do not.
    ZONES.get(name).ok().filter(|zone| zone.iana_name() == Some(name) && !zone.is_unknown())
}

impl Schedule {
    /// The exact time in a plan of this time zone, for a task of so many minutes; otherwise what is wrong, with pointers
    /// into the schedule. That is nothing where only the plan's time zone or the task's minutes are wrong.
    pub fn span(&self, plan_zone: Option<&str>, minutes: Option<u32>) -> Result<Span, Vec<FieldError>> {
        let mut wrong = Wrong::default();
        let span = match (&self.start, &self.date) {
            (Some(start), _) => self.timed(start, plan_zone, minutes, &mut wrong),
            (None, Some(date)) => self.all_day(date, &mut wrong),
            (None, None) => wrong.schedule("", "Needs a start, or a date."),
        };
        match span {
            Some(span) if wrong.0.is_empty() => Ok(span),
            _ => Err(wrong.0),
        }
    }

    /// When it begins and when it ends: days, or times with the offset that holds then; nothing if it is not valid. One day has no
    /// end.
    pub fn times(&self, plan_zone: Option<&str>, minutes: Option<u32>) -> Option<(String, Option<String>)> {
        match self.span(plan_zone, minutes).ok()? {
            Span::AllDay { first, last } => {
                Some((first.to_string(), (last != first).then(|| last.to_string())))
            }
            Span::Timed { start, end } => {
                let zone = zone(self.time_zone.as_deref().or(plan_zone)?)?;
                let local =
                    |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
                Some((local(start), Some(local(end))))
            }
        }
    }

    fn timed(
        &self,
        start: &str,
        plan_zone: Option<&str>,
        minutes: Option<u32>,
        wrong: &mut Wrong,
    ) -> Option<Span> {
        for (pointer, field) in [("/date", &self.date), ("/end_date", &self.end_date)] {
            if field.is_some() {
                wrong.schedule::<()>(pointer, "Has no place beside a start.");
            }
        }
        let start = wrong.local_time("/start", start);
        let end = self.end.as_deref().map(|end| wrong.local_time("/end", end));
        if end.is_none() && minutes.is_none() {
            wrong.schedule::<()>("", "Needs an end, or a task with minutes.");
        }
        let zone = self.zone(plan_zone, wrong)?;
        let start = start.and_then(|start| wrong.instant("/start", start, &zone));
        let end = if let Some(end) = end {
            wrong.instant("/end", end?, &zone)?
        } else {
            let length = SignedDuration::from_mins(minutes.filter(|minutes| *minutes > 0)?.into());
            start?.checked_add(length).ok().or_else(|| wrong.schedule("/start", "Is too late."))?
        };
        let start = start?;
        if end <= start {
            return wrong.schedule("/end", "Must be after the start.");
        }
        Some(Span::Timed { start, end })
    }

    fn zone(&self, plan_zone: Option<&str>, wrong: &mut Wrong) -> Option<TimeZone> {
        match (self.time_zone.as_deref(), plan_zone) {
            (Some(name), _) => zone(name).or_else(|| wrong.zone()),
            // An unknown time zone of the plan is an error of the plan.
            (None, Some(name)) => zone(name),
            (None, None) => wrong.schedule("", "Needs a time zone, here or in the plan."),
        }
    }

    fn all_day(&self, date: &str, wrong: &mut Wrong) -> Option<Span> {
        for (pointer, field) in [("/end", &self.end), ("/time_zone", &self.time_zone)] {
            if field.is_some() {
                wrong.schedule::<()>(pointer, "Has no place beside a date.");
            }
        }
        let first = wrong.date("/date", date);
        let last = self.end_date.as_deref().map_or(first, |date| wrong.date("/end_date", date));
        let (first, last) = (first?, last?);
        if last < first {
            return wrong.schedule("/end_date", "Must not be before the date.");
        }
        Some(Span::AllDay { first, last })
    }
}

/// What is wrong with a schedule. Its methods answer none, so that whoever has to give up can return them.
#[derive(Default)]
struct Wrong(Vec<FieldError>);

impl Wrong {
    fn refuse<T>(&mut self, pointer: &str, code: &'static str, detail: &str) -> Option<T> {
        self.0.push(FieldError { pointer: pointer.to_owned(), code, detail: detail.to_owned() });
        None
    }

    fn schedule<T>(&mut self, pointer: &str, detail: &str) -> Option<T> {
        self.refuse(pointer, "invalid_schedule", detail)
    }

    fn zone<T>(&mut self) -> Option<T> {
        self.refuse("/time_zone", "invalid_time_zone", "Must be the name of an IANA time zone.")
    }

    fn date(&mut self, pointer: &str, text: &str) -> Option<Date> {
        let date = has_form(text, "0000-00-00").then(|| text.parse().ok()).flatten();
        date.or_else(|| self.schedule(pointer, "Must be a day, written YYYY-MM-DD."))
    }

    fn local_time(&mut self, pointer: &str, text: &str) -> Option<DateTime> {
        let has_form = has_form(text, "0000-00-00T00:00") || has_form(text, "0000-00-00T00:00:00");
        // The sixtieth second would be read as the one before.
        let time = (has_form && !text.ends_with(":60")).then(|| text.parse().ok()).flatten();
        time.or_else(|| {
            self.schedule(pointer, "Must be a local time, written YYYY-MM-DDTHH:MM, without an offset.")
        })
    }

    /// The instant at which clocks show this, the first of two.
    fn instant(&mut self, pointer: &str, local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
        let ambiguous = zone.to_ambiguous_timestamp(local);
        if let AmbiguousOffset::Gap { .. } = ambiguous.offset() {
            return self.schedule(pointer, "Does not exist: clocks are set forward over it.");
        }
        ambiguous.earlier().ok().or_else(|| self.schedule(pointer, "Is out of range."))
    }
}

/// Whether the text has a digit wherever the form has one, and is the same elsewhere.
fn has_form(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            _ => byte == wanted,
        })
}

#[cfg(test)]
mod tests;
