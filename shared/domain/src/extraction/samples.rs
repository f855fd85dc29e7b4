//! Small transcripts for the tests of this folder.

use super::RecordingLink;
use crate::{Cue, Transcript, Voice};

/// One voice a cue, three seconds apart; an unfinished sentence goes on without a pause.
pub(super) fn voices(spoken: &[(Option<&str>, &str)]) -> Transcript {
    let cues = spoken.iter().zip(0_u64..).map(|((speaker, text), index)| Cue {
        id: (index + 1).to_string(),
        start_ms: index * 3_000,
        end_ms: index * 3_000 + 2_500,
        voices: vec![Voice { speaker: speaker.map(str::to_owned), text: (*text).to_owned() }],
    });
    Transcript { cues: cues.collect() }
}

/// One cue for each text.
pub(super) fn said(texts: &[&str]) -> Transcript {
    voices(&texts.iter().map(|text| (None, *text)).collect::<Vec<_>>())
}

pub(super) fn link() -> RecordingLink {
    RecordingLink::new("https://app.example", "rec-1".parse().unwrap())
}
