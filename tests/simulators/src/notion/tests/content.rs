//! Blocks: limits, nesting, positions, changes.

use super::{Session, paragraph, text};
use serde_json::{Value, json};

fn page(session: &mut Session) -> String {
    format!("blocks/{}", session.new_ticket("Blocks"))
}

fn append(session: &mut Session, path: &str, children: &Value) -> super::Answered {
    session.patch(&format!("{path}/children"), &json!({"children": children}))
}

fn texts(session: &mut Session, path: &str) -> Vec<String> {
    let listed = session.get(&format!("{path}/children")).ok();
    let results = listed["results"].as_array().unwrap();
    results
        .iter()
        .map(|block| {
            block[block["type"].as_str().unwrap()]["rich_text"][0]["plain_text"]
                .as_str()
                .unwrap_or("-")
                .to_owned()
        })
        .collect()
}

#[test]
fn text_over_2000_utf16_units_is_refused_with_its_path() {
    let mut session = Session::new();
    let path = page(&mut session);
    append(&mut session, &path, &json!([paragraph(&"a".repeat(2000))])).ok();
    let refused = append(&mut session, &path, &json!([paragraph("fine"), paragraph(&"😀".repeat(1001))]));
    assert_eq!(
        refused.invalid(),
        "body failed validation: body.children[1].paragraph.rich_text[0].text.content.length should be ≤ `2000`, instead was `2002`."
    );
    let many = json!([{"paragraph": {"rich_text": vec![text("x")[0].clone(); 101]}}]);
    assert!(
        append(&mut session, &path, &many)
            .invalid()
            .contains("rich_text.length should be ≤ `100`, instead was `101`")
    );
}

#[test]
fn a_request_holds_100_children_1000_blocks_and_two_levels_below() {
    let mut session = Session::new();
    let path = page(&mut session);
    append(&mut session, &path, &json!(vec![paragraph("x"); 100])).ok();
    assert!(
        append(&mut session, &path, &json!(vec![paragraph("x"); 101]))
            .invalid()
            .contains("children.length should be ≤ `100`")
    );
    let with = |children: Value| json!({"toggle": {"rich_text": text("t"), "children": children}});
    let two_levels = with(json!([with(json!([paragraph("deep")]))]));
    append(&mut session, &path, &json!([two_levels])).ok();
    let three_levels = with(json!([two_levels.clone()]));
    assert!(
        append(&mut session, &path, &json!([three_levels]))
            .invalid()
            .contains("children should be not present")
    );
    let wide = json!(vec![with(json!(vec![paragraph("x"); 100])); 10]);
    assert!(append(&mut session, &path, &wide).invalid().contains("1000"));
}

#[test]
fn half_a_megabyte_is_the_end_of_a_payload_and_a_whole_one_is_not_read() {
    let mut session = Session::new();
    let path = page(&mut session);
    let big =
        |runs: usize| json!([{"paragraph": {"rich_text": vec![text(&"x".repeat(1990))[0].clone(); runs]}}]);
    let four: Vec<_> = (0..3).flat_map(|_| big(90).as_array().unwrap().clone()).collect();
    assert!(append(&mut session, &path, &json!(four)).invalid().contains("500000"));
    let six: Vec<_> = (0..6).flat_map(|_| big(90).as_array().unwrap().clone()).collect();
    assert_eq!(append(&mut session, &path, &json!(six)).status, 413);
}

#[test]
fn addresses_are_checked_and_end_at_2000() {
    let mut session = Session::new();
    let path = page(&mut session);
    for url in ["", "notes", "javascript:alert(1)"] {
        let refused = append(&mut session, &path, &json!([{"bookmark": {"url": url}}]));
        assert!(refused.invalid().contains("bookmark.url should be a valid URL"), "{url}");
    }
    let long = format!("https://app.test/{}", "x".repeat(2000));
    assert!(
        append(&mut session, &path, &json!([{"bookmark": {"url": long}}])).invalid().contains("≤ `2000`")
    );
    let linked = json!([{"paragraph": {"rich_text": [{"text": {"content": "0:42", "link": {"url": "https://app.test/s/v?t=42"}}}]}}]);
    let block = append(&mut session, &path, &linked).ok();
    assert_eq!(block["results"][0]["paragraph"]["rich_text"][0]["href"], "https://app.test/s/v?t=42");
}

#[test]
fn blocks_go_to_the_start_the_end_or_after_one_of_their_siblings() {
    let mut session = Session::new();
    let wiki = session.notion.ids_titled("Alice's notes")[0];
    let path = format!("blocks/{wiki}");
    let first =
        append(&mut session, &path, &json!([paragraph("b"), paragraph("d")])).ok()["results"][0]["id"]
            .clone();
    let at = |session: &mut Session, text: &str, position: Value| {
        session
            .patch(&format!("{path}/children"), &json!({"children": [paragraph(text)], "position": position}))
    };
    at(&mut session, "a", json!({"type": "start"})).ok();
    at(&mut session, "c", json!({"type": "after_block", "after_block": {"id": first}})).ok();
    at(&mut session, "e", json!({"type": "end"})).ok();
    assert_eq!(texts(&mut session, &path), ["a", "b", "c", "d", "e"]);
    let foreign = page(&mut session).replace("blocks/", "");
    assert_eq!(
        at(&mut session, "x", json!({"type": "after_block", "after_block": {"id": foreign}})).status,
        404
    );
    let refused = session.patch(&format!("{path}/children"), &json!({"children": [], "after": first}));
    assert!(refused.invalid().contains("body.after should be not present"));
    session.version = Some("2025-09-03");
    session.patch(&format!("{path}/children"), &json!({"children": [paragraph("b2")], "after": first})).ok();
    assert_eq!(texts(&mut session, &path), ["a", "b", "b2", "c", "d", "e"]);
}

