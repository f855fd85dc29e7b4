//! Databases, their schemas, queries and search.

use super::{EVERYTHING, Session, text};
use crate::notion::NotionLimits;
use serde_json::{Value, json};

fn names(listed: &Value) -> Vec<String> {
    let title = |page: &Value| {
        page["properties"]["Name"]["title"][0]["plain_text"].as_str().unwrap_or_default().to_owned()
    };
    listed["results"].as_array().unwrap().iter().map(title).collect()
}

/// The schema changed once by adding the column we look things up by.
fn with_ids(session: &mut Session) -> String {
    let source = session.source("Product tickets");
    session.patch(&source, &json!({"properties": {"Patchbay ID": {"rich_text": {}}}})).ok();
    source
}

fn identified(session: &mut Session, title: &str, id: &str) {
    let mut ticket = session.ticket(title);
    ticket["properties"]["Patchbay ID"] = json!({"rich_text": text(id)});
    session.post("pages", &ticket).ok();
}

#[test]
fn a_database_leads_to_its_data_source_and_back() {
    let mut session = Session::new();
    let source = session.get(&session.source("Ideas")).ok();
    assert!(source["properties"].get("Priority").is_none());
    let database =
        session.get(&format!("databases/{}", source["parent"]["database_id"].as_str().unwrap())).ok();
    assert_eq!(database["data_sources"][0]["id"], source["id"]);
    assert_eq!(database["title"][0]["plain_text"], "Ideas");
}

#[test]
fn a_property_is_added_renamed_and_removed() {
    let mut session = Session::new();
    let source = with_ids(&mut session);
    let renamed = session.patch(&source, &json!({"properties": {"Patchbay ID": {"name": "Origin"}}})).ok();
    assert_eq!(renamed["properties"]["Origin"]["type"], "rich_text");
    session.patch(&source, &json!({"properties": {"Origin": null}})).ok();
    assert!(!session.notion.property_names("Product tickets").contains(&"Origin".to_owned()));
    let mut with =
        |properties: Value| session.patch(&source, &json!({"properties": properties})).invalid().to_owned();
    assert!(with(json!({"Gone": null})).contains("is not a property that exists"));
    assert!(with(json!({"Name": null})).contains("title"));
    assert!(with(json!({"Priority": {"name": "Status"}})).contains("two properties"));
    assert!(with(json!({"New": {"rich_text": {"a": 1}}})).contains("not present"));
    assert!(
        with(json!({"New": {"colour": {}}})).contains("not present")
            || with(json!({"New": {}})).contains("exists")
    );
}

#[test]
fn the_schema_of_a_locked_database_may_not_be_changed() {
    let mut session = Session::new();
    let source = session.source("Locked board");
    let refused = session.patch(&source, &json!({"properties": {"Patchbay ID": {"rich_text": {}}}}));
    assert_eq!((refused.refusal().0, refused.refusal().1), (403, "restricted_resource"));
    assert!(!session.notion.property_names("Locked board").contains(&"Patchbay ID".to_owned()));
}

#[test]
fn pages_are_found_by_the_exact_text_of_a_property() {
    let mut session = Session::new();
    let source = with_ids(&mut session);
    identified(&mut session, "One", "a-1");
    identified(&mut session, "Other", "a-12");
    let query = format!("{source}/query");
    let filter = json!({"filter": {"property": "Patchbay ID", "rich_text": {"equals": "a-1"}}});
    assert_eq!(names(&session.post(&query, &filter).ok()), ["One"]);
    let filter = json!({"filter": {"or": [
        {"property": "Name", "title": {"contains": "oth"}},
        {"and": [{"property": "Ticket Type", "select": {"equals": "Task"}}, {"property": "Status", "status": {"is_not_empty": true}}]},
    ]}});
    assert_eq!(names(&session.post(&query, &filter).ok()), ["Other"]);
}

#[test]
fn pages_in_the_trash_are_only_found_when_asked_for() {
    let mut session = Session::new();
    let id = session.new_ticket("Trashed");
    session.new_ticket("Kept");
    session.patch(&format!("pages/{id}"), &json!({"in_trash": true})).ok();
    let query = format!("{}/query", session.source("Product tickets"));
    assert_eq!(names(&session.post(&query, &json!({})).ok()), ["Kept"]);
    assert_eq!(names(&session.post(&query, &json!({"in_trash": true})).ok()), ["Trashed"]);
}

#[test]
fn filters_on_creation_see_the_rounded_minute() {
    let mut session = Session::new();
    session.new_ticket("At 08:42:31");
    let query = format!("{}/query", session.source("Product tickets"));
    let mut since = |at: &str| {
        let filter = json!({"filter": {"timestamp": "created_time", "created_time": {"on_or_after": at}}});
        names(&session.post(&query, &filter).ok()).len()
    };
    assert_eq!(
        (since("2026-11-21T08:42:00Z"), since("2026-11-21T08:42:31Z"), since("2026-11-21")),
        (1, 0, 1)
    );
}

