//! Steps to reproduce, from what people say they do.

use std::ops::Range;

use super::actions::Actions;
use super::language;
use super::lead::without_fillers;
use super::phrases::Meaning;
use super::score::Sentence;
use super::sentences::{clauses, is_punctuated};
use super::speech::Speech;
use super::wording::shown;

const STEPS_MAX: usize = 12;
const STEP_MAX_CHARS: usize = 200;
/// A step says what is acted on: a verb alone is none.
const WORDS_MIN: usize = 2;
/// A new clause after "and", without a comma before it.
const RESULTS: [&str; 16] = [
    "nothing", "it", "then", "there", "get", "see", "nichts", "nada", "rien", "dann", "luego", "puis",
    "ensuite", "il", "ne", "es",
];
/// What a product does: after "it" they tell a result.
const OUTCOMES: [&str; 16] = [
    "does", "is", "shows", "crashes", "fails", "just", "says", "keeps", "takes", "freezes", "throws",
    "gives", "stays", "hangs", "goes", "never",
];
/// What may stand before somebody's action: "on the last page I click".
const FRONTED: [&str; 20] = [
    "on", "in", "at", "from", "with", "back", "here", "there", "for", "under", "inside", "is", "en", "desde",
    "con", "dans", "sur", "depuis", "avec", "a",
];
/// Who acts only under a condition: "if people click".
const OTHERS: [&str; 8] = ["he", "she", "they", "people", "users", "user", "customers", "someone"];
/// What opens a condition.
const CONDITIONS: [&str; 8] = ["when", "whenever", "if", "once", "after", "wenn", "sobald", "falls"];
/// What puts an action into a row of them.
const ORDERS: [&str; 16] = [
    "and",
    "then",
    "first",
    "next",
    "after",
    "afterwards",
    "finally",
    "lastly",
    "now",
    "just",
    "when",
    "whenever",
    "if",
    "once",
    "by",
    "step",
];
/// There is a way around it, and this much says so.
const WAY_AROUND: f64 = 2.5;

/// One action, and the words it was told in.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) text: String,
    pub(super) words: Range<usize>,
    teller: Teller,
}

/// What makes a verb an action that somebody takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Teller {
    /// Somebody is said to do it.
    Somebody,
    /// It comes after something else.
    InOrder,
    /// Nothing but the verb, or people in general do it: "press Save", "if people click".
    General,
}

/// What stands before a part of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follows {
    Nothing,
    NoAction,
    Action,
}

/// The actions told in some sentences, in order.
pub(super) fn steps(speech: &Speech<'_>, sentences: &[Sentence]) -> Vec<Step> {
    let actions = Actions::of(language::spoken(&speech.words));
    let telling = Telling { speech, actions, is_punctuated: is_punctuated(speech) };
    let told: Vec<Vec<Step>> =
        sentences.iter().filter(|sentence| telling.may_tell(sentence)).map(|it| telling.steps(it)).collect();
    // Where people tell what they do, a verb alone is said to somebody else, and what others do is the summary.
    let somebody_tells = told.iter().flatten().any(|step| step.teller == Teller::Somebody);
    let is_told =
        |steps: &Vec<Step>| !somebody_tells || steps.iter().any(|step| step.teller != Teller::General);
    let mut steps: Vec<Step> = Vec::new();
    for step in told.into_iter().filter(is_told).flatten() {
        if steps.len() < STEPS_MAX && !steps.iter().any(|known| known.text == step.text) {
            steps.push(step);
        }
    }
    steps
}

struct Telling<'a> {
    speech: &'a Speech<'a>,
    actions: &'static Actions,
    is_punctuated: bool,
}

