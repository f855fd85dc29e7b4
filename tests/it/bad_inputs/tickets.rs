//! Tickets that cannot be filed, each pointing at what is wrong with it.

use serde_json::{Value, json};

use super::row::Row;

const ROUTE: &str = "POST /v1/videos/{id}/tickets";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = texts();
    rows.extend(lists());
    rows.extend(evidence());
    rows.push(
        Row::of(ROUTE, "a key that was used")
            .json(r#"{"title":"b"}"#)
            .header("idempotency-key", "used")
            .refused(422, "idempotency_key_reused"),
    );
    rows.push(
        Row::of(ROUTE, "another's recording")
            .of_user(Some("bob"))
            .json(r#"{"title":"a"}"#)
            .refused(404, "not_found"),
    );
    let draft = |action: &str| format!("/v1/videos/rec-1/{action}");
    for (route, action) in [
        ("POST /v1/videos/{id}/ticket-draft", "ticket-draft"),
        ("POST /v1/videos/{id}/transcription", "transcription"),
    ] {
        let row = Row::of(route, "another's recording").path(draft(action)).of_user(Some("bob"));
        rows.push(row.refused(404, "not_found"));
    }
    rows
}

/// A ticket with `value` for `field`.
fn with(field: &str, value: Value) -> Row {
    let mut ticket = json!({"title": "a"});
    ticket[field] = value;
    let body = ticket.to_string();
    Row::of(ROUTE, format!("{field}: {body:.80}")).json(body)
}

fn texts() -> Vec<Row> {
    let no_text = [Value::Null, json!(1), json!(false), json!(["a"]), json!({"plain": "a"})];
    let mut rows = vec![Row::of(ROUTE, "no title").json("{}").invalid_at("")];
    for title in ["", " ", "\u{2003}", "a\nb", "a\tb", "a\0b", "a\u{1b}b", "a\u{9f}b"] {
        rows.push(with("title", json!(title)).invalid_at("/title"));
    }
    rows.push(with("title", json!("x".repeat(81))).invalid_at("/title"));
    rows.push(with("title", json!("💩".repeat(81))).invalid_at("/title"));
    rows.push(with("description", json!("x".repeat(10_001))).invalid_at("/description"));
    for area in ["", "  ", "a\nb", "a\0"] {
        rows.push(with("product_area", json!(area)).invalid_at("/product_area"));
    }
    rows.push(with("product_area", json!("x".repeat(101))).invalid_at("/product_area"));
    for field in ["title", "description"] {
        rows.extend(no_text.iter().map(|value| with(field, value.clone()).invalid_at(format!("/{field}"))));
    }
    for word in ["", "Bugg", "bug fix", "0", "Bug\0", "Ｂug"] {
        rows.push(with("ticket_type", json!(word)).invalid_at("/ticket_type"));
        rows.push(with("priority", json!(word)).invalid_at("/priority"));
    }
    for value in [Value::Null, json!(3), json!(["Bug"]), json!({"Bug": null})] {
        rows.push(with("ticket_type", value.clone()).invalid_at("/ticket_type"));
        rows.push(with("priority", value).invalid_at("/priority"));
    }
    for word in ["human", "LLM", "", "rules "] {
        rows.push(with("source", json!(word)).invalid_at("/source"));
    }
    for field in
        ["id", "page_id", "database_id", "status", "assignee", "Title", "children", "properties", "url"]
    {
        rows.push(with(field, json!("a")).invalid_at(format!("/{field}")));
    }
    rows
}

fn lists() -> Vec<Row> {
    let mut rows = Vec::new();
    for field in ["steps_to_reproduce", "warnings", "evidence"] {
        for value in [Value::Null, json!("a"), json!(1), json!({"0": "a"})] {
            rows.push(with(field, value).invalid_at(format!("/{field}")));
        }
        for value in [Value::Null, json!(1), json!(["a"]), json!(true)] {
            rows.push(with(field, json!([value])).invalid_at(format!("/{field}/0")));
        }
    }
    rows.push(with("steps_to_reproduce", json!(["a", " "])).invalid_at("/steps_to_reproduce/1"));
    rows.push(with("steps_to_reproduce", json!(["x".repeat(1_001)])).invalid_at("/steps_to_reproduce/0"));
    rows.push(with("steps_to_reproduce", json!(vec!["a"; 101])).invalid_at("/steps_to_reproduce"));
    rows.push(with("steps_to_reproduce", json!(vec!["a"; 100_000])).invalid_at("/steps_to_reproduce"));
    rows.push(with("warnings", json!(vec!["a"; 501])).invalid_at("/warnings"));
    rows.push(with("evidence", json!(vec![proof(); 501])).invalid_at("/evidence"));
    rows
}

/// Evidence as it should be.
fn proof() -> Value {
    json!({"pointer": "/description", "cue_ids": ["1"], "start_ms": 0, "end_ms": 1, "quote": "a", "url": "https://app.example.com/"})
}

fn evidence() -> Vec<Row> {
    let mut rows = Vec::new();
    for field in ["pointer", "cue_ids", "start_ms", "end_ms", "quote", "url"] {
        let mut without = proof();
        without.as_object_mut().unwrap().remove(field);
        rows.push(with("evidence", json!([without])).invalid_at("/evidence/0"));
        for value in [Value::Null, json!({}), json!(-1), json!(true)] {
            let mut wrong = proof();
            wrong[field] = value;
            rows.push(with("evidence", json!([proof(), wrong])).invalid_at(format!("/evidence/1/{field}")));
        }
    }
    for number in [json!(1.5), json!(1e30), json!("1"), json!(18_446_744_073_709_551_616_f64)] {
        let mut wrong = proof();
        wrong["start_ms"] = number;
        rows.push(with("evidence", json!([wrong])).invalid_at("/evidence/0/start_ms"));
    }
    // The fields of evidence in their order: serde would read them.
    let fields = json!(["/description", ["1"], 0, 1, "a", "https://app.example.com/"]);
    rows.push(with("evidence", json!([fields])).invalid_at("/evidence/0"));
    let mut more = proof();
    more["confidence"] = json!(1);
    rows.push(with("evidence", json!([more])).invalid_at("/evidence/0/confidence"));
    rows
}
