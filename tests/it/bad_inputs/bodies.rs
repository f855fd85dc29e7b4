//! Bodies that are not JSON in UTF-8, not said to be, too large or too deep; and idempotency keys that are none.

use super::row::Row;

/// Routes that take a document.
const DOCUMENTS: [&str; 7] = [
    "POST /v1/connect-sessions",
    "PUT /v1/videos/{id}",
    "PUT /v1/plans/{id}",
    "PATCH /v1/connections/{provider}",
    "POST /v1/videos/{id}/tickets",
    "POST /v1/plans/{id}/exports",
    "POST /v1/plans/{id}/calendar-syncs",
];
/// Routes that take nothing, or `{}`.
const NOTHINGS: [&str; 4] = [
    "POST /v1/videos/{id}/transcription",
    "POST /v1/videos/{id}/ticket-draft",
    "POST /v1/jobs/{id}/cancel",
    "POST /v1/jobs/{id}/undo",
];
/// Routes that take an idempotency key.
const KEYS: [&str; 7] = [
    "POST /v1/connect-sessions",
    "POST /v1/videos/{id}/tickets",
    "POST /v1/videos/{id}/transcription",
    "POST /v1/videos/{id}/ticket-draft",
    "POST /v1/plans/{id}/exports",
    "POST /v1/plans/{id}/calendar-syncs",
    "POST /v1/jobs/{id}/undo",
];

