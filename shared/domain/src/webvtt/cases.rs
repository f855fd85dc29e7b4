//! A conformance check that needs nothing but this folder: every rule of the parsing algorithm with the smallest
//! files that show it; those of a cue's text are in `text_cases`. The public suites, which are larger, are run by
//! `conformance` where they are at hand.

use super::{blocks, read};

/// The cues of a file, as `identifier [start-end] text as it stands`.
fn cues(file: &str) -> Vec<String> {
    let text = blocks::decode(file.as_bytes());
    let cues = blocks::cues(&text).expect("a signature").into_iter();
    cues.map(|cue| format!("{} [{}-{}] {}", cue.id, cue.start_ms, cue.end_ms, cue.text)).collect()
}

/// A file of one block, and whether it is a cue.
fn times(line: &str) -> Option<String> {
    let found = cues(&format!("WEBVTT\n\n{line}\ntext"));
    assert!(found.len() < 2, "{line}");
    found.first().map(|cue| cue.replace(" text", "").trim().to_owned())
}

const TIMES: &str = "00:01.000 --> 00:02.000";
const CUE: &str = " [1000-2000] ";

#[test]
fn signature_and_byte_order_mark() {
    for right in ["WEBVTT", "WEBVTT ", "WEBVTT\t-->", "WEBVTT\r", "\u{feff}WEBVTT\n", "WEBVTT x\0y"] {
        assert!(read(right.as_bytes()).is_ok(), "{right:?}");
    }
    let long = "WEBVTT".repeat(2);
    for wrong in
        ["WEBV", "WEBVTT\u{c}", "WEBVTT\0", "WEBVTT:", "Webvtt", "\0WEBVTT", "\u{feff} WEBVTT", &long]
    {
        assert!(read(wrong.as_bytes()).is_err(), "{wrong:?}");
    }
    let utf_16: Vec<u8> = "\u{feff}WEBVTT\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(read(&utf_16).is_err());
    assert!(read(b"\xEF\xBBWEBVTT").is_err());
}

#[test]
fn header() {
    for header in ["", "\nLanguage: en", "\n \nstill the header", " - title\nKind: captions\nWEBVTT"] {
        assert_eq!(cues(&format!("WEBVTT{header}\n\n{TIMES}\na")), [format!("{CUE}a")], "{header:?}");
        assert_eq!(cues(&format!("WEBVTT{header}\n{TIMES}\na")), [format!("{CUE}a")], "{header:?}");
    }
    assert_eq!(cues(&format!("WEBVTT {TIMES}\nnot a cue")), [""; 0]);
    assert_eq!(cues(&format!("WEBVTT\nnot an identifier\n{TIMES}\na")), [format!("{CUE}a")]);
    assert_eq!(cues(&format!("WEBVTT\n\n\n\n{TIMES}\na\n\n\n\n")), [format!("{CUE}a")]);
}

#[test]
fn line_ends() {
    let expected = [format!("{CUE}a\nb"), format!("{CUE}c")];
    let file = format!("WEBVTT\n\n{TIMES}\na\nb\n\n{TIMES}\nc\n");
    for line_end in ["\n", "\r\n", "\r"] {
        assert_eq!(cues(&file.replace('\n', line_end)), expected, "{line_end:?}");
    }
    assert_eq!(cues(&format!("WEBVTT\r\n\n{TIMES}\ra\r\nb\n\r{TIMES}\nc")), expected);
    // CR CR LF ends two lines, LF CR as well; no other sign ends a line.
    assert_eq!(cues(&format!("WEBVTT\n\n{TIMES}\na\r\r\nb")), [format!("{CUE}a")]);
    for within in ["\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
        assert_eq!(
            cues(&format!("WEBVTT\n\n{TIMES}\na{within}{within}b")),
            [format!("{CUE}a{within}{within}b")]
        );
    }
}

#[test]
fn nul_and_bytes_that_are_no_characters() {
    assert_eq!(cues(&format!("WEBVTT\n\n\0id\n{TIMES}\na\0b")), [format!("\u{fffd}id{CUE}a\u{fffd}b")]);
    assert_eq!(times("00:0\x001.000 --> 00:02.000"), None);
    assert_eq!(times("00:01.000 --\0> 00:02.000"), None);
    let transcript = read(b"WEBVTT\n\n00:01.000 --> 00:02.000\n\xff\xc3(\xe2\x82 \xed\xa0\x80").unwrap();
    assert_eq!(transcript.cues[0].text().chars().filter(|letter| *letter == '\u{fffd}').count(), 6);
}

