//! Making, reading, changing and deleting events.

use super::{Session, lesson};
use serde_json::{Value, json};

const ID: &str = "0lessonone";
const PATH: &str = "calendars/primary/events/0lessonone";

fn made() -> Session {
    let mut session = Session::new();
    session.insert(ID, &lesson("Ownership")).ok();
    session
}

fn reason(session: &mut Session, change: impl FnOnce(&mut Value)) -> (u16, String) {
    let mut event = lesson("Wrong");
    change(&mut event);
    let answered = session.post("calendars/primary/events", &event);
    let (status, reason) = answered.refusal();
    (status, reason.to_owned())
}

#[test]
fn an_event_is_made_under_an_id_of_ones_own_and_read_again() {
    let mut session = Session::new();
    let made = session.insert(ID, &lesson("Ownership")).ok();
    assert_eq!(
        (&made["id"], &made["status"], &made["kind"]),
        (&json!(ID), &json!("confirmed"), &json!("calendar#event"))
    );
    assert_eq!(made["start"], json!({"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Berlin"}));
    assert_eq!(made["reminders"], json!({"useDefault": true}));
    assert_eq!(
        (&made["created"], &made["updated"]),
        (&json!("2026-11-21T08:42:31.000Z"), &json!("2026-11-21T08:42:31.000Z"))
    );
    assert_eq!(made["creator"], json!({"email": "alice@example.com", "self": true}));
    assert_eq!(session.get(PATH).ok(), made);
    assert_eq!(session.get("calendars/alice%40example.com/events/0lessonone").ok(), made);
    let in_new_york = session.get(&format!("{PATH}?timeZone=America/New_York")).ok();
    assert_eq!(
        in_new_york["start"],
        json!({"dateTime": "2026-11-23T03:00:00-05:00", "timeZone": "Europe/Berlin"})
    );
    assert!(session.google.violations().is_empty());
}

#[test]
fn ids_are_base32hex_and_taken_only_once() {
    let mut session = made();
    for wrong in ["abcd", "ABCDEF", "abc-def", "lessonw", "lesson_1", &"a".repeat(1025)] {
        assert_eq!(session.insert(wrong, &lesson("x")).refusal(), (400, "invalid"), "{wrong}");
    }
    assert_eq!(session.insert(ID, &lesson("x")).refusal(), (409, "duplicate"));
    session.delete(PATH).ok();
    assert_eq!(session.insert(ID, &lesson("x")).refusal(), (409, "duplicate"), "also after it was deleted");
    let study = session.google.calendar_id("Alice", "Study").unwrap();
    let mut event = lesson("x");
    event["id"] = json!(ID);
    session.post(&format!("calendars/{study}/events"), &event).ok();
    let given = session.post("calendars/primary/events", &lesson("x")).ok();
    assert_eq!(given["id"].as_str().unwrap().len(), 26);
}

#[test]
fn a_deleted_event_is_there_to_read_and_comes_back_by_its_status() {
    let mut session = made();
    let deleted = session.delete(PATH);
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    assert_eq!(session.get(PATH).ok()["status"], "cancelled");
    assert_eq!(session.delete(PATH).refusal(), (410, "deleted"));
    assert_eq!(session.patch(PATH, &json!({"summary": "Still gone"})).ok()["status"], "cancelled");
    assert_eq!(session.patch(PATH, &json!({"status": "confirmed"})).ok()["summary"], "Still gone");
    session.delete(PATH).ok();
    let mut whole = lesson("Back");
    whole["status"] = json!("confirmed");
    assert_eq!(session.put(PATH, &whole).ok()["status"], "confirmed");
    assert_eq!(session.google.events("alice@example.com").len(), 1);
    assert_eq!(session.delete("calendars/primary/events/unheardof").refusal(), (404, "notFound"));
    assert_eq!(session.get("calendars/primary/events/unheardof").refusal(), (404, "notFound"));
}

