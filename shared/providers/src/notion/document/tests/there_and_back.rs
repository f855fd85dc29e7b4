//! Any document: every block is one of Notion's, every call keeps the limits, and the same document comes back.

use domain::{
    document::{Block, Document, Inline, Marker, Marks, Table, push},
    markdown,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::json;
use vendors::NOTION;

use super::returned::returned;
use crate::notion::{NewBlock, blocks_from_document, document_from_blocks, pack};

fn line() -> impl Strategy<Value = Vec<Inline>> {
    let marks = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(bold, italic, strike, code)| Marks { bold, italic, strike, code });
    let look = prop_oneof![3 => Just(Marks::default()), 1 => marks];
    let link = option::weighted(0.2, select(vec!["https://a.b/c?d#e", "http://a.b", "mailto:a@b.c"]));
    let words = prop_oneof![
        10 => "\\PC{1,12}",
        1 => ("[a-z🐞é]{1,9}", 200..700_usize).prop_map(|(word, times)| word.repeat(times)),
    ];
    let part = prop_oneof![
        8 => (words, look.clone(), link).prop_map(|(text, marks, link)| {
            Inline::Text { text, marks, link: link.map(str::to_owned) }
        }),
        1 => Just(Inline::Break),
        1 => ("[a-z^_{}\\\\ ]{1,20}", look).prop_map(|(expression, marks)| Inline::Equation { expression, marks }),
    ];
    vec(part, 0..8).prop_map(|parts| {
        let mut words = Vec::new();
        for part in parts {
            push(&mut words, part);
        }
        words
    })
}

fn table() -> impl Strategy<Value = Block> {
    (1..4_usize, 1..4_usize, any::<bool>()).prop_flat_map(|(width, height, has_header)| {
        vec(vec(line(), width..=width), height..=height)
            .prop_map(move |rows| Block::Table(Table { has_header, rows }))
    })
}

fn block() -> impl Strategy<Value = Block> {
    let language = option::of(select(vec!["rust", "c++", "brainfuck", "rust,ignore", "js x=1"]));
    let leaf = prop_oneof![
        4 => line().prop_map(Block::Paragraph),
        1 => (1..=4_u8, line()).prop_map(|(level, text)| Block::Heading { level, text }),
        1 => (language, "[ -~\n\t🐞]{0,3000}").prop_map(|(language, text)| Block::Code {
            language: language.map(str::to_owned),
            text,
        }),
        1 => table(),
        1 => line().prop_map(|caption| Block::Image { url: "https://a.b/c.png".to_owned(), caption }),
        1 => Just(Block::Divider),
        1 => "[a-z^_{}\\\\\n]{1,1000}".prop_map(Block::Equation),
    ];
    let marker = prop_oneof![
        Just(Marker::Bullet),
        Just(Marker::Number),
        any::<bool>().prop_map(|checked| Marker::Task { checked }),
    ];
    leaf.prop_recursive(4, 24, 4, move |block| {
        let inside = || (line(), vec(block.clone(), 0..4));
        prop_oneof![
            (marker.clone(), inside()).prop_map(|(marker, (text, children))| Block::Item {
                marker,
                text,
                children
            }),
            inside().prop_map(|(text, children)| Block::Quote { text, children }),
        ]
    })
}

/// Every call that writes the blocks is one that Notion's schema describes.
pub(super) fn hold(blocks: &[NewBlock]) {
    let packing = pack(blocks.to_vec());
    for children in
        std::iter::once(&packing.first).chain(packing.appends.iter().map(|append| &append.children))
    {
        let body = json!({"children": children});
        NOTION.assert_fits("AppendBlockChildrenBodyParameters", &body);
        assert!(body.to_string().len() <= 490_000);
    }
}

/// The document after it was on a page.
pub(super) fn and_back(document: &Document) -> Document {
    let blocks = blocks_from_document(document);
    hold(&blocks);
    let trees: Vec<_> = blocks.iter().map(returned).collect();
    document_from_blocks(&trees)
}

fn prints(blocks: &[NewBlock]) {
    for block in blocks {
        assert_eq!(returned(block).block.fingerprint(), block.fingerprint());
        prints(&block.children);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_document_comes_back_from_a_page_as_it_was(blocks in vec(block(), 0..5)) {
        let document = Document { blocks };
        prop_assert_eq!(and_back(&document), document.clone());
        prints(&blocks_from_document(&document));
    }

    #[test]
    fn whatever_is_written_in_markdown_is_taken(source in "[->*_`\\[\\]()!<>|$#~ \n1a.&;:🐞]{0,300}|(.|\n){0,60}") {
        let document = markdown::parse(&source);
        let back = and_back(&document);
        // Once on a page it stays what it is.
        prop_assert_eq!(and_back(&back), back);
    }
}
