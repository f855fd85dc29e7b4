//! A Google: some people and their calendars, one project with its OAuth clients, and the endpoints of accounts, user
//! information and Calendar v3. One stand-in for all hosts: their paths do not meet.

mod accounts;
mod authorize;
mod batch;
mod body;
mod calendars;
mod channels;
mod config;
mod consent;
mod edge;
mod events;
mod grants;
mod inspect;
mod list;
mod model;
mod people;
mod quota;
mod refusal;
mod route;
mod scopes;
#[cfg(test)]
mod tests;
mod token;
mod tokens;

pub use channels::{ChannelView, Notification};
pub use config::{GoogleConfig, GoogleLimits, QuotaError};
pub use inspect::{CalendarView, EventView, TokenRequest};
pub use model::Role;

use crate::{OauthClient, Seed, Simulator, answer, answer_json, with_header};
use bytes::Bytes;
use channels::{Channel, Message};
use edge::Zone;
use grants::{Grants, Token};
use http::{Method, Request, Response, StatusCode, header};
use jiff::Timestamp;
use model::{Calendar, Event, Person};
use quota::Quota;
use refusal::Refusal;
use route::{Call, Route};
use serde_json::Value;
use std::collections::BTreeMap;

/// The stand-in for Google, with the people of [`Google::new`].
#[derive(Clone, Debug)]
pub struct Google {
    config: GoogleConfig,
    people: Vec<Person>,
    calendars: BTreeMap<String, Calendar>,
    grants: Grants,
    quota: Quota,
    channels: Vec<Channel>,
    messages: Vec<Message>,
    last_change: u64,
    last_message: u64,
    seed: Seed,
    revocations: usize,
    calls: BTreeMap<&'static str, u64>,
    token_requests: Vec<TokenRequest>,
    violations: Vec<String>,
}

impl Google {
    /// Alice (`alice@example.com`, in Berlin) and Bob (`bob@example.com`, in New York), each with a primary calendar.
    /// Alice also owns "Study", may write to Bob's "Team" and only read his "Holidays".
    pub fn new(seed: u64, config: GoogleConfig) -> Self {
        let mut seed = Seed::new(seed);
        let (people, calendars) = accounts::founders(&mut seed);
        Self {
            config,
            people,
            calendars,
            grants: Grants::default(),
            quota: Quota::default(),
            channels: Vec::new(),
            messages: Vec::new(),
            last_change: 0,
            last_message: 0,
            seed,
            revocations: 0,
            calls: BTreeMap::new(),
            token_requests: Vec::new(),
            violations: Vec::new(),
        }
    }

    /// Registers a client of the project, or replaces the one with the same `client_id`.
    pub fn register(&mut self, client: OauthClient) {
        self.config.clients.retain(|known| known.client_id != client.client_id);
        self.config.clients.push(client);
    }

    /// The limits in force.
    pub fn limits(&self) -> &GoogleLimits {
        &self.config.limits
    }

    /// Changes the limits from now on.
    pub fn set_limits(&mut self, limits: GoogleLimits) {
        self.config.limits = limits;
    }

    /// One call of the Calendar API.
    fn call(&mut self, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        match self.calendar_api(request, now) {
            Ok(None) => answer(StatusCode::NO_CONTENT, "text/plain", b""),
            Ok(Some(body)) => {
                let etag = body.get("etag").and_then(Value::as_str).unwrap_or_default().to_owned();
                let response = answer_json(StatusCode::OK, &body);
                if etag.is_empty() { response } else { with_header(response, "etag", &etag) }
            }
            Err(refusal) => self.refuse(request, &refusal),
        }
    }

