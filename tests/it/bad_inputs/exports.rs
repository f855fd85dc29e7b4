//! Exports that cannot be asked for.

use serde_json::{Value, json};

use super::row::Row;

const ROUTE: &str = "POST /v1/plans/{id}/exports";
const PAGE: &str = "2f1e1c5b-7f0e-4b8a-9a37-0c9f3b5f9a11";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        Row::of(ROUTE, "no target").json(format!(r#"{{"parent_page_id":"{PAGE}"}}"#)).invalid_at(""),
        Row::of(ROUTE, "nowhere to put it").json(r#"{"target":"notion"}"#).invalid_at("/parent_page_id"),
        Row::of(ROUTE, "a trial with nowhere to put it")
            .json(r#"{"target":"notion","dry_run":true}"#)
            .invalid_at("/parent_page_id"),
        Row::of(ROUTE, "no such plan")
            .path("/v1/plans/none/exports")
            .json(r#"{"target":"notion"}"#)
            .refused(404, "not_found"),
        Row::of(ROUTE, "another's plan")
            .of_user(Some("bob"))
            .json(r#"{"target":"notion"}"#)
            .refused(404, "not_found"),
        Row::of(ROUTE, "an unknown field").json(r#"{"target":"notion","force":true}"#).invalid_at("/force"),
    ];
    for target in
        [json!("google"), json!("Notion"), json!(""), Value::Null, json!(1), json!({"notion": null})]
    {
        rows.push(with("target", target).invalid_at("/target"));
    }
    for layout in
        [json!("Pages"), json!("table"), json!(""), Value::Null, json!(["pages"]), json!({"pages": null})]
    {
        rows.push(with("layout", layout).invalid_at("/layout"));
    }
    let long = "a".repeat(33);
    for page in [
        "",
        "x",
        "../databases",
        "2f1e1c5b-7f0e-4b8a-9a37",
        &long,
        "{2f1e1c5b7f0e4b8a9a370c9f3b5f9a11}",
        "https://www.notion.so/Page-2f1e1c5b7f0e4b8a9a370c9f3b5f9a11",
    ] {
        rows.push(with("parent_page_id", json!(page)).invalid_at("/parent_page_id"));
    }
    for wrong in [json!(1), json!(true), json!(["a"])] {
        rows.push(with("parent_page_id", wrong).invalid_at("/parent_page_id"));
    }
    for flag in ["dry_run", "recreate_trashed"] {
        for wrong in [json!("true"), json!(1), Value::Null] {
            rows.push(with(flag, wrong).invalid_at(format!("/{flag}")));
        }
    }
    rows
}

/// An export with `value` for `field`.
fn with(field: &str, value: Value) -> Row {
    let mut export = json!({"target": "notion", "parent_page_id": PAGE});
    export[field] = value;
    let body = export.to_string();
    Row::of(ROUTE, format!("{field}: {body:.80}")).json(body)
}
