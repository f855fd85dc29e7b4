//! How long a provider asks us to stay away.

use std::time::Duration;

use http::{HeaderMap, header};
use jiff::{Timestamp, fmt::rfc2822};

/// A day: whoever asks for more is asked again tomorrow.
const LONGEST: Duration = Duration::from_hours(24);

/// The wait in `Retry-After`: seconds, or a date counted from the answer's own `Date`. `None` when there is no sense in it.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return wait_from_seconds(seconds);
    }
    let until = date(value)?;
    let sent = date(headers.get(header::DATE)?.to_str().ok()?)?;
    Some(Duration::try_from(until.duration_since(sent)).unwrap_or_default().min(LONGEST))
}

/// A wait of so many seconds, at most a day. `None` when there is no sense in it.
pub(crate) fn wait_from_seconds(seconds: f64) -> Option<Duration> {
    (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64())))
}

fn date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(header::DATE, "Sat, 21 Nov 2026 08:00:00 GMT".parse().unwrap());
        headers.insert(header::RETRY_AFTER, value.parse().unwrap());
        retry_after(&headers)
    }

    #[test]
    fn seconds_and_dates_are_understood() {
        assert_eq!(wait("5"), Some(Duration::from_secs(5)));
        assert_eq!(wait("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(wait("Sat, 21 Nov 2026 08:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(wait("Sat, 21 Nov 2026 07:00:00 GMT"), Some(Duration::ZERO));
    }

    #[test]
    fn nonsense_is_no_wait_at_all() {
        for value in ["-1", "soon", "", "NaN", "5 minutes", "Sat, 99 Nov 2026 08:00:30 GMT"] {
            assert_eq!(wait(value), None, "{value}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn a_huge_wait_is_a_day() {
        for value in ["99999999999", "inf", "1e300", "Sat, 21 Nov 2099 08:00:30 GMT"] {
            assert_eq!(wait(value), Some(LONGEST), "{value}");
        }
    }
}
