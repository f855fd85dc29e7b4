//! The door: every byte to and from a provider passes through a [`Transport`].

mod client;

use std::{fmt::Debug, future::Future, pin::Pin, time::Duration};

use bytes::Bytes;

pub use self::client::ReqwestTransport;

/// Carries one request to a provider and brings back its answer.
pub trait Transport: Send + Sync + Debug {
    /// Sends `request` once, without following redirects and without repeating it.
    fn send(&self, request: http::Request<Bytes>, limits: Limits) -> Exchange<'_>;
}

/// The answer to one request, when it comes.
pub type Exchange<'a> = Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, SendError>> + Send + 'a>>;

/// Bounds of one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the first byte out to the last byte in.
    pub timeout: Duration,
    /// Largest answer that is read.
    pub max_body: usize,
}

/// Why there is no complete answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Connection refused, no such host, no route: nothing left this machine.
    #[error("not sent: {reason}")]
    NotSent {
        /// For logs.
        reason: String,
    },
    /// Our own pace gate said wait; nothing was sent.
    #[error("held back for {} ms", retry_after.as_millis())]
    Paced {
        /// When the gate opens.
        retry_after: Duration,
    },
    /// Sent, outcome unknown: a timeout, a reset, a cut-off or oversized answer.
    #[error("no complete answer: {reason}")]
    Lost {
        /// For logs.
        reason: String,
    },
}
