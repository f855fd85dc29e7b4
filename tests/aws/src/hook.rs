//! The hook before and after every exchange: where a simulation does harm.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

/// An AWS service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// The table.
    Dynamo,
    /// The keys.
    Kms,
    /// The objects.
    S3,
    /// The queues.
    Sqs,
    /// The secrets.
    Secrets,
}

/// One exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// With whom.
    pub service: Service,
    /// What is asked, as the service names it, for example `PutItem`.
    pub operation: String,
    /// Counts all exchanges from 1.
    pub number: usize,
    /// Which items, objects, message groups, keys' contexts and secrets it names.
    pub touches: BTreeSet<String>,
    /// The table's items it names, as partition and sort key.
    pub items: Vec<String>,
}

/// How an exchange goes wrong before it has an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing was sent.
    Refused,
    /// The service answers with an error of this code and does nothing.
    Answer {
        /// HTTP status.
        status: u16,
        /// For example `ThrottlingException`.
        code: String,
    },
    /// A transaction is cancelled: for this reason on account of its first item, for example `TransactionConflict`.
    Cancelled {
        /// The reason's code.
        reason: String,
    },
}

/// What happens before the effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// The exchange takes place.
    Proceed,
    /// The caller dies: its future never resolves, nothing is done.
    Kill,
    /// The caller sees this failure, nothing is done.
    Fail(Failure),
    /// The caller sees a broken connection, and the request takes effect when [`Hook::stray`] lets it.
    Stray,
}

/// What happens after the effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The caller gets the answer.
    Deliver,
    /// The caller dies: it was done, and its future never resolves.
    Kill,
    /// It was done, and the caller sees a broken connection.
    Lose,
}

/// A decision that may take its (virtual) time.
pub type Decision<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A request on its way whose caller has given up.
pub type Strayed = Box<dyn FnOnce() + Send>;

/// Decides over every exchange.
pub trait Hook: Send + Sync {
    /// Asked before the effect.
    fn before<'a>(&'a self, _call: &'a Call) -> Decision<'a, Before> {
        Box::pin(std::future::ready(Before::Proceed))
    }

    /// Asked between the effect and the answer.
    fn after<'a>(&'a self, _call: &'a Call) -> Decision<'a, After> {
        Box::pin(std::future::ready(After::Deliver))
    }

    /// Given what [`Before::Stray`] left on its way; calling it lets it arrive.
    fn stray(&self, arrive: Strayed) {
        arrive();
    }
}

/// Lets everything happen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Calm;

impl Hook for Calm {}
