//! The quota: units in any 60 seconds, of each person and of the project.

use super::config::GoogleLimits;
use jiff::Timestamp;
use std::collections::{BTreeMap, VecDeque};

const WINDOW_MS: i64 = 60_000;

/// What was spent within the last minute: when, and how many units.
#[derive(Clone, Debug, Default)]
struct Window(VecDeque<(i64, u32)>);

impl Window {
    fn spent(&mut self, now_ms: i64) -> u32 {
        while self.0.front().is_some_and(|(at, _)| now_ms - at >= WINDOW_MS) {
            self.0.pop_front();
        }
        self.0.iter().map(|(_, units)| units).sum()
    }
}

/// The windows of all.
#[derive(Clone, Debug, Default)]
pub(super) struct Quota {
    people: BTreeMap<String, Window>,
    project: Window,
}

impl Quota {
    /// Spends the units of a call. `false` when there are not enough left; then none are spent.
    pub(super) fn admit(&mut self, sub: &str, units: u32, now: Timestamp, limits: &GoogleLimits) -> bool {
        let now_ms = now.as_millisecond();
        let person = self.people.entry(sub.to_owned()).or_default();
        if person.spent(now_ms) + units > limits.units_per_minute
            || self.project.spent(now_ms) + units > limits.project_units_per_minute
        {
            return false;
        }
        person.0.push_back((now_ms, units));
        self.project.0.push_back((now_ms, units));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_come_back_one_minute_after_they_were_spent() {
        let limits = GoogleLimits { units_per_minute: 4, project_units_per_minute: 6, ..Default::default() };
        let mut quota = Quota::default();
        let mut admit =
            |sub, units, ms| quota.admit(sub, units, Timestamp::from_millisecond(ms).unwrap(), &limits);
        assert!(admit("a", 3, 0));
        assert!(admit("a", 1, 30_000));
        assert!(!admit("a", 1, 59_999), "the window slides: nothing came back yet");
        assert!(admit("a", 3, 60_000), "the first three came back, the fourth did not");
        assert!(!admit("a", 1, 60_001));
        assert!(admit("b", 2, 60_001), "another person has units of their own");
        assert!(!admit("b", 1, 60_002), "but not more than the project");
    }
}
