//! Dates and times as they stand in bodies: ISO 8601, with or without an offset.

use jiff::{Timestamp, civil, tz::TimeZone};

/// A date, or a date and time with or without an offset, as ISO 8601 writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Day(civil::Date),
    Local(civil::DateTime),
    Instant(Timestamp, civil::DateTime, String),
}

impl Moment {
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() == 10 {
            return text.parse().ok().map(Self::Day);
        }
        if text.as_bytes().get(10) != Some(&b'T') {
            return None;
        }
        let (local, offset) = match text.find(['Z', '+']).or_else(|| text.rfind('-').filter(|at| *at > 10)) {
            Some(at) => text.split_at_checked(at)?,
            None => (text, ""),
        };
        let local: civil::DateTime = local.parse().ok()?;
        if offset.is_empty() {
            return Some(Self::Local(local));
        }
        let offset = if offset == "Z" { "+00:00" } else { offset };
        text.parse().ok().map(|instant| Self::Instant(instant, local, offset.to_owned()))
    }

    pub(super) fn is_day(&self) -> bool {
        matches!(self, Self::Day(_))
    }

    pub(super) fn has_offset(&self) -> bool {
        matches!(self, Self::Instant(..))
    }

    /// The instant meant, days and local times taken in UTC.
    pub(super) fn instant(&self) -> Timestamp {
        let utc = |local: civil::DateTime| {
            local.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).unwrap_or_default()
        };
        match self {
            Self::Day(day) => utc(day.to_datetime(civil::Time::midnight())),
            Self::Local(local) => utc(*local),
            Self::Instant(instant, ..) => *instant,
        }
    }

    /// As answers carry it.
    pub(super) fn render(&self, with_offset: bool) -> String {
        match self {
            Self::Day(day) => day.to_string(),
            Self::Local(local) if with_offset => format!("{}+00:00", local.strftime("%Y-%m-%dT%H:%M:%S.000")),
            Self::Local(local) => local.strftime("%Y-%m-%dT%H:%M:%S.000").to_string(),
            Self::Instant(_, local, offset) => format!("{}{offset}", local.strftime("%Y-%m-%dT%H:%M:%S.000")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_dates_or_times_and_nothing_else() {
        for text in
            ["2026-11-21", "2026-11-21T08:00", "2026-11-21T08:00:00Z", "2026-11-21T08:00:00.000-05:00"]
        {
            assert!(Moment::read(text).is_some(), "{text}");
        }
        for text in ["", "tomorrow", "21.11.2026", "2026-13-01", "2026-11-21 08:00", "2026-11-21T25:00:00Z"] {
            assert!(Moment::read(text).is_none(), "{text}");
        }
        assert_eq!(
            Moment::read("2026-11-21T08:00:00Z").unwrap().render(true),
            "2026-11-21T08:00:00.000+00:00"
        );
    }
}
