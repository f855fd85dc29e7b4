//! A draft without any model: what was said, sorted by rules.

mod title;

use std::ops::Range;

use super::classify;
use super::lead;
use super::phrases::Meaning;
use super::score::{Scorer, Sentence, scored};
use super::speech::Speech;
use super::steps::{Step, steps};
use super::topic::Topic;
use super::wording::shown;
use super::{MIN_SPEECH_CHARS, RecordingLink, TooShort, addresses};
use crate::{Draft, Source, TicketType, Transcript};

const SENTENCES_MAX: usize = 3;
const SENTENCE_MAX_CHARS: usize = 400;
/// Shorter sentences say too little to stand in a description.
const WORDS_MIN: usize = 3;

/// A sentence that is worth less tells nothing about the product.
const TELLING: f64 = 0.2;
/// Recordings of so many sentences begin and end with something else.
const SENTENCES_FRAMED: usize = 8;
/// What the first two sentences and the last one lose for that.
const FRAME: f64 = 1.5;
/// What an address adds: nobody can guess it.
const ADDRESS: f64 = 2.0;
/// The draft the rules make of a transcript. The same transcript always gives the same draft.
pub fn draft_by_rules(transcript: &Transcript, link: &RecordingLink) -> Result<Draft, TooShort> {
    if transcript.speech_chars() < MIN_SPEECH_CHARS {
        return Err(TooShort);
    }
    let speech = Speech::of(transcript);
    let reading = Reading::of(&speech);
    let described = reading.described();
    let mut evidence: Vec<_> =
        described.iter().filter_map(|words| speech.evidence("/description", words, link)).collect();
    let mut steps_to_reproduce = Vec::new();
    if reading.ticket_type == TicketType::Bug {
        for step in &reading.steps {
            let pointer = format!("/steps_to_reproduce/{}", steps_to_reproduce.len());
            evidence.extend(speech.evidence(&pointer, &step.words, link));
            steps_to_reproduce.push(step.text.clone());
        }
    }
    let description: Vec<String> = described.iter().map(|words| reading.sentence(words)).collect();
    Ok(Draft {
        title: reading.title(),
        ticket_type: reading.ticket_type,
        priority: classify::priority(&reading.sentences, reading.ticket_type),
        description: description.join(" "),
        steps_to_reproduce,
        evidence,
        source: Source::Rules,
        warnings: instructions(&reading.sentences).into_iter().collect(),
    })
}

/// A title for what was said.
pub(super) fn title(speech: &Speech<'_>) -> String {
    Reading::of(speech).title()
}

/// Tells the reviewer of speech that reads like instructions to whoever fills in the ticket.
pub(super) fn warning_about_instructions(speech: &Speech<'_>) -> Option<String> {
    instructions(&scored(speech))
}

fn instructions(sentences: &[Sentence]) -> Option<String> {
    let is_there = sentences.iter().any(|sentence| sentence.is_instruction);
    is_there.then(|| {
        "Some speech reads like instructions for filling in the ticket; it was not followed.".to_owned()
    })
}

struct Reading<'a> {
    speech: &'a Speech<'a>,
    scorer: Scorer<'a>,
    sentences: Vec<Sentence>,
    steps: Vec<Step>,
    ticket_type: TicketType,
    topic: Topic<'a>,
    /// The index of the sentence that says most.
    best: usize,
    /// The index of the one that stands best alone.
    headline: usize,
}

impl<'a> Reading<'a> {
    fn of(speech: &'a Speech<'a>) -> Self {
        let scorer = Scorer::of(speech);
        let sentences = scorer.sentences();
        let steps = steps(speech, &sentences);
        let ticket_type = classify::ticket_type(&sentences, steps.len());
        let topic = Topic::of(speech);
        let mut reading = Self { speech, scorer, sentences, steps, ticket_type, topic, best: 0, headline: 0 };
        reading.best = reading.most_telling(|sentence| reading.worth(sentence));
        reading.headline = reading.most_telling(|sentence| reading.worth_alone(sentence));
        reading
    }

