//! Page and sync tokens. Opaque to clients: encoded, and of a form that says nothing.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a calendar was like at some time, and what of it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SyncToken {
    pub(super) calendar: String,
    /// The last change that is known to its holder.
    pub(super) change: u64,
    pub(super) single: bool,
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
}

impl SyncToken {
    pub(super) fn read(text: &str) -> Option<Self> {
        decoded(text)
    }

    pub(super) fn text(&self) -> String {
        encoded(self)
    }
}

/// The place in a list after which the next page begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PageToken {
    /// The last change before the first page was asked for: what happens meanwhile belongs to the next sync.
    change: u64,
    asked: String,
    after: Option<Vec<u8>>,
}

impl PageToken {
    pub(super) fn first(change: u64, asked: String) -> Self {
        Self { change, asked, after: None }
    }

    /// A token that was given for the same list.
    pub(super) fn read(text: &str, asked: &str) -> Option<Self> {
        decoded(text).filter(|token: &Self| token.asked == asked && token.after.is_some())
    }

    pub(super) fn next(&self, after: Vec<u8>) -> Self {
        Self { after: Some(after), ..self.clone() }
    }

    pub(super) fn text(&self) -> String {
        encoded(self)
    }

    pub(super) fn is_first(&self) -> bool {
        self.after.is_none()
    }

    pub(super) fn is_before(&self, place: &[u8]) -> bool {
        self.after.as_deref().is_none_or(|after| after < place)
    }

    pub(super) fn change(&self) -> u64 {
        self.change
    }
}

fn encoded(token: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(token).unwrap_or_default())
}

fn decoded<T: for<'a> Deserialize<'a>>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
