//! Every route with what it must refuse: status, code, problem+json, and nothing stored.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use runtime::App;
use serde_json::{Value, json};

use crate::support::requests::well_formed;
use crate::support::{Browser, World, get, send_json};

type Routes = fn(Arc<App>) -> Router;

/// Everything that asks who the caller is: method, path, function.
const WITH_IDENTITY: [(&str, &str, Routes); 23] = [
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
    ("GET", "/v1/plans", api::routes),
    ("GET", "/v1/plans/plan-1", api::routes),
    ("PUT", "/v1/plans/plan-1", api::routes),
    ("DELETE", "/v1/plans/plan-1", api::routes),
    ("GET", "/v1/jobs", api::routes),
    ("GET", "/v1/jobs/j-1", api::routes),
    ("GET", "/v1/usage", api::routes),
    ("POST", "/v1/videos/rec-1/transcription", ticket_extraction::routes),
    ("POST", "/v1/videos/rec-1/ticket-draft", ticket_extraction::routes),
    ("POST", "/v1/videos/rec-1/tickets", notion_export::routes),
    ("POST", "/v1/plans/plan-1/exports", notion_export::routes),
    ("POST", "/v1/plans/plan-1/calendar-syncs", calendar_sync::routes),
    ("GET", "/v1/connections/unheard-of", api::routes),
];

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
async fn methods_that_another_function_does_not_offer_come_to_the_api_and_are_refused() {
    let world = World::calm();
    for (path, allowed) in [
        ("/v1/oauth/notion/start", "GET,HEAD"),
        ("/v1/oauth/notion/callback", "GET,HEAD"),
        ("/v1/videos/rec-1/transcription", "POST"),
        ("/v1/videos/rec-1/ticket-draft", "POST"),
        ("/v1/videos/rec-1/tickets", "POST"),
        ("/v1/plans/plan-1/exports", "POST"),
        ("/v1/plans/plan-1/calendar-syncs", "POST"),
        ("/v1/hooks/deepgram/job-1/secret", "POST"),
        ("/v1/hooks/google-calendar", "POST"),
    ] {
        for method in ["PUT", "DELETE", "OPTIONS", "TRACE"] {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            let answer = world.send(api::routes, request).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (405, "method_not_allowed".into()),
                "{method} {path}"
            );
            assert_eq!(answer.headers["allow"], allowed, "{method} {path}");
            well_formed(&answer, path);
        }
    }
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
async fn somebody_elses_things_do_not_exist() {
    let world = World::calm();
    let body = json!({"name": "a", "transcript": "WEBVTT\n\n00:00.000 --> 00:02.000\nThe page is broken, it crashes."});
    let put = send_json(&world, "alice", Method::PUT, "/v1/videos/rec-1", None, &body);
    assert_eq!(world.send(api::routes, put).await.status, 201);
    let put = send_json(&world, "alice", Method::PUT, "/v1/plans/plan-1", None, &json!({"title": "a"}));
    assert_eq!(world.send(api::routes, put).await.status, 201);
    Browser::default().connect(&world, "alice").await;

    let missing = |path: &str| format!("{path}-missing");
    let ticket = json!({"title": "x"});
    for (method, path, routes, body) in [
        (Method::GET, "/v1/videos/rec-1", api::routes as Routes, None),
        (Method::GET, "/v1/plans/plan-1", api::routes, None),
        (Method::DELETE, "/v1/plans/plan-1", api::routes, Some(json!({}))),
        (Method::GET, "/v1/connections/notion", api::routes, None),
        (Method::POST, "/v1/videos/rec-1/ticket-draft", ticket_extraction::routes, Some(json!({}))),
        (Method::POST, "/v1/videos/rec-1/transcription", ticket_extraction::routes, Some(json!({}))),
        (Method::POST, "/v1/videos/rec-1/tickets", notion_export::routes, Some(ticket.clone())),
        (Method::POST, "/v1/plans/plan-1/exports", notion_export::routes, Some(json!({"target": "notion"}))),
        (Method::POST, "/v1/plans/plan-1/calendar-syncs", calendar_sync::routes, Some(json!({}))),
    ] {
        let ask = |path: &str| match &body {
            Some(body) => send_json(&world, "bob", method.clone(), path, None, body),
            None => get(&world, "bob", path),
        };
        let theirs = refused(&world, routes, ask(path), 404, "not_found").await;
        for id in ["rec-1", "plan-1"].into_iter().filter(|id| path.contains(id)) {
            let nothing = ask(&path.replace(id, &missing(id)));
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
