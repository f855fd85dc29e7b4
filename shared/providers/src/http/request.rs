//! Requests as the clients build them.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use crate::error::Error;

/// An `Authorization` header that is never printed. A secret with control characters is as good as none.
pub(crate) fn authorization(scheme: &str, secret: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::try_from(format!("{scheme} {secret}")).map_err(|_| Error::Unauthorized)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The usual `Authorization` header.
pub(crate) fn bearer(token: &SecretString) -> Result<HeaderValue, Error> {
    authorization("Bearer", token.expose_secret())
}

/// A read of `url`.
pub(crate) fn get(url: &str, authorization: HeaderValue) -> Result<Request<Bytes>, Error> {
    finish(Request::get(url), authorization, Bytes::new())
}

/// `method` on `url` with a JSON body.
pub(crate) fn json(
    method: Method,
    url: &str,
    authorization: HeaderValue,
    body: &impl Serialize,
) -> Result<Request<Bytes>, Error> {
    let body = serde_json::to_vec(body).map_err(|_| Error::BadResponse)?;
    let request = Request::builder().method(method).uri(url);
    finish(request.header(header::CONTENT_TYPE, "application/json"), authorization, body.into())
}

/// Only an id that is no part of an address could fail here.
fn finish(
    request: http::request::Builder,
    authorization: HeaderValue,
    body: Bytes,
) -> Result<Request<Bytes>, Error> {
    request
        .header(header::AUTHORIZATION, authorization)
        .header(header::ACCEPT, "application/json")
        .body(body)
        .map_err(|_| Error::NotFound)
}
