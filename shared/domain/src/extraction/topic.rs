//! What a recording is about: the words that come again, and what people say they will talk about.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use super::score::Sentence;
use super::sentences::ends_clause;
use super::speech::Speech;

/// Shorter words name little.
const LETTERS_MIN: usize = 4;
/// Words that begin with the same letters are taken for forms of one.
const STEM_LETTERS: usize = 5;
/// How much a word that comes again says, for each time, and all of them in a sentence at most.
const WORD_WEIGHT: f64 = 0.5;
const WORD_MAX: f64 = 1.5;
const SENTENCE_MAX: f64 = 2.5;
/// A subject of more words is a story.
const SUBJECT_WORDS_MAX: usize = 4;

/// What ends a subject, as it begins a clause of its own.
const CLAUSE_OPENERS: [&str; 26] = [
    "that", "which", "who", "where", "when", "if", "i", "you", "we", "and", "because", "in", "on", "at",
    "it", "there", "but", "so", "und", "wenn", "que", "cuando", "y", "qui", "quand", "et",
];

/// Long words that name nothing, in the four languages.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common.txt").split_whitespace().collect());

/// The words of a recording that come again.
pub(super) struct Topic<'a> {
    speech: &'a Speech<'a>,
    counts: HashMap<String, usize>,
}

impl<'a> Topic<'a> {
    pub(super) fn of(speech: &'a Speech<'a>) -> Self {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for stem in speech.words.iter().filter_map(|word| stem(&word.normal)) {
            *counts.entry(stem).or_default() += 1;
        }
        counts.retain(|_, count| *count > 1);
        Self { speech, counts }
    }

    /// How much of what the recording is about some words name.
    pub(super) fn weight(&self, words: &Range<usize>) -> f64 {
        let mut stems: Vec<String> =
            self.speech.words[words.clone()].iter().filter_map(|word| stem(&word.normal)).collect();
        stems.sort();
        stems.dedup();
        let counts = stems.iter().filter_map(|stem| self.counts.get(stem));
        let weights = counts.map(|count| {
            (f64::from(u32::try_from(*count - 1).unwrap_or(u32::MAX)) * WORD_WEIGHT).min(WORD_MAX)
        });
        weights.sum::<f64>().min(SENTENCE_MAX)
    }

    /// What the speakers say they will talk about, in their words.
    pub(super) fn subject(&self, sentences: &[Sentence]) -> Option<Range<usize>> {
        sentences.iter().find_map(|sentence| {
            let words = self.speech.words.get(..sentence.words.end)?;
            let start = sentence.subject_at?;
            let is_border = |word: &usize| {
                CLAUSE_OPENERS.contains(&words[*word].normal.as_str()) || ends_clause(self.speech, *word - 1)
            };
            let end = (start + 1..words.len()).find(is_border).unwrap_or(words.len());
            let subject = start..end;
            let names = words.get(subject.clone())?.iter().any(|word| stem(&word.normal).is_some());
            (names && subject.len() <= SUBJECT_WORDS_MAX).then_some(subject)
        })
    }
}

/// The beginning of a word that names something.
fn stem(normal: &str) -> Option<String> {
    let names = normal.chars().count() >= LETTERS_MIN && !COMMON.contains(normal);
    names.then(|| normal.chars().take(STEM_LETTERS).collect())
}

#[cfg(test)]
mod tests {
    use super::super::samples::said;
    use super::super::score::scored;
    use super::*;

    #[test]
    fn words_that_come_again_are_what_a_recording_is_about() {
        let transcript =
            said(&["The invoice is wrong.", "I mean, really.", "All invoices are really wrong."]);
        let speech = Speech::of(&transcript);
        let topic = Topic::of(&speech);
        assert!(topic.weight(&(0..4)) > 0.9, "invoice and wrong");
        assert!(topic.weight(&(4..7)) < 0.1, "really");
    }

    #[test]
    fn people_say_what_they_will_talk_about() {
        for (text, subject) in [
            ("Okay, so this is about the reminder emails. They", Some("the reminder emails")),
            ("I have a question about the roles that we have", Some("the roles")),
            ("Also, es geht um die Lastschriften, die", Some("die Lastschriften")),
            ("This is about how", None),
            ("this is about", None),
            ("This is about the thing with the very long name", None),
        ] {
            let transcript = said(&[text]);
            let speech = Speech::of(&transcript);
            let found =
                Topic::of(&speech).subject(&scored(&speech)).map(|words| speech.quote(&words).to_owned());
            assert_eq!(found.as_deref(), subject, "{text}");
        }
    }
}
