//! Lists: filters, pages, and incremental synchronization.

use super::{Session, lesson};
use serde_json::{Value, json};

const EVENTS: &str = "calendars/primary/events";

/// Alice's primary calendar with so many lessons, one a day.
fn filled(lessons: usize) -> Session {
    let mut session = Session::new();
    for at in 0..lessons {
        let mut event = lesson(&format!("Lesson {at}"));
        event["start"] = json!({"dateTime": format!("2026-12-{:02}T09:00:00Z", at + 1)});
        event["end"] = json!({"dateTime": format!("2026-12-{:02}T10:00:00Z", at + 1)});
        event["extendedProperties"] = json!({"private": {"parity": (at % 2).to_string(), "app": "patchbay"}});
        session.insert(&format!("lesson{at}"), &event).ok();
    }
    session
}

/// All pages: the items, and the sync token at the end.
fn all(session: &mut Session, query: &str) -> (Vec<Value>, Option<String>) {
    let (mut items, mut page) = (Vec::new(), String::new());
    loop {
        let list = session.get(&format!("{EVENTS}?{query}{page}")).ok();
        items.extend(list["items"].as_array().unwrap().iter().cloned());
        match list["nextPageToken"].as_str() {
            Some(next) => {
                assert_eq!(list.get("nextSyncToken"), None, "only on the last page");
                page = format!("&pageToken={next}");
            }
            None => return (items, list["nextSyncToken"].as_str().map(str::to_owned)),
        }
    }
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[test]
fn pages_hold_every_event_once_and_the_sync_token_comes_with_the_last() {
    let mut session = filled(7);
    for (size, empty) in [(3, false), (7, false), (2, true), (1, true)] {
        session.limit(|limits| limits.empty_first_page = empty);
        let (items, token) = all(&mut session, &format!("maxResults={size}"));
        assert_eq!(ids(&items).len(), 7);
        assert!(token.is_some());
    }
    session.limit(|limits| (limits.page_size, limits.empty_first_page) = (2, false));
    let first = session.get(EVENTS).ok();
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let page = first["nextPageToken"].as_str().unwrap();
    let other = session.get(&format!("{EVENTS}?q=Lesson&pageToken={page}"));
    assert_eq!(other.refusal(), (400, "invalidParameter"), "a page token belongs to its list");
    assert_eq!(session.get(&format!("{EVENTS}?maxResults=0")).refusal().0, 400);
    assert_eq!(session.get(&format!("{EVENTS}?pageToken=x")).refusal().0, 400);
}

#[test]
fn a_sync_tells_what_changed_since_and_deleted_events_as_stubs() {
    let mut session = filled(4);
    let (_, token) = all(&mut session, "maxResults=3");
    let nothing = all(&mut session, &format!("syncToken={}", token.clone().unwrap()));
    assert!(nothing.0.is_empty());
    session.patch(&format!("{EVENTS}/lesson1"), &json!({"summary": "New"})).ok();
    session.delete(&format!("{EVENTS}/lesson2")).ok();
    let (changed, next) = all(&mut session, &format!("maxResults=1&syncToken={}", nothing.1.unwrap()));
    assert_eq!(ids(&changed), ["lesson1", "lesson2"]);
    assert_eq!(changed[0]["summary"], "New");
    assert_eq!((&changed[1]["status"], changed[1].get("summary")), (&json!("cancelled"), None));
    let (in_full, _) = all(&mut session, &format!("showDeleted=true&syncToken={}", token.unwrap()));
    assert_eq!(in_full[1]["summary"], "Lesson 2");
    session.google.person_deletes_event("alice@example.com", "lesson3", session.now);
    assert_eq!(ids(&all(&mut session, &format!("syncToken={}", next.unwrap())).0), ["lesson3"]);
}

#[test]
fn what_changes_while_pages_are_read_is_told_the_next_time() {
    let mut session = filled(3);
    let first = session.get(&format!("{EVENTS}?maxResults=2")).ok();
    session.patch(&format!("{EVENTS}/lesson0"), &json!({"summary": "Meanwhile"})).ok();
    let page = first["nextPageToken"].as_str().unwrap();
    let last = session.get(&format!("{EVENTS}?maxResults=2&pageToken={page}")).ok();
    let token = last["nextSyncToken"].as_str().unwrap();
    assert_eq!(ids(&all(&mut session, &format!("syncToken={token}")).0), ["lesson0"]);
}

#[test]
fn a_sync_token_allows_no_other_restriction_and_ends() {
    let mut session = filled(1);
    let token = all(&mut session, "").1.unwrap();
    for forbidden in [
        "timeMin=2026-12-01T00:00:00Z",
        "q=a",
        "privateExtendedProperty=a%3Db",
        "orderBy=updated",
        "updatedMin=2026-11-20T00:00:00Z",
        "showDeleted=false",
    ] {
        let refused = session.get(&format!("{EVENTS}?syncToken={token}&{forbidden}"));
        assert_eq!(refused.refusal(), (400, "syncTokenWithRequestRestrictions"), "{forbidden}");
    }
    session.get(&format!("{EVENTS}?syncToken={token}&singleEvents=true")).ok();
    assert!(session.google.violations().last().unwrap().contains("singleEvents"));
    session.google.expire_sync_tokens();
    let gone = session.get(&format!("{EVENTS}?syncToken={token}"));
    assert_eq!(gone.refusal(), (410, "fullSyncRequired"));
    let fresh = all(&mut session, "").1.unwrap();
    session.get(&format!("{EVENTS}?syncToken={fresh}")).ok();
    let study = session.google.calendar_id("Alice", "Study").unwrap();
    let other = session.get(&format!("calendars/{study}/events?syncToken={fresh}"));
    assert_eq!(other.refusal().0, 400, "it belongs to its calendar");
}

#[test]
fn lists_are_filtered_by_properties_times_and_words() {
    let mut session = filled(5);
    let listed = |session: &mut Session, query: &str| ids(&all(session, query).0).join(" ");
    assert_eq!(listed(&mut session, "privateExtendedProperty=parity%3D1"), "lesson1 lesson3");
    let both = "privateExtendedProperty=parity%3D1&privateExtendedProperty=app%3Dpatchbay";
    assert_eq!(listed(&mut session, both), "lesson1 lesson3");
    assert_eq!(
        listed(&mut session, "privateExtendedProperty=parity%3D1&privateExtendedProperty=app%3Dx"),
        ""
    );
    assert_eq!(all(&mut session, both).1, None, "such a list cannot be synchronized");
    let window = "timeMin=2026-12-02T10:00:00Z&timeMax=2026-12-04T09:00:00Z";
    assert_eq!(listed(&mut session, window), "lesson2");
    assert_eq!(listed(&mut session, "singleEvents=true&orderBy=startTime&q=lesson+3"), "lesson3");
    session.delete(&format!("{EVENTS}/lesson0")).ok();
    assert_eq!(listed(&mut session, "maxResults=1"), "lesson1 lesson2 lesson3 lesson4");
    assert_eq!(listed(&mut session, "showDeleted=true").split(' ').count(), 5);
    assert_eq!(listed(&mut session, "updatedMin=2026-11-21T00:00:00Z").split(' ').count(), 5);
    for (query, expected) in [
        ("privateExtendedProperty=a", (400, "invalid")),
        ("timeMin=2026-12-02", (400, "invalidParameter")),
        ("timeMin=2026-12-02T00:00:00", (400, "invalidParameter")),
        ("timeMin=2026-12-02T00:00:00Z&timeMax=2026-12-01T00:00:00Z", (400, "timeRangeEmpty")),
        ("orderBy=startTime", (400, "invalidParameter")),
        ("showDeleted=yes", (400, "invalidParameter")),
        ("updatedMin=2026-01-01T00:00:00Z", (410, "updatedMinTooLongAgo")),
    ] {
        assert_eq!(session.get(&format!("{EVENTS}?{query}")).refusal(), expected, "{query}");
    }
}

#[test]
fn deleted_events_disappear_in_the_end() {
    let mut session = filled(1);
    let token = all(&mut session, "").1.unwrap();
    session.delete(&format!("{EVENTS}/lesson0")).ok();
    session.google.forget_deleted_events();
    assert_eq!(session.get(&format!("{EVENTS}/lesson0")).refusal(), (404, "notFound"));
    assert_eq!(session.get(&format!("{EVENTS}?syncToken={token}")).refusal(), (410, "fullSyncRequired"));
}
