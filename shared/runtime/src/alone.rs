//! Work that only one at a time may do.

use std::time::Duration;

use domain::UserId;
use jiff::Timestamp;
use store::{Acquire, Lease, LeaseName};

use crate::{App, Problem};

/// Longer than the functions' timeout: whoever held it is dead by then.
const TTL: Duration = Duration::from_secs(40);

/// What came of work that only one at a time may do.
#[derive(Debug)]
pub enum Alone<T> {
    /// It was done.
    Done(T),
    /// Somebody else is at it, until then at the latest.
    Busy {
        /// When their lease ends.
        until: Timestamp,
    },
}

/// Works on a user's sync while nobody else works on the same `subject`.
pub async fn alone<T>(
    app: &App,
    user: &UserId,
    subject: &str,
    work: impl AsyncFnOnce(&Lease) -> T,
) -> Result<Alone<T>, Problem> {
    let name = LeaseName::sync(user, subject);
    let owner = app.random.uuid_v4().to_string();
    let lease = match app.store.acquire_lease(&name, &owner, TTL, app.clock.now()).await? {
        Acquire::Held(lease) => lease,
        Acquire::Busy { until } => return Ok(Alone::Busy { until }),
    };
    let done = work(&lease).await;
    if let Err(error) = app.store.release_lease(&lease).await {
        tracing::warn!("the lease will end by itself: {error}");
    }
    Ok(Alone::Done(done))
}
