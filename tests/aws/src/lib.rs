//! AWS in one process: the services the functions use, behind one HTTP client for the SDK.
//!
//! No sockets and no time of its own: the clock is given, every generated id and key follows from a counter, and a
//! [`Hook`] stands before and after each exchange, so that a simulation can kill, lose or delay and replay the same run.
//! DynamoDB is an embedded engine with real conditions, transactions and indexes; the others are small and strict.

mod answer;
#[cfg(feature = "clients")]
mod clients;
mod door;
mod dynamo;
mod hook;
mod inspect;
mod kms;
mod s3;
mod secrets;
mod sqs;
mod touches;
mod weaken;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;

#[cfg(feature = "clients")]
pub use clients::Clients;
pub use dynamo::TABLE;
pub use hook::{After, Before, Call, Calm, Decision, Failure, Hook, Service, Strayed};
pub use inspect::KeyTrouble;
pub use kms::KEY_ID;
pub use sqs::Message;

/// What time it is, as the doubles see it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// All doubles together. Clones share their state.
#[derive(Clone)]
pub struct Aws {
    state: Arc<State>,
}

struct State {
    clock: Clock,
    dynamo: dynamo::Dynamo,
    kms: Mutex<kms::Kms>,
    s3: Mutex<s3::S3>,
    sqs: Mutex<sqs::Sqs>,
    secrets: Mutex<secrets::Secrets>,
    calls: Mutex<Vec<Call>>,
}

impl Aws {
    /// Empty services: the table [`TABLE`] with its indexes, the key [`KEY_ID`], no queue, object or secret.
    pub fn new(clock: Clock) -> Self {
        let state = State {
            dynamo: dynamo::Dynamo::new(clock.clone()),
            kms: Mutex::default(),
            s3: Mutex::default(),
            sqs: Mutex::default(),
            secrets: Mutex::default(),
            calls: Mutex::default(),
            clock,
        };
        Self { state: Arc::new(state) }
    }

    /// The SDK's way in, past this hook.
    pub fn http_client(&self, hook: Arc<dyn Hook>) -> SharedHttpClient {
        SharedHttpClient::new(door::Door { aws: self.clone(), hook })
    }

    fn now(&self) -> Timestamp {
        (self.state.clock)()
    }
}

/// A panic elsewhere must not hide what a test wants to see.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
