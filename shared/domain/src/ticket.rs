//! Tickets: what a recording is turned into, and what the user files after editing it.

mod validate;
mod words;

use serde::{Deserialize, Serialize};

use crate::object::objects;
pub use words::{Priority, Source, TicketType, UnknownWord};

/// How many characters a title may have.
pub const TITLE_MAX_CHARS: usize = 80;

/// Where in the recording a part of a ticket was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The part it supports, as a JSON pointer into the draft: `/description`, `/steps_to_reproduce/0`.
    pub pointer: String,
    /// The cues in which it was said, in order.
    pub cue_ids: Vec<String>,
    /// When the first of them starts.
    pub start_ms: u64,
    /// When the last of them ends.
    pub end_ms: u64,
    /// The words, as they stand in the transcript.
    pub quote: String,
    /// A link that opens the recording at that moment.
    pub url: String,
}

/// A ticket proposed from a transcript, for the user to review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// One line of at most [`TITLE_MAX_CHARS`] characters.
    pub title: String,
    /// What kind of work it is.
    pub ticket_type: TicketType,
    /// How soon it wants attention.
    pub priority: Priority,
    /// Two or three sentences.
    pub description: String,
    /// In order; empty where nothing is to be reproduced.
    pub steps_to_reproduce: Vec<String>,
    /// What the description and the steps rest on.
    pub evidence: Vec<Evidence>,
    /// Who wrote the draft.
    pub source: Source,
    /// What the reviewer should know: what was removed, shortened, or is not covered by evidence.
    pub warnings: Vec<String>,
}

/// The edited draft, as the user posts it to be filed. What only informs the reviewer may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// One line of at most [`TITLE_MAX_CHARS`] characters.
    #[schema(min_length = 1, max_length = 80)]
    pub title: String,
    /// What kind of work it is.
    #[serde(default)]
    pub ticket_type: TicketType,
    /// How soon it wants attention.
    #[serde(default)]
    pub priority: Priority,
    /// What it is about.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub description: String,
    /// In order.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub steps_to_reproduce: Vec<String>,
    /// The part of the product it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub product_area: Option<String>,
    /// As in the draft.
    #[serde(default, deserialize_with = "objects")]
    #[schema(max_items = 500)]
    pub evidence: Vec<Evidence>,
    /// As in the draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// As in the draft.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub warnings: Vec<String>,
}

impl From<Draft> for Ticket {
    fn from(draft: Draft) -> Self {
        let Draft {
            title,
            ticket_type,
            priority,
            description,
            steps_to_reproduce,
            evidence,
            source,
            warnings,
        } = draft;
        Self {
            title,
            ticket_type,
            priority,
            description,
            steps_to_reproduce,
            product_area: None,
            evidence,
            source: Some(source),
            warnings,
        }
    }
}

#[cfg(test)]
mod tests;
