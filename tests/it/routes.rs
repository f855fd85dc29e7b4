//! Every route with what it must refuse: status, code, problem+json, and nothing stored.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use runtime::App;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, World, get, send_json};

type Routes = fn(Arc<App>) -> Router;

/// Everything that asks who the caller is: method, path, function.
const WITH_IDENTITY: [(&str, &str, Routes); 16] = [
    ("GET", "/v1/providers", api::routes),
    ("POST", "/v1/connect-sessions", api::routes),
    ("GET", "/v1/connections", api::routes),
    ("GET", "/v1/connections/notion", api::routes),
    ("PATCH", "/v1/connections/notion", api::routes),
    ("DELETE", "/v1/connections/notion", api::routes),
    ("GET", "/v1/connections/notion/databases", api::routes),
    ("GET", "/v1/videos", api::routes),
    ("GET", "/v1/videos/rec-1", api::routes),
    ("PUT", "/v1/videos/rec-1", api::routes),
    ("GET", "/v1/jobs", api::routes),
    ("GET", "/v1/jobs/j-1", api::routes),
    ("POST", "/v1/videos/rec-1/transcription", ticket_extraction::routes),
    ("POST", "/v1/videos/rec-1/ticket-draft", ticket_extraction::routes),
    ("POST", "/v1/videos/rec-1/tickets", notion_export::routes),
    ("GET", "/v1/connections/unheard-of", api::routes),
];

/// What holds for every answer, good or bad.
fn well_formed(answer: &Answer, what: &str) {
    let headers = &answer.headers;
    for (name, value) in [
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(headers.get(name).map(|value| value.to_str().unwrap()), Some(value), "{what}: {name}");
    }
    let id = headers.get("x-request-id").expect("a request id").to_str().unwrap();
    if answer.status.as_u16() >= 400 {
        assert_eq!(headers["content-type"], "application/problem+json", "{what}");
        let problem = answer.json();
        assert_eq!(problem["status"], answer.status.as_u16(), "{what}");
        assert_eq!(problem["request_id"], id, "{what}");
        for field in ["type", "title", "code", "detail"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{what}: {field}");
        }
        if let Some(wait) = problem.get("retry_after") {
            assert_eq!(headers["retry-after"].to_str().unwrap(), wait.to_string(), "{what}");
        }
    }
}

async fn refused(world: &World, routes: Routes, request: Request<Body>, status: u16, code: &str) -> Value {
    let what = format!("{} {}", request.method(), request.uri());
    let answer = world.send(routes, request).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{what}: {:?}", answer.body);
    well_formed(&answer, &what);
    answer.json()
}

