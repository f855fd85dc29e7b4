//! Paths, queries and headers from strangers.

use std::collections::HashSet;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use domain::ProviderId;
use http::request::Parts;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::App;
use crate::problem::{Code, Problem};

/// The provider named in the path.
#[derive(Clone, Copy, Debug)]
pub struct Provider(pub ProviderId);

impl FromRequestParts<Arc<App>> for Provider {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let unknown = || Problem::new(Code::UnknownProvider, "There is no provider of this name.");
        let Path(name) = Path::<String>::from_request_parts(parts, app).await.map_err(|_| unknown())?;
        ProviderId::from_str(&name).map(Self).map_err(|_| unknown())
    }
}

/// The id in the path. What cannot be an id cannot exist: 404.
#[derive(Clone, Debug)]
pub struct Id<T>(pub T);

impl<T: FromStr + Send> FromRequestParts<Arc<App>> for Id<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let absent = || Problem::new(Code::NotFound, "There is nothing of this id.");
        let Path(id) = Path::<String>::from_request_parts(parts, app).await.map_err(|_| absent())?;
        id.parse().map(Self).map_err(|_| absent())
    }
}

/// The id in the path of something that is being made: what cannot be an id is the caller's mistake.
#[derive(Clone, Debug)]
pub struct NewId<T>(pub T);

impl<T: FromStr + Send> FromRequestParts<Arc<App>> for NewId<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let invalid = |_| {
            Problem::new(
                Code::InvalidParameter,
                "An id has 1 to 128 letters, digits, '.', '_' and '-', and begins with a letter or digit.",
            )
        };
        Id::from_request_parts(parts, app).await.map(|Id(id)| Self(id)).map_err(invalid)
    }
}

/// A query string read strictly: unknown names and repeated names are refused.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for Query<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let mut seen = HashSet::new();
        for (name, _) in form_urlencoded::parse(query.as_bytes()) {
            if let Some(name) = seen.replace(name) {
                let detail = format!("The parameter {name:?} is given more than once.");
                return Err(Problem::new(Code::DuplicateParameter, detail));
            }
        }
        let read = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        read.map(|axum::extract::Query(value)| Self(value)).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.rsplit(": ").next().unwrap_or_default();
            Problem::new(Code::InvalidParameter, format!("The query is not valid: {reason}."))
        })
    }
}

/// How many items of a list to show, and from where.
#[derive(Clone, Debug, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// How many items, 1 to 100. 25 when absent.
    #[serde(default, deserialize_with = "limit")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[param(min_length = 1)]
    pub cursor: Option<String>,
}

impl Page {
    /// How many items to show.
    pub fn size(&self) -> u32 {
        self.limit.unwrap_or(25)
    }
}

fn limit<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let text = <String as serde::Deserialize>::deserialize(deserializer)?;
    match text.parse::<u32>() {
        // Only the usual spelling: neither "+1" nor "01".
        Ok(limit @ 1..=100) if limit.to_string() == text => Ok(Some(limit)),
        _ => Err(serde::de::Error::custom("limit must be a whole number from 1 to 100")),
    }
}

/// One page of a list.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Items<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; `null` on the last.
    pub next_cursor: Option<String>,
}

/// The `Idempotency-Key` of a request: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug)]
pub struct IdempotencyKey(pub Option<String>);

impl FromRequestParts<Arc<App>> for IdempotencyKey {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all("idempotency-key").iter();
        let (first, second) = (values.next(), values.next());
        let key = match (first, second) {
            (None, _) => return Ok(Self(None)),
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        };
        match key {
            Some(key)
                if (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) =>
            {
                Ok(Self(Some(key.to_owned())))
            }
            _ => Err(Problem::new(
                Code::InvalidIdempotencyKey,
                "Idempotency-Key must be one value of 1 to 255 visible ASCII characters.",
            )),
        }
    }
}
