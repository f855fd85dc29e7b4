//! The transport of production: one pooled reqwest client over rustls.

use std::{sync::OnceLock, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::redirect;

use super::{Exchange, Limits, SendError, Transport};

/// Sends through one reqwest client, which is built at the first request.
///
/// Redirects are not followed: a token must not travel to an address a provider names.
#[derive(Debug, Default)]
pub struct ReqwestTransport(OnceLock<Result<reqwest::Client, String>>);

impl ReqwestTransport {
    /// A transport that has not connected to anything yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn client(&self) -> Result<&reqwest::Client, SendError> {
        self.0
            .get_or_init(|| build().map_err(|error| error.to_string()))
            .as_ref()
            .map_err(|reason| SendError::NotSent { reason: reason.clone() })
    }

    async fn exchange(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, SendError> {
        if !is_allowed(request.uri()) {
            return Err(SendError::NotSent { reason: "only https, or http to this machine".to_owned() });
        }
        let mut request = reqwest::Request::try_from(request)
            .map_err(|error| SendError::NotSent { reason: error.without_url().to_string() })?;
        *request.timeout_mut() = Some(limits.timeout);
        let response = self.client()?.execute(request).await.map_err(|error| send_error(&error))?;
        read(response, limits.max_body).await
    }
}

impl Transport for ReqwestTransport {
    fn send(&self, request: http::Request<Bytes>, limits: Limits) -> Exchange<'_> {
        Box::pin(self.exchange(request, limits))
    }
}

/// With Mozilla's roots compiled in: loading those of the system costs milliseconds at every cold start.
fn build() -> Result<reqwest::Client, Box<dyn std::error::Error>> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls =
        rustls::ClientConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(3))
        // A sandbox that was frozen wakes with dead sockets: nobody keeps them longer than a minute.
        .pool_idle_timeout(Duration::from_secs(50))
        .user_agent(concat!("Patchbay/", env!("CARGO_PKG_VERSION")))
        .build()?;
    Ok(client)
}

fn is_allowed(uri: &http::Uri) -> bool {
    match uri.scheme_str() {
        Some("https") => true,
        Some("http") => uri.host().is_some_and(crate::address::is_loopback),
        _ => false,
    }
}

/// Only a connection that was never made proves that nothing was sent.
fn send_error(error: &reqwest::Error) -> SendError {
    if error.is_connect() || error.is_builder() {
        SendError::NotSent { reason: reason(error) }
    } else {
        SendError::Lost { reason: reason(error) }
    }
}

/// The innermost cause in words; the outer ones repeat the address, which may hold secrets.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    match error.is_timeout() {
        true => "timed out".to_owned(),
        false if std::ptr::eq(cause, error as &dyn std::error::Error) => "failed".to_owned(),
        false => crate::error::sanitised(&cause.to_string()),
    }
}

async fn read(mut response: reqwest::Response, max_body: usize) -> Result<http::Response<Bytes>, SendError> {
    let mut head = http::Response::new(Bytes::new());
    *head.status_mut() = response.status();
    *head.headers_mut() = std::mem::take(response.headers_mut());
    let mut body = BytesMut::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| SendError::Lost { reason: reason(&error) })?
    {
        if body.len() + chunk.len() > max_body {
            return Err(SendError::Lost { reason: "the answer is too large".to_owned() });
        }
        body.extend_from_slice(&chunk);
    }
    *head.body_mut() = body.freeze();
    Ok(head)
}
