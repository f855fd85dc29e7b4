//! Data keys in the clear, for a short while: at most five minutes and a thousand uses each, wiped when they go.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroizing;

const LIFE: SignedDuration = SignedDuration::from_mins(5);
const USES: u32 = 1_000;
const MOST: usize = 256;

/// 256 bits in the clear.
pub(crate) type DataKey = Zeroizing<[u8; 32]>;

/// The cache, by the hash of the wrapped key.
#[derive(Default)]
pub(crate) struct DataKeys {
    kept: HashMap<Vec<u8>, Kept>,
}

struct Kept {
    key: DataKey,
    until: Timestamp,
    uses_left: u32,
}

impl DataKeys {
    /// The key that was wrapped so, if it is known and still fresh. Counts as a use.
    pub(crate) fn take_use(&mut self, wrapped: &[u8], now: Timestamp) -> Option<DataKey> {
        self.forget_stale(now);
        let kept = self.kept.get_mut(&name(wrapped))?;
        kept.uses_left = kept.uses_left.saturating_sub(1);
        Some(kept.key.clone())
    }

    /// Remembers a key. The one that would go first makes room.
    pub(crate) fn keep(&mut self, wrapped: &[u8], key: &DataKey, now: Timestamp) {
        self.forget_stale(now);
        if self.kept.len() >= MOST {
            let first = self.kept.iter().min_by_key(|(_, kept)| kept.until).map(|(name, _)| name.clone());
            first.and_then(|name| self.kept.remove(&name));
        }
        let until = now.saturating_add(LIFE).unwrap_or(now);
        self.kept.insert(name(wrapped), Kept { key: key.clone(), until, uses_left: USES });
    }

    /// A key is stale at the end of its life, when it is used up, and when the clock went back behind its beginning.
    fn forget_stale(&mut self, now: Timestamp) {
        let fresh = |kept: &Kept| now < kept.until && kept.until.duration_since(now) <= LIFE;
        self.kept.retain(|_, kept| kept.uses_left > 0 && fresh(kept));
    }
}

fn name(wrapped: &[u8]) -> Vec<u8> {
    digest(&SHA256, wrapped).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn kept() -> DataKeys {
        let mut keys = DataKeys::default();
        keys.keep(b"wrapped", &Zeroizing::new([1; 32]), NOW);
        keys
    }

    #[test]
    fn a_key_is_forgotten_after_five_minutes() {
        let mut keys = kept();
        assert!(keys.take_use(b"wrapped", NOW + SignedDuration::from_secs(299)).is_some());
        assert!(keys.take_use(b"wrapped", NOW + SignedDuration::from_secs(300)).is_none());
    }

    #[test]
    fn a_key_is_forgotten_after_a_thousand_uses() {
        let mut keys = kept();
        let uses = (0..2_000).filter(|_| keys.take_use(b"wrapped", NOW).is_some()).count();
        assert_eq!(uses, 1_000);
    }

    #[test]
    fn a_clock_set_back_does_not_lengthen_a_keys_life() {
        let mut keys = kept();
        assert!(keys.take_use(b"wrapped", NOW - SignedDuration::from_secs(1)).is_none());
    }

    #[test]
    fn there_is_room_for_so_many_keys_and_the_oldest_goes_first() {
        let mut keys = kept();
        for number in 0..MOST {
            let later = NOW + SignedDuration::from_secs(1);
            keys.keep(&number.to_be_bytes(), &Zeroizing::new([2; 32]), later);
        }
        assert_eq!(keys.kept.len(), MOST);
        assert!(keys.take_use(b"wrapped", NOW + SignedDuration::from_secs(1)).is_none());
    }
}
