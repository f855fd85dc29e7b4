//! Work that only one at a time may do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::UserId;
use jiff::Timestamp;
use store::{Acquire, LeaseName};

use crate::{App, Problem};

/// Whoever held it is dead by then (a function has 30 seconds), and what they sent last has arrived (90 seconds).
const TTL: Duration = Duration::from_mins(2);

/// Whether something was sent that got no answer and may still arrive.
#[derive(Clone, Debug, Default)]
pub struct Astray(Arc<AtomicBool>);

impl Astray {
    /// Something was.
    pub fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_noted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

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

/// Works on a user's sync while nobody else works on the same `subject`, nor on what they sent last that may still arrive.
pub async fn alone<T>(
    app: &App,
    user: &UserId,
    subject: &str,
    work: impl AsyncFnOnce(Astray) -> T,
) -> Result<Alone<T>, Problem> {
    let name = LeaseName::sync(user, subject);
    let owner = app.random.uuid_v4().to_string();
    let lease = match app.store.acquire_lease(&name, &owner, TTL, app.clock.now()).await? {
        Acquire::Held(lease) => lease,
        Acquire::Busy { until } => return Ok(Alone::Busy { until }),
    };
    let astray = Astray::default();
    let done = work(astray.clone()).await;
    if !astray.is_noted()
        && let Err(error) = app.store.release_lease(&lease).await
    {
        tracing::warn!("the lease will end by itself: {error}");
    }
    Ok(Alone::Done(done))
}
