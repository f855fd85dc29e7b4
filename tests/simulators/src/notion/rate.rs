//! The request budget: a fixed number per connection in a window of 60 seconds.

use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

const WINDOW_MS: i64 = 60_000;

/// The windows that are open.
#[derive(Clone, Debug, Default)]
pub(super) struct Rate(BTreeMap<Uuid, (i64, u32)>);

impl Rate {
    /// Counts a request, or says in how many seconds the next window opens.
    pub(super) fn admit(&mut self, bot: Uuid, now: Timestamp, budget: u32) -> Result<(), i64> {
        let now_ms = now.as_millisecond();
        let (opened, used) = self.0.entry(bot).or_insert((now_ms, 0));
        if now_ms - *opened >= WINDOW_MS {
            (*opened, *used) = (now_ms, 0);
        }
        if *used >= budget {
            let left_ms = WINDOW_MS - (now_ms - *opened);
            return Err((left_ms + 999) / 1000);
        }
        *used += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_per_connection_and_returns_with_the_next_window() {
        let mut rate = Rate::default();
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(rate.admit(one, at(0), 2), Ok(()));
        assert_eq!(rate.admit(one, at(1), 2), Ok(()));
        assert_eq!(rate.admit(one, at(10_500), 2), Err(50));
        assert_eq!(rate.admit(other, at(10_500), 2), Ok(()));
        assert_eq!(rate.admit(one, at(59_999), 2), Err(1));
        assert_eq!(rate.admit(one, at(60_000), 2), Ok(()));
    }
}
