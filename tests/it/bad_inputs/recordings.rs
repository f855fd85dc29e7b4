//! Recordings and connect links: fields of the wrong type, too long, empty, or with what does not belong in them.

use serde_json::{Value, json};

use super::row::Row;

const PUT: &str = "PUT /v1/videos/{id}";
const LINK: &str = "POST /v1/connect-sessions";

/// What is no text.
fn no_text() -> [(&'static str, Value); 6] {
    [
        ("a number", json!(1)),
        ("a large number", json!(1e300)),
        ("true", json!(true)),
        ("a list", json!(["a"])),
        ("an object", json!({"a": "b"})),
        ("a deep list", json!([[[["a"]]]])),
    ]
}

/// Bytes that somebody could take for a transcript.
const NO_TRANSCRIPTS: [&str; 16] = [
    "",
    " ",
    "hello",
    "webvtt\n\n",
    "WEBVT",
    "WEBVTTX\n\n",
    "WEBVTT-\n\n",
    " WEBVTT\n\n",
    "\nWEBVTT\n\n",
    "\u{feff}\u{feff}WEBVTT\n\n",
    "WEBVTT\u{a0}\n\n",
    "1\n00:00:00,000 --> 00:00:01,000\nhi",
    "00:00.000 --> 00:01.000\nhi",
    "<tt xmlns=\"http://www.w3.org/ns/ttml\"/>",
    "{\"results\":{}}",
    "NOTE WEBVTT\n\n",
];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = names();
    rows.extend(other_fields());
    rows.extend(links());
    rows
}

fn put(what: impl Into<String>, body: &Value) -> Row {
    Row::of(PUT, what).json(body.to_string())
}

fn names() -> Vec<Row> {
    let named = |what: &str, name: Value| {
        put(format!("a name that is {what}"), &json!({"name": name})).invalid_at("/name")
    };
    let mut rows = vec![
        put("no name", &json!({"transcript": "WEBVTT\n\n"})).invalid_at(""),
        put("a name in capitals", &json!({"Name": "a"})).invalid_at("/Name"),
        named("null", Value::Null),
        named("empty", json!("")),
        named("white space", json!(" \u{2003}\u{3000}\t")),
        named("501 characters", json!("x".repeat(501))),
        named("501 characters of four bytes", json!("💩".repeat(501))),
        named("of two lines", json!("a\nb")),
        named("with a NUL", json!("a\0b")),
        named("with an escape character", json!("a\u{1b}[2Jb")),
        named("with a C1 control character", json!("a\u{85}b")),
        named("with a deletion", json!("a\u{7f}")),
        named("a megabyte", json!("x".repeat(1 << 20))),
    ];
    rows.extend(no_text().map(|(what, value)| named(what, value)));
    rows
}

fn other_fields() -> Vec<Row> {
    let mut rows = Vec::new();
    for field in ["media_url", "transcript"] {
        rows.extend(no_text().map(|(what, value)| {
            put(format!("{field} is {what}"), &json!({"name": "a", field: value}))
                .invalid_at(format!("/{field}"))
        }));
    }
    for field in
        ["id", "status", "created_at", "transcription_job", "user", "pk", "__proto__", "name\0", "n\u{e4}me"]
    {
        let body = json!({"name": "a", field: "b"});
        rows.push(put(format!("with {field:?}"), &body).invalid_at(format!("/{field}")));
    }
    for (at, transcript) in NO_TRANSCRIPTS.iter().enumerate() {
        let body = json!({"name": "a", "transcript": transcript});
        rows.push(put(format!("no transcript {at}"), &body).refused(422, "invalid_transcript"));
    }
    let large = format!("WEBVTT\n\n{}", "x".repeat(2 << 20));
    let body = json!({"name": "a", "transcript": large});
    rows.push(put("a transcript over 2 MiB", &body).refused(413, "payload_too_large"));
    for url in
        ["", " ", "a.mp4", "/a.mp4", "http://example.com/a.mp4", "https://localhost/a", "https://10.0.0.1/a"]
    {
        let body = json!({"name": "a", "media_url": url, "transcript": "WEBVTT\n\n"});
        rows.push(put(format!("at {url:?}"), &body).refused(400, "url_not_allowed"));
    }
    rows
}

fn links() -> Vec<Row> {
    let link = |what: &str, body: &Value| Row::of(LINK, what).json(body.to_string());
    let provider =
        |what: &str, value: Value| link(&format!("a provider that is {what}"), &json!({"provider": value}));
    let mut rows = vec![
        link("no provider", &json!({"return_to": "/integrations"})).invalid_at(""),
        provider("null", Value::Null).invalid_at("/provider"),
        link("the user named", &json!({"provider": "notion", "user": "bob"})).invalid_at("/user"),
        link("the state named", &json!({"provider": "notion", "state": "a"})).invalid_at("/state"),
        link("a key that was used", &json!({"provider": "zoom"}))
            .header("idempotency-key", "used")
            .refused(422, "idempotency_key_reused"),
    ];
    rows.extend(no_text().map(|(what, value)| provider(what, value).invalid_at("/provider")));
    rows.extend(no_text().map(|(what, value)| {
        let body = json!({"provider": "notion", "return_to": value});
        link(&format!("return_to is {what}"), &body).invalid_at("/return_to")
    }));
    let long = "n".repeat(100_000);
    for name in ["", " ", "Notion", "notion ", "notion\0", "google", "../notion", "ｎotion", long.as_str()] {
        rows.push(provider(&format!("{name:.20?}"), json!(name)).refused(404, "unknown_provider"));
    }
    for place in
        ["", "//evil.example", "https://evil.example/", "javascript:alert(1)", "/a\r\nSet-Cookie: a=b", "/\0"]
    {
        let body = json!({"provider": "notion", "return_to": place});
        rows.push(link(&format!("back to {place:?}"), &body).refused(400, "invalid_return_to"));
    }
    rows
}
