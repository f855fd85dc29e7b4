//! What readers and writers of transcripts notice.

use super::*;
use crate::Voice;

fn cue(text: &str) -> Vec<(Option<String>, String)> {
    let file = format!("WEBVTT\n\n00:01.000 --> 00:02.000\n{text}");
    let mut cues = read(file.as_bytes()).unwrap().cues;
    assert_eq!(cues.len(), 1, "{text}");
    cues.remove(0).voices.into_iter().map(|voice| (voice.speaker, voice.text)).collect()
}

/// Voices as `speaker: text` lines.
fn spoken(text: &str) -> String {
    let voices = cue(text).into_iter().map(|(speaker, text)| match speaker {
        Some(speaker) => format!("{speaker}: {text}"),
        None => text,
    });
    voices.collect::<Vec<_>>().join(" | ")
}

fn texts(file: &str) -> Vec<String> {
    read(file.as_bytes()).unwrap().cues.iter().map(Cue::text).collect()
}

#[test]
fn only_the_signature_makes_a_file() {
    for right in ["WEBVTT", "WEBVTT\n", "\u{feff}WEBVTT\r\n\r\n", "WEBVTT - a title", "WEBVTT\tx\r\rNOTE hi"]
    {
        assert_eq!(read(right.as_bytes()), Ok(Transcript::default()), "{right:?}");
    }
    for wrong in ["", "webvtt", " WEBVTT", "\nWEBVTT", "WEBVTTX", "\u{feff}\u{feff}WEBVTT", "1\n00:00:01,000"]
    {
        assert_eq!(read(wrong.as_bytes()), Err(Invalid), "{wrong:?}");
    }
}

#[test]
fn comments_styles_regions_and_headers_are_not_spoken() {
    let file = "WEBVTT Kind: captions\nLanguage: en\n\nNOTE\nnot\nthis\n\nSTYLE\n::cue { color: red }\n\n\
        REGION\nid:a\n\n1\n00:01.000 --> 00:02.000 region:a align:start\nspoken\n\nNOTE nor this\n\nstray line\n";
    assert_eq!(texts(file), ["spoken"]);
}

#[test]
fn any_line_end_and_a_missing_blank_line_are_read() {
    let file = "WEBVTT\r00:01.000 --> 00:02.000\rone\r\n\r\n00:02.000 --> 00:03.000\ntwo\n00:03.000 --> 00:04.000\nthree";
    assert_eq!(texts(file), ["one", "two", "three"]);
}

#[test]
fn digits_are_speech() {
    assert_eq!(
        texts("WEBVTT\n\n1\n00:01.000 --> 00:02.000\n404\n\n2\n00:02.000 --> 00:03.000\n42\n43"),
        ["404", "42 43"]
    );
}

#[test]
fn a_cue_keeps_its_times_even_when_they_run_backwards() {
    let transcript = read(b"WEBVTT\n\n01:00:05.250 --> 00:01.000\nhi").unwrap();
    let voices = vec![Voice { speaker: None, text: "hi".into() }];
    assert_eq!(transcript.cues, [Cue { id: "1".into(), start_ms: 3_605_250, end_ms: 1_000, voices }]);
}

#[test]
fn identifiers_are_kept_only_when_they_tell_every_cue_apart() {
    let file = |first: &str, second: &str| {
        format!("WEBVTT\n\n{first}00:01.000 --> 00:02.000\na\n\n{second}00:02.000 --> 00:03.000\nb\n")
    };
    let ids = |first: &str, second: &str| {
        let cues = read(file(first, second).as_bytes()).unwrap().cues;
        cues.into_iter().map(|cue| cue.id).collect::<Vec<_>>()
    };
    assert_eq!(ids("intro\n", "5f/2-0\n"), ["intro", "5f/2-0"]);
    assert_eq!(ids("7\n", "7\n"), ["1", "2"]);
    assert_eq!(ids("7\n", ""), ["1", "2"]);
    assert_eq!(ids(" \n", "7\n"), ["1", "2"]);
}

