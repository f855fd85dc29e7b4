//! What Google keeps: people, their calendars, and the events in them.

use super::edge::{Edge, Zone};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Somebody with a Google Account.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) name: String,
    /// The id of the account.
    pub(super) sub: String,
    pub(super) email: String,
    /// What they leave ticked on the consent page; everything when this is absent.
    pub(super) ticked: Option<Vec<String>>,
}

impl Person {
    pub(super) fn grants(&self, scope: &str) -> bool {
        self.ticked.as_ref().is_none_or(|ticked| ticked.iter().any(|known| known == scope))
    }
}

/// What somebody may do with a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// See its events.
    Reader,
    /// Change its events.
    Writer,
    /// Everything.
    Owner,
}

impl Role {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Owner => "owner",
        }
    }
}

/// A calendar. The primary one of a person has their address as its id.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    pub(super) id: String,
    pub(super) summary: String,
    pub(super) zone: Zone,
    pub(super) roles: BTreeMap<String, Role>,
    /// Whether no client is shown it.
    pub(super) withheld: bool,
    /// Whose primary calendar it is.
    pub(super) primary_of: Option<String>,
    pub(super) events: BTreeMap<String, Event>,
    /// The last change of which sync tokens from before are no good any more.
    pub(super) forgotten: u64,
}

/// An event. Deleted ones stay, cancelled.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    /// What has no meaning here and is only kept: `summary`, `description`, …
    pub(super) content: Map<String, Value>,
    pub(super) start: Edge,
    pub(super) end: Edge,
    /// By the account that sees them; the calendar's own where there are none.
    pub(super) reminders: BTreeMap<String, Value>,
    pub(super) status: Status,
    pub(super) sequence: i64,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    /// The number of the last change; unique among all.
    pub(super) change: u64,
    /// The address of whoever made it.
    pub(super) creator: String,
    /// Whether the last change was made by a client and not by hand.
    pub(super) by_client: bool,
}

/// Whether an event takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Confirmed,
    Tentative,
    Cancelled,
}

impl Status {
    pub(super) fn read(word: &str) -> Option<Self> {
        match word {
            "confirmed" => Some(Self::Confirmed),
            "tentative" => Some(Self::Tentative),
            "cancelled" => Some(Self::Cancelled),
            _ => None,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Tentative => "tentative",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The etag of the change with this number.
pub(super) fn etag(change: u64) -> String {
    format!("\"{}\"", 3_500_000_000_000_000 + 2 * change)
}

impl Event {
    pub(super) fn is_cancelled(&self) -> bool {
        self.status == Status::Cancelled
    }

    pub(super) fn etag(&self) -> String {
        etag(self.change)
    }

    /// What the account sees of the reminders. Their order is not the one they were given in.
    pub(super) fn reminders_of(&self, sub: &str) -> Value {
        self.reminders.get(sub).cloned().unwrap_or_else(|| json!({"useDefault": true}))
    }

    /// The fields that a client may set, as it would set them.
    pub(super) fn writable(&self, sub: &str, zone: &Zone) -> Map<String, Value> {
        let mut fields = self.content.clone();
        fields.insert("start".to_owned(), self.start.render(zone));
        fields.insert("end".to_owned(), self.end.render(zone));
        fields.insert("status".to_owned(), json!(self.status.word()));
        fields.insert("reminders".to_owned(), self.reminders_of(sub));
        fields
    }
}

impl Calendar {
    pub(super) fn role_of(&self, sub: &str) -> Option<Role> {
        self.roles.get(sub).copied().filter(|_| !self.withheld)
    }

    /// An event as answers carry it, its times in `zone`.
    pub(super) fn render(&self, id: &str, event: &Event, sub: &str, zone: &Zone) -> Value {
        let own = |email: &str| {
            let mut who = json!({"email": email});
            if email == self.id {
                who["self"] = json!(true);
            }
            who
        };
        let organizer = if self.primary_of.is_some() {
            own(&event.creator)
        } else {
            json!({"email": self.id, "displayName": self.summary, "self": true})
        };
        let mut fields = event.writable(sub, zone);
        fields.extend(Self::head(id, event));
        let link = URL_SAFE_NO_PAD.encode(format!("{id} {}", self.id));
        let more = [
            ("htmlLink", json!(format!("https://www.google.com/calendar/event?eid={link}"))),
            ("created", json!(event.created.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string())),
            ("updated", json!(event.updated.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())),
            ("creator", own(&event.creator)),
            ("organizer", organizer),
            ("sequence", json!(event.sequence)),
            ("eventType", json!("default")),
        ];
        fields.extend(more.map(|(name, value)| (name.to_owned(), value)));
        fields.entry("iCalUID").or_insert_with(|| json!(format!("{id}@google.com")));
        Value::Object(fields)
    }

    /// As much of a deleted event as is always known.
    pub(super) fn stub(id: &str, event: &Event) -> Value {
        Value::Object(Self::head(id, event).into_iter().collect())
    }

    fn head(id: &str, event: &Event) -> [(String, Value); 4] {
        [
            ("kind", json!("calendar#event")),
            ("etag", json!(event.etag())),
            ("id", json!(id)),
            ("status", json!(event.status.word())),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }
}
