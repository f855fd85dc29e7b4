//! Everything said in a transcript as one run of words, each of which knows its cue.

use std::collections::HashMap;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::{RecordingLink, normal, speakers};
use crate::{Evidence, Transcript};

/// A word, in the form in which it is compared.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) normal: String,
    /// Its place in [`Speech::text`].
    pub(super) at: Range<usize>,
    /// The index of its cue.
    pub(super) cue: usize,
    /// The last one of its voice: nobody's sentence goes on in another voice.
    pub(super) ends_voice: bool,
}

/// A transcript, ready to be searched.
pub(super) struct Speech<'a> {
    pub(super) transcript: &'a Transcript,
    /// All voices of all cues without the names of speakers, joined by spaces.
    pub(super) text: String,
    pub(super) words: Vec<Word>,
    /// Numbers for the words that occur, so that searching compares numbers.
    vocabulary: HashMap<String, u32>,
    numbers: Vec<u32>,
}

impl<'a> Speech<'a> {
    pub(super) fn of(transcript: &'a Transcript) -> Self {
        let mut speech = Self {
            transcript,
            text: String::new(),
            words: Vec::new(),
            vocabulary: HashMap::new(),
            numbers: Vec::new(),
        };
        let is_named_in_text = speakers::are_in_text(transcript);
        let mut last = None;
        for (index, cue) in transcript.cues.iter().enumerate() {
            for voice in &cue.voices {
                let (speaker, text) = if is_named_in_text {
                    speakers::told_apart(voice)
                } else {
                    (voice.speaker.as_deref(), voice.text.as_str())
                };
                if last != speaker {
                    speech.end_voice();
                    last = speaker;
                }
                speech.push(index, text);
            }
        }
        speech.end_voice();
        speech
    }

    fn end_voice(&mut self) {
        if let Some(last) = self.words.last_mut() {
            last.ends_voice = true;
        }
    }

    fn push(&mut self, cue: usize, text: &str) {
        // A silent cue leaves no gap in a quote that runs over it.
        if text.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        let base = self.text.len();
        self.text.push_str(text);
        for (offset, written) in text.unicode_word_indices() {
            let at = base + offset..base + offset + written.len();
            for normal in normal::words(written) {
                let next = u32::try_from(self.vocabulary.len()).unwrap_or(u32::MAX);
                self.numbers.push(*self.vocabulary.entry(normal.clone()).or_insert(next));
                self.words.push(Word { normal, at: at.clone(), cue, ends_voice: false });
            }
        }
    }

    /// What stands between a word and the next one: white space and punctuation.
    pub(super) fn after(&self, word: usize) -> &str {
        let from = self.words.get(word).map_or(self.text.len(), |word| word.at.end);
        let to = self.words.get(word + 1).map_or(self.text.len(), |next| next.at.start);
        self.text.get(from..to).unwrap_or_default()
    }

    /// Words as they stand in the transcript.
    pub(super) fn quote(&self, words: &Range<usize>) -> &str {
        let from = self.words.get(words.start).map_or(0, |word| word.at.start);
        let to =
            words.end.checked_sub(1).and_then(|last| self.words.get(last)).map_or(from, |word| word.at.end);
        self.text.get(from..to).unwrap_or_default()
    }

    /// The cues from the first to the last of some words.
    pub(super) fn cues(&self, words: &Range<usize>) -> Range<usize> {
        let first = self.words.get(words.start).map_or(0, |word| word.cue);
        let last =
            words.end.checked_sub(1).and_then(|last| self.words.get(last)).map_or(first, |word| word.cue);
        first..last + 1
    }

    /// Where a quote stands, compared word by word: as near as possible to a cue.
    pub(super) fn find(&self, quote: &str, near: Option<usize>) -> Option<Range<usize>> {
        let wanted: Vec<String> = quote.unicode_words().flat_map(normal::words).collect();
        let wanted: Option<Vec<u32>> = wanted.iter().map(|word| self.vocabulary.get(word).copied()).collect();
        let wanted = wanted.filter(|wanted| !wanted.is_empty())?;
        let distance = |start: &usize| {
            let cues = self.cues(&(*start..start + wanted.len()));
            let near = near.unwrap_or(0);
            if cues.contains(&near) {
                0
            } else {
                cues.start.abs_diff(near).min((cues.end - 1).abs_diff(near))
            }
        };
        let start = occurrences(&self.numbers, &wanted).into_iter().min_by_key(distance)?;
        Some(start..start + wanted.len())
    }