#[tokio::test(start_paused = true)]
async fn without_a_token_every_route_with_identity_is_closed() {
    let world = World::calm();
    for (method, path, routes) in WITH_IDENTITY {
        let request = |token: Option<&str>| {
            let mut request = Request::builder().method(method).uri(path);
            if let Some(token) = token {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            request.header("content-type", "application/json").body(Body::from("{not json")).unwrap()
        };
        refused(&world, routes, request(None), 401, "unauthenticated").await;
        refused(&world, routes, request(Some("forged")), 401, "invalid_token").await;
    }
    assert!(world.aws.items().is_empty(), "nothing is stored: {:?}", world.aws.items());
}

#[tokio::test(start_paused = true)]
async fn unknown_paths_and_methods_are_problems_too() {
    let world = World::calm();
    let bare =
        |method: &str, path: &str| Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    for path in
        ["/", "/v1", "/v1/unknown", "/v1/videos/a/b/c", "/v1/health/", "/v2/health", "/v1/%2e%2e/health"]
    {
        refused(&world, api::routes, bare("GET", path), 404, "not_found").await;
    }
    for (method, path) in [
        ("POST", "/v1/health"),
        ("DELETE", "/v1/videos/rec-1"),
        ("PUT", "/v1/connections"),
        ("PATCH", "/v1/jobs/j-1"),
        ("OPTIONS", "/v1/videos"),
        ("TRACE", "/v1/videos"),
    ] {
        refused(&world, api::routes, bare(method, path), 405, "method_not_allowed").await;
    }
    refused(
        &world,
        notion_export::routes,
        bare("GET", "/v1/videos/rec-1/tickets"),
        405,
        "method_not_allowed",
    )
    .await;
    refused(&world, oauth_start::routes, bare("GET", "/v1/oauth/myspace/start"), 404, "unknown_provider")
        .await;
    refused(
        &world,
        oauth_callback::routes,
        bare("GET", "/v1/oauth/myspace/callback"),
        404,
        "unknown_provider",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_open_routes_answer_anybody() {
    let world = World::calm();
    for path in ["/v1/health", "/v1/openapi.json"] {
        let answer = world.send(api::routes, Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.headers["content-type"]),
            (200, &"application/json".parse().unwrap())
        );
        well_formed(&answer, path);
    }
}

#[tokio::test(start_paused = true)]
async fn malformed_bodies_are_refused_before_anything_is_stored() {
    let world = World::calm();
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(5 << 20));
    let bodies: [(&str, &str, u16, &str); 14] = [
        ("application/json", "", 400, "invalid_json"),
        ("application/json", "{", 400, "invalid_json"),
        ("application/json", "{\"name\":\"a\"} {}", 400, "invalid_json"),
        ("application/json", "{\"name\":\"a\",\"name\":\"b\"}", 400, "invalid_json"),
        ("application/json", "\u{feff}{}", 400, "invalid_json"),
        ("application/json", &deep, 400, "invalid_json"),
        ("application/json", "{\"name\":\"\\ud800\"}", 400, "invalid_json"),
        ("application/json", "{\"name\":NaN}", 400, "invalid_json"),
        ("application/json", "[]", 422, "validation_failed"),
        ("application/json", "{\"name\":1}", 422, "validation_failed"),
        ("application/json", "{\"unheard_of\":1}", 422, "validation_failed"),
        ("application/json", &long, 413, "payload_too_large"),
        ("text/plain", "{}", 415, "unsupported_media_type"),
        ("application/x-www-form-urlencoded", "name=a", 415, "unsupported_media_type"),
    ];
    let targets: [(&str, &str, Routes); 4] = [
        ("POST", "/v1/connect-sessions", api::routes),
        ("PUT", "/v1/videos/rec-1", api::routes),
        ("PATCH", "/v1/connections/notion", api::routes),
        ("POST", "/v1/videos/rec-1/tickets", notion_export::routes),
    ];
    for (method, path, routes) in targets {
        for (content_type, body, status, code) in bodies {
            let mut request = send_json(&world, "alice", method.parse().unwrap(), path, None, &Value::Null);
            request.headers_mut().insert("content-type", content_type.parse().unwrap());
            *request.body_mut() = Body::from(body.to_owned());
            refused(&world, routes, request, status, code).await;
        }
        let mut compressed = send_json(&world, "alice", method.parse().unwrap(), path, None, &json!({}));
        compressed.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
        refused(&world, routes, compressed, 415, "unsupported_media_type").await;
    }
    for path in ["/v1/videos/rec-1/transcription", "/v1/videos/rec-1/ticket-draft"] {
        let request = |body: &Value| send_json(&world, "alice", Method::POST, path, None, body);
        refused(&world, ticket_extraction::routes, request(&json!({"a": 1})), 422, "validation_failed").await;
        refused(&world, ticket_extraction::routes, request(&json!([])), 422, "validation_failed").await;
    }
    assert!(world.aws.items().is_empty(), "nothing is stored: {:?}", world.aws.items());
    assert!(world.aws.objects().is_empty());
}

#[tokio::test(start_paused = true)]
async fn idempotency_keys_queries_and_ids_are_checked() {
    let world = World::calm();
    let long = "k".repeat(256);
    for key in ["", " ", "a b", "käse", long.as_str()] {
        let body = json!({"provider": "notion"});
        let mut request = send_json(&world, "alice", Method::POST, "/v1/connect-sessions", None, &body);
        request
            .headers_mut()
            .insert("idempotency-key", http::HeaderValue::from_bytes(key.as_bytes()).unwrap());
        refused(&world, api::routes, request, 400, "invalid_idempotency_key").await;
    }
    for (query, code) in [
        ("limit=0", "invalid_parameter"),
        ("limit=101", "invalid_parameter"),
        ("limit=-1", "invalid_parameter"),
        ("limit=ten", "invalid_parameter"),
        ("limit=", "invalid_parameter"),
        ("limit=1&limit=2", "duplicate_parameter"),
        ("unheard_of=1", "invalid_parameter"),
        ("cursor=%00", "invalid_cursor"),
        ("cursor=../../x", "invalid_cursor"),
        ("cursor=eyJhIjoxfQ", "invalid_cursor"),
    ] {
        for path in ["/v1/videos", "/v1/jobs"] {
            refused(&world, api::routes, get(&world, "alice", &format!("{path}?{query}")), 400, code).await;
        }
    }
    for id in ["-a", ".hidden", "a%20b", "a%2Fb", &"a".repeat(129), "%00", "%ff"] {
        let body = json!({"name": "x"});
        let put = send_json(&world, "alice", Method::PUT, &format!("/v1/videos/{id}"), None, &body);
        refused(&world, api::routes, put, 400, "invalid_parameter").await;
        refused(&world, api::routes, get(&world, "alice", &format!("/v1/videos/{id}")), 404, "not_found")
            .await;
        refused(&world, api::routes, get(&world, "alice", &format!("/v1/jobs/{id}")), 404, "not_found").await;
    }
    assert!(world.aws.items().is_empty(), "{:?}", world.aws.items());
}

#[tokio::test(start_paused = true)]
async fn a_recording_says_what_is_wrong_with_it() {
    let world = World::calm();
    let put = |body: Value| send_json(&world, "alice", Method::PUT, "/v1/videos/rec-1", None, &body);
    let long = "x".repeat(501);
    for name in ["", "  ", long.as_str()] {
        let problem =
            refused(&world, api::routes, put(json!({"name": name})), 422, "validation_failed").await;
        assert_eq!(problem["errors"][0]["pointer"], "/name");
    }
    for transcript in ["", "hello", "WEBVTTX\n\n", "1\n00:00.000 --> 00:01.000\nhi"] {
        let body = json!({"name": "a", "transcript": transcript});
        refused(&world, api::routes, put(body), 422, "invalid_transcript").await;
    }
    let huge = format!("WEBVTT\n\n{}", "x".repeat(2 << 20));
    refused(&world, api::routes, put(json!({"name": "a", "transcript": huge})), 413, "payload_too_large")
        .await;
    for url in [
        "http://example.com/a.mp4",
        "ftp://example.com/a",
        "file:///etc/passwd",
        "https://localhost/a",
        "https://127.0.0.1/a",
        "https://10.1.2.3/a",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a",
        "https://[fd00:ec2::254]/",
        "https://[::ffff:10.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://user:pw@example.com/a",
        "https://metadata.google.internal/",
        "https://100.64.0.1/",
        "javascript:alert(1)",
        "example.com",
        "",
    ] {
        refused(&world, api::routes, put(json!({"name": "a", "media_url": url})), 400, "url_not_allowed")
            .await;
    }
    assert!(world.aws.items().is_empty(), "{:?}", world.aws.items());
    assert!(world.aws.objects().is_empty());
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_things_do_not_exist() {
    let world = World::calm();
    let body = json!({"name": "a", "transcript": "WEBVTT\n\n00:00.000 --> 00:02.000\nThe page is broken, it crashes."});
    let put = send_json(&world, "alice", Method::PUT, "/v1/videos/rec-1", None, &body);
    assert_eq!(world.send(api::routes, put).await.status, 201);
    Browser::default().connect(&world, "alice").await;

    let missing = |path: &str| format!("{path}-missing");
    let ticket = json!({"title": "x"});
    for (method, path, routes, body) in [
        (Method::GET, "/v1/videos/rec-1", api::routes as Routes, None),
        (Method::GET, "/v1/connections/notion", api::routes, None),
        (Method::POST, "/v1/videos/rec-1/ticket-draft", ticket_extraction::routes, Some(json!({}))),
        (Method::POST, "/v1/videos/rec-1/transcription", ticket_extraction::routes, Some(json!({}))),
        (Method::POST, "/v1/videos/rec-1/tickets", notion_export::routes, Some(ticket.clone())),
    ] {
        let ask = |path: &str| match &body {
            Some(body) => send_json(&world, "bob", method.clone(), path, None, body),
            None => get(&world, "bob", path),
        };
        let theirs = refused(&world, routes, ask(path), 404, "not_found").await;
        if path.contains("rec-1") {
            let nothing = ask(&path.replace("rec-1", &missing("rec-1")));
            let absent = refused(&world, routes, nothing, 404, "not_found").await;
            assert_eq!(theirs["detail"], absent["detail"], "not even by its words");
        }
    }
    let list = world.send(api::routes, get(&world, "bob", "/v1/videos")).await;
    assert_eq!(list.json(), json!({"items": [], "next_cursor": null}));
    let own = send_json(&world, "bob", Method::PUT, "/v1/videos/rec-1", None, &json!({"name": "bob's"}));
    assert_eq!(world.send(api::routes, own).await.status, 201, "ids are each user's own");
    let alices = world.send(api::routes, get(&world, "alice", "/v1/videos/rec-1")).await;
    assert_eq!(alices.json()["name"], "a");
}

#[tokio::test(start_paused = true)]
async fn lists_go_page_by_page() {
    let world = World::calm();
    for number in 0..5 {
        let path = format!("/v1/videos/rec-{number}");
        let put =
            send_json(&world, "alice", Method::PUT, &path, None, &json!({"name": format!("video {number}")}));
        assert_eq!(world.send(api::routes, put).await.status, 201);
    }
    let (mut path, mut seen) = ("/v1/videos?limit=2".to_owned(), Vec::new());
    for _ in 0..3 {
        let page = world.send(api::routes, get(&world, "alice", &path)).await.json();
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/videos?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ["rec-0", "rec-1", "rec-2", "rec-3", "rec-4"]);
}
