//! From a transcript to a draft: by checking what a model claims, or by rules alone.

mod claims;
mod link;

use crate::{Cue, Draft, Transcript};

pub use claims::{Citation, ClaimedStep, Claims, draft_from_claims};
pub use link::RecordingLink;

/// A transcript with fewer characters of speech than this makes no ticket.
pub const MIN_SPEECH_CHARS: usize = 10;

/// There is too little speech to make a ticket of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the transcript has fewer than {MIN_SPEECH_CHARS} characters of speech")]
pub struct TooShort;

/// The cues of a transcript that matter most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condensed {
    /// Whole cues, in the order of the transcript.
    pub cues: Vec<Cue>,
    /// How many cues with speech were left out.
    pub omitted: usize,
}

/// The draft the rules make of a transcript.
pub fn draft_by_rules(_transcript: &Transcript, _link: &RecordingLink) -> Result<Draft, TooShort> {
    Err(TooShort)
}

/// The most telling cues of a transcript, within `max_chars` characters of speech.
pub fn condense(transcript: &Transcript, _max_chars: usize) -> Condensed {
    Condensed { cues: transcript.cues.clone(), omitted: 0 }
}
