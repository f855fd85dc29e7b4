//! When events begin and end: a day, or an instant with a time zone.

use super::refusal::Refusal;
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use serde_json::{Value, json};

/// A time zone by its name in the IANA database.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    /// The zone of exactly this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let rules = TimeZone::get(name).ok()?;
        (rules.iana_name() == Some(name)).then(|| Self { name: name.to_owned(), rules })
    }

    /// UTC without a database.
    pub(super) fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The instant at which it is `local` here. A time that a clock change skips is later by what was skipped, one that
    /// it repeats is the first of the two, as RFC 5545 (3.3.5) says.
    fn instant(&self, local: DateTime) -> Option<Timestamp> {
        self.rules.to_ambiguous_timestamp(local).compatible().ok()
    }

    /// The first instant of a day.
    pub(super) fn midnight(&self, day: Date) -> Timestamp {
        self.instant(day.to_datetime(Time::midnight())).unwrap_or_default()
    }

    /// An instant as RFC 3339 text with the offset of this zone.
    fn text(&self, at: Timestamp) -> String {
        let here = at.to_zoned(self.rules.clone());
        let local = here.strftime("%Y-%m-%dT%H:%M:%S");
        if here.offset().is_zero() { format!("{local}Z") } else { format!("{local}{}", here.strftime("%:z")) }
    }
}

/// The beginning or the end of an event.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Edge {
    Day(Date),
    Moment(Timestamp, Zone),
}

impl Edge {
    /// Reads `start` or `end`, which is called `name`. A time without a zone belongs to the calendar's.
    pub(super) fn read(value: &Value, name: &str, calendar: &Zone) -> Result<Self, Refusal> {
        let given = |key: &str| value.get(key).filter(|value| !value.is_null());
        let invalid = || Refusal::invalid(format!("Invalid {name} time."));
        if !value.is_object() {
            return Err(invalid());
        }
        let zone = match given("timeZone") {
            None => None,
            Some(zone) => {
                let known = zone.as_str().and_then(Zone::named);
                let unknown = || Refusal::invalid(format!("Invalid time zone definition for {name} time."));
                Some(known.ok_or_else(unknown)?)
            }
        };
        match (given("date"), given("dateTime")) {
            (Some(day), None) => {
                let text = day.as_str().ok_or_else(invalid)?;
                let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
                day.map(Self::Day).ok_or_else(|| bad_format(text))
            }
            (None, Some(time)) => {
                let text = time.as_str().ok_or_else(invalid)?;
                let at = match read_time(text).ok_or_else(|| bad_format(text))? {
                    Time3339::Instant(at) => at,
                    Time3339::Local(local) => {
                        let missing =
                            || Refusal::required(format!("Missing time zone definition for {name} time."));
                        zone.as_ref().ok_or_else(missing)?.instant(local).ok_or_else(|| bad_format(text))?
                    }
                };
                Ok(Self::Moment(at, zone.unwrap_or_else(|| calendar.clone())))
            }
            _ => Err(invalid()),
        }
    }

    pub(super) fn is_day(&self) -> bool {
        matches!(self, Self::Day(_))
    }

    /// The instant meant; a day begins at midnight of the calendar's zone.
    pub(super) fn instant(&self, calendar: &Zone) -> Timestamp {
        match self {
            Self::Day(day) => calendar.midnight(*day),
            Self::Moment(at, _) => *at,
        }
    }

    /// As answers carry it, in the zone of whoever asks.
    pub(super) fn render(&self, asked: &Zone) -> Value {
        match self {
            Self::Day(day) => json!({"date": day.to_string()}),
            Self::Moment(at, zone) => json!({"dateTime": asked.text(*at), "timeZone": zone.name()}),
        }
    }
}

fn bad_format(text: &str) -> Refusal {
    Refusal::invalid(format!("Invalid value for: Invalid format: \"{text}\""))
}

