//! The identity provider: one RSA key, as Cognito and most others sign with, its public half, and tokens.

use anyhow::{Result, anyhow};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://id.example.com";
pub(crate) const AUDIENCE: &str = "patchbay";
const KEY_ID: &str = "key-1";

/// Signs access tokens.
#[derive(Debug)]
pub(crate) struct Issuer(RsaKeyPair);

impl Issuer {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow!("no key could be made"))?))
    }

    /// The document at the issuer's JWKS address.
    pub(crate) fn key_set(&self) -> Value {
        // An RSAPublicKey of 2048 bits in DER: 9 bytes of headers and a zero, the modulus of 256 bytes, a header of 2
        // bytes, the exponent.
        let der = self.0.public_key().as_ref();
        let (modulus, exponent) = der.get(9..265).zip(der.get(267..)).unwrap_or_default();
        json!({"keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID,
            "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent),
        }]})
    }

    /// An access token of `user`, good for an hour.
    pub(crate) fn token(&self, user: &str, now: Timestamp) -> Result<String> {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": KEY_ID});
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": user, "iat": now.as_second(), "exp": now.as_second() + 3600,
        });
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{header}.{claims}");
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| anyhow!("the token could not be signed"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
