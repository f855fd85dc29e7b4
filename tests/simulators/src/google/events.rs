//! Single events: making, reading, changing and deleting them.

use super::{
    Google,
    body::Draft,
    edge::Zone,
    model::{Calendar, Event, Status},
    refusal::Refusal,
    route::Call,
};
use http::header;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

impl Google {
    pub(super) fn insert_event(&mut self, call: &Call, calendar: &str) -> Result<Value, Refusal> {
        check_send_updates(call)?;
        let calendar = self.writable(calendar, &call.sub)?;
        let zone = self.zone_of(&calendar);
        let id = match call.body.get("id").filter(|id| !id.is_null()) {
            None => self.base32hex(26),
            Some(id) => id
                .as_str()
                .filter(|id| is_event_id(id))
                .map(str::to_owned)
                .ok_or_else(|| Refusal::invalid("Invalid resource id value."))?,
        };
        let draft = Draft::read(&call.body, &zone)?;
        self.note_ignored(&draft);
        if self.config.limits.usage_limit_reached {
            return Err(Refusal::usage_limits_exceeded());
        }
        if self.calendars.get(&calendar).is_some_and(|found| found.events.contains_key(&id)) {
            return Err(Refusal::duplicate());
        }
        let creator = self.person(&call.sub).map(|person| person.email.clone()).unwrap_or_default();
        let event = Event {
            content: draft.content,
            start: draft.start,
            end: draft.end,
            reminders: BTreeMap::from([(call.sub.clone(), draft.reminders)]),
            status: draft.status.unwrap_or(Status::Confirmed),
            sequence: draft.sequence.unwrap_or_default(),
            created: call.now,
            updated: call.now,
            change: self.next_change(),
            creator,
            by_client: true,
        };
        self.keep(&calendar, &id, event, call.now);
        self.shown(call, &calendar, &id)
    }

    pub(super) fn get_event(&self, call: &Call, calendar: &str, id: &str) -> Result<Value, Refusal> {
        let (calendar, _) = self.visible(calendar, &call.sub)?;
        let event = calendar.events.get(id).ok_or_else(Refusal::not_found)?;
        let zone = response_zone(call, calendar)?;
        Ok(calendar.render(id, event, &call.sub, &zone))
    }

    /// Replaces the whole event: what is not given is gone.
    pub(super) fn update_event(&mut self, call: &Call, calendar: &str, id: &str) -> Result<Value, Refusal> {
        let (calendar, before) = self.changeable(call, calendar, id)?;
        let draft = Draft::read(&call.body, &self.zone_of(&calendar))?;
        self.change_event(call, &calendar, id, &before, draft)
    }

    /// Merges (RFC 7396): null takes a field away, an array replaces the whole array.
    pub(super) fn patch_event(&mut self, call: &Call, calendar: &str, id: &str) -> Result<Value, Refusal> {
        let (calendar, before) = self.changeable(call, calendar, id)?;
        let zone = self.zone_of(&calendar);
        let mut merged = Value::Object(before.writable(&call.sub, &zone));
        merge(&mut merged, &call.body);
        let draft = Draft::read(&merged, &zone)?;
        self.change_event(call, &calendar, id, &before, draft)
    }

    pub(super) fn delete_event(&mut self, call: &Call, calendar: &str, id: &str) -> Result<(), Refusal> {
        let (calendar, mut event) = self.changeable(call, calendar, id)?;
        if event.is_cancelled() {
            return Err(Refusal::deleted());
        }
        event.status = Status::Cancelled;
        event.sequence += 1;
        event.updated = call.now;
        event.change = self.next_change();
        event.by_client = true;
        self.keep(&calendar, id, event, call.now);
        Ok(())
    }

