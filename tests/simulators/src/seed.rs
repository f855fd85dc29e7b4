//! The source of every id and token: a generator whose whole future follows from one number.

use uuid::{Builder, Uuid};

/// A deterministic generator (`SplitMix64`). Not for secrets: replay is the point.
#[derive(Clone, Debug)]
pub struct Seed(u64);

impl Seed {
    /// The generator that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A version 4 UUID.
    pub fn uuid(&mut self) -> Uuid {
        let bits = (u128::from(self.next_u64()) << 64) | u128::from(self.next_u64());
        Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
    }

    /// A token of `length` letters and digits.
    pub fn token(&mut self, length: usize) -> String {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let letter = |bits: u64| ALPHABET.get(usize::try_from(bits % 62).unwrap_or_default()).copied();
        (0..length).map(|_| char::from(letter(self.next_u64() >> 8).unwrap_or(b'A'))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids_and_another_seed_gives_others() {
        let ids = |seed| {
            let mut seed = Seed::new(seed);
            (seed.uuid(), seed.token(40))
        };
        assert_eq!(ids(7), ids(7));
        assert_ne!(ids(7), ids(8));
        assert_eq!(ids(7).1.len(), 40);
        assert_eq!(ids(7).0.get_version_num(), 4);
    }
}
