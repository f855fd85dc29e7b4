//! What a block says, in few characters: the same for what is sent and for what Notion makes of it.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::notion::{Block, NewBlock};

/// A digest of a block's own content, without its children.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(in crate::notion) fn of(kind: &str, content: &Value) -> Self {
        let essence = json!([kind, essence(kind, content)]).to_string();
        let hash = digest(&SHA256, essence.as_bytes());
        Self(hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl NewBlock {
    /// What identifies its content.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.kind, &self.content)
    }
}

impl Block {
    /// What identifies its content.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.kind, &self.raw[self.kind.as_str()])
    }
}

/// What a block of ours can differ in. Notion adds others, such as how a list is numbered.
const KEYS: [&str; 15] = [
    "caption",
    "cells",
    "checked",
    "color",
    "expression",
    "external",
    "file",
    "has_column_header",
    "has_row_header",
    "icon",
    "is_toggleable",
    "language",
    "rich_text",
    "table_width",
    "url",
];

/// The kinds of blocks that documents become.
const KINDS: [&str; 15] = [
    "bulleted_list_item",
    "code",
    "divider",
    "equation",
    "heading_1",
    "heading_2",
    "heading_3",
    "heading_4",
    "image",
    "numbered_list_item",
    "paragraph",
    "quote",
    "table",
    "table_row",
    "to_do",
];

fn essence(kind: &str, content: &Value) -> Value {
    let is_ours = KINDS.contains(&kind);
    let Some(content) = content.as_object() else { return Value::Null };
    let mut kept: Vec<(&String, Value)> = content
        .iter()
        .filter(|(key, _)| if is_ours { KEYS.contains(&key.as_str()) } else { *key != "children" })
        .filter(|(_, value)| !is_default(value))
        .map(|(key, value)| (key, part(key, value)))
        .collect();
    kept.sort_by_key(|(key, _)| *key);
    kept.into_iter().map(|(key, value)| json!([key, value])).collect()
}

/// What stands for something that was not said.
fn is_default(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text == "default",
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn part(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("rich_text" | "caption", Value::Array(runs)) => words(runs),
        ("cells", Value::Array(cells)) => {
            cells.iter().map(|cell| words(cell.as_array().map(Vec::as_slice).unwrap_or_default())).collect()
        }
        // The address of a file that Notion keeps is signed anew for every answer.
        ("file", file) => file["url"].as_str().and_then(|url| url.split('?').next()).into(),
        _ => value.clone(),
    }
}

/// Runs, however they are cut. How a line break looks cannot be seen.
fn words(runs: &[Value]) -> Value {
    let mut words: Vec<(String, Value)> = Vec::new();
    for run in runs {
        let look = look(run);
        let Some(content) = run["text"]["content"].as_str() else {
            words.push((String::new(), look));
            continue;
        };
        for (index, line) in content.split('\n').enumerate() {
            if index > 0 {
                words.push(("\n".to_owned(), Value::Null));
            }
            match words.last_mut() {
                _ if line.is_empty() => {}
                Some((text, same)) if *same == look => text.push_str(line),
                _ => words.push((line.to_owned(), look.clone())),
            }
        }
    }
    words.into_iter().map(|(text, look)| json!([text, look])).collect()
}

/// Everything about a run but the words of a text.
fn look(run: &Value) -> Value {
    let mut look = Map::new();
    for (name, value) in run["annotations"].as_object().into_iter().flatten() {
        if !is_default(value) {
            look.insert(name.clone(), value.clone());
        }
    }
    for (name, value) in [
        ("link", &run["text"]["link"]["url"]),
        ("equation", &run["equation"]["expression"]),
        ("mention", &run["mention"]),
    ] {
        if !value.is_null() {
            look.insert(name.to_owned(), value.clone());
        }
    }
    // The order of keys depends on how the JSON library was built.
    let mut look: Vec<_> = look.into_iter().collect();
    look.sort_by(|(one, _), (other, _)| one.cmp(other));
    look.into_iter().map(|(name, value)| json!([name, value])).collect()
}
