//! Cross-crate tests, in one binary so they link once.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "everything here is a test; helpers outside of #[test] functions fail like one"
)]

mod addresses;
mod architecture;
mod bad_inputs;
mod calendar;
mod connecting;
mod dependencies;
mod drafts;
mod events;
mod exports;
mod faults;
mod google;
mod headers;
mod hostile_transcripts;
mod identity;
mod isolation;
mod jobs;
mod openapi;
mod pace;
mod plans;
mod routes;
mod simulation;
mod strict_server;
mod support;
mod tickets;
mod usage;