#[test]
fn sorts_and_pages_of_a_query_follow_on_from_each_other() {
    let mut session = Session::new();
    for title in ["b", "c", "a", "d"] {
        session.new_ticket(title);
        session.wait(60_000);
    }
    let query = format!("{}/query", session.source("Product tickets"));
    let by_title = json!({"sorts": [{"property": "Name", "direction": "descending"}], "page_size": 3});
    let first = session.post(&query, &by_title).ok();
    assert_eq!(
        (names(&first), &first["has_more"]),
        (vec!["d".to_owned(), "c".to_owned(), "b".to_owned()], &json!(true))
    );
    let mut next = by_title.clone();
    next["start_cursor"] = first["next_cursor"].clone();
    assert_eq!(names(&session.post(&query, &next).ok()), ["a"]);
    let newest = json!({"sorts": [{"timestamp": "created_time", "direction": "descending"}]});
    assert_eq!(names(&session.post(&query, &newest).ok()), ["d", "a", "c", "b"]);
}

#[test]
fn a_query_that_does_not_fit_the_schema_or_the_form_is_refused() {
    let mut session = Session::new();
    let query = format!("{}/query", session.source("Product tickets"));
    let mut with = |body: Value| session.post(&query, &body).invalid().to_owned();
    assert!(
        with(json!({"filter": {"property": "Gone", "rich_text": {"equals": "a"}}}))
            .contains("Could not find property with name or id: Gone")
    );
    assert!(
        with(json!({"filter": {"property": "Name", "rich_text": {"equals": "a"}}}))
            .contains("does not match filter")
    );
    assert!(with(json!({"filter": {"property": "Name", "title": {"like": "a"}}})).contains("title.like"));
    assert!(
        with(json!({"filter": {"property": "Priority", "select": {"equals": "Urgent"}}}))
            .contains("not found for property")
    );
    assert!(with(json!({"filter": {}})).contains("Fix one"));
    assert!(with(json!({"page_size": 101})).contains("page_size"));
    assert!(with(json!({"page_size": "10"})).contains("page_size"));
    assert!(with(json!({"start_cursor": "next"})).contains("valid uuid"));
    assert!(
        with(json!({"start_cursor": "0d9f6f4e8f3b4a3c9a630c0f5f6a1b2c"}))
            .contains("start_cursor provided is invalid")
    );
    assert!(
        with(json!({"sorts": [{"property": "Gone", "direction": "ascending"}]}))
            .contains("Could not find sort property")
    );
    assert!(with(json!({"archived": true})).contains("not present"));
    assert!(with(json!({"limit": 10})).contains("body.limit should be not present"));
}

#[test]
fn search_goes_through_all_pages_and_finds_only_what_is_shared() {
    let mut session = Session::new();
    let mut cursor = Value::Null;
    let mut found = 0;
    loop {
        let listed = session
            .post(
                "search",
                &json!({"filter": {"property": "object", "value": "page"}, "start_cursor": cursor}),
            )
            .ok();
        found += listed["results"].as_array().unwrap().len();
        cursor = listed["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(found, 122);
    let mut sources = |person: &str, shared: &[&str]| {
        session.token = session.connect(person, shared)["access_token"].as_str().unwrap().to_owned();
        let listed =
            session.post("search", &json!({"filter": {"property": "object", "value": "data_source"}})).ok();
        listed["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|source| source["title"][0]["plain_text"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(sources("Alice", EVERYTHING).len(), 3);
    assert_eq!(sources("Bob", &["Ideas"]), ["Ideas"]);
    assert!(sources("Bob", &[]).is_empty());
}

#[test]
fn search_takes_words_and_only_known_filters() {
    let mut session = Session::new();
    let listed = session.post("search", &json!({"query": "product TICK", "sort": {"timestamp": "last_edited_time", "direction": "descending"}})).ok();
    assert_eq!(listed["results"][0]["object"], "data_source");
    let refused = session.post("search", &json!({"filter": {"property": "object", "value": "database"}}));
    assert!(refused.invalid().contains("`data_source`"));
}

#[test]
fn a_page_of_results_may_be_shorter_than_asked_for() {
    let mut session = Session::new();
    session.notion.set_limits(NotionLimits { page_size: 2, ..NotionLimits::default() });
    let listed = session
        .post("search", &json!({"filter": {"property": "object", "value": "data_source"}, "page_size": 100}))
        .ok();
    assert_eq!((listed["results"].as_array().unwrap().len(), &listed["has_more"]), (2, &json!(true)));
}
