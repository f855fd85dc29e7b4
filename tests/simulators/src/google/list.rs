//! Lists of events: filters, pages, and what changed since the last time.

use super::{
    Google,
    edge::{Time3339, Zone, read_time},
    events::response_zone,
    model::{Calendar, Event, etag},
    refusal::Refusal,
    route::Call,
    tokens::{PageToken, SyncToken},
};
use jiff::Timestamp;
use serde_json::{Value, json};

const DEFAULT_PAGE: usize = 250;
/// What cannot be combined with a sync token: <https://developers.google.com/workspace/calendar/api/v3/reference/events/list>.
const NOT_WITH_SYNC: [&str; 8] = [
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMax",
    "timeMin",
    "updatedMin",
];
/// What leaves a list without a sync token at its end.
const WITHOUT_SYNC: [&str; 6] =
    ["iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin"];

/// What a list is asked for.
#[derive(Debug)]
struct Filter<'a> {
    call: &'a Call,
    show_deleted: bool,
    since: Option<SyncToken>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    updated_from: Option<Timestamp>,
}

impl Google {
    pub(super) fn list_events(&mut self, call: &Call, calendar: &str) -> Result<Value, Refusal> {
        let limits = &self.config.limits;
        let size = call.max_results(DEFAULT_PAGE, limits.page_size)?;
        let (calendar, role) = self.visible(calendar, &call.sub)?;
        let filter = self.filter(call, calendar)?;
        let asked = fingerprint(call);
        let page = match call.parameter("pageToken") {
            None => PageToken::first(self.last_change, asked.clone()),
            Some(text) => PageToken::read(text, &asked)
                .ok_or_else(|| Refusal::invalid_parameter("pageToken", "Invalid page token value."))?,
        };
        let zone = response_zone(call, calendar)?;
        let mut found: Vec<(Vec<u8>, &String, &Event)> = calendar
            .events
            .iter()
            .filter(|(_, event)| filter.takes(event, &calendar.zone))
            .map(|(id, event)| (order(call, id, event, &calendar.zone), id, event))
            .collect();
        found.sort_by(|one, other| one.0.cmp(&other.0));
        let rest: Vec<_> = found.into_iter().filter(|(key, ..)| page.is_before(key)).collect();
        let size = if limits.empty_first_page && page.is_first() { 0 } else { size };
        let shown = &rest[..size.min(rest.len())];
        let item = |(_, id, event): &(Vec<u8>, &String, &Event)| {
            if event.is_cancelled() && filter.tells_stubs() {
                Calendar::stub(id, event)
            } else {
                calendar.render(id, event, &call.sub, &zone)
            }
        };
        let items: Vec<Value> = shown.iter().map(item).collect();
        let newest = calendar.events.values().map(|event| event.updated).max().unwrap_or(call.now);
        let mut list = json!({
            "kind": "calendar#events",
            "etag": etag(self.last_change),
            "summary": calendar.summary,
            "updated": newest.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
            "timeZone": zone.name(),
            "accessRole": role.word(),
            "defaultReminders": [{"method": "popup", "minutes": 10}],
            "items": items,
        });
        if rest.len() > shown.len() {
            let place = shown.last().map(|(key, ..)| key.clone()).unwrap_or_default();
            list["nextPageToken"] = json!(page.next(place).text());
        } else if WITHOUT_SYNC.iter().all(|name| call.parameter(name).is_none()) {
            let token = SyncToken { calendar: calendar.id.clone(), change: page.change(), ..filter.window() };
            list["nextSyncToken"] = json!(token.text());
        }
        self.note_changed_parameters(call);
        Ok(list)
    }

    fn filter<'a>(&self, call: &'a Call, calendar: &Calendar) -> Result<Filter<'a>, Refusal> {
        let show_deleted = call.flag("showDeleted")?;
        let single = call.flag("singleEvents")?.unwrap_or_default();
        let time = |name| time_parameter(call, name);
        let (from, until, updated_from) = (time("timeMin")?, time("timeMax")?, time("updatedMin")?);
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            return Err(Refusal::time_range_empty());
        }
        match call.parameter("orderBy") {
            None | Some("updated") => {}
            Some("startTime") if single => {}
            Some("startTime") => {
                let message = "The requested ordering is not available for the particular query.";
                return Err(Refusal::invalid_parameter("orderBy", message));
            }
            Some(other) => {
                return Err(Refusal::invalid_parameter(
                    "orderBy",
                    format!("Invalid string value: '{other}'."),
                ));
            }
        }
        for name in ["privateExtendedProperty", "sharedExtendedProperty"] {
            if call.parameters(name).any(|pair| !pair.contains('=')) {
                return Err(Refusal::invalid(
                    "Invalid value for: extended property constraint must be key=value",
                ));
            }
        }
        let reach = self.config.limits.updated_min_reach_ms;
        if updated_from.is_some_and(|from| call.now.as_millisecond() - from.as_millisecond() > reach) {
            return Err(Refusal::updated_min_too_long_ago());
        }
        let since = match call.parameter("syncToken") {
            None => None,
            Some(text) => Some(sync_token(call, text, calendar, show_deleted)?),
        };
        Ok(Filter { call, show_deleted: show_deleted.unwrap_or_default(), since, from, until, updated_from })
    }

    /// An incremental sync with other parameters than the first one has undefined results.
    fn note_changed_parameters(&mut self, call: &Call) {
        let since = call.parameter("syncToken").and_then(SyncToken::read);
        let single = call.parameter("singleEvents") == Some("true");
        if since.is_some_and(|since| since.single != single) {
            self.violations
                .push("events.list: singleEvents is not what the sync token was got with".to_owned());
        }
    }
}

