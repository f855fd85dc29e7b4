//! Google Calendar, version 3: the events of one calendar. An event's id is ours to choose, so that making it can be repeated.

mod channels;
mod refusals;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

pub use self::channels::Watched;
pub use self::refusals::limit;
use crate::{
    error::Error,
    http::{Http, Json, Nothing, bearer, get, json},
    registry::{ApiRoot, Endpoints},
};

/// Events of one page of a list: one that is full of the longest descriptions stays below the largest answer that is read.
const LISTED: u32 = 250;

/// One calendar, as the holder of a token sees it.
#[derive(Clone, Debug)]
pub struct Calendar {
    http: Http,
    events: String,
    stop: String,
    token: SecretString,
}

/// An event as it is now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// Another one after every change of any part of it.
    pub etag: String,
    /// Whether somebody deleted it. Of such an event a list shows nothing else.
    pub is_cancelled: bool,
    /// All that Google says of it.
    pub raw: Value,
}

/// Which events are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// Those that end after this.
    Time(Timestamp),
    /// Those that changed since the list that gave this token.
    Token(String),
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    /// The events.
    pub events: Vec<Event>,
    /// Leads to the next page.
    pub next_page: Option<String>,
    /// On the last page: leads to the changes after this list.
    pub sync_token: Option<String>,
}

impl Calendar {
    /// A calendar by its id. `primary` is the user's own.
    pub fn new(http: Http, endpoints: &Endpoints, token: SecretString, calendar_id: &str) -> Self {
        let root = endpoints.api_root(ApiRoot::Google);
        let id = escaped(calendar_id);
        let http = http.with_classification(refusals::classify);
        let events = format!("{root}/calendar/v3/calendars/{id}/events");
        Self { http, events, stop: format!("{root}/calendar/v3/channels/stop"), token }
    }

    /// One event, also one that was deleted.
    pub async fn event(&self, id: &str) -> Result<Event, Error> {
        let request = get(&format!("{}/{}", self.events, escaped(id)), bearer(&self.token)?)?;
        self.http.send_idempotent(request).await.and_then(read)
    }

    /// Makes an event with the id that it names. [`Error::Conflict`] if the id is taken, also by one that was deleted.
    pub async fn insert(&self, event: &Value) -> Result<Event, Error> {
        let request = json(Method::POST, &self.events, bearer(&self.token)?, event)?;
        self.http.send_idempotent(request).await.and_then(read)
    }

    /// Replaces everything that an event says, if it is as `etag` says. [`Error::Conflict`] if it is not.
    pub async fn replace(&self, id: &str, etag: &str, event: &Value) -> Result<Event, Error> {
        let url = format!("{}/{}", self.events, escaped(id));
        let request = json(Method::PUT, &url, bearer(&self.token)?, event)?;
        self.http.send_idempotent(only_if(request, etag)?).await.and_then(read)
    }

    /// Deletes an event, if it is as `etag` says. [`Error::Conflict`] if it is not; one that is gone is gone.
    pub async fn delete(&self, id: &str, etag: &str) -> Result<(), Error> {
        let url = format!("{}/{}", self.events, escaped(id));
        let mut request = get(&url, bearer(&self.token)?)?;
        *request.method_mut() = Method::DELETE;
        match self.http.send_idempotent(only_if(request, etag)?).await {
            Ok(Nothing) | Err(Error::Rejected { status: 410, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A page of events, deleted ones too. Nothing if Google does not know the token any more: then everything is to be listed.
    pub async fn list(&self, since: &Since, page: Option<&str>) -> Result<Option<Listed>, Error> {
        let (name, value) = match since {
            Since::Time(time) => ("timeMin", time.to_string()),
            Since::Token(token) => ("syncToken", token.clone()),
        };
        let page = page.map(|page| format!("&pageToken={}", escaped(page))).unwrap_or_default();
        let url =
            format!("{}?maxResults={LISTED}&showDeleted=true&{name}={}{page}", self.events, escaped(&value));
        let answer: Result<Json<List>, Error> =
            self.http.send_idempotent(get(&url, bearer(&self.token)?)?).await;
        match (answer, since) {
            (Ok(Json(list)), _) => {
                let events = list.items.into_iter().map(|raw| read(Json(raw))).collect::<Result<_, _>>()?;
                let (next_page, sync_token) = (list.next_page_token, list.next_sync_token);
                Ok(Some(Listed { events, next_page, sync_token }))
            }
            (Err(Error::Rejected { status: 400 | 410, .. }), Since::Token(_)) => Ok(None),
            (Err(error), _) => Err(error),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    #[serde(default)]
    items: Vec<Value>,
    next_page_token: Option<String>,
    next_sync_token: Option<String>,
}

fn read(Json(raw): Json<Value>) -> Result<Event, Error> {
    let text = |name: &str| raw[name].as_str().map(str::to_owned);
    let id = text("id").ok_or(Error::BadResponse)?;
    Ok(Event { id, etag: text("etag").unwrap_or_default(), is_cancelled: raw["status"] == "cancelled", raw })
}

fn only_if(mut request: Request<Bytes>, etag: &str) -> Result<Request<Bytes>, Error> {
    let etag = HeaderValue::try_from(etag).map_err(|_| Error::BadResponse)?;
    request.headers_mut().insert(header::IF_MATCH, etag);
    Ok(request)
}

/// A part of an address. A space is no plus here.
fn escaped(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
