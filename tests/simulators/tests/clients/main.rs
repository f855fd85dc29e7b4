//! The product's clients against the stand-ins: whatever they can be asked to send is taken, and both sides of every
//! exchange are what the vendors' schemas say.
#![expect(
    clippy::unwrap_used,
    reason = "everything here is a test; helpers outside of #[test] functions fail like one"
)]

mod deepgram;
mod documents;
mod door;
mod notion;
mod openai;
mod tickets;
