//! Connecting an account: everything that may be wrong with the way there and back.

use std::time::Duration;

use axum::body::Body;
use domain::Tier;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use url::Url;

use crate::google;
use crate::support::fate::Harm;
use crate::support::world::PUBLIC_URL;
use crate::support::{Browser, World, authorized, get, send_json};

const CONSOLE: &str = "https://api.patchbay.example/integrations";

/// Opens a fresh connect link in `browser`; answers the address of Notion's page.
async fn leave(world: &World, browser: &mut Browser, user: &str) -> String {
    let body = json!({"provider": "notion", "return_to": "/integrations"});
    let answer = world
        .send(api::routes, send_json(world, user, Method::POST, "/v1/connect-sessions", None, &body))
        .await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let link = answer.json()["connect_url"].as_str().unwrap().to_owned();
    browser.open(world, oauth_start::routes, &link).await.unwrap()
}

async fn come_back(world: &World, browser: &mut Browser, address: &str) -> String {
    browser.open(world, oauth_callback::routes, address).await.unwrap()
}

fn token_requests(world: &World) -> usize {
    world.providers.lock().unwrap().notion.simulator.token_requests().len()
}

fn with_parameter(address: &str, name: &str, value: Option<&str>) -> String {
    let mut url = Url::parse(address).unwrap();
    let pairs: Vec<(String, String)> =
        url.query_pairs().filter(|(key, _)| key != name).map(|(a, b)| (a.into(), b.into())).collect();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    if let Some(value) = value {
        url.query_pairs_mut().append_pair(name, value);
    }
    url.into()
}

async fn connections(world: &World, user: &str) -> Vec<Value> {
    let answer = world.send(api::routes, get(world, user, "/v1/connections")).await;
    answer.json()["items"].as_array().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_user_connects_and_sees_the_account() {
    let world = World::calm();
    let mut browser = Browser::default();
    let end = browser.connect(&world, "alice").await;
    assert_eq!(end, format!("{CONSOLE}?connected=notion"));
    let answer = world.send(api::routes, get(&world, "alice", "/v1/connections/notion")).await;
    let connection = answer.json();
    assert_eq!(connection["status"], "active");
    assert_eq!(connection["account"]["name"], "Acme");
    assert!(connections(&world, "bob").await.is_empty(), "nobody else sees it");
    let bobs = world.send(api::routes, get(&world, "bob", "/v1/connections/notion")).await;
    assert_eq!((bobs.status.as_u16(), bobs.code()), (404, "not_found".into()));
}

#[tokio::test(start_paused = true)]
async fn the_way_to_the_provider_carries_what_it_must_and_no_more() {
    let world = World::calm();
    let mut browser = Browser::default();
    let url = Url::parse(&leave(&world, &mut browser, "alice").await).unwrap();
    let query: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["redirect_uri"], format!("{PUBLIC_URL}/v1/oauth/notion/callback"));
    assert_eq!((query["response_type"].as_str(), query["owner"].as_str()), ("code", "user"));
    assert!(query["state"].len() >= 43, "256 bits");
    assert!(!query.contains_key("code_verifier"));
}

