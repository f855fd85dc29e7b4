//! Calls of Google Calendar, counted. What is only tried out reads as usual and writes nothing.

use std::time::Duration;

use providers::Error;
use providers::google::{Calendar, Event, Listed, Since, Watched};
use runtime::{Access, App, Astray, Mode, Stop};
use serde_json::Value;
use tokio::time::Instant;

/// A call is begun only if this is left of the invocation.
const NEEDED: Duration = Duration::from_secs(4);

/// What came of a write: what Google says, unless it was not asked.
pub(crate) type Written<T> = Result<Result<T, Error>, Stop>;

/// Calls for one calendar.
pub(crate) struct Calls<'a> {
    pub(crate) app: &'a App,
    pub(crate) access: Access<'a>,
    calendar_id: String,
    pub(crate) mode: Mode,
    deadline: Instant,
    /// How many there were.
    pub(crate) count: u32,
    /// Told of a write that got no answer: it may still arrive.
    astray: Astray,
}

impl<'a> Calls<'a> {
    pub(crate) fn new(
        app: &'a App,
        access: Access<'a>,
        calendar_id: &str,
        mode: Mode,
        deadline: Instant,
        astray: Astray,
    ) -> Self {
        Self { app, access, calendar_id: calendar_id.to_owned(), mode, deadline, count: 0, astray }
    }

    /// Whether there is time for another call.
    pub(crate) fn in_time(&self) -> Result<(), Stop> {
        if Instant::now() + NEEDED < self.deadline { Ok(()) } else { Err(Stop::Deadline) }
    }

    async fn call<T, F>(&mut self, call: impl Fn(Calendar) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.count += 1;
        let (endpoints, id) = (&self.app.config.endpoints, self.calendar_id.as_str());
        self.access.call(|http, token| call(Calendar::new(http, endpoints, token, id))).await
    }

    /// A write, unless the account was disconnected or the job called off meanwhile; `tried` stands for what it would have answered.
    async fn write<T, F>(&mut self, tried: T, call: impl Fn(Calendar) -> F) -> Written<T>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.in_time()?;
        if self.mode == Mode::Try {
            self.count += 1;
            return Ok(Ok(tried));
        }
        self.access.may_write().await?;
        Ok(self.call(call).await)
    }

    /// A change of what is there, made only if that is still as it was last seen. One that got no answer may yet find it so.
    async fn write_over<T, F>(&mut self, tried: T, call: impl Fn(Calendar) -> F) -> Written<T>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let written = self.write(tried, call).await?;
        if matches!(written, Err(Error::Unavailable | Error::BadResponse)) {
            self.astray.note();
        }
        Ok(written)
    }

    /// An event, also a deleted one; nothing if there is no such.
    pub(crate) async fn event(&mut self, id: &str) -> Result<Option<Event>, Stop> {
        self.in_time()?;
        match self.call(|calendar| async move { calendar.event(id).await }).await {
            Err(Error::NotFound) => Ok(None),
            event => Ok(Some(event?)),
        }
    }

    /// A page of events.
    pub(crate) async fn list(&mut self, since: &Since, page: Option<&str>) -> Result<Option<Listed>, Stop> {
        self.in_time()?;
        Ok(self.call(|calendar| async move { calendar.list(since, page).await }).await?)
    }

    /// Opens a channel; nothing if there is one of this id already.
    pub(crate) async fn watch(
        &mut self,
        id: &str,
        token: &str,
        address: &str,
    ) -> Result<Option<Watched>, Error> {
        self.call(|calendar| async move { calendar.watch(id, token, address).await }).await
    }

    /// Makes an event.
    pub(crate) async fn insert(&mut self, id: &str, event: &Value) -> Written<Event> {
        self.write(tried(id, event), |calendar| async move { calendar.insert(event).await }).await
    }

    /// Replaces what an event says, if it is as the etag says.
    pub(crate) async fn replace(&mut self, id: &str, etag: &str, event: &Value) -> Written<Event> {
        let tried = tried(id, event);
        self.write_over(tried, |calendar| async move { calendar.replace(id, etag, event).await }).await
    }

    /// Deletes an event, if it is as the etag says.
    pub(crate) async fn delete(&mut self, id: &str, etag: &str) -> Written<()> {
        self.write_over((), |calendar| async move { calendar.delete(id, etag).await }).await
    }
}

fn tried(id: &str, event: &Value) -> Event {
    Event { id: id.to_owned(), etag: String::new(), is_cancelled: false, raw: event.clone() }
}
