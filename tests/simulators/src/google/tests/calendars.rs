//! Calendars, who may do what with them, quotas, and batches.

use super::{CALENDAR_LIST, EVENTS, Session, lesson};
use crate::{
    Simulator,
    google::{QuotaError, Role},
};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use std::fmt::Write as _;

#[test]
fn a_person_sees_the_calendars_they_have_and_what_they_may_do() {
    let mut session = Session::new();
    session.limit(|limits| limits.page_size = 2);
    let (mut seen, mut page) = (Vec::new(), String::new());
    loop {
        let list = session.get(&format!("users/me/calendarList{page}")).ok();
        seen.extend(
            list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| (it["summary"].clone(), it["accessRole"].clone())),
        );
        let Some(next) = list["nextPageToken"].as_str() else { break };
        page = format!("?pageToken={next}");
    }
    seen.sort_by_key(|(name, _)| name.to_string());
    let expected =
        [("Holidays", "reader"), ("Study", "owner"), ("Team", "writer"), ("alice@example.com", "owner")];
    assert_eq!(seen, expected.map(|(name, role)| (json!(name), json!(role))));
    let primary = session.get("users/me/calendarList/primary").ok();
    assert_eq!((&primary["id"], &primary["primary"]), (&json!("alice@example.com"), &json!(true)));
    let writable = session.get("users/me/calendarList?minAccessRole=writer&maxResults=250").ok();
    assert_eq!(writable["items"].as_array().unwrap().len(), 2, "three, on two pages");
}

#[test]
fn only_who_may_write_writes_and_strangers_see_nothing() {
    let mut session = Session::new();
    let holidays = session.google.calendar_id("Alice", "Holidays").unwrap();
    let path = format!("calendars/{holidays}/events");
    assert_eq!(session.post(&path, &lesson("x")).refusal(), (403, "requiredAccessLevel"));
    session.get(&path).ok();
    assert_eq!(session.get("calendars/bob@example.com/events").refusal(), (404, "notFound"));
    session.google.person_shares_calendar(&holidays, "Alice", Some(Role::Writer));
    session.post(&path, &lesson("x")).ok();
    session.google.person_shares_calendar(&holidays, "Alice", None);
    assert_eq!(session.get(&path).refusal(), (404, "notFound"));
    let study = session.google.calendar_id("Alice", "Study").unwrap();
    session.google.person_removes_calendar(&study);
    assert_eq!(session.post(&format!("calendars/{study}/events"), &lesson("x")).refusal(), (404, "notFound"));
}

#[test]
fn a_calendar_that_is_withheld_is_back_with_everything_in_it() {
    let mut session = Session::new();
    session.insert("lesson", &lesson("x")).ok();
    session.google.person_withholds_calendar("alice@example.com", true);
    assert_eq!(session.get("calendars/primary/events/lesson").refusal(), (404, "notFound"));
    assert_eq!(session.get("calendars/primary/events").refusal(), (404, "notFound"));
    session.google.person_withholds_calendar("alice@example.com", false);
    session.get("calendars/primary/events/lesson").ok();
}

