//! Databases that a connection makes below a page: their schema, their rows, and their end.

use super::{Session, text};
use serde_json::{Value, json};

/// A database below Alice's notes, as the body of a request.
pub(super) fn plan(session: &Session, title: &str) -> Value {
    let notes = session.notion.ids_titled("Alice's notes")[0];
    json!({
        "parent": {"type": "page_id", "page_id": notes},
        "title": text(title),
        "description": text("What to learn"),
        "is_inline": true,
        "icon": {"type": "emoji", "emoji": "📚"},
        "initial_data_source": {"properties": {
            "Name": {"title": {}},
            "Patchbay ID": {"rich_text": {}},
            "Minutes": {"type": "number", "number": {"format": "number"}},
            "Level": {"select": {"options": [{"name": "Easy", "color": "green"}, {"name": "Hard"}]}},
            "Topics": {"multi_select": {}},
            "Progress": {"status": {}},
            "Due": {"date": {}},
            "Optional": {"checkbox": {}},
            "Source": {"url": {}},
        }},
    })
}

fn made(session: &mut Session) -> (String, String) {
    let body = plan(session, "Plan");
    let database = session.post("databases", &body).ok();
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    (id(&database), id(&database["data_sources"][0]))
}

fn lesson(source: &str, title: &str, mark: &str) -> Value {
    json!({"parent": {"data_source_id": source}, "properties": {
        "Name": {"title": text(title)},
        "Patchbay ID": {"rich_text": text(mark)},
        "Minutes": {"number": 12.5},
        "Level": {"select": {"name": "Hard"}},
        "Topics": {"multi_select": [{"name": "Rust"}, {"name": "Waves"}]},
        "Progress": {"status": {"name": "In progress"}},
        "Due": {"date": {"start": "2026-11-23"}},
        "Optional": {"checkbox": true},
        "Source": {"url": "https://app.test/s/v1"},
    }})
}

#[test]
fn a_new_database_hangs_at_the_end_of_its_page_and_reads_back_as_it_was_made() {
    let mut session = Session::new();
    let notes = session.notion.ids_titled("Alice's notes")[0];
    session.patch(&format!("blocks/{notes}/children"), &json!({"children": [super::paragraph("Hi")]})).ok();
    let (id, source) = made(&mut session);
    let listed = session.get(&format!("blocks/{notes}/children")).ok();
    assert_eq!(listed["results"][1]["child_database"]["title"], "Plan");
    let database = session.get(&format!("databases/{id}")).ok();
    assert_eq!(database["description"][0]["plain_text"], "What to learn");
    assert_eq!((&database["is_inline"], &database["icon"]["emoji"]), (&json!(true), &json!("📚")));
    assert_eq!(database["data_sources"], json!([{"id": source, "name": "Plan"}]));
    let schema = session.get(&format!("data_sources/{source}")).ok()["properties"].clone();
    assert_eq!(
        (&schema["Name"]["id"], &schema["Minutes"]["number"]["format"]),
        (&json!("title"), &json!("number"))
    );
    let groups = schema["Progress"]["status"]["groups"].as_array().unwrap();
    assert_eq!(
        groups.iter().map(|group| group["option_ids"].as_array().unwrap().len()).collect::<Vec<_>>(),
        [1; 3]
    );
    let view = &session.notion.databases_under(notes)[0];
    assert_eq!((view.title.as_str(), view.data_source_id.to_string(), view.rows.len()), ("Plan", source, 0));
}

#[test]
fn a_schema_needs_one_title_and_only_kinds_and_options_that_there_are() {
    let mut session = Session::new();
    let body = plan(&session, "Plan");
    let mut with = |name: &str, property: Value| {
        let mut body = body.clone();
        body["initial_data_source"]["properties"][name] = property;
        session.post("databases", &body).invalid().to_owned()
    };
    assert_eq!(with("Name", json!({"rich_text": {}})), "Title is not provided");
    assert!(with("Other", json!({"title": {}})).contains("two title properties"));
    assert!(with("Colour", json!({"colour": {}})).contains("known type"));
    assert!(with("Both", json!({"url": {}, "date": {}})).contains("not present"));
    assert!(with("Price", json!({"number": {"format": "doubloon"}})).contains("number.format should be"));
    assert!(with("Level", json!({"select": {"options": [{"name": "a,b"}]}})).contains("commas not allowed"));
    assert!(with("Level", json!({"select": {"options": [{"name": "a"}, {"name": "a"}]}})).contains("unique"));
    assert!(
        with("Level", json!({"select": {"options": [{"id": "a", "name": "a"}]}})).contains("not present")
    );
    assert!(with("Sum", json!({"formula": {"expression": "1"}})).contains("not part of this stand-in"));
    let mut refused = |key: &str, value: Value| {
        let mut body = body.clone();
        body[key] = value;
        session.post("databases", &body).invalid().to_owned()
    };
    assert!(
        refused("properties", json!({"Name": {"title": {}}}))
            .contains("body.properties should be not present")
    );
    assert_eq!(refused("initial_data_source", json!({})), "Title is not provided");
    assert!(refused("parent", json!({"page_id": "0d9f6f4e8f3b4a3c9a630c0f5f6a1b2c"})).contains("parent"));
    assert!(refused("icon", Value::Null).contains("icon"));
}

