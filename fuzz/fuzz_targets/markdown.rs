//! Any text as Markdown: its words are kept, blocks are nested within bounds, and what is written is read back.

#![no_main]

use domain::document::Block;
use domain::markdown::{self, MAX_DEPTH};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    let document = markdown::parse(source);
    check(&document.blocks, 0);
    let said = format!("{document:?}");
    for word in source.split(|c: char| !c.is_ascii_lowercase()).filter(|word| word.len() > 8) {
        // Definitions that nothing refers to are no content, and entities are another word for a character.
        assert!(said.contains(word) || source.contains("]:") || source.contains('&'), "{word} in {document:?}");
    }
    let written = markdown::write(&document);
    let again = markdown::parse(&written);
    if !written.contains("```latex") && !written.contains("]:") {
        assert_eq!(again, document, "{written}");
    }
});

fn check(blocks: &[Block], depth: usize) {
    for block in blocks {
        if let Block::Item { children, .. } | Block::Quote { children, .. } = block
            && !children.is_empty()
        {
            assert!(depth < MAX_DEPTH);
            check(children, depth + 1);
        }
    }
}