#[test]
fn what_was_not_granted_is_refused_by_name() {
    let mut session = Session::of("Alice", &["openid", CALENDAR_LIST]);
    session.get("users/me/calendarList").ok();
    let refused = session.get("calendars/primary/events");
    assert_eq!(refused.refusal(), (403, "insufficientPermissions"));
    let detail = &refused.body["error"]["details"][0];
    assert_eq!(detail["reason"], "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
    assert_eq!(detail["metadata"]["method"], "calendar.v3.Events.List");
    let mut session = Session::of("Alice", &["openid", EVENTS]);
    session.get("calendars/primary/events").ok();
    assert_eq!(session.get("users/me/calendarList").refusal(), (403, "insufficientPermissions"));
    assert_eq!(session.get("calendars/primary").refusal(), (403, "insufficientPermissions"));
    session.token = "ya29.invented".to_owned();
    assert_eq!(session.get("calendars/primary/events").refusal(), (401, "authError"));
}

#[test]
fn a_patch_costs_three_units_and_the_window_slides() {
    let mut session = Session::new();
    session.insert("lesson", &lesson("x")).ok();
    session.limit(|limits| limits.units_per_minute = 5);
    let patch = json!({"summary": "y"});
    session.patch("calendars/primary/events/lesson", &patch).ok();
    assert_eq!(
        session.patch("calendars/primary/events/lesson", &patch).refusal(),
        (403, "userRateLimitExceeded")
    );
    session.get("calendars/primary/events/lesson").ok();
    for (error, expected) in [
        (QuotaError::Forbidden, (403, "rateLimitExceeded")),
        (QuotaError::TooMany, (429, "rateLimitExceeded")),
    ] {
        session.limit(|limits| limits.quota_error = error);
        assert_eq!(session.get("calendars/primary/events").refusal(), expected);
    }
    session.wait(60_000);
    session.get("calendars/primary/events").ok();
    session.limit(|limits| limits.usage_limit_reached = true);
    assert_eq!(session.insert("another", &lesson("x")).refusal(), (403, "quotaExceeded"));
    assert!(session.google.violations().is_empty(), "quotas are nobody's mistake");
    assert_eq!(
        (session.google.calls()["calendar.events.patch"], session.google.calls()["calendar.events.insert"]),
        (2, 2)
    );
}

/// A batch of calls, written as the client libraries write it.
fn batch(session: &mut Session, calls: &[(&str, String, Option<Value>)]) -> Vec<(String, u16)> {
    let mut body = String::new();
    for (at, (method, path, json)) in calls.iter().enumerate() {
        let inner = json.as_ref().map(Value::to_string).unwrap_or_default();
        let _ = write!(
            body,
            "--b0\r\nContent-Type: application/http\r\nContent-ID: <{at}>\r\n\r\n{method} /calendar/v3/{path} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{inner}\r\n"
        );
    }
    let request = Request::post("http://google.test/batch/calendar/v3")
        .header("content-type", r#"multipart/mixed; boundary="b0""#)
        .header("authorization", format!("Bearer {}", session.token))
        .body(Bytes::from(body + "--b0--"))
        .unwrap();
    let response = session.google.answer(&request, session.now);
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    if response.status() != 200 {
        return vec![(text, response.status().as_u16())];
    }
    let part = |part: &str| {
        let id = part.split_once("Content-ID: ")?.1.split_once('\r')?.0.to_owned();
        let status = part.split_once("HTTP/1.1 ")?.1.get(..3)?.parse().ok()?;
        Some((id, status))
    };
    text.split("--batch_").filter_map(part).collect()
}

#[test]
fn each_call_of_a_batch_is_counted_and_answered_for_itself() {
    let mut session = Session::new();
    let events = "calendars/primary/events";
    let insert = |id: &str| {
        let mut event = lesson(id);
        event["id"] = json!(id);
        ("POST", events.to_owned(), Some(event))
    };
    let calls = [
        insert("lesson1"),
        insert("lesson2"),
        ("GET", format!("{events}/nothere"), None),
        ("DELETE", format!("{events}/nothere"), None),
    ];
    let answers = batch(&mut session, &calls);
    let expected =
        [("<response-0>", 200), ("<response-1>", 200), ("<response-2>", 404), ("<response-3>", 404)];
    assert_eq!(answers, expected.map(|(id, status)| (id.to_owned(), status)));
    assert_eq!(session.google.events("alice@example.com").len(), 2);
    session.wait(60_000);
    session.limit(|limits| limits.units_per_minute = 2);
    let many: Vec<_> = (0..5).map(|_| ("GET", events.to_owned(), None)).collect();
    let refused = batch(&mut session, &many).iter().filter(|(_, status)| *status == 403).count();
    assert_eq!(refused, 3);
    let too_many: Vec<_> = (0..51).map(|_| ("GET", events.to_owned(), None)).collect();
    assert_eq!(batch(&mut session, &too_many)[0].1, 400);
    assert_eq!(batch(&mut session, &[])[0].1, 400);
}
