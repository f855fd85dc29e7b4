//! Speakers that are named in the text, as meeting recorders do: `Ada Lovelace: It broke.`

use crate::{Transcript, Voice};

const NAME_MAX_CHARS: usize = 40;
const NAME_MAX_WORDS: usize = 4;

/// Whether a transcript names its speakers in the text: more than half of its voices begin so, and more than one.
pub(super) fn are_in_text(transcript: &Transcript) -> bool {
    let mut named = 0;
    let mut all = 0;
    for voice in transcript.cues.iter().flat_map(|cue| &cue.voices).filter(|voice| !voice.text.is_empty()) {
        all += 1;
        named += usize::from(voice.speaker.is_none() && split(&voice.text).is_some());
    }
    named > 1 && named * 2 > all
}

/// Who speaks and what, where the speaker is named in the text.
pub(super) fn told_apart(voice: &Voice) -> (Option<&str>, &str) {
    match split(&voice.text) {
        Some((name, text)) if voice.speaker.is_none() => (Some(name), text),
        _ => (voice.speaker.as_deref(), voice.text.as_str()),
    }
}

fn split(text: &str) -> Option<(&str, &str)> {
    let (name, text) = text.split_once(": ")?;
    let name = name.trim_end();
    let begins_as_name =
        |word: &str| word.starts_with(|first: char| first.is_alphanumeric() && !first.is_lowercase());
    let is_name = name.split(' ').next().is_some_and(begins_as_name)
        && name.split(' ').next_back().is_some_and(begins_as_name)
        && !name.contains([',', '!', '?', '"'])
        && name.chars().count() <= NAME_MAX_CHARS
        && name.split(' ').count() <= NAME_MAX_WORDS;
    is_name.then_some((name, text))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{said, voices};
    use super::super::speech::Speech;
    use super::*;

    #[test]
    fn names_before_most_lines_are_nobodys_words() {
        let transcript = said(&["Ada L.B: Hi", "Ada: It broke.", "Bo Li : Did it?", "Ada: Look: it did."]);
        assert!(are_in_text(&transcript));
        assert_eq!(Speech::of(&transcript).text, "Hi It broke. Did it? Look: it did.");
    }

    #[test]
    fn a_colon_now_and_then_is_speech() {
        let transcript = said(&["It says error: no file", "then I click Save", "and it says: failed"]);
        assert!(!are_in_text(&transcript));
        assert!(!are_in_text(&said(&["Error: no file"])));
        assert!(!are_in_text(&voices(&[(Some("Ada"), "Error: one"), (Some("Ada"), "Error: two")])));
    }
}