    /// The calendar's id and the event, if the caller may change it and saw its latest state.
    fn changeable(&self, call: &Call, calendar: &str, id: &str) -> Result<(String, Event), Refusal> {
        check_send_updates(call)?;
        let calendar = self.writable(calendar, &call.sub)?;
        let event = self.calendars.get(&calendar).and_then(|found| found.events.get(id));
        let event = event.cloned().ok_or_else(Refusal::not_found)?;
        if call.header(header::IF_MATCH).is_some_and(|seen| seen != "*" && seen != event.etag()) {
            return Err(Refusal::condition_not_met());
        }
        Ok((calendar, event))
    }

    /// A deleted event stays deleted unless its status is said. Reminders do not count as a modification, but for the etag.
    fn change_event(
        &mut self,
        call: &Call,
        calendar: &str,
        id: &str,
        before: &Event,
        draft: Draft,
    ) -> Result<Value, Refusal> {
        self.note_ignored(&draft);
        if draft.sequence.is_some_and(|given| given < before.sequence) {
            return Err(Refusal::invalid(
                "Invalid sequence value. The specified sequence number is below the current sequence number of the \
                 resource. Re-fetch the resource and use its sequence number on the following request.",
            ));
        }
        if call.body.get("id").is_some_and(|given| !given.is_null() && given != id) {
            return Err(Refusal::invalid("Invalid resource id value."));
        }
        let status = match draft.status {
            Some(status) => status,
            None if before.is_cancelled() => Status::Cancelled,
            None => Status::Confirmed,
        };
        let moved = before.start != draft.start || before.end != draft.end;
        let sequence = draft.sequence.unwrap_or(before.sequence) + i64::from(moved);
        let main = Event {
            content: draft.content,
            start: draft.start,
            end: draft.end,
            status,
            sequence,
            ..before.clone()
        };
        let is_modified = main != *before;
        let mut after = main;
        after.reminders.insert(call.sub.clone(), draft.reminders);
        if after != *before {
            after.change = self.next_change();
            after.by_client = true;
            if is_modified {
                after.updated = call.now;
            }
            self.keep(calendar, id, after, call.now);
        }
        self.shown(call, calendar, id)
    }

    fn shown(&self, call: &Call, calendar: &str, id: &str) -> Result<Value, Refusal> {
        self.get_event(&Call { query: Vec::new(), ..call.clone() }, calendar, id)
    }

    pub(super) fn zone_of(&self, calendar: &str) -> Zone {
        self.calendars.get(calendar).map_or_else(Zone::utc, |found| found.zone.clone())
    }

    /// What is ignored without a word is a mistake of the client all the same.
    fn note_ignored(&mut self, draft: &Draft) {
        self.violations.extend(draft.ignored.iter().map(|ignored| format!("ignored: {ignored}")));
    }
}

/// `[a-v0-9]{5,1024}`: base32hex of RFC 4648 in lower case, as the reference of `Event.id` says.
pub(super) fn is_event_id(id: &str) -> bool {
    (5..=1024).contains(&id.len()) && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'v'))
}

/// The zone in which times are told: the one asked for, else the calendar's.
pub(super) fn response_zone(call: &Call, calendar: &Calendar) -> Result<Zone, Refusal> {
    let Some(name) = call.parameter("timeZone") else { return Ok(calendar.zone.clone()) };
    let unknown = || Refusal::invalid_parameter("timeZone", format!("Invalid time zone: '{name}'."));
    Zone::named(name).ok_or_else(unknown)
}

fn check_send_updates(call: &Call) -> Result<(), Refusal> {
    match call.parameter("sendUpdates") {
        None | Some("all" | "externalOnly" | "none") => Ok(()),
        Some(other) => {
            Err(Refusal::invalid_parameter("sendUpdates", format!("Invalid string value: '{other}'.")))
        }
    }
}

/// RFC 7396.
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Some(fields) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let mut empty = Map::new();
    let into = target.as_object_mut().unwrap_or(&mut empty);
    for (name, value) in fields {
        if value.is_null() {
            into.remove(name);
        } else {
            merge(into.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}
