//! Requests as callers make them.

use axum::body::Body;
use http::{Method, Request};
use serde_json::Value;

use super::World;

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
