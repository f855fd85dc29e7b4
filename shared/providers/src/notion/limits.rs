//! Notion's limits on text. It does not say how it counts characters, so the strictest count (UTF-16) is kept.

use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation as _;

/// UTF-16 units in one run.
const MAX_RUN_UNITS: usize = 2_000;
/// Runs in one array.
pub(super) const MAX_RUNS: usize = 100;

/// `text` in pieces of at most 2,000 UTF-16 units. Nothing is lost; characters people see as one stay together unless one
/// alone is longer than that.
pub fn split_text(text: &str) -> Vec<&str> {
    let (mut pieces, mut start, mut units) = (Vec::new(), 0, 0);
    for (index, part) in text.grapheme_indices(true).flat_map(|(index, grapheme)| parts(index, grapheme)) {
        let length = part.encode_utf16().count();
        if units + length > MAX_RUN_UNITS {
            pieces.push(&text[start..index]);
            (start, units) = (index, 0);
        }
        units += length;
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

/// A grapheme, or its characters where it is too long for one run.
fn parts(index: usize, grapheme: &str) -> Vec<(usize, &str)> {
    if grapheme.encode_utf16().count() <= MAX_RUN_UNITS {
        return vec![(index, grapheme)];
    }
    let characters = grapheme.char_indices();
    characters.map(|(offset, c)| (index + offset, &grapheme[offset..offset + c.len_utf8()])).collect()
}

/// `text` as runs of plain text, with an optional link. Control characters other than line breaks and tabs are dropped:
/// they have no place on a page.
pub fn rich_text(text: &str, link: Option<&str>) -> Vec<Value> {
    let clean: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    split_text(&clean)
        .into_iter()
        .map(|content| match link {
            Some(url) => json!({"type": "text", "text": {"content": content, "link": {"url": url}}}),
            None => json!({"type": "text", "text": {"content": content}}),
        })
        .collect()
}