#[test]
fn a_database_is_made_only_below_a_living_page_that_is_shared() {
    let mut session = Session::of("Bob", &["Bob's notes"]);
    let hidden = plan(&session, "Plan");
    assert_eq!(session.post("databases", &hidden).refusal().1, "object_not_found");
    let mut session = Session::new();
    let body = plan(&session, "Plan");
    let notes = session.notion.ids_titled("Alice's notes")[0];
    session.notion.person_trashes(notes, true);
    assert!(session.post("databases", &body).invalid().contains("archived"));
}

#[test]
fn a_row_takes_every_kind_of_value_is_found_by_its_text_and_changed() {
    let mut session = Session::new();
    let (_, source) = made(&mut session);
    let row = session.post("pages", &lesson(&source, "One", "a-1")).ok();
    session.post("pages", &lesson(&source, "Other", "a-12")).ok();
    let query = format!("data_sources/{source}/query");
    let filter = json!({"filter": {"property": "Patchbay ID", "rich_text": {"equals": "a-1"}}});
    let found = session.post(&query, &filter).ok()["results"].as_array().unwrap().clone();
    assert_eq!(found, std::slice::from_ref(&row));
    let changes = json!({"properties": {
        "Minutes": {"number": null}, "Level": {"select": {"name": "Easy"}}, "Topics": {"multi_select": [{"name": "Waves"}]},
        "Progress": {"status": {"name": "Done"}}, "Due": {"date": {"start": "2026-11-23", "end": "2026-11-24"}},
        "Optional": {"checkbox": false}, "Source": {"url": null}, "Patchbay ID": {"rich_text": []},
    }});
    session.patch(&format!("pages/{}", row["id"].as_str().unwrap()), &changes).ok();
    assert_eq!(session.post(&query, &filter).ok()["results"], json!([]));
    let notes = session.notion.ids_titled("Alice's notes")[0];
    let rows = session.notion.databases_under(notes).remove(0).rows;
    assert_eq!(
        json!(rows[0].properties),
        json!({
            "Name": "One", "Level": "Easy", "Topics": ["Waves"], "Progress": "Done", "Optional": false,
            "Due": {"start": "2026-11-23", "end": "2026-11-24", "time_zone": null},
        })
    );
    assert_eq!(rows[1].properties["Minutes"], json!(12.5));
    let mut wrong = lesson(&source, "Wrong", "a-2");
    wrong["properties"]["Due"] = json!({"date": {"start": "soon"}});
    assert!(session.post("pages", &wrong).invalid().contains("valid ISO 8601 date"));
}

#[test]
fn a_database_is_renamed_described_trashed_and_restored() {
    let mut session = Session::new();
    let (id, source) = made(&mut session);
    let path = format!("databases/{id}");
    let changed = session.patch(&path, &json!({"title": text("Path"), "description": text("New")})).ok();
    assert_eq!((&changed["title"][0]["plain_text"], &changed["is_inline"]), (&json!("Path"), &json!(true)));
    assert!(
        session.patch(&path, &json!({"archived": true})).invalid().contains("archived should be not present")
    );
    assert!(session.patch(&path, &json!({"properties": {}})).invalid().contains("not present"));
    let notes = session.notion.ids_titled("Alice's notes")[0];
    assert_eq!(session.patch(&path, &json!({"in_trash": true})).ok()["in_trash"], true);
    assert_eq!(session.get(&format!("blocks/{notes}/children")).ok()["results"], json!([]));
    assert!(session.notion.databases_under(notes).is_empty());
    assert!(session.patch(&path, &json!({"title": text("Gone")})).invalid().contains("archived"));
    assert!(session.post("pages", &lesson(&source, "Late", "a-1")).invalid().contains("archived"));
    assert_eq!(session.get(&path).ok()["title"][0]["plain_text"], "Path");
    assert_eq!(session.patch(&path, &json!({"in_trash": false})).ok()["in_trash"], false);
    session.send("DELETE", &format!("blocks/{id}"), None).ok();
    assert_eq!(session.get(&path).ok()["in_trash"], true);
}
