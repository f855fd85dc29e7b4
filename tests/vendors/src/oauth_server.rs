//! A strict authorization server that others wrote, running on this machine for as long as a test needs it.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

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

impl Drop for OauthServer {
    fn drop(&mut self) {
        drop((self.process.kill(), self.process.wait()));
    }
}
