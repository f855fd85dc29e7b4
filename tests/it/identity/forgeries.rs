//! Headers and signatures that nobody should be let in with.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::ask_with;
use crate::support::World;
use crate::support::tokens::{AUDIENCE, ISSUER, KEY_ID, SIGNER, STRANGER, claims};

pub(super) const HEADER: &str = r#"{"alg":"ES256","kid":"key-1"}"#;

/// Each of these tokens is refused, and nobody but the issuer is asked for keys.
pub(super) async fn all_refused(world: &World, tokens: impl IntoIterator<Item = (String, String)>) {
    for (what, token) in tokens {
        let answer = ask_with(world, &token).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (401, "invalid_token".into()),
            "{what}: {token:.200}"
        );
    }
    let asked = world
        .fate
        .log()
        .into_iter()
        .filter(|line| !line.starts_with("Dynamo ") && !line.starts_with("Secrets "));
    for line in asked {
        assert!(line.starts_with("id.example.com GET /"), "{line}");
    }
}

/// A header with a change made to it.
fn with(change: &Value) -> String {
    let mut header = json!({"alg": "ES256", "kid": KEY_ID, "typ": "JWT"});
    header.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    header.to_string()
}

#[tokio::test(start_paused = true)]
async fn no_other_algorithm_counts() {
    let world = World::calm();
    let claims = claims("alice", world.now()).to_string();
    let algorithms = [
        json!("none"),
        json!("None"),
        json!("NONE"),
        json!("nOnE"),
        json!(""),
        json!(null),
        json!(0),
        json!(["ES256"]),
        json!("es256"),
        json!("ES256 "),
        json!("ES256\0"),
        json!("ES384"),
        json!("ES512"),
        json!("ES256K"),
        json!("PS256"),
        json!("RS384"),
        json!("HS256"),
        json!("HS384"),
        json!("EdDSA"),
        json!("RSA-OAEP"),
        json!("dir"),
    ];
    let tokens = algorithms.iter().flat_map(|algorithm| {
        let header = with(&json!({"alg": algorithm}));
        let signed = SIGNER.sign_text(&header, &claims);
        let unsigned = format!("{}.", signed.rsplit_once('.').unwrap().0);
        [(format!("{header}, unsigned"), unsigned), (header, signed)]
    });
    all_refused(&world, tokens).await;
}

#[tokio::test(start_paused = true)]
async fn no_header_makes_another_key_count() {
    let world = World::calm();
    let claims = claims("alice", world.now()).to_string();
    let strangers_key = STRANGER.key_set(KEY_ID)["keys"][0].clone();
    let keys = [
        json!(null),
        json!(""),
        json!(" "),
        json!(1),
        json!(["key-1"]),
        json!({"kid": "key-1"}),
        json!("KEY-1"),
        json!("key-1 "),
        json!("key-1\0"),
        json!("key-1\n"),
        json!("key-1/../key-1"),
        json!("../../../../dev/null"),
        json!("/etc/passwd"),
        json!("' OR '1'='1"),
        json!("key-1'--"),
        json!("$(id)"),
        json!("|id"),
        json!("https://evil.example/key"),
        json!("file:///dev/null"),
        json!("0"),
        json!("*"),
        json!("key-%31"),
        json!("k".repeat(4_000)),
    ];
    let elsewhere = [
        json!({"jwk": strangers_key}),
        json!({"jku": "https://evil.example/keys"}),
        json!({"jku": format!("{ISSUER}/keys"), "jwk": strangers_key}),
        json!({"x5u": "https://evil.example/chain.pem"}),
        json!({"x5c": ["MIIB"], "x5t": "AAAA", "x5t#S256": "AAAA"}),
        json!({"kid": "unknown", "jwk": strangers_key}),
        json!({"iss": ISSUER, "sub": "alice", "aud": AUDIENCE}),
    ];
    let by_name = keys.iter().map(|key| with(&json!({"kid": key})));
    let tokens = by_name.map(|header| (header.clone(), SIGNER.sign_text(&header, &claims)));
    all_refused(&world, tokens).await;
    let tokens =
        elsewhere.iter().map(with).map(|header| (header.clone(), STRANGER.sign_text(&header, &claims)));
    all_refused(&world, tokens).await;
}

#[tokio::test(start_paused = true)]
async fn no_other_kind_of_token_counts() {
    let world = World::calm();
    let claims = claims("alice", world.now()).to_string();
    let types = [
        json!("JWE"),
        json!("refresh+jwt"),
        json!("rt+jwt"),
        json!("id_token+jwt"),
        json!("logout+jwt"),
        json!("secevent+jwt"),
        json!("dpop+jwt"),
        json!("client-authentication+jwt"),
        json!(""),
        json!("JWT "),
        json!(1),
        json!(["JWT"]),
    ];
    let critical =
        [json!(["exp"]), json!(["b64"]), json!([]), json!("b64"), json!(1), json!({}), json!([""])];
    let types = types.iter().map(|kind| with(&json!({"typ": kind})));
    let headers = types.chain(critical.iter().map(|critical| with(&json!({"crit": critical, "b64": false}))));
    let tokens = headers.map(|header| (header.clone(), SIGNER.sign_text(&header, &claims)));
    all_refused(&world, tokens).await;
}

