//! The other direction: a body that the vendor's schema refuses is never accepted, whatever was done to it.

use super::{Session, paragraph, text};
use crate::Seed;
use serde_json::{Map, Value, json};
use vendors::NOTION;

/// Changes one place of a value: drops it, replaces it, or adds a key.
fn spoil(value: &mut Value, seed: &mut Seed) {
    let pick = |seed: &mut Seed, most: usize| usize::try_from(seed.next_u64() % most.max(1) as u64).unwrap();
    let deeper = !seed.next_u64().is_multiple_of(4);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let key = fields.keys().nth(pick(seed, fields.len())).unwrap().clone();
            match (deeper, seed.next_u64() % 3) {
                (true, _) => spoil(fields.get_mut(&key).unwrap(), seed),
                (false, 0) => drop(fields.remove(&key)),
                (false, 1) => drop(fields.insert("unexpected".to_owned(), json!(1))),
                (false, _) => {
                    let moved = fields.remove(&key).unwrap();
                    fields.insert(key.to_uppercase(), moved);
                }
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = pick(seed, items.len());
            spoil(&mut items[at], seed);
        }
        other => {
            let stand_ins = [
                json!(null),
                json!(7),
                json!("text"),
                json!([]),
                json!({}),
                json!(true),
                json!([[]]),
                json!({"type": "text"}),
            ];
            other.clone_from(&stand_ins[pick(seed, stand_ins.len())]);
        }
    }
}

/// How many spoilt bodies were accepted; each of them must fit the vendor's definition.
fn accepted(method: &str, path: &str, definition: &str, body: &Value, rounds: u64) -> usize {
    let mut session = Session::new();
    let id = session.new_ticket("Target");
    let made = super::plans::plan(&session, "Target");
    let database = session.post("databases", &made).ok()["id"].as_str().unwrap().to_owned();
    let path = path.replace("{source}", &session.source("Product tickets")).replace("{page}", &id);
    let path = path.replace("{database}", &database);
    let tickets = session.notion.data_source_id("Product tickets").unwrap().to_string();
    let notes = session.notion.ids_titled("Alice's notes")[0].to_string();
    let body = body.to_string().replace("{tickets}", &tickets).replace("{notes}", &notes);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(session.send(method, &path, Some(&body)).status, 200, "the unspoilt body must be accepted");
    let mut taken = 0;
    for round in 0..rounds {
        let mut spoilt = body.clone();
        let mut seed = Seed::new(round);
        (0..=seed.next_u64() % 2).for_each(|_| spoil(&mut spoilt, &mut seed));
        let spoilt = if spoilt.is_object() { spoilt } else { Value::Object(Map::new()) };
        let fits = NOTION.complaints(definition, &spoilt).is_empty();
        session.wait(60_000);
        let mut trial = Session { notion: session.notion.clone(), token: session.token.clone(), ..session };
        let answered = trial.send(method, &path, Some(&spoilt));
        assert!(answered.status != 200 || fits, "accepted although it is not a {definition}: {spoilt:#}");
        assert!(answered.status == 200 || answered.status < 500);
        taken += usize::from(answered.status == 200);
    }
    taken
}

#[test]
fn no_spoilt_page_is_accepted_that_the_vendor_would_refuse() {
    let body = json!({
        "parent": {"type": "data_source_id", "data_source_id": "{tickets}"},
        "properties": {
            "Name": {"type": "title", "title": [{"type": "text", "text": {"content": "A", "link": {"url": "https://a.test/"}}, "annotations": {"bold": true}}]},
            "Ticket Type": {"select": {"name": "Bug"}},
            "Status": {"status": {"name": "Done"}},
        },
        "icon": {"type": "emoji", "emoji": "🐞"},
        "cover": {"external": {"url": "https://a.test/a.png"}},
        "children": [
            {"type": "heading_2", "heading_2": {"rich_text": text("H"), "is_toggleable": true, "color": "red", "children": [paragraph("x")]}},
            {"numbered_list_item": {"rich_text": text("One"), "children": [{"to_do": {"rich_text": text("t"), "checked": false}}]}},
            {"bookmark": {"url": "https://a.test/", "caption": text("c")}},
            {"code": {"rich_text": text("x"), "language": "rust"}},
            {"table": {"table_width": 1, "children": [{"table_row": {"cells": [text("a")]}}]}},
        ],
    });
    assert!(accepted("POST", "pages", "CreatePageBodyParameters", &body, 150) > 0);
}

