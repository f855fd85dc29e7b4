//! Notification channels: who is told when a calendar changes, and the messages on their way.
//! <https://developers.google.com/workspace/calendar/api/guides/push>

use super::{Google, grants::after, refusal::Refusal, route::Call};
use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use url::{Host, Url};

/// How long a channel lives unless a shorter time is asked for: the guide's default for events.
const TTL_MS: i64 = 604_800_000;
const MAX_ID: usize = 64;
const MAX_TOKEN: usize = 256;
/// Attempts after the first, where the receiver answers 500, 502, 503 or 504. The guide names no number.
const RETRIES: u32 = 5;
const FIRST_RETRY_MS: i64 = 1_000;

/// A message to deliver now.
#[derive(Debug)]
pub struct Notification {
    /// Its number among all; [`Google::notification_answered`] wants it.
    pub number: u64,
    /// What to send: a POST without a body to an absolute address.
    pub request: Request<Bytes>,
}

/// A channel, for oracles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChannelView {
    /// The client's id of it.
    pub id: String,
    /// Google's id of what is watched.
    pub resource_id: String,
    /// The calendar.
    pub calendar: String,
    /// Where messages go.
    pub address: String,
    /// When it ends.
    pub expires: Timestamp,
    /// How many messages were made for it, the first (`sync`) included.
    pub messages: u64,
    /// How many were accepted.
    pub accepted: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Channel {
    view: ChannelView,
    sub: String,
    token: Option<String>,
    resource_uri: String,
}

#[derive(Clone, Debug)]
pub(super) struct Message {
    number: u64,
    channel: String,
    state: &'static str,
    /// Its number within the channel.
    count: u64,
    attempts: u32,
    due: Timestamp,
    /// Whether it is out and its answer awaited.
    sent: bool,
}

impl Google {
    pub(super) fn watch(&mut self, call: &Call, calendar: &str) -> Result<Value, Refusal> {
        let (calendar, _) = self.visible(calendar, &call.sub)?;
        let calendar = calendar.id.clone();
        let text = |name: &str| call.body.get(name).and_then(Value::as_str);
        let id = text("id").ok_or_else(|| Refusal::required("Required"))?.to_owned();
        let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+/=".contains(&byte));
        if id.is_empty() || id.len() > MAX_ID || !plain {
            return Err(Refusal::invalid("Invalid channel id"));
        }
        if !matches!(text("type"), Some("web_hook" | "webhook")) {
            return Err(Refusal::invalid("Unknown channel type"));
        }
        let token = text("token").map(str::to_owned);
        if token.as_ref().is_some_and(|token| token.len() > MAX_TOKEN) {
            return Err(Refusal::invalid("Invalid channel token"));
        }
        let address = text("address").ok_or_else(|| Refusal::required("Required"))?;
        check_address(address)?;
        if self.channels.iter().any(|channel| channel.view.id == id && channel.view.expires > call.now) {
            return Err(Refusal::channel_not_unique(&id));
        }
        let expires = expiration(call)?;
        let resource_id = resource_id(&calendar);
        let resource_uri =
            format!("https://www.googleapis.com/calendar/v3/calendars/{calendar}/events?alt=json");
        let told = json!({
            "kind": "api#channel",
            "id": id,
            "resourceId": resource_id,
            "resourceUri": resource_uri,
            "token": token,
            "expiration": expires.as_millisecond().to_string(),
        });
        let view = ChannelView {
            id: id.clone(),
            resource_id,
            calendar,
            address: address.to_owned(),
            expires,
            messages: 0,
            accepted: 0,
        };
        self.channels.retain(|channel| channel.view.id != id);
        self.channels.push(Channel { view, sub: call.sub.clone(), token, resource_uri });
        // The first message may arrive before the answer does.
        self.queue(&id, "sync", call.now);
        let fields = told.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        Ok(Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect()))
    }

    pub(super) fn stop_channel(&mut self, call: &Call) -> Result<(), Refusal> {
        let text = |name: &str| {
            call.body.get(name).and_then(Value::as_str).ok_or_else(|| Refusal::required("Required"))
        };
        let (id, resource) = (text("id")?, text("resourceId")?);
        let before = self.channels.len();
        self.channels.retain(|channel| {
            channel.view.id != id || channel.view.resource_id != resource || channel.sub != call.sub
        });
        if self.channels.len() == before {
            return Err(Refusal::channel_not_found(id));
        }
        self.messages.retain(|message| message.channel != id);
        Ok(())
    }

    /// Tells everybody who watches the calendar. A message that still waits stands for this change too.
    pub(super) fn announce(&mut self, calendar: &str, now: Timestamp) {
        let due = after(now, self.config.limits.notification_delay_ms);
        let waits = |id: &str| {
            self.messages.iter().any(|it| it.channel == id && it.state == "exists" && it.attempts == 0)
        };
        let told = self
            .channels
            .iter()
            .filter(|channel| channel.view.calendar == calendar && channel.view.expires > now);
        let told: Vec<String> = told.map(|channel| channel.view.id.clone()).filter(|id| !waits(id)).collect();
        for id in told {
            self.queue(&id, "exists", due);
        }
    }

    fn queue(&mut self, channel: &str, state: &'static str, due: Timestamp) {
        let Some(found) = self.channels.iter_mut().find(|found| found.view.id == channel) else { return };
        found.view.messages += 1;
        let count = found.view.messages;
        self.last_message += 1;
        let (number, channel) = (self.last_message, channel.to_owned());
        self.messages.push(Message { number, channel, state, count, attempts: 0, due, sent: false });
    }

    /// The messages to deliver now. Each must be followed by [`Google::notification_answered`].
    pub fn due_notifications(&mut self, now: Timestamp) -> Vec<Notification> {
        let mut due = Vec::new();
        for message in self.messages.iter_mut().filter(|message| !message.sent && message.due <= now) {
            let Some(channel) = self.channels.iter().find(|channel| channel.view.id == message.channel)
            else {
                continue;
            };
            message.attempts += 1;
            message.sent = true;
            if let Some(request) = request(channel, message) {
                due.push(Notification { number: message.number, request });
            }
        }
        due
    }

    /// How a delivery ended: its status, or nothing when there was no answer. Only 500, 502, 503 and 504 are tried again.
    pub fn notification_answered(&mut self, number: u64, status: Option<u16>, now: Timestamp) {
        let Some(at) = self.messages.iter().position(|message| message.number == number) else { return };
        let mut message = self.messages.remove(at);
        let again = matches!(status, None | Some(500 | 502..=504)) && message.attempts <= RETRIES;
        if again {
            message.due = after(now, FIRST_RETRY_MS << message.attempts.min(16));
            message.sent = false;
            self.messages.push(message);
        } else if matches!(status, Some(102 | 200 | 201 | 202 | 204))
            && let Some(channel) = self.channels.iter_mut().find(|found| found.view.id == message.channel)
        {
            channel.view.accepted += 1;
        }
    }

    /// When the next message is due, if one is waiting.
    pub fn next_notification_at(&self) -> Option<Timestamp> {
        self.messages.iter().filter(|message| !message.sent).map(|message| message.due).min()
    }

    /// All messages on their way are lost, as the guide says may happen.
    pub fn lose_notifications(&mut self) {
        self.messages.clear();
    }

    /// The channels that live, oldest first.
    pub fn channels(&self, now: Timestamp) -> Vec<ChannelView> {
        let live = self.channels.iter().filter(|channel| channel.view.expires > now);
        live.map(|channel| channel.view.clone()).collect()
    }
}

