//! WebVTT, the form in which transcripts are stored.
//!
//! The reader follows the parsing algorithm of <https://www.w3.org/TR/webvtt1/>: what that algorithm takes for a
//! cue is a cue here, and nothing else is. It goes further where a producer's slip would cost speech:
//!
//! - A file whose times have comma milliseconds, as in SRT, is read when such lines outnumber the malformed ones.
//! - A line such as `File --> Export` inside a cue is speech, unless a line with an arrow follows it.
//! - A `<` before white space is a less-than sign, and a tag that is never closed by `>` costs only itself.
//! - Bytes that are not UTF-8 become U+FFFD. An end before the start is kept as it is.
//!
//! Speech is put on one line with single spaces. Text in a closed `<rt>` tells how the text before it is read, so
//! it is not read twice.

mod blocks;
mod cue_text;
mod entities;
mod spoken;
mod timings;
mod write;

use std::collections::HashSet;

use crate::{Cue, Transcript};
use blocks::RawCue;

pub use write::write;

/// The bytes are not a WebVTT file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a WebVTT file: the first line must begin with WEBVTT")]
pub struct Invalid;

/// The transcript in a WebVTT file. Cues keep their identifiers when all have one and no two share it, and are
/// numbered from 1 otherwise.
pub fn read(file: &[u8]) -> Result<Transcript, Invalid> {
    let text = blocks::decode(file);
    let raw = blocks::cues(&text).ok_or(Invalid)?;
    let keep_ids = identifies(&raw);
    let cues = raw.into_iter().enumerate().map(|(index, cue)| Cue {
        id: if keep_ids { cue.id.to_owned() } else { (index + 1).to_string() },
        start_ms: cue.start_ms,
        end_ms: cue.end_ms,
        voices: cue_text::voices(cue.text),
    });
    Ok(Transcript { cues: cues.collect() })
}

fn identifies(cues: &[RawCue<'_>]) -> bool {
    let mut seen = HashSet::with_capacity(cues.len());
    cues.iter().all(|cue| !cue.id.trim().is_empty() && seen.insert(cue.id))
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod text_cases;
