//! The issuer that the tests trust: it signs access tokens and shows its key.

use std::sync::LazyLock;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://id.example.com";
pub(crate) const AUDIENCE: &str = "patchbay";
pub(crate) const KEY_ID: &str = "key-1";

pub(crate) struct Signer {
    key: EncodingKey,
    public: Vec<u8>,
}

pub(crate) static SIGNER: LazyLock<Signer> = LazyLock::new(Signer::new);
/// Somebody else's key.
pub(crate) static STRANGER: LazyLock<Signer> = LazyLock::new(Signer::new);

impl Signer {
    fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let document = pair.to_pkcs8v1().unwrap();
        Self { key: EncodingKey::from_ec_der(document.as_ref()), public: pair.public_key().as_ref().to_vec() }
    }

    /// The key set with this key as `key_id`.
    pub(crate) fn key_set(&self, key_id: &str) -> Value {
        // An uncompressed point: 0x04, then x and y of 32 bytes each.
        let (x, y) = self.public[1..].split_at(32);
        json!({"keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": key_id,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        }]})
    }

    pub(crate) fn sign(&self, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.key).unwrap()
    }

    /// Signs header and claims as they are written, well-formed or not.
    pub(crate) fn sign_text(&self, header: &str, claims: impl AsRef<[u8]>) -> String {
        let message = [header.as_bytes(), claims.as_ref()].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, Algorithm::ES256).unwrap();
        format!("{message}.{signature}")
    }
}

pub(crate) fn header() -> Header {
    Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::ES256) }
}

pub(crate) fn claims(user: &str, now: Timestamp) -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": user,
        "iat": now.as_second(), "exp": now.as_second() + 86_400,
    })
}

/// A good token of `user`.
pub(crate) fn token(user: &str, now: Timestamp) -> String {
    SIGNER.sign(&header(), &claims(user, now))
}
