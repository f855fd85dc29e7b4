//! How good the drafts by rules are, measured on labelled recordings; `docs/EXTRACTION.md` holds the numbers.
#![expect(clippy::print_stdout, reason = "the numbers are read by people")]

mod labels;
mod steadiness;
mod tally;

use super::rules::draft_by_rules;
use super::samples::link;
use crate::{Draft, Priority, TicketType};
use labels::{Recording, recordings};
use tally::Tally;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/EXTRACTION.md");
const HEAD: &str = "| | Recordings | Type | Priority | First choice | Too urgent | Steps: precision / recall / F1 | Title | About | Expected | Links | Small talk |\n\
                    |---|---|---|---|---|---|---|---|---|---|---|---|\n";
/// What stands around the table in the docs.
const BORDERS: [&str; 2] = ["<!-- measured -->\n", "<!-- /measured -->"];

fn draft(recording: &Recording) -> Draft {
    draft_by_rules(&recording.transcript, &link()).unwrap()
}

fn table(measured: &[(Recording, Tally)]) -> String {
    let mut table = HEAD.to_owned();
    for (half, is_held_out) in [("development", false), ("**held out**", true)] {
        let here = || measured.iter().filter(|(recording, _)| recording.is_held_out() == is_held_out);
        let mut row = |name: &str, rows: Vec<&Tally>| table.push_str(&(Tally::sum(rows).row(name) + "\n"));
        row(half, here().map(|(_, tally)| tally).collect());
        for language in ["en", "de", "es", "fr"] {
            let spoken = here().filter(|(recording, _)| recording.language() == language);
            row(&format!("{half}, {language}"), spoken.map(|(_, tally)| tally).collect());
        }
    }
    table
}

fn measured() -> Vec<(Recording, Tally)> {
    let measure = |recording: Recording| {
        let tally = Tally::of(&recording, &draft(&recording));
        (recording, tally)
    };
    recordings().into_iter().map(measure).collect()
}

/// What is not right in the recordings that rules are made with; nobody looks at the others.
fn tell(recording: &Recording, tally: &Tally) {
    let draft = draft(recording);
    println!("\n{} {tally:?}", recording.name);
    println!(
        "  {:?} of {:?}, {:?} of {:?}",
        draft.ticket_type, recording.types, draft.priority, recording.priorities
    );
    println!("  title: {}", draft.title);
    println!("  steps {:?}, optional {:?}, noise {:?}", recording.steps, recording.optional, recording.noise);
    println!("  about {:?}, expected {:?}", recording.about, recording.expected);
    for part in &draft.evidence {
        println!("  {} {:?} {}", part.pointer, part.cue_ids, part.quote);
    }
}

#[test]
fn the_docs_tell_how_good_drafts_by_rules_are() {
    let measured = measured();
    for (recording, tally) in &measured {
        if !recording.is_held_out() && !tally.is_perfect() {
            tell(recording, tally);
        }
    }
    let table = table(&measured);
    println!("\n{table}");
    if std::env::var_os("WRITE_DOCS").is_some() {
        write(&table);
    }
    let docs = std::fs::read_to_string(DOCS).unwrap();
    assert!(docs.contains(&table), "the numbers changed: run `make docs` and commit the result");
}

fn write(table: &str) {
    let docs = std::fs::read_to_string(DOCS).unwrap();
    let [start, end] = BORDERS;
    let (before, rest) = docs.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    std::fs::write(DOCS, format!("{before}{start}{table}{end}{after}")).unwrap();
}

#[test]
fn the_recording_of_the_demo_becomes_a_draft_that_a_person_would_file() {
    let file = include_bytes!("../../../../events/demo/walkthrough.vtt");
    let draft = draft_by_rules(&crate::webvtt::read(file).unwrap(), &link()).unwrap();
    assert_eq!((draft.ticket_type, draft.priority), (TicketType::Bug, Priority::High), "{draft:#?}");
    assert_eq!(draft.title, "Discount codes get lost when people change their delivery address");
    let steps: Vec<&str> = draft.steps_to_reproduce.iter().map(String::as_str).collect();
    assert_eq!(steps[0], "Open the shop in a private window");
    let told = ["Enter the code WELCOME20", "Press Apply", "Click Change next to the delivery address"];
    assert!(told.iter().all(|step| steps.contains(step)), "{steps:?}");
}
