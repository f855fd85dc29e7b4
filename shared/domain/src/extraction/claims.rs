//! What a model claims about a transcript.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Priority, TicketType};

/// A ticket as a model claims it; nothing of it is believed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// One line.
    pub title: String,
    /// An unknown word means [`TicketType::Task`].
    #[serde(deserialize_with = "ticket_type")]
    pub ticket_type: TicketType,
    /// An unknown word means [`Priority::Medium`].
    #[serde(deserialize_with = "priority")]
    pub priority: Priority,
    /// Two or three sentences.
    pub description: String,
    /// What the description rests on.
    pub description_citations: Vec<Citation>,
    /// In order.
    pub steps: Vec<ClaimedStep>,
}

/// A step to reproduce, as a model claims it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedStep {
    /// One action.
    pub text: String,
    /// What the step rests on.
    pub citations: Vec<Citation>,
}

/// Words a model says were spoken in a cue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// The cue.
    pub cue_id: String,
    /// The words.
    pub quote: String,
}

fn ticket_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TicketType, D::Error> {
    Ok(TicketType::from_claim(&String::deserialize(deserializer)?))
}

fn priority<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Priority, D::Error> {
    Ok(Priority::from_claim(&String::deserialize(deserializer)?))
}
