//! Every route at once: tokens, methods, spellings of the path, ids.

use super::row::Row;

/// Every route of the contract, and whether it asks who the caller is.
pub(super) const ROUTES: [(&str, bool); 30] = [
    ("GET /v1/health", false),
    ("GET /v1/openapi.json", false),
    ("GET /v1/providers", true),
    ("POST /v1/connect-sessions", true),
    ("GET /v1/connections", true),
    ("GET /v1/connections/{provider}", true),
    ("PATCH /v1/connections/{provider}", true),
    ("DELETE /v1/connections/{provider}", true),
    ("GET /v1/connections/notion/databases", true),
    ("GET /v1/videos", true),
    ("GET /v1/videos/{id}", true),
    ("PUT /v1/videos/{id}", true),
    ("POST /v1/videos/{id}/transcription", true),
    ("POST /v1/videos/{id}/ticket-draft", true),
    ("POST /v1/videos/{id}/tickets", true),
    ("GET /v1/plans", true),
    ("GET /v1/plans/{id}", true),
    ("PUT /v1/plans/{id}", true),
    ("DELETE /v1/plans/{id}", true),
    ("POST /v1/plans/{id}/exports", true),
    ("POST /v1/plans/{id}/calendar-syncs", true),
    ("GET /v1/jobs", true),
    ("GET /v1/jobs/{id}", true),
    ("POST /v1/jobs/{id}/cancel", true),
    ("POST /v1/jobs/{id}/undo", true),
    ("GET /v1/usage", true),
    ("GET /v1/oauth/{provider}/start", false),
    ("GET /v1/oauth/{provider}/callback", false),
    ("POST /v1/hooks/deepgram/{job_id}/{token}", false),
    ("POST /v1/hooks/google-calendar", false),
];

/// What stands in a path where an id should be. None of it can be one.
const NO_IDS: [&str; 26] = [
    "-a",
    "_a",
    ".hidden",
    "..",
    "...",
    "%2e",
    "%2e%2e",
    "%2e%2e%2f",
    "a%20b",
    "a%2Fb",
    "a%5Cb",
    "%00",
    "a%00",
    "%ff",
    "%c0%ae",
    "a%0d%0aSet-Cookie:%20x",
    "%E2%80%AE",
    "%F0%9F%92%A9",
    "a%252Fb",
    "%u0061",
    "a%",
    "%zz",
    "a;b=c",
    "a,b",
    "a'--",
    "${jndi:x}",
];

/// What stands where a provider's name should be.
const NO_PROVIDERS: [&str; 14] = [
    "myspace",
    "Notion",
    "NOTION",
    "notion%00",
    "notion%20",
    "%20notion",
    "notion%2Fdatabases",
    "..",
    "%2e%2e",
    "google",
    "notion;x",
    "n%C3%B6tion",
    "%ff",
    "-",
];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (route, asks) in ROUTES {
        if asks {
            rows.extend(without_identity(route));
        }
        rows.extend(other_methods(route));
        rows.extend(other_paths(route));
        rows.extend(other_ids(route));
    }
    for route in ["GET /v1/jobs/{id}", "POST /v1/jobs/{id}/cancel", "POST /v1/jobs/{id}/undo"] {
        rows.push(Row::of(route, "no such job").refused(404, "not_found"));
    }
    rows
}

/// Nothing of the body is looked at before it is known who asks.
fn without_identity(route: &'static str) -> Vec<Row> {
    let row = |what: &str| Row::of(route, what).of_user(None).json("{not json");
    let doubled =
        |row: Row| row.header("authorization", "Bearer a.b.c").header("authorization", "Bearer a.b.c");
    vec![
        row("no token").refused(401, "unauthenticated"),
        row("Basic").header("authorization", "Basic YTpi").refused(401, "unauthenticated"),
        doubled(row("two tokens")).refused(401, "unauthenticated"),
        row("a token that is not text")
            .header("authorization", *b"Bearer \xff\xfe")
            .refused(401, "unauthenticated"),
        row("a forged token").header("authorization", "Bearer a.b.c").refused(401, "invalid_token"),
        row("a long token")
            .header("authorization", format!("Bearer {}", "a".repeat(100_000)))
            .refused(401, "invalid_token"),
    ]
}

fn other_methods(route: &'static str) -> Vec<Row> {
    let (_, path) = route.split_once(' ').unwrap();
    let offered = |method: &str| {
        ROUTES.iter().any(|(other, _)| {
            let (other_method, other_path) = other.split_once(' ').unwrap();
            other_method == method && other_path == path
        })
    };
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"];
    // An OPTIONS request asks for CORS headers, which this API does not give to browsers of other origins.
    let others = methods.into_iter().filter(|method| !offered(method));
    others
        .map(|method| Row::of(route, method).method(method).json("{}").refused(405, "method_not_allowed"))
        .collect()
}

/// A path is one thing in one spelling.
fn other_paths(route: &'static str) -> Vec<Row> {
    let row = |what: &str, change: fn(&str) -> String| {
        Row::of(route, what).path_as(change).json("{}").refused(404, "not_found")
    };
    vec![
        row("a slash at the end", |path| format!("{path}/")),
        row("a slash at the beginning", |path| format!("/{path}")),
        row("a doubled slash", |path| path.replacen("/v1/", "/v1//", 1)),
        row("in capitals", |path| path.replacen("/v1/", "/V1/", 1)),
        row("a dot segment", |path| path.replacen("/v1/", "/v1/./", 1)),
        row("a way up", |path| path.replacen("/v1/", "/v1/x/../", 1)),
        row("an encoded slash", |path| path.replacen("/v1/", "/v1%2F", 1)),
        row("an encoded letter", |path| path.replacen("/v1/", "/%761/", 1)),
        row("one segment more", |path| format!("{path}/more/and/more")),
        row("of another version", |path| path.replacen("/v1/", "/v2/", 1)),
    ]
}

fn other_ids(route: &'static str) -> Vec<Row> {
    let (method, path) = route.split_once(' ').unwrap();
    let with = |parameter: &str, value: &str| {
        let path = path.replace(parameter, value).replace("{provider}", "notion");
        let path = path.replace("{job_id}", "job-1").replace("{token}", "secret");
        Row::of(route, format!("{parameter} is {value:.40}"))
            .path(path)
            .json("{\"name\":\"a\",\"title\":\"a\"}")
    };
    let long = "a".repeat(129);
    let longer = "a".repeat(8_000);
    if path.contains("{id}") {
        let refused = |row: Row| match method {
            "PUT" => row.refused(400, "invalid_parameter"),
            _ => row.refused(404, "not_found"),
        };
        let ids = NO_IDS.into_iter().chain([long.as_str(), &longer]);
        return ids.map(|id| refused(with("{id}", id))).collect();
    }
    if path.contains("{provider}") {
        let names = NO_PROVIDERS.into_iter().chain([long.as_str()]);
        return names.map(|name| with("{provider}", name).refused(404, "unknown_provider")).collect();
    }
    if path.contains("{job_id}") {
        let jobs = NO_IDS.into_iter().chain([long.as_str()]).map(|id| with("{job_id}", id));
        let tokens = NO_IDS.into_iter().chain([longer.as_str()]).map(|token| with("{token}", token));
        return jobs.chain(tokens).map(|row| row.refused(404, "not_found")).collect();
    }
    Vec::new()
}
