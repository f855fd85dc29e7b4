//! Where cues break, and real recognised calls where they are at hand.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::*;
use crate::webvtt;

/// Words of 200 ms, 100 ms apart.
fn words(text: &str, from_ms: u64, speaker: Option<u32>) -> Vec<Word> {
    let words = text.split(' ').zip(0_u64..).map(|(text, index)| {
        let start_ms = from_ms + index * 300;
        Word { text: text.to_owned(), start_ms, end_ms: start_ms + 200, speaker }
    });
    words.collect()
}

fn texts(utterances: &[Vec<Word>]) -> Vec<String> {
    transcript_from_utterances(utterances).cues.iter().map(Cue::text).collect()
}

#[test]
fn a_cue_has_at_most_eight_words() {
    let spoken = words("one two three four five six seven eight nine ten", 0, None);
    assert_eq!(texts(&[spoken]), ["one two three four five six seven eight", "nine ten"]);
}

#[test]
fn a_cue_ends_after_punctuation() {
    let spoken = words("well, it broke: twice! really? yes; \"gone.\" the end", 0, None);
    assert_eq!(texts(&[spoken]), ["well,", "it broke:", "twice!", "really?", "yes;", "\"gone.\"", "the end"]);
    assert_eq!(texts(&[words("version 3.5 at 10:30 works", 0, None)]), ["version 3.5 at 10:30 works"]);
}

#[test]
fn a_cue_ends_before_a_pause_of_more_than_half_a_second() {
    let mut spoken = words("just in time", 0, None);
    spoken[1].start_ms = 700;
    spoken[1].end_ms = 800;
    spoken[2].start_ms = 1_301;
    assert_eq!(texts(&[spoken]), ["just in", "time"]);
}

#[test]
fn each_speaker_and_each_utterance_begins_a_cue() {
    let mut spoken = words("you there", 0, Some(0));
    spoken.extend(words("yes here", 600, Some(1)));
    let more = words("good", 1_200, Some(1));
    assert_eq!(
        webvtt::write(&transcript_from_utterances(&[spoken, more])),
        "WEBVTT\n\n1\n00:00:00.000 --> 00:00:00.500\n<v Speaker 0>you there\n\n\
         2\n00:00:00.600 --> 00:00:01.100\n<v Speaker 1>yes here\n\n\
         3\n00:00:01.200 --> 00:00:01.400\n<v Speaker 1>good\n"
    );
}

#[test]
fn silence_makes_no_cues_and_odd_times_none_that_run_backwards() {
    assert_eq!(transcript_from_utterances(&[]), Transcript::default());
    assert_eq!(texts(&[vec![], words("  ", 0, None)]), Vec::<String>::new());
    let backwards = Word { text: "back".into(), start_ms: 900, end_ms: 100, speaker: None };
    let cue = &transcript_from_utterances(&[vec![backwards]]).cues[0];
    assert_eq!((cue.start_ms, cue.end_ms), (900, 900));
}

fn milliseconds(seconds: &Value) -> u64 {
    u64::try_from(std::time::Duration::from_secs_f64(seconds.as_f64().unwrap()).as_millis()).unwrap()
}

fn word(word: &Value) -> Word {
    Word {
        text: word["punctuated_word"].as_str().unwrap().to_owned(),
        start_ms: milliseconds(&word["start"]),
        end_ms: milliseconds(&word["end"]),
        speaker: word["speaker"].as_u64().and_then(|speaker| speaker.try_into().ok()),
    }
}

/// Every word with who says it: the same however it is cut into cues.
fn speech(transcript: &Transcript) -> Vec<(Option<&str>, &str)> {
    let voices = transcript.cues.iter().flat_map(|cue| &cue.voices);
    voices.flat_map(|voice| voice.text.split(' ').map(|word| (voice.speaker.as_deref(), word))).collect()
}

/// The recogniser's own captions break only at eight words and at pauses, and give such a cue the speaker of its
/// first word. So words and times are compared, and speakers up to the one word on which that rule is wrong.
#[test]
fn recognised_calls_say_what_their_own_captions_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contracts/deepgram");
    if !folder.is_dir() {
        #[expect(clippy::print_stderr, reason = "a skipped check must be visible")]
        {
            eprintln!("skipped: no recognised calls at {}", folder.display());
        }
        return;
    }
    for name in ["dg_speakers", "dg_utterances"] {
        let call: Value =
            serde_json::from_slice(&fs::read(folder.join(format!("sample-{name}.json"))).unwrap()).unwrap();
        let utterances = call["results"]["utterances"].as_array().unwrap().iter();
        let utterances: Vec<Vec<Word>> =
            utterances.map(|said| said["words"].as_array().unwrap().iter().map(word).collect()).collect();
        let ours = transcript_from_utterances(&utterances);
        let theirs = webvtt::read(&fs::read(folder.join(format!("expected-{name}.vtt"))).unwrap()).unwrap();
        let (our_words, their_words) = (speech(&ours), speech(&theirs));
        assert!(our_words.iter().map(|said| said.1).eq(their_words.iter().map(|said| said.1)), "{name}");
        let other_speaker = our_words.iter().zip(&their_words).filter(|(ours, theirs)| ours.0 != theirs.0);
        assert!(other_speaker.count() <= 1, "{name}");
        assert_eq!(webvtt::read(webvtt::write(&ours).as_bytes()).unwrap(), ours, "{name}");
        assert!(ours.duration_ms().abs_diff(theirs.duration_ms()) <= 1, "{name}");
        assert!(ours.cues.iter().all(|cue| cue.text().split(' ').count() <= WORDS_MAX), "{name}");
    }
}
