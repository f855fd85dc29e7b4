//! Words in the form in which they are compared: lower case, without accents, contractions written out.

use super::wording::is_invisible;

/// A word as it is compared; what was written as one word may be two.
pub(super) fn words(written: &str) -> Vec<String> {
    let folded = fold(written);
    match folded.as_str() {
        "can't" | "cannot" => return vec!["can".into(), "not".into()],
        "won't" => return vec!["will".into(), "not".into()],
        "gonna" => return vec!["going".into(), "to".into()],
        "wanna" => return vec!["want".into(), "to".into()],
        _ => {}
    }
    if let Some(verb) = folded.strip_suffix("n't").filter(|verb| !verb.is_empty()) {
        return vec![verb.into(), "not".into()];
    }
    match folded.split_once('\'') {
        None => vec![folded],
        Some((head, tail)) if head.is_empty() || tail.is_empty() => vec![format!("{head}{tail}")],
        Some((head, tail)) => match expanded(head, tail) {
            Some("") => vec![head.into()],
            Some(full) => vec![head.into(), full.into()],
            None => vec![head.into(), tail.into()],
        },
    }
}

/// What an English ending stands for; nothing for a possessive. French joins words in the same way.
fn expanded(head: &str, tail: &str) -> Option<&'static str> {
    match tail {
        "m" => Some("am"),
        "re" => Some("are"),
        "ve" => Some("have"),
        "ll" => Some("will"),
        "d" => Some("would"),
        "s" if matches!(
            head,
            "it" | "that" | "there" | "he" | "she" | "what" | "here" | "who" | "where" | "how"
        ) =>
        {
            Some("is")
        }
        "s" if head == "let" => Some("us"),
        "s" => Some(""),
        _ => None,
    }
}

/// Lower case, one kind of apostrophe, and Latin letters without their accents, which recognisers drop at will.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => folded.push('a'),
            'ç' => folded.push('c'),
            'è' | 'é' | 'ê' | 'ë' => folded.push('e'),
            'ì' | 'í' | 'î' | 'ï' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' => folded.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => folded.push('u'),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            '’' | 'ʼ' | '＇' => folded.push('\''),
            // Accents that stand on their own, joiners, and hyphens that only show where a word may break.
            '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}' => {}
            _ if is_invisible(letter) => {}
            _ => folded.push(letter),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> String {
        text.split(' ').flat_map(words).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn contractions_are_written_out() {
        assert_eq!(
            joined("It doesn’t work, can't cannot won't"),
            "it does not work, can not can not will not"
        );
        assert_eq!(
            joined("I'm we're they've she'll that's user's let's"),
            "i am we are they have she will that is user let us"
        );
        assert_eq!(joined("J'ouvre l'écran qu'il n'est"), "j ouvre l ecran qu il n est");
    }

    #[test]
    fn accents_and_case_make_no_difference() {
        assert_eq!(joined("DEBERÍA Größe Cœur e\u{301}te\u{301} Ж 日本"), "deberia grosse coeur ete ж 日本");
    }
}