#[test]
fn several_voices_in_a_cue_stay_apart() {
    assert_eq!(
        spoken("<v Ada>Hello.\n<v.loud.far Bo B.>Hi &amp; <i>bye</i>"),
        "Ada: Hello. | Bo B.: Hi & bye"
    );
    assert_eq!(spoken("<v Ada>Hello.</v> ok <v Ada>Again.</v>"), "Ada: Hello. | ok | Ada: Again.");
    assert_eq!(spoken("<v Ada>Hello.</v>\n<v Ada>Again.</v>"), "Ada: Hello. Again.");
    assert_eq!(spoken("<v  R&amp;D \t team >Hi"), "R&D team: Hi");
    assert_eq!(spoken("<v Ada>one <v Bo>two</v> three"), "Ada: one | Bo: two | Ada: three");
    assert_eq!(spoken("<v>who</v> <v.loud>knows"), "who knows");
}

#[test]
fn tags_moments_and_entities_leave_only_what_is_said() {
    assert_eq!(
        spoken("<c.yellow.bg_blue>Key<00:01.500>board</c> <b>is</b> <u>so</u> <lang en-GB>grey</lang>"),
        "Keyboard is so grey"
    );
    assert_eq!(
        spoken("<font color=red>Red</font> &lt;b&gt; 5 &gt; 3&nbsp;&amp;&nbsp;more"),
        "Red <b> 5 > 3 & more"
    );
    assert_eq!(spoken("<i>never <b>closed"), "never closed");
    assert_eq!(spoken("</v>stray</c>"), "stray");
}

#[test]
fn a_reading_aid_is_not_read_twice_but_an_unclosed_one_loses_nothing() {
    assert_eq!(spoken("<ruby>漢<rt>kan</rt>字<rt>ji</rt></ruby>です"), "漢字です");
    assert_eq!(spoken("<ruby>漢<rt>kan</ruby>です"), "漢です");
    assert_eq!(spoken("<ruby>漢<rt>kan and all that follows"), "漢kan and all that follows");
    assert_eq!(spoken("<rt>outside</rt>"), "outside");
}

#[test]
fn a_careless_less_than_sign_costs_no_speech() {
    assert_eq!(spoken("if x < 5 then"), "if x < 5 then");
    assert_eq!(spoken("if x < 5 and y > 3"), "if x < 5 and y > 3");
    assert_eq!(spoken("fewer <5 items left"), "fewer <5 items left");
    assert_eq!(spoken("an <i unfinished tag"), "an unfinished tag");
    assert_eq!(spoken("an <00:01.000 unfinished moment"), "an unfinished moment");
    assert_eq!(spoken("ends with <"), "ends with");
    assert_eq!(spoken("a <b c <i>d</i> e"), "a d e");
}

#[test]
fn an_arrow_in_speech_is_spoken_but_not_above_other_times() {
    let file = "WEBVTT\n\n00:01.000 --> 00:02.000\nI click\nFile --> Export\nand wait\n\n\
        00:02.000 --> 00:03.000\nnext\nbroken -->\n00:03.000 --> 00:04.000\nlast";
    assert_eq!(texts(file), ["I click File --> Export and wait", "next", "last"]);
}

#[test]
fn comma_milliseconds_are_read_where_the_file_means_them() {
    let file = "WEBVTT\n\n1\n00:00:01,000 --> 00:00:02,500\none\n\n2\n00:00:03.000 --> 00:00:04.000\ntwo\n";
    assert_eq!(texts(file), ["one", "two"]);
    assert_eq!(read(file.as_bytes()).unwrap().cues[0].end_ms, 2_500);
}

#[test]
fn bytes_that_are_not_utf_8_cost_only_themselves() {
    let transcript = read(b"WEBVTT\n\n00:01.000 --> 00:02.000\ncaf\xE9 \x00 open").unwrap();
    assert_eq!(transcript.cues[0].text(), "caf\u{fffd} \u{fffd} open");
}

