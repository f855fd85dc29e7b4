//! Who is asking: the access token of the configured issuer, verified here whatever the gateway did.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::UserId;
use http::request::Parts;
use http::{HeaderMap, Request, header};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use providers::http::Http;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::App;
use crate::problem::{Code, Problem};

/// Clocks may differ by this many seconds.
const LEEWAY_S: i64 = 60;
/// A key id that is not known fetches the keys again at most this often.
const REFETCH_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// Keys are fetched again after this long.
const KEEP_KEYS: SignedDuration = SignedDuration::from_hours(6);
/// An issuer that did not answer is left alone for this long.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// No honest token is longer.
const MAX_TOKEN: usize = 8 << 10;

/// Verifies access tokens. Keys are fetched when the first token asks for one, and kept.
#[derive(Debug)]
pub struct Identity {
    issuer: String,
    audience: String,
    jwks_url: Option<String>,
    http: Http,
    keys: Mutex<Keys>,
}

/// What is known of the issuer's keys.
#[derive(Debug, Default)]
struct Keys {
    set: Option<Arc<JwkSet>>,
    fetched_at: Timestamp,
    failed_at: Option<Timestamp>,
}

impl Keys {
    fn with(&self, key_id: &str) -> Option<Arc<JwkSet>> {
        self.set.as_ref().filter(|set| set.find(key_id).is_some()).cloned()
    }

    /// Whether the issuer may be asked again, for a key that is known or for one that is not.
    fn may_be_fetched(&self, known: bool, now: Timestamp) -> bool {
        let paused = self.failed_at.is_some_and(|failed| failed.duration_until(now) < PAUSE);
        let keep = if known { KEEP_KEYS } else { REFETCH_AFTER };
        !paused && (self.set.is_none() || self.fetched_at.duration_until(now) >= keep)
    }
}

#[derive(Deserialize)]
struct JoseHeader {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    #[serde(default)]
    aud: Audience,
    exp: f64,
    nbf: Option<f64>,
    token_use: Option<String>,
    client_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
    #[default]
    None,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// Why a token is not accepted; for the log only.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(&'static str);

impl Identity {
    /// Accepts tokens of `issuer` for `audience`; the keys are at `jwks_url`, or where the issuer's discovery document says.
    pub fn new(issuer: &str, audience: &str, jwks_url: Option<String>, http: Http) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            jwks_url,
            http,
            keys: Mutex::default(),
        }
    }

    /// The user whose token `headers` carry.
    pub async fn user(&self, headers: &HeaderMap, now: Timestamp) -> Result<UserId, Problem> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(Problem::new(
                Code::Unauthenticated,
                "Send Authorization: Bearer with an access token.",
            ));
        };
        let token = value.to_str().ok().and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Err(Problem::new(
                Code::Unauthenticated,
                "Send Authorization: Bearer with an access token.",
            ));
        };
        self.verify(token, now).await
    }

    async fn verify(&self, token: &str, now: Timestamp) -> Result<UserId, Problem> {
        let invalid = |reason| {
            Problem::new(Code::InvalidToken, "The access token is not valid or has expired.")
                .because(Refused(reason))
        };
        let (algorithm, key_id) = read_header(token).map_err(|Refused(reason)| invalid(reason))?;
        let set = self.keys_with(&key_id, now).await?;
        let jwk = set.find(&key_id).ok_or_else(|| invalid("the key is not the issuer's"))?;
        let key = verification_key(jwk, algorithm).map_err(|Refused(reason)| invalid(reason))?;
        let data = jsonwebtoken::decode::<Claims>(token, &key, &signature_only(algorithm))
            .map_err(|_| invalid("the signature does not match"))?;
        self.user_from_claims(&data.claims, now).map_err(|Refused(reason)| invalid(reason))
    }

    fn user_from_claims(&self, claims: &Claims, now: Timestamp) -> Result<UserId, Refused> {
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
        let (early, late) = ((now.as_second() - LEEWAY_S) as f64, (now.as_second() + LEEWAY_S) as f64);
        if claims.iss != self.issuer {
            return Err(Refused("another issuer"));
        }
        if !claims.exp.is_finite() || claims.exp <= early {
            return Err(Refused("expired"));
        }
        if claims.nbf.is_some_and(|nbf| !nbf.is_finite() || nbf > late) {
            return Err(Refused("not valid yet"));
        }
        if !matches!(claims.token_use.as_deref(), None | Some("access" | "id")) {
            return Err(Refused("not an access token"));
        }
        // Cognito's access tokens name their client in `client_id` and have no `aud`; API Gateway reads them so too.
        let meant_for_us = match (&claims.aud, claims.token_use.as_deref()) {
            (Audience::One(audience), _) => *audience == self.audience,
            (Audience::Several(audiences), _) => audiences.contains(&self.audience),
            (Audience::None, Some("access")) => claims.client_id.as_ref() == Some(&self.audience),
            (Audience::None, _) => false,
        };
        if !meant_for_us {
            return Err(Refused("for another audience"));
        }
        claims.sub.parse().map_err(|_| Refused("no usable subject"))
    }

    /// The issuer's keys, fetched again when they are old or do not have `key_id`.
    async fn keys_with(&self, key_id: &str, now: Timestamp) -> Result<Arc<JwkSet>, Problem> {
        let mut keys = self.keys.lock().await;
        let known = keys.with(key_id);
        if keys.may_be_fetched(known.is_some(), now) {
            match self.fetch().await {
                Ok(set) => {
                    let set = Arc::new(set);
                    *keys = Keys { set: Some(set.clone()), fetched_at: now, failed_at: None };
                    return Ok(set);
                }
                Err(error) => {
                    tracing::warn!("the issuer's keys were not fetched: {error}");
                    keys.failed_at = Some(now);
                }
            }
        } else if keys.failed_at.is_none()
            && let Some(set) = &keys.set
        {
            return Ok(set.clone());
        }
        known.ok_or_else(|| {
            let detail = "The identity provider did not answer. Try again shortly.";
            Problem::new(Code::ProviderUnavailable, detail).retry_after(PAUSE.as_secs().unsigned_abs())
        })
    }

    async fn fetch(&self) -> Result<JwkSet, providers::Error> {
        let url = match &self.jwks_url {
            Some(url) => url.clone(),
            None => self.discover().await?,
        };
        let providers::http::Json(set) = self.http.send_idempotent(get(&url)?).await?;
        Ok(set)
    }

    async fn discover(&self) -> Result<String, providers::Error> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let providers::http::Json::<Discovery>(discovery) = self.http.send_idempotent(get(&url)?).await?;
        if discovery.issuer == self.issuer {
            Ok(discovery.jwks_uri)
        } else {
            Err(providers::Error::BadResponse)
        }
    }
}

