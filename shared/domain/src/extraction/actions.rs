//! The words with which people tell what they do, step by step.
//!
//! Each line of `actions/*.txt` is a kind of word and words of that kind in the form of [`super::normal`]; the words
//! of a `verb` are its forms.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::language::Language;

/// What opens a step, who takes it, what stands before the verb, and the verbs themselves.
#[derive(Default)]
pub(super) struct Actions {
    openers: HashSet<&'static str>,
    doers: HashSet<&'static str>,
    helpers: HashSet<&'static str>,
    /// For each form of a verb the one in which a step is written.
    verbs: HashMap<&'static str, &'static str>,
    /// Whether a verb may come last, as in German subordinate clauses.
    pub(super) verb_may_come_last: bool,
    /// Whether steps are written as requests, beginning with the verb.
    pub(super) as_requests: bool,
}

static ENGLISH: LazyLock<Actions> =
    LazyLock::new(|| Actions { as_requests: true, ..Actions::read(include_str!("actions/en.txt")) });
static GERMAN: LazyLock<Actions> =
    LazyLock::new(|| Actions { verb_may_come_last: true, ..Actions::read(include_str!("actions/de.txt")) });
static SPANISH: LazyLock<Actions> = LazyLock::new(|| Actions::read(include_str!("actions/es.txt")));
static FRENCH: LazyLock<Actions> = LazyLock::new(|| Actions::read(include_str!("actions/fr.txt")));

impl Actions {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
            Language::Spanish => &SPANISH,
            Language::French => &FRENCH,
        }
    }

    fn read(lines: &'static str) -> Self {
        let mut actions = Self::default();
        for line in lines.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("opener") => actions.openers.extend(words),
                Some("doer") => actions.doers.extend(words),
                Some("helper") => actions.helpers.extend(words),
                // A form of two verbs belongs to the one that stands first.
                Some("verb") => {
                    let base = words.clone().next().unwrap_or_default();
                    words.for_each(|form| _ = actions.verbs.entry(form).or_insert(base));
                }
                _ => {}
            }
        }
        actions
    }

    pub(super) fn is_opener(&self, word: &str) -> bool {
        self.openers.contains(word)
    }

    pub(super) fn is_doer(&self, word: &str) -> bool {
        self.doers.contains(word)
    }

    pub(super) fn is_helper(&self, word: &str) -> bool {
        self.helpers.contains(word)
    }

    /// The form in which a step is written with this verb.
    pub(super) fn base(&self, word: &str) -> Option<&'static str> {
        self.verbs.get(word).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::normal;
    use super::*;

    #[test]
    fn every_line_is_of_a_kind_and_every_word_in_its_normal_form() {
        for lines in [
            include_str!("actions/en.txt"),
            include_str!("actions/de.txt"),
            include_str!("actions/es.txt"),
            include_str!("actions/fr.txt"),
        ] {
            for line in lines.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                let (kind, words) = line.split_once(' ').unwrap();
                assert!(["opener", "doer", "helper", "verb"].contains(&kind), "{line}");
                assert!(words.split(' ').all(|word| normal::words(word) == [word]), "{line}");
            }
        }
    }

    #[test]
    fn a_verb_is_known_in_every_form() {
        let english = Actions::of(Language::English);
        assert_eq!(english.base("went"), Some("go"));
        assert_eq!(english.base("the"), None);
        assert_eq!(Actions::of(Language::Spanish).base("abres"), Some("abro"));
    }
}
