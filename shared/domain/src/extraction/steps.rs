//! Steps to reproduce, from what people say they do.

use std::ops::Range;

use super::actions::Actions;
use super::language;
use super::score::Sentence;
use super::sentences::clauses;
use super::speech::Speech;
use super::wording::shown;

const STEPS_MAX: usize = 12;
const STEP_MAX_CHARS: usize = 200;
/// A step says what is acted on: a verb alone is none.
const WORDS_MIN: usize = 2;
/// A new clause after "and", without a comma before it.
const RESULTS: [&str; 20] = [
    "nothing", "it", "i", "you", "we", "then", "there", "get", "see", "nichts", "nada", "rien", "dann",
    "luego", "puis", "ensuite", "il", "no", "ne", "es",
];
/// What a product does: after "it" they tell a result.
const OUTCOMES: [&str; 16] = [
    "does", "is", "shows", "crashes", "fails", "just", "says", "keeps", "takes", "freezes", "throws",
    "gives", "stays", "hangs", "goes", "never",
];

/// One action, and the words it was told in.
pub(super) struct Step {
    pub(super) text: String,
    pub(super) words: Range<usize>,
}

/// The actions told in some sentences, in order.
pub(super) fn steps(speech: &Speech<'_>, sentences: &[Sentence]) -> Vec<Step> {
    let actions = Actions::of(language::spoken(&speech.words));
    let telling = Telling { speech, actions };
    let told = sentences.iter().filter(|sentence| !sentence.is_instruction && !sentence.is_small_talk());
    let clauses = told.flat_map(|sentence| clauses(speech, &sentence.words));
    let parts = clauses.flat_map(|clause| telling.parts(&clause));
    let mut steps: Vec<Step> = Vec::new();
    for step in parts.filter_map(|part| telling.step(&part)) {
        if steps.len() < STEPS_MAX && !steps.iter().any(|known| known.text == step.text) {
            steps.push(step);
        }
    }
    steps
}

struct Telling<'a> {
    speech: &'a Speech<'a>,
    actions: &'static Actions,
}

impl Telling<'_> {
    fn normal(&self, word: usize) -> &str {
        self.speech.words.get(word).map_or("", |word| word.normal.as_str())
    }

    /// A clause cut where the next action or its result begins without a comma.
    fn parts(&self, clause: &Range<usize>) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut start = clause.start;
        for word in clause.start + 1..clause.end {
            if self.begins_part(word) {
                parts.push(start..word);
                start = word;
            }
        }
        parts.push(start..clause.end);
        parts
    }

    fn begins_part(&self, word: usize) -> bool {
        let next = self.normal(word + 1);
        match self.normal(word) {
            "then" | "dann" | "luego" | "puis" | "ensuite" | "nothing" | "but" | "aber" | "pero" | "mais" => {
                true
            }
            "and" | "und" | "y" | "et" => RESULTS.contains(&next) || self.actions.base(next).is_some(),
            "it" => OUTCOMES.contains(&next),
            "when" | "if" | "after" => self.actions.is_doer(next),
            "i" | "you" | "we" => self.actions.as_requests && self.actions.base(next).is_some(),
            _ => false,
        }
    }

    fn step(&self, part: &Range<usize>) -> Option<Step> {
        let mut word = part.start;
        while word < part.end && self.actions.is_opener(self.normal(word)) {
            word += 1;
        }
        let opened = word;
        let has_doer = word < part.end && self.actions.is_doer(self.normal(word));
        word += usize::from(has_doer);
        while word < part.end && self.actions.is_helper(self.normal(word)) {
            word += 1;
        }
        let verb = self.verb(word..part.end, has_doer)?;
        let base = self.actions.base(self.normal(verb))?;
        let is_told = has_doer || opened > part.start || self.normal(verb) == base;
        let words = if self.actions.as_requests { verb..part.end } else { self.without_order(part) };
        (is_told && words.len() >= WORDS_MIN).then(|| Step { text: self.text(&words, base), words })
    }

    fn verb(&self, words: Range<usize>, has_doer: bool) -> Option<usize> {
        let is_verb = |word: &usize| self.actions.base(self.normal(*word)).is_some();
        let is_negated = words.clone().any(|word| matches!(self.normal(word), "nicht" | "kein" | "keine"));
        if has_doer && self.actions.verb_may_come_last && !is_negated {
            return words.into_iter().find(is_verb);
        }
        words.into_iter().take(1).find(is_verb)
    }

    /// The words without "and then" and the like at their beginning.
    fn without_order(&self, part: &Range<usize>) -> Range<usize> {
        let is_order = |word: &usize| {
            matches!(
                self.normal(*word),
                "und" | "y" | "et" | "aber" | "pero" | "mais" | "also" | "bueno" | "pues" | "euh"
            )
        };
        let start = part.clone().find(|word| !is_order(word)).unwrap_or(part.start);
        start..part.end
    }

    fn text(&self, words: &Range<usize>, base: &str) -> String {
        let said = self.speech.quote(words);
        let text = if self.actions.as_requests {
            let rest = said.split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
            format!("{base} {rest}")
        } else {
            said.to_owned()
        };
        shown(&text, STEP_MAX_CHARS)
    }
}

#[cfg(test)]
mod tests;
