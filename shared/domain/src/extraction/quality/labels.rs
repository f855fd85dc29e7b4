//! The labelled recordings of `testdata/labelled`; the README there explains the labels.

use std::collections::HashMap;
use std::path::Path;
use std::str::FromStr;

use crate::{Priority, TicketType, Transcript, webvtt};

pub(super) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/labelled");

/// A transcript and what a careful person makes of it.
#[derive(Debug)]
pub(super) struct Recording {
    /// The number, the language and what it is about: `07-en-timezone-meeting-shift`.
    pub(super) name: String,
    pub(super) transcript: Transcript,
    pub(super) types: Vec<TicketType>,
    pub(super) priorities: Vec<Priority>,
    /// Beginnings of words for the subject and for what about it.
    pub(super) title: Vec<Vec<String>>,
    pub(super) about: Vec<String>,
    pub(super) steps: Vec<String>,
    pub(super) optional: Vec<String>,
    pub(super) expected: Vec<String>,
    pub(super) noise: Vec<String>,
    pub(super) links: Vec<String>,
}

impl Recording {
    pub(super) fn language(&self) -> &str {
        self.name.split('-').nth(1).unwrap()
    }

    /// Rules are made without looking at the ones with even numbers.
    pub(super) fn is_held_out(&self) -> bool {
        self.name[..2].parse::<u32>().unwrap().is_multiple_of(2)
    }

    fn read(path: &Path) -> Self {
        let file = std::fs::read_to_string(path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let note = file.split("\n\n").find_map(|block| block.strip_prefix("NOTE labels\n"));
        let note = note.unwrap_or_else(|| panic!("{name} has no labels"));
        let mut labels: HashMap<&str, &str> =
            note.lines().map(|line| line.split_once(": ").unwrap()).collect();
        let mut words = |label: &str| words(labels.remove(label).unwrap_or_default(), char::is_whitespace);
        let [about, steps, optional] = ["about", "steps", "optional"].map(&mut words);
        let [expected, noise, links] = ["expected", "noise", "links"].map(&mut words);
        let recording = Self {
            transcript: webvtt::read(file.as_bytes()).unwrap(),
            types: one_of(labels.remove("type").unwrap()),
            priorities: one_of(labels.remove("priority").unwrap()),
            title: title(labels.remove("title").unwrap()),
            about,
            steps,
            optional,
            expected,
            noise,
            links,
            name,
        };
        assert!(labels.is_empty(), "{}: {labels:?}", recording.name);
        recording
    }
}

fn words(text: &str, is_border: fn(char) -> bool) -> Vec<String> {
    text.split(is_border).map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

fn one_of<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> Vec<T> {
    words(text, |sign| sign == '|').iter().map(|word| word.parse().unwrap()).collect()
}

fn title(text: &str) -> Vec<Vec<String>> {
    text.split('/').map(|group| words(group, char::is_whitespace)).collect()
}

/// All of them, by number.
pub(super) fn recordings() -> Vec<Recording> {
    let files = std::fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = files.filter(|path| path.extension().is_some_and(|it| it == "vtt")).collect();
    paths.sort();
    paths.iter().map(|path| Recording::read(path)).collect()
}

#[test]
fn every_label_names_a_cue_that_is_there() {
    let recordings = recordings();
    assert_eq!(recordings.len(), 86);
    for recording in recordings {
        let Recording { about, steps, optional, expected, noise, .. } = &recording;
        for cue in [about, steps, optional, expected, noise].into_iter().flatten() {
            assert!(recording.transcript.cue(cue).is_some(), "{}: {cue}", recording.name);
        }
        assert!(!about.is_empty() && recording.title.len() == 2, "{}", recording.name);
        assert!(steps.iter().all(|cue| !noise.contains(cue)), "{}", recording.name);
    }
}
