//! Sentences of speech. Recognisers do not always punctuate, so pauses and other voices end sentences too.

use std::ops::Range;

use super::lead::SOUNDS;
use super::speech::Speech;

/// A silence between cues that ends a sentence.
const SILENCE_MS: u64 = 2_000;
/// The same where nothing is punctuated.
const SHORT_SILENCE_MS: u64 = 300;
/// A sentence that goes on for so many words ends with its cue.
const WORDS_MAX: usize = 40;
/// The same where nothing is punctuated.
const WORDS_MAX_UNPUNCTUATED: usize = 14;
/// A sentence ends after so many words even within a cue.
const WORDS_LIMIT: usize = 80;
/// Words at which speech without punctuation may be cut.
const OPENERS: [&str; 19] = [
    "so", "then", "but", "and", "when", "dann", "aber", "entonces", "pero", "puis", "mais", "after", "i",
    "it", "now", "if", "okay", "wenn", "ich",
];

/// Words that another one must follow.
const LEADING: [&str; 26] = [
    "the", "a", "an", "my", "our", "your", "to", "from", "of", "on", "in", "for", "with", "der", "die",
    "das", "den", "dem", "ein", "eine", "el", "la", "un", "una", "le", "une",
];

/// Words before a full stop that does not end the sentence.
const ABBREVIATIONS: [&str; 11] = ["mr", "mrs", "ms", "dr", "prof", "vs", "e.g", "i.e", "z.b", "d.h", "p.ej"];

/// The sentences of a speech, as ranges of its words. Every word is in exactly one.
pub(super) fn sentences(speech: &Speech<'_>) -> Vec<Range<usize>> {
    let is_punctuated = is_punctuated(speech);
    let mut sentences = Vec::new();
    let mut start = 0;
    for word in 0..speech.words.len() {
        if is_end(speech, word, word + 1 - start, is_punctuated) {
            sentences.push(start..word + 1);
            start = word + 1;
        }
    }
    sentences
}

/// Whether the recogniser wrote full stops.
pub(super) fn is_punctuated(speech: &Speech<'_>) -> bool {
    (0..speech.words.len()).any(|word| ends_in(speech.after(word), is_terminal))
}

/// The parts of a sentence between commas and other weak punctuation.
pub(super) fn clauses(speech: &Speech<'_>, sentence: &Range<usize>) -> Vec<Range<usize>> {
    let mut clauses = Vec::new();
    let mut start = sentence.start;
    for word in sentence.clone() {
        let is_last = word + 1 == sentence.end;
        if is_last || ends_clause(speech, word) {
            clauses.push(start..word + 1);
            start = word + 1;
        }
    }
    clauses
}

/// Whether punctuation of any kind follows a word.
pub(super) fn ends_clause(speech: &Speech<'_>, word: usize) -> bool {
    let after = speech.after(word);
    is_whole(speech, word)
        && !hesitates(speech, word)
        && (ends_in(after, is_terminal)
            || ends_in(after, |sign| ",;:–—，、；：".contains(sign))
            || after.contains(" - "))
}

/// Whether somebody looks for a word here: "the, um, the invoice".
fn hesitates(speech: &Speech<'_>, word: usize) -> bool {
    let normal = |word: usize| speech.words.get(word).map_or("", |word| word.normal.as_str());
    let is_sound = |word: usize| SOUNDS.contains(&normal(word));
    let leads = |word: usize| LEADING.contains(&normal(word));
    (leads(word) && is_sound(word + 1)) || (is_sound(word) && word > 0 && leads(word - 1))
}

fn is_terminal(sign: char) -> bool {
    ".!?…。！？".contains(sign)
}

/// Whether such a sign follows a word, and then a space where the script has any: `3.5` and `main.rs` go on.
fn ends_in(after: &str, is_sign: impl Fn(char) -> bool) -> bool {
    let mut signs = after.char_indices().filter(|(_, sign)| is_sign(*sign));
    signs.any(|(at, sign)| !sign.is_ascii() || after[at..].contains(char::is_whitespace))
}

/// Not the first half of a contraction, which has no text of its own.
fn is_whole(speech: &Speech<'_>, word: usize) -> bool {
    match (speech.words.get(word), speech.words.get(word + 1)) {
        (Some(this), Some(next)) => this.at != next.at,
        _ => true,
    }
}

fn is_end(speech: &Speech<'_>, index: usize, length: usize, is_punctuated: bool) -> bool {
    let (Some(word), Some(next)) = (speech.words.get(index), speech.words.get(index + 1)) else {
        return true;
    };
    if word.ends_voice {
        return true;
    }
    if !is_whole(speech, index) {
        return false;
    }
    if ends_in(speech.after(index), is_terminal) && !ABBREVIATIONS.contains(&word.normal.as_str()) {
        return true;
    }
    let cues = &speech.transcript.cues;
    let (Some(cue), Some(next_cue)) = (cues.get(word.cue), cues.get(next.cue)) else { return false };
    if word.cue == next.cue {
        return length >= if is_punctuated { WORDS_LIMIT } else { WORDS_MAX };
    }
    let silence_ms = next_cue.start_ms.saturating_sub(cue.end_ms);
    if is_punctuated {
        silence_ms >= SILENCE_MS || length >= WORDS_MAX
    } else {
        silence_ms >= SHORT_SILENCE_MS
            || length >= WORDS_MAX_UNPUNCTUATED
            || OPENERS.contains(&next.normal.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{said, voices};
    use super::*;
    use crate::Transcript;

    fn texts(transcript: &Transcript) -> Vec<String> {
        let speech = Speech::of(transcript);
        sentences(&speech).iter().map(|sentence| speech.quote(sentence).to_owned()).collect()
    }

    #[test]
    fn sentences_go_on_over_cues_and_end_at_full_stops() {
        let transcript =
            said(&["Hi. When I click", "Export, nothing happens. In v3.5 it", "worked, e.g. for Dr. Lee!"]);
        let expected = ["Hi", "When I click Export, nothing happens", "In v3.5 it worked, e.g. for Dr. Lee"];
        assert_eq!(texts(&transcript), expected);
    }

    #[test]
    fn another_voice_and_a_long_silence_end_a_sentence() {
        let transcript = voices(&[(Some("Ada"), "it is"), (Some("Bo"), "yes."), (Some("Bo"), "and")]);
        assert_eq!(texts(&transcript), ["it is", "yes", "and"]);
        let mut transcript = said(&["one.", "two", "three"]);
        transcript.cues[2].start_ms += 2_000;
        assert_eq!(texts(&transcript), ["one", "two", "three"]);
    }

    #[test]
    fn speech_without_punctuation_is_cut_at_pauses_and_turns() {
        assert_eq!(
            texts(&said(&["i open the page", "then i click save"])),
            ["i open the page", "then i click save"]
        );
        let long = vec!["word"; 90].join(" ");
        assert!(texts(&said(&[&long])).iter().all(|sentence| sentence.split(' ').count() <= WORDS_MAX));
    }

    #[test]
    fn clauses_end_at_commas_but_not_inside_words() {
        let transcript = said(&["When I don't click, it's 1,5 - or more; right"]);
        let speech = Speech::of(&transcript);
        let clauses = clauses(&speech, &sentences(&speech)[0]);
        let texts: Vec<_> = clauses.iter().map(|clause| speech.quote(clause)).collect();
        assert_eq!(texts, ["When I don't click", "it's 1,5", "or more", "right"]);
    }
}
