//! What becomes what.

use domain::{
    document::{Block, Document},
    markdown,
};
use serde_json::{Value, json};

use super::returned::{returned, tree};
use crate::notion::{NewBlock, blocks_from_document, document_from_blocks};

fn as_json(blocks: &[NewBlock]) -> Value {
    let block = |NewBlock { kind, content, children }: &NewBlock| {
        if children.is_empty() { json!([kind, content]) } else { json!([kind, content, as_json(children)]) }
    };
    blocks.iter().map(block).collect()
}

#[track_caller]
fn becomes(source: &str, expected: &Value) {
    assert_eq!(&as_json(&blocks_from_document(&markdown::parse(source))), expected, "{source}");
}

fn text(words: &str) -> Value {
    json!([{"type": "text", "text": {"content": words}}])
}

#[test]
fn each_kind_of_block_has_its_own() {
    becomes(
        "# a\n#### b\n##### c\n---\nd\n$$\ne\n$$\n",
        &json!([
            ["heading_1", {"rich_text": text("a")}],
            ["heading_4", {"rich_text": text("b")}],
            ["heading_4", {"rich_text": text("c")}],
            ["divider", {}],
            ["paragraph", {"rich_text": text("d")}],
            ["equation", {"expression": "e"}],
        ]),
    );
    becomes(
        "- a\n  1. b\n\n     c\n- [x] d\n\n> e\n> - f\n",
        &json!([
            ["bulleted_list_item", {"rich_text": text("a")}, [
                ["numbered_list_item", {"rich_text": text("b")}, [["paragraph", {"rich_text": text("c")}]]],
            ]],
            ["to_do", {"rich_text": text("d"), "checked": true}],
            ["quote", {"rich_text": text("e")}, [["bulleted_list_item", {"rich_text": text("f")}]]],
        ]),
    );
    becomes(
        "```rs\na\n```\n![b](https://c.d)\n\n|e|\n|-|\n|f|\n",
        &json!([
            ["code", {"rich_text": text("a"), "language": "rust"}],
            ["image", {"type": "external", "external": {"url": "https://c.d"}, "caption": text("b")}],
            ["table", {"table_width": 1, "has_column_header": true, "has_row_header": false}, [
                ["table_row", {"cells": [text("e")]}],
                ["table_row", {"cells": [text("f")]}],
            ]],
        ]),
    );
}

#[test]
fn words_keep_their_look() {
    becomes(
        "**a** [*b*](https://c.d) `e` ~~f~~ $g$\\\nh",
        &json!([["paragraph", {"rich_text": [
            {"type": "text", "text": {"content": "a"}, "annotations": {"bold": true}},
            {"type": "text", "text": {"content": " "}},
            {"type": "text", "text": {"content": "b", "link": {"url": "https://c.d"}}, "annotations": {"italic": true}},
            {"type": "text", "text": {"content": " "}},
            {"type": "text", "text": {"content": "e"}, "annotations": {"code": true}},
            {"type": "text", "text": {"content": " "}},
            {"type": "text", "text": {"content": "f"}, "annotations": {"strikethrough": true}},
            {"type": "text", "text": {"content": " "}},
            {"type": "equation", "equation": {"expression": "g"}},
            {"type": "text", "text": {"content": "\nh"}},
        ]}]]),
    );
}

fn first(source: &str) -> NewBlock {
    blocks_from_document(&markdown::parse(source)).remove(0)
}

#[test]
fn what_people_changed_in_notion_has_another_fingerprint() {
    let ours = first("**a** b");
    let same = |change: fn(&mut Value)| {
        let mut tree = returned(&ours);
        change(&mut tree.block.raw);
        tree.block.fingerprint() == ours.fingerprint()
    };
    assert!(same(|_| {}));
    assert!(same(|raw| raw["last_edited_time"] = json!("2026-11-22T08:41:00.000Z")));
    assert!(same(|raw| raw["paragraph"]["something_new"] = json!({"a": 1})));
    assert!(!same(|raw| raw["paragraph"]["color"] = json!("red")));
    assert!(!same(|raw| raw["paragraph"]["rich_text"][0]["text"]["content"] = json!("c")));
    assert!(!same(|raw| raw["paragraph"]["rich_text"][0]["annotations"]["bold"] = json!(false)));
    assert!(!same(|raw| raw["paragraph"]["rich_text"][1]["text"]["link"] = json!({"url": "https://a.b"})));
}

#[test]
fn fingerprints_do_not_depend_on_how_text_is_cut() {
    let cut = |parts: &[&str]| {
        let runs: Vec<_> =
            parts.iter().map(|part| json!({"type": "text", "text": {"content": part}})).collect();
        NewBlock { kind: "paragraph", content: json!({"rich_text": runs}), children: vec![] }.fingerprint()
    };
    assert_eq!(cut(&["a b\nc"]), cut(&["a", " b", "\n", "c"]));
    assert_ne!(cut(&["a b"]), cut(&["a", "b"]));
    assert_eq!(cut(&["a b"]).as_str(), first("a b").fingerprint().to_string());
    assert_ne!(first("a").fingerprint(), first("# a").fingerprint());
    assert_ne!(first("- [ ] a").fingerprint(), first("- [x] a").fingerprint());
    assert_ne!(first("```\na").fingerprint(), first("```js\na").fingerprint());
    assert_eq!(first("- a").fingerprint(), first("- a\n  - b").fingerprint());
}

#[test]
fn what_a_document_cannot_say_stays_as_it_is() {
    let plain = returned(&first("a"));
    let colourful = |change: fn(&mut Value)| {
        let mut tree = plain.clone();
        change(&mut tree.block.raw["paragraph"]);
        tree
    };
    let mut parent = plain.clone();
    parent.children.push(plain.clone());
    for tree in [
        colourful(|content| content["color"] = json!("red")),
        colourful(|content| content["rich_text"][0]["annotations"]["underline"] = json!(true)),
        colourful(|content| {
            content["rich_text"] =
                json!([{"type": "mention", "plain_text": "@b", "mention": {"type": "user"}}]);
        }),
        parent,
        tree(json!({"type": "child_page", "child_page": {"title": "a"}}), vec![]),
        tree(json!({"type": "table", "table": {"table_width": 2}}), vec![plain.clone()]),
    ] {
        let Document { blocks } = document_from_blocks(std::slice::from_ref(&tree));
        let [Block::Foreign { kind, source, children }] = blocks.as_slice() else { panic!("{blocks:?}") };
        assert_eq!(*kind, tree.block.kind);
        assert_eq!(serde_json::from_str::<Value>(source).unwrap(), tree.block.raw[kind.as_str()]);
        assert_eq!(children.len(), tree.children.len());
    }
}
