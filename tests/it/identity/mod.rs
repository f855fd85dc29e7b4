//! Who is let in: forged, stale and foreign access tokens, one by one.

mod claims;
mod forgeries;
mod keys;
mod rsa;

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, StatusCode};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::tokens::{KEY_ID, SIGNER, STRANGER, claims, header};
use crate::support::{Answer, World};

async fn ask(world: &World, authorization: &[&str]) -> Answer {
    let mut request = Request::get("/v1/connections").body(Body::empty()).unwrap();
    for value in authorization {
        request.headers_mut().append("authorization", value.parse().unwrap());
    }
    world.send(api::routes, request).await
}

async fn ask_with(world: &World, token: &str) -> Answer {
    ask(world, &[&format!("Bearer {token}")]).await
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

#[tokio::test(start_paused = true)]
async fn a_good_token_is_let_in() {
    let world = World::calm();
    let now = world.now();
    let good = [
        claims("alice", now),
        with(claims("alice", now), "aud", json!(["other", "patchbay"])),
        with(claims("alice", now), "nbf", json!(now.as_second() + 30)),
        with(claims("alice", now), "exp", json!(now.as_second() - 30)),
        // Cognito's access tokens have no audience and name the client instead.
        json!({"iss": "https://id.example.com", "sub": "alice", "token_use": "access", "client_id": "patchbay",
               "exp": now.as_second() + 60}),
    ];
    for claims in good {
        let answer = ask_with(&world, &SIGNER.sign(&header(), &claims)).await;
        assert_eq!(answer.status, StatusCode::OK, "{claims}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_token_the_caller_is_told_to_sign_in() {
    let world = World::calm();
    let good = format!("Bearer {}", world.token("alice"));
    for authorization in [&[][..], &["Basic YTpi"], &["Bearer"], &["Bearer "], &["token"], &[&good, &good]] {
        let answer = ask(&world, authorization).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (401, "unauthenticated".into()),
            "{authorization:?}"
        );
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
}

#[tokio::test(start_paused = true)]
async fn forged_stale_and_foreign_tokens_are_refused() {
    let world = World::calm();
    let now = world.now();
    let good = claims("alice", now);
    let signed = |claims: &Value| SIGNER.sign(&header(), claims);
    let genuine = signed(&good);
    let parts: Vec<&str> = genuine.split('.').collect();
    let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let confused = |algorithm: Algorithm, secret: &[u8]| {
        let header = Header { kid: Some(KEY_ID.into()), ..Header::new(algorithm) };
        jsonwebtoken::encode(&header, &good, &EncodingKey::from_secret(secret)).unwrap()
    };
    let public_key = SIGNER.key_set(KEY_ID)["keys"][0]["x"].as_str().unwrap().to_owned();
    let typed = |kind: &str| SIGNER.sign(&Header { typ: Some(kind.into()), ..header() }, &good);
    let cases = [
        ("garbage", "not-a-token".to_owned()),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("alg none", format!("{}.{}.", encoded(json!({"alg": "none", "kid": KEY_ID})), parts[1])),
        (
            "alg none, signed",
            format!("{}.{}.{}", encoded(json!({"alg": "none", "kid": KEY_ID})), parts[1], parts[2]),
        ),
        ("the public key as an HMAC secret", confused(Algorithm::HS256, public_key.as_bytes())),
        ("HS512", confused(Algorithm::HS512, b"secret")),
        (
            "another algorithm named",
            format!("{}.{}.{}", encoded(json!({"alg": "RS256", "kid": KEY_ID})), parts[1], parts[2]),
        ),
        ("a stranger's key", STRANGER.sign(&header(), &good)),
        ("another key id", SIGNER.sign(&Header { kid: Some("other".into()), ..header() }, &good)),
        ("no key id", SIGNER.sign(&Header { kid: None, ..header() }, &good)),
        (
            "a critical extension",
            format!(
                "{}.{}.{}",
                encoded(json!({"alg": "ES256", "kid": KEY_ID, "crit": ["b64"]})),
                parts[1],
                parts[2]
            ),
        ),
        ("another type", typed("dpop+jwt")),
        ("changed claims", format!("{}.{}.{}", parts[0], encoded(claims("bob", now)), parts[2])),
        (
            "changed signature",
            format!("{}.{}.{}", parts[0], parts[1], parts[2].chars().rev().collect::<String>()),
        ),
        ("another issuer", signed(&with(good.clone(), "iss", json!("https://id.example.com.evil.com")))),
        ("the issuer with a slash", signed(&with(good.clone(), "iss", json!("https://id.example.com/")))),
        ("no issuer", signed(&with(good.clone(), "iss", Value::Null))),
        ("another audience", signed(&with(good.clone(), "aud", json!("other")))),
        ("no audience", signed(&with(good.clone(), "aud", Value::Null))),
        ("other audiences", signed(&with(good.clone(), "aud", json!(["a", "b"])))),
        ("expired", signed(&with(good.clone(), "exp", json!(now.as_second() - 61)))),
        ("no expiry", signed(&with(good.clone(), "exp", Value::Null))),
        ("an expiry that is text", signed(&with(good.clone(), "exp", json!("tomorrow")))),
        ("not valid yet", signed(&with(good.clone(), "nbf", json!(now.as_second() + 61)))),
        ("no subject", signed(&with(good.clone(), "sub", Value::Null))),
        ("an empty subject", signed(&with(good.clone(), "sub", json!("")))),
        ("a subject with control characters", signed(&with(good.clone(), "sub", json!("a\nb")))),
        ("a refresh token", signed(&with(good.clone(), "token_use", json!("refresh")))),
        ("too long", signed(&with(good.clone(), "padding", json!("x".repeat(9000))))),
    ];
    for (what, token) in cases {
        let answer = ask_with(&world, &token).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, "invalid_token".into()), "{what}");
        assert_eq!(answer.headers["www-authenticate"], r#"Bearer error="invalid_token""#, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_in_the_token_itself_is_not_believed() {
    let world = World::calm();
    let key = serde_json::from_value(STRANGER.key_set(KEY_ID)["keys"][0].clone()).unwrap();
    let header = Header { jwk: Some(key), jku: Some("https://evil.example/keys".into()), ..header() };
    let answer = ask_with(&world, &STRANGER.sign(&header, &claims("alice", world.now()))).await;
    assert_eq!(answer.code(), "invalid_token");
}

#[tokio::test(start_paused = true)]
async fn unknown_key_ids_do_not_make_the_issuer_busy() {
    let world = World::calm();
    let app = world.instance();
    let routes = api::routes(app);
    for number in 0..20 {
        let header = Header { kid: Some(format!("unknown-{number}")), ..header() };
        let token = SIGNER.sign(&header, &claims("alice", world.now()));
        let request = Request::get("/v1/connections")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        let response = tower::ServiceExt::oneshot(routes.clone(), request).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(world.providers.lock().unwrap().key_set_requests, 2, "discovery and keys, once");
}

#[tokio::test(start_paused = true)]
async fn a_new_key_of_the_issuer_is_found_within_minutes() {
    let world = World::calm();
    let routes = api::routes(world.instance());
    let ask = async |token: String| {
        let request = Request::get("/v1/connections").header("authorization", format!("Bearer {token}"));
        let response = tower::ServiceExt::oneshot(routes.clone(), request.body(Body::empty()).unwrap());
        response.await.unwrap().status()
    };
    assert_eq!(ask(world.token("alice")).await, StatusCode::OK);
    world.providers.lock().unwrap().key_set = STRANGER.key_set("key-2");
    tokio::time::sleep(std::time::Duration::from_secs(301)).await;
    let header = Header { kid: Some("key-2".into()), ..header() };
    let token = STRANGER.sign(&header, &claims("alice", world.now()));
    assert_eq!(ask(token).await, StatusCode::OK);
}