fn sync_token(
    call: &Call,
    text: &str,
    calendar: &Calendar,
    show_deleted: Option<bool>,
) -> Result<SyncToken, Refusal> {
    let restricted = NOT_WITH_SYNC.iter().any(|name| call.parameter(name).is_some());
    if restricted || show_deleted == Some(false) {
        let message = "Sync token cannot be used with other request restrictions.";
        return Err(Refusal::calendar_rule("syncTokenWithRequestRestrictions", message));
    }
    let token = SyncToken::read(text).filter(|token| token.calendar == calendar.id);
    let token = token.ok_or_else(|| Refusal::invalid_parameter("syncToken", "Invalid sync token value."))?;
    if token.change < calendar.forgotten { Err(Refusal::full_sync_required()) } else { Ok(token) }
}

impl Filter<'_> {
    fn takes(&self, event: &Event, zone: &Zone) -> bool {
        let (from, until) =
            self.since.as_ref().map_or((self.from, self.until), |since| (since.from, since.until));
        let is_deleted_shown = self.show_deleted || self.since.is_some() || self.updated_from.is_some();
        let text = |name: &str| event.content.get(name).and_then(Value::as_str).unwrap_or_default();
        let matches = |word: &str| {
            let word = word.to_lowercase();
            ["summary", "description", "location"]
                .iter()
                .any(|name| text(name).to_lowercase().contains(&word))
        };
        (!event.is_cancelled() || is_deleted_shown)
            && self.since.as_ref().is_none_or(|since| event.change > since.change)
            && from.is_none_or(|from| event.end.instant(zone) > from)
            && until.is_none_or(|until| event.start.instant(zone) < until)
            && self.updated_from.is_none_or(|from| event.updated >= from)
            && self.call.parameter("q").is_none_or(|words| words.split_whitespace().all(matches))
            && self.call.parameter("iCalUID").is_none_or(|uid| text("iCalUID") == uid)
            && self
                .call
                .parameters("privateExtendedProperty")
                .all(|pair| has_property(event, "private", pair))
            && self.call.parameters("sharedExtendedProperty").all(|pair| has_property(event, "shared", pair))
    }

    /// Deleted events are told in full only to those who ask to see them.
    fn tells_stubs(&self) -> bool {
        !self.show_deleted
    }

    /// The restrictions that the next sync token remembers, as Google's guide to synchronization relies on.
    fn window(&self) -> SyncToken {
        let single = self.call.parameter("singleEvents") == Some("true");
        match &self.since {
            Some(since) => since.clone(),
            None => {
                SyncToken { calendar: String::new(), change: 0, single, from: self.from, until: self.until }
            }
        }
    }
}

fn has_property(event: &Event, kind: &str, pair: &str) -> bool {
    let Some((key, value)) = pair.split_once('=') else { return false };
    let properties = event.content.get("extendedProperties").and_then(|properties| properties.get(kind));
    properties.and_then(|properties| properties.get(key)) == Some(&json!(value))
}

/// Where an event stands in the list. Without an order asked for it is that of the ids: stable, and none a client may rely on.
fn order(call: &Call, id: &str, event: &Event, zone: &Zone) -> Vec<u8> {
    let first = match call.parameter("orderBy") {
        Some("startTime") => event.start.instant(zone).as_millisecond(),
        Some(_) => event.updated.as_millisecond(),
        None => 0,
    };
    // Shifted, negative times sort before positive ones.
    let first = first.cast_unsigned() ^ (1 << 63);
    [&first.to_be_bytes(), id.as_bytes()].concat()
}

fn time_parameter(call: &Call, name: &'static str) -> Result<Option<Timestamp>, Refusal> {
    match call.parameter(name).map(read_time) {
        None => Ok(None),
        Some(Some(Time3339::Instant(at))) => Ok(Some(at)),
        Some(_) => Err(Refusal::invalid_parameter(name, "Bad Request")),
    }
}

/// What must be the same on all pages of a list.
fn fingerprint(call: &Call) -> String {
    let mut same: Vec<_> =
        call.query.iter().filter(|(name, _)| !matches!(name.as_str(), "pageToken" | "maxResults")).collect();
    same.sort();
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(same).finish()
}