#[tokio::test(start_paused = true)]
async fn the_cookie_is_bound_to_host_and_browser() {
    let world = World::calm();
    let body = json!({"provider": "notion"});
    let request = send_json(&world, "alice", Method::POST, "/v1/connect-sessions", None, &body);
    let link = world.send(api::routes, request).await.json()["connect_url"].as_str().unwrap().to_owned();
    let path = link.strip_prefix(PUBLIC_URL).unwrap();
    let answer = world.send(oauth_start::routes, Request::get(path).body(Body::empty()).unwrap()).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert_eq!(answer.status, StatusCode::FOUND);
    assert!(cookie.starts_with("__Host-oauth="));
    for attribute in ["; Path=/;", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Max-Age=600"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connect_link_works_once_and_for_ten_minutes() {
    let world = World::calm();
    let mut browser = Browser::default();
    let link = browser.link(&world, "alice").await;
    assert!(browser.open(&world, oauth_start::routes, &link).await.unwrap().contains("notion.com"));
    let invalid = format!("{CONSOLE}?error=invalid_state");
    assert_eq!(browser.open(&world, oauth_start::routes, &link).await.unwrap(), invalid);

    let late = browser.link(&world, "alice").await;
    tokio::time::sleep(Duration::from_secs(601)).await;
    assert_eq!(browser.open(&world, oauth_start::routes, &late).await.unwrap(), invalid);

    let other = browser.link(&world, "alice").await.replace("/notion/", "/zoom/");
    assert_eq!(browser.open(&world, oauth_start::routes, &other).await.unwrap(), invalid);
    let without = format!("{PUBLIC_URL}/v1/oauth/notion/start");
    let missing = format!("{CONSOLE}?error=missing_params");
    assert_eq!(browser.open(&world, oauth_start::routes, &without).await.unwrap(), missing);
}

#[tokio::test(start_paused = true)]
async fn a_state_is_spent_by_its_first_use() {
    let world = World::calm();
    let mut browser = Browser::default();
    let page = leave(&world, &mut browser, "alice").await;
    let callback = Browser::agree(&world, &page);
    assert!(come_back(&world, &mut browser, &callback).await.ends_with("?connected=notion"));
    assert_eq!(come_back(&world, &mut browser, &callback).await, format!("{CONSOLE}?error=invalid_state"));
    assert_eq!(token_requests(&world), 1, "the code is not exchanged again");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_trusted_exchanges_nothing() {
    let world = World::calm();
    let invalid = format!("{CONSOLE}?error=invalid_state");
    // An attacker's finished callback, opened by a victim in another browser, links nothing.
    let (mut attacker, mut victim) = (Browser::default(), Browser::default());
    leave(&world, &mut victim, "bob").await;
    let page = leave(&world, &mut attacker, "alice").await;
    let stolen = Browser::agree(&world, &page);
    assert_eq!(come_back(&world, &mut victim, &stolen).await, invalid);
    assert_eq!(come_back(&world, &mut Browser::default(), &stolen).await, invalid);
    assert_eq!(come_back(&world, &mut attacker, &stolen).await, invalid, "and it is spent");

    for change in ["provider", "issuer", "invented state", "late"] {
        let mut browser = Browser::default();
        let page = leave(&world, &mut browser, "alice").await;
        let callback = Browser::agree(&world, &page);
        let callback = match change {
            "provider" => callback.replace("/oauth/notion/", "/oauth/zoom/"),
            "issuer" => with_parameter(&callback, "iss", Some("https://evil.example")),
            "invented state" => with_parameter(&callback, "state", Some(&"a".repeat(43))),
            _ => {
                tokio::time::sleep(Duration::from_secs(601)).await;
                callback
            }
        };
        assert_eq!(come_back(&world, &mut browser, &callback).await, invalid, "{change}");
    }
    assert_eq!(token_requests(&world), 0);
    assert!(connections(&world, "alice").await.is_empty() && connections(&world, "bob").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_comes_back_as_one_and_reflects_nothing() {
    let world = World::calm();
    let mut browser = Browser::default();
    let page = leave(&world, &mut browser, "alice").await;
    let denied = Browser::decide(&world, &page, "cancel");
    let hostile = with_parameter(&denied, "error_description", Some("<script>alert(1)</script>"));
    assert_eq!(come_back(&world, &mut browser, &hostile).await, format!("{CONSOLE}?error=oauth_denied"));

    for (name, value, code) in [
        ("error", Some("server_error"), "unknown"),
        ("code", None, "missing_params"),
        ("code", Some(""), "missing_params"),
    ] {
        let page = leave(&world, &mut browser, "alice").await;
        let callback = with_parameter(&Browser::agree(&world, &page), name, value);
        assert_eq!(
            come_back(&world, &mut browser, &callback).await,
            format!("{CONSOLE}?error={code}"),
            "{value:?}"
        );
    }
    let doubled = format!("{PUBLIC_URL}/v1/oauth/notion/callback?state=a&state=b&code=c");
    assert_eq!(come_back(&world, &mut browser, &doubled).await, format!("{CONSOLE}?error=missing_params"));
    assert_eq!(token_requests(&world), 0);
}

#[tokio::test(start_paused = true)]
async fn a_code_is_exchanged_once_even_when_the_answer_is_lost() {
    use simulators::faults::FaultKind;
    for kind in
        [FaultKind::LoseAnswer, FaultKind::LoseRequest, FaultKind::HtmlBody, FaultKind::ApplyThenStatus]
    {
        let world = World::calm();
        let mut browser = Browser::default();
        let page = leave(&world, &mut browser, "alice").await;
        let callback = Browser::agree(&world, &page);
        let fault = simulators::Fault::new(kind).on("POST", "/v1/oauth/token");
        world.providers.lock().unwrap().notion.fail(fault).unwrap();
        let end = come_back(&world, &mut browser, &callback).await;
        assert_eq!(end, format!("{CONSOLE}?error=token_exchange_failed"), "{kind:?}");
        let sent = world.fate.log().iter().filter(|line| line.ends_with("/v1/oauth/token")).count();
        assert_eq!(sent, 1, "{kind:?}");
        assert!(browser.connect(&world, "alice").await.ends_with("connected=notion"), "starting again works");
    }
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_may_have_been_kept_is_not_given_back() {
    let connect = async |world: &World| {
        let mut browser = Browser::default();
        let page = leave(world, &mut browser, "alice").await;
        let callback = Browser::agree(world, &page);
        come_back(world, &mut browser, &callback).await
    };
    let calm = World::calm();
    assert_eq!(connect(&calm).await, format!("{CONSOLE}?connected=notion"));
    let kept = calm.fate.log().iter().rposition(|line| line.contains("TransactWriteItems")).unwrap() + 1;
    let world = World::new(1, (kept..kept + 100).map(|exchange| (exchange, Harm::LoseAnswer)).collect());
    assert_eq!(connect(&world).await, format!("{CONSOLE}?error=unknown"));
    world.fate.relent();
    let databases = world.send(api::routes, get(&world, "alice", "/v1/connections/notion/databases")).await;
    assert_eq!(databases.status, StatusCode::OK, "it was kept, and only the answer lost");
}

#[tokio::test(start_paused = true)]
async fn a_browser_returns_only_to_where_it_may() {
    let world = World::calm();
    let cases = [
        ("/integrations", true),
        ("/videos/a-b_c", true),
        ("https://app.example.com", true),
        ("https://app.example.com/settings?tab=2", true),
        ("//evil.example", false),
        ("/\\evil.example", false),
        ("\\\\evil.example", false),
        ("/a//b", false),
        ("/%2f%2fevil.example", false),
        ("/integrations?x=1", false),
        ("/a\r\nSet-Cookie: a=b", false),
        ("", false),
        ("evil", false),
        ("javascript:alert(1)", false),
        ("data:text/html,x", false),
        ("https://app.example.com.evil.example/", false),
        ("https://app.example.com@evil.example/", false),
        ("https://user:pw@app.example.com/", false),
        ("https://app.example.com:8443/", false),
        ("http://app.example.com/", false),
        ("https:app.example.com/", false),
        ("https:///app.example.com/", false),
        ("https://APP.example.com/", false),
        ("https://app.example.com/#fragment", false),
        ("https://evil.example/", false),
    ];
    for (return_to, allowed) in cases {
        let body = json!({"provider": "notion", "return_to": return_to});
        let request = send_json(&world, "alice", Method::POST, "/v1/connect-sessions", None, &body);
        let answer = world.send(api::routes, request).await;
        if allowed {
            assert_eq!(answer.status, StatusCode::CREATED, "{return_to}");
        } else {
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (400, "invalid_return_to".into()),
                "{return_to}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_request_for_a_link_has_the_same_link() {
    let world = World::calm();
    let body = json!({"provider": "notion"});
    let ask = || send_json(&world, "alice", Method::POST, "/v1/connect-sessions", Some("k-1"), &body);
    let first = world.send(api::routes, ask()).await;
    let second = world.send(api::routes, ask()).await;
    assert_eq!(first.json(), second.json());
    assert_eq!(second.headers["idempotency-replayed"], "true");
    let link = first.json()["connect_url"].as_str().unwrap().to_owned();
    let secret = link.split("session=").nth(1).unwrap();
    assert!(!serde_json::to_string(&world.aws.items()).unwrap().contains(secret), "the secret is not stored");
    assert!(
        Browser::default().open(&world, oauth_start::routes, &link).await.unwrap().contains("notion.com")
    );
}

#[tokio::test(start_paused = true)]
async fn disconnecting_gives_the_grant_back_and_forgets_the_tokens() {
    let world = World::calm();
    Browser::default().connect(&world, "alice").await;
    let token = {
        let providers = world.providers.lock().unwrap();
        providers.notion.simulator.valid_access_tokens(world.now()).remove(0)
    };
    let request = authorized(&world, "alice", Method::DELETE, "/v1/connections/notion");
    let answer = world.send(api::routes, request).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.body.is_empty());
    assert!(!world.providers.lock().unwrap().notion.simulator.access_token_is_valid(&token, world.now()));
    assert!(connections(&world, "alice").await.is_empty());
    let databases = world.send(api::routes, get(&world, "alice", "/v1/connections/notion/databases")).await;
    assert_eq!((databases.status.as_u16(), databases.code()), (409, "not_connected".into()));
    assert!(
        Browser::default().connect(&world, "alice").await.ends_with("connected=notion"),
        "and back again"
    );
}

#[tokio::test(start_paused = true)]
async fn fifty_callers_with_an_expired_token_refresh_it_once() {
    let world = World::calm();
    world.token_lifetime_ms(Some(1_000));
    Browser::default().connect(&world, "alice").await;
    world.token_lifetime_ms(None);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = token_requests(&world);
    let asks = (0..50).map(|_| {
        // Fifty at once are more than the account's pace allows: some are told to come back, and do.
        world.insist(api::routes, || get(&world, "alice", "/v1/connections/notion/databases"))
    });
    let answers = futures_util::future::join_all(asks).await;
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    assert_eq!(token_requests(&world) - before, 1);
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_the_user_took_back_asks_them_to_reconnect() {
    let world = World::calm();
    Browser::default().connect(&world, "alice").await;
    world.providers.lock().unwrap().notion.simulator.person_disconnects("alice");
    let answer = world.send(api::routes, get(&world, "alice", "/v1/connections/notion/databases")).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (409, "needs_reauth".into()));
    let connection = world.send(api::routes, get(&world, "alice", "/v1/connections/notion")).await.json();
    assert_eq!(
        (connection["status"].as_str(), connection["reason"].as_str()),
        (Some("needs_reauth"), Some("revoked"))
    );
    Browser::default().connect(&world, "alice").await;
    let answer = world.send(api::routes, get(&world, "alice", "/v1/connections/notion/databases")).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_free_user_connects_one_integration_as_often_as_they_like() {
    let world = World::calm();
    let mut window = Browser::default();
    let page = google::leave(&world, &mut window, "alice", google::CALENDAR).await;
    Browser::default().connect(&world, "alice").await;
    let tokens = |world: &World| {
        world.providers.lock().unwrap().notion.simulator.valid_access_tokens(world.now()).len()
    };
    let callback = Browser::agree(&world, &page);
    assert_eq!(
        come_back(&world, &mut window, &callback).await,
        format!("{CONSOLE}?error=integration_limit_reached")
    );
    assert_eq!(connections(&world, "alice").await.len(), 1);
    let revocations = world.providers.lock().unwrap().google.simulator.revocations();
    assert_eq!(revocations, 0, "at Google that would end all that she ever agreed to");
    assert!(
        Browser::default().connect(&world, "alice").await.ends_with("connected=notion"),
        "the same one again"
    );

    let mut browser = Browser::default();
    let page = leave(&world, &mut browser, "bob").await;
    google::connect(&world, "bob", "google-calendar").await;
    let before = tokens(&world);
    let callback = Browser::agree(&world, &page);
    assert_eq!(
        come_back(&world, &mut browser, &callback).await,
        format!("{CONSOLE}?error=integration_limit_reached")
    );
    assert_eq!(tokens(&world), before, "the grant that is not kept is given back");
}

#[tokio::test(start_paused = true)]
async fn who_has_no_room_for_another_integration_is_told_before_they_agree_to_it() {
    let world = World::calm();
    Browser::default().connect(&world, "alice").await;
    let ask = async |provider: &str| {
        let body = json!({ "provider": provider });
        world
            .send(api::routes, send_json(&world, "alice", Method::POST, "/v1/connect-sessions", None, &body))
            .await
    };
    let refused = ask("google-calendar").await;
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "integration_limit_reached".into()));
    let problem = refused.json();
    assert_eq!(
        (&problem["tier"], &problem["limit"], &problem["used"], &problem["upgrade_url"]),
        (&json!("free"), &json!(1), &json!(1), &json!("https://app.example.com/upgrade"))
    );
    assert_eq!(ask("notion").await.status, StatusCode::CREATED, "the same one again");
    world.instance().store.set_tier(&"alice".parse().unwrap(), Tier::Starter, world.now()).await.unwrap();
    assert_eq!(ask("google-calendar").await.status, StatusCode::CREATED);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_is_not_configured_is_said_to_be() {
    let world = World::calm();
    let providers = world.send(api::routes, get(&world, "alice", "/v1/providers")).await.json();
    let configured = |id: &str| {
        let items = providers["items"].as_array().unwrap();
        items.iter().find(|item| item["id"] == id).unwrap()["configured"].clone()
    };
    assert_eq!(
        (configured("notion"), configured("gmail"), configured("zoom")),
        (json!(true), json!(true), json!(false))
    );
    let body = json!({"provider": "zoom"});
    let request = send_json(&world, "alice", Method::POST, "/v1/connect-sessions", None, &body);
    let link = world.send(api::routes, request).await.json()["connect_url"].as_str().unwrap().to_owned();
    let end = Browser::default().open(&world, oauth_start::routes, &link).await.unwrap();
    assert_eq!(end, format!("{CONSOLE}?error=not_configured"));
}
