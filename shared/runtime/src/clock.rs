//! The wall clock, as a value: read once at the edge of an invocation and again after a long wait.
//!
//! Leases and claims are kept in the table by instances on many machines, so they must mean the same time. Each answer of the
//! table says what time it is there; a clock that is more than a second or so off is put right by it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_sdk_dynamodb::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};

/// HTTP dates have whole seconds, and the answer was some time on its way.
const UNNOTICED_MS: std::ops::RangeInclusive<i64> = -1_000..=3_000;
/// Where in its second a date is taken to be.
const MIDDLE_MS: i64 = 500;

/// Tells the time. The simulation hands in a virtual one.
#[derive(Clone)]
pub struct Clock {
    machine: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    behind_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
        Self::from_fn(Timestamp::now)
    }

    /// A clock that asks `now`.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { machine: Arc::new(now), behind_ms: Arc::default() }
    }

    /// The present, as all instances have it, in whole milliseconds: what is answered at once is then what is read later.
    pub fn now(&self) -> Timestamp {
        let behind = SignedDuration::from_millis(self.behind_ms.load(Ordering::Relaxed));
        let machine = self.machine();
        let now = machine.saturating_add(behind).unwrap_or(machine);
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// The present as this machine has it: Lambda's deadlines are meant so.
    pub(crate) fn machine(&self) -> Timestamp {
        (self.machine)()
    }

    /// Takes notice of the time elsewhere, in whole seconds.
    fn compare(&self, elsewhere: Timestamp) {
        let ahead = elsewhere.duration_until(self.now()).as_millis();
        if i64::try_from(ahead).is_ok_and(|ahead| UNNOTICED_MS.contains(&ahead)) {
            return;
        }
        let behind = self.machine().duration_until(elsewhere).as_millis().saturating_add(MIDDLE_MS.into());
        self.behind_ms.store(i64::try_from(behind).unwrap_or_default(), Ordering::Relaxed);
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}

/// Puts the clock right by the dates of a service's answers.
#[derive(Debug)]
pub(crate) struct ByAnswers(pub(crate) Clock);

impl Intercept for ByAnswers {
    fn name(&self) -> &'static str {
        "ByAnswers"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        if let Some(date) = date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok()) {
            self.0.compare(date);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: f64) -> Timestamp {
        let exact = Timestamp::UNIX_EPOCH + SignedDuration::from_secs_f64(1_795_000_000.0 + second);
        Timestamp::from_millisecond(exact.as_millisecond()).unwrap()
    }

    #[test]
    fn a_clock_that_is_off_is_put_right_and_a_good_one_left_alone() {
        // Machine, date of the answer, and what the clock says then: all in seconds.
        for (machine, date, says) in [
            (10.0, 10.0, 10.0),
            (10.9, 10.0, 10.9),
            (12.9, 10.0, 12.9),
            (9.1, 10.0, 9.1),
            (100.0, 10.0, 10.5),
            (-100.0, 10.0, 10.5),
            (14.0, 10.0, 10.5),
        ] {
            let clock = Clock::from_fn(move || at(machine));
            clock.compare(at(date));
            assert_eq!(clock.now(), at(says), "{machine} {date}");
            assert_eq!(clock.machine(), at(machine));
        }
    }

    #[test]
    fn the_time_has_whole_milliseconds() {
        let exact = Timestamp::new(1_795_000_000, 961_286_226).unwrap();
        assert_eq!(Clock::from_fn(move || exact).now(), Timestamp::new(1_795_000_000, 961_000_000).unwrap());
    }

    #[test]
    fn a_clock_that_was_put_right_stays_so() {
        let clock = Clock::from_fn(|| at(100.0));
        clock.compare(at(10.0));
        clock.compare(at(9.0));
        assert_eq!(clock.now(), at(10.5));
        clock.compare(at(100.0));
        assert_eq!(clock.now(), at(100.5));
    }
}
