//! Captions from recognised words: numbered cues short enough to read, broken where a speaker pauses.

use crate::{Cue, Transcript, Voice};

/// How many words a cue may have.
const WORDS_MAX: usize = 8;

/// A longer silence than this begins a new cue.
const PAUSE_MAX_MS: u64 = 500;

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

/// The cues for what was recognised, one list of words per utterance. A cue has at most eight words and ends after
/// punctuation, before a pause of more than half a second, at another speaker, and with its utterance.
pub fn transcript_from_utterances(utterances: &[Vec<Word>]) -> Transcript {
    let mut cues = Vec::new();
    for words in utterances {
        let spoken: Vec<&Word> = words.iter().filter(|word| !word.text.trim().is_empty()).collect();
        for words in spoken.chunk_by(|word, next| !ends_a_cue(word, next)) {
            for words in words.chunks(WORDS_MAX) {
                cues.extend(cue(words, cues.len() + 1));
            }
        }
    }
    Transcript { cues }
}

fn ends_a_cue(word: &Word, next: &Word) -> bool {
    word.speaker != next.speaker
        || next.start_ms.saturating_sub(word.end_ms) > PAUSE_MAX_MS
        || ends_a_clause(&word.text)
}

/// Whether a word ends in punctuation, perhaps inside a closing quote or bracket.
fn ends_a_clause(word: &str) -> bool {
    let word = word.trim_end().trim_end_matches(['"', '\'', '”', '’', '»', ')', ']']);
    word.ends_with(['.', ',', '!', '?', ';', ':', '…', '。', '、', '，', '！', '？', '；', '：'])
}

fn cue(words: &[&Word], number: usize) -> Option<Cue> {
    let (first, last) = (words.first()?, words.last()?);
    let texts: Vec<&str> = words.iter().flat_map(|word| word.text.split_whitespace()).collect();
    let speaker = first.speaker.map(|speaker| format!("Speaker {speaker}"));
    Some(Cue {
        id: number.to_string(),
        start_ms: first.start_ms,
        end_ms: last.end_ms.max(first.start_ms),
        voices: vec![Voice { speaker, text: texts.join(" ") }],
    })
}

#[cfg(test)]
mod tests;
