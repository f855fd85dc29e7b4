//! Requests as callers make them, and what holds for every answer.

use axum::body::Body;
use http::{Method, Request};
use serde_json::Value;

use super::{Answer, World};

/// A request of `user` without a body.
pub(crate) fn authorized(world: &World, user: &str, method: Method, path: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {}", world.token(user)))
        .body(Body::empty())
        .unwrap()
}

/// `GET path` of `user`.
pub(crate) fn get(world: &World, user: &str, path: &str) -> Request<Body> {
    authorized(world, user, Method::GET, path)
}

/// A request of `user` with a JSON body, under an idempotency key where there is one.
pub(crate) fn send_json(
    world: &World,
    user: &str,
    method: Method,
    path: &str,
    key: Option<&str>,
    body: &Value,
) -> Request<Body> {
    let mut request = authorized(world, user, method, path);
    request.headers_mut().insert("content-type", "application/json".parse().unwrap());
    if let Some(key) = key {
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    }
    *request.body_mut() = Body::from(body.to_string());
    request
}

/// What holds for every answer, good or bad.
pub(crate) fn well_formed(answer: &Answer, what: &str) {
    let headers = &answer.headers;
    for (name, value) in [
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(headers.get(name).map(|value| value.to_str().unwrap()), Some(value), "{what}: {name}");
    }
    let id = headers.get("x-request-id").expect("a request id").to_str().unwrap();
    if answer.status.as_u16() >= 400 {
        assert_eq!(headers["content-type"], "application/problem+json", "{what}");
        let problem = answer.json();
        assert_eq!(problem["status"], answer.status.as_u16(), "{what}");
        assert_eq!(problem["request_id"], id, "{what}");
        for field in ["type", "title", "code", "detail"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{what}: {field}");
        }
        if let Some(wait) = problem.get("retry_after") {
            assert_eq!(headers["retry-after"].to_str().unwrap(), wait.to_string(), "{what}");
        }
    }
}
