//! What an event is to say, and what it says: compared part by part, so that each part may be somebody else's.

use domain::{Moment, Plan, PlanEvent, Reminder, ReminderMethod, When};
use jiff::Timestamp;
use providers::signature::sha256_hex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The parts of an event that come from the plan: title, description, time, and reminders.
const PARTS: usize = 4;
/// Hexadecimal digits by which a part is recognised.
const DIGITS: usize = 12;
/// The private property of an event in which stands what we last said of it. People do not see it.
const STAMP: &str = "patchbay";
/// What Google says of an event that nobody can change.
const READ_ONLY: [&str; 9] =
    ["kind", "etag", "htmlLink", "created", "updated", "creator", "organizer", "iCalUID", "hangoutLink"];
/// What people add to an event and we never write.
const ADDITIONS: [&str; 8] = [
    "location",
    "attendees",
    "attachments",
    "conferenceData",
    "colorId",
    "recurrence",
    "visibility",
    "transparency",
];

/// What is said of an event, part by part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said([String; PARTS]);

/// For each part, something.
pub(crate) type Mask = [bool; PARTS];

/// An event that is to be there.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The task's id.
    pub(crate) task: String,
    pub(crate) title: String,
    /// When it begins, at the earliest anywhere on earth.
    pub(crate) begins: Timestamp,
    pub(crate) said: Said,
    /// As Google takes it, without an id.
    parts: [Vec<(&'static str, Value)>; PARTS],
    source: Value,
}

/// The events of a plan. `public_url` is where the plan can be seen.
pub(crate) fn wanted(plan: &Plan, public_url: &str) -> Vec<Wanted> {
    let source = json!({"title": plan.title, "url": format!("{public_url}/plans")});
    plan.events().into_iter().map(|event| Wanted::of(event, source.clone())).collect()
}

impl Wanted {
    fn of(event: PlanEvent, source: Value) -> Self {
        let PlanEvent { task, title, description, when, reminders } = event;
        let (begins, time, start, end) = match when {
            When::Timed { start, end } => {
                (start.at, format!("{}/{}", start.at, end.at), of_moment(&start), of_moment(&end))
            }
            When::AllDay { first, end } => {
                let midnight = first.at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
                let begins = midnight.map_or(Timestamp::MIN, |midnight| midnight.timestamp());
                (
                    begins,
                    format!("{first}/{end}"),
                    json!({"date": first.to_string()}),
                    json!({"date": end.to_string()}),
                )
            }
        };
        let overrides: Vec<(&str, i64)> = reminders.iter().map(of_reminder).collect();
        let calls = match &overrides[..] {
            [] => json!({"useDefault": true}),
            calls => {
                let calls =
                    calls.iter().map(|(method, minutes)| json!({"method": method, "minutes": minutes}));
                json!({"useDefault": false, "overrides": calls.collect::<Vec<_>>()})
            }
        };
        let said = Said::new([&title, &description, &time, &in_words(overrides)]);
        let parts = [
            vec![("summary", json!(title))],
            vec![("description", json!(description))],
            vec![("start", start), ("end", end)],
            vec![("reminders", calls)],
        ];
        Self { task, title, begins, said, parts, source }
    }

    /// The whole event, as it is made.
    pub(crate) fn body(&self, id: &str) -> Value {
        self.onto(json!({"id": id, "source": self.source}), [false; PARTS])
    }

    /// The event as it is now, with all parts but those that are kept.
    pub(crate) fn onto(&self, mut event: Value, kept: Mask) -> Value {
        if let Some(fields) = event.as_object_mut() {
            fields.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
        }
        for (part, _) in self.parts.iter().zip(kept).filter(|(_, kept)| !kept) {
            for (name, value) in part {
                event[*name] = value.clone();
            }
        }
        event["extendedProperties"]["private"][STAMP] = json!(self.said.0.join("."));
        event
    }
}

impl Said {
    fn new(parts: [&str; PARTS]) -> Self {
        Self(parts.map(|part| sha256_hex(part.trim().as_bytes())[..DIGITS].to_owned()))
    }

    /// What an event says now.
    pub(crate) fn by(event: &Value) -> Self {
        let text = |name: &str| event[name].as_str().unwrap_or_default();
        let time = match (event["start"]["date"].as_str(), event["end"]["date"].as_str()) {
            (Some(first), Some(end)) => format!("{first}/{end}"),
            _ => ["start", "end"].map(|name| instant(&event[name])).join("/"),
        };
        let calls = event["reminders"]["overrides"].as_array().into_iter().flatten();
        let calls = calls.filter_map(|call| Some((call["method"].as_str()?, call["minutes"].as_i64()?)));
        // Whoever wants no reminder at all has no overrides either.
        let is_silent = event["reminders"]["useDefault"] == false;
        let calls = match in_words(calls.collect()) {
            none if none == in_words(Vec::new()) && is_silent => "none".to_owned(),
            calls => calls,
        };
        Self::new([text("summary"), text("description"), &time, &calls])
    }

    /// What we last said of an event, as it stands in the event itself.
    pub(crate) fn stamped(event: &Value) -> Option<Self> {
        let stamp = event["extendedProperties"]["private"][STAMP].as_str()?;
        let parts: Vec<String> = stamp.split('.').map(str::to_owned).collect();
        parts.try_into().ok().map(Self)
    }

    /// The parts that differ.
    pub(crate) fn differs(&self, other: &Self) -> Mask {
        std::array::from_fn(|part| self.0[part] != other.0[part])
    }

    /// The same, with some of the parts of another.
    pub(crate) fn with(self, other: &Self, which: Mask) -> Self {
        let mut parts = self.0;
        for part in (0..PARTS).filter(|part| which[*part]) {
            parts[part].clone_from(&other.0[part]);
        }
        Self(parts)
    }
}

/// Whether somebody added something to an event.
pub(crate) fn is_added_to(event: &Value) -> bool {
    ADDITIONS.iter().any(|name| match &event[*name] {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::String(word) => !matches!(
            (*name, word.as_str()),
            (_, "") | ("visibility", "default") | ("transparency", "opaque")
        ),
        _ => true,
    })
}

/// Both.
pub(crate) fn both(one: Mask, other: Mask) -> Mask {
    std::array::from_fn(|part| one[part] && other[part])
}

/// Whether there is any.
pub(crate) fn any(mask: Mask) -> bool {
    mask.contains(&true)
}

fn of_moment(moment: &Moment) -> Value {
    json!({"dateTime": moment.local, "timeZone": moment.zone})
}

/// Google tells times with an offset.
fn instant(time: &Value) -> String {
    let text = time["dateTime"].as_str().unwrap_or_default();
    text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), |at| at.to_string())
}

