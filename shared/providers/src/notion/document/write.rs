//! Documents as blocks, each within Notion's limits. What does not fit one block goes on in the next.

use domain::document::{Block, Document, Inline, Marker, Table, plain_text, push};
use serde_json::{Value, json};

use super::{
    languages::{PLAIN, language},
    runs::{MAX_BLOCK_BYTES, fits_expression, fits_url, portions, runs_from_line, runs_from_text},
};
use crate::notion::{limits::MAX_RUNS, packing::NewBlock};

/// Columns of one table.
const MAX_COLUMNS: usize = 100;

/// The blocks of a document, nested as it is: [`crate::notion::pack`] makes calls of them.
pub fn blocks_from_document(document: &Document) -> Vec<NewBlock> {
    blocks(&document.blocks)
}

fn blocks(given: &[Block]) -> Vec<NewBlock> {
    given.iter().flat_map(block).collect()
}

pub(super) fn block(block: &Block) -> Vec<NewBlock> {
    match block {
        Block::Paragraph(text) => texts("paragraph", text),
        Block::Heading { level, text } => texts(heading(*level), text),
        Block::Item { marker: Marker::Bullet, text, children } => {
            vec![nesting("bulleted_list_item", text, children)]
        }
        Block::Item { marker: Marker::Number, text, children } => {
            vec![nesting("numbered_list_item", text, children)]
        }
        Block::Item { marker: Marker::Task { checked }, text, children } => {
            let mut item = nesting("to_do", text, children);
            item.content["checked"] = json!(checked);
            vec![item]
        }
        Block::Quote { text, children } => vec![nesting("quote", text, children)],
        Block::Code { language, text } => code(language.as_deref(), text),
        Block::Table(table) => tables(table),
        Block::Image { url, caption } => image(url, caption),
        Block::Divider => vec![leaf("divider", json!({}))],
        Block::Equation(expression) if fits_expression(expression) => {
            vec![leaf("equation", json!({"expression": expression}))]
        }
        Block::Equation(expression) => code(Some("latex"), expression),
        Block::Foreign { source, children, .. } => {
            let mut shown = code(Some("json"), source);
            shown.extend(blocks(children));
            shown
        }
    }
}

fn leaf(kind: &'static str, content: Value) -> NewBlock {
    NewBlock { kind, content, children: Vec::new() }
}

/// Notion has four levels.
fn heading(level: u8) -> &'static str {
    match level {
        ..=1 => "heading_1",
        2 => "heading_2",
        3 => "heading_3",
        4.. => "heading_4",
    }
}

fn texts(kind: &'static str, text: &[Inline]) -> Vec<NewBlock> {
    let portions = portions(runs_from_line(text)).into_iter();
    portions.map(|runs| leaf(kind, json!({"rich_text": runs}))).collect()
}

/// A block with children. What is too long goes on in paragraphs inside, so that a list stays one list.
fn nesting(kind: &'static str, text: &[Inline], children: &[Block]) -> NewBlock {
    let mut portions = portions(runs_from_line(text)).into_iter();
    let first = portions.next().unwrap_or_default();
    let rest = portions.map(|runs| leaf("paragraph", json!({"rich_text": runs})));
    let children = rest.chain(blocks(children)).collect();
    NewBlock { kind, content: json!({"rich_text": first}), children }
}

/// What the note says beyond the language is the caption.
fn code(note: Option<&str>, text: &str) -> Vec<NewBlock> {
    let note = note.unwrap_or(PLAIN);
    let (language, says_all) = language(note);
    let block = |runs| leaf("code", json!({"rich_text": runs, "language": language}));
    let mut blocks: Vec<NewBlock> = portions(runs_from_text(text)).into_iter().map(block).collect();
    if !says_all {
        caption(&mut blocks, runs_from_text(note));
    }
    blocks
}

/// Puts a caption on the last of `blocks`. What is too long goes on below.
fn caption(blocks: &mut Vec<NewBlock>, runs: Vec<Value>) {
    let mut portions = portions(runs).into_iter();
    let first = portions.next().unwrap_or_default();
    if let Some(last) = blocks.last_mut().filter(|_| !first.is_empty()) {
        last.content["caption"] = json!(first);
    }
    blocks.extend(portions.map(|runs| leaf("paragraph", json!({"rich_text": runs}))));
}

fn image(url: &str, words: &[Inline]) -> Vec<NewBlock> {
    if fits_url(url, &["http", "https"]) {
        let content = json!({"type": "external", "external": {"url": url}});
        let mut blocks = vec![leaf("image", content)];
        caption(&mut blocks, runs_from_line(words));
        return blocks;
    }
    let mut shown = words.to_vec();
    let is_silent = plain_text(words).is_empty();
    push(&mut shown, Inline::plain(if is_silent { url.to_owned() } else { format!(" ({url})") }));
    texts("paragraph", &shown)
}

/// A table, or several side by side where it has too many columns.
fn tables(table: &Table) -> Vec<NewBlock> {
    let width = table.width().max(1);
    let part = |first: usize| {
        let columns = MAX_COLUMNS.min(width - first);
        let cells = |row: &Vec<Vec<Inline>>| {
            let cell =
                |index| row.get(index).map(|cell: &Vec<Inline>| runs_from_line(cell)).unwrap_or_default();
            (first..first + columns).map(cell).collect::<Vec<_>>()
        };
        let children = table.rows.iter().flat_map(|row| rows(cells(row))).collect();
        let content =
            json!({"table_width": columns, "has_column_header": table.has_header, "has_row_header": false});
        NewBlock { kind: "table", content, children }
    };
    if table.rows.is_empty() { Vec::new() } else { (0..width).step_by(MAX_COLUMNS).map(part).collect() }
}

/// The cells of a row. Cells that are too long go on in the next row.
fn rows(cells: Vec<Vec<Value>>) -> Vec<NewBlock> {
    let mut waiting: Vec<_> = cells.into_iter().map(|runs| runs.into_iter().peekable()).collect();
    let mut rows = Vec::new();
    loop {
        let mut bytes = 0;
        let mut row = Vec::with_capacity(waiting.len());
        for cell in &mut waiting {
            let mut taken = Vec::new();
            while taken.len() < MAX_RUNS
                && let Some(run) = cell.next_if(|run| {
                    bytes += run.to_string().len();
                    bytes <= MAX_BLOCK_BYTES
                })
            {
                taken.push(run);
            }
            row.push(taken);
        }
        rows.push(leaf("table_row", json!({"cells": row})));
        if waiting.iter_mut().all(|cell| cell.peek().is_none()) {
            return rows;
        }
    }
}