#[test]
fn no_spoilt_append_is_accepted_that_the_vendor_would_refuse() {
    let body = json!({
        "children": [
            {"object": "block", "type": "callout", "callout": {"rich_text": text("c"), "icon": {"emoji": "💡"}, "color": "gray_background"}},
            {"image": {"type": "external", "external": {"url": "https://a.test/a.png"}, "caption": text("c")}},
            {"column_list": {"children": [{"column": {"children": [paragraph("l")]}}, {"column": {"children": [paragraph("r")]}}]}},
            {"paragraph": {"rich_text": [{"mention": {"date": {"start": "2026-11-21", "end": null}}}, {"equation": {"expression": "x"}}]}},
        ],
        "position": {"type": "start"},
    });
    assert!(accepted("PATCH", "blocks/{page}/children", "AppendBlockChildrenBodyParameters", &body, 150) > 0);
}

#[test]
fn no_spoilt_database_or_page_below_a_page_is_accepted_that_the_vendor_would_refuse() {
    let database = super::plans::plan(&Session::new(), "Plan");
    assert!(accepted("POST", "databases", "CreateDatabaseBodyParameters", &database, 200) > 0);
    let change = json!({
        "title": text("Path"), "description": [], "is_inline": false, "in_trash": false,
        "icon": {"external": {"url": "https://a.test/a.png"}}, "cover": {"external": {"url": "https://a.test/a.png"}},
    });
    assert!(accepted("PATCH", "databases/{database}", "UpdateDatabaseBodyParameters", &change, 100) > 0);
    let page = json!({
        "parent": {"type": "page_id", "page_id": "{notes}"},
        "properties": {"title": {"title": text("Lesson")}},
        "position": {"type": "page_start"},
    });
    assert!(accepted("POST", "pages", "CreatePageBodyParameters", &page, 100) > 0);
}

#[test]
fn no_spoilt_query_search_or_schema_is_accepted_that_the_vendor_would_refuse() {
    let query = json!({
        "filter": {"and": [
            {"property": "Name", "title": {"contains": "a"}},
            {"or": [{"timestamp": "created_time", "created_time": {"on_or_after": "2026-01-01"}}, {"property": "Priority", "type": "select", "select": {"is_empty": true}}]},
        ]},
        "sorts": [{"property": "Name", "direction": "ascending"}, {"timestamp": "created_time", "direction": "descending"}],
        "page_size": 10,
        "in_trash": false,
    });
    accepted("POST", "{source}/query", "QueryDataSourceBodyParameters", &query, 120);
    let search = json!({"query": "a", "filter": {"property": "object", "value": "page"}, "sort": {"timestamp": "last_edited_time", "direction": "ascending"}, "page_size": 5});
    accepted("POST", "search", "SearchBodyParameters", &search, 80);
    let schema = json!({"title": text("Board"), "properties": {
        "Patchbay ID": {"rich_text": {}},
        "Priority": {"name": "Urgency"},
        "Size": {"type": "select", "select": {"options": [{"name": "S", "color": "red"}]}},
        "Points": {"number": {"format": "number"}},
        "Product Area": null,
    }});
    accepted("PATCH", "{source}", "UpdateDataSourceBodyParameters", &schema, 120);
    let page = json!({"properties": {"Name": {"title": text("B")}, "Priority": {"select": null}}, "icon": null, "in_trash": false});
    accepted("PATCH", "pages/{page}", "UpdatePageBodyParameters", &page, 80);
}
