//! The table, and the few ways in which the rest of the crate may touch it.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;

/// Due work is spread over this many partitions; a sweep asks each, `0..DUE_SHARDS`.
pub const DUE_SHARDS: u8 = 4;

/// The one table.
#[derive(Clone, Debug)]
pub struct Store {
    dynamo: Client,
    table: Arc<str>,
}

impl Store {
    /// The table of this name, behind this client.
    pub fn new(dynamo: Client, table: impl Into<Arc<str>>) -> Self {
        Self { dynamo, table: table.into() }
    }
}

/// What came of taking something that can be taken once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken<T> {
    /// It is the caller's, and nobody else's.
    Taken(T),
    /// Somebody took it before.
    Used,
    /// It never was, or its time is over.
    Unknown,
}
