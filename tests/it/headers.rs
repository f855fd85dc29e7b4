//! The headers of every answer of every route, good and bad: what each must carry, and what none may.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use http::{Method, Request};
use providers::signature::sha256_hex;
use serde_json::{Value, json};
use simulators::Fault;
use simulators::faults::FaultKind;
use store::Listener;

use crate::isolation::rows;
use crate::openapi::tells;
use crate::support::requests::well_formed;
use crate::support::world::Routes;
use crate::support::{Answer, Browser, World, authorized, get, send_json};

/// What tells strangers about the machinery, or opens answers to other sites' scripts.
const NEVER: [&str; 9] = [
    "server",
    "x-powered-by",
    "via",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "x-aspnet-version",
    "set-cookie2",
];

/// What is no route.
const NOWHERE: &str = "GET nowhere";

/// Answers by route, for as long as the story goes.
struct Answers {
    world: World,
    seen: Vec<(&'static str, Answer)>,
}

impl Answers {
    async fn take(
        &mut self,
        route: &'static str,
        status: u16,
        routes: Routes,
        request: Request<Body>,
    ) -> &Answer {
        let mut request = request;
        let headers = request.headers_mut();
        // Nothing of these is believed or given back.
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("host", "evil.example"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "http"),
            ("x-request-id", "canary-request-id"),
            ("x-amzn-trace-id", "canary-trace"),
            ("forwarded", "host=evil.example"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let answer = self.world.send(routes, request).await;
        assert_eq!(answer.status.as_u16(), status, "{route}: {answer:?}");
        self.seen.push((route, answer));
        &self.seen.last().unwrap().1
    }

    async fn json(
        &mut self,
        route: &'static str,
        status: u16,
        routes: Routes,
        path: &str,
        body: Value,
    ) -> &Answer {
        let (method, _) = route.split_once(' ').unwrap();
        let key = (method == "POST").then_some("key");
        let request = send_json(&self.world, "alice", method.parse().unwrap(), path, key, &body);
        self.take(route, status, routes, request).await
    }

    async fn show(&mut self, route: &'static str, status: u16, path: &str) -> &Answer {
        let request = get(&self.world, "alice", path);
        self.take(route, status, api::routes, request).await
    }
}

const TRANSCRIPT: &str = "WEBVTT\n\n00:00.000 --> 00:02.000\nThe export is broken, it crashes.";

/// Every route in good order: what it answers when all is well, and several ways in which it is not.
async fn answers() -> Answers {
    let mut all = Answers { world: World::calm(), seen: Vec::new() };
    all.show("GET /v1/health", 200, "/v1/health").await;
    all.show("GET /v1/openapi.json", 200, "/v1/openapi.json").await;
    all.show("GET /v1/providers", 200, "/v1/providers").await;
    let put = "PUT /v1/videos/{id}";
    all.json(put, 201, api::routes, "/v1/videos/rec-1", json!({"name": "a", "transcript": TRANSCRIPT})).await;
    all.json(put, 200, api::routes, "/v1/videos/rec-1", json!({"name": "b"})).await;
    let media = json!({"name": "c", "media_url": "https://media.example.com/c.mp4"});
    all.json(put, 201, api::routes, "/v1/videos/rec-2", media).await;
    all.json(put, 413, api::routes, "/v1/videos/rec-3", json!({"name": "x".repeat(5 << 20)})).await;
    all.json(put, 400, api::routes, "/v1/videos/-", json!({"name": "a"})).await;
    all.show("GET /v1/videos", 200, "/v1/videos?limit=1").await;
    all.show("GET /v1/videos", 400, "/v1/videos?limit=0").await;
    all.show("GET /v1/videos/{id}", 200, "/v1/videos/rec-1").await;
    plans(&mut all).await;
    connect(&mut all).await;
    tickets(&mut all).await;
    exports(&mut all).await;
    transcription(&mut all).await;
    troubles(&mut all).await;
    let gone = authorized(&all.world, "alice", Method::DELETE, "/v1/connections/notion");
    all.take("DELETE /v1/connections/{provider}", 204, api::routes, gone).await;
    all.show("GET /v1/connections/notion/databases", 409, "/v1/connections/notion/databases").await;
    calendar_syncs(&mut all).await;
    hints(&mut all).await;
    all
}

async fn plans(all: &mut Answers) {
    let (put, path) = ("PUT /v1/plans/{id}", "/v1/plans/plan-1");
    let tag = |answer: &Answer| answer.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag(all.json(put, 201, api::routes, path, json!({"title": "a"})).await), "\"1\"");
    assert_eq!(tag(all.json(put, 200, api::routes, path, json!({"title": "b"})).await), "\"2\"");
    all.json(put, 422, api::routes, path, json!({"title": "a", "time_zone": "Mars/Olympus"})).await;
    all.json(put, 413, api::routes, path, json!({"title": "x".repeat(350_000)})).await;
    all.show("GET /v1/plans", 200, "/v1/plans").await;
    assert_eq!(tag(all.show("GET /v1/plans/{id}", 200, path).await), "\"2\"");
    let delete = "DELETE /v1/plans/{id}";
    for (expected, status) in [("1", 400), ("\"1\"", 412), ("\"2\"", 204), ("\"2\"", 404)] {
        let mut request = authorized(&all.world, "alice", Method::DELETE, path);
        request.headers_mut().insert("if-match", expected.parse().unwrap());
        all.take(delete, status, api::routes, request).await;
    }
}

async fn connect(all: &mut Answers) {
    let sessions = "POST /v1/connect-sessions";
    let body = json!({"provider": "notion"});
    let link = all.json(sessions, 201, api::routes, "/v1/connect-sessions", body.clone()).await.json();
    let link = link["connect_url"].as_str().unwrap().to_owned();
    assert!(link.starts_with("https://api.patchbay.example/v1/oauth/notion/start?session="), "{link}");
    let again = all.json(sessions, 201, api::routes, "/v1/connect-sessions", body).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let gmail = json!({"provider": "gmail"});
    all.json(sessions, 422, api::routes, "/v1/connect-sessions", gmail.clone()).await;
    let open = |address: &str, cookie: Option<&str>| {
        let url = url::Url::parse(address).unwrap();
        let request = Request::get(format!("{}?{}", url.path(), url.query().unwrap()));
        let request = cookie.into_iter().fold(request, |request, cookie| request.header("cookie", cookie));
        request.body(Body::empty()).unwrap()
    };
    let start = "GET /v1/oauth/{provider}/start";
    let left = all.take(start, 302, oauth_start::routes, open(&link, None)).await;
    let (cookie, page) =
        (left.headers["set-cookie"].to_str().unwrap().to_owned(), left.location().to_owned());
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600");
    assert!(pair.strip_prefix("__Host-oauth=").is_some_and(|value| value.len() == 43), "{pair}");
    assert_eq!(left.headers.get_all("set-cookie").iter().count(), 1);
    let pair = pair.to_owned();
    all.take(start, 303, oauth_start::routes, open(&link, None)).await;
    let callback = Browser::agree(&all.world, &page);
    let back = "GET /v1/oauth/{provider}/callback";
    all.take(back, 303, oauth_callback::routes, open(&callback, Some(&pair))).await;
    all.take(back, 303, oauth_callback::routes, open(&callback, Some(&pair))).await;
    for (route, routes) in [(start, oauth_start::routes as Routes), (back, oauth_callback::routes)] {
        let end = route.rsplit('/').next().unwrap();
        let unknown = Request::get(format!("/v1/oauth/myspace/{end}")).body(Body::empty()).unwrap();
        all.take(route, 404, routes, unknown).await;
    }
    let full = send_json(&all.world, "alice", Method::POST, "/v1/connect-sessions", None, &gmail);
    all.take(sessions, 403, api::routes, full).await;
    all.show("GET /v1/connections", 200, "/v1/connections").await;
    all.show("GET /v1/connections/{provider}", 200, "/v1/connections/notion").await;
    let found = all
        .show("GET /v1/connections/notion/databases", 200, "/v1/connections/notion/databases")
        .await
        .json();
    let database = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["name"] == "Product tickets")
        .unwrap()["id"]
        .clone();
    let choice = json!({"settings": {"database_id": database}});
    let (change, path) = ("PATCH /v1/connections/{provider}", "/v1/connections/notion");
    all.json(change, 200, api::routes, path, choice).await;
    all.json(change, 403, api::routes, path, json!({"sync_enabled": true})).await;
}

