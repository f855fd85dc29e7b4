//! RSA keys, as Cognito and most others sign with: good for what they are named for, and for nothing else.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::ask_with;
use crate::support::World;
use crate::support::tokens::{KEY_ID, claims};

static PAIR: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

/// Alice's claims under a header that names `algorithm`, signed in `encoding`.
fn token(world: &World, algorithm: &str, encoding: &'static dyn RsaEncoding) -> String {
    let header = json!({"alg": algorithm, "kid": KEY_ID}).to_string();
    let claims = claims("alice", world.now()).to_string();
    let message = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let mut signature = vec![0; PAIR.public_modulus_len()];
    PAIR.sign(encoding, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The key as a set, with a change made to it; null takes a field away.
fn key_set(change: &Value) -> Value {
    // In DER: 9 bytes of headers and a zero, the modulus of 256 bytes, a header of 2 bytes, the exponent.
    let der = PAIR.public_key().as_ref();
    let [n, e] = [&der[9..265], &der[267..]].map(|number| URL_SAFE_NO_PAD.encode(number));
    let mut key = json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": n, "e": e});
    let key_fields = key.as_object_mut().unwrap();
    key_fields.extend(change.as_object().unwrap().clone());
    key_fields.retain(|_, value| !value.is_null());
    json!({"keys": [key]})
}

async fn status(set: Value, sign: impl Fn(&World) -> String) -> u16 {
    let world = World::calm();
    world.providers.lock().unwrap().key_set = set;
    ask_with(&world, &sign(&world)).await.status.as_u16()
}

#[tokio::test(start_paused = true)]
async fn an_rsa_key_lets_in_whom_it_signed_for() {
    for change in [
        json!({}),
        json!({"alg": null}),
        json!({"use": null}),
        json!({"use": null, "alg": null}),
        json!({"key_ops": ["verify"]}),
    ] {
        let answer = status(key_set(&change), |world| token(world, "RS256", &RSA_PKCS1_SHA256)).await;
        assert_eq!(answer, 200, "{change}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_rsa_key_is_not_good_for_anything_else() {
    for change in [
        json!({"use": "enc"}),
        json!({"key_ops": ["sign"]}),
        json!({"alg": "RS384"}),
        json!({"alg": "PS256"}),
        json!({"alg": "ES256"}),
        json!({"alg": "RSA-OAEP"}),
        json!({"kid": "key-2"}),
        json!({"e": "Aw"}),
        json!({"n": "A".repeat(342)}),
    ] {
        let answer = status(key_set(&change), |world| token(world, "RS256", &RSA_PKCS1_SHA256)).await;
        assert_eq!(answer, 401, "{change}");
    }
    for (named, encoding) in [
        ("RS256", &RSA_PSS_SHA256 as &dyn RsaEncoding),
        ("PS256", &RSA_PSS_SHA256),
        ("ES256", &RSA_PKCS1_SHA256),
        ("RS384", &RSA_PKCS1_SHA256),
        ("none", &RSA_PKCS1_SHA256),
    ] {
        let answer = status(key_set(&json!({})), |world| token(world, named, encoding)).await;
        assert_eq!(answer, 401, "{named}");
    }
}
