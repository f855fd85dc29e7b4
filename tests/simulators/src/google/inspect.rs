//! What oracles may look at.

use super::{
    Google,
    model::{Calendar, Event, Role},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// An event as a person would describe it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventView {
    /// Its id within its calendar.
    pub id: String,
    /// Whether it was deleted.
    pub cancelled: bool,
    /// Its title.
    pub summary: String,
    /// Its description.
    pub description: String,
    /// As the API shows it: `{"date"}` or `{"dateTime","timeZone"}`, in the zone of the calendar.
    pub start: Value,
    /// Likewise; a day is exclusive.
    pub end: Value,
    /// As its creator sees them.
    pub reminders: Value,
    /// Its private extended properties.
    pub private: BTreeMap<String, String>,
    /// Everything else that a client may set.
    pub more: BTreeMap<String, Value>,
    /// Its etag.
    pub etag: String,
    /// The number of changes that moved or deleted it.
    pub sequence: i64,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last modified, reminders apart.
    pub updated: Timestamp,
    /// Whether its last change was made by a client and not by hand.
    pub by_client: bool,
}

/// A calendar as its list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CalendarView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub summary: String,
    /// The name of its time zone.
    pub time_zone: String,
    /// What the person may do with it.
    pub role: Role,
    /// Whether it is the person's primary one.
    pub primary: bool,
}

/// One call of the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenRequest {
    /// `authorization_code` or `refresh_token`.
    pub grant_type: String,
    /// Whether tokens were issued.
    pub issued: bool,
}

impl Google {
    /// The calendars of the person of this name or address.
    pub fn calendars_of(&self, person: &str) -> Vec<CalendarView> {
        let Some(person) = self.person_named(person) else { return Vec::new() };
        let view = |calendar: &Calendar| {
            Some(CalendarView {
                id: calendar.id.clone(),
                summary: calendar.summary.clone(),
                time_zone: calendar.zone.name().to_owned(),
                role: calendar.role_of(&person.sub)?,
                primary: calendar.primary_of.as_deref() == Some(&person.sub),
            })
        };
        self.calendars.values().filter_map(view).collect()
    }

    /// The id of the calendar of this name that a person has; their primary one is called like their address.
    pub fn calendar_id(&self, person: &str, summary: &str) -> Option<String> {
        self.calendars_of(person)
            .into_iter()
            .find(|calendar| calendar.summary == summary)
            .map(|calendar| calendar.id)
    }

    /// The events of a calendar that take place, in the order of their times.
    pub fn events(&self, calendar: &str) -> Vec<EventView> {
        self.all_events(calendar).into_iter().filter(|event| !event.cancelled).collect()
    }

    /// The events of a calendar, the deleted ones included, in the order of their times.
    pub fn all_events(&self, calendar: &str) -> Vec<EventView> {
        let Some(calendar) = self.calendars.get(calendar) else { return Vec::new() };
        let mut events: Vec<_> = calendar.events.iter().collect();
        events.sort_by_key(|(id, event)| (event.start.instant(&calendar.zone), id.as_str()));
        events.into_iter().map(|(id, event)| view(id, event, calendar)).collect()
    }

    /// One event, deleted or not.
    pub fn event(&self, calendar: &str, id: &str) -> Option<EventView> {
        let calendar = self.calendars.get(calendar)?;
        Some(view(id, calendar.events.get(id)?, calendar))
    }

    /// How often each method was called, by its id in Google's description (`calendar.events.insert`), refused calls
    /// and those in batches included.
    pub fn calls(&self) -> &BTreeMap<&'static str, u64> {
        &self.calls
    }

    /// Forgets how often methods were called.
    pub fn clear_calls(&mut self) {
        self.calls.clear();
    }

    /// Whether requests with this access token would be let in.
    pub fn access_token_is_valid(&self, token: &str, now: Timestamp) -> bool {
        self.settled(now).access_token(token, now).is_some()
    }

    /// The access tokens that would be let in.
    pub fn valid_access_tokens(&self, now: Timestamp) -> Vec<String> {
        self.settled(now).valid_access_tokens(now)
    }

    /// The refresh tokens that still buy access tokens.
    pub fn valid_refresh_tokens(&self, now: Timestamp) -> Vec<String> {
        self.settled(now).valid_refresh_tokens(now)
    }

    /// Every access and refresh token ever issued.
    pub fn issued_tokens(&self) -> Vec<String> {
        self.grants.issued_tokens()
    }

    /// The calls of the token endpoint, in order.
    pub fn token_requests(&self) -> &[TokenRequest] {
        &self.token_requests
    }

    /// How often a grant was given back.
    pub fn revocations(&self) -> usize {
        self.revocations
    }

    /// What no correct client would have sent, in words: what was refused as malformed, and what was ignored.
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    /// Forgets the violations.
    pub fn clear_violations(&mut self) {
        self.violations.clear();
    }

    fn settled(&self, now: Timestamp) -> super::Grants {
        let mut grants = self.grants.clone();
        grants.settle(now);
        grants
    }
}

fn view(id: &str, event: &Event, calendar: &Calendar) -> EventView {
    let mut more: BTreeMap<String, Value> = event.content.clone().into_iter().collect();
    let mut text =
        |name: &str| more.remove(name).and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default();
    let (summary, description) = (text("summary"), text("description"));
    let private = more.get("extendedProperties").and_then(|properties| properties.get("private"));
    let private = private.and_then(Value::as_object).into_iter().flatten();
    let private =
        private.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect();
    let owner = event.reminders.keys().next().cloned().unwrap_or_default();
    EventView {
        id: id.to_owned(),
        cancelled: event.is_cancelled(),
        summary,
        description,
        start: event.start.render(&calendar.zone),
        end: event.end.render(&calendar.zone),
        reminders: event.reminders_of(&owner),
        private,
        more,
        etag: event.etag(),
        sequence: event.sequence,
        created: event.created,
        updated: event.updated,
        by_client: event.by_client,
    }
}
