//! Deepgram's JSON, as far as it is read.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Accepted {
    pub(super) request_id: String,
}

/// A callback: the result, or a failure in flat fields.
#[derive(Deserialize)]
pub(super) struct Callback {
    pub(super) metadata: Option<Metadata>,
    pub(super) results: Option<Results>,
    pub(super) err_code: Option<String>,
    pub(super) request_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Metadata {
    pub(super) request_id: String,
}

#[derive(Deserialize)]
pub(super) struct Results {
    #[serde(default)]
    pub(super) channels: Vec<Channel>,
    #[serde(default)]
    pub(super) utterances: Option<Vec<Utterance>>,
}

#[derive(Deserialize)]
pub(super) struct Channel {
    #[serde(default)]
    pub(super) alternatives: Vec<Alternative>,
}

#[derive(Deserialize)]
pub(super) struct Alternative {
    #[serde(default)]
    pub(super) words: Vec<Spoken>,
}

#[derive(Deserialize)]
pub(super) struct Utterance {
    #[serde(default)]
    pub(super) words: Vec<Spoken>,
    pub(super) speaker: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct Spoken {
    #[serde(default)]
    pub(super) word: String,
    #[serde(rename = "punctuated_word")]
    pub(super) punctuated: Option<String>,
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) speaker: Option<u32>,
}
