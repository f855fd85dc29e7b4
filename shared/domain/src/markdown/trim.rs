//! What stands at the ends of text and means nothing.

use crate::document::Inline;

/// White space that Markdown gives no meaning.
pub(super) const BLANK: [char; 3] = [' ', '\t', '\n'];

/// Takes breaks off both ends.
pub(super) fn trim_breaks(words: &mut Vec<Inline>) {
    while words.last() == Some(&Inline::Break) {
        words.pop();
    }
    let first = words.iter().position(|part| *part != Inline::Break).unwrap_or_default();
    words.drain(..first);
}

/// Takes white space off both ends; in program text it stays.
pub(super) fn trim(words: &mut Vec<Inline>) {
    let first = words.iter().position(|part| !is_blank(part)).unwrap_or(words.len());
    words.drain(..first);
    while words.last().is_some_and(is_blank) {
        words.pop();
    }
    if let Some(Inline::Text { text, .. }) = words.first_mut().filter(|part| !is_code(part)) {
        *text = text.trim_start_matches(BLANK).to_owned();
    }
    if let Some(Inline::Text { text, .. }) = words.last_mut().filter(|part| !is_code(part)) {
        text.truncate(text.trim_end_matches(BLANK).len());
    }
}

fn is_code(part: &Inline) -> bool {
    matches!(part, Inline::Text { marks, .. } if marks.code)
}

fn is_blank(part: &Inline) -> bool {
    match part {
        Inline::Text { text, marks, .. } => !marks.code && text.chars().all(|c| BLANK.contains(&c)),
        Inline::Equation { .. } => false,
        Inline::Break => true,
    }
}
