//! What people do by hand, as a connection sees it, and what oracles see.

use super::{Session, paragraph, text};
use serde_json::{Value, json};
use uuid::Uuid;

/// The notes of Alice with one paragraph and one to-do of the connection's.
fn notes(session: &mut Session) -> (Uuid, Uuid, Uuid) {
    let notes = session.notion.ids_titled("Alice's notes")[0];
    let children = json!([paragraph("ours"), {"to_do": {"rich_text": text("Read")}}]);
    let made = session.patch(&format!("blocks/{notes}/children"), &json!({"children": children})).ok();
    let id = |at: usize| made["results"][at]["id"].as_str().unwrap().parse().unwrap();
    (notes, id(0), id(1))
}

fn block(session: &mut Session, id: Uuid) -> Value {
    session.get(&format!("blocks/{id}")).ok()
}

#[test]
fn a_block_says_which_bot_made_it_and_which_person_changed_it() {
    let mut session = Session::new();
    let (notes, ours, todo) = notes(&mut session);
    let bot = session.get("users/me").ok()["id"].clone();
    let before = block(&mut session, ours);
    assert_eq!((&before["created_by"]["id"], &before["last_edited_by"]["id"]), (&bot, &bot));
    session.wait(60_000);
    assert!(session.notion.person_edits_block(ours, "theirs", session.now));
    assert!(session.notion.person_checks_todo(todo, true, session.now));
    let after = block(&mut session, ours);
    assert_eq!(
        (&after["created_by"]["id"], &after["last_edited_time"]),
        (&bot, &json!("2026-11-21T08:43:00.000Z"))
    );
    assert_ne!(after["last_edited_by"]["id"], bot);
    assert_eq!(after["paragraph"]["rich_text"][0]["plain_text"], "theirs");
    assert_eq!(block(&mut session, todo)["to_do"]["checked"], true);
    let page = session.notion.page(notes).unwrap();
    assert_eq!((page.blocks[0].checked, page.blocks[1].checked), (None, Some(true)));
    assert_eq!(json!(page.blocks[0].edited_by), after["last_edited_by"]["id"]);
    assert!(!session.notion.person_checks_todo(ours, true, session.now), "a paragraph is not a to-do");
    assert!(!session.notion.person_edits_block(notes, "x", session.now));
}

#[test]
fn a_person_writes_between_and_below_the_blocks_of_a_connection() {
    let mut session = Session::new();
    let (notes, ours, todo) = notes(&mut session);
    let between = session.notion.person_adds_block(notes, Some(ours), "between", session.now).unwrap();
    let nested = session.notion.person_adds_block(todo, None, "nested", session.now).unwrap();
    session.notion.person_adds_block(notes, None, "last", session.now).unwrap();
    assert_eq!(session.notion.person_adds_block(notes, Some(nested), "nowhere", session.now), None);
    let page = session.notion.page(notes).unwrap();
    let texts: Vec<_> = page.blocks.iter().map(|block| block.text.as_str()).collect();
    assert_eq!(texts, ["ours", "between", "Read", "last"]);
    assert_eq!(page.blocks[2].children[0].text, "nested");
    let seen = block(&mut session, between);
    assert_eq!(seen["created_by"], seen["last_edited_by"]);
    assert_eq!(json!(page.blocks[1].edited_by), seen["created_by"]["id"]);
}

#[test]
fn what_a_person_deletes_is_there_to_read_but_not_to_build_on() {
    let mut session = Session::new();
    let (notes, ours, todo) = notes(&mut session);
    assert!(session.notion.person_deletes_block(ours, session.now));
    assert!(session.notion.person_deletes_block(todo, session.now));
    assert_eq!(block(&mut session, ours)["in_trash"], true);
    assert!(session.get(&format!("blocks/{todo}/children")).invalid().contains("archived"));
    let path = format!("blocks/{notes}/children");
    let after = json!({"type": "after_block", "after_block": {"id": ours}});
    let refused = session.patch(&path, &json!({"children": [paragraph("x")], "position": after}));
    assert_eq!(refused.refusal().1, "object_not_found");
    let nested = session.patch(&format!("blocks/{todo}/children"), &json!({"children": [paragraph("x")]}));
    assert!(nested.invalid().contains("archived"));
    assert_eq!(session.get(&path).ok()["results"], json!([]));
}

#[test]
fn pages_below_a_page_are_seen_in_order_and_without_those_in_the_trash() {
    let mut session = Session::new();
    let (notes, ..) = notes(&mut session);
    let first = session.notion.person_adds_page(notes, "First", session.now).unwrap();
    let second = session.notion.person_adds_page(notes, "Second", session.now).unwrap();
    let titles = |session: &Session| {
        session.notion.children_of(notes).into_iter().map(|page| page.title).collect::<Vec<_>>()
    };
    assert_eq!(titles(&session), ["First", "Second"]);
    assert_eq!(session.get(&format!("pages/{second}")).ok()["parent"]["page_id"], json!(notes));
    session.notion.person_trashes(first, true);
    assert_eq!(titles(&session), ["Second"]);
    let listed = session.get(&format!("blocks/{notes}/children")).ok();
    assert_eq!(listed["results"].as_array().unwrap().len(), 3);
}
