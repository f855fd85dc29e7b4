//! Calendars and the list of those a person has.

use super::{
    Google,
    model::{Calendar, Role, etag},
    refusal::Refusal,
    route::Call,
};
use serde_json::{Value, json};

const MAX_LIST: usize = 250;

impl Google {
    /// A calendar that the caller may at least read, by its id or as `primary`.
    pub(super) fn visible(&self, id: &str, sub: &str) -> Result<(&Calendar, Role), Refusal> {
        let found = self.calendars.values().find(|calendar| {
            calendar.id == id || (id == "primary" && calendar.primary_of.as_deref() == Some(sub))
        });
        let seen = found.and_then(|calendar| Some((calendar, calendar.role_of(sub)?)));
        seen.ok_or_else(Refusal::not_found)
    }

    /// The id of a calendar that the caller may change.
    pub(super) fn writable(&self, id: &str, sub: &str) -> Result<String, Refusal> {
        match self.visible(id, sub)? {
            (_, Role::Reader) => Err(Refusal::read_only_calendar()),
            (calendar, Role::Writer | Role::Owner) => Ok(calendar.id.clone()),
        }
    }

    pub(super) fn calendar(&self, call: &Call, id: &str) -> Result<Value, Refusal> {
        let (calendar, _) = self.visible(id, &call.sub)?;
        Ok(json!({
            "kind": "calendar#calendar",
            "etag": etag(self.last_change),
            "id": calendar.id,
            "summary": calendar.summary,
            "timeZone": calendar.zone.name(),
            "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
        }))
    }

    pub(super) fn calendar_list_entry(&self, call: &Call, id: &str) -> Result<Value, Refusal> {
        let (calendar, role) = self.visible(id, &call.sub)?;
        Ok(self.entry(calendar, role, &call.sub))
    }

    /// Changes of the list itself are not followed: its sync tokens are not given, and not taken.
    pub(super) fn calendar_list(&self, call: &Call) -> Result<Value, Refusal> {
        if call.parameter("syncToken").is_some() {
            return Err(Refusal::not_simulated("The sync token of the calendar list"));
        }
        let least = match call.parameter("minAccessRole") {
            None | Some("freeBusyReader" | "reader") => Role::Reader,
            Some("writer") => Role::Writer,
            Some("owner") => Role::Owner,
            Some(other) => {
                let message = format!("Invalid string value: '{other}'.");
                return Err(Refusal::invalid_parameter("minAccessRole", message));
            }
        };
        let size = call.max_results(100, MAX_LIST.min(self.config.limits.page_size))?;
        let mine =
            self.calendars.values().filter_map(|calendar| Some((calendar, calendar.role_of(&call.sub)?)));
        let mut mine: Vec<_> = mine.filter(|(_, role)| *role >= least).collect();
        mine.sort_by_key(|(calendar, _)| calendar.id.as_str());
        let after = match call.parameter("pageToken") {
            None => String::new(),
            Some(token) => self.list_place(token)?,
        };
        let rest: Vec<_> = mine.into_iter().filter(|(calendar, _)| calendar.id > after).collect();
        let shown = &rest[..size.min(rest.len())];
        let items: Vec<_> =
            shown.iter().map(|(calendar, role)| self.entry(calendar, *role, &call.sub)).collect();
        let mut list =
            json!({"kind": "calendar#calendarList", "etag": etag(self.last_change), "items": items});
        if let (true, Some((last, _))) = (rest.len() > shown.len(), shown.last()) {
            list["nextPageToken"] = json!(format!("L{}", last.id));
        }
        Ok(list)
    }

    fn list_place(&self, token: &str) -> Result<String, Refusal> {
        let id =
            token.strip_prefix('L').filter(|id| self.calendars.values().any(|calendar| calendar.id == *id));
        let unknown = || Refusal::invalid_parameter("pageToken", "Invalid page token value.");
        id.map(str::to_owned).ok_or_else(unknown)
    }

    fn entry(&self, calendar: &Calendar, role: Role, sub: &str) -> Value {
        let mut entry = json!({
            "kind": "calendar#calendarListEntry",
            "etag": etag(self.last_change),
            "id": calendar.id,
            "summary": calendar.summary,
            "timeZone": calendar.zone.name(),
            "colorId": "14",
            "backgroundColor": "#9fe1e7",
            "foregroundColor": "#000000",
            "selected": true,
            "accessRole": role.word(),
            "defaultReminders": [{"method": "popup", "minutes": 10}],
            "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
        });
        if calendar.primary_of.as_deref() == Some(sub) {
            entry["primary"] = json!(true);
        }
        entry
    }
}
