//! Versions of a plan that a request expects and that are not there, and what names no version.

use serde_json::json;

use super::row::Row;

const PUT: &str = "PUT /v1/plans/{id}";
const DELETE: &str = "DELETE /v1/plans/{id}";

/// What stands in `If-Match` and is no list of entity tags.
const NO_TAGS: [&[u8]; 14] = [
    b"",
    b" ",
    b"1",
    b"v1",
    b"\"1",
    b"1\"",
    b"'1'",
    b"\"1\",",
    b",",
    b"\"1\" \"1\"",
    b"*, \"1\"",
    b"w/\"1\"",
    b"\"a b\"",
    b"\xff",
];
/// Entity tags of no version that the plan has.
const OTHER_TAGS: [&[u8]; 8] = [
    b"\"2\"",
    b"\"0\"",
    b"\"01\"",
    b"\"-1\"",
    b"W/\"1\"",
    b"\"\"",
    b"\"a\", \"b,1\"",
    b"\"18446744073709551617\"",
];

pub(super) fn rows() -> Vec<Row> {
    let changed = json!({"title": "changed"}).to_string();
    let mut rows = Vec::new();
    for route in [PUT, DELETE] {
        let row = |what: String, tag: &[u8]| {
            let row = Row::of(route, what).header("if-match", tag);
            if route == PUT { row.json(changed.clone()) } else { row }
        };
        rows.extend(NO_TAGS.map(|tag| {
            row(format!("if it is {:?}", String::from_utf8_lossy(tag)), tag).refused(400, "invalid_parameter")
        }));
        rows.extend(OTHER_TAGS.map(|tag| {
            row(format!("if it is {:?}", String::from_utf8_lossy(tag)), tag)
                .refused(412, "precondition_failed")
        }));
        let twice = row("if it is of two headers".into(), b"\"2\"").header("if-match", "\"3\"");
        rows.push(twice.refused(412, "precondition_failed"));
    }
    for tag in ["*", "\"1\""] {
        let absent = |route| {
            Row::of(route, format!("if what is not there is {tag}"))
                .path("/v1/plans/none")
                .header("if-match", tag)
        };
        rows.push(absent(PUT).json(changed.clone()).refused(412, "precondition_failed"));
        rows.push(absent(DELETE).refused(404, "not_found"));
    }
    for route in ["GET /v1/plans/{id}", DELETE] {
        rows.push(Row::of(route, "of somebody else").of_user(Some("bob")).refused(404, "not_found"));
    }
    rows
}
