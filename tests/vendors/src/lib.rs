//! What the vendors themselves publish about their APIs, for tests to hold requests and answers against.
//!
//! `make schemas` makes or installs it from the vendors' own packages (`tests/simulators/examiners`). Without it these checks are
//! skipped with a word on the standard error; where `PATCHBAY_VENDORS=required`, as in `make test`, they fail.

mod deepgram;
mod google;
mod notion;
mod oauth_server;
mod openai;
mod schema;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

pub use deepgram::{assert_deepgram_answer, assert_deepgram_report, assert_deepgram_request};
pub use google::{assert_google_answer, assert_google_request};
pub use notion::{assert_notion_answer, assert_notion_request};
pub use oauth_server::{OauthServer, browse};
pub use openai::{assert_openai_answer, assert_openai_request};
pub use schema::{DEEPGRAM, GOOGLE, NOTION, OPENAI, Schema};

/// The file or folder at `path` below the workspace; `None`, said aloud, where it was not made yet.
///
/// # Panics
/// When it is missing and nothing may be skipped.
pub fn made(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if found.exists() {
        return Some(found);
    }
    let required = std::env::var_os("PATCHBAY_VENDORS").is_some_and(|value| value == "required");
    assert!(!required, "{path} is missing: run make schemas");
    // Not through a macro: those are silent in a test that passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {path} is missing: run make schemas");
    None
}

fn json_of(body: &[u8]) -> serde_json::Value {
    serde_json::from_slice(body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(body)))
}
