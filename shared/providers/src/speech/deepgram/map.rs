//! From Deepgram's callback to words.

use domain::captions::Word;

use super::wire;
use crate::{
    error::{Error, sanitised_code},
    speech::Report,
};

/// What a callback reports. Utterances are preferred: they keep pauses and speakers apart.
pub fn report_from_callback(body: &[u8]) -> Result<Report, Error> {
    let callback: wire::Callback = serde_json::from_slice(body).map_err(|_| Error::BadResponse)?;
    let wire::Callback { metadata, results, err_code, request_id } = callback;
    let request_id = metadata.map(|metadata| metadata.request_id).or(request_id);
    match (results, err_code, request_id) {
        (Some(results), _, Some(request_id)) => {
            Ok(Report::Heard { request_id, utterances: utterances_from_results(results) })
        }
        (None, Some(code), request_id) => Ok(Report::Failed { request_id, code: sanitised_code(&code) }),
        _ => Err(Error::BadResponse),
    }
}

fn utterances_from_results(results: wire::Results) -> Vec<Vec<Word>> {
    let wire::Results { channels, utterances } = results;
    let spoken: Vec<_> = match utterances {
        Some(utterances) if !utterances.is_empty() => utterances
            .into_iter()
            .map(|wire::Utterance { words, speaker }| words_from_wire(words, speaker))
            .collect(),
        _ => channels
            .into_iter()
            .filter_map(|channel| channel.alternatives.into_iter().next())
            .map(|wire::Alternative { words }| words_from_wire(words, None))
            .collect(),
    };
    spoken.into_iter().filter(|words| !words.is_empty()).collect()
}

fn words_from_wire(words: Vec<wire::Spoken>, speaker: Option<u32>) -> Vec<Word> {
    words
        .into_iter()
        .map(|wire::Spoken { word, punctuated, start, end, speaker: own }| Word {
            text: punctuated.unwrap_or(word),
            start_ms: milliseconds(start),
            end_ms: milliseconds(end),
            speaker: own.or(speaker),
        })
        .filter(|word| !word.text.trim().is_empty())
        .collect()
}

/// Seconds with the noise of 32-bit floats in them; rounding restores what was meant.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casting from floats saturates")]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1_000.0).round() as u64
}
