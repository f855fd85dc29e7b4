//! Any transcript through the rules: the draft can be filed, repeats itself, and cites what was said.

#![no_main]

use domain::extraction::{MIN_SPEECH_CHARS, RecordingLink, condense, draft_by_rules};
use domain::{Cue, Ticket, webvtt};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let Ok(transcript) = webvtt::read(file) else { return };
    let link = RecordingLink::new("https://app.example", "rec-1".parse().unwrap());
    let Ok(draft) = draft_by_rules(&transcript, &link) else {
        assert!(transcript.speech_chars() < MIN_SPEECH_CHARS);
        return;
    };
    assert_eq!(draft_by_rules(&transcript, &link).as_ref(), Ok(&draft), "the same draft every time");
    let spoken: Vec<String> = transcript.cues.iter().map(Cue::text).filter(|text| !text.is_empty()).collect();
    let spoken = spoken.join(" ");
    for part in &draft.evidence {
        assert!(spoken.contains(&part.quote), "{}", part.quote);
        assert_eq!(part.url, link.at(part.start_ms));
    }
    let limit = transcript.speech_chars() / 2;
    let condensed = condense(&transcript, limit);
    assert!(condensed.cues.iter().map(Cue::speech_chars).sum::<usize>() <= limit);
    assert_eq!(Ticket::from(draft).validate(), vec![]);
});
