//! Any bytes as a WebVTT file: nothing but the signature is refused, and what is read is true to the file.

#![no_main]

use std::collections::HashSet;

use domain::{Cue, webvtt};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let Ok(transcript) = webvtt::read(file) else {
        assert!(!has_signature(file), "refused in spite of its signature");
        return;
    };
    assert!(has_signature(file), "read without a signature");
    let arrows = file.windows(3).filter(|three| three == b"-->").count();
    assert!(transcript.cues.len() <= arrows, "more cues than lines of times");
    let ids: HashSet<&str> = transcript.cues.iter().map(|cue| cue.id.as_str()).collect();
    assert_eq!(ids.len(), transcript.cues.len(), "identifiers are unique");
    transcript.cues.iter().for_each(check_speech);

    let written = webvtt::write(&transcript);
    assert_eq!(webvtt::read(written.as_bytes()).as_ref(), Ok(&transcript), "written and read back");
    if !file.contains(&b'\r') {
        for line_end in ["\r\n", "\r"] {
            assert_eq!(webvtt::read(&with_line_ends(file, line_end)).as_ref(), Ok(&transcript));
        }
    }
});

fn has_signature(file: &[u8]) -> bool {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let after = file.strip_prefix(b"WEBVTT");
    after.is_some_and(|after| after.first().is_none_or(|next| b" \t\r\n".contains(next)))
}

fn with_line_ends(file: &[u8], line_end: &str) -> Vec<u8> {
    file.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(line_end.as_bytes())
}

/// Speech is one line with single spaces; neighbours are different speakers, who have names or none.
fn check_speech(cue: &Cue) {
    for text in cue.voices.iter().flat_map(|voice| voice.speaker.iter().chain([&voice.text])) {
        assert!(!text.is_empty() && !text.chars().any(char::is_control));
        assert_eq!(text.split_whitespace().collect::<Vec<_>>().join(" "), *text);
    }
    assert!(cue.voices.windows(2).all(|pair| pair[0].speaker != pair[1].speaker));
}