#[test]
fn a_cue_without_speech_is_a_cue_without_voices() {
    let transcript =
        read(b"WEBVTT\n\n00:01.000 --> 00:02.000\n\n00:02.000 --> 00:03.000\n<v Ada> </v>\n").unwrap();
    assert_eq!(transcript.cues.len(), 2);
    assert!(transcript.cues.iter().all(|cue| cue.voices.is_empty()));
    assert_eq!(transcript.speech_chars(), 0);
}

#[test]
fn a_written_file_can_be_read_by_a_person() {
    let voice =
        |speaker: Option<&str>, text: &str| Voice { speaker: speaker.map(str::to_owned), text: text.into() };
    let cue = |id: &str, start_ms, voices| Cue { id: id.into(), start_ms, end_ms: start_ms + 1_500, voices };
    let transcript = Transcript {
        cues: vec![
            cue("1", 3_723_004, vec![voice(Some("Speaker 0"), "a < b --> c & d")]),
            cue("2", 360_000_000, vec![voice(Some("R&D"), "Yes."), voice(None, "No.")]),
        ],
    };
    let file = "WEBVTT\n\n1\n01:02:03.004 --> 01:02:04.504\n<v Speaker 0>a &lt; b --&gt; c &amp; d\n\n\
        2\n100:00:00.000 --> 100:00:01.500\n<v R&amp;D>Yes.</v>\nNo.\n";
    assert_eq!(write(&transcript), file);
    assert_eq!(read(file.as_bytes()), Ok(transcript));
}

#[test]
fn a_speaker_whose_name_ends_in_hyphens_is_not_taken_for_times() {
    let voice = |speaker: &str| Voice { speaker: Some(speaker.into()), text: "hi".into() };
    for name in ["--", "A --", "---", "-", "&#45;-", "-- >"] {
        let voices = vec![voice("Ada --"), voice(name), voice("Bo --")];
        let transcript = Transcript { cues: vec![Cue { id: "1".into(), start_ms: 0, end_ms: 1, voices }] };
        assert_eq!(read(write(&transcript).as_bytes()), Ok(transcript), "{name}");
    }
}

#[test]
fn a_name_repeated_for_every_word_does_not_make_a_small_file_large() {
    let name = "Bartholomäus ".repeat(20_000);
    let transcript = &read(
        format!("WEBVTT\n\n00:01.000 --> 00:02.000\n<v {name}>{}", "<v x>a</v>b".repeat(20_000)).as_bytes(),
    )
    .unwrap();
    let voices = &transcript.cues[0].voices;
    assert_eq!(voices.len(), 40_000);
    assert!(voices.iter().flat_map(|voice| &voice.speaker).all(|speaker| speaker.chars().count() <= 100));
    assert_eq!(read(write(transcript).as_bytes()).as_ref(), Ok(transcript));
}

#[test]
fn identifiers_that_would_break_the_file_are_replaced_by_numbers() {
    let cue = |id: &str| Cue { id: id.into(), start_ms: 0, end_ms: 1, voices: vec![] };
    for wrong in ["", "a\nb", "a --> b", "x"] {
        let file = write(&Transcript { cues: vec![cue(wrong), cue("x")] });
        let ids: Vec<_> = read(file.as_bytes()).unwrap().cues.into_iter().map(|cue| cue.id).collect();
        assert_eq!(ids, ["1", "2"], "{wrong:?}");
    }
}

#[test]
fn the_time_to_read_grows_with_the_size_alone() {
    let length = 200_000;
    for tail in ["<".repeat(length), "< ".repeat(length), "<v a>".repeat(length), "<i x".repeat(length)] {
        let _ = cue(&tail);
    }
    let _ = cue(&format!("<v {}>{}", "a".repeat(length), "<i>b</i>".repeat(length)));
    let _ = cue(&"&notit".repeat(length));
    let _ = read(format!("WEBVTT\n{}", "a-->\n".repeat(length)).as_bytes());
}