#[tokio::test(start_paused = true)]
async fn the_public_key_is_no_shared_secret() {
    let world = World::calm();
    let set = SIGNER.key_set(KEY_ID);
    let key = &set["keys"][0];
    let [x, y] = ["x", "y"].map(|name| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap());
    let point = [&[4][..], &x, &y].concat();
    // SubjectPublicKeyInfo of a P-256 key: a fixed beginning, then the point.
    let beginning = STANDARD.decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE").unwrap();
    let der = [&beginning[..], &x, &y].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&der));
    let secrets: [&[u8]; 10] = [
        &point,
        &x,
        &der,
        pem.as_bytes(),
        pem.trim_end().as_bytes(),
        &key.to_string().into_bytes(),
        &set.to_string().into_bytes(),
        KEY_ID.as_bytes(),
        b"",
        b"secret",
    ];
    let mut tokens = Vec::new();
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        for (at, secret) in secrets.iter().enumerate() {
            let header = Header { kid: Some(KEY_ID.into()), ..Header::new(algorithm) };
            let key = EncodingKey::from_secret(secret);
            let token = jsonwebtoken::encode(&header, &claims("alice", world.now()), &key).unwrap();
            // The same signature under the name of an algorithm that is accepted.
            let (message, signature) = token.rsplit_once('.').unwrap();
            let renamed = format!(
                "{}.{}.{signature}",
                URL_SAFE_NO_PAD.encode(HEADER),
                message.split('.').nth(1).unwrap()
            );
            tokens
                .extend([(format!("{algorithm:?} {at}"), token.clone()), (format!("renamed {at}"), renamed)]);
        }
    }
    all_refused(&world, tokens).await;
}

#[tokio::test(start_paused = true)]
async fn a_signature_is_whole_and_of_these_bytes() {
    let world = World::calm();
    let genuine = world.token("alice");
    assert_eq!(ask_with(&world, &genuine).await.status, 200);
    let parts: Vec<&str> = genuine.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("three parts") };
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let (r, s) = bytes.split_at(32);
    let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let signed = |signature: &[u8]| format!("{header}.{claims}.{}", encoded(signature));
    let number = |bytes: &[u8]| {
        let positive: &[u8] = if bytes[0] & 0x80 == 0 { &[] } else { &[0] };
        let length = u8::try_from(positive.len() + bytes.len()).unwrap();
        [&[2, length][..], positive, bytes].concat()
    };
    let der = [number(r), number(s)].concat();
    let der = [&[0x30, u8::try_from(der.len()).unwrap()][..], &der].concat();
    let flipped = |at: usize| {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        changed
    };
    let tokens = [
        ("zeros", signed(&[0; 64])),
        ("ones", signed(&[1; 64])),
        ("the largest", signed(&[0xff; 64])),
        ("r is zero", signed(&[&[0; 32][..], s].concat())),
        ("s is zero", signed(&[r, &[0; 32][..]].concat())),
        ("exchanged halves", signed(&[s, r].concat())),
        ("half", signed(r)),
        ("a byte less", signed(&bytes[..63])),
        ("a byte more", signed(&[&bytes[..], &[0]].concat())),
        ("twice", signed(&[&bytes[..], &bytes].concat())),
        ("in DER", signed(&der)),
        ("the first bit", signed(&flipped(0))),
        ("the last bit", signed(&flipped(63))),
        ("padded", format!("{genuine}==")),
        ("in the other alphabet", format!("{header}.{claims}.{}", STANDARD.encode([0xff; 64]))),
        ("a line break", format!("{header}.{claims}.{signature}%0a")),
        ("a fourth part", format!("{genuine}.{signature}")),
        ("five parts", format!("{genuine}.{signature}.{signature}")),
        ("no header", format!(".{claims}.{signature}")),
        ("no claims", format!("{header}..{signature}")),
        ("dots", "..".to_owned()),
        ("a dot more", format!("{genuine}.")),
        ("a comma and another", format!("{genuine},{genuine}")),
        ("a quoted one", format!("\"{genuine}\"")),
        ("cut off", genuine[..genuine.len() - 1].to_owned()),
        ("with an empty header", format!("{}.{claims}.{signature}", encoded(b"{}"))),
        ("with a header that is no JSON", format!("{}.{claims}.{signature}", encoded(b"alg"))),
        (
            "with a header that is a list",
            format!("{}.{claims}.{signature}", encoded(b"[\"ES256\",\"key-1\"]")),
        ),
        (
            "with a header that is not UTF-8",
            format!("{}.{claims}.{signature}", encoded(b"{\"alg\":\"\xff\"}")),
        ),
        ("with the algorithm twice", SIGNER.sign_text(r#"{"alg":"none","alg":"ES256","kid":"key-1"}"#, "{}")),
    ];
    all_refused(&world, tokens.map(|(what, token)| (what.to_owned(), token))).await;
}
