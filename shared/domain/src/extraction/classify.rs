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
/// Signs that weigh less are in every other sentence.
const WEAK_BELOW: f64 = 1.0;
/// What two or more told actions say for a fault.
const STEPS: f64 = 2.0;

/// What kind of work the sentences describe, where `steps` actions are told. Of two that weigh the same, the
/// graver counts.
pub(super) fn ticket_type(sentences: &[Sentence], steps: usize) -> TicketType {
    let total = |meaning| total(sentences, meaning);
    let (feature, enhancement) = (total(Meaning::Feature), total(Meaning::Enhancement));
    let wished = if enhancement > feature { TicketType::Enhancement } else { TicketType::Feature };
    // What is down, lost or open to anyone is broken, in whatever words; and what people show step by step is.
    let broken = total(Meaning::Bug) + total(Meaning::Critical) * 0.5 - total(Meaning::Sound)
        + if steps > 1 { STEPS } else { 0.0 };
    let weights = [
        (TicketType::Bug, broken),
        (wished, total(Meaning::Wish) + feature.max(enhancement)),
        (TicketType::Task, total(Meaning::Task)),
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
    let mut about_product = sentences.iter().filter(|sentence| !sentence.is_instruction);
    let is_said_outright = about_product.any(|sentence| sentence.weight(Meaning::High) >= SAID_OUTRIGHT);
    if is_said_outright || (is_bug && high >= STRONG && high > workaround) {
        return Priority::High;
    }
    if low >= TELLING && high < TELLING && workaround < STRONG { Priority::Low } else { Priority::Medium }
}

/// The weight of a meaning over all sentences. Weak signs count only where there is nothing else.
fn total(sentences: &[Sentence], meaning: Meaning) -> f64 {
    let about_product =
        sentences.iter().filter(|sentence| !sentence.is_instruction && !sentence.is_small_talk());
    let weights: Vec<f64> = about_product.map(|sentence| sentence.weight(meaning)).collect();
    let strong: f64 = weights.iter().filter(|weight| **weight >= WEAK_BELOW).sum();
    if strong > 0.0 { strong } else { weights.iter().copied().fold(0.0, f64::max) }
}

#[cfg(test)]
mod tests;
