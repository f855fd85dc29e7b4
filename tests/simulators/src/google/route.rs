//! Which method of the API a request means, and what it brings along.

use super::refusal::Refusal;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// More than this is not read.
const MAX_BODY: usize = 1_000_000;

/// A method of the API. Its ids are as they were given, `primary` included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    CalendarList,
    CalendarListEntry(String),
    Calendar(String),
    Events(String),
    Insert(String),
    Get(String, String),
    Update(String, String),
    Patch(String, String),
    Delete(String, String),
    Watch(String),
    Stop,
}

/// The parameters of every method.
const COMMON: [&str; 4] = ["alt", "prettyPrint", "quotaUser", "key"];
const OF_LISTS: [&str; 4] = ["maxResults", "pageToken", "showDeleted", "syncToken"];
const OF_EVENT_LISTS: [&str; 14] = [
    "alwaysIncludeEmail",
    "eventTypes",
    "iCalUID",
    "maxAttendees",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "showHiddenInvitations",
    "singleEvents",
    "timeMax",
    "timeMin",
    "timeZone",
    "updatedMin",
];
const OF_WRITES: [&str; 6] = [
    "conferenceDataVersion",
    "eventLabelVersion",
    "maxAttendees",
    "sendUpdates",
    "supportsAttachments",
    "alwaysIncludeEmail",
];

const READS: &[&str] = &[
    "calendar",
    "calendar.app.created",
    "calendar.events",
    "calendar.events.freebusy",
    "calendar.events.owned",
    "calendar.events.owned.readonly",
    "calendar.events.public.readonly",
    "calendar.events.readonly",
    "calendar.readonly",
];
const WRITES: &[&str] = &["calendar", "calendar.app.created", "calendar.events", "calendar.events.owned"];
const LISTS: &[&str] =
    &["calendar", "calendar.calendarlist", "calendar.calendarlist.readonly", "calendar.readonly"];
const CALENDARS: &[&str] = &[
    "calendar",
    "calendar.app.created",
    "calendar.calendars",
    "calendar.calendars.readonly",
    "calendar.readonly",
];

impl Route {
    pub(super) fn of(method: &Method, path: &str) -> Result<Self, Refusal> {
        let Some(path) = path.strip_prefix("/calendar/v3/") else { return Err(Refusal::unknown_address()) };
        let segments: Option<Vec<String>> = path.split('/').map(decoded).collect();
        let segments = segments.ok_or_else(Refusal::unknown_address)?;
        let words: Vec<&str> = segments.iter().map(String::as_str).collect();
        let id = |text: &str| text.to_owned();
        match (method.as_str(), words.as_slice()) {
            ("GET", ["users", "me", "calendarList"]) => Ok(Self::CalendarList),
            ("GET", ["users", "me", "calendarList", calendar]) => Ok(Self::CalendarListEntry(id(calendar))),
            ("GET", ["calendars", calendar]) => Ok(Self::Calendar(id(calendar))),
            ("GET", ["calendars", calendar, "events"]) => Ok(Self::Events(id(calendar))),
            ("POST", ["calendars", calendar, "events"]) => Ok(Self::Insert(id(calendar))),
            ("POST", ["calendars", calendar, "events", "watch"]) => Ok(Self::Watch(id(calendar))),
            ("GET", ["calendars", calendar, "events", event]) => Ok(Self::Get(id(calendar), id(event))),
            ("PUT", ["calendars", calendar, "events", event]) => Ok(Self::Update(id(calendar), id(event))),
            ("PATCH", ["calendars", calendar, "events", event]) => Ok(Self::Patch(id(calendar), id(event))),
            ("DELETE", ["calendars", calendar, "events", event]) => Ok(Self::Delete(id(calendar), id(event))),
            ("POST", ["channels", "stop"]) => Ok(Self::Stop),
            _ => Err(Refusal::unknown_address()),
        }
    }

