//! One thing that a stranger sends, and what it is answered with.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request};
use runtime::App;

use crate::support::World;

/// How a row is answered.
#[derive(Clone, Debug)]
pub(super) enum Expected {
    /// With a problem: status, code, and the field it points at.
    Problem(u16, &'static str, Option<String>),
    /// The browser is sent to the console with this error.
    SentBack(&'static str),
}

/// A request to one of the contract's routes.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) what: String,
    /// As the contract writes it: `PUT /v1/videos/{id}`.
    pub(super) route: &'static str,
    pub(super) expected: Expected,
    method: String,
    path: String,
    /// Whose token it carries.
    user: Option<&'static str>,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Bytes,
}

impl Row {
    /// A request of alice to `route`, with `rec-1`, `plan-1` and `notion` for its parameters.
    pub(super) fn of(route: &'static str, what: impl Into<String>) -> Self {
        let (method, path) = route.split_once(' ').unwrap();
        let id = match path.split('/').nth(2) {
            Some("jobs") => "job-1",
            Some("plans") => "plan-1",
            _ => "rec-1",
        };
        let path = path.replace("{id}", id);
        let path =
            path.replace("{provider}", "notion").replace("{job_id}", "job-1").replace("{token}", "secret");
        Self {
            what: what.into(),
            route,
            expected: Expected::Problem(0, "", None),
            method: method.to_owned(),
            path,
            user: Some("alice"),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    pub(super) fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    pub(super) fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// The path with `change` made to it.
    pub(super) fn path_as(self, change: impl FnOnce(&str) -> String) -> Self {
        let path = change(&self.path);
        self.path(path)
    }

    pub(super) fn query(self, query: &str) -> Self {
        self.path_as(|path| format!("{path}?{query}"))
    }

    pub(super) fn of_user(mut self, user: Option<&'static str>) -> Self {
        self.user = user;
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub(super) fn json(self, body: impl Into<Bytes>) -> Self {
        self.header("content-type", "application/json").body(body)
    }

    pub(super) fn refused(mut self, status: u16, code: &'static str) -> Self {
        self.expected = Expected::Problem(status, code, None);
        self
    }

    /// Refused as invalid, pointing at this field.
    pub(super) fn invalid_at(mut self, pointer: impl Into<String>) -> Self {
        self.expected = Expected::Problem(422, "validation_failed", Some(pointer.into()));
        self
    }

    /// Refused under this code, pointing at this field.
    pub(super) fn invalid_as(mut self, code: &'static str, pointer: impl Into<String>) -> Self {
        self.expected = Expected::Problem(422, code, Some(pointer.into()));
        self
    }

    pub(super) fn sent_back(mut self, error: &'static str) -> Self {
        self.expected = Expected::SentBack(error);
        self
    }

    pub(super) fn request(&self, world: &World) -> Request<Body> {
        let mut request = Request::new(Body::from(self.body.clone()));
        *request.method_mut() = Method::from_bytes(self.method.as_bytes()).unwrap();
        *request.uri_mut() = self.path.parse().unwrap_or_else(|error| panic!("{}: {error}", self.what));
        let headers = request.headers_mut();
        if let Some(user) = self.user {
            headers.insert("authorization", format!("Bearer {}", world.token(user)).parse().unwrap());
        }
        for (name, value) in &self.headers {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
        }
        request
    }

    /// The function that the gateway gives the route to.
    pub(super) fn function(&self) -> fn(Arc<App>) -> Router {
        function_of(self.route)
    }
}

/// The function that the gateway gives `route` to.
pub(super) fn function_of(route: &str) -> fn(Arc<App>) -> Router {
    match route.rsplit('/').next().unwrap() {
        "start" => oauth_start::routes,
        "callback" => oauth_callback::routes,
        "tickets" | "exports" => notion_export::routes,
        "calendar-syncs" => calendar_sync::routes,
        "google-calendar" => provider_push::routes,
        "transcription" | "ticket-draft" | "{token}" => ticket_extraction::routes,
        _ => api::routes,
    }
}