async fn tickets(all: &mut Answers) {
    let (draft, path) = ("POST /v1/videos/{id}/ticket-draft", "/v1/videos/rec-1/ticket-draft");
    all.json(draft, 200, ticket_extraction::routes, path, json!({})).await;
    all.json(draft, 422, ticket_extraction::routes, "/v1/videos/rec-2/ticket-draft", json!({})).await;
    all.json(draft, 404, ticket_extraction::routes, "/v1/videos/rec-9/ticket-draft", json!({})).await;
    let (tickets, path) = ("POST /v1/videos/{id}/tickets", "/v1/videos/rec-1/tickets");
    all.json(tickets, 201, notion_export::routes, path, json!({"title": "a"})).await;
    let again = all.json(tickets, 201, notion_export::routes, path, json!({"title": "a"})).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    all.json(tickets, 422, notion_export::routes, path, json!({"title": ""})).await;
    let mut request = send_json(&all.world, "alice", Method::POST, path, None, &json!({"title": "a"}));
    request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    all.take(tickets, 415, notion_export::routes, request).await;
}

async fn exports(all: &mut Answers) {
    let (route, path) = ("POST /v1/plans/{id}/exports", "/v1/plans/plan-2/exports");
    all.json("PUT /v1/plans/{id}", 201, api::routes, "/v1/plans/plan-2", json!({"title": "a"})).await;
    let mut body =
        json!({"target": "notion", "parent_page_id": crate::exports::notes(&all.world), "dry_run": true});
    all.json(route, 200, notion_export::routes, path, body.clone()).await;
    body["dry_run"] = json!(false);
    let job = all.json(route, 202, notion_export::routes, path, body.clone()).await;
    let location = job.location().to_owned();
    assert!(location.starts_with("/v1/jobs/"), "{location}");
    let again = all.json(route, 202, notion_export::routes, path, body).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    all.json("POST /v1/jobs/{id}/undo", 409, api::routes, &format!("{location}/undo"), json!({})).await;
    all.world.drain().await;
    let undo =
        all.json("POST /v1/jobs/{id}/undo", 202, api::routes, &format!("{location}/undo"), json!({})).await;
    assert!(undo.location().starts_with("/v1/jobs/"), "{}", undo.location());
    all.json("POST /v1/jobs/{id}/cancel", 200, api::routes, &format!("{location}/cancel"), json!({})).await;
    all.json("POST /v1/jobs/{id}/cancel", 404, api::routes, "/v1/jobs/none/cancel", json!({})).await;
    all.json(route, 422, notion_export::routes, path, json!({"target": "paper"})).await;
    all.json(route, 404, notion_export::routes, "/v1/plans/none/exports", json!({"target": "notion"})).await;
}

