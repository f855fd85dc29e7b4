//! The closed vocabularies of a ticket: its type, its priority, and who wrote it.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// The word is not one of those allowed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {0}")]
pub struct UnknownWord(&'static str);

/// What kind of work a ticket is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
pub enum TicketType {
    /// Something is broken.
    Bug,
    /// A new capability.
    Feature,
    /// Something that exists gets better.
    Enhancement,
    /// Other work.
    #[default]
    Task,
}

/// How soon a ticket wants attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
pub enum Priority {
    /// Cosmetic.
    Low,
    /// There is a workaround.
    #[default]
    Medium,
    /// A major function is broken, or many users are affected.
    High,
    /// Down, data loss, or security.
    Critical,
}

/// Who wrote a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A language model.
    Llm,
    /// The rules in [`crate::extraction`].
    Rules,
}

impl TicketType {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Bug, Self::Feature, Self::Enhancement, Self::Task];

    /// The name in JSON and in a database's options.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bug => "Bug",
            Self::Feature => "Feature",
            Self::Enhancement => "Enhancement",
            Self::Task => "Task",
        }
    }

    /// The type a model named; a word nobody knows means [`TicketType::Task`].
    pub fn from_claim(word: &str) -> Self {
        word.parse().unwrap_or_default()
    }
}

impl Priority {
    /// Every priority, least urgent first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name in JSON and in a database's options.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }

    /// The priority a model named; a word nobody knows means [`Priority::Medium`].
    pub fn from_claim(word: &str) -> Self {
        word.parse().unwrap_or_default()
    }
}

impl FromStr for TicketType {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(word.trim()));
        found.ok_or(UnknownWord("Bug, Feature, Enhancement, Task"))
    }
}

impl FromStr for Priority {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(word.trim()));
        found.ok_or(UnknownWord("Low, Medium, High, Critical"))
    }
}

/// Refuses unknown words: a user who misspells a type should hear of it. Models are read with `from_claim`.
impl<'de> Deserialize<'de> for TicketType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Refuses unknown words, as [`TicketType`] does.
impl<'de> Deserialize<'de> for Priority {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl std::fmt::Display for TicketType {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl std::fmt::Display for Priority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}
