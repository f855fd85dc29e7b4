//! The marked-up text of a cue, and what of it is spoken by whom: the inner half of the parsing algorithm.

use std::ops::Range;

use super::entities::decode_into;
use super::spoken::{Spoken, name, spoken};
use crate::Voice;

/// What each voice says in the text of a cue. Neighbours by the same speaker are one voice.
pub(super) fn voices(text: &str) -> Vec<Voice> {
    if !text.contains('<') && !text.contains('&') {
        return spoken(text);
    }
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
    /// Where it stands in what was decoded.
    text: Range<usize>,
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
    decoded: String,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> Option<&'a str> {
        self.text.get(self.next..).filter(|rest| !rest.is_empty())
    }

    fn speech(&mut self, length: usize) {
        let (start, end) = (self.decoded.len(), self.next + length);
        decode_into(&self.text[self.next..end], &mut self.decoded);
        self.next = end;
        match self.pieces.last_mut() {
            Some(last) if last.place == self.current => last.text.end = self.decoded.len(),
            _ => self.pieces.push(Piece { place: self.current, text: start..self.decoded.len() }),
        }
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

    fn voices(self) -> Vec<Voice> {
        let mut spoken = Spoken::default();
        for piece in self.pieces.iter().filter(|piece| !self.is_read_twice(piece)) {
            let Place { span, .. } = piece.place;
            let speaker = span.checked_sub(1).and_then(|index| self.speakers.get(index)?.as_ref());
            spoken.push(span, speaker, &self.decoded[piece.text.clone()]);
        }
        spoken.voices
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
    let end = tag.bytes().position(|byte| byte == b'.' || is_tag_space(byte)).unwrap_or(tag.len());
    &tag[..end]
}

/// What follows the name and its classes: for a voice, who speaks. A file may repeat a name for every word of its
/// own, so its length is limited.
fn annotation(tag: &str) -> Option<String> {
    let start = tag.bytes().position(is_tag_space)?;
    let mut decoded = String::new();
    decode_into(&tag[start..], &mut decoded);
    name(&decoded)
}

fn is_tag_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c')
}
