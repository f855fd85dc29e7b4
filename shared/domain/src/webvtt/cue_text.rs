//! The marked-up text of a cue, and what of it is spoken by whom: the inner half of the parsing algorithm.

use super::entities::decode_into;
use crate::Voice;

/// What each voice says in the text of a cue. Neighbours by the same speaker are one voice.
pub(super) fn voices(text: &str) -> Vec<Voice> {
    let mut reader = Reader { text, ..Reader::default() };
    while let Some(rest) = reader.rest() {
        match rest.find('<') {
            Some(0) => reader.tag(),
            Some(at) => reader.speech(at),
            None => reader.speech(rest.len()),
        }
    }
    reader.voices()
}

/// Text between two tags.
struct Piece {
    place: Place,
    text: String,
}

/// What applies to a piece of text.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    /// The innermost `<v>`, counted from 1; 0 is outside of all.
    span: usize,
    /// The innermost `<rt>`.
    gloss: Option<usize>,
}

/// An open tag, with what applied outside it.
struct Open<'a> {
    name: &'a str,
    outer: Place,
}

#[derive(Default)]
struct Reader<'a> {
    text: &'a str,
    next: usize,
    /// No `>` follows any more: looked up once, so that reading stays linear.
    no_more_ends: bool,
    open: Vec<Open<'a>>,
    current: Place,
    /// For each `<v>`: who speaks.
    speakers: Vec<Option<String>>,
    /// For each `<rt>`: whether it was closed.
    closed: Vec<bool>,
    pieces: Vec<Piece>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> Option<&'a str> {
        self.text.get(self.next..).filter(|rest| !rest.is_empty())
    }

    fn speech(&mut self, length: usize) {
        let end = self.next + length;
        let mut text = String::with_capacity(length);
        decode_into(&self.text[self.next..end], &mut text);
        self.pieces.push(Piece { place: self.current, text });
        self.next = end;
    }

    /// At a `<`.
    fn tag(&mut self) {
        let inside = &self.text[self.next + 1..];
        let trimmed = inside.trim_start_matches([' ', '\t', '\n', '\u{c}']);
        if trimmed.len() < inside.len() && !trimmed.is_empty() && !trimmed.starts_with('>') {
            return self.speech(1);
        }
        let end = if self.no_more_ends { None } else { inside.find('>') };
        match end {
            Some(end) => {
                self.next += 1 + end + 1;
                self.apply(&inside[..end]);
            }
            None => self.unfinished(inside),
        }
    }

    /// A tag that no `>` ends. Only the tag itself is lost: what follows it after a space is speech.
    fn unfinished(&mut self, inside: &'a str) {
        self.no_more_ends = true;
        let head = inside.split(['<', ' ', '\t', '\n', '\u{c}']).next().unwrap_or_default();
        let tail = &inside[head.len()..];
        let is_known = is_moment(head) || is_known(name_of(head.trim_start_matches('/')));
        if is_known || tail.starts_with('<') || tail.trim_start().is_empty() {
            self.next += 1 + head.len();
            self.apply(head);
        } else {
            self.speech(1);
        }
    }

    fn apply(&mut self, tag: &'a str) {
        match tag.strip_prefix('/') {
            Some(name) => self.close(name),
            // Moments within a cue are no speech.
            None if tag.starts_with(|first: char| first.is_ascii_digit()) => {}
            None => self.start(tag),
        }
    }

    fn start(&mut self, tag: &'a str) {
        let name = name_of(tag);
        let parent = self.open.last().map(|open| open.name);
        if !is_known(name) || (name == "rt" && parent != Some("ruby")) {
            return;
        }
        self.open.push(Open { name, outer: self.current });
        match name {
            "v" => {
                self.speakers.push(annotation(tag));
                self.current.span = self.speakers.len();
            }
            "rt" => {
                self.current.gloss = Some(self.closed.len());
                self.closed.push(false);
            }
            _ => {}
        }
    }

    /// Closes the innermost tag, if that is the one meant. `</ruby>` also closes an `<rt>` in it.
    fn close(&mut self, name: &str) {
        let Some(innermost) = self.open.last().map(|open| open.name) else { return };
        let levels = match (innermost, name) {
            ("rt", "ruby") => 2,
            _ if innermost == name => 1,
            _ => return,
        };
        for _ in 0..levels {
            let Some(open) = self.open.pop() else { return };
            if let ("rt", Some(gloss)) = (open.name, self.current.gloss)
                && let Some(closed) = self.closed.get_mut(gloss)
            {
                *closed = true;
            }
            self.current = open.outer;
        }
    }

    fn is_read_twice(&self, piece: &Piece) -> bool {
        piece.place.gloss.and_then(|gloss| self.closed.get(gloss)).is_some_and(|closed| *closed)
    }

    fn voices(mut self) -> Vec<Voice> {
        let mut spans: Vec<(usize, String)> = Vec::new();
        for piece in std::mem::take(&mut self.pieces) {
            match spans.last_mut() {
                _ if self.is_read_twice(&piece) => {}
                Some((span, text)) if *span == piece.place.span => text.push_str(&piece.text),
                _ => spans.push((piece.place.span, piece.text)),
            }
        }
        let mut voices: Vec<Voice> = Vec::new();
        for (span, text) in spans {
            let text = one_line(&text);
            let speaker = span.checked_sub(1).and_then(|index| self.speakers.get(index)?.as_ref());
            match voices.last_mut() {
                _ if text.is_empty() => {}
                Some(last) if last.speaker.as_ref() == speaker => {
                    last.text.push(' ');
                    last.text.push_str(&text);
                }
                _ => voices.push(Voice { speaker: speaker.cloned(), text }),
            }
        }
        voices
    }
}

fn is_known(name: &str) -> bool {
    matches!(name, "c" | "i" | "b" | "u" | "ruby" | "rt" | "v" | "lang")
}

/// Whether a tag is a moment within the cue, such as `00:01.500`.
fn is_moment(tag: &str) -> bool {
    tag.contains(':')
        && tag.chars().all(|character| character.is_ascii_digit() || matches!(character, ':' | '.'))
}

/// The name of a start tag, without its classes and annotation.
fn name_of(tag: &str) -> &str {
    tag.split(['.', ' ', '\t', '\n', '\u{c}']).next().unwrap_or_default()
}

/// What follows the name and its classes: for a voice, who speaks.
fn annotation(tag: &str) -> Option<String> {
    let (_, text) = tag.split_once([' ', '\t', '\n', '\u{c}'])?;
    let mut decoded = String::new();
    decode_into(text, &mut decoded);
    Some(one_line(&decoded)).filter(|speaker| !speaker.is_empty())
}

/// The text on one line with single spaces.
fn one_line(text: &str) -> String {
    let words = text.split(|character: char| character.is_whitespace() || character.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
