//! From the bytes of a file to its cues, their text still marked up: the outer half of the parsing algorithm.

use super::timings::{Fraction, Timings, fraction_of, has_arrow, timings};

/// A cue as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawCue<'a> {
    pub(super) id: &'a str,
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    pub(super) text: String,
}

/// The file as text: one byte order mark removed, NUL replaced, lines ended by LF alone.
pub(super) fn decode(file: &[u8]) -> String {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    String::from_utf8_lossy(file).replace('\0', "\u{fffd}").replace("\r\n", "\n").replace('\r', "\n")
}

/// The cues of a decoded file; `None` when it does not begin with the signature.
pub(super) fn cues(text: &str) -> Option<Vec<RawCue<'_>>> {
    let lines: Vec<&str> = text.split('\n').collect();
    let (signature, rest) = lines.split_first()?;
    let after = signature.strip_prefix("WEBVTT")?;
    if !(after.is_empty() || after.starts_with([' ', '\t'])) {
        return None;
    }
    let fraction = fraction_of(rest.iter().copied());
    let mut blocks = Blocks { lines: rest, next: 0, fraction };
    blocks.skip_header();
    let mut cues = Vec::new();
    while blocks.next < rest.len() {
        cues.extend(blocks.block());
    }
    Some(cues)
}

struct Blocks<'lines, 'text> {
    lines: &'lines [&'text str],
    next: usize,
    fraction: Fraction,
}

impl<'text> Blocks<'_, 'text> {
    /// The header ends at an empty line, or where the first cue begins without one.
    fn skip_header(&mut self) {
        while self.peek().is_some_and(|line| !line.is_empty() && !has_arrow(line)) {
            self.next += 1;
        }
    }

    /// The cue in the next block. A block without times is a comment, a style sheet, a region or a mistake; one
    /// whose times are malformed is not a cue either.
    fn block(&mut self) -> Option<RawCue<'text>> {
        let first = self.take()?;
        if first.is_empty() {
            return None;
        }
        if has_arrow(first) {
            return self.cue("", first);
        }
        match self.peek() {
            Some(second) if has_arrow(second) => {
                self.next += 1;
                self.cue(first, second)
            }
            _ => {
                self.skip_header();
                None
            }
        }
    }

    fn cue(&mut self, id: &'text str, line: &str) -> Option<RawCue<'text>> {
        let times = timings(line, self.fraction);
        let text = self.text(times.is_some());
        let Timings { start_ms, end_ms } = times?;
        Some(RawCue { id, start_ms, end_ms, text })
    }

    /// The lines up to an empty one or the times of the next cue.
    fn text(&mut self, is_cue: bool) -> String {
        let first = self.next;
        while let Some(line) = self.peek() {
            if line.is_empty() || has_arrow(line) && !(is_cue && self.is_speech_with_an_arrow(line)) {
                break;
            }
            self.next += 1;
        }
        self.lines.get(first..self.next).unwrap_or_default().join("\n")
    }

    /// A malformed line of times right above another one is a broken cue; anywhere else it is something said.
    fn is_speech_with_an_arrow(&self, line: &str) -> bool {
        let below = self.lines.get(self.next + 1);
        line.contains(char::is_alphanumeric)
            && timings(line, self.fraction).is_none()
            && !below.is_some_and(|below| has_arrow(below))
    }

    fn peek(&self) -> Option<&'text str> {
        self.lines.get(self.next).copied()
    }

    fn take(&mut self) -> Option<&'text str> {
        let line = self.peek()?;
        self.next += 1;
        Some(line)
    }
}
