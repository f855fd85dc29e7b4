//! What people do with their calendars and accounts without asking any client.

use super::{
    Google, Role,
    accounts::{calendar, secondary_id},
    body::Draft,
    events::merge,
    grants::Code,
    model::{Event, Status},
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

impl Google {
    /// What a person leaves ticked on the consent page from now on, by full scope names; everything when absent.
    pub fn set_consent(&mut self, person: &str, ticked: Option<Vec<String>>) {
        let sub = self.person_named(person).map(|person| person.sub.clone());
        if let Some(person) = self.people.iter_mut().find(|found| Some(&found.sub) == sub.as_ref()) {
            person.ticked = ticked;
        }
    }

    /// A person withdraws the access of the project: all its tokens for them end.
    pub fn person_withdraws_access(&mut self, person: &str) {
        if let Some(sub) = self.person_named(person).map(|person| person.sub.clone()) {
            self.grants.revoke(&sub, Timestamp::MIN, Timestamp::MIN);
        }
    }

    /// A person puts an event into a calendar. Its id; none when there is no such calendar, or the event is not one.
    pub fn person_adds_event(&mut self, calendar: &str, event: &Value, now: Timestamp) -> Option<String> {
        let zone = self.calendars.get(calendar)?.zone.clone();
        let draft = Draft::read(event, &zone).ok()?;
        let owner = self.owner_of(calendar)?;
        let creator = self.person(&owner)?.email.clone();
        let id = self.base32hex(26);
        let event = Event {
            content: draft.content,
            start: draft.start,
            end: draft.end,
            reminders: BTreeMap::from([(owner, draft.reminders)]),
            status: Status::Confirmed,
            sequence: 0,
            created: now,
            updated: now,
            change: self.next_change(),
            creator,
            by_client: false,
        };
        self.keep(calendar, &id, event, now);
        Some(id)
    }

    /// A person changes fields of an event that takes place, as a patch of the API would: also to move it. `false` when
    /// there is no such event, or it would not be one any more.
    pub fn person_edits_event(&mut self, calendar: &str, id: &str, patch: &Value, now: Timestamp) -> bool {
        self.by_hand(calendar, id, now, |event, zone, owner| {
            let mut merged = Value::Object(event.writable(owner, zone));
            merge(&mut merged, patch);
            let Ok(draft) = Draft::read(&merged, zone) else { return false };
            event.sequence += i64::from(event.start != draft.start || event.end != draft.end);
            (event.content, event.start, event.end) = (draft.content, draft.start, draft.end);
            event.reminders.insert(owner.to_owned(), draft.reminders);
            true
        })
    }

    /// A person deletes an event. `false` when there is no such event.
    pub fn person_deletes_event(&mut self, calendar: &str, id: &str, now: Timestamp) -> bool {
        self.by_hand(calendar, id, now, |event, _, _| {
            event.status = Status::Cancelled;
            event.sequence += 1;
            true
        })
    }

    /// A person takes a deleted event out of the bin. `false` when there is none.
    pub fn person_restores_event(&mut self, calendar: &str, id: &str, now: Timestamp) -> bool {
        let found = self.calendars.get_mut(calendar).and_then(|found| found.events.get_mut(id));
        let Some(event) = found.filter(|event| event.is_cancelled()) else { return false };
        event.status = Status::Confirmed;
        self.by_hand(calendar, id, now, |_, _, _| true)
    }

    fn by_hand(
        &mut self,
        calendar: &str,
        id: &str,
        now: Timestamp,
        change: impl FnOnce(&mut Event, &super::Zone, &str) -> bool,
    ) -> bool {
        let Some(owner) = self.owner_of(calendar) else { return false };
        let zone = self.zone_of(calendar);
        let found = self.calendars.get(calendar).and_then(|found| found.events.get(id));
        let Some(mut event) = found.filter(|event| !event.is_cancelled()).cloned() else { return false };
        if !change(&mut event, &zone, &owner) {
            return false;
        }
        event.updated = now;
        event.change = self.next_change();
        event.by_client = false;
        self.keep(calendar, id, event, now);
        true
    }

    fn owner_of(&self, calendar: &str) -> Option<String> {
        let roles = &self.calendars.get(calendar)?.roles;
        roles.iter().find(|(_, role)| **role == Role::Owner).map(|(sub, _)| sub.clone())
    }

    /// A person makes a calendar. Its id; none when nobody has this name or there is no such time zone.
    pub fn person_adds_calendar(&mut self, person: &str, summary: &str, time_zone: &str) -> Option<String> {
        let sub = self.person_named(person)?.sub.clone();
        super::Zone::named(time_zone)?;
        let id = secondary_id(&mut self.seed);
        self.calendars.insert(id.clone(), calendar(id.clone(), summary, time_zone, &[(&sub, Role::Owner)]));
        Some(id)
    }

    /// A person deletes a calendar with everything in it.
    pub fn person_removes_calendar(&mut self, calendar: &str) {
        self.calendars.remove(calendar);
    }

    /// A calendar disappears for every client, or is back with everything in it.
    pub fn person_withholds_calendar(&mut self, calendar: &str, withheld: bool) {
        if let Some(calendar) = self.calendars.get_mut(calendar) {
            calendar.withheld = withheld;
        }
    }

    /// What somebody may do with a calendar from now on; nothing when absent.
    pub fn person_shares_calendar(&mut self, calendar: &str, with: &str, role: Option<Role>) {
        let Some(sub) = self.person_named(with).map(|person| person.sub.clone()) else { return };
        if let Some(calendar) = self.calendars.get_mut(calendar) {
            match role {
                Some(role) => calendar.roles.insert(sub, role),
                None => calendar.roles.remove(&sub),
            };
        }
    }

    /// All sync tokens given so far are no good any more.
    pub fn expire_sync_tokens(&mut self) {
        let change = self.next_change();
        self.calendars.values_mut().for_each(|calendar| calendar.forgotten = change);
    }

    /// Deleted events disappear, as they all do in the end, and with them the sync tokens that would tell of them.
    pub fn forget_deleted_events(&mut self) {
        for calendar in self.calendars.values_mut() {
            calendar.events.retain(|_, event| !event.is_cancelled());
        }
        self.expire_sync_tokens();
    }

    /// A person consents, without the page: the code that the redirect would carry. None when nobody has this name or
    /// the client does not redirect there. There is a refresh token in it, and no PKCE challenge.
    pub fn consent(
        &mut self,
        person: &str,
        client_id: &str,
        redirect_uri: &str,
        scopes: &[&str],
        now: Timestamp,
    ) -> Option<String> {
        let sub = self.person_named(person)?.sub.clone();
        let client = self.config.clients.iter().find(|client| client.client_id == client_id)?;
        client.redirect_uris.iter().find(|known| *known == redirect_uri)?;
        let scopes = scopes.iter().filter_map(|scope| super::scopes::full_name(scope)).collect();
        let code = format!("4/0{}", self.seed.token(40));
        let expires = super::grants::after(now, self.config.limits.code_lifetime_ms);
        let (client_id, redirect_uri) = (client_id.to_owned(), redirect_uri.to_owned());
        let kept = Code { client_id, redirect_uri, sub, scopes, challenge: None, offline: true, expires };
        self.grants.add_code(code.clone(), kept);
        Some(code)
    }
}