#[test]
fn a_change_replaces_the_given_fields_and_keeps_the_type() {
    let mut session = Session::new();
    let path = page(&mut session);
    let todo = json!([{"to_do": {"rich_text": text("Write"), "checked": true}}]);
    let id = append(&mut session, &path, &todo).ok()["results"][0]["id"].as_str().unwrap().to_owned();
    let block = format!("blocks/{id}");
    let changed = session.patch(&block, &json!({"to_do": {"rich_text": text("Rewrite")}})).ok();
    assert_eq!(
        (&changed["to_do"]["checked"], &changed["to_do"]["rich_text"][0]["plain_text"]),
        (&json!(true), &json!("Rewrite"))
    );
    assert!(
        session
            .patch(&block, &json!({"paragraph": {"rich_text": text("No")}}))
            .invalid()
            .contains("body.paragraph should be not present")
    );
    assert!(
        session
            .patch(&block, &json!({"archived": true}))
            .invalid()
            .contains("body.archived should be not present")
    );
    session.send("DELETE", &block, None).ok();
    assert!(session.send("DELETE", &block, None).invalid().contains("archived"));
    assert!(!texts(&mut session, &path).contains(&"Rewrite".to_owned()));
}

#[test]
fn only_blocks_that_can_hold_others_do() {
    let mut session = Session::new();
    let path = page(&mut session);
    let made =
        append(&mut session, &path, &json!([{"divider": {}}, {"heading_1": {"rich_text": text("H")}}])).ok();
    for at in 0..2 {
        let under = format!("blocks/{}", made["results"][at]["id"].as_str().unwrap());
        assert_eq!(
            append(&mut session, &under, &json!([paragraph("x")])).invalid(),
            "Block does not support children."
        );
    }
    for orphan in
        [json!({"table_row": {"cells": [text("a")]}}), json!({"column": {"children": [paragraph("a")]}})]
    {
        assert!(append(&mut session, &path, &json!([orphan])).invalid().contains("cannot be placed here"));
    }
    assert!(append(&mut session, &path, &json!([{"note": {}}])).invalid().contains("Fix one"));
}

#[test]
fn every_kind_of_block_comes_back_in_the_vendors_form() {
    let mut session = Session::new();
    let path = page(&mut session);
    let rich = |kind: &str| json!({"object": "block", "type": kind, kind: {"rich_text": text(kind)}});
    let file =
        |kind: &str| json!({kind: {"type": "external", "external": {"url": "https://files.test/a.bin"}}});
    let mut blocks: Vec<Value> = [
        "paragraph",
        "heading_1",
        "heading_2",
        "heading_3",
        "heading_4",
        "bulleted_list_item",
        "numbered_list_item",
        "quote",
        "toggle",
        "to_do",
        "callout",
    ]
    .map(rich)
    .into();
    blocks.extend(["image", "video", "pdf", "audio", "file"].map(file));
    blocks.extend([
        json!({"code": {"rich_text": text("let x;"), "language": "rust"}}),
        json!({"equation": {"expression": "e=mc^2"}}),
        json!({"divider": {}}),
        json!({"breadcrumb": {}}),
        json!({"table_of_contents": {}}),
        json!({"bookmark": {"url": "https://app.test/", "caption": text("App")}}),
        json!({"embed": {"url": "https://app.test/"}}),
        json!({"table": {"table_width": 2, "children": [{"table_row": {"cells": [text("a"), text("b")]}}]}}),
        json!({"column_list": {"children": [
            {"column": {"children": [paragraph("left")]}},
            {"column": {"children": [{"toggle": {"rich_text": text("right"), "children": [paragraph("deep")]}}]}},
        ]}}),
        json!({"callout": {"rich_text": [
            {"mention": {"date": {"start": "2026-11-21"}}},
            {"equation": {"expression": "x"}, "annotations": {"bold": true, "color": "red"}},
        ], "icon": {"type": "emoji", "emoji": "💡"}}}),
    ]);
    let count = blocks.len();
    append(&mut session, &path, &json!(blocks)).ok();
    let listed = session.get(&format!("{path}/children?page_size=100")).ok();
    assert_eq!(listed["results"].as_array().unwrap().len(), count + 3);
    for block in listed["results"].as_array().unwrap().clone() {
        let id = block["id"].as_str().unwrap();
        assert_eq!(session.get(&format!("blocks/{id}")).ok(), block);
        session.get(&format!("blocks/{id}/children")).ok();
    }
}
