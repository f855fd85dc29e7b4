//! Captions from recognised words.

use crate::Transcript;

/// One recognised word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As it should be read, with its punctuation.
    pub text: String,
    /// When it starts, from the beginning of the recording.
    pub start_ms: u64,
    /// When it ends.
    pub end_ms: u64,
    /// The voice, numbered from 0, where speakers were told apart.
    pub speaker: Option<u32>,
}

/// The cues for what was recognised, one list of words per utterance.
pub fn transcript_from_utterances(_utterances: &[Vec<Word>]) -> Transcript {
    Transcript::default()
}
