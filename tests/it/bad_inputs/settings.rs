//! Changes to a connection that are none.

use serde_json::{Value, json};

use super::row::Row;

const ROUTE: &str = "PATCH /v1/connections/{provider}";
const DATABASE: &str = "11111111-1111-4111-8111-111111111111";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for value in [json!("true"), json!(1), json!(0), json!("yes"), json!([true]), json!({})] {
        rows.push(row(&json!({"sync_enabled": value})).invalid_at("/sync_enabled"));
    }
    // A list of one is what serde would take for an object with one field.
    for value in [json!([]), json!([DATABASE]), json!(DATABASE), json!(1), json!(true)] {
        rows.push(row(&json!({"settings": value})).invalid_at("/settings"));
    }
    rows.push(row(&json!({"settings": {}})).invalid_at("/settings"));
    let long = "a".repeat(100_000);
    let no_ids = ["", " ", "notion", "1111", "../x", "11111111-1111-4111-8111-11111111111g", "\0", &long];
    for value in [Value::Null, json!(1), json!([DATABASE]), json!({"id": DATABASE})] {
        rows.push(row(&json!({"settings": {"database_id": value}})).invalid_at("/settings/database_id"));
    }
    for id in no_ids {
        rows.push(row(&json!({"settings": {"database_id": id}})).invalid_at("/settings/database_id"));
    }
    for field in ["data_source_id", "ticket_schema", "spreadsheet_id", "calendar_id", "~/", "__proto__"] {
        let pointer = format!("/settings/{}", field.replace('~', "~0").replace('/', "~1"));
        rows.push(row(&json!({"settings": {"database_id": DATABASE, field: {}}})).invalid_at(pointer));
    }
    for field in ["status", "account", "scopes", "sealed", "token_version", "provider", "settings_version"] {
        rows.push(row(&json!({"sync_enabled": true, field: "active"})).invalid_at(format!("/{field}")));
    }
    for provider in ["google-calendar", "google-sheets", "gmail", "airtable", "mailchimp", "zoom"] {
        let body = json!({"sync_enabled": true}).to_string();
        for method in ["PATCH", "DELETE", "GET"] {
            let of_route = match method {
                "PATCH" => ROUTE,
                "DELETE" => "DELETE /v1/connections/{provider}",
                _ => "GET /v1/connections/{provider}",
            };
            let path = format!("/v1/connections/{provider}");
            rows.push(
                Row::of(of_route, path.clone()).path(path).json(body.clone()).refused(404, "not_found"),
            );
        }
    }
    rows
}

fn row(body: &Value) -> Row {
    let body = body.to_string();
    Row::of(ROUTE, format!("{body:.80}")).json(body)
}