async fn calendar_syncs(all: &mut Answers) {
    let (route, path) = ("POST /v1/plans/{id}/calendar-syncs", "/v1/plans/plan-2/calendar-syncs");
    all.json(route, 409, calendar_sync::routes, path, json!({})).await;
    all.world.connect_google("alice", "google-calendar").await;
    all.json(route, 200, calendar_sync::routes, path, json!({"dry_run": true})).await;
    let job = all.json(route, 202, calendar_sync::routes, path, json!({})).await;
    assert!(job.location().starts_with("/v1/jobs/"), "{}", job.location());
    let again = all.json(route, 202, calendar_sync::routes, path, json!({})).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    all.json(route, 422, calendar_sync::routes, path, json!({"calendar_id": ""})).await;
    all.json(route, 404, calendar_sync::routes, "/v1/plans/none/calendar-syncs", json!({})).await;
}

async fn transcription(all: &mut Answers) {
    let (route, path) = ("POST /v1/videos/{id}/transcription", "/v1/videos/rec-2/transcription");
    let job = all.json(route, 202, ticket_extraction::routes, path, json!({})).await;
    let location = job.location().to_owned();
    assert!(location.starts_with("/v1/jobs/"), "{location}");
    all.json(
        "POST /v1/videos/{id}/ticket-draft",
        409,
        ticket_extraction::routes,
        "/v1/videos/rec-2/ticket-draft",
        json!({}),
    )
    .await;
    all.show("GET /v1/jobs/{id}", 200, &location).await;
    all.show("GET /v1/jobs/{id}", 404, "/v1/jobs/none").await;
    all.json("POST /v1/jobs/{id}/cancel", 422, api::routes, &format!("{location}/cancel"), json!({})).await;
    all.json("POST /v1/jobs/{id}/undo", 422, api::routes, &format!("{location}/undo"), json!({})).await;
    all.show("GET /v1/jobs", 200, "/v1/jobs").await;
    all.show("GET /v1/usage", 200, "/v1/usage").await;
    let report = {
        let deepgram = &all.world.providers.lock().unwrap().deepgram.simulator;
        deepgram.repeat_callback(&deepgram.jobs()[0].request_id).unwrap()
    };
    let hook = "POST /v1/hooks/deepgram/{job_id}/{token}";
    all.take(hook, 200, ticket_extraction::routes, report.map(Body::from)).await;
    let stranger = Request::post("/v1/hooks/deepgram/job/token").body(Body::from("{}")).unwrap();
    all.take(hook, 404, ticket_extraction::routes, stranger).await;
}

