//! Blocks as a document. A block that is more than the document has words for stays as Notion writes it.

use domain::document::{Block, Document, Marker, Table};
use serde_json::Value;

use super::{
    languages::PLAIN,
    runs::{line_from_runs, text_from_runs},
    write,
};
use crate::notion;

/// A block of a page with what is inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockTree {
    /// The block.
    pub block: notion::Block,
    /// The blocks inside, in order.
    pub children: Vec<BlockTree>,
}

/// The document that blocks make up.
pub fn document_from_blocks(trees: &[BlockTree]) -> Document {
    Document { blocks: blocks(trees) }
}

fn blocks(trees: &[BlockTree]) -> Vec<Block> {
    trees.iter().map(block).collect()
}

fn block(tree: &BlockTree) -> Block {
    let BlockTree { block, children } = tree;
    if block.kind == "table" {
        return table(tree).unwrap_or_else(|| foreign(tree));
    }
    let Some(read) = alone(&block.kind, &block.raw[block.kind.as_str()]) else { return foreign(tree) };
    // Nothing of it is lost when it would be written as it is.
    let is_whole = match write::block(&read).as_slice() {
        [same] => same.fingerprint() == block.fingerprint(),
        _ => false,
    };
    match read {
        Block::Item { marker, text, .. } if is_whole => {
            Block::Item { marker, text, children: blocks(children) }
        }
        Block::Quote { text, .. } if is_whole => Block::Quote { text, children: blocks(children) },
        read if is_whole && children.is_empty() => read,
        _ => foreign(tree),
    }
}

fn foreign(tree: &BlockTree) -> Block {
    let notion::Block { kind, raw, .. } = &tree.block;
    Block::Foreign {
        kind: kind.clone(),
        source: raw[kind.as_str()].to_string(),
        children: blocks(&tree.children),
    }
}

/// A block without children, as far as it can be said.
fn alone(kind: &str, content: &Value) -> Option<Block> {
    let text = line_from_runs(&content["rich_text"]);
    let item = |marker, text| Block::Item { marker, text, children: Vec::new() };
    Some(match kind {
        "paragraph" => Block::Paragraph(text),
        "heading_1" => Block::Heading { level: 1, text },
        "heading_2" => Block::Heading { level: 2, text },
        "heading_3" => Block::Heading { level: 3, text },
        "heading_4" => Block::Heading { level: 4, text },
        "bulleted_list_item" => item(Marker::Bullet, text),
        "numbered_list_item" => item(Marker::Number, text),
        "to_do" => item(Marker::Task { checked: content["checked"].as_bool().unwrap_or_default() }, text),
        "quote" => Block::Quote { text, children: Vec::new() },
        "code" => code(content),
        "image" => Block::Image {
            url: content["external"]["url"].as_str()?.to_owned(),
            caption: line_from_runs(&content["caption"]),
        },
        "divider" => Block::Divider,
        "equation" => Block::Equation(content["expression"].as_str()?.to_owned()),
        _ => return None,
    })
}

fn code(content: &Value) -> Block {
    let note = text_from_runs(&content["caption"]);
    let name = content["language"].as_str().filter(|name| *name != PLAIN);
    let language = if note.is_empty() { name.map(str::to_owned) } else { Some(note) };
    Block::Code { language, text: text_from_runs(&content["rich_text"]) }
}

fn table(tree: &BlockTree) -> Option<Block> {
    let rows = tree.children.iter().map(|row| {
        let cells = row.block.raw["table_row"]["cells"].as_array()?;
        row.children.is_empty().then(|| cells.iter().map(line_from_runs).collect())
    });
    let has_header = tree.block.raw["table"]["has_column_header"].as_bool().unwrap_or_default();
    let table = Table { has_header, rows: rows.collect::<Option<Vec<_>>>()? };
    let [same] = &write::block(&Block::Table(table.clone()))[..] else { return None };
    let rows = tree.children.iter().map(|row| row.block.fingerprint());
    let is_whole = same.fingerprint() == tree.block.fingerprint()
        && same.children.iter().map(notion::NewBlock::fingerprint).eq(rows);
    is_whole.then_some(Block::Table(table))
}