#[test]
fn blocks_that_are_no_cues() {
    for block in [
        "NOTE",
        "NOTE a\nb\nc",
        "NOTE\tx",
        "NOTEs are not comments but no cues either",
        "STYLE\n::cue { color: red; }",
        "STYLE \n::cue(b) {}",
        "REGION\nid:a\nlines:3",
        "REGION x",
        "identifier only",
        "1\n2\n3",
        "00:01.000",
        "\u{feff}",
        "00:01.000 -> 00:02.000\nalmost",
        "00:01.000 -- > 00:02.000",
        " ",
    ] {
        let file = format!("WEBVTT\n\n{block}\n\n{TIMES}\na\n\n{block}\n\n{TIMES}\nb\n\n{block}");
        assert_eq!(cues(&file), [format!("{CUE}a"), format!("{CUE}b")], "{block:?}");
    }
}

#[test]
fn times_end_a_block_that_is_no_cue() {
    for block in ["NOTE a comment\nof two lines", "STYLE\n::cue {}", "REGION\nid:a", "1\n2"] {
        assert_eq!(cues(&format!("WEBVTT\n\n{block}\n{TIMES}\na")), [format!("{CUE}a")], "{block:?}");
    }
    // Right below the first line they make it an identifier, whatever it says.
    for first in ["NOTE", "STYLE", "REGION", " ", "00:01.000"] {
        assert_eq!(cues(&format!("WEBVTT\n\n{first}\n{TIMES}\na")), [format!("{first}{CUE}a")], "{first:?}");
    }
}

#[test]
fn identifiers() {
    for id in ["1", " spaced out ", "é &amp; <v>", "--", "->", "-- >", "\u{feff}"] {
        assert_eq!(cues(&format!("WEBVTT\n\n{id}\n{TIMES}\na")), [format!("{id}{CUE}a")], "{id:?}");
    }
    // A first line with an arrow holds times, well-formed or not.
    assert_eq!(cues(&format!("WEBVTT\n\n1 -->\n{TIMES}\na")), [format!("{CUE}a")]);
    assert_eq!(cues(&format!("WEBVTT\n\na\n1 --> 2\n\n{TIMES}\na")), [format!("{CUE}a")]);
}

#[test]
fn times_with_and_without_hours() {
    for (line, expected) in [
        ("00:00.000 --> 00:00.000", "[0-0]"),
        ("59:59.999 --> 00:59:59.999", "[3599999-3599999]"),
        ("01:00:00.001 --> 1:00:00.002", "[3600001-3600002]"),
        ("000:00:00.000 --> 0000000001:00:00.000", "[0-3600000]"),
        ("999:59:59.999 --> 60:00:00.000", "[3599999999-216000000]"),
        ("00:02.000 --> 00:01.000", "[2000-1000]"),
    ] {
        assert_eq!(times(line).as_deref(), Some(expected), "{line}");
    }
}

#[test]
fn times_that_are_malformed() {
    for wrong in [
        "",
        "0",
        "00",
        "00:",
        "00:0",
        "00:00",
        "00:00.",
        "00:00.0",
        "00:00.00",
        "00:00.0000",
        "0:00.000",
        "000:00.000",
        "00:000.000",
        "00:0.000",
        "60:00.000",
        "00:60.000",
        "00:60:00.000",
        "00:00:60.000",
        "00:00:00:00.000",
        "00:00:00",
        "00.00.000",
        "00:00:0.000",
        "00:0:00.000",
        "-00:00.000",
        "+00:00.000",
        "00: 00.000",
        "00:00 .000",
        "00:00.-01",
        "００:00.000",
        "٠٠:00.000",
        ":00.000",
        "00::00.000",
        "NaN",
        "0x:00.000",
    ] {
        assert_eq!(times(&format!("{wrong} --> 00:01.000")), None, "{wrong:?} as start");
        assert_eq!(times(&format!("00:00.000 --> {wrong}")), None, "{wrong:?} as end");
    }
}

