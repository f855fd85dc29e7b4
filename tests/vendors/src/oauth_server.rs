//! A strict authorization server that others wrote, running on this machine for as long as a test needs it.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use bytes::Bytes;
use http::{Request, Response, header};
use url::Url;

use crate::made;

const FOLDER: &str = "tests/simulators/examiners";

/// The running server. It knows the clients `basic` and `body`, named after the way they authenticate, whose secrets are
/// `secret of basic` and `secret of body`; everybody is `user-1` and agrees, except with `login_hint=deny`.
#[derive(Debug)]
pub struct OauthServer {
    process: Child,
    issuer: String,
}

impl OauthServer {
    /// A server that sends browsers back to these addresses only; `None`, said aloud, where it was not installed.
    ///
    /// # Panics
    /// When it does not start, or is missing and nothing may be skipped.
    pub fn start(redirect_uris: &[&str]) -> Option<Self> {
        made(&format!("{FOLDER}/node_modules/oidc-provider"))?;
        let mut process = Command::new("node")
            .arg(made(&format!("{FOLDER}/oauth_server.mjs"))?)
            .args(redirect_uris)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("node: {error}"));
        let mut issuer = String::new();
        let read = process.stdout.take().map(|output| BufReader::new(output).read_line(&mut issuer));
        assert!(issuer.starts_with("http://127.0.0.1:"), "the server did not start: {read:?}");
        Some(Self { process, issuer: issuer.trim_end().to_owned() })
    }

    /// Its address and name, without a slash at the end.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

/// A new browser without a history: follows redirects and keeps cookies until it is sent to an address that begins with
/// `end`. That address, or nothing when it is left on a page.
///
/// # Panics
/// When it is redirected without end, or to what is no address.
pub async fn browse(
    address: &str,
    end: &str,
    send: impl AsyncFn(Request<Bytes>) -> Response<Bytes>,
) -> Option<String> {
    let (mut url, mut cookies) = (Url::parse(address).ok()?, BTreeMap::new());
    for _ in 0..10 {
        let jar: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request =
            Request::get(url.as_str()).header(header::COOKIE, jar.join("; ")).body(Bytes::new()).ok()?;
        let response = send(request).await;
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().ok().and_then(|cookie| cookie.split(';').next()?.split_once('='));
            cookies.extend(pair.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        let location = response.headers().get(header::LOCATION)?;
        url = match location.to_str().map(|location| url.join(location)) {
            Ok(Ok(url)) => url,
            wrong => panic!("{location:?} is no address: {wrong:?}"),
        };
        if url.as_str().starts_with(end) {
            return Some(url.into());
        }
    }
    panic!("redirected without end from {address}");
}

impl Drop for OauthServer {
    fn drop(&mut self) {
        drop((self.process.kill(), self.process.wait()));
    }
}
