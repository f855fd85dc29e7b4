//! The public suites of the web platform and of other readers, where they are at hand: they belong to others, so
//! they are not kept with the sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{blocks, cue_text, read};

/// The suites' folder; says so when it is missing.
fn suites() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contracts/webvtt");
    if folder.is_dir() {
        return Some(folder);
    }
    #[expect(clippy::print_stderr, reason = "a skipped check must be visible")]
    {
        eprintln!("skipped: no WebVTT suites at {}", folder.display());
    }
    None
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Identifier, start, end in seconds and raw text of every cue, as the reference readers report them.
fn reported(file: &[u8]) -> Value {
    let text = blocks::decode(file);
    let seconds = |ms: u64| serde_json::to_value(std::time::Duration::from_millis(ms).as_secs_f64()).unwrap();
    let cues = blocks::cues(&text).unwrap_or_default();
    let cues = cues.into_iter().map(|cue| {
        serde_json::json!({
            "id": cue.id, "start": seconds(cue.start_ms), "end": seconds(cue.end_ms), "text": cue.text,
        })
    });
    cues.collect()
}

/// Whole seconds are integers in one file and not in the other.
fn with_real_numbers(mut cues: Value) -> Value {
    for cue in cues.as_array_mut().unwrap() {
        for field in ["start", "end"] {
            cue[field] = serde_json::json!(cue[field].as_f64().unwrap());
        }
    }
    cues
}

#[test]
fn files_on_which_two_readers_agree_are_read_the_same() {
    let Some(folder) = suites() else { return };
    let expected = json(&folder.join("expected-two-parsers.json"));
    let mut checked = 0;
    for (name, expected) in expected.as_object().unwrap() {
        if expected["agreed"] == true {
            let cues = reported(&fs::read(folder.join(name)).unwrap());
            assert_eq!(cues, with_real_numbers(expected["cues"].clone()), "{name}");
            checked += 1;
        }
    }
    assert_eq!(checked, 290);
}

#[test]
fn disputed_files_are_read_as_the_platform_or_its_own_reader_does() {
    let Some(folder) = suites() else { return };
    let expected = json(&folder.join("expected-two-parsers.json"));
    let counts = json(&folder.join("wpt-asserted-cue-counts.json"));
    let (mut refused_files, mut checked) = (0, 0);
    for (name, expected) in expected.as_object().unwrap().iter().filter(|(_, value)| value["agreed"] == false)
    {
        let file = fs::read(folder.join(name)).unwrap();
        if read(&file).is_err() {
            let refused = expected["vttjs"]["error"].as_str().unwrap_or_default();
            assert!(refused.contains("signature"), "{name}");
            refused_files += 1;
            continue;
        }
        let cues = reported(&file);
        assert_eq!(cues, with_real_numbers(expected["webvtt_parser"]["cues"].clone()), "{name}");
        if let Some(count) = counts[name].as_u64() {
            assert_eq!(cues.as_array().unwrap().len() as u64, count, "{name}");
        }
        checked += 1;
    }
    assert_eq!((refused_files, checked), (4, 15));
}

#[test]
fn every_cue_the_platform_counts_is_counted() {
    let Some(folder) = suites() else { return };
    let counts: BTreeMap<String, usize> =
        serde_json::from_value(json(&folder.join("wpt-asserted-cue-counts.json"))).unwrap();
    assert_eq!(counts.len(), 36);
    for (name, count) in counts {
        let found =
            read(&fs::read(folder.join(&name)).unwrap()).map_or(0, |transcript| transcript.cues.len());
        assert_eq!(found, count, "{name}");
    }
}

/// What is spoken of a tree dump: its quoted strings, without those of attributes, and without those in an `<rt>`
/// that other text follows, which shows that it was closed.
fn spoken_of_tree(tree: &str) -> String {
    let (mut spoken, mut glossed) = (String::new(), String::new());
    let (mut gloss, mut open) = (None, false);
    for line in tree.split_inclusive('\n') {
        let begun = line.trim_start_matches(['|', ' ']);
        if !open {
            let depth = line.len() - begun.len();
            gloss = gloss.filter(|gloss| depth > *gloss).or(begun.starts_with("<rt").then_some(depth));
        }
        let rest = if open { line } else { begun.strip_prefix('"').unwrap_or_default() };
        let ended = rest.trim_end_matches('\n').strip_suffix('"');
        open = !rest.is_empty() && ended.is_none();
        let text = ended.unwrap_or(rest);
        if gloss.is_some() {
            glossed.push_str(text);
        } else if !text.is_empty() {
            glossed.clear();
            spoken.push_str(text);
        }
    }
    spoken + &glossed
}

#[test]
fn cue_text_is_what_the_platform_shows() {
    let Some(folder) = suites() else { return };
    let mut checked = 0;
    for suite in ["entities", "tags", "text", "timestamps", "tree-building"] {
        let cases = json(&folder.join(format!("wpt/wpt-cue-parsing/{suite}.json")));
        for case in cases.as_array().unwrap() {
            let text = case["text"].as_str().unwrap().replace('\0', "\u{fffd}");
            // An empty line ends a cue.
            let text = text.split("\n\n").next().unwrap();
            let expected = spoken_of_tree(case["expectedTree"].as_str().unwrap());
            let spoken: String = cue_text::voices(text).into_iter().map(|voice| voice.text).collect();
            let without_space = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(without_space(&spoken), without_space(&expected), "{suite}: {text:?}");
            checked += 1;
        }
    }
    assert_eq!(checked, 77);
}

#[test]
fn speakers_who_share_a_cue_are_told_apart_in_a_real_talk() {
    let Some(folder) = suites() else { return };
    let talk = read(&fs::read(folder.join("vttjs/integration/cycle-collector-talk.vtt")).unwrap()).unwrap();
    assert!(talk.cues.iter().all(|cue| !cue.voices.is_empty()));
    assert!(talk.cues.iter().any(|cue| cue.voices.len() > 1));
    assert!(!talk.cues.iter().any(|cue| cue.text().contains(['<', '>'])));
}
