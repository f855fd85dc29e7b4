//! Claims that nobody should be let in with, however well they are signed; and those that are just good enough.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ask_with;
use super::forgeries::{HEADER, all_refused};
use crate::support::World;
use crate::support::tokens::{AUDIENCE, ISSUER, KEY_ID, SIGNER, claims};

/// Alice's claims with another value for `field`.
fn with(now: Timestamp, field: &str, value: Value) -> String {
    let mut claims = claims("alice", now);
    claims[field] = value;
    claims.to_string()
}

async fn claims_refused(world: &World, refused: Vec<String>) {
    let tokens =
        refused.into_iter().map(|claims| (format!("{claims:.150}"), SIGNER.sign_text(HEADER, &claims)));
    all_refused(world, tokens).await;
}

#[tokio::test(start_paused = true)]
async fn claims_are_one_object_that_says_each_thing_once() {
    let world = World::calm();
    let mut refused: Vec<String> =
        ["", "null", "[]", "1", "{}", "{", "\"alice\"", "{\"sub\":\"alice\"}"].map(str::to_owned).to_vec();
    let doubled = |field: &str, value: &str| {
        let claims = claims("alice", world.now()).to_string();
        claims.replacen('{', &format!("{{\"{field}\":{value},"), 1)
    };
    refused.extend([
        doubled("sub", "\"bob\""),
        doubled("iss", "\"https://evil.example\""),
        doubled("exp", "1"),
        doubled("aud", "\"other\""),
        doubled("s\\u0075b", "\"bob\""),
    ]);
    refused.push("[".repeat(2_000));
    claims_refused(&world, refused).await;
    let bytes = SIGNER.sign_text(HEADER, b"{\"sub\":\"\xff\"}");
    all_refused(&world, [("not UTF-8".to_owned(), bytes)]).await;
}

#[tokio::test(start_paused = true)]
async fn a_token_for_somebody_else_or_of_somebody_else_is_refused() {
    let world = World::calm();
    let now = world.now().as_second();
    let with = |field: &str, value: Value| with(world.now(), field, value);
    let mut refused = Vec::new();
    for audience in [
        json!([]),
        json!(""),
        json!([""]),
        json!([1]),
        json!([["patchbay"]]),
        json!({"aud": "patchbay"}),
        json!(1),
        json!(true),
        json!(null),
        json!("Patchbay"),
        json!("patchbay "),
        json!("patchbay,other"),
        json!("*"),
        json!(["*"]),
        json!(["other", "Patchbay"]),
        json!(["patchbay", 1]),
        json!(["patchbay", null]),
    ] {
        refused.push(with("aud", audience));
    }
    for issuer in [
        json!(""),
        json!(null),
        json!([ISSUER]),
        json!("https://ID.example.com"),
        json!("http://id.example.com"),
        json!("id.example.com"),
        json!("https://id.example.com:443"),
        json!("https://id.example.com#"),
        json!("https://id.example.com "),
        json!("https://id.example.com\0"),
    ] {
        refused.push(with("iss", issuer));
    }
    for kind in [json!("refresh"), json!("Access"), json!(""), json!("access "), json!(1), json!(["access"])]
    {
        refused.push(with("token_use", kind));
    }
    // Another application's token of the same pool.
    for (kind, client, audience) in [
        ("access", "other", None),
        ("id", "patchbay", None),
        ("access", "patchbay", Some("other")),
        ("access", "", None),
    ] {
        let mut claims =
            json!({"iss": ISSUER, "sub": "alice", "exp": now + 60, "token_use": kind, "client_id": client});
        if let Some(audience) = audience {
            claims["aud"] = json!(audience);
        }
        refused.push(claims.to_string());
    }
    claims_refused(&world, refused).await;
}

#[tokio::test(start_paused = true)]
async fn a_token_of_another_time_is_refused() {
    let world = World::calm();
    let now = world.now().as_second();
    let with = |field: &str, value: Value| with(world.now(), field, value);
    let mut refused = Vec::new();
    for end in [
        json!(now - 60),
        json!(now - 61),
        json!(0),
        json!(-1),
        json!(-1e300),
        json!((now + 60).to_string()),
        json!(null),
        json!(true),
        json!([now + 60]),
        json!("9999-12-31T00:00:00Z"),
    ] {
        refused.push(with("exp", end));
    }
    refused.push(with("exp", json!(1)).replace("\"exp\":1", "\"exp\":1e999"));
    refused.push(with("exp", json!(1)).replace("\"exp\":1", "\"exp\":NaN"));
    for start in [json!(now + 61), json!(now * 1_000), json!(1e300), json!("now"), json!([0]), json!(true)] {
        refused.push(with("nbf", start));
    }
    claims_refused(&world, refused).await;
}

#[tokio::test(start_paused = true)]
async fn a_token_of_nobody_is_refused() {
    let world = World::calm();
    let with = |field: &str, value: Value| with(world.now(), field, value);
    let mut refused = Vec::new();
    for subject in [
        json!(null),
        json!(1),
        json!(["alice"]),
        json!({"sub": "alice"}),
        json!(""),
        json!("a\0"),
        json!("a\u{7f}"),
        json!("a\u{85}"),
        json!("x".repeat(256)),
        json!("é".repeat(128)),
        json!(true),
    ] {
        refused.push(with("sub", subject));
    }
    refused.push(with("sub", json!(1)).replace("\"sub\":1", "\"sub\":\"\\ud800\""));
    claims_refused(&world, refused).await;
}

#[tokio::test(start_paused = true)]
async fn a_token_is_good_to_the_second() {
    let world = World::calm();
    let now = world.now().as_second();
    let with = |field: &str, value: Value| {
        let mut claims = claims("alice", world.now());
        claims[field] = value;
        SIGNER.sign_text(HEADER, claims.to_string())
    };
    for (field, value) in [
        ("exp", json!(now - 59)),
        ("exp", json!(f64::from(u32::try_from(now).unwrap()) - 59.5)),
        ("nbf", json!(now + 60)),
        ("nbf", json!(0)),
        ("nbf", json!(-5)),
        ("nbf", Value::Null),
        ("aud", json!(["patchbay"])),
        ("aud", json!(["a", "patchbay", "patchbay"])),
        ("typ", json!("at+jwt")),
        ("sub", json!("x".repeat(255))),
        ("email", json!("alice@example.com")),
    ] {
        let answer = ask_with(&world, &with(field, value.clone())).await;
        assert_eq!(answer.status.as_u16(), 200, "{field} {value}: {answer:?}");
    }
    for kind in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"] {
        let header = json!({"alg": "ES256", "kid": KEY_ID, "typ": kind}).to_string();
        let token = SIGNER.sign_text(&header, claims("alice", world.now()).to_string());
        assert_eq!(ask_with(&world, &token).await.status.as_u16(), 200, "{kind}");
    }
    let padded = |length: usize| {
        let claims = claims("alice", world.now());
        let padding = "x".repeat(length);
        SIGNER.sign_text(
            HEADER,
            json!({"padding": padding, "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": claims["exp"]})
                .to_string(),
        )
    };
    let room = (0..9_000).rev().find(|length| padded(*length).len() <= 8 << 10).unwrap();
    assert_eq!(ask_with(&world, &padded(room)).await.status.as_u16(), 200);
    assert_eq!(ask_with(&world, &padded(room + 4)).await.status.as_u16(), 401, "longer than 8 KiB");
}
