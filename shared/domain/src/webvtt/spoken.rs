//! What is left of text when it is put on one line: voices, and the names of speakers.

use crate::Voice;

/// How many characters of a speaker's name are kept.
const NAME_MAX_CHARS: usize = 100;

/// Voices as they are put together.
#[derive(Default)]
pub(super) struct Spoken {
    pub(super) voices: Vec<Voice>,
    span: usize,
    /// Something stood between the last word and the next.
    is_apart: bool,
}

impl Spoken {
    /// Adds text of the `<v>` numbered `span`.
    pub(super) fn push(&mut self, span: usize, speaker: Option<&String>, text: &str) {
        self.is_apart |= self.span != span;
        self.span = span;
        let mut rest = text;
        loop {
            let words = rest.trim_start_matches(is_space);
            self.is_apart |= words.len() < rest.len();
            let line = one_line(words);
            if line.is_empty() {
                return;
            }
            match self.voices.last_mut() {
                Some(last) if last.speaker.as_ref() == speaker => {
                    if self.is_apart {
                        last.text.push(' ');
                    }
                    last.text.push_str(line);
                }
                _ => self.voices.push(Voice { speaker: speaker.cloned(), text: line.to_owned() }),
            }
            self.is_apart = false;
            rest = &words[line.len()..];
        }
    }
}

/// As much from the beginning as is words with single spaces between them.
fn one_line(text: &str) -> &str {
    let mut end = 0;
    for (at, letter) in text.char_indices() {
        if !is_space(letter) {
            end = at + letter.len_utf8();
        } else if letter != ' ' || end < at {
            break;
        }
    }
    &text[..end]
}

/// Text without mark-up: nobody's voice.
pub(super) fn spoken(text: &str) -> Vec<Voice> {
    let mut spoken = Spoken::default();
    spoken.push(0, None, text);
    spoken.voices
}

/// A name on one line with single spaces and at most [`NAME_MAX_CHARS`] characters.
pub(super) fn name(text: &str) -> Option<String> {
    let mut name = spoken(text).pop()?.text;
    if let Some((end, _)) = name.char_indices().nth(NAME_MAX_CHARS) {
        name.truncate(name[..end].trim_end().len());
    }
    Some(name)
}

/// White space and control characters: speech has neither, but for the single spaces between words.
fn is_space(letter: char) -> bool {
    letter <= ' ' || letter >= '\u{7f}' && (letter.is_control() || letter.is_whitespace())
}
