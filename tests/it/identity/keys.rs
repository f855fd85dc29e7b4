//! The issuer's keys: which of them count, and how often they are asked for.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, StatusCode};
use jsonwebtoken::Header;
use providers::http::{Http, Policy};
use runtime::Identity;
use serde_json::{Value, json};

use super::ask_with;
use crate::support::World;
use crate::support::tokens::{AUDIENCE, ISSUER, KEY_ID, SIGNER, STRANGER, claims, header};

/// One request to a function that lives on.
async fn ask(routes: &Router, token: &str) -> StatusCode {
    let request = Request::get("/v1/connections").header("authorization", format!("Bearer {token}"));
    let request = request.body(Body::empty()).unwrap();
    tower::ServiceExt::oneshot(routes.clone(), request).await.unwrap().status()
}

fn asked(world: &World) -> usize {
    world.providers.lock().unwrap().key_set_requests
}

fn serve(world: &World, set: Value) {
    world.providers.lock().unwrap().key_set = set;
}

/// A token under a key id that the issuer does not know.
fn unknown(world: &World, number: usize) -> String {
    let header = Header { kid: Some(format!("unknown-{number}")), ..header() };
    SIGNER.sign(&header, &claims("alice", world.now()))
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_not_for_verifying_signatures_verifies_none() {
    let good = SIGNER.key_set(KEY_ID)["keys"][0].clone();
    let with = |field: &str, value: Value| {
        let mut key = good.clone();
        key[field] = value;
        key
    };
    let secret = json!({"kty": "oct", "kid": KEY_ID, "alg": "HS256", "k": "c2VjcmV0"});
    // 1,024 bits.
    let short = json!({"kty": "RSA", "kid": KEY_ID, "alg": "RS256", "n": "A".repeat(171), "e": "AQAB"});
    for key in [
        with("use", json!("enc")),
        with("key_ops", json!(["sign"])),
        with("key_ops", json!(["encrypt", "wrapKey"])),
        with("key_ops", json!([])),
        with("alg", json!("ES384")),
        with("alg", json!("RS256")),
        with("crv", json!("P-384")),
        with("x", json!("AAAA")),
        with("x", json!("!")),
        with("y", json!("")),
        with("kid", json!("key-2")),
        secret,
        short,
    ] {
        let world = World::calm();
        serve(&world, json!({"keys": [key]}));
        let answer = ask_with(&world, &world.token("alice")).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, "invalid_token".into()), "{key}");
    }
    for key in [with("key_ops", json!(["verify"])), with("alg", json!("ES256")), with("use", json!("sig"))] {
        let world = World::calm();
        serve(
            &world,
            json!({"keys": [key, {"kty": "EC", "crv": "P-256", "kid": "other", "x": "AA", "y": "AA"}]}),
        );
        assert_eq!(ask_with(&world, &world.token("alice")).await.status, StatusCode::OK, "{key}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_answers_nonsense_lets_nobody_in() {
    for set in [
        json!(null),
        json!([]),
        json!({}),
        json!({"keys": null}),
        json!({"keys": {}}),
        json!("keys"),
        json!({"keys": [1]}),
    ] {
        let world = World::calm();
        serve(&world, set.clone());
        let answer = ask_with(&world, &world.token("alice")).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (503, "provider_unavailable".into()), "{set}");
        assert!(answer.headers.contains_key("retry-after"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_names_another_vouches_for_nobody() {
    let world = World::calm();
    let app = world.instance();
    for (issuer, code) in [(ISSUER.to_owned(), None), (format!("{ISSUER}/"), Some("provider_unavailable"))] {
        let http = Http::new("oidc", app.transport.clone(), app.random.clone(), Policy::default());
        let identity = Identity::new(&issuer, AUDIENCE, None, http);
        let mut claims = claims("alice", world.now());
        claims["iss"] = json!(issuer);
        let token = format!("Bearer {}", SIGNER.sign(&header(), &claims));
        let headers = HeaderMap::from_iter([(AUTHORIZATION, token.parse().unwrap())]);
        let refused = identity.user(&headers, world.now()).await.err();
        assert_eq!(refused.map(|problem| problem.code().as_str()), code, "{issuer}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_issuer_is_asked_at_most_every_five_minutes_for_keys_it_does_not_have() {
    let world = World::calm();
    let routes = api::routes(world.instance());
    for minute in 0..30 {
        for number in 0..10 {
            assert_eq!(ask(&routes, &unknown(&world, minute * 10 + number)).await, StatusCode::UNAUTHORIZED);
        }
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    // Discovery and keys, six times in half an hour.
    assert_eq!(asked(&world), 12);
    assert_eq!(ask(&routes, &world.token("alice")).await, StatusCode::OK);
    assert_eq!(asked(&world), 12, "the good key is known");
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_is_down_is_not_made_busier_by_tokens() {
    let world = World::calm();
    let routes = api::routes(world.instance());
    assert_eq!(ask(&routes, &world.token("alice")).await, StatusCode::OK);
    tokio::time::sleep(Duration::from_mins(6)).await;
    let good = SIGNER.key_set(KEY_ID);
    serve(&world, json!("down"));
    let before = asked(&world);
    for number in 0..50 {
        assert_eq!(ask(&routes, &unknown(&world, number)).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(ask(&routes, &world.token("alice")).await, StatusCode::OK, "a known key still counts");
    }
    let once = asked(&world) - before;
    assert!(once <= 4, "{once} requests for fifty tokens");
    serve(&world, good);
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(
        ask(&routes, &unknown(&world, 99)).await,
        StatusCode::UNAUTHORIZED,
        "it is asked again after a pause"
    );

    let newborn = api::routes(world.instance());
    serve(&world, json!("down"));
    let before = asked(&world);
    for _ in 0..50 {
        assert_eq!(ask(&newborn, &world.token("alice")).await, StatusCode::SERVICE_UNAVAILABLE);
    }
    assert!(asked(&world) - before <= 4, "{} requests of a new instance", asked(&world) - before);
    serve(&world, SIGNER.key_set(KEY_ID));
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(ask(&newborn, &world.token("alice")).await, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_as_long_as_told_finds_the_issuer_asked_again() {
    let world = World::calm();
    let routes = api::routes(world.instance());
    serve(&world, json!("down"));
    let failed = world.now();
    assert_eq!(ask(&routes, &world.token("alice")).await, StatusCode::SERVICE_UNAVAILABLE);
    serve(&world, SIGNER.key_set(KEY_ID));
    let until =
        |ms| (failed + jiff::SignedDuration::from_millis(ms)).duration_since(world.now()).unsigned_abs();
    tokio::time::sleep(until(4_999)).await;
    assert_eq!(ask(&routes, &world.token("alice")).await, StatusCode::SERVICE_UNAVAILABLE);
    tokio::time::sleep(until(5_000)).await;
    assert_eq!(ask(&routes, &world.token("alice")).await, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_the_issuer_took_back_ends_within_hours() {
    let world = World::calm();
    let routes = api::routes(world.instance());
    let token = world.token("alice");
    assert_eq!(ask(&routes, &token).await, StatusCode::OK);
    serve(&world, STRANGER.key_set("key-2"));
    tokio::time::sleep(Duration::from_hours(6)).await;
    assert_eq!(ask(&routes, &token).await, StatusCode::UNAUTHORIZED);
}
