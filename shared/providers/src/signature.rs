//! Hashes and message authentication codes, compared in constant time.

use aws_lc_rs::{constant_time, digest, hmac};

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

/// The bytes that hexadecimal `text` (either case) stands for.
pub fn bytes_from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect()
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, bytes);
    let mut output = [0; 32];
    output.copy_from_slice(digest.as_ref());
    output
}

/// SHA-256 of `bytes` in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

/// HMAC-SHA256 of `message` in hexadecimal.
pub fn hmac_sha256_hex(key: &[u8], message: &[u8]) -> String {
    hex(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref())
}

/// Whether `signature` (hexadecimal) is the HMAC-SHA256 of `message`. An empty key signs nothing.
pub fn is_hmac_sha256_hex(key: &[u8], message: &[u8], signature: &str) -> bool {
    let Some(signature) = bytes_from_hex(signature) else { return false };
    !key.is_empty() && hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, key), message, &signature).is_ok()
}

/// Whether two secrets are equal, in a time that tells nothing but their lengths.
pub fn is_equal(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4231, test case 2.
    const MAC: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    #[test]
    fn the_published_vector_verifies_in_either_case() {
        let message = b"what do ya want for nothing?";
        assert_eq!(hmac_sha256_hex(b"Jefe", message), MAC);
        assert!(is_hmac_sha256_hex(b"Jefe", message, MAC));
        assert!(is_hmac_sha256_hex(b"Jefe", message, &MAC.to_uppercase()));
    }

    #[test]
    fn anything_else_is_refused() {
        let message = b"what do ya want for nothing?";
        let long = format!("{MAC}00");
        for forged in ["", "zz", "5b", &MAC[..62], &long, "no-secret-provided", "é"] {
            assert!(!is_hmac_sha256_hex(b"Jefe", message, forged), "{forged}");
        }
        assert!(!is_hmac_sha256_hex(b"jefe", message, MAC));
        assert!(!is_hmac_sha256_hex(b"Jefe", b"something else", MAC));
        assert!(!is_hmac_sha256_hex(b"", b"", &hmac_sha256_hex(b"", b"")));
    }

    #[test]
    fn hexadecimal_survives_the_round_trip() {
        assert_eq!(bytes_from_hex(&hex(&[0, 15, 16, 255])), Some(vec![0, 15, 16, 255]));
        assert_eq!(bytes_from_hex("abc"), None);
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn equality_needs_every_byte() {
        assert!(is_equal(b"secret", b"secret"));
        assert!(!is_equal(b"secret", b"secreT"));
        assert!(!is_equal(b"secret", b"secre"));
    }
}
