//! The store against an embedded DynamoDB and a strict key service, with races and lost answers.

#![expect(clippy::unwrap_used, reason = "a test stops where something unexpected happens")]

mod connection;
mod counted_job;
mod idempotency;
mod intent;
mod job;
mod lease;
mod lost_answer;
mod once;
mod pace;
mod plan;
mod refresh;
mod scheduled_sync;
mod secrecy;
mod sync;
mod transcription;
mod vault;
mod video;
mod world;
