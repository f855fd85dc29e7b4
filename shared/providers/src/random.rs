//! Randomness as an argument, so that a run can be replayed from its seed.

use std::{fmt, sync::Arc};

use aws_lc_rs::rand;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use uuid::Uuid;

/// A source of random bytes.
#[derive(Clone)]
pub struct Random(Arc<Fill>);

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

impl fmt::Debug for Random {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Random")
    }
}

impl Random {
    /// Bytes from `fill`, which must overwrite the whole slice.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// Bytes from the operating system, fit for secrets.
    ///
    /// # Panics
    /// When the operating system has no random bytes: nothing secret can be made then.
    pub fn system() -> Self {
        Self::new(|bytes| assert!(rand::fill(bytes).is_ok(), "the operating system gives no random bytes"))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.0)(&mut bytes);
        bytes
    }

    /// A 256-bit token in 43 URL-safe characters.
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// `N` random bytes as lower-case hexadecimal.
    pub fn hex<const N: usize>(&self) -> String {
        crate::signature::hex(&self.bytes::<N>())
    }

    /// A random UUID (version 4).
    pub fn uuid_v4(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// A UUID that sorts by `now` (version 7). It tells its time, so it is no secret.
    pub fn uuid_v7(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// A fraction in `0.0..1.0`.
    pub fn jitter(&self) -> f64 {
        f64::from(u32::from_be_bytes(self.bytes())) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_make_the_same_tokens() {
        let fixed = Random::new(|bytes| bytes.fill(0xa5));
        assert_eq!(fixed.hex::<4>(), "a5a5a5a5");
        assert_eq!(fixed.token().len(), 43);
        assert_eq!(fixed.token(), fixed.token());
    }

    #[test]
    fn the_systems_tokens_differ() {
        let random = Random::system();
        assert_ne!(random.token(), random.token());
    }

    #[test]
    fn a_version_7_uuid_sorts_by_its_time() {
        let random = Random::system();
        let early = random.uuid_v7(Timestamp::from_millisecond(1_000).unwrap());
        let late = random.uuid_v7(Timestamp::from_millisecond(2_000).unwrap());
        assert!(early < late);
        assert_eq!(early.get_version_num(), 7);
        assert_eq!(random.uuid_v4().get_version_num(), 4);
    }

    #[test]
    fn jitter_stays_below_one() {
        assert!(Random::new(|bytes| bytes.fill(0xff)).jitter() < 1.0);
        assert!(Random::new(|bytes| bytes.fill(0)).jitter() < f64::EPSILON);
    }
}
