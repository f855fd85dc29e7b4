//! Event bodies: what they may hold, and how much of it.

use super::{
    edge::{Edge, Zone},
    model::Status,
    refusal::Refusal,
};
use serde_json::{Map, Value, json};

/// The lengths that Google's help pages and integrators name; the reference itself names none. Counted in UTF-16 units,
/// as the service is written in Java.
const TEXTS: [(&str, usize); 3] = [("summary", 1024), ("description", 8192), ("location", 1024)];
const FLAGS: [&str; 4] =
    ["anyoneCanAddSelf", "guestsCanInviteOthers", "guestsCanModify", "guestsCanSeeOtherGuests"];
/// Words of which the first is the default, which answers leave out.
const WORDS: [(&str, &[&str]); 2] = [
    ("transparency", &["opaque", "transparent"]),
    ("visibility", &["default", "public", "private", "confidential"]),
];
/// What is accepted and has no effect.
const READ_ONLY: [&str; 15] = [
    "kind",
    "etag",
    "id",
    "htmlLink",
    "created",
    "updated",
    "creator",
    "organizer",
    "hangoutLink",
    "locked",
    "privateCopy",
    "endTimeUnspecified",
    "attendeesOmitted",
    "originalStartTime",
    "recurringEventId",
];
/// What other products of Google's fill.
const NOT_SIMULATED: [&str; 5] = ["recurrence", "attendees", "attachments", "conferenceData", "gadget"];
/// The most of one key, one value, all properties, and all keys and values together:
/// <https://developers.google.com/workspace/calendar/api/guides/extended-properties#limits>.
const PROPERTY: (usize, usize, usize, usize) = (44, 1024, 300, 32_000);
const MAX_OVERRIDES: usize = 5;
const MAX_MINUTES: i64 = 40_320;

/// A body that was understood.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) start: Edge,
    pub(super) end: Edge,
    pub(super) content: Map<String, Value>,
    pub(super) reminders: Value,
    pub(super) status: Option<Status>,
    pub(super) sequence: Option<i64>,
    /// What Google ignores without a word: names it does not know, properties that are too long.
    pub(super) ignored: Vec<String>,
}

impl Draft {
    /// Reads a whole event. Null is like absent.
    pub(super) fn read(body: &Value, zone: &Zone) -> Result<Self, Refusal> {
        let body = body.as_object().ok_or_else(Refusal::parse_error)?;
        let given = |name: &str| body.get(name).filter(|value| !value.is_null());
        let mut ignored = Vec::new();
        let (start, end) = times(given("start"), given("end"), zone)?;
        let status = match given("status") {
            None => None,
            Some(word) => {
                Some(word.as_str().and_then(Status::read).ok_or_else(|| not_a_value("status", word))?)
            }
        };
        let sequence = match given("sequence") {
            None => None,
            Some(number) => Some(number.as_i64().ok_or_else(|| not_a_value("sequence", number))?),
        };
        let reminders = given("reminders").map_or_else(|| Ok(json!({"useDefault": true})), reminders)?;
        let mut content = Map::new();
        for (name, value) in body.iter().filter(|(_, value)| !value.is_null()) {
            match name.as_str() {
                "start" | "end" | "status" | "sequence" | "reminders" => {}
                name if READ_ONLY.contains(&name) => {}
                name => {
                    if let Some(value) = settled(name, value, &mut ignored)? {
                        content.insert(name.to_owned(), value);
                    }
                }
            }
        }
        Ok(Self { start, end, content, reminders, status, sequence, ignored })
    }
}

fn times(start: Option<&Value>, end: Option<&Value>, zone: &Zone) -> Result<(Edge, Edge), Refusal> {
    const MIXED: &str = "Start and end times must either both be date or both be dateTime.";
    let end = Edge::read(end.ok_or_else(|| Refusal::required("Missing end time."))?, "end", zone)?;
    let start = Edge::read(start.ok_or_else(|| Refusal::invalid(MIXED))?, "start", zone)?;
    if start.is_day() != end.is_day() {
        return Err(Refusal::invalid(MIXED));
    }
    if start.instant(zone) >= end.instant(zone) {
        return Err(Refusal::time_range_empty());
    }
    Ok((start, end))
}