#[test]
fn space_around_times() {
    for space in ["", " ", "\t", "\u{c}", " \t \u{c} "] {
        let line = format!("{space}00:01.000{space}-->{space}00:02.000{space}");
        assert_eq!(times(&line).as_deref(), Some("[1000-2000]"), "{line:?}");
    }
    for wrong in ["\u{b}", "\u{a0}", "\u{3000}", "\u{feff}", "x", "-"] {
        assert_eq!(times(&format!("00:01.000{wrong}--> 00:02.000")), None, "{wrong:?}");
        assert_eq!(times(&format!("00:01.000 -->{wrong}00:02.000")), None, "{wrong:?}");
    }
    for wrong in
        ["00:01.000 ---> 00:02.000", "00:01.000 -->> 00:02.000", "00:01.000 --> --> 00:02.000", "-->"]
    {
        assert_eq!(times(wrong), None, "{wrong}");
    }
}

#[test]
fn overflow() {
    let hours = "9".repeat(1_000);
    assert_eq!(times(&format!("{hours}:00:00.000 --> 00:00.000")), Some(format!("[{}-0]", u64::MAX)));
    assert_eq!(
        times(&format!("{}1:00:00.000 --> 00:00.000", "0".repeat(1_000))).as_deref(),
        Some("[3600000-0]")
    );
    let line = "5124095576030:25:51.615 --> 5124095576030:25:51.616";
    assert_eq!(times(line), Some(format!("[{0}-{0}]", u64::MAX)));
}

#[test]
fn settings_change_neither_times_nor_text() {
    for settings in [
        "",
        "align:start",
        "align:left line:0 position:10%,line-left size:35% vertical:rl region:a",
        "line:-1,end",
        "position:101%",
        "size:",
        ":50%",
        "align",
        "align:start align:end",
        "--> 00:03.000",
        "é",
        "\u{0}",
        "<v Ada>",
        "x:y:z",
    ] {
        assert_eq!(times(&format!("{TIMES} {settings}")).as_deref(), Some("[1000-2000]"), "{settings:?}");
    }
    assert_eq!(times(&format!("{TIMES}align:start")).as_deref(), Some("[1000-2000]"));
}

#[test]
fn where_text_ends() {
    assert_eq!(cues(&format!("WEBVTT\n\n{TIMES}\na\n \n\t\nb\n\nc")), [format!("{CUE}a\n \n\t\nb")]);
    assert_eq!(cues(&format!("WEBVTT\n\n{TIMES}\n\na")), [CUE.to_owned()]);
    assert_eq!(cues(&format!("WEBVTT\n\n{TIMES}")), [CUE.to_owned()]);
    assert_eq!(cues(&format!("WEBVTT\n\n{TIMES}\na\n{TIMES}\nb")), [format!("{CUE}a"), format!("{CUE}b")]);
    assert_eq!(
        cues(&format!("WEBVTT\n\n{TIMES}\na\n-->\n{TIMES}\nb")),
        [format!("{CUE}a"), format!("{CUE}b")]
    );
    assert_eq!(cues(&format!("WEBVTT\n\n{TIMES}\nNOTE a\nSTYLE\n1")), [format!("{CUE}NOTE a\nSTYLE\n1")]);
    // The text of a cue with malformed times goes with it.
    assert_eq!(cues(&format!("WEBVTT\n\n0 --> 1\nlost\nlost\n\n{TIMES}\na")), [format!("{CUE}a")]);
}

#[test]
fn a_file_cut_off_anywhere_keeps_the_cues_before_the_cut() {
    let file = "\u{feff}WEBVTT - é\r\nKind: x\r\n\r\nNOTE\r\nhi\r\n\r\none\r\n00:01.000 --> 00:02.000 line:0\r\n\
        <v Ö.>a &amp; b</v>\r\n<ruby>漢<rt>k</rt></ruby>\r\n\r\ntwo\r\n00:00:03.000 --> 00:00:04.000\r\n<i>c</i> &eacute;\r\n";
    let whole = cues(file);
    assert_eq!(whole.len(), 2);
    for end in 0..file.len() {
        let Ok(transcript) = read(&file.as_bytes()[..end]) else {
            assert!(end < "\u{feff}WEBVTT".len(), "{end}");
            continue;
        };
        let text = blocks::decode(&file.as_bytes()[..end]);
        let found = blocks::cues(&text).unwrap();
        assert_eq!(found.len(), transcript.cues.len());
        let complete = found.len().saturating_sub(1);
        assert!(
            found.iter().take(complete).map(|cue| cue.text).eq([
                "<v Ö.>a &amp; b</v>\n<ruby>漢<rt>k</rt></ruby>"
            ]
            .into_iter()
            .take(complete))
        );
    }
}
