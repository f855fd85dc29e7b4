//! Several parts as one message, for hashes and signatures.

/// Parts with their lengths, so that no two lists of parts read alike.
pub(crate) fn canonical(parts: &[&str]) -> Vec<u8> {
    parts.iter().flat_map(|part| (part.len() as u64).to_be_bytes().into_iter().chain(part.bytes())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_lists_of_parts_read_alike() {
        let lists: [&[&str]; 7] = [&[], &[""], &["", ""], &["ab"], &["a", "b"], &["", "ab"], &["ab", ""]];
        for (at, parts) in lists.iter().enumerate() {
            assert!(lists[..at].iter().all(|other| canonical(other) != canonical(parts)), "{parts:?}");
        }
        assert_eq!(canonical(&["ab"]), [0, 0, 0, 0, 0, 0, 0, 2, b'a', b'b']);
    }
}