/// What RFC 3339 text may mean. The offset is missing where a time zone is given beside it.
#[derive(Debug, PartialEq)]
pub(super) enum Time3339 {
    Instant(Timestamp),
    Local(DateTime),
}

/// Reads a time. Seconds must be there, their fractions are dropped.
pub(super) fn read_time(text: &str) -> Option<Time3339> {
    let (local, rest) = text.split_at_checked(19)?;
    if local.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let local: DateTime = local.parse().ok()?;
    let fraction =
        rest.strip_prefix('.').map_or(0, |digits| 1 + digits.bytes().take_while(u8::is_ascii_digit).count());
    let offset = rest.get(fraction..)?;
    if fraction == 1 {
        return None;
    }
    match offset.as_bytes() {
        [] => Some(Time3339::Local(local)),
        [b'Z'] | [b'+' | b'-', _, _, b':', _, _] => {
            format!("{local}{offset}").parse().ok().map(Time3339::Instant)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    fn read(value: &Value) -> Result<Value, String> {
        let berlin = zone("Europe/Berlin");
        let edge = Edge::read(value, "start", &berlin).map_err(|refusal| refusal.message)?;
        Ok(edge.render(&berlin))
    }

    #[test]
    fn times_are_told_in_the_zone_of_the_calendar_and_keep_their_own_zones_name() {
        let given = json!({"dateTime": "2026-11-23T09:00:00", "timeZone": "America/New_York"});
        let told = json!({"dateTime": "2026-11-23T15:00:00+01:00", "timeZone": "America/New_York"});
        assert_eq!(read(&given), Ok(told));
        let given = json!({"dateTime": "2026-11-23T09:00:00.250Z"});
        let told = json!({"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "Europe/Berlin"});
        assert_eq!(read(&given), Ok(told));
    }

    #[test]
    fn an_offset_counts_more_than_the_zone_beside_it() {
        let given = json!({"dateTime": "2026-11-23T09:00:00+09:00", "timeZone": "America/New_York"});
        assert_eq!(read(&given).unwrap()["dateTime"], "2026-11-23T01:00:00+01:00");
    }

    #[test]
    fn skipped_times_are_later_and_repeated_ones_the_first() {
        let at = |text: &str| {
            read(&json!({"dateTime": text, "timeZone": "Europe/Berlin"})).unwrap()["dateTime"].clone()
        };
        assert_eq!(at("2026-03-29T02:30:00"), "2026-03-29T03:30:00+02:00");
        assert_eq!(at("2026-10-25T02:30:00"), "2026-10-25T02:30:00+02:00");
    }

    #[test]
    fn what_is_not_one_time_is_refused_with_its_reason() {
        let refused = |value: Value| read(&value).unwrap_err();
        assert_eq!(refused(json!({})), "Invalid start time.");
        assert_eq!(
            refused(json!({"date": "2026-11-23", "dateTime": "2026-11-23T09:00:00Z"})),
            "Invalid start time."
        );
        assert_eq!(refused(json!("2026-11-23")), "Invalid start time.");
        assert_eq!(
            refused(json!({"dateTime": "2026-11-23T09:00:00"})),
            "Missing time zone definition for start time."
        );
        for wrong in ["Mars/Olympus", "europe/berlin", "GMT+25", ""] {
            let value = json!({"dateTime": "2026-11-23T09:00:00", "timeZone": wrong});
            assert_eq!(refused(value), "Invalid time zone definition for start time.");
        }
        for wrong in [
            "2026-11-23T09:00Z",
            "2026-11-23 09:00:00Z",
            "2026-11-31T09:00:00Z",
            "2026-11-23T09:00:00.Z",
            "2026-11-23T09:00:00+1",
            "soon",
        ] {
            assert!(refused(json!({"dateTime": wrong})).starts_with("Invalid value for"), "{wrong}");
        }
        assert!(refused(json!({"date": "2026-11-23T00:00:00Z"})).starts_with("Invalid value for"));
    }
}
