//! The title of a draft: the sentence that stands best alone, and what it is about.

use std::ops::Range;

use super::super::lead;
use super::super::score::Sentence;
use super::super::sentences::clauses;
use super::super::wording::shown;
use super::{Reading, TELLING};
use crate::TITLE_MAX_CHARS;

/// The title where nothing that was said can be seen.
const UNTITLED: &str = "Untitled recording";
/// What a sentence loses as a title for leaving open what it is about, or for telling a step.
const POINTING: f64 = 1.5;
/// Words that point at something said before.
const POINTERS: [&str; 20] = [
    "it", "that", "this", "they", "these", "those", "he", "she", "es", "das", "er", "sie", "eso", "esto",
    "ello", "il", "elle", "ca", "c", "ce",
];

impl Reading<'_> {
    /// How well a sentence stands for the whole without any other beside it.
    pub(super) fn worth_alone(&self, sentence: &Sentence) -> f64 {
        let worth = self.worth(sentence);
        if worth < 0.0 {
            return worth;
        }
        let point = self.point(sentence);
        let first = self.speech.words.get(point.start).map_or("", |word| word.normal.as_str());
        let is_step = self.steps.iter().any(|step| sentence.words.contains(&step.words.start));
        let leaves_open = is_step || POINTERS.contains(&first);
        worth + self.topic.weight(&point) - if leaves_open { POINTING } else { 0.0 }
    }

    /// What of a sentence can be a title.
    fn point(&self, sentence: &Sentence) -> Range<usize> {
        let words = lead::without_lead_in(self.speech, &sentence.words, lead::Kind::Any);
        let is_short = lead::without_fillers(self.speech, &words).chars().count() <= TITLE_MAX_CHARS;
        if is_short { words } else { self.telling_part(&words) }
    }

    pub(super) fn title(&self) -> String {
        let title = shown(&self.title_as_said(), TITLE_MAX_CHARS);
        if title.is_empty() { UNTITLED.to_owned() } else { title }
    }

    fn title_as_said(&self) -> String {
        let Some(headline) = self.sentences.get(self.headline) else { return self.speech.text.clone() };
        let title = shown(&lead::without_fillers(self.speech, &self.point(headline)), TITLE_MAX_CHARS);
        self.with_subject(title, headline)
    }

    /// A title that begins with what the recording is about, where it says nothing of that itself.
    fn with_subject(&self, title: String, headline: &Sentence) -> String {
        let Some(subject) = self.topic.subject(&self.sentences) else { return title };
        let is_there = headline.words.start <= subject.start && subject.end <= headline.words.end;
        let subject = self.speech.quote(&subject);
        let whole = format!("{subject}: {title}");
        let says_it = is_there || self.topic.weight(&headline.words) >= TELLING;
        if says_it || whole.chars().count() > TITLE_MAX_CHARS { title } else { whole }
    }

    /// The clause of a long sentence that tells most, with those after and before it that still fit a title.
    fn telling_part(&self, words: &Range<usize>) -> Range<usize> {
        let clauses = clauses(self.speech, words);
        let tells =
            |clause: &Range<usize>| self.scorer.score(clause.clone()).salience() + self.topic.weight(clause);
        let mut part = words.clone();
        let mut best = f64::MIN;
        for clause in &clauses {
            let worth = tells(clause);
            if worth > best {
                (part, best) = (clause.clone(), worth);
            }
        }
        let fits = |part: &Range<usize>| self.speech.quote(part).chars().count() <= TITLE_MAX_CHARS;
        for clause in clauses.iter().filter(|clause| clause.start >= words.start) {
            let longer = part.start..clause.end;
            if clause.start == part.end && fits(&longer) {
                part = longer;
            }
        }
        for clause in clauses.iter().rev() {
            let longer = clause.start..part.end;
            if clause.end == part.start && fits(&longer) {
                part = longer;
            }
        }
        lead::without_lead_in(self.speech, &part, lead::Kind::Filler)
    }
}
