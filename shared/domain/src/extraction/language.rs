//! Which language is spoken, told by its smallest words.

use super::speech::Word;

/// A language the rules know. Any other is treated as English: words of software still count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
    Spanish,
    French,
}

const SMALL_WORDS: [(Language, &[&str]); 4] = [
    (
        Language::English,
        &[
            "the", "and", "is", "it", "to", "of", "that", "this", "when", "i", "we", "not", "in", "with",
            "have", "my", "a", "for", "on", "but", "are", "was",
        ],
    ),
    (
        Language::German,
        &[
            "der", "die", "das", "und", "ist", "ich", "nicht", "wir", "ein", "eine", "auf", "wenn", "zu",
            "es", "den", "mit", "dann", "seit", "dem", "wird", "mein", "meine", "sind", "war", "von", "nach",
            "bei", "einen", "einem", "ihr", "aber", "sich", "kein", "keine", "bitte", "auch", "haben",
            "werden", "im",
        ],
    ),
    (
        Language::Spanish,
        &[
            "el", "la", "los", "las", "que", "y", "es", "no", "en", "un", "una", "cuando", "para", "con",
            "se", "por", "pero", "lo", "del", "al", "hay", "muy", "mi", "como", "esta", "desde", "a", "nos",
            "ningun", "ser", "sin", "de",
        ],
    ),
    (
        Language::French,
        &[
            "le", "la", "les", "et", "est", "je", "ne", "pas", "un", "une", "que", "quand", "pour", "avec",
            "on", "dans", "des", "du", "mais", "il", "ce", "qui", "sur", "j", "l", "nous", "vous", "au",
            "depuis", "plus", "de", "sont", "a", "c", "d",
        ],
    ),
];

/// The language most of the small words belong to.
pub(super) fn spoken(words: &[Word]) -> Language {
    let count = |small: &[&str]| words.iter().filter(|word| small.contains(&word.normal.as_str())).count();
    let mut best = (Language::English, 0);
    for (language, small) in SMALL_WORDS {
        let found = count(small);
        if found > best.1 {
            best = (language, found);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::super::samples::said;
    use super::super::speech::Speech;
    use super::*;

    fn language(text: &str) -> Language {
        spoken(&Speech::of(&said(&[text])).words)
    }

    #[test]
    fn a_language_is_known_by_its_small_words() {
        assert_eq!(language("When I click on the export button, it does nothing."), Language::English);
        assert_eq!(language("Wenn ich auf den Export Button klicke, passiert nichts."), Language::German);
        assert_eq!(language("Cuando hago clic en el botón de exportar no pasa nada."), Language::Spanish);
        assert_eq!(
            language("Quand je clique sur le bouton exporter, il ne se passe rien."),
            Language::French
        );
        assert_eq!(language("ボタンが動きません"), Language::English);
    }
}