async fn hints(all: &mut Answers) {
    let listener = Listener {
        user: "alice".parse().unwrap(),
        sync: "none".to_owned(),
        token_hash: sha256_hex(b"secret"),
        heard: 0,
        resource_id: None,
        expires_at: all.world.now() + jiff::SignedDuration::from_hours(1),
    };
    all.world.instance().store.listen("channel-1", listener).await.unwrap();
    for (channel, token, status) in
        [("channel-1", "secret", 200), ("channel-1", "other", 401), ("channel-2", "secret", 404)]
    {
        let message = Request::post("/v1/hooks/google-calendar")
            .header("x-goog-channel-id", channel)
            .header("x-goog-channel-token", token)
            .header("x-goog-message-number", "2")
            .header("x-goog-resource-state", "exists");
        let message = message.body(Body::empty()).unwrap();
        all.take("POST /v1/hooks/google-calendar", status, provider_push::routes, message).await;
    }
}

/// What is wrong on our side, and on the providers'.
async fn troubles(all: &mut Answers) {
    rows::put(&all.world, &rows::broken("USER#alice", "VIDEO#broken")).await;
    all.show("GET /v1/videos/{id}", 500, "/v1/videos/broken").await;
    let (route, path) = ("GET /v1/connections/notion/databases", "/v1/connections/notion/databases");
    for (kind, status) in [(FaultKind::HtmlBody, 502), (FaultKind::LoseRequest, 503)] {
        all.world.providers.lock().unwrap().notion.fail(Fault::new(kind).times(9)).unwrap();
        all.show(route, status, path).await;
        all.world.providers.lock().unwrap().notion.faults.clear();
    }
    all.world.aws.throttle_key(1_000);
    all.show(route, 503, path).await;
    all.world.aws.throttle_key(0);
    for path in ["/v1/nothing", "/"] {
        all.show(NOWHERE, 404, path).await;
    }
    let unsigned = Request::get("/v1/videos").body(Body::empty()).unwrap();
    all.take("GET /v1/videos", 401, api::routes, unsigned).await;
    for (route, method, routes, path, allowed) in [
        ("GET /v1/health", "POST", api::routes as Routes, "/v1/health", "GET,HEAD"),
        ("PUT /v1/videos/{id}", "DELETE", api::routes, "/v1/videos/rec-1", "GET,HEAD,PUT"),
        (
            "GET /v1/connections/{provider}",
            "OPTIONS",
            api::routes,
            "/v1/connections/notion",
            "GET,HEAD,PATCH,DELETE",
        ),
        ("POST /v1/videos/{id}/tickets", "GET", notion_export::routes, "/v1/videos/rec-1/tickets", "POST"),
        ("GET /v1/oauth/{provider}/start", "POST", oauth_start::routes, "/v1/oauth/notion/start", "GET,HEAD"),
    ] {
        let request = authorized(&all.world, "alice", method.parse().unwrap(), path);
        let answer = all.take(route, 405, routes, request).await;
        assert_eq!(answer.headers["allow"], allowed, "{method} {path}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_answer_carries_what_it_must_and_nothing_more() {
    let all = answers().await;
    let mut ids = BTreeSet::new();
    for (route, answer) in &all.seen {
        let what = format!("{route} {}", answer.status);
        well_formed(answer, &what);
        let status = answer.status.as_u16();
        assert!(status == 405 || *route == NOWHERE || tells(route, status), "{what}: not in the contract");
        for name in NEVER {
            assert!(!answer.headers.contains_key(name), "{what}: {name}");
        }
        for (name, value) in &answer.headers {
            assert_eq!(answer.headers.get_all(name).iter().count(), 1, "{what}: {name} once");
            let value = value.to_str().unwrap_or_else(|_| panic!("{what}: {name} is text"));
            assert!(!value.contains("evil.example") && !value.contains("canary"), "{what}: {name}: {value}");
        }
        let body = String::from_utf8_lossy(&answer.body);
        assert!(!body.contains("evil.example") && !body.contains("canary"), "{what}: {body}");
        assert!(
            ids.insert(answer.headers["x-request-id"].clone()),
            "{what}: every request has an id of its own"
        );
        let kind = answer.headers.get("content-type").map(|kind| kind.to_str().unwrap());
        match answer.status.as_u16() {
            200..300 if !answer.body.is_empty() => assert_eq!(kind, Some("application/json"), "{what}"),
            200..400 => assert!(answer.body.is_empty() && kind.is_none(), "{what}: {kind:?}"),
            _ => assert_eq!(kind, Some("application/problem+json"), "{what}"),
        }
        let has = |name: &str| answer.headers.contains_key(name);
        // Whoever calls a hook has no token of ours to bring.
        let is_hook = route.contains("/v1/hooks/");
        assert_eq!(has("www-authenticate"), status == 401 && !is_hook, "{what}");
        assert_eq!(has("allow"), status == 405, "{what}");
        let has_version = route.ends_with("/v1/plans/{id}") && matches!(status, 200 | 201);
        assert_eq!(has("etag"), has_version, "{what}");
        assert_eq!(has("location"), matches!(status, 202 | 302 | 303), "{what}");
        assert_eq!(has("set-cookie"), status == 302, "{what}");
        assert!(has("retry-after") || status != 503, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_route_and_every_kind_of_answer_was_looked_at() {
    let all = answers().await;
    let mut good: BTreeMap<&str, bool> = BTreeMap::new();
    let statuses: BTreeSet<u16> = all.seen.iter().map(|(_, answer)| answer.status.as_u16()).collect();
    for (route, answer) in &all.seen {
        *good.entry(route).or_default() |= answer.status.as_u16() < 400;
    }
    let contract: Value = serde_json::from_str(api::OPENAPI).unwrap();
    for (path, operations) in contract["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let route = format!("{} {path}", method.to_uppercase());
            assert_eq!(good.get(route.as_str()), Some(&true), "{route}");
        }
    }
    let expected =
        [200, 201, 202, 204, 302, 303, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 500, 502, 503];
    assert_eq!(statuses, BTreeSet::from(expected));
}

#[tokio::test(start_paused = true)]
async fn head_answers_as_get_does_without_the_body() {
    let world = World::calm();
    for path in ["/v1/health", "/v1/openapi.json", "/v1/videos", "/v1/nothing"] {
        let shown = world.send(api::routes, get(&world, "alice", path)).await;
        let head = world.send(api::routes, authorized(&world, "alice", Method::HEAD, path)).await;
        assert_eq!(head.status, shown.status, "{path}");
        for name in [
            "content-type",
            "cache-control",
            "x-content-type-options",
            "referrer-policy",
            "strict-transport-security",
        ] {
            assert_eq!(head.headers.get(name), shown.headers.get(name), "{path}: {name}");
        }
        assert!(head.body.is_empty(), "{path}: {:?}", head.body);
    }
}
