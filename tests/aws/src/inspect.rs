//! What a test sees and sets without an exchange.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Map, Value};

use crate::hook::{Call, Service};
use crate::{Aws, Message, lock};

/// How the key is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyTrouble {
    /// None.
    Well,
    /// Nobody may use it.
    Denied,
    /// It is disabled.
    Disabled,
}

impl Aws {
    /// All exchanges so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.state.calls).clone()
    }

    /// How often this was asked so far.
    pub fn count(&self, service: Service, operation: &str) -> usize {
        let calls = lock(&self.state.calls);
        calls.iter().filter(|call| call.service == service && call.operation == operation).count()
    }

    /// Every item of the table as plain JSON, in the order of its keys.
    pub fn items(&self) -> Vec<Map<String, Value>> {
        self.state.dynamo.items()
    }

    /// Deletes the items whose time to live has passed; answers how many.
    pub fn sweep_expired(&self) -> usize {
        self.state.dynamo.sweep()
    }

    /// Lets the next exchanges with the key service be throttled.
    pub fn throttle_key(&self, times: usize) {
        lock(&self.state.kms).throttled = times;
    }

    /// Puts the key into trouble, or out of it.
    pub fn trouble_key(&self, trouble: KeyTrouble) {
        let mut kms = lock(&self.state.kms);
        kms.denied = trouble == KeyTrouble::Denied;
        kms.disabled = trouble == KeyTrouble::Disabled;
    }

    /// The encryption contexts the key service saw, as its audit log would show them.
    pub fn key_contexts(&self) -> Vec<BTreeMap<String, String>> {
        lock(&self.state.kms).contexts.clone()
    }

    /// Keeps an object.
    pub fn put_object(&self, bucket: &str, key: &str, bytes: impl Into<Vec<u8>>) {
        let now = self.now();
        lock(&self.state.s3).keep((bucket.to_owned(), key.to_owned()), bytes.into(), now);
    }

    /// Every object: its bytes by bucket and key.
    pub fn objects(&self) -> BTreeMap<(String, String), Vec<u8>> {
        let s3 = lock(&self.state.s3);
        s3.objects.iter().map(|(place, object)| (place.clone(), object.bytes.clone())).collect()
    }

    /// Keeps a secret.
    pub fn put_secret(&self, id: &str, value: &str) {
        lock(&self.state.secrets).values.insert(id.to_owned(), value.to_owned());
    }

    /// A queue, FIFO if its name ends so, that gives a message up after `max_receives`.
    pub fn create_queue(&self, url: &str, max_receives: u32) {
        lock(&self.state.sqs).create(url, max_receives);
    }

    /// Everything a queue holds, received or not.
    pub fn messages(&self, url: &str) -> Vec<Message> {
        lock(&self.state.sqs).queues.get(url).map(|queue| queue.messages.clone()).unwrap_or_default()
    }

    /// What a queue gave up.
    pub fn dead_messages(&self, url: &str) -> Vec<Message> {
        lock(&self.state.sqs).queues.get(url).map(|queue| queue.dead.clone()).unwrap_or_default()
    }

    /// The bodies of all messages that a queue ever got.
    pub fn sent_bodies(&self, url: &str) -> Vec<String> {
        lock(&self.state.sqs).queues.get(url).map(|queue| queue.bodies.clone()).unwrap_or_default()
    }

    /// The bodies a queue holds, oldest first.
    pub fn bodies(&self, url: &str) -> Vec<String> {
        self.messages(url).into_iter().map(|message| message.body).collect()
    }

    /// Receives as an event source mapping would, hiding what it hands out.
    pub fn receive(&self, url: &str, most: usize, hidden: Duration) -> Vec<Message> {
        let now = self.now();
        lock(&self.state.sqs).receive(url, most, SignedDuration::try_from(hidden).unwrap_or_default(), now)
    }

    /// Deletes a received message, as an event source mapping does with what succeeded.
    pub fn delete_message(&self, url: &str, receipt: &str) {
        lock(&self.state.sqs).delete(url, receipt);
    }

    /// Makes a received message visible again at once.
    pub fn return_message(&self, url: &str, receipt: &str) {
        let now = self.now();
        lock(&self.state.sqs).hide(url, receipt, now);
    }
}
