//! Which endpoint a request means, and what it brings along.

use super::refusal::Refusal;
use bytes::Bytes;
use http::{Method, Request};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// More than this is not read at all.
const MAX_BODY: usize = 1_000_000;
/// More than this is refused as a validation error.
const MAX_PAYLOAD: usize = 500_000;

/// An endpoint of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Me,
    Search,
    CreateDatabase,
    Database(Uuid),
    UpdateDatabase(Uuid),
    DataSource(Uuid),
    UpdateDataSource(Uuid),
    QueryDataSource(Uuid),
    CreatePage,
    Page(Uuid),
    UpdatePage(Uuid),
    Block(Uuid),
    UpdateBlock(Uuid),
    DeleteBlock(Uuid),
    Children(Uuid),
    Append(Uuid),
}

impl Route {
    pub(super) fn of(method: &Method, path: &str) -> Result<Self, Refusal> {
        let Some(path) = path.strip_prefix("/v1/") else { return Err(Refusal::unknown_address()) };
        let segments: Vec<&str> = path.split('/').collect();
        match (method.as_str(), segments.as_slice()) {
            ("GET", ["users", "me"]) => Ok(Self::Me),
            ("POST", ["search"]) => Ok(Self::Search),
            ("POST", ["databases"]) => Ok(Self::CreateDatabase),
            ("PATCH", ["databases", id]) => id_in("database_id", id).map(Self::UpdateDatabase),
            ("GET", ["databases", id]) => id_in("database_id", id).map(Self::Database),
            ("GET", ["data_sources", id]) => id_in("data_source_id", id).map(Self::DataSource),
            ("PATCH", ["data_sources", id]) => id_in("data_source_id", id).map(Self::UpdateDataSource),
            ("POST", ["data_sources", id, "query"]) => id_in("data_source_id", id).map(Self::QueryDataSource),
            ("POST", ["pages"]) => Ok(Self::CreatePage),
            ("GET", ["pages", id]) => id_in("page_id", id).map(Self::Page),
            ("PATCH", ["pages", id]) => id_in("page_id", id).map(Self::UpdatePage),
            ("GET", ["blocks", id]) => id_in("block_id", id).map(Self::Block),
            ("PATCH", ["blocks", id]) => id_in("block_id", id).map(Self::UpdateBlock),
            ("DELETE", ["blocks", id]) => id_in("block_id", id).map(Self::DeleteBlock),
            ("GET", ["blocks", id, "children"]) => id_in("block_id", id).map(Self::Children),
            ("PATCH", ["blocks", id, "children"]) => id_in("block_id", id).map(Self::Append),
            _ => Err(Refusal::unknown_address()),
        }
    }
}

fn id_in(name: &str, text: &str) -> Result<Uuid, Refusal> {
    let complaint =
        || format!("path failed validation: path.{name} should be a valid uuid, instead was `\"{text}\"`.");
    read_id(text).ok_or_else(|| Refusal::malformed(complaint()))
}

/// An id with or without its dashes; no other form of a UUID.
pub(super) fn read_id(text: &str) -> Option<Uuid> {
    (text.len() == 32 || text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

/// The API versions that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// `2025-09-03`: `archived`, `after`.
    Sources,
    /// `2026-03-11`: `in_trash`, `position`.
    Positions,
}

/// A request that was let in.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) bot: Uuid,
    pub(super) now: Timestamp,
    pub(super) version: Version,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Value,
}

impl Call {
    pub(super) fn read(request: &Request<Bytes>, bot: Uuid, now: Timestamp) -> Result<Self, Refusal> {
        let version = version_of(request)?;
        let query = request.uri().query().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Ok(Self { bot, now, version, query, body: body_of(request)? })
    }

    /// Refuses query parameters that the endpoint does not know.
    pub(super) fn only_parameters(&self, known: &[&str]) -> Result<(), Refusal> {
        match self.query.iter().find(|(name, _)| !known.contains(&name.trim_end_matches("[]"))) {
            None => Ok(()),
            Some((name, value)) => Err(Refusal::malformed(format!(
                "query failed validation: query.{name} should be not present, instead was `\"{value}\"`."
            ))),
        }
    }

    /// The values of a query parameter, written once or repeatedly.
    pub(super) fn parameters(&self, name: &str) -> Vec<&str> {
        let wanted = self.query.iter().filter(|(key, _)| key.trim_end_matches("[]") == name);
        wanted.map(|(_, value)| value.as_str()).collect()
    }
}

fn version_of(request: &Request<Bytes>) -> Result<Version, Refusal> {
    let Some(version) = request.headers().get("notion-version") else {
        let message = "Notion-Version header failed validation: Notion-Version header should be defined, instead was `undefined`.";
        return Err(Refusal::version("missing_version", message));
    };
    match version.as_bytes() {
        b"2026-03-11" => Ok(Version::Positions),
        b"2025-09-03" => Ok(Version::Sources),
        b"2022-06-28" => Err(Refusal::version(
            "validation_error",
            "Databases with data sources need the API version 2025-09-03 or newer; 2022-06-28 is not served here.",
        )),
        other => {
            let other = String::from_utf8_lossy(other);
            Err(Refusal::version(
                "validation_error",
                format!("Notion-Version header failed validation: `{other}` is not a version of the API."),
            ))
        }
    }
}

fn body_of(request: &Request<Bytes>) -> Result<Value, Refusal> {
    let body = request.body();
    if body.len() > MAX_BODY {
        return Err(Refusal::too_large());
    }
    if matches!(*request.method(), Method::GET | Method::DELETE) || body.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    if body.len() > MAX_PAYLOAD {
        let length = body.len();
        return Err(Refusal::body(format!(
            "body.length should be ≤ `{MAX_PAYLOAD}`, instead was `{length}`."
        )));
    }
    let kind = request.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Refusal::invalid_json());
    }
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(Refusal::malformed("body failed validation: body should be an object.")),
        Err(_) => Err(Refusal::invalid_json()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_with_and_without_dashes_and_in_no_other_form() {
        let id = "0d9f6f4e-8f3b-4a3c-9a63-0c0f5f6a1b2c";
        assert!(read_id(id).is_some());
        assert_eq!(read_id(&id.replace('-', "")), read_id(id));
        assert!(read_id("Tickets-0d9f6f4e8f3b4a3c9a630c0f5f6a1b2c").is_none());
        assert!(read_id(&format!("{{{id}}}")).is_none());
    }

    #[test]
    fn an_address_that_does_not_exist_is_refused_as_such() {
        let refusal =
            Route::of(&Method::POST, "/v1/databases/0d9f6f4e8f3b4a3c9a630c0f5f6a1b2c/query").unwrap_err();
        assert_eq!((refusal.status.as_u16(), refusal.code), (400, "invalid_request_url"));
        let refusal = Route::of(&Method::GET, "/v1/pages/none").unwrap_err();
        assert_eq!(refusal.code, "validation_error");
    }
}
