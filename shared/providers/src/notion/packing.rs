//! Trees of blocks in as few calls as Notion's limits allow.

use std::collections::VecDeque;

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Value, json};

/// Blocks directly inside one array.
const MAX_CHILDREN: usize = 100;
/// Blocks in one call.
const MAX_BLOCKS: usize = 1_000;
/// Bytes in one call; Notion takes 500 KB, the rest is for what surrounds the blocks.
const MAX_BYTES: usize = 480_000;

/// A block to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBlock {
    /// Its type.
    pub kind: &'static str,
    /// What stands under its type, without children.
    pub content: Value,
    /// What is inside.
    pub children: Vec<NewBlock>,
}

impl NewBlock {
    /// What an update sends to give a block of the same kind this content: nothing that was there before stays.
    pub fn replacement(&self) -> Value {
        let mut content = self.content.clone();
        if let Some(fields) = content.as_object_mut() {
            match self.kind {
                // The kind of a picture's address and the width of a table cannot change.
                "image" => drop(fields.remove("type")),
                "table" => drop(fields.remove("table_width")),
                _ => {}
            }
            if matches!(self.kind, "code" | "image") {
                fields.entry("caption").or_insert_with(|| json!([]));
            }
        }
        json!({self.kind: content})
    }
}

/// As Notion takes it.
impl Serialize for NewBlock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut block = serializer.serialize_map(Some(2))?;
        block.serialize_entry("type", self.kind)?;
        block.serialize_entry(self.kind, &Inside(self))?;
        block.end()
    }
}

/// What stands under the type of a block.
struct Inside<'a>(&'a NewBlock);

impl Serialize for Inside<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let NewBlock { content, children, .. } = self.0;
        if children.is_empty() {
            return content.serialize(serializer);
        }
        let mut fields = serializer.serialize_map(None)?;
        for (name, value) in content.as_object().into_iter().flatten() {
            fields.serialize_entry(name, value)?;
        }
        fields.serialize_entry("children", children)?;
        fields.end()
    }
}

/// A tree of blocks as calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packing {
    /// The children of the call that creates the page.
    pub first: Vec<NewBlock>,
    /// The calls after it, in order.
    pub appends: Vec<Append>,
}

/// One call that appends blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// Under what.
    pub parent: Parent,
    /// At most 100 blocks.
    pub children: Vec<NewBlock>,
}

/// What blocks are appended to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// The page itself.
    Page,
    /// The block at `index` among the children of an earlier call: 0 is the call that creates the page, 1 the first append.
    Block {
        /// Which call.
        call: usize,
        /// Which of its children.
        index: usize,
    },
}

/// A call in the making.
struct Call {
    parent: Parent,
    children: Vec<NewBlock>,
    blocks: usize,
    bytes: usize,
}

impl Call {
    fn new(parent: Parent) -> Self {
        Self { parent, children: Vec::new(), blocks: 0, bytes: 0 }
    }

    fn takes(&self, inline: &Inline) -> bool {
        self.children.len() < MAX_CHILDREN
            && self.blocks + inline.blocks <= MAX_BLOCKS
            && self.bytes + inline.bytes <= MAX_BYTES
    }

    fn push(&mut self, inline: Inline) {
        self.blocks += inline.blocks;
        self.bytes += inline.bytes;
        self.children.push(inline.block);
    }
}

/// A block with those of its children that travel with it.
struct Inline {
    block: NewBlock,
    blocks: usize,
    bytes: usize,
}

/// The calls that write `blocks`, in order and whole. Two levels travel in one call; what lies deeper follows once the id
/// of its parent is known.
pub fn pack(blocks: Vec<NewBlock>) -> Packing {
    let mut calls: Vec<Call> = Vec::new();
    let mut waiting = VecDeque::from([(Parent::Page, blocks)]);
    while let Some((parent, blocks)) = waiting.pop_front() {
        let mut call = Call::new(parent);
        for block in blocks {
            let (inline, rest) = inline_from_block(block);
            if !call.children.is_empty() && !call.takes(&inline) {
                calls.push(std::mem::replace(&mut call, Call::new(parent)));
            }
            if !rest.is_empty() {
                waiting.push_back((Parent::Block { call: calls.len(), index: call.children.len() }, rest));
            }
            call.push(inline);
        }
        calls.push(call);
    }
    let mut calls = calls.into_iter();
    let first = calls.next().map(|call| call.children).unwrap_or_default();
    let appends = calls.map(|Call { parent, children, .. }| Append { parent, children }).collect();
    Packing { first, appends }
}

/// A block with its first children, as far as they have none themselves and there is room, and the children that remain.
fn inline_from_block(block: NewBlock) -> (Inline, Vec<NewBlock>) {
    let NewBlock { kind, content, children } = block;
    let mut bytes = kind.len() * 2 + 64 + size(&content);
    let (mut inside, mut rest) = (Vec::new(), Vec::new());
    for child in children {
        let child_bytes = child.kind.len() * 2 + 32 + size(&child.content);
        let fits = inside.len() < MAX_CHILDREN && bytes + child_bytes <= MAX_BYTES;
        if rest.is_empty() && child.children.is_empty() && fits {
            bytes += child_bytes;
            inside.push(child);
        } else {
            rest.push(child);
        }
    }
    let blocks = 1 + inside.len();
    (Inline { block: NewBlock { kind, content, children: inside }, blocks, bytes }, rest)
}

/// How long the value is as JSON.
fn size(value: &Value) -> usize {
    let mut count = Count(0);
    serde_json::to_writer(&mut count, value).map_or(MAX_BYTES, |()| count.0)
}

/// Counts what is written.
struct Count(usize);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
