//! Documents as Notion's blocks, and back. docs/MARKDOWN.md says what becomes what.

mod fingerprint;
mod languages;
mod read;
mod runs;
#[cfg(test)]
mod tests;
mod write;

pub use self::{
    fingerprint::Fingerprint,
    read::{BlockTree, document_from_blocks},
    write::blocks_from_document,
};
