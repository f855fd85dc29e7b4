//! Type and priority of a ticket, by the weight of what was said.

use super::phrases::Meaning;
use super::score::Sentence;
use crate::{Priority, TicketType};

/// Below this a phrase is chance.
const TELLING: f64 = 2.0;
/// Work is described by something at least; without it, it is a task.
const DESCRIBED: f64 = 0.5;
/// One strong phrase, or two that agree.
const STRONG: f64 = 3.0;
/// Somebody says that it is urgent.
const SAID_OUTRIGHT: f64 = 4.0;
/// How much one sentence can say about one thing.
const SENTENCE_MAX: f64 = 8.0;

/// What kind of work the sentences describe. Of two that weigh the same, the graver counts.
pub(super) fn ticket_type(sentences: &[Sentence]) -> TicketType {
    let weights = [
        // What is down, lost or open to anyone is broken, in whatever words.
        (TicketType::Bug, total(sentences, Meaning::Bug) + total(sentences, Meaning::Critical) * 0.5),
        (TicketType::Feature, total(sentences, Meaning::Feature)),
        (TicketType::Enhancement, total(sentences, Meaning::Enhancement)),
        (TicketType::Task, total(sentences, Meaning::Task)),
    ];
    let mut best = (TicketType::default(), DESCRIBED);
    for (ticket_type, weight) in weights {
        if weight > best.1 {
            best = (ticket_type, weight);
        }
    }
    best.0
}

/// How soon it wants attention. What is not broken needs someone to say that it is urgent.
pub(super) fn priority(sentences: &[Sentence], ticket_type: TicketType) -> Priority {
    let [critical, high, workaround, low] =
        [Meaning::Critical, Meaning::High, Meaning::Workaround, Meaning::Low]
            .map(|meaning| total(sentences, meaning));
    let is_bug = ticket_type == TicketType::Bug;
    if critical >= STRONG + if is_bug { 0.0 } else { 1.0 } && low < critical + STRONG {
        return Priority::Critical;
    }
    if low >= STRONG && low >= high {
        return Priority::Low;
    }
    let is_high = if is_bug { high >= STRONG } else { high >= SAID_OUTRIGHT };
    if is_high && high > workaround {
        return Priority::High;
    }
    if low >= TELLING && high < TELLING && workaround < STRONG { Priority::Low } else { Priority::Medium }
}

/// The weight of a meaning over all sentences. One sentence counts for only so much.
fn total(sentences: &[Sentence], meaning: Meaning) -> f64 {
    let about_product =
        sentences.iter().filter(|sentence| !sentence.is_instruction && !sentence.is_small_talk());
    about_product.map(|sentence| sentence.weight(meaning).min(SENTENCE_MAX)).sum()
}

#[cfg(test)]
mod tests;