    /// How well a sentence stands for the whole; below zero it must not.
    fn worth(&self, sentence: &Sentence) -> f64 {
        if sentence.is_instruction {
            return -2.0;
        }
        if sentence.is_small_talk() || sentence.words.len() < WORDS_MIN {
            return -1.0;
        }
        let meaning = match self.ticket_type {
            TicketType::Bug => Meaning::Bug,
            TicketType::Feature => Meaning::Feature,
            TicketType::Enhancement => Meaning::Enhancement,
            TicketType::Task => Meaning::Task,
        };
        // How urgent it is stands in the priority; a sentence must say what it is about.
        let wish = match self.ticket_type {
            TicketType::Feature | TicketType::Enhancement => sentence.weight(Meaning::Wish),
            TicketType::Bug | TicketType::Task => 0.0,
        };
        let about = (sentence.weight(meaning) + wish).min(9.0) - sentence.weight(Meaning::Low).min(6.0) * 0.4;
        let mut worth = about.max(0.0) + sentence.salience() * 0.3;
        if self.ticket_type == TicketType::Bug && self.is_question(sentence) {
            worth *= 0.5;
        }
        if addresses::are_in(self.speech.quote(&sentence.words)) {
            worth += ADDRESS;
        }
        if self.is_frame(sentence) { (worth - FRAME).max(0.0) } else { worth }
    }

    fn is_question(&self, sentence: &Sentence) -> bool {
        self.speech.after(sentence.words.end.saturating_sub(1)).contains('?')
    }

    /// Whether it is one of the sentences with which people begin and end a recording.
    fn is_frame(&self, sentence: &Sentence) -> bool {
        let starts = |index: usize| self.sentences.get(index).map(|framing| framing.words.start);
        let at = Some(sentence.words.start);
        let last = self.sentences.len().saturating_sub(1);
        self.sentences.len() >= SENTENCES_FRAMED && [0, 1, last].into_iter().any(|index| starts(index) == at)
    }

    /// The first of the sentences worth most.
    fn most_telling(&self, worth: impl Fn(&Sentence) -> f64) -> usize {
        let mut best = (0, f64::MIN);
        for (index, sentence) in self.sentences.iter().enumerate() {
            let worth = worth(sentence);
            if worth > best.1 {
                best = (index, worth);
            }
        }
        best.0
    }

    /// The two or three sentences that tell most, in the order of the recording.
    fn described(&self) -> Vec<Range<usize>> {
        let mut order: Vec<usize> = (0..self.sentences.len()).filter(|index| *index != self.best).collect();
        let worth =
            |index: &usize| self.sentences.get(*index).map_or(f64::MIN, |sentence| self.worth(sentence));
        let distance = |index: &usize| index.abs_diff(self.best);
        order.sort_by(|left, right| {
            worth(right)
                .total_cmp(&worth(left))
                .then(distance(left).cmp(&distance(right)))
                .then(right.cmp(left))
        });
        order.retain(|index| worth(index) >= 0.0);
        order.truncate(SENTENCES_MAX - 1);
        // Two sentences are enough where a third says nothing.
        if order.last().is_some_and(|last| order.len() > 1 && worth(last) < TELLING) {
            order.pop();
        }
        order.push(self.best);
        order.sort_unstable();
        order
            .iter()
            .filter_map(|index| self.sentences.get(*index))
            .map(|sentence| sentence.words.clone())
            .collect()
    }

    /// A sentence as it stands in a description.
    fn sentence(&self, words: &Range<usize>) -> String {
        let said = lead::without_fillers(
            self.speech,
            &lead::without_lead_in(self.speech, words, lead::Kind::Filler),
        );
        let said = shown(&said, SENTENCE_MAX_CHARS);
        let last = words.end.saturating_sub(1);
        let end = self.speech.after(last).chars().find(|sign| ".!?…。！？".contains(*sign)).unwrap_or('.');
        format!("{said}{end}")
    }
}

#[cfg(test)]
mod tests;