/// A field as it is kept; nothing for what is not kept.
fn settled(name: &str, value: &Value, ignored: &mut Vec<String>) -> Result<Option<Value>, Refusal> {
    let wrong = || not_a_value(name, value);
    if let Some((_, most)) = TEXTS.iter().find(|(known, _)| *known == name) {
        let text = value.as_str().ok_or_else(wrong)?;
        if text.encode_utf16().count() > *most {
            return Err(Refusal::invalid("A provided value exceeds the allowed size limit."));
        }
        return Ok((!text.is_empty()).then(|| value.clone()));
    }
    if let Some((_, words)) = WORDS.iter().find(|(known, _)| *known == name) {
        let word = value.as_str().filter(|word| words.contains(word)).ok_or_else(wrong)?;
        return Ok((words.first() != Some(&word)).then(|| value.clone()));
    }
    if FLAGS.contains(&name) {
        return value.as_bool().map(|_| Some(value.clone())).ok_or_else(wrong);
    }
    if NOT_SIMULATED.contains(&name) {
        let is_empty = value.as_array().is_some_and(Vec::is_empty);
        return if is_empty { Ok(None) } else { Err(Refusal::not_simulated(name)) };
    }
    match name {
        "colorId" => {
            let number = value.as_str().and_then(|id| id.parse::<u8>().ok());
            let known = number.is_some_and(|id| (1..=11).contains(&id));
            if known { Ok(Some(value.clone())) } else { Err(Refusal::invalid("Invalid color id.")) }
        }
        "eventType" => {
            if value == "default" {
                Ok(None)
            } else {
                Err(Refusal::not_simulated("eventType"))
            }
        }
        "iCalUID" => {
            value.as_str().filter(|uid| !uid.is_empty()).map(|_| Some(value.clone())).ok_or_else(wrong)
        }
        "source" => source(value).map(Some).ok_or_else(wrong),
        "extendedProperties" => extended_properties(value, ignored),
        unknown => {
            ignored.push(format!("{unknown} is not a field of an event"));
            Ok(None)
        }
    }
}

fn source(value: &Value) -> Option<Value> {
    let url = value.get("url")?.as_str()?;
    let title = value.get("title").filter(|title| !title.is_null());
    if title.is_some_and(|title| !title.is_string())
        || !url.starts_with("http://") && !url.starts_with("https://")
    {
        return None;
    }
    Some(value.clone())
}

/// Keys that are too long are dropped and values that are too long cut, without a word, as the guide says.
fn extended_properties(value: &Value, ignored: &mut Vec<String>) -> Result<Option<Value>, Refusal> {
    let wrong = || not_a_value("extendedProperties", value);
    let (max_key, max_value, max_count, max_size) = PROPERTY;
    let (mut kept, mut count, mut size) = (Map::new(), 0, 0);
    for (kind, properties) in value.as_object().ok_or_else(wrong)? {
        if !matches!(kind.as_str(), "private" | "shared") {
            ignored.push(format!("extendedProperties has no {kind}"));
            continue;
        }
        let mut kept_of_kind = Map::new();
        for (key, value) in properties.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null())
        {
            let text = value.as_str().ok_or_else(wrong)?;
            if key.encode_utf16().count() > max_key {
                ignored.push(format!("the key {key} is too long and dropped"));
                continue;
            }
            if text.encode_utf16().count() > max_value {
                ignored.push(format!("the value of {key} is too long and cut"));
            }
            let cut = String::from_utf16_lossy(&text.encode_utf16().take(max_value).collect::<Vec<_>>());
            count += 1;
            size += key.len() + cut.len();
            kept_of_kind.insert(key.clone(), json!(cut));
        }
        if !kept_of_kind.is_empty() {
            kept.insert(kind.clone(), Value::Object(kept_of_kind));
        }
    }
    if count > max_count || size > max_size {
        return Err(Refusal::invalid("A provided value exceeds the allowed size limit."));
    }
    Ok((!kept.is_empty()).then_some(Value::Object(kept)))
}

/// Whoever leaves `useDefault` out means true.
fn reminders(value: &Value) -> Result<Value, Refusal> {
    let wrong = || not_a_value("reminders", value);
    let fields = value.as_object().ok_or_else(wrong)?;
    let given = |name: &str| fields.get(name).filter(|value| !value.is_null());
    let use_default = given("useDefault").map_or(Some(true), Value::as_bool).ok_or_else(wrong)?;
    let overrides = given("overrides").map_or(Some(&[][..]), |list| list.as_array().map(Vec::as_slice));
    let overrides = overrides.ok_or_else(wrong)?;
    if use_default && !overrides.is_empty() {
        return Err(Refusal::calendar_rule(
            "cannotUseDefaultRemindersAndSpecifyOverride",
            "Cannot specify both default reminders and overrides at the same time.",
        ));
    }
    if overrides.len() > MAX_OVERRIDES {
        return Err(Refusal::invalid(format!(
            "The maximum number of override reminders is {MAX_OVERRIDES}."
        )));
    }
    let mut kept = Vec::new();
    for reminder in overrides {
        let method = reminder.get("method").and_then(Value::as_str);
        let method = method.filter(|method| matches!(*method, "popup" | "email"));
        let minutes = reminder.get("minutes").and_then(Value::as_i64);
        let minutes = minutes.filter(|minutes| (0..=MAX_MINUTES).contains(minutes));
        let (Some(method), Some(minutes)) = (method, minutes) else {
            return Err(not_a_value("reminders.overrides", reminder));
        };
        kept.push((method, minutes));
    }
    // The service keeps an order of its own.
    kept.sort_unstable();
    let kept: Vec<_> =
        kept.into_iter().map(|(method, minutes)| json!({"method": method, "minutes": minutes})).collect();
    Ok(if kept.is_empty() {
        json!({"useDefault": use_default})
    } else {
        json!({"useDefault": false, "overrides": kept})
    })
}

fn not_a_value(name: &str, value: &Value) -> Refusal {
    Refusal::invalid(format!("Invalid value for {name}: {value} is not a valid value"))
}
