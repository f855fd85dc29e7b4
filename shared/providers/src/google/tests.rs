use serde_json::json;

use super::*;
use crate::limit::Limit;
use crate::stub::Stub;
use std::sync::Arc;
use std::time::Duration;

fn calendar(stub: &Arc<Stub>) -> Calendar {
    Calendar::new(stub.http(), &Endpoints::default(), "token".into(), "team@group.calendar.google.com")
}

const EVENTS: &str = "/calendar/v3/calendars/team%40group.calendar.google.com/events";

fn reply(status: u16, body: &Value) -> http::Response<Bytes> {
    http::Response::builder().status(status).body(body.to_string().into()).unwrap()
}

fn refusal(status: u16, reason: &str) -> http::Response<Bytes> {
    reply(
        status,
        &json!({"error": {"code": status, "message": "no", "errors": [{"domain": "global", "reason": reason}]}}),
    )
}

#[tokio::test]
async fn an_event_is_replaced_and_deleted_only_as_it_was_seen() {
    let event = json!({"id": "abcde", "etag": "\"2\"", "status": "confirmed"});
    let stub = Stub::new([
        Ok(reply(200, &event)),
        Ok(refusal(412, "conditionNotMet")),
        Ok(http::Response::builder().status(204).body(Bytes::new()).unwrap()),
        Ok(refusal(410, "deleted")),
    ]);
    let calendar = calendar(&stub);
    let replaced = calendar.replace("abcde", "\"1\"", &json!({"summary": "Read"})).await.unwrap();
    assert_eq!((replaced.etag.as_str(), replaced.is_cancelled), ("\"2\"", false));
    assert_eq!(stub.asked(0), (format!("PUT {EVENTS}/abcde"), json!({"summary": "Read"})));
    assert_eq!(stub.request(0).headers()["if-match"], "\"1\"");
    assert_eq!(calendar.replace("abcde", "\"1\"", &json!({})).await, Err(Error::Conflict));
    calendar.delete("abcde", "\"2\"").await.unwrap();
    assert_eq!(stub.request(2).headers()["if-match"], "\"2\"");
    calendar.delete("abcde", "\"2\"").await.unwrap();
}

#[tokio::test]
async fn a_token_that_google_forgot_is_told_apart_from_a_calendar_that_is_gone() {
    let stub = Stub::new([
        Ok(refusal(410, "fullSyncRequired")),
        Ok(refusal(404, "notFound")),
        Ok(reply(200, &json!({"items": [{"id": "a", "status": "cancelled"}], "nextSyncToken": "t2"}))),
    ]);
    let calendar = calendar(&stub);
    let since = Since::Token("t 1".into());
    assert_eq!(calendar.list(&since, None).await, Ok(None));
    assert_eq!(calendar.list(&since, None).await, Err(Error::NotFound));
    let listed = calendar.list(&since, Some("p/2")).await.unwrap().unwrap();
    assert!(listed.events[0].is_cancelled && listed.next_page.is_none());
    assert_eq!(listed.sync_token.as_deref(), Some("t2"));
    let asked = stub.asked(2).0;
    assert_eq!(
        asked,
        format!("GET {EVENTS}?maxResults=250&showDeleted=true&syncToken=t%201&pageToken=p%2F2")
    );
}

#[tokio::test]
async fn a_channel_is_opened_once_and_closed_in_any_case() {
    let opened =
        json!({"kind": "api#channel", "id": "c-1", "resourceId": "r-1", "expiration": "1795000000000"});
    let stub = Stub::new([
        Ok(reply(200, &opened)),
        Ok(refusal(400, "channelIdNotUnique")),
        Ok(refusal(401, "push.webhookUrlUnauthorized")),
        Ok(http::Response::builder().status(204).body(Bytes::new()).unwrap()),
        Ok(refusal(404, "notFound")),
    ]);
    let calendar = calendar(&stub);
    let watch = async || calendar.watch("c-1", "secret", "https://api.example.com/hook").await;
    let ends_at = Timestamp::from_millisecond(1_795_000_000_000).unwrap();
    assert_eq!(watch().await, Ok(Some(Watched { resource_id: "r-1".into(), ends_at })));
    let body = json!({"id": "c-1", "type": "web_hook", "token": "secret", "address": "https://api.example.com/hook"});
    assert_eq!(stub.asked(0), (format!("POST {EVENTS}/watch"), body));
    assert_eq!(watch().await, Ok(None));
    let refused = Error::Forbidden { code: "push.webhookUrlUnauthorized".into() };
    assert_eq!(watch().await, Err(refused), "the token is as good as before");
    calendar.stop("c-1", "r-1").await.unwrap();
    let body = json!({"id": "c-1", "resourceId": "r-1"});
    assert_eq!(stub.asked(3), ("POST /calendar/v3/channels/stop".to_owned(), body));
    calendar.stop("c-1", "r-1").await.unwrap();
}

#[test]
fn the_reason_says_whether_waiting_helps() {
    let wait = Some(Limit::Connection(Duration::from_secs(10)));
    for (status, reason, expected) in [
        (403, "rateLimitExceeded", wait),
        (403, "userRateLimitExceeded", wait),
        (429, "rateLimitExceeded", wait),
        (403, "quotaExceeded", Some(Limit::Blocked)),
        (403, "domainPolicy", Some(Limit::Blocked)),
        (403, "insufficientPermissions", None),
        (404, "notFound", None),
    ] {
        assert_eq!(limit(&refusal(status, reason)), expected, "{status} {reason}");
    }
    let forbidden = refusals::classify(&refusal(403, "insufficientPermissions"));
    assert_eq!(forbidden, Some(Error::Forbidden { code: "insufficientPermissions".into() }));
}
