//! Text made fit to be read: one line, nothing invisible, whole sentences, whole words.

use unicode_segmentation::UnicodeSegmentation;

/// Words that end with a full stop inside a sentence, in lower case and without it.
const ABBREVIATIONS: [&str; 26] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "vs", "e.g", "i.e", "approx", "fig", "z.b", "d.h", "u.a", "bzw",
    "ca", "nr", "inkl", "usw", "sr", "sra", "p.ej", "p. ej", "mme", "p.ex", "no",
];

/// The text on one line with single spaces, without control characters and without signs that hide or turn text.
pub(super) fn one_line(text: &str) -> String {
    let visible: String = text.chars().filter(|letter| !is_invisible(*letter)).collect();
    let words = visible.split(|letter: char| letter.is_whitespace() || letter.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Signs that hide text or turn it around, and the block of tags, which can hold whole sentences nobody sees.
pub(super) fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
    ) || matches!(letter, '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The sentences of a text, none of them empty.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    for part in text.split_sentence_bounds() {
        match sentences.last_mut() {
            Some(last) if ends_in_abbreviation(last) => last.push_str(part),
            _ => sentences.push(part.to_owned()),
        }
    }
    let trimmed = sentences.iter().map(|sentence| sentence.trim().to_owned());
    trimmed.filter(|sentence| !sentence.is_empty()).collect()
}

fn ends_in_abbreviation(sentence: &str) -> bool {
    let Some(body) = sentence.trim_end().strip_suffix('.') else { return false };
    let word = body.rsplit([' ', '(']).next().unwrap_or_default().to_lowercase();
    // `no` is "number" only before one; a sentence may well end in it.
    word != "no" && ABBREVIATIONS.contains(&word.as_str())
}

/// The text cut at the end of a word so that it has at most `max` characters; a word longer than that is cut
/// between characters as people see them.
pub(super) fn cut(text: &str, max: usize) -> &str {
    if text.chars().count() <= max {
        return text;
    }
    let mut end = 0;
    let mut chars = 0;
    let mut last_space = None;
    for (at, grapheme) in text.grapheme_indices(true) {
        chars += grapheme.chars().count();
        if grapheme.chars().all(char::is_whitespace) {
            last_space = Some(at);
        }
        if chars > max {
            break;
        }
        end = at + grapheme.len();
    }
    let end = last_space.filter(|space| *space > 0).unwrap_or(end);
    text[..end].trim_end_matches([' ', ',', ';', ':', '-', '–', '—', '('])
}

/// Spoken text as it is shown: on one line, beginning with a capital, of at most `max` characters.
pub(super) fn shown(spoken: &str, max: usize) -> String {
    let line = one_line(spoken);
    let mut letters = line.chars();
    let capitalised: String =
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    cut(&capitalised, max).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_signs_and_line_breaks_are_removed() {
        assert_eq!(one_line(" a\u{0}b\r\n c\t\u{202e}d\u{200b}e\u{85} 👩‍🚀 "), "a b c de 👩‍🚀");
        assert_eq!(one_line("\u{61c}ti\u{ad}tle\u{e0049}\u{e0047}\u{fffb}"), "title");
    }

    #[test]
    fn sentences_end_where_a_reader_says_so() {
        let text =
            "It broke in v3.5. Dr. Lee saw it, e.g. today! Was it us? Nein, z.B. nicht… 壊れた。はい。";
        let expected = [
            "It broke in v3.5.",
            "Dr. Lee saw it, e.g. today!",
            "Was it us?",
            "Nein, z.B. nicht… 壊れた。",
            "はい。",
        ];
        assert_eq!(sentences(text), expected);
        assert_eq!(sentences("  "), Vec::<String>::new());
    }

    #[test]
    fn what_is_shown_fits_even_where_a_capital_is_longer() {
        assert_eq!(shown("ßa\u{202e} b", 9), "SSa b");
        assert_eq!(shown("ßabc", 4), "SSab");
        assert_eq!(shown("\u{200b}", 9), "");
    }

    #[test]
    fn a_text_is_cut_between_words() {
        assert_eq!(cut("one two three", 13), "one two three");
        assert_eq!(cut("one two three", 12), "one two");
        assert_eq!(cut("one, two", 5), "one");
        assert_eq!(cut("one two", 3), "one");
    }

    #[test]
    fn a_single_word_is_cut_between_visible_characters() {
        assert_eq!(cut("abcdef", 4), "abcd");
        let family = "👨‍👩‍👧";
        assert_eq!(cut(&family.repeat(3), 12), family.repeat(2));
        assert_eq!(cut(family, 2), "");
    }
}
