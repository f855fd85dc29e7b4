//! A transcript as a WebVTT file: what [`super::read`] reads back unchanged.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::spoken::name;
use crate::{Cue, Transcript, Voice};

/// A transcript as a WebVTT file. Identifiers that cannot stand on a line of their own are left out, all of them,
/// so that cues are numbered when the file is read.
pub fn write(transcript: &Transcript) -> String {
    let mut file = String::from("WEBVTT\n");
    let with_ids = identifies(&transcript.cues);
    for cue in &transcript.cues {
        file.push('\n');
        if with_ids {
            file.push_str(&cue.id);
            file.push('\n');
        }
        write_cue(&mut file, cue);
    }
    file
}

fn identifies(cues: &[Cue]) -> bool {
    let mut seen = HashSet::with_capacity(cues.len());
    cues.iter().all(|cue| is_line(&cue.id) && seen.insert(cue.id.as_str()))
}

fn is_line(id: &str) -> bool {
    !id.trim().is_empty() && !id.contains(['\n', '\r', '\0']) && !id.contains("-->")
}

fn write_cue(file: &mut String, cue: &Cue) {
    file.push_str(&timestamp(cue.start_ms));
    file.push_str(" --> ");
    file.push_str(&timestamp(cue.end_ms));
    file.push('\n');
    let spoken: Vec<&Voice> = cue.voices.iter().filter(|voice| !voice.text.trim().is_empty()).collect();
    for voice in &spoken {
        write_voice(file, voice, spoken.len() > 1);
        file.push('\n');
    }
}

/// A lone voice needs no end tag.
fn write_voice(file: &mut String, voice: &Voice, is_one_of_several: bool) {
    let Some(speaker) = voice.speaker.as_deref().and_then(name) else {
        return escape_into(&voice.text, file);
    };
    file.push_str("<v ");
    escape_into(&speaker, file);
    // With the sign that ends the tag, two hyphens would be the arrow of another cue.
    if file.ends_with("--") {
        file.pop();
        file.push_str("&#45;");
    }
    file.push('>');
    escape_into(&voice.text, file);
    if is_one_of_several {
        file.push_str("</v>");
    }
}

/// Writes text on one line, with nothing in it that could be taken for mark-up.
fn escape_into(text: &str, file: &mut String) {
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            file.push(' ');
        }
        for character in word.chars() {
            match character {
                '&' => file.push_str("&amp;"),
                '<' => file.push_str("&lt;"),
                '>' => file.push_str("&gt;"),
                '\0' => file.push('\u{fffd}'),
                _ => file.push(character),
            }
        }
    }
}

fn timestamp(ms: u64) -> String {
    let mut text = String::new();
    let (hours, minutes) = (ms / 3_600_000, ms / 60_000 % 60);
    let (seconds, thousandths) = (ms / 1_000 % 60, ms % 1_000);
    // Writing to a `String` cannot fail.
    let _ = write!(text, "{hours:02}:{minutes:02}:{seconds:02}.{thousandths:03}");
    text
}