    /// The id of the method in Google's own description of the API.
    pub(super) fn method(&self) -> &'static str {
        match self {
            Self::CalendarList => "calendar.calendarList.list",
            Self::CalendarListEntry(_) => "calendar.calendarList.get",
            Self::Calendar(_) => "calendar.calendars.get",
            Self::Events(_) => "calendar.events.list",
            Self::Insert(_) => "calendar.events.insert",
            Self::Get(..) => "calendar.events.get",
            Self::Update(..) => "calendar.events.update",
            Self::Patch(..) => "calendar.events.patch",
            Self::Delete(..) => "calendar.events.delete",
            Self::Watch(_) => "calendar.events.watch",
            Self::Stop => "calendar.channels.stop",
        }
    }

    /// The scopes of which one is needed, without their prefix.
    pub(super) fn scopes(&self) -> &'static [&'static str] {
        match self {
            Self::CalendarList | Self::CalendarListEntry(_) => LISTS,
            Self::Calendar(_) => CALENDARS,
            Self::Events(_) | Self::Get(..) | Self::Watch(_) | Self::Stop => READS,
            Self::Insert(_) | Self::Update(..) | Self::Patch(..) | Self::Delete(..) => WRITES,
        }
    }

    /// What it costs: <https://developers.google.com/workspace/calendar/api/guides/performance#patch>.
    pub(super) fn units(&self) -> u32 {
        if matches!(self, Self::Patch(..)) { 3 } else { 1 }
    }

    /// Whether the method knows a parameter of this name.
    pub(super) fn knows(&self, name: &str) -> bool {
        let own: &[&[&str]] = match self {
            Self::CalendarList => &[&OF_LISTS, &["minAccessRole", "showHidden", "showOwnOrganizationOnly"]],
            Self::CalendarListEntry(_) | Self::Calendar(_) | Self::Stop => &[],
            Self::Events(_) | Self::Watch(_) => &[&OF_LISTS, &OF_EVENT_LISTS],
            Self::Get(..) => &[&["alwaysIncludeEmail", "maxAttendees", "timeZone"]],
            Self::Insert(_) | Self::Update(..) | Self::Patch(..) => &[&OF_WRITES],
            Self::Delete(..) => &[&["sendUpdates"]],
        };
        COMMON.contains(&name) || own.iter().any(|known| known.contains(&name))
    }
}

/// A segment of a path with its escapes resolved.
fn decoded(segment: &str) -> Option<String> {
    // Form encoding differs in the plus sign only.
    let form = segment.replace('+', "%2B");
    let (name, _) = url::form_urlencoded::parse(form.as_bytes()).next()?;
    let equals = form.contains('=');
    (!name.is_empty() && !equals).then(|| name.into_owned())
}

/// A request that was let in.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// The account that asks.
    pub(super) sub: String,
    pub(super) now: Timestamp,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Call {
    pub(super) fn read(request: &Request<Bytes>, sub: String, now: Timestamp) -> Result<Self, Refusal> {
        let query = request.uri().query().unwrap_or_default();
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if query.iter().any(|(name, _)| name == "fields") {
            return Err(Refusal::not_simulated("fields"));
        }
        Ok(Self { sub, now, query, headers: request.headers().clone(), body: body_of(request)? })
    }

    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that may be repeated.
    pub(super) fn parameters<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A flag.
    pub(super) fn flag(&self, name: &'static str) -> Result<Option<bool>, Refusal> {
        let read = |text: &str| {
            text.parse()
                .map_err(|_| Refusal::invalid_parameter(name, format!("Invalid boolean value: '{text}'.")))
        };
        self.parameter(name).map(read).transpose()
    }

    /// How many entries a page may have: at most `most`, whatever is asked for.
    pub(super) fn max_results(&self, otherwise: usize, most: usize) -> Result<usize, Refusal> {
        let Some(text) = self.parameter("maxResults") else { return Ok(otherwise.min(most)) };
        let asked = text.parse::<usize>().ok().filter(|asked| *asked >= 1);
        let asked = asked.ok_or_else(|| {
            let message = format!("Invalid value '{text}'. Values must be within the range: [1, 2147483647]");
            Refusal::invalid_parameter("maxResults", message)
        })?;
        Ok(asked.min(most))
    }

    /// A header as text.
    pub(super) fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

fn body_of(request: &Request<Bytes>) -> Result<Value, Refusal> {
    let body = request.body();
    if matches!(*request.method(), Method::GET | Method::DELETE) {
        return Ok(Value::Null);
    }
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if body.len() > MAX_BODY || !kind.is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Refusal::parse_error());
    }
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(Refusal::parse_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_paths_are_decoded() {
        let route = |path: &str| Route::of(&Method::GET, path);
        let expected = Route::Get("alice+x@example.com".to_owned(), "0abcv".to_owned());
        for calendar in ["alice+x@example.com", "alice%2Bx%40example.com"] {
            assert_eq!(route(&format!("/calendar/v3/calendars/{calendar}/events/0abcv")).unwrap(), expected);
        }
        assert!(route("/calendar/v3/calendars//events").is_err());
        assert!(route("/calendar/v3/calendars/a/evnets").unwrap_err().malformed);
    }
}
