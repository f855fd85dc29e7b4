//! Telling phrases: what they say about a ticket, in which language, and how to find them.
//!
//! Each line of `phrases/*.txt` is a meaning, a weight and a pattern of words in the form of [`super::normal`]:
//! `word` is itself, `word*` any word that begins so, `a|b` either, `~` up to three words of any kind.

use std::sync::LazyLock;

use super::language::Language;
use super::normal;
use super::speech::Word;

/// What a phrase tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Meaning {
    Bug,
    /// It is no bug: it does what it should.
    Sound,
    /// Something is wished for, new or better.
    Wish,
    Feature,
    Enhancement,
    Task,
    Critical,
    High,
    /// There is a way around it.
    Workaround,
    Low,
    /// What follows is the subject.
    Subject,
    /// What should be, against what is.
    Contrast,
    /// Said to be polite, or to begin and end a recording.
    SmallTalk,
    /// Meant for whoever fills in the ticket, not about the product.
    Instruction,
    /// Turns what follows into its opposite.
    Negator,
}

#[derive(Debug)]
pub(super) struct Phrase {
    pub(super) meaning: Meaning,
    pub(super) weight: f64,
    pattern: Vec<Token>,
}

#[derive(Debug)]
enum Token {
    OneOf(Vec<Form>),
    Gap,
}

#[derive(Debug)]
enum Form {
    Word(String),
    Beginning(String),
}

/// How many words a `~` stands for at most.
const GAP_MAX: usize = 3;

impl Form {
    fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Beginning(text) => text,
        }
    }

    fn is(&self, word: &str) -> bool {
        match self {
            Self::Word(form) => form == word,
            Self::Beginning(form) => word.starts_with(form.as_str()),
        }
    }
}

impl Phrase {
    /// How many words the phrase takes up at the beginning of `words`; it does not reach over the end of a voice.
    pub(super) fn length_at(&self, words: &[Word]) -> Option<usize> {
        length(&self.pattern, words)
    }

    /// The letters with which the first word of the phrase may begin.
    pub(super) fn first_letters(&self) -> Vec<char> {
        let Some(Token::OneOf(forms)) = self.pattern.first() else { return Vec::new() };
        let mut letters: Vec<char> = forms.iter().filter_map(|form| form.text().chars().next()).collect();
        letters.sort_unstable();
        letters.dedup();
        letters
    }

    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split_whitespace();
        let meaning = meaning(parts.next()?)?;
        let weight = parts.next()?.parse().ok()?;
        let pattern: Vec<Token> = parts.map(token).collect();
        (!pattern.is_empty()).then_some(Self { meaning, weight, pattern })
    }
}

fn length(pattern: &[Token], words: &[Word]) -> Option<usize> {
    let Some((token, rest)) = pattern.split_first() else { return Some(0) };
    match token {
        Token::Gap => (0..=GAP_MAX.min(words.len()))
            .find_map(|skipped| Some(skipped + length(rest, &words[skipped..])?)),
        Token::OneOf(forms) => {
            let (word, others) = words.split_first()?;
            let is_here = forms.iter().any(|form| form.is(&word.normal));
            (is_here && (rest.is_empty() || !word.ends_voice))
                .then(|| length(rest, others))?
                .map(|length| length + 1)
        }
    }
}

fn token(text: &str) -> Token {
    if text == "~" {
        return Token::Gap;
    }
    let forms = text.split('|').map(|form| match form.strip_suffix('*') {
        Some(beginning) => Form::Beginning(normal::words(beginning).concat()),
        None => Form::Word(normal::words(form).concat()),
    });
    Token::OneOf(forms.collect())
}

fn meaning(name: &str) -> Option<Meaning> {
    Some(match name {
        "bug" => Meaning::Bug,
        "sound" => Meaning::Sound,
        "wish" => Meaning::Wish,
        "feature" => Meaning::Feature,
        "enhancement" => Meaning::Enhancement,
        "task" => Meaning::Task,
        "critical" => Meaning::Critical,
        "high" => Meaning::High,
        "workaround" => Meaning::Workaround,
        "low" => Meaning::Low,
        "subject" => Meaning::Subject,
        "contrast" => Meaning::Contrast,
        "smalltalk" => Meaning::SmallTalk,
        "instruction" => Meaning::Instruction,
        "negator" => Meaning::Negator,
        _ => return None,
    })
}

static ENGLISH: LazyLock<Vec<Phrase>> = LazyLock::new(|| list(include_str!("phrases/en.txt")));
static GERMAN: LazyLock<Vec<Phrase>> = LazyLock::new(|| list(include_str!("phrases/de.txt")));
static SPANISH: LazyLock<Vec<Phrase>> = LazyLock::new(|| list(include_str!("phrases/es.txt")));
static FRENCH: LazyLock<Vec<Phrase>> = LazyLock::new(|| list(include_str!("phrases/fr.txt")));

fn list(text: &str) -> Vec<Phrase> {
    text.lines().filter(|line| is_phrase(line)).filter_map(Phrase::parse).collect()
}

fn is_phrase(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with('#')
}

/// The phrases of a language. English ones count in all, as the words of software are English everywhere, and so
/// do instructions: those who try them do not mind the language.
pub(super) fn phrases(language: Language) -> impl Iterator<Item = &'static Phrase> {
    let own: &'static [Phrase] = match language {
        Language::English => &[],
        Language::German => &GERMAN,
        Language::Spanish => &SPANISH,
        Language::French => &FRENCH,
    };
    let elsewhere =
        [&GERMAN, &SPANISH, &FRENCH].into_iter().filter(move |list| !std::ptr::eq(list.as_slice(), own));
    let instructions =
        elsewhere.flat_map(|list| list.iter()).filter(|phrase| phrase.meaning == Meaning::Instruction);
    own.iter().chain(ENGLISH.iter()).chain(instructions)
}

#[cfg(test)]
mod tests {
    use super::super::samples::said;
    use super::super::speech::Speech;
    use super::*;

    fn length_of(pattern: &str, text: &str) -> Option<usize> {
        Phrase::parse(&format!("bug 1 {pattern}")).unwrap().length_at(&Speech::of(&said(&[text])).words)
    }

    #[test]
    fn every_line_of_the_lists_is_a_phrase() {
        for text in [
            include_str!("phrases/en.txt"),
            include_str!("phrases/de.txt"),
            include_str!("phrases/es.txt"),
            include_str!("phrases/fr.txt"),
        ] {
            for line in text.lines().filter(|line| is_phrase(line)) {
                let phrase = Phrase::parse(line).unwrap_or_else(|| panic!("{line}"));
                assert!(phrase.weight > 0.0 && !matches!(phrase.pattern.first(), Some(Token::Gap)), "{line}");
            }
        }
    }

    #[test]
    fn a_pattern_matches_forms_endings_and_gaps() {
        assert_eq!(length_of("does|do not work*", "Doesn't work"), Some(3));
        assert_eq!(length_of("does not work*", "does not really work"), None);
        assert_eq!(length_of("does not ~ work*", "does not really always working now"), Some(5));
        assert_eq!(length_of("can not ~ log", "can't even think about that log"), None);
        assert_eq!(length_of("crash*", "crashing"), Some(1));
        assert_eq!(length_of("crash", "crashing"), None);
        assert_eq!(length_of("funktioniert nicht", "funktioniert"), None);
    }
}
