//! From a transcript to a draft: by checking what a model claims, or by rules alone.

mod actions;
mod addresses;
mod checked;
mod claims;
mod classify;
mod condense;
mod language;
mod lead;
mod link;
mod normal;
mod phrases;
#[cfg(test)]
mod quality;
mod rules;
#[cfg(test)]
mod samples;
mod score;
mod sentences;
mod speakers;
mod speech;
mod steps;
mod topic;
mod wording;

pub use checked::draft_from_claims;
pub use claims::{Citation, ClaimedStep, Claims};
pub use condense::{Condensed, condense};
pub use link::RecordingLink;
pub use rules::draft_by_rules;

/// A transcript with fewer characters of speech than this makes no ticket.
pub const MIN_SPEECH_CHARS: usize = 10;

/// There is too little speech to make a ticket of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the transcript has fewer than {MIN_SPEECH_CHARS} characters of speech")]
pub struct TooShort;