impl Telling<'_> {
    fn normal(&self, word: usize) -> &str {
        self.speech.words.get(word).map_or("", |word| word.normal.as_str())
    }

    /// Questions, ways around the fault and what is said to a machine tell no steps.
    fn may_tell(&self, sentence: &Sentence) -> bool {
        let is_question = self.speech.after(sentence.words.end.saturating_sub(1)).contains('?');
        let is_way_around =
            sentence.weight(Meaning::Workaround) >= WAY_AROUND && sentence.weight(Meaning::Bug) < WAY_AROUND;
        !sentence.is_instruction && !sentence.is_small_talk() && !is_question && !is_way_around
    }

    fn steps(&self, sentence: &Sentence) -> Vec<Step> {
        let clauses = clauses(self.speech, &sentence.words);
        let mut steps: Vec<Step> = Vec::new();
        for part in clauses.iter().flat_map(|clause| self.parts(clause)) {
            let follows = match steps.is_empty() {
                _ if part.start == sentence.words.start => Follows::Nothing,
                true => Follows::NoAction,
                false => Follows::Action,
            };
            steps.extend(self.step(&part, follows));
        }
        steps
    }

    /// A clause cut where the next action or its result begins without a comma.
    fn parts(&self, clause: &Range<usize>) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut start = clause.start;
        for word in clause.start + 1..clause.end {
            if self.begins_part(start, word) {
                parts.push(start..word);
                start = word;
            }
        }
        parts.push(start..clause.end);
        parts
    }

    fn begins_part(&self, start: usize, word: usize) -> bool {
        let next = self.normal(word + 1);
        match self.normal(word) {
            "then" | "dann" | "luego" | "puis" | "ensuite" | "nothing" | "but" | "aber" | "pero" | "mais" => {
                true
            }
            "and" | "und" | "y" | "et" => {
                RESULTS.contains(&next) || self.actions.is_doer(next) || self.actions.base(next).is_some()
            }
            "it" => OUTCOMES.contains(&next),
            "when" | "if" | "after" | "cuando" | "quand" | "lorsque" => self.actions.is_doer(next),
            doer => {
                let first = (start..word).find(|word| !self.actions.is_opener(self.normal(*word)));
                let may_begin = |first: usize| {
                    !self.is_punctuated
                        || [self.normal(first), self.normal(word - 1)].iter().any(|it| FRONTED.contains(it))
                };
                self.actions.is_doer(doer)
                    && !self.actions.verb_may_come_last
                    && first.is_some_and(may_begin)
                    && self.actions.base(self.normal(self.after_helpers(word + 1, word + 6))).is_some()
            }
        }
    }

    fn after_helpers(&self, from: usize, end: usize) -> usize {
        (from..end).find(|word| !self.actions.is_helper(self.normal(*word))).unwrap_or(end)
    }

    /// The action in a part of a sentence. What shares its doer with something that is no action is none either.
    fn step(&self, part: &Range<usize>, follows: Follows) -> Option<Step> {
        let opened = part.clone().find(|word| !self.actions.is_opener(self.normal(*word)))?;
        let has_doer = self.actions.is_doer(self.normal(opened));
        let has_condition = (part.start..opened).any(|word| CONDITIONS.contains(&self.normal(word)));
        let is_done_by_others = OTHERS.contains(&self.normal(opened));
        if is_done_by_others && !has_condition {
            return None;
        }
        let first = self.after_helpers(opened + usize::from(has_doer), part.end);
        let verb = self.verb(first..part.end, has_doer)?;
        let base = self.actions.base(self.normal(verb))?;
        let is_base = base == self.normal(verb);
        let is_in_order = (part.start..opened).any(|word| ORDERS.contains(&self.normal(word)));
        let teller = match (has_doer || !self.actions.as_requests, follows) {
            _ if is_done_by_others => Teller::General,
            (true, _) => Teller::Somebody,
            (false, Follows::Action) => Teller::InOrder,
            (false, Follows::Nothing) if is_in_order => Teller::InOrder,
            (false, Follows::Nothing) => Teller::General,
            (false, Follows::NoAction) if has_condition || is_in_order && is_base => Teller::General,
            (false, Follows::NoAction) => return None,
        };
        let is_inverted = self.actions.is_doer(self.normal(verb + 1));
        let is_told = has_doer || is_inverted || is_base || opened > part.start || follows == Follows::Action;
        let words = if self.actions.as_requests { verb..part.end } else { self.without_order(part) };
        let text = self.text(&words, base);
        (is_told && words.len() >= WORDS_MIN).then_some(Step { text, words, teller })
    }

    fn verb(&self, words: Range<usize>, has_doer: bool) -> Option<usize> {
        let is_verb = |word: &usize| self.actions.base(self.normal(*word)).is_some();
        if self.actions.verb_may_come_last {
            let is_negated =
                words.clone().any(|word| matches!(self.normal(word), "nicht" | "kein" | "keine"));
            let first = words.start;
            let is_done =
                |word: &usize| has_doer || *word == first || self.actions.is_doer(self.normal(*word + 1));
            return words.filter(|_| !is_negated).find(|word| is_verb(word) && is_done(word));
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
        let said = without_fillers(self.speech, words);
        let text = if self.actions.as_requests {
            let rest = said.split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
            format!("{base} {rest}")
        } else {
            said.clone()
        };
        shown(&text, STEP_MAX_CHARS)
    }
}

#[cfg(test)]
mod tests;
