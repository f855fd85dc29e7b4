//! Channels: Google posts a message to an address when something in a calendar changes. What changed is not said.
//! <https://developers.google.com/workspace/calendar/api/guides/push>

use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::Calendar;
use crate::error::Error;
use crate::http::{Json, Nothing, bearer, json};

/// A channel as Google opened it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Google's name for what is watched. Whoever stops the channel must know it.
    pub resource_id: String,
    /// When the channel ends. It cannot be made longer.
    pub ends_at: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Channel {
    resource_id: String,
    /// Milliseconds, as text.
    expiration: Option<String>,
}

impl Calendar {
    /// Opens a channel of this id to `address`, each message of which carries `token`. Nothing if there is one of this id
    /// already, so the call may be repeated.
    pub async fn watch(&self, id: &str, token: &str, address: &str) -> Result<Option<Watched>, Error> {
        let body = json!({"id": id, "type": "web_hook", "token": token, "address": address});
        let request = json(Method::POST, &format!("{}/watch", self.events), bearer(&self.token)?, &body)?;
        match self.http.send_idempotent(request).await {
            Ok(Json(Channel { resource_id, expiration })) => {
                let ends_at = expiration.and_then(|ms| Timestamp::from_millisecond(ms.parse().ok()?).ok());
                Ok(Some(Watched { resource_id, ends_at: ends_at.ok_or(Error::BadResponse)? }))
            }
            Err(Error::Rejected { code, .. }) if code == "channelIdNotUnique" => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Closes a channel. One that is gone is gone.
    pub async fn stop(&self, id: &str, resource_id: &str) -> Result<(), Error> {
        let body = json!({"id": id, "resourceId": resource_id});
        let request = json(Method::POST, &self.stop, bearer(&self.token)?, &body)?;
        match self.http.send_idempotent(request).await {
            Ok(Nothing) | Err(Error::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
