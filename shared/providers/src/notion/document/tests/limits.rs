//! What is too long, too wide or too much for one block.

use domain::document::{Block, Document, Inline, Marker, Marks, Table, plain_text};
use serde_json::json;

use super::there_and_back::{and_back, hold};
use crate::notion::{NewBlock, blocks_from_document};

fn blocks(block: Block) -> Vec<NewBlock> {
    let blocks = blocks_from_document(&Document { blocks: vec![block] });
    hold(&blocks);
    blocks
}

fn kinds(blocks: &[NewBlock]) -> Vec<&str> {
    blocks.iter().map(|block| block.kind).collect()
}

/// More words in different looks than one block takes.
fn motley(count: usize) -> Vec<Inline> {
    let word = |index: usize| {
        let marks = Marks { bold: index.is_multiple_of(2), ..Marks::default() };
        Inline::Text { text: format!("w{index} "), marks, link: None }
    };
    (0..count).map(word).collect()
}

fn said(document: &Document) -> String {
    let of = |block: &Block| match block {
        Block::Paragraph(text) | Block::Heading { text, .. } => plain_text(text),
        Block::Item { text, children, .. } | Block::Quote { text, children } => {
            plain_text(text) + &said(&Document { blocks: children.clone() })
        }
        Block::Code { text, .. } => text.clone(),
        Block::Image { url, caption } => plain_text(caption) + url,
        Block::Table(Table { rows, .. }) => rows.iter().flatten().map(|cell| plain_text(cell)).collect(),
        other => format!("{other:?}"),
    };
    document.blocks.iter().map(of).collect()
}

#[test]
fn text_of_too_many_runs_goes_on() {
    let text = motley(250);
    assert_eq!(kinds(&blocks(Block::Paragraph(text.clone()))), ["paragraph"; 3]);
    assert_eq!(kinds(&blocks(Block::Heading { level: 6, text: text.clone() })), ["heading_4"; 3]);
    let child = Block::Divider;
    let item = Block::Item { marker: Marker::Number, text: text.clone(), children: vec![child] };
    let written = blocks(item.clone());
    assert_eq!(kinds(&written), ["numbered_list_item"]);
    assert_eq!(kinds(&written[0].children), ["paragraph", "paragraph", "divider"]);
    let back = and_back(&Document { blocks: vec![item] });
    assert_eq!(said(&back), plain_text(&text) + "Divider");
}

#[test]
fn text_of_too_many_bytes_goes_on() {
    for sign in ["中", "🐞", "\"", "👩‍👩‍👧‍👦"] {
        let text = sign.repeat(150_000);
        let written = blocks(Block::Paragraph(vec![Inline::plain(text.clone())]));
        assert!(written.len() > 1);
        let back = and_back(&Document { blocks: vec![Block::Paragraph(vec![Inline::plain(text.clone())])] });
        assert!(said(&back) == text);
    }
}

#[test]
fn program_text_goes_on_in_more_blocks() {
    let text = "let a = 1;\n".repeat(20_000);
    let code = Block::Code { language: Some("rs,ignore".to_owned()), text: text.clone() };
    let written = blocks(code.clone());
    assert_eq!(kinds(&written), ["code", "code"]);
    assert!(written.iter().all(|block| block.content["language"] == "rust"));
    assert_eq!(written[1].content["caption"][0]["text"]["content"], "rs,ignore");
    assert!(said(&and_back(&Document { blocks: vec![code] })) == text);
}

#[test]
fn a_table_keeps_all_cells() {
    let row = |row: usize| (0..250).map(|column| vec![Inline::plain(format!("{row}:{column} "))]).collect();
    let wide = Block::Table(Table { has_header: true, rows: (0..3).map(row).collect() });
    let written = blocks(wide);
    let widths: Vec<_> = written.iter().map(|block| block.content["table_width"].clone()).collect();
    assert_eq!(widths, [json!(100), json!(100), json!(50)]);
    assert!(
        written.iter().all(|table| table.content["has_column_header"] == true && table.children.len() == 3)
    );

    let long = Table {
        has_header: false,
        rows: (0..1_500).map(|row| vec![vec![Inline::plain(row.to_string())]]).collect(),
    };
    let document = Document { blocks: vec![Block::Table(long)] };
    assert_eq!(kinds(&blocks_from_document(&document)), ["table"]);
    assert_eq!(and_back(&document), document);

    let full = Table {
        has_header: false,
        rows: vec![vec![motley(150), vec![Inline::plain("中".repeat(250_000))]]],
    };
    let back = and_back(&Document { blocks: vec![Block::Table(full)] });
    let words = said(&back);
    assert_eq!((words.matches('w').count(), words.matches('中').count()), (150, 250_000));
}

#[test]
fn long_formulas_are_shown_as_latex() {
    let expression = "x + ".repeat(300);
    let written = blocks(Block::Equation(expression.clone()));
    assert_eq!((written[0].kind, &written[0].content["language"]), ("code", &json!("latex")));
    let equation = Inline::Equation { expression: expression.clone(), marks: Marks::default() };
    let written = blocks(Block::Paragraph(vec![equation]));
    assert_eq!(
        written[0].content["rich_text"],
        json!([{"type": "text", "text": {"content": expression}, "annotations": {"code": true}}])
    );
}

#[test]
fn addresses_that_notion_does_not_take_are_written_out() {
    let long = format!("https://a.b/{}", "c".repeat(2_000));
    for url in [long.as_str(), "https://", "/a", "javascript:a", "https://a b.c", "tel:1"] {
        let linked =
            |text: &str, marks| Inline::Text { text: text.to_owned(), marks, link: Some(url.to_owned()) };
        let bold = Marks { bold: true, ..Marks::default() };
        let text = vec![linked("see ", Marks::default()), linked("this", bold), Inline::plain(".")];
        let document = Document { blocks: vec![Block::Paragraph(text)] };
        assert_eq!(said(&and_back(&document)), format!("see this ({url})."));
        let image = Block::Image { url: url.to_owned(), caption: vec![Inline::plain("a")] };
        assert_eq!(kinds(&blocks(image)), ["paragraph"]);
        let silent = Block::Image { url: url.to_owned(), caption: vec![] };
        assert_eq!(said(&and_back(&Document { blocks: vec![silent] })), url);
    }
}

#[test]
fn a_long_caption_goes_on_below_the_picture() {
    let image = Block::Image { url: "https://a.b".to_owned(), caption: motley(150) };
    assert_eq!(kinds(&blocks(image)), ["image", "paragraph"]);
}
