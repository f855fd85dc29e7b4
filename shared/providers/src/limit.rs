//! Limits that providers' answers tell of.

use std::time::Duration;

/// A limit that an answer tells of, and everybody whom it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The connection's own: nobody calls for it before the wait is over.
    Connection(Duration),
    /// The whole workspace's, whoever connected it. The wait may be longer than a minute.
    Workspace(Duration),
    /// Waiting does not help.
    Blocked,
}
