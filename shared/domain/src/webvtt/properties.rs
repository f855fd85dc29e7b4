//! What holds for every file and every transcript.

use proptest::prelude::*;
use webvtt_parser::Vtt;

use super::*;
use crate::Voice;

/// One line with single spaces, full of what mark-up is made of.
fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof!["[a-z0-9<>&;/.\\-]{1,8}", "\\PC{1,6}", "-{1,3}>?", Just("<v".to_owned())];
    prop::collection::vec(word, 1..6).prop_map(|words| {
        let joined = words.join(" ");
        let kept = joined.split(|letter: char| letter.is_whitespace() || letter.is_control());
        kept.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    })
}

fn spoken() -> impl Strategy<Value = Vec<Voice>> {
    let voice = (prop::option::of(line()), line())
        .prop_map(|(speaker, text)| Voice { speaker: speaker.filter(|speaker| !speaker.is_empty()), text });
    prop::collection::vec(voice, 0..4).prop_map(|mut voices| {
        voices.retain(|voice| !voice.text.is_empty());
        voices.dedup_by(|after, before| after.speaker == before.speaker);
        voices
    })
}

fn transcript() -> impl Strategy<Value = Transcript> {
    let cue = (0..400_000_000_u64, 0..400_000_000_u64, spoken());
    (prop::collection::vec(cue, 0..8), "[a-zA-Z0-9/ #-]{0,5}").prop_map(|(cues, prefix)| {
        let cues = cues.into_iter().enumerate().map(|(index, (start_ms, end_ms, voices))| Cue {
            id: format!("{prefix}{}", index + 1),
            start_ms,
            end_ms,
            voices,
        });
        Transcript { cues: cues.collect() }
    })
}

/// Bytes that look like a file, more or less.
fn nearly_a_file() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop_oneof![
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\n\n".to_owned()),
        Just("-->".to_owned()),
        Just("00:01.000 --> 00:02.000\n".to_owned()),
        Just("00:00:01,000 --> 1:00:02,000\n".to_owned()),
        Just("<v Ada>".to_owned()),
        Just("</v>".to_owned()),
        Just("<ruby>a<rt>".to_owned()),
        Just("<".to_owned()),
        Just("&".to_owned()),
        Just("&#x1F600;".to_owned()),
        Just("NOTE ".to_owned()),
        Just("\0".to_owned()),
        "[ -~]{0,12}",
        "\\PC{0,4}",
    ];
    let noise = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (prop::collection::vec(fragment, 0..24), noise).prop_map(|(fragments, noise)| {
        let mut bytes = format!("WEBVTT\n{}", fragments.concat()).into_bytes();
        for (index, byte) in noise {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn what_was_written_is_read_back(transcript in transcript()) {
        prop_assert_eq!(read(write(&transcript).as_bytes()), Ok(transcript));
    }

    #[test]
    fn whatever_is_read_is_written_and_read_back_the_same(file in nearly_a_file()) {
        if let Ok(transcript) = read(&file) {
            let again = read(write(&transcript).as_bytes()).unwrap();
            prop_assert_eq!(again, transcript);
        }
    }

    #[test]
    fn no_bytes_stop_the_reader(file in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&file);
        let _ = read(&[b"WEBVTT\n\n00:01.000 --> 00:02.000\n".as_slice(), &file].concat());
    }

    #[test]
    fn speech_is_one_line_without_control_characters(file in nearly_a_file()) {
        for voice in read(&file).unwrap_or_default().cues.into_iter().flat_map(|cue| cue.voices) {
            prop_assert!(!voice.text.is_empty() && !voice.text.chars().any(char::is_control));
            prop_assert!(!voice.text.contains("  ") && voice.text.trim() == voice.text);
        }
    }

    #[test]
    fn another_reader_finds_the_same_cues_in_a_well_formed_file(
        cues in prop::collection::vec((0..9_000_000_u64, 1..9_000_u64, "[a-z]{1,6}( [a-z.,!?]{1,6}){0,5}"), 1..6)
    ) {
        let cues = cues.into_iter().enumerate().map(|(index, (start_ms, length, text))| {
            let voices = vec![Voice { speaker: None, text }];
            Cue { id: (index + 1).to_string(), start_ms, end_ms: start_ms + length, voices }
        });
        let transcript = Transcript { cues: cues.collect() };
        let file = write(&transcript);
        let other = Vtt::parse(&file).expect("well-formed");
        let found: Vec<_> = other.cues.iter().map(|cue| {
            let text = cue.text.trim().to_owned();
            (cue.name.unwrap_or_default().to_owned(), cue.start.as_milliseconds(), cue.end.as_milliseconds(), text)
        }).collect();
        let ours: Vec<_> = read(file.as_bytes()).unwrap().cues.into_iter()
            .map(|cue| (cue.id.clone(), cue.start_ms, cue.end_ms, cue.text())).collect();
        prop_assert_eq!(found, ours);
    }
}