fn get(url: &str) -> Result<Request<bytes::Bytes>, providers::Error> {
    Request::get(url)
        .header(header::ACCEPT, "application/json")
        .body(bytes::Bytes::new())
        .map_err(|_| providers::Error::BadResponse)
}

/// The algorithm and key id of a token. Nothing else in the header is believed: not `jku`, `jwk`, `x5u` or `x5c`.
fn read_header(token: &str) -> Result<(Algorithm, String), Refused> {
    if token.len() > MAX_TOKEN {
        return Err(Refused("too long"));
    }
    let header = token.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| Refused("not a token"))?;
    let header: JoseHeader = serde_json::from_slice(&header).map_err(|_| Refused("not a token"))?;
    if header.crit.is_some() {
        return Err(Refused("a critical extension"));
    }
    let token_type = header.typ.as_deref().unwrap_or("JWT").to_ascii_lowercase();
    if !matches!(token_type.as_str(), "jwt" | "at+jwt" | "application/at+jwt") {
        return Err(Refused("another type of token"));
    }
    let algorithm = match header.alg.as_str() {
        "RS256" => Algorithm::RS256,
        "ES256" => Algorithm::ES256,
        _ => return Err(Refused("an algorithm that is not accepted")),
    };
    Ok((algorithm, header.kid.ok_or(Refused("no key id"))?))
}

/// `jwk`, when it is meant for verifying `algorithm`.
fn verification_key(jwk: &Jwk, algorithm: Algorithm) -> Result<DecodingKey, Refused> {
    let common = &jwk.common;
    let operations = common.key_operations.as_ref();
    let for_signatures = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature))
        && operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    let for_this = match (common.key_algorithm, algorithm) {
        (None, _) => true,
        (Some(named), Algorithm::RS256) => named == KeyAlgorithm::RS256,
        (Some(named), _) => named == KeyAlgorithm::ES256,
    };
    let fits = match (&jwk.algorithm, algorithm) {
        // 2048 bits are 342 characters of unpadded base64url.
        (AlgorithmParameters::RSA(rsa), Algorithm::RS256) => rsa.n.len() >= 342,
        (AlgorithmParameters::EllipticCurve(curve), Algorithm::ES256) => curve.curve == EllipticCurve::P256,
        _ => false,
    };
    if !for_signatures || !for_this || !fits {
        return Err(Refused("the key is not for this algorithm"));
    }
    DecodingKey::from_jwk(jwk).map_err(|_| Refused("the key is not usable"))
}

/// Checks the signature only: times are checked against the invocation's clock, not the machine's.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

/// The user that a request's token names.
#[derive(Clone, Debug)]
pub struct User(pub UserId);

impl FromRequestParts<Arc<App>> for User {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let user = app.identity.user(&parts.headers, app.clock.now()).await?;
        tracing::Span::current().record("user_id", user.as_str());
        Ok(Self(user))
    }
}
