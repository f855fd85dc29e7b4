//! Notification channels.

use super::{Session, lesson};
use serde_json::{Value, json};

const WATCH: &str = "calendars/primary/events/watch";

fn channel(id: &str) -> Value {
    json!({"id": id, "type": "web_hook", "address": "https://patchbay.test/v1/hooks/google-calendar", "token": "t-1"})
}

/// What is delivered now, as resource state and message number, and accepted.
fn delivered(session: &mut Session) -> Vec<(String, String)> {
    let due = session.google.due_notifications(session.now);
    let mut seen = Vec::new();
    for notification in due {
        let request = notification.request;
        let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((request.method().as_str(), request.body().len()), ("POST", 0));
        assert_eq!(
            (header("x-goog-channel-id"), header("x-goog-channel-token")),
            ("c-1".into(), "t-1".into())
        );
        seen.push((header("x-goog-resource-state"), header("x-goog-message-number")));
        session.google.notification_answered(notification.number, Some(200), session.now);
    }
    seen
}

#[test]
fn who_watches_is_told_first_that_it_works_and_then_that_something_changed() {
    let mut session = Session::new();
    let told = session.post(WATCH, &channel("c-1")).ok();
    assert_eq!((&told["kind"], &told["token"]), (&json!("api#channel"), &json!("t-1")));
    let week = session.now.as_millisecond() + 604_800_000;
    assert_eq!(told["expiration"], json!(week.to_string()));
    assert_eq!(delivered(&mut session), [("sync".into(), "1".into())]);
    session.insert("lesson1", &lesson("x")).ok();
    session.insert("lesson2", &lesson("y")).ok();
    assert!(delivered(&mut session).is_empty(), "not at once");
    session.wait(1_000);
    assert_eq!(delivered(&mut session), [("exists".into(), "2".into())], "one message for both");
    session.google.person_deletes_event("alice@example.com", "lesson1", session.now);
    session.wait(1_000);
    assert_eq!(delivered(&mut session), [("exists".into(), "3".into())]);
    assert_eq!(session.google.channels(session.now)[0].accepted, 3);
}

#[test]
fn a_message_is_repeated_only_after_errors_of_the_receiver() {
    let mut session = Session::new();
    session.post(WATCH, &channel("c-1")).ok();
    let refused = session.google.due_notifications(session.now).remove(0);
    session.google.notification_answered(refused.number, Some(503), session.now);
    assert!(session.google.due_notifications(session.now).is_empty());
    session.wait(2_000);
    let again = session.google.due_notifications(session.now).remove(0);
    session.google.notification_answered(again.number, Some(404), session.now);
    session.wait(600_000);
    assert!(session.google.next_notification_at().is_none());
}

#[test]
fn a_channel_is_stopped_by_both_its_ids_and_ends_by_itself() {
    let mut session = Session::new();
    let told = session.post(WATCH, &channel("c-1")).ok();
    assert_eq!(session.post(WATCH, &channel("c-1")).refusal(), (400, "channelIdNotUnique"));
    let wrong = json!({"id": "c-1", "resourceId": "x"});
    assert_eq!(session.post("channels/stop", &wrong).refusal(), (404, "notFound"));
    let stop = json!({"id": "c-1", "resourceId": told["resourceId"]});
    assert_eq!(session.post("channels/stop", &stop).status, 204);
    session.insert("lesson1", &lesson("x")).ok();
    session.wait(5_000);
    assert!(session.google.due_notifications(session.now).is_empty());
    session.post(WATCH, &channel("c-1")).ok();
    session.wait(604_800_000);
    assert!(session.google.channels(session.now).is_empty());
}

#[test]
fn only_whole_channels_to_safe_addresses_are_made() {
    let mut session = Session::new();
    for (field, value) in [
        ("id", json!(null)),
        ("id", json!("a".repeat(65))),
        ("id", json!("with space")),
        ("type", json!("mail")),
        ("address", json!("http://patchbay.test/hook")),
        ("address", json!("patchbay.test")),
        ("token", json!("a".repeat(257))),
        ("expiration", json!("1000")),
    ] {
        let mut order = channel("c-1");
        order[field] = value.clone();
        assert_eq!(session.post(WATCH, &order).refusal().0, 400, "{field}: {value}");
    }
    let mut local = channel("c-1");
    local["address"] = json!("http://127.0.0.1:8787/v1/hooks/google-calendar");
    local["params"] = json!({"ttl": "3600"});
    let told = session.post(WATCH, &local).ok();
    assert_eq!(told["expiration"], json!((session.now.as_millisecond() + 3_600_000).to_string()));
}