/// Not JSON, or JSON that two readers could read differently.
const NO_JSON: [(&str, &[u8]); 40] = [
    ("white space", b" \n"),
    ("an open brace", b"{"),
    ("an open string", br#"{"name":"a"#),
    ("text after it", br#"{"name":"a"} x"#),
    ("two documents", b"{}{}"),
    ("a key twice", br#"{"name":"a","name":"b"}"#),
    ("a key twice, once escaped", br#"{"name":"a","n\u0061me":"b"}"#),
    ("an unknown key twice", br#"{"x":1,"x":2}"#),
    ("a key twice further in", br#"{"settings":{"a":1,"a":2}}"#),
    ("a key twice in a list", br#"{"x":[{"a":1,"a":2}]}"#),
    ("a byte order mark", b"\xef\xbb\xbf{}"),
    ("NaN", br#"{"name":NaN}"#),
    ("Infinity", br#"{"name":-Infinity}"#),
    ("a number that is too large", br#"{"name":1e999}"#),
    ("a leading zero", br#"{"name":01}"#),
    ("a plus sign", br#"{"name":+1}"#),
    ("a bare point", br#"{"name":1.}"#),
    ("hexadecimal", br#"{"name":0x10}"#),
    ("single quotes", b"{'name':'a'}"),
    ("no quotes", b"{name:\"a\"}"),
    ("a comment", b"{/* a */}"),
    ("a line comment", b"{} // a"),
    ("a comma at the end", br#"{"name":"a",}"#),
    ("a comma at the end of a list", br#"{"name":["a",]}"#),
    ("no colon", br#"{"name" "a"}"#),
    ("a key that is a number", br#"{1:"a"}"#),
    ("a tab in a string", b"{\"name\":\"a\tb\"}"),
    ("a line break in a string", b"{\"name\":\"a\nb\"}"),
    ("a NUL in a string", b"{\"name\":\"a\0b\"}"),
    ("a NUL after it", b"{}\0"),
    ("half a surrogate pair", br#"{"name":"\ud800"}"#),
    ("the other half", br#"{"name":"\udc00"}"#),
    ("the halves exchanged", br#"{"name":"\ude00\ud83d"}"#),
    ("half an escape", br#"{"name":"\u12"}"#),
    ("an escape that is none", br#"{"name":"\x41"}"#),
    ("a byte that is not UTF-8", b"{\"name\":\"\xff\"}"),
    ("an overlong slash", b"{\"name\":\"\xc0\xaf\"}"),
    ("an encoded surrogate", b"{\"name\":\"\xed\xa0\x80\"}"),
    ("UTF-16", b"\xff\xfe{\0}\0"),
    ("undefined", b"undefined"),
];

/// JSON, but no object.
const NO_OBJECTS: [(&str, &str); 7] = [
    ("a list", "[]"),
    ("a list of an object", "[{}]"),
    ("a list of fields", r#"["notion","/integrations"]"#),
    ("a string", r#""{}""#),
    ("a number", "1"),
    ("null", "null"),
    ("true", "true"),
];

/// Not said to be plain JSON in UTF-8.
const NO_TYPES: [&str; 18] = [
    "",
    "text/plain",
    "text/json",
    "text/plain, application/json",
    "application/json, text/plain",
    "application/jsonp",
    "application/json5",
    "application/x-ndjson",
    "application/problem+json",
    "application/json; charset=utf-16",
    "application/json; charset=latin1",
    "application/json; boundary=a",
    "application/json/x",
    "application /json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=a",
    "application/xml",
    "*/*",
];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for route in DOCUMENTS {
        rows.extend(documents(route));
        rows.push(
            Row::of(route, "no body").header("content-type", "application/json").refused(400, "invalid_json"),
        );
        rows.push(Row::of(route, "no content type").body("{}").refused(415, "unsupported_media_type"));
        rows.push(Row::of(route, "an unknown field").json(r#"{"unheard_of":1}"#).invalid_at("/unheard_of"));
    }
    for route in NOTHINGS {
        rows.extend(documents(route));
        rows.push(Row::of(route, "no content type").body("{}").refused(415, "unsupported_media_type"));
        rows.push(Row::of(route, "a field").json(r#"{"language":"en"}"#).invalid_at("/language"));
    }
    rows.extend(KEYS.into_iter().flat_map(keys));
    rows
}

fn documents(route: &'static str) -> Vec<Row> {
    let row = |what: &str| Row::of(route, what);
    let deep = |open: &str, close: &str, levels| {
        format!("{{\"x\":{}1{}}}", open.repeat(levels), close.repeat(levels))
    };
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(4 << 20));
    let no_json = NO_JSON.iter().map(|(what, body)| row(what).json(*body).refused(400, "invalid_json"));
    let no_objects =
        NO_OBJECTS.iter().map(|(what, body)| row(what).json(*body).refused(422, "validation_failed"));
    let no_types = NO_TYPES.iter().map(|name| {
        row(&format!("as {name:?}"))
            .header("content-type", *name)
            .body("{}")
            .refused(415, "unsupported_media_type")
    });
    let encodings = ["gzip", "identity", "br", ""].map(|name| {
        let encoded = row(&format!("encoded as {name:?}")).header("content-encoding", name);
        encoded.json("{}").refused(415, "unsupported_media_type")
    });
    let others = [
        row("two content types")
            .header("content-type", "application/json")
            .json("{}")
            .refused(415, "unsupported_media_type"),
        row("a type that is not text")
            .header("content-type", *b"application/json\xff")
            .body("{}")
            .refused(415, "unsupported_media_type"),
        row("lists, 32 deep").json(deep("[", "]", 32)).refused(400, "invalid_json"),
        row("objects, 32 deep").json(deep("{\"x\":", "}", 32)).refused(400, "invalid_json"),
        row("lists, 100,000 deep").json("[".repeat(100_000)).refused(400, "invalid_json"),
        row("objects, 100,000 deep").json("{\"x\":".repeat(100_000)).refused(400, "invalid_json"),
        row("over 4 MiB").json(large).refused(413, "payload_too_large"),
    ];
    no_json.chain(no_objects).chain(no_types).chain(encodings).chain(others).collect()
}

fn keys(route: &'static str) -> Vec<Row> {
    let row = |what: &str| Row::of(route, format!("an idempotency key that is {what}")).json("{}");
    let key = |what: &str, key: &[u8]| {
        row(what).header("idempotency-key", key).refused(400, "invalid_idempotency_key")
    };
    vec![
        key("empty", b""),
        key("a space", b" "),
        key("two words", b"a b"),
        key("tabulated", b"a\tb"),
        key("not ASCII", "käse".as_bytes()),
        key("not UTF-8", b"\xff\xfe"),
        key("256 characters", &[b'k'; 256]),
        row("given twice")
            .header("idempotency-key", "a")
            .header("idempotency-key", "a")
            .refused(400, "invalid_idempotency_key"),
    ]
}