    /// Some words as evidence for a part of a ticket.
    pub(super) fn evidence(
        &self,
        pointer: &str,
        words: &Range<usize>,
        link: &RecordingLink,
    ) -> Option<Evidence> {
        let cues = self.transcript.cues.get(self.cues(words))?;
        let (first, last) = (cues.first()?, cues.last()?);
        Some(Evidence {
            pointer: pointer.to_owned(),
            cue_ids: cues.iter().map(|cue| cue.id.clone()).collect(),
            start_ms: first.start_ms,
            end_ms: last.end_ms.max(first.start_ms),
            quote: self.quote(words).to_owned(),
            url: link.at(first.start_ms),
        })
    }
}

/// Every place where `wanted` begins, in time linear in both (Knuth, Morris and Pratt).
fn occurrences(numbers: &[u32], wanted: &[u32]) -> Vec<usize> {
    let mut fallback = vec![0_usize; wanted.len()];
    let advance = |mut matched: usize, number: u32, fallback: &[usize]| {
        while matched > 0 && wanted.get(matched) != Some(&number) {
            matched = fallback[matched - 1];
        }
        matched + usize::from(wanted.get(matched) == Some(&number))
    };
    for index in 1..wanted.len() {
        fallback[index] = advance(fallback[index - 1], wanted[index], &fallback);
    }
    let mut found = Vec::new();
    let mut matched = 0;
    for (index, number) in numbers.iter().enumerate() {
        matched = advance(matched, *number, &fallback);
        if matched == wanted.len() {
            found.push(index + 1 - matched);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extraction::samples::{link, said, voices};

    fn found(transcript: &Transcript, quote: &str, near: Option<usize>) -> Option<(Vec<String>, String)> {
        let speech = Speech::of(transcript);
        let evidence = speech.evidence("/x", &speech.find(quote, near)?, &link())?;
        Some((evidence.cue_ids, evidence.quote))
    }

    #[test]
    fn a_quote_is_found_whatever_its_case_spaces_and_punctuation() {
        let transcript = said(&["So, the Export button", "doesn't do anything."]);
        let export = (vec!["1".to_owned()], "Export button".to_owned());
        assert_eq!(found(&transcript, "  \"export   BUTTON\"…", None), Some(export));
        let across = (vec!["1".to_owned(), "2".to_owned()], "button doesn't do".to_owned());
        assert_eq!(found(&transcript, "button does not do", None), Some(across));
        for wrong in ["export buttons", "", "...", "anything so"] {
            assert_eq!(found(&transcript, wrong, None), None, "{wrong}");
        }
    }

    #[test]
    fn of_several_places_the_nearest_counts() {
        let transcript = said(&["it fails", "we retry", "it fails", "so we stop", "it fails"]);
        for (near, cue) in [(Some(0), "1"), (Some(2), "3"), (Some(4), "5"), (None, "1")] {
            assert_eq!(found(&transcript, "it fails", near).unwrap().0, [cue]);
        }
    }

    #[test]
    fn overlapping_places_are_all_found() {
        assert_eq!(occurrences(&[1, 1, 2, 1, 1, 2, 1, 1], &[1, 1, 2, 1, 1]), [0, 3]);
        assert_eq!(occurrences(&[1, 1, 1], &[1, 1]), [0, 1]);
        assert_eq!(occurrences(&[1], &[1, 1]), [0; 0]);
    }

    #[test]
    fn scripts_without_spaces_are_searched_too() {
        let transcript = said(&["保存ボタンを押しても何も起きません"]);
        assert_eq!(found(&transcript, "何も起きません", None).unwrap().1, "何も起きません");
    }

    #[test]
    fn a_link_opens_where_the_first_cue_starts() {
        let transcript = voices(&[(Some("Ada"), "hello there"), (Some("Bo"), "it broke")]);
        let speech = Speech::of(&transcript);
        let evidence =
            speech.evidence("/description", &speech.find("broke", None).unwrap(), &link()).unwrap();
        assert_eq!((evidence.start_ms, evidence.end_ms), (3_000, 5_500));
        assert_eq!(evidence.url, "https://app.example/s/rec-1?t=3");
    }
}
