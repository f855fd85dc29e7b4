//! From the bytes of a file to its cues, their text still marked up: the outer half of the parsing algorithm.

use std::borrow::Cow;

use super::timings::{Fraction, Timings, end_of_arrow, fraction_of, timings};

/// A cue as it stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RawCue<'a> {
    pub(super) id: &'a str,
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    pub(super) text: &'a str,
}

/// The file as text: one byte order mark removed, NUL replaced, lines ended by LF alone.
pub(super) fn decode(file: &[u8]) -> Cow<'_, str> {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    // The usual file is checked much faster than a broken one is mended.
    let mut text = std::str::from_utf8(file).map_or_else(|_| String::from_utf8_lossy(file), Cow::Borrowed);
    if file.contains(&0) {
        text = Cow::Owned(text.replace('\0', "\u{fffd}"));
    }
    if file.contains(&b'\r') {
        text = Cow::Owned(with_lines_ended_by_lf(&text));
    }
    text
}

fn with_lines_ended_by_lf(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for (index, part) in text.split('\r').enumerate() {
        if index > 0 && !part.starts_with('\n') {
            plain.push('\n');
        }
        plain.push_str(part);
    }
    plain
}

/// The cues of a decoded file; `None` when it does not begin with the signature.
pub(super) fn cues(text: &str) -> Option<Vec<RawCue<'_>>> {
    let mut lines = Lines { text, from: 0, arrow: 0 };
    let after = lines.next()?.text.strip_prefix("WEBVTT")?;
    if !(after.is_empty() || after.starts_with([' ', '\t'])) {
        return None;
    }
    let fraction = fraction_of(lines.clone().with_arrow());
    let mut blocks = Blocks { next: lines.next(), lines, fraction };
    blocks.skip_header();
    let mut cues = Vec::new();
    while let Some(first) = blocks.take() {
        cues.extend(blocks.block(first));
    }
    Some(cues)
}

/// A line without its end.
#[derive(Clone, Copy)]
struct Line<'a> {
    start: usize,
    text: &'a str,
    has_arrow: bool,
}

/// The lines of a text from some place on.
#[derive(Clone)]
struct Lines<'a> {
    text: &'a str,
    from: usize,
    /// Before it there is no further arrow.
    arrow: usize,
}

impl<'a> Lines<'a> {
    /// The lines that have an arrow, without looking at the others.
    fn with_arrow(mut self) -> impl Iterator<Item = &'a str> {
        std::iter::from_fn(move || {
            let arrow = self.arrow_from(self.from);
            let start =
                self.text.get(self.from..arrow)?.rfind('\n').map_or(self.from, |end| self.from + end + 1);
            self.from = start;
            self.next().filter(|line| line.has_arrow).map(|line| line.text)
        })
    }

    /// Where the first arrow from some place on ends, or else beyond the text.
    fn arrow_from(&mut self, from: usize) -> usize {
        if self.arrow <= from {
            let rest = self.text.get(from..).unwrap_or_default();
            self.arrow = end_of_arrow(rest).map_or(usize::MAX, |end| from + end);
        }
        self.arrow
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let start = self.from;
        let rest = self.text.get(start..)?;
        let text = rest.find('\n').and_then(|end| rest.get(..end)).unwrap_or(rest);
        let end = start + text.len();
        self.from = end + 1;
        Some(Line { start, text, has_arrow: self.arrow_from(start) <= end })
    }
}

struct Blocks<'a> {
    next: Option<Line<'a>>,
    /// Those after the next one.
    lines: Lines<'a>,
    fraction: Fraction,
}

impl<'a> Blocks<'a> {
    /// The header ends at an empty line, or where the first cue begins without one.
    fn skip_header(&mut self) {
        while self.next.is_some_and(|line| !line.text.is_empty() && !line.has_arrow) {
            self.take();
        }
    }

    /// The cue in the block that begins with a line. A block without times is a comment, a style sheet, a region or
    /// a mistake; one whose times are malformed is not a cue either.
    fn block(&mut self, first: Line<'a>) -> Option<RawCue<'a>> {
        if first.text.is_empty() {
            return None;
        }
        if first.has_arrow {
            return self.cue("", first.text);
        }
        match self.next {
            Some(second) if second.has_arrow => {
                self.take();
                self.cue(first.text, second.text)
            }
            _ => {
                self.skip_header();
                None
            }
        }
    }

    fn cue(&mut self, id: &'a str, line: &str) -> Option<RawCue<'a>> {
        let times = timings(line, self.fraction);
        let text = self.text(times.is_some());
        let Timings { start_ms, end_ms } = times?;
        Some(RawCue { id, start_ms, end_ms, text })
    }

    /// The lines up to an empty one or the times of the next cue.
    fn text(&mut self, is_cue: bool) -> &'a str {
        let Some(Line { start, .. }) = self.next else { return "" };
        let mut end = start;
        while let Some(line) = self.next {
            if line.text.is_empty() || line.has_arrow && !(is_cue && self.is_speech_with_an_arrow(line.text))
            {
                break;
            }
            end = line.start + line.text.len();
            self.take();
        }
        self.lines.text.get(start..end).unwrap_or_default()
    }

    /// A malformed line of times right above another one is a broken cue; anywhere else it is something said.
    fn is_speech_with_an_arrow(&self, line: &str) -> bool {
        let below = self.lines.clone().next();
        line.contains(char::is_alphanumeric)
            && timings(line, self.fraction).is_none()
            && !below.is_some_and(|below| below.has_arrow)
    }

    fn take(&mut self) -> Option<Line<'a>> {
        std::mem::replace(&mut self.next, self.lines.next())
    }
}
