//! Calendar syncs that cannot be asked for.

use serde_json::{Value, json};

use super::row::Row;

const ROUTE: &str = "POST /v1/plans/{id}/calendar-syncs";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        Row::of(ROUTE, "no account").json("{}").refused(409, "not_connected"),
        Row::of(ROUTE, "a trial without an account")
            .json(r#"{"dry_run":true}"#)
            .refused(409, "not_connected"),
        Row::of(ROUTE, "no such plan")
            .path("/v1/plans/none/calendar-syncs")
            .json("{}")
            .refused(404, "not_found"),
        Row::of(ROUTE, "another's plan").of_user(Some("bob")).json("{}").refused(404, "not_found"),
        Row::of(ROUTE, "an unknown field").json(r#"{"force":true}"#).invalid_at("/force"),
    ];
    let long = "a".repeat(257);
    for id in ["", " ", "a b", "tea\u{e9}", "a\nb", &long] {
        rows.push(with("calendar_id", &json!(id)).invalid_at("/calendar_id"));
    }
    for wrong in [json!(1), json!(true), json!(["primary"]), json!({"id": "primary"})] {
        rows.push(with("calendar_id", &wrong).invalid_at("/calendar_id"));
    }
    for wrong in [json!("true"), json!(1), Value::Null] {
        rows.push(with("dry_run", &wrong).invalid_at("/dry_run"));
    }
    rows
}

/// A sync with `value` for `field`.
fn with(field: &str, value: &Value) -> Row {
    let body = json!({ field: value }).to_string();
    Row::of(ROUTE, format!("{field}: {body:.80}")).json(body)
}
