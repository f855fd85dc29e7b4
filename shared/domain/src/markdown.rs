//! Markdown: `CommonMark` with GitHub's tables, task lists and strikethrough, and formulas between dollar signs.
//!
//! docs/MARKDOWN.md says what becomes what.

mod escape;
mod line;
mod outline;
mod spans;
#[cfg(test)]
mod tests;
mod trim;
mod write;

use pulldown_cmark::{Options, Parser};

use crate::document::Document;

pub use write::write;

/// How many blocks may lie around a block. What lies deeper follows the block that it was in.
pub const MAX_DEPTH: usize = 16;

/// The document that Markdown describes. Any text is Markdown.
pub fn parse(source: &str) -> Document {
    let source: String = source.replace("\r\n", "\n").replace('\r', "\n");
    let source: String = source.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_MATH;
    let mut outline = outline::Outline::new(&source);
    for (event, range) in Parser::new_ext(&source, options).into_offset_iter() {
        outline.take(event, range);
    }
    Document { blocks: outline.finish() }
}
