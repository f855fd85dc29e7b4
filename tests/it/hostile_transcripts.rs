//! Recordings and models that are up to no good: whatever they say, a draft holds what was said and nothing else
//! happens.

mod answers;
mod recordings;

use std::collections::BTreeSet;

use domain::{Transcript, webvtt};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::openai::ScriptedAnswer;

use self::answers::INVENTED;
use self::recordings::{RECORDINGS, file};
use crate::support::world::{DEEPGRAM_KEY, OPENAI_KEY, SESSION_KEY};
use crate::support::{World, send_json};

/// The draft of a file, made from what the model answers (as often as it is asked), checked.
async fn draft(world: &World, file: &str, answer: Option<&ScriptedAnswer>) -> Value {
    let body = json!({"name": "a", "transcript": file});
    let request = send_json(world, "alice", Method::PUT, "/v1/videos/rec-1", None, &body);
    let stored = world.send(api::routes, request).await;
    assert!(stored.status.is_success(), "{stored:?}");
    {
        let model = &mut world.providers.lock().unwrap().openai.simulator;
        model.set_down(answer.is_none());
        model.clear_script();
        for _ in 0..3 {
            if let Some(answer) = answer {
                model.script(answer.clone());
            }
        }
    }
    let path = "/v1/videos/rec-1/ticket-draft";
    let request = send_json(world, "alice", Method::POST, path, None, &json!({}));
    let answer = world.send(ticket_extraction::routes, request).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let draft = answer.json();
    check(&draft, &webvtt::read(file.as_bytes()).unwrap());
    draft
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// What holds for every draft, whoever said what.
fn check(draft: &Value, transcript: &Transcript) {
    let fields = [
        "title",
        "ticket_type",
        "priority",
        "description",
        "steps_to_reproduce",
        "evidence",
        "source",
        "warnings",
    ];
    assert_eq!(keys(draft), BTreeSet::from(fields));
    assert!(["Bug", "Feature", "Enhancement", "Task"].contains(&draft["ticket_type"].as_str().unwrap()));
    assert!(["Low", "Medium", "High", "Critical"].contains(&draft["priority"].as_str().unwrap()));
    let text = draft.to_string();
    for secret in [OPENAI_KEY, DEEPGRAM_KEY, SESSION_KEY, INVENTED] {
        assert!(!text.to_lowercase().contains(secret), "{secret}: {draft}");
    }
    let title = draft["title"].as_str().unwrap();
    assert!((1..=80).contains(&title.chars().count()), "{title}");
    assert!(draft["description"].as_str().unwrap().chars().count() <= 1_300, "{draft}");
    let steps = texts(&draft["steps_to_reproduce"]);
    assert!(steps.len() <= 50 && steps.iter().all(|step| step.chars().count() <= 500));
    for shown in steps.iter().chain([&title, &draft["description"].as_str().unwrap()]) {
        assert!(!shown.chars().any(is_deceptive), "{shown:?}");
    }
    assert!(draft["warnings"].as_array().unwrap().len() <= 200);
    let evidence = draft["evidence"].as_array().unwrap();
    assert!(evidence.len() <= 500);
    for part in evidence {
        check_evidence(part, steps.len(), transcript);
    }
}

/// Control characters, and signs that hide text or turn it around.
fn is_deceptive(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        || matches!(letter, '\u{61c}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// The quote stands, letter by letter, in the cues that are named, and the link opens them.
fn check_evidence(part: &Value, steps: usize, transcript: &Transcript) {
    assert_eq!(keys(part), BTreeSet::from(["pointer", "cue_ids", "start_ms", "end_ms", "quote", "url"]));
    let pointer = part["pointer"].as_str().unwrap();
    let is_step = |index: &str| index.parse::<usize>().is_ok_and(|index| index < steps);
    assert!(
        pointer == "/description" || pointer.strip_prefix("/steps_to_reproduce/").is_some_and(is_step),
        "{part}"
    );
    let ids = texts(&part["cue_ids"]);
    let first = transcript.cues.iter().position(|cue| cue.id == ids[0]).unwrap();
    let cues = &transcript.cues[first..first + ids.len()];
    assert!(cues.iter().map(|cue| cue.id.as_str()).eq(ids), "{part}");
    let spoken =
        cues.iter().map(domain::Cue::text).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    let quote = part["quote"].as_str().unwrap();
    assert!(!quote.is_empty() && spoken.contains(quote), "{part}");
    let start = cues[0].start_ms;
    assert_eq!(part["start_ms"], start);
    assert_eq!(part["url"], format!("https://app.example.com/s/rec-1?t={}", start / 1_000));
}

/// Nobody but the model was spoken to, and nothing waits to be done.
fn nothing_else_happened(world: &World) {
    let providers = world.providers.lock().unwrap();
    let asked = [&providers.notion.records, &providers.deepgram.records, &providers.google.records];
    assert!(asked.iter().all(|records| records.all().is_empty()));
    assert_eq!(providers.openai.simulator.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn no_recording_leads_a_model_that_obeys_it_beyond_what_was_said() {
    let world = World::calm();
    let greedy = ScriptedAnswer::Content { value: answers::greedy() };
    for (what, cues) in RECORDINGS {
        let draft = draft(&world, &file(cues, what), Some(&greedy)).await;
        assert_eq!(
            (&draft["source"], &draft["priority"]),
            (&json!("llm"), &json!("Medium")),
            "{what}: {draft}"
        );
        let quotes: Vec<_> =
            draft["evidence"].as_array().unwrap().iter().map(|part| &part["quote"]).collect();
        assert!(quotes.contains(&&json!("the page stays empty")), "{what}: {draft}");
    }
    nothing_else_happened(&world);
}

#[tokio::test(start_paused = true)]
async fn what_a_recording_orders_changes_nothing_in_a_draft_by_rules() {
    let world = World::calm();
    let calm = draft(&world, &file("", "calm"), None).await;
    for (what, cues) in RECORDINGS {
        let draft = draft(&world, &file(cues, what), None).await;
        for field in ["source", "ticket_type", "priority"] {
            assert_eq!(draft[field], calm[field], "{what}: {draft}");
        }
    }
    nothing_else_happened(&world);
}

#[tokio::test(start_paused = true)]
async fn what_is_said_stays_between_the_marks_of_the_prompt() {
    let world = World::calm();
    for (what, cues) in RECORDINGS {
        draft(&world, &file(cues, what), Some(&ScriptedAnswer::ContentFilter)).await;
    }
    let providers = world.providers.lock().unwrap();
    let asked = providers.openai.simulator.completions();
    assert_eq!(asked.len(), RECORDINGS.len());
    for request in asked {
        let messages = request["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 2, "{request}");
        assert_eq!(
            messages[0], asked[0]["messages"][0],
            "what the model is told never depends on a recording"
        );
        let lines: Vec<_> = messages[1]["content"].as_str().unwrap().lines().collect();
        assert_eq!((lines[0], lines[lines.len() - 1]), ("BEGIN TRANSCRIPT", "END TRANSCRIPT"), "{request}");
        assert!(lines[1..lines.len() - 1].iter().all(|line| line.starts_with('[')), "{request}");
        assert!(!request.to_string().contains(OPENAI_KEY));
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_a_model_claims_the_draft_is_true() {
    let world = World::calm();
    let (_, cues) = RECORDINGS[0];
    for (index, (what, value)) in answers::readable().into_iter().enumerate() {
        let answer = ScriptedAnswer::Content { value };
        let draft = draft(&world, &file(cues, &format!("{what} {index}")), Some(&answer)).await;
        assert_eq!(draft["source"], "llm", "{what}: {answer:?}");
        assert_ne!(draft["priority"], "Critical", "{what}");
    }
    nothing_else_happened(&world);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_none_is_not_believed_in_part() {
    let world = World::calm();
    let (_, cues) = RECORDINGS[0];
    for (what, answer) in answers::unreadable() {
        let draft = draft(&world, &file(cues, what), Some(&answer)).await;
        assert_eq!(draft["source"], "rules", "{what}: {draft}");
        assert!(!draft.to_string().contains("Owned"), "{what}: {draft}");
    }
    nothing_else_happened(&world);
}

#[tokio::test(start_paused = true)]
async fn a_recording_that_is_all_noise_is_drafted_too() {
    let world = World::calm();
    let file = file(&recordings::very_long(), "long");
    let greedy = ScriptedAnswer::Content { value: answers::greedy() };
    assert_eq!(draft(&world, &file, None).await["source"], "rules");
    assert_eq!(draft(&world, &file, Some(&greedy)).await["source"], "llm");
    let asked = world.providers.lock().unwrap().openai.simulator.completions()[0].to_string();
    assert!(asked.len() < 400_000, "a prompt has an end: {}", asked.len());
}

#[tokio::test(start_paused = true)]
async fn a_draft_of_any_recording_can_be_filed_as_it_is_and_no_further_field_with_it() {
    let world = World::calm();
    let greedy = ScriptedAnswer::Content { value: answers::greedy() };
    for (what, cues) in RECORDINGS {
        let mut ticket = draft(&world, &file(cues, what), Some(&greedy)).await;
        let file = |ticket: &Value| {
            send_json(&world, "alice", Method::POST, "/v1/videos/rec-1/tickets", Some("key"), ticket)
        };
        // Nobody is connected: that is the only thing left to complain about.
        let refused = world.send(notion_export::routes, file(&ticket)).await;
        assert_ne!(refused.code(), "validation_failed", "{what}: {refused:?}");
        ticket["assignee"] = "mallory".into();
        let refused = world.send(notion_export::routes, file(&ticket)).await;
        assert!(refused.status.is_client_error(), "{what}: {refused:?}");
        assert!(refused.json().to_string().contains("assignee"), "{what}: {refused:?}");
    }
    nothing_else_happened(&world);
}
