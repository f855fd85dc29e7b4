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

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        thread::JoinHandle,
    };

    use super::*;

    const LIMITS: Limits = Limits { timeout: Duration::from_secs(20), max_body: 10 };

    /// Answers one connection with these bytes and gives back what was asked.
    fn server(answer: &'static str) -> (String, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/path?q=1", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut asked, mut buffer) = (String::new(), [0; 1024]);
            while !asked.ends_with("body") {
                let length = stream.read(&mut buffer).unwrap();
                asked.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
            }
            stream.write_all(answer.as_bytes()).unwrap();
            asked
        });
        (url, thread)
    }

    async fn send(url: &str) -> Result<http::Response<Bytes>, SendError> {
        let request =
            http::Request::post(url).header("x-test", "1").body(Bytes::from_static(b"body")).unwrap();
        ReqwestTransport::new().send(request, LIMITS).await
    }

    #[tokio::test]
    async fn a_request_goes_out_and_its_answer_comes_back() {
        let (url, thread) =
            server("HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 2\r\n\r\nok");
        let response = send(&url).await.unwrap();
        let asked = thread.join().unwrap();
        assert!(
            asked.starts_with("POST /path?q=1 HTTP/1.1\r\n") && asked.contains("x-test: 1\r\n"),
            "{asked}"
        );
        assert_eq!(response.status(), 302, "redirects are not followed");
        assert_eq!(response.headers()["location"], "/elsewhere");
        assert_eq!(response.body().as_ref(), b"ok");
    }

    #[tokio::test]
    async fn answers_that_are_too_large_or_cut_off_are_lost() {
        for answer in [
            "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello world",
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello",
            "HTTP/1.1 200",
            "",
        ] {
            let (url, thread) = server(answer);
            let outcome = send(&url).await;
            thread.join().unwrap();
            assert!(matches!(outcome, Err(SendError::Lost { .. })), "{answer}: {outcome:?}");
        }
    }

    #[tokio::test]
    async fn a_closed_port_proves_that_nothing_was_sent() {
        let url = {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            format!("http://{}/secret-path", listener.local_addr().unwrap())
        };
        let Err(SendError::NotSent { reason }) = send(&url).await else { panic!("it was sent") };
        assert!(!reason.contains("secret-path"), "{reason}");
    }

    #[tokio::test]
    async fn plain_http_leaves_only_for_this_machine() {
        for url in ["http://example.com/", "http://10.0.0.1/", "ftp://127.0.0.1/", "/relative"] {
            assert!(matches!(send(url).await, Err(SendError::NotSent { .. })), "{url}");
        }
    }
}
