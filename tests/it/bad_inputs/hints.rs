//! What is said to come from Google Calendar and does not.

use super::row::Row;

const ROUTE: &str = "POST /v1/hooks/google-calendar";

pub(super) fn rows() -> Vec<Row> {
    let unknown = |what: &str| Row::of(ROUTE, what).refused(404, "not_found");
    let long = "a".repeat(65);
    let mut rows = vec![
        unknown("no channel"),
        unknown("a body and no channel").json(r#"{"id":"channel-1"}"#),
        unknown("a channel in the query").query("channel=channel-1"),
        unknown("not text").header("x-goog-channel-id", *b"\xff\xfe"),
        unknown("a token without a channel").header("x-goog-channel-token", "secret"),
        unknown("two channels")
            .header("x-goog-channel-id", "channel-1")
            .header("x-goog-channel-id", "channel-2"),
    ];
    for id in ["", " ", "channel-1", "LISTENER#1", "../CHANNEL", "%00", "*", &long] {
        let message = unknown(&format!("channel {id:.40}")).header("x-goog-channel-id", id);
        rows.push(message.header("x-goog-channel-token", "secret").header("x-goog-resource-state", "exists"));
    }
    rows
}
