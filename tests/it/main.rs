//! Cross-crate tests, in one binary so they link once.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "everything here is a test; helpers outside of #[test] functions fail like one"
)]

mod architecture;
mod connecting;
mod dependencies;
mod drafts;
mod events;
mod hostile_transcripts;
mod identity;
mod openapi;
mod routes;
mod simulation;
mod support;
mod tickets;
