//! A transcript and a model's answer about it, with a NUL between them: what is left of the answer is true.

#![no_main]

use domain::extraction::{Claims, RecordingLink, draft_from_claims};
use domain::{Draft, Ticket, Transcript, webvtt};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(2, |byte| *byte == 0);
    let (Some(file), Some(answer)) = (parts.next(), parts.next()) else { return };
    let Ok(transcript) = webvtt::read(file) else { return };
    let Ok(claims) = serde_json::from_slice::<Claims>(answer) else { return };
    let remembered = serde_json::to_vec(&claims).unwrap();
    assert_eq!(serde_json::from_slice::<Claims>(&remembered).unwrap(), claims);
    let link = RecordingLink::new("https://app.example", "rec-1".parse().unwrap());
    check(draft_from_claims(claims, &transcript, &link), &transcript, &link);
});

/// Quotes stand in the transcript where the evidence says; links open the recording; the draft can be filed.
fn check(draft: Draft, transcript: &Transcript, link: &RecordingLink) {
    for part in &draft.evidence {
        let first = transcript.cues.iter().position(|cue| part.cue_ids.first() == Some(&cue.id)).unwrap();
        let cues = &transcript.cues[first..first + part.cue_ids.len()];
        assert!(cues.iter().map(|cue| &cue.id).eq(&part.cue_ids));
        let spoken: Vec<String> = cues.iter().map(|cue| cue.text()).filter(|text| !text.is_empty()).collect();
        assert!(!part.quote.is_empty() && spoken.join(" ").contains(&part.quote));
        assert_eq!((part.start_ms, &part.url), (cues[0].start_ms, &link.at(cues[0].start_ms)));
        let step =
            part.pointer.strip_prefix("/steps_to_reproduce/").map(|index| index.parse::<usize>().unwrap());
        assert!(step.map_or(part.pointer == "/description", |step| step < draft.steps_to_reproduce.len()));
    }
    let texts = draft.steps_to_reproduce.iter().chain([&draft.title, &draft.description]);
    assert!(!texts.flat_map(|text| text.chars()).any(char::is_control));
    let refused = Ticket::from(draft).validate();
    // Where neither the model nor the recording says a word there is nothing to call the ticket.
    assert!(refused.is_empty() || transcript.speech_chars() == 0, "{refused:?}");
}
