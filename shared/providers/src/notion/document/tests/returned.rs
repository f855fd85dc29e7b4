//! Blocks as Notion returns them: with what it fills in.

use serde_json::{Value, json};
use vendors::NOTION;

use crate::notion::{Block, BlockTree, NewBlock};

const ID: &str = "2f26ee68-df30-4251-aad4-8ddc420cba3d";

/// What Notion would answer for a block.
pub(super) fn returned(new: &NewBlock) -> BlockTree {
    let NewBlock { kind, content, children } = new;
    let children: Vec<_> = children.iter().map(returned).collect();
    let user = json!({"object": "user", "id": ID});
    let raw = json!({
        "object": "block", "id": ID, "parent": {"type": "page_id", "page_id": ID}, "type": kind,
        "created_time": "2026-11-21T08:41:00.000Z", "last_edited_time": "2026-11-21T08:41:00.000Z",
        "created_by": user, "last_edited_by": user, "has_children": !children.is_empty(), "in_trash": false,
        "archived": false, *kind: filled(kind, content),
    });
    NOTION.assert_fits("BlockObjectResponse", &raw);
    tree(raw, children)
}

pub(super) fn tree(raw: Value, children: Vec<BlockTree>) -> BlockTree {
    let kind = raw["type"].as_str().unwrap().to_owned();
    let block = Block { id: ID.to_owned(), kind, has_children: !children.is_empty(), in_trash: false, raw };
    BlockTree { block, children }
}

fn filled(kind: &str, content: &Value) -> Value {
    let mut filled = content.clone();
    for key in ["rich_text", "caption"] {
        if let Some(runs) = content[key].as_array() {
            filled[key] = runs.iter().map(run).collect();
        }
    }
    if let Some(cells) = content["cells"].as_array() {
        filled["cells"] =
            cells.iter().map(|cell| cell.as_array().unwrap().iter().map(run).collect::<Value>()).collect();
    }
    match kind {
        "code" | "image" if filled["caption"].is_null() => filled["caption"] = json!([]),
        "divider" | "equation" | "table" | "table_row" | "code" | "image" => {}
        _ => filled["color"] = json!("default"),
    }
    match kind {
        "paragraph" => filled["icon"] = Value::Null,
        "numbered_list_item" => filled["list_start_index"] = json!(1),
        heading if heading.starts_with("heading") => filled["is_toggleable"] = json!(false),
        _ => {}
    }
    filled
}

fn run(run: &Value) -> Value {
    let mut filled = run.clone();
    let mut annotations = json!({"bold": false, "italic": false, "strikethrough": false, "underline": false,
        "code": false, "color": "default"});
    for (name, value) in run["annotations"].as_object().into_iter().flatten() {
        annotations[name] = value.clone();
    }
    filled["annotations"] = annotations;
    filled["href"] = run["text"]["link"]["url"].clone();
    filled["plain_text"] = if run["type"] == "text" {
        filled["text"]["link"] = run["text"]["link"].clone();
        run["text"]["content"].clone()
    } else {
        run["equation"]["expression"].clone()
    };
    filled
}