    fn calendar_api(&mut self, request: &Request<Bytes>, now: Timestamp) -> Result<Option<Value>, Refusal> {
        let route = Route::of(request.method(), request.uri().path())?;
        *self.calls.entry(route.method()).or_default() += 1;
        let Some(token) = self.bearer(request, now) else {
            let is_missing = !request.headers().contains_key(header::AUTHORIZATION);
            return Err(if is_missing { Refusal::login_required() } else { Refusal::bad_token() });
        };
        if !scopes::any_of(&token.scopes, route.scopes()) {
            return Err(Refusal::insufficient_scope(route.method()));
        }
        let sub = token.sub.clone();
        if !self.quota.admit(&sub, route.units(), now, &self.config.limits) {
            return Err(Refusal::over_quota(self.config.limits.quota_error));
        }
        let call = Call::read(request, sub, now)?;
        let unknown = call.query.iter().find(|(name, _)| !route.knows(name));
        if let Some((name, _)) = unknown {
            self.violations.push(format!("ignored: {} has no parameter {name}", route.method()));
        }
        match route {
            Route::CalendarList => self.calendar_list(&call).map(Some),
            Route::CalendarListEntry(id) => self.calendar_list_entry(&call, &id).map(Some),
            Route::Calendar(id) => self.calendar(&call, &id).map(Some),
            Route::Events(calendar) => self.list_events(&call, &calendar).map(Some),
            Route::Insert(calendar) => self.insert_event(&call, &calendar).map(Some),
            Route::Get(calendar, id) => self.get_event(&call, &calendar, &id).map(Some),
            Route::Update(calendar, id) => self.update_event(&call, &calendar, &id).map(Some),
            Route::Patch(calendar, id) => self.patch_event(&call, &calendar, &id).map(Some),
            Route::Delete(calendar, id) => self.delete_event(&call, &calendar, &id).map(|()| None),
            Route::Watch(calendar) => self.watch(&call, &calendar).map(Some),
            Route::Stop => self.stop_channel(&call).map(|()| None),
        }
    }

    /// The token that a request carries, while it is good.
    fn bearer(&self, request: &Request<Bytes>, now: Timestamp) -> Option<Token> {
        let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
        self.grants.access_token(header.strip_prefix("Bearer ")?, now).cloned()
    }

    fn refuse(&mut self, request: &Request<Bytes>, refusal: &Refusal) -> Response<Bytes> {
        if refusal.malformed {
            let line = format!("{} {}: {}", request.method(), request.uri().path(), refusal.message);
            self.violations.push(line);
        }
        refusal.respond()
    }

    fn person(&self, sub: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.sub == sub)
    }

    /// The person of this name or address.
    fn person_named(&self, name: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.name.eq_ignore_ascii_case(name) || person.email == name)
    }

    fn next_change(&mut self) -> u64 {
        self.last_change += 1;
        self.last_change
    }

    /// An id as the service makes them.
    fn base32hex(&mut self, length: usize) -> String {
        let digit =
            |bits: u64| char::from_digit(u32::try_from(bits % 32).unwrap_or_default(), 32).unwrap_or('0');
        (0..length).map(|_| digit(self.seed.next_u64() >> 8)).collect()
    }

    /// Puts an event in its place and tells who watches.
    fn keep(&mut self, calendar: &str, id: &str, event: Event, now: Timestamp) {
        if let Some(found) = self.calendars.get_mut(calendar) {
            found.events.insert(id.to_owned(), event);
            self.announce(calendar, now);
        }
    }
}

impl Simulator for Google {
    fn answer(&mut self, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        self.grants.settle(now);
        match (request.method(), request.uri().path()) {
            (&Method::GET | &Method::POST, "/o/oauth2/v2/auth") => self.authorize(request, now),
            (&Method::POST, "/token") => self.token(request, now),
            (&Method::POST, "/revoke") => self.revoke(request, now),
            (&Method::GET, "/oauth2/v3/userinfo") => self.user_info(request, now),
            (&Method::POST, "/batch/calendar/v3") => self.batch(request, now),
            _ => self.call(request, now),
        }
    }

    fn applied_but_failed(
        &mut self,
        _request: &Request<Bytes>,
        _applied: &Response<Bytes>,
        status: StatusCode,
    ) -> Response<Bytes> {
        refusal::backend_error(status)
    }
}