/// The same for every channel of a calendar.
fn resource_id(calendar: &str) -> String {
    let sum = calendar.bytes().fold(7, |sum, byte| sum * 31 % 1_000_003 + u64::from(byte));
    crate::Seed::new(sum).token(27)
}

fn request(channel: &Channel, message: &Message) -> Option<Request<Bytes>> {
    let expires = channel.view.expires.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let mut request = Request::post(&channel.view.address)
        .header("x-goog-channel-id", &channel.view.id)
        .header("x-goog-channel-expiration", expires)
        .header("x-goog-resource-id", &channel.view.resource_id)
        .header("x-goog-resource-uri", &channel.resource_uri)
        .header("x-goog-resource-state", message.state)
        .header("x-goog-message-number", message.count.to_string())
        .header("content-length", "0");
    if let Some(token) = &channel.token {
        request = request.header("x-goog-channel-token", token);
    }
    request.body(Bytes::new()).ok()
}

/// HTTPS only; for the local stack also plain HTTP on this machine.
fn check_address(address: &str) -> Result<(), Refusal> {
    let url = Url::parse(address).ok();
    let is_local = |url: &Url| match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let accepted =
        url.is_some_and(|url| url.scheme() == "https" || (url.scheme() == "http" && is_local(&url)));
    if accepted {
        Ok(())
    } else {
        Err(Refusal::invalid(format!("WebHook callback must be HTTPS: {address}")))
    }
}

/// When the channel ends: what `params.ttl` (seconds) or `expiration` (milliseconds) ask for, but no later than the default.
fn expiration(call: &Call) -> Result<Timestamp, Refusal> {
    let latest = after(call.now, TTL_MS);
    let number =
        |value: &Value| value.as_str().and_then(|text| text.parse::<i64>().ok()).or_else(|| value.as_i64());
    let ttl = call.body.get("params").and_then(|params| params.get("ttl"));
    let asked = match (ttl, call.body.get("expiration")) {
        (Some(ttl), _) => number(ttl).map(|seconds| after(call.now, seconds.saturating_mul(1_000))),
        (None, Some(at)) => number(at).and_then(|ms| Timestamp::from_millisecond(ms).ok()),
        (None, None) => Some(latest),
    };
    let asked =
        asked.filter(|asked| *asked > call.now).ok_or_else(|| Refusal::invalid("Invalid expiration"))?;
    Ok(asked.min(latest))
}
