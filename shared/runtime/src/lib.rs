//! What every function shares: configuration, telemetry, identity, problems, idempotency, access to connections, the event loop.

mod access;
mod app;
mod canonical;
mod clock;
pub mod config;
mod idempotency;
mod identity;
mod if_match;
mod job;
pub mod json;
pub mod oauth;
pub mod openapi;
mod paced;
mod params;
pub mod problem;
mod secrets;
pub mod serve;
pub mod telemetry;
mod transcripts;
mod web;
mod work;

pub use access::Access;
pub use app::{App, Doors};
pub use clock::Clock;
pub use config::Config;
pub use idempotency::{Operation, Reply, once};
pub use identity::{Identity, User};
pub use if_match::{IfMatch, etag};
pub use job::Job;
pub use json::Json;
pub use params::{Id, IdempotencyKey, Items, NewId, Page, Provider, Query};
pub use problem::{Code, Problem};
pub use secrets::{Document, Secrets};
pub use transcripts::{MAX_TRANSCRIPT, Transcripts};
pub use web::{Invocation, complete};
pub use work::{EXPORT, Queues, Work, work_off};
