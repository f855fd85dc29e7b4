//! A response in Deepgram's form, made from what was said.

use super::{listen::Options, speech::Utterance};
use crate::Seed;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// Between utterances, in milliseconds.
const PAUSE_MS: u64 = 700;
/// Between words, in milliseconds.
const GAP_MS: u64 = 40;

struct Spoken {
    words: Vec<Value>,
    text: String,
    speaker: u32,
    start_ms: u64,
    end_ms: u64,
}

pub(super) fn response(
    seed: &mut Seed,
    request_id: Uuid,
    said: &[Utterance],
    options: &Options,
    now: Timestamp,
) -> Value {
    let spoken = spoken(said, options);
    let transcript = spoken.iter().map(|utterance| utterance.text.as_str()).collect::<Vec<_>>().join(" ");
    let words: Vec<_> = spoken.iter().flat_map(|utterance| utterance.words.iter().cloned()).collect();
    let duration = spoken.last().map_or(0, |utterance| utterance.end_ms + PAUSE_MS);
    let mut alternative = json!({"transcript": transcript, "confidence": 0.9978, "words": words});
    if options.paragraphs {
        alternative["paragraphs"] = paragraphs(&spoken, options);
    }
    let mut results = json!({"channels": [{"alternatives": [alternative]}]});
    if options.utterances {
        results["utterances"] =
            spoken.iter().map(|utterance| utterance_of(seed, utterance, options)).collect();
    }
    let model = seed.uuid();
    let name = if options.model.is_empty() { "base" } else { &options.model };
    let sha256 = format!("{}{}", seed.uuid().simple(), seed.uuid().simple());
    let mut model_info = json!({});
    model_info[model.to_string()] = json!({"name": name, "version": "2026-04-02.12345", "arch": name});
    json!({
        "metadata": {
            "transaction_key": "deprecated",
            "request_id": request_id,
            "sha256": sha256,
            "created": now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
            "duration": seconds(duration),
            "channels": 1,
            "models": [model],
            "model_info": model_info,
        },
        "results": results,
    })
}

fn spoken(said: &[Utterance], options: &Options) -> Vec<Spoken> {
    let mut clock_ms = 80;
    let mut all = Vec::new();
    for utterance in said {
        let start_ms = clock_ms;
        let words = utterance
            .text
            .split_whitespace()
            .map(|word| timed(word, utterance.speaker, options, &mut clock_ms));
        let words: Vec<_> = words.collect();
        let end_ms = clock_ms.saturating_sub(GAP_MS).max(start_ms);
        let text = if options.punctuate { utterance.text.clone() } else { bare_text(&utterance.text) };
        all.push(Spoken { words, text, speaker: utterance.speaker, start_ms, end_ms });
        clock_ms += PAUSE_MS;
    }
    all
}

/// A word with its times; longer words take longer.
fn timed(word: &str, speaker: u32, options: &Options, clock_ms: &mut u64) -> Value {
    let start_ms = *clock_ms;
    let end_ms = start_ms + 120 + 45 * u64::try_from(word.chars().count()).unwrap_or_default();
    *clock_ms = end_ms + GAP_MS;
    let mut timed =
        json!({"word": bare(word), "start": seconds(start_ms), "end": seconds(end_ms), "confidence": 0.9953});
    if options.punctuate {
        timed["punctuated_word"] = json!(word);
    }
    if options.diarize {
        timed["speaker"] = json!(speaker);
        timed["speaker_confidence"] = json!(0.82);
    }
    timed
}

fn utterance_of(seed: &mut Seed, spoken: &Spoken, options: &Options) -> Value {
    let mut utterance = json!({
        "start": seconds(spoken.start_ms),
        "end": seconds(spoken.end_ms),
        "confidence": 0.9941,
        "channel": 0,
        "transcript": spoken.text,
        "words": spoken.words,
        "id": seed.uuid(),
    });
    if options.diarize {
        utterance["speaker"] = json!(spoken.speaker);
    }
    utterance
}

fn paragraphs(spoken: &[Spoken], options: &Options) -> Value {
    let paragraph = |utterance: &Spoken| {
        let (start, end) = (seconds(utterance.start_ms), seconds(utterance.end_ms));
        let sentence = json!({"text": utterance.text, "start": start, "end": end});
        let mut paragraph =
            json!({"sentences": [sentence], "num_words": utterance.words.len(), "start": start, "end": end});
        if options.diarize {
            paragraph["speaker"] = json!(utterance.speaker);
        }
        paragraph
    };
    let lines = spoken.iter().map(|utterance| {
        if options.diarize {
            format!("\nSpeaker {}: {}\n", utterance.speaker, utterance.text)
        } else {
            format!("\n{}\n", utterance.text)
        }
    });
    json!({"transcript": lines.collect::<String>(), "paragraphs": spoken.iter().map(paragraph).collect::<Vec<_>>()})
}

fn bare(word: &str) -> String {
    word.trim_matches(|letter: char| letter.is_ascii_punctuation()).to_lowercase()
}

fn bare_text(text: &str) -> String {
    text.split_whitespace().map(bare).collect::<Vec<_>>().join(" ")
}

/// Milliseconds as the fraction of seconds that Deepgram writes.
fn seconds(milliseconds: u64) -> f64 {
    let whole = u32::try_from(milliseconds).unwrap_or(u32::MAX);
    f64::from(whole) / 1000.0
}