fn of_reminder(reminder: &Reminder) -> (&'static str, i64) {
    let method = match reminder.method {
        ReminderMethod::Popup => "popup",
        ReminderMethod::Email => "email",
    };
    (method, reminder.minutes_before.into())
}

/// Google does not keep their order.
fn in_words(mut calls: Vec<(&str, i64)>) -> String {
    calls.sort_unstable();
    calls.iter().map(|(method, minutes)| format!("{method} {minutes}")).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(task: &Value) -> Wanted {
        let plan = json!({"title": "Rust", "time_zone": "Europe/Berlin",
            "modules": [{"id": "m1", "title": "Ownership", "tasks": [task]}]});
        wanted(&serde_json::from_value(plan).unwrap(), "https://app.example.com").remove(0)
    }

    fn read() -> Wanted {
        one(&json!({"id": "t1", "title": "Read", "description": "It.", "minutes": 45,
            "schedule": {"start": "2026-11-23T09:00"},
            "reminders": [{"method": "popup", "minutes_before": 10}, {"method": "email", "minutes_before": 60}]}))
    }

    #[test]
    fn an_event_says_the_same_however_google_writes_it() {
        let shown = json!({"id": "x", "summary": "Read", "description": "It.",
            "start": {"dateTime": "2026-11-23T03:00:00-05:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": "2026-11-23T08:45:00Z"},
            "reminders": {"useDefault": false, "overrides": [{"method": "email", "minutes": 60}, {"method": "popup", "minutes": 10}]}});
        assert_eq!(Said::by(&shown), read().said);
        let day = one(
            &json!({"id": "t", "title": "Rest", "schedule": {"date": "2026-11-24", "end_date": "2026-11-25"}}),
        );
        let shown = json!({"summary": "Rest ", "start": {"date": "2026-11-24"}, "end": {"date": "2026-11-26"},
            "reminders": {"useDefault": true}});
        assert_eq!(Said::by(&shown), day.said);
    }

    #[test]
    fn each_part_is_told_apart() {
        let body = read().body("abcde");
        for (pointer, value, part) in [
            ("/summary", json!("Write"), 0),
            ("/description", json!("Other."), 1),
            ("/start", json!({"dateTime": "2026-11-23T08:30:00Z"}), 2),
            ("/reminders", json!({"useDefault": true}), 3),
            ("/reminders", json!({"useDefault": false}), 3),
        ] {
            let mut shown = body.clone();
            shown["start"] = json!({"dateTime": "2026-11-23T09:00:00+01:00"});
            shown["end"] = json!({"dateTime": "2026-11-23T09:45:00+01:00"});
            assert_eq!(Said::by(&shown), read().said);
            *shown.pointer_mut(pointer).unwrap() = value;
            let mut expected = [false; PARTS];
            expected[part] = true;
            assert_eq!(Said::by(&shown).differs(&read().said), expected, "{pointer}");
        }
    }

    #[test]
    fn what_people_add_is_told_from_what_google_and_others_say() {
        for added in [
            json!({"location": "Library"}),
            json!({"attendees": [{"email": "bob@example.com"}]}),
            json!({"attachments": [{"fileUrl": "https://drive.example.com/1"}]}),
            json!({"conferenceData": {"conferenceId": "abc"}}),
            json!({"colorId": "4"}),
            json!({"recurrence": ["RRULE:FREQ=DAILY"]}),
            json!({"visibility": "private"}),
            json!({"transparency": "transparent"}),
        ] {
            assert!(is_added_to(&added), "{added}");
        }
        let mut shown = read().body("abcde");
        for (name, value) in [
            ("location", json!("")),
            ("attendees", json!([])),
            ("visibility", json!("default")),
            ("transparency", json!("opaque")),
            ("eventType", json!("default")),
            ("sequence", json!(3)),
            ("extendedProperties", json!({"private": {"other": "1"}})),
        ] {
            shown[name] = value;
        }
        assert!(!is_added_to(&shown));
    }

    #[test]
    fn what_others_wrote_stays_when_the_rest_is_replaced() {
        let shown = json!({"id": "x", "etag": "1", "summary": "Mine", "location": "Library", "colorId": "4",
            "extendedProperties": {"private": {"other": "1"}}});
        let merged = read().onto(shown, [true, false, false, false]);
        assert_eq!(
            (&merged["summary"], &merged["location"], &merged["etag"]),
            (&json!("Mine"), &json!("Library"), &Value::Null)
        );
        assert_eq!(
            (&merged["description"], &merged["extendedProperties"]["private"]["other"]),
            (&json!("It."), &json!("1"))
        );
        assert_eq!(Said::stamped(&merged), Some(read().said));
    }
}
