//! Character references such as `&amp;` and `&#8230;`, as HTML defines them. `entities.txt` lists every name of
//! HTML with the code points it stands for; the old names may stand without a semicolon.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The longest name, with its semicolon.
const NAME_MAX: usize = 32;

/// The longest name that may stand without one.
const OLD_NAME_MAX: usize = 6;

/// What HTML reads in place of the C1 control characters 0x80–0x9F.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

static NAMES: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    let lines = include_str!("entities.txt").lines();
    lines.filter_map(|line| line.split_once(' ').map(|(name, points)| (name, characters(points)))).collect()
});

fn characters(points: &str) -> String {
    points.split(' ').filter_map(|point| char::from_u32(u32::from_str_radix(point, 16).ok()?)).collect()
}

/// Appends `text` to `into` with its references replaced; an ampersand that begins none stands for itself.
pub(super) fn decode_into(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        into.push_str(before);
        let found = match after.strip_prefix('#') {
            Some(digits) => numeric(digits, into),
            None => named(after, into),
        };
        if found.is_none() {
            into.push('&');
        }
        rest = &after[found.unwrap_or_default()..];
    }
    into.push_str(rest);
}

/// Appends the characters of the name at the beginning of `text`: its length. The longest name counts.
fn named(text: &str, into: &mut String) -> Option<usize> {
    let letters = text.bytes().take(NAME_MAX).take_while(u8::is_ascii_alphanumeric).count();
    let whole = (text.as_bytes().get(letters) == Some(&b';')).then_some(letters + 1);
    let mut lengths = whole.into_iter().chain((1..=letters.min(OLD_NAME_MAX)).rev());
    let (characters, length) = lengths.find_map(|length| Some((NAMES.get(&text[..length])?, length)))?;
    into.push_str(characters);
    Some(length)
}

/// Appends the character of a number after `&#`: the length counted from the `#`.
fn numeric(text: &str, into: &mut String) -> Option<usize> {
    let (radix, prefix) = if text.starts_with(['x', 'X']) { (16, 1) } else { (10, 0) };
    let digits = text[prefix..].chars().take_while(|character| character.is_digit(radix)).count();
    if digits == 0 {
        return None;
    }
    let end = prefix + digits;
    let point = u32::from_str_radix(&text[prefix..end], radix).unwrap_or(u32::MAX);
    into.push(character(point));
    Some(1 + end + usize::from(text[end..].starts_with(';')))
}

fn character(point: u32) -> char {
    let windows = point.checked_sub(0x80).and_then(|offset| WINDOWS_1252.get(usize::try_from(offset).ok()?));
    windows.copied().or_else(|| char::from_u32(point)).filter(|found| *found != '\0').unwrap_or('\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> String {
        let mut into = String::new();
        decode_into(text, &mut into);
        into
    }

    #[test]
    fn names_and_numbers_become_characters() {
        assert_eq!(decode("&lt;b&gt; R&amp;D &AMP &eacute;t&eacute; &nbsp;|"), "<b> R&D & été \u{a0}|");
        assert_eq!(decode("&#65;&#x42;&#X43 &#8230;&#133;"), "ABC ……");
    }

    #[test]
    fn the_longest_name_counts_and_old_ones_need_no_semicolon() {
        assert_eq!(decode("&notin; &notit; &not"), "∉ ¬it; ¬");
    }

    #[test]
    fn every_name_of_the_list_is_found() {
        for (name, characters) in NAMES.iter() {
            assert_eq!(decode(&format!("&{name}|")), format!("{characters}|"));
            assert!(name.len() <= if name.ends_with(';') { NAME_MAX } else { OLD_NAME_MAX }, "{name}");
        }
        assert_eq!(NAMES.len(), 2231);
    }

    #[test]
    fn what_is_no_reference_stays() {
        for text in ["&", "&&", "&;", "a & b", "&bogus;", "&#", "&#x", "&#;", "AT&T", "&é"] {
            assert_eq!(decode(text), text);
        }
    }

    #[test]
    fn numbers_that_are_no_character_are_marked() {
        assert_eq!(decode("&#0;&#xD800;&#x110000;&#99999999999999999999;"), "\u{fffd}".repeat(4));
    }
}
