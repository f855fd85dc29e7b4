//! What browsers bring to the two OAuth routes, and what comes to the address of the speech engine.

use super::row::Row;

const START: &str = "GET /v1/oauth/{provider}/start";
const CALLBACK: &str = "GET /v1/oauth/{provider}/callback";
const HOOK: &str = "POST /v1/hooks/deepgram/{job_id}/{token}";

/// Queries of a connect link: what becomes of the browser.
const LINKS: [(&str, &str); 10] = [
    ("", "missing_params"),
    ("session=", "missing_params"),
    ("session", "missing_params"),
    ("session=invented", "invalid_state"),
    ("session=%00", "invalid_state"),
    ("session=%ff%fe", "invalid_state"),
    ("session=a%0d%0aSet-Cookie:%20x", "invalid_state"),
    ("session=%3Cscript%3Ealert(1)%3C/script%3E", "invalid_state"),
    ("session=SESSION%23x", "invalid_state"),
    ("session=%F0%9F%92%A9", "invalid_state"),
];

/// Queries of a callback.
const CALLBACKS: [(&str, &str); 18] = [
    ("", "missing_params"),
    ("code=a", "missing_params"),
    ("state=", "missing_params"),
    ("state=&code=a", "missing_params"),
    ("error=access_denied", "missing_params"),
    ("state=a&state=b&code=c", "missing_params"),
    ("state=a&code=b&code=c", "missing_params"),
    ("state=a&%73tate=b&code=c", "missing_params"),
    ("state=a&code=b&x=1&x=2", "missing_params"),
    ("state=invented&code=a", "invalid_state"),
    ("state=invented&error=access_denied", "invalid_state"),
    ("state=%00&code=a", "invalid_state"),
    ("state=%ff&code=%ff", "invalid_state"),
    ("state=a%0d%0aLocation:%20https://evil.example&code=a", "invalid_state"),
    ("state=a&code=b&return_to=https://evil.example", "invalid_state"),
    ("state=a&code=b&redirect_uri=https://evil.example", "invalid_state"),
    ("state=a&error=%3Cscript%3E&error_description=%3Cscript%3E", "invalid_state"),
    ("state=a&code=b&iss=https://evil.example", "invalid_state"),
];

/// What browsers and people who pretend to be some send as cookies.
const COOKIES: [&[u8]; 6] = [
    b"__Host-oauth=",
    b"__Host-oauth=short",
    b"__Host-oauth=\xff\xfe",
    b"__Host-oauth=a; __Host-oauth=b",
    b"; ; =; __Host-oauth",
    b"__host-oauth=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

/// Reports that nobody asked for. Their address is looked at before they are.
const REPORTS: [(&str, &str); 10] = [
    ("nothing", ""),
    ("no JSON", "{"),
    ("a list", "[]"),
    ("null", "null"),
    ("an empty object", "{}"),
    ("markup", "<xml/>"),
    ("no results", r#"{"metadata":{"request_id":"a"},"results":null}"#),
    (
        "numbers that are too large",
        r#"{"results":{"utterances":[{"start":1e300,"end":-1e300,"transcript":"a"}]}}"#,
    ),
    ("half a surrogate pair", r#"{"metadata":{"request_id":"\ud800"}}"#),
    ("another's request", r#"{"metadata":{"request_id":"00000000-0000-4000-8000-000000000000"}}"#),
];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    rows.extend(LINKS.iter().map(|(query, error)| Row::of(START, *query).query(query).sent_back(error)));
    let long = format!("session={}", "a".repeat(20_000));
    rows.push(Row::of(START, "a long session").query(&long).sent_back("invalid_state"));
    for (query, code) in [
        ("session=a&session=b", "duplicate_parameter"),
        ("session=a&%73ession=b", "duplicate_parameter"),
        ("session=a&return_to=https://evil.example", "invalid_parameter"),
        ("state=a", "invalid_parameter"),
    ] {
        rows.push(Row::of(START, query).query(query).refused(400, code));
    }
    rows.extend(
        CALLBACKS.iter().map(|(query, error)| Row::of(CALLBACK, *query).query(query).sent_back(error)),
    );
    for route in [START, CALLBACK] {
        let query = if route == START { "session=invented" } else { "state=invented&code=a" };
        rows.extend(COOKIES.iter().map(|cookie| {
            let what = format!("the cookie {:?}", String::from_utf8_lossy(cookie));
            Row::of(route, what).query(query).header("cookie", *cookie).sent_back("invalid_state")
        }));
    }
    rows.extend(
        REPORTS.iter().map(|(what, body)| Row::of(HOOK, *what).json(*body).refused(404, "not_found")),
    );
    let large = format!("\"{}\"", "x".repeat(6 << 20));
    rows.push(Row::of(HOOK, "over 6 MiB").json(large).refused(413, "payload_too_large"));
    rows.push(Row::of(HOOK, "not UTF-8").json(&b"\xff\xfe\0"[..]).refused(404, "not_found"));
    rows
}