#[test]
fn a_change_of_what_is_not_the_latest_is_refused() {
    let mut session = made();
    let first = session.get(PATH).ok()["etag"].as_str().unwrap().to_owned();
    let condition = [("if-match", first.as_str())];
    let second = session.send("PATCH", PATH, Some(&json!({"summary": "B"})), &condition).ok();
    assert_ne!(second["etag"], first);
    for (method, body) in
        [("PATCH", Some(json!({"summary": "C"}))), ("PUT", Some(lesson("C"))), ("DELETE", None)]
    {
        let refused = session.send(method, PATH, body.as_ref(), &condition);
        assert_eq!(refused.refusal(), (412, "conditionNotMet"), "{method}");
    }
    let latest = second["etag"].as_str().unwrap();
    assert_eq!(session.send("DELETE", PATH, None, &[("if-match", latest)]).status, 204);
}

#[test]
fn update_replaces_and_patch_merges() {
    let mut session = Session::new();
    let mut event = lesson("Ownership");
    event["description"] = json!("Chapter 4");
    event["extendedProperties"] = json!({"private": {"task": "t1", "plan": "p1"}});
    event["reminders"] = json!({"useDefault": false, "overrides": [{"method": "popup", "minutes": 10}, {"method": "email", "minutes": 60}]});
    session.insert(ID, &event).ok();
    let patch = json!({
        "description": null,
        "extendedProperties": {"private": {"task": "t2"}},
        "reminders": {"overrides": [{"method": "popup", "minutes": 5}]},
    });
    let patched = session.patch(PATH, &patch).ok();
    assert_eq!((&patched["summary"], patched.get("description")), (&json!("Ownership"), None));
    assert_eq!(patched["extendedProperties"]["private"], json!({"task": "t2", "plan": "p1"}));
    assert_eq!(patched["reminders"]["overrides"], json!([{"method": "popup", "minutes": 5}]));
    let replaced = session.put(PATH, &lesson("Borrowing")).ok();
    assert_eq!(
        (replaced.get("extendedProperties"), &replaced["reminders"]),
        (None, &json!({"useDefault": true}))
    );
    let without_end = json!({"summary": "x", "start": lesson("x")["start"]});
    assert_eq!(session.put(PATH, &without_end).refusal(), (400, "required"));
    let all_day = json!({"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}});
    assert_eq!(session.patch(PATH, &all_day).refusal(), (400, "invalid"), "the times are still there");
    let all_day = json!({"start": {"date": "2026-11-23", "dateTime": null}, "end": {"date": "2026-11-24", "dateTime": null}});
    assert_eq!(session.patch(PATH, &all_day).ok()["end"], json!({"date": "2026-11-24"}));
}

#[test]
fn beginnings_and_ends_must_be_of_one_kind_and_in_order() {
    let mut session = Session::new();
    let day = |event: &mut Value, start: &str, end: &str| {
        event["start"] = json!({"date": start});
        event["end"] = json!({"date": end});
    };
    assert_eq!(
        reason(&mut session, |event| day(event, "2026-11-23", "2026-11-23")),
        (400, "timeRangeEmpty".into())
    );
    assert_eq!(
        reason(&mut session, |event| day(event, "2026-11-23", "2026-11-22")),
        (400, "timeRangeEmpty".into())
    );
    assert_eq!(
        reason(&mut session, |event| event["end"] = event["start"].clone()),
        (400, "timeRangeEmpty".into())
    );
    assert_eq!(
        reason(&mut session, |event| event["end"] = json!({"date": "2026-11-24"})),
        (400, "invalid".into())
    );
    assert_eq!(reason(&mut session, |event| event["end"] = json!(null)), (400, "required".into()));
    assert_eq!(reason(&mut session, |event| event["start"] = json!(null)), (400, "invalid".into()));
    assert_eq!(session.google.violations().len(), 6);
}

#[test]
fn reminders_are_few_and_change_nothing_but_the_etag() {
    let mut session = made();
    let before = session.get(PATH).ok();
    session.wait(60_000);
    let reminders = json!({"useDefault": false, "overrides": [{"method": "popup", "minutes": 10}]});
    let after = session.patch(PATH, &json!({"reminders": reminders})).ok();
    assert_eq!((&after["updated"], &after["reminders"]), (&before["updated"], &reminders));
    assert_ne!(after["etag"], before["etag"]);
    let five = json!(vec![json!({"method": "popup", "minutes": 40_320}); 5]);
    session.patch(PATH, &json!({"reminders": {"useDefault": false, "overrides": five}})).ok();
    let rule = "cannotUseDefaultRemindersAndSpecifyOverride";
    for (wrong, expected) in [
        (json!({"useDefault": true, "overrides": [{"method": "popup", "minutes": 1}]}), rule),
        (json!({"overrides": [{"method": "popup", "minutes": 1}]}), rule),
        (
            json!({"useDefault": false, "overrides": vec![json!({"method": "popup", "minutes": 1}); 6]}),
            "invalid",
        ),
        (json!({"useDefault": false, "overrides": [{"method": "sms", "minutes": 1}]}), "invalid"),
        (json!({"useDefault": false, "overrides": [{"method": "popup", "minutes": 40_321}]}), "invalid"),
        (json!({"useDefault": false, "overrides": [{"method": "popup", "minutes": -1}]}), "invalid"),
        (json!({"useDefault": false, "overrides": [{"method": "popup"}]}), "invalid"),
        (json!({"useDefault": "no"}), "invalid"),
    ] {
        let refused = reason(&mut session, |event| event["reminders"] = wrong.clone());
        assert_eq!(refused, (400, expected.to_owned()), "{wrong}");
    }
}

#[test]
fn what_is_too_long_or_of_another_kind_is_refused() {
    let mut session = Session::new();
    for (field, value) in [
        ("summary", json!("a".repeat(1025))),
        ("description", json!("a".repeat(8193))),
        ("summary", json!(5)),
        ("colorId", json!("12")),
        ("transparency", json!("free")),
        ("status", json!("done")),
        ("guestsCanModify", json!("yes")),
        ("recurrence", json!(["RRULE:FREQ=DAILY"])),
        ("attendees", json!([{"email": "bob@example.com"}])),
        ("extendedProperties", json!({"private": {"a": 1}})),
        (
            "extendedProperties",
            json!({"private": (0..301).map(|at| (format!("k{at}"), json!("v"))).collect::<serde_json::Map<_, _>>()}),
        ),
        ("source", json!({"url": "ftp://example.com"})),
    ] {
        assert_eq!(reason(&mut session, |event| event[field] = value.clone()).0, 400, "{field}: {value:.60}");
    }
    let mut event = lesson(&"a".repeat(1024));
    event["description"] = json!("😀".repeat(4096));
    session.post("calendars/primary/events", &event).ok();
    assert!(session.google.violations().len() >= 12);
}

#[test]
fn what_is_ignored_without_a_word_is_noted_all_the_same() {
    let mut session = Session::new();
    let mut event = lesson("x");
    event["sumary"] = json!("y");
    event["extendedProperties"] = json!({"private": {"a".repeat(45): "dropped", "kept": "v".repeat(1025)}});
    let made = session.insert(ID, &event).ok();
    assert_eq!(made.get("sumary"), None);
    assert_eq!(made["extendedProperties"]["private"], json!({"kept": "v".repeat(1024)}));
    assert_eq!(session.google.violations().len(), 3, "{:?}", session.google.violations());
    session.get("calendars/primary/events?maxResult=5").ok();
    assert_eq!(session.google.violations().len(), 4);
}

#[test]
fn a_sequence_number_below_the_current_one_is_refused() {
    let mut session = made();
    let moved = json!({"start": {"dateTime": "2026-11-23T09:30:00"}});
    assert_eq!(session.patch(PATH, &moved).ok()["sequence"], 1);
    let mut old = lesson("x");
    old["sequence"] = json!(0);
    assert_eq!(session.put(PATH, &old).refusal(), (400, "invalid"));
}
