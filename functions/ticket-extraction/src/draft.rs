//! `POST /v1/videos/{id}/ticket-draft`: the draft of a ticket, every claim of which is checked against the transcript.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::Response;
use domain::extraction::{
    Claims, MIN_SPEECH_CHARS, RecordingLink, condense, draft_by_rules, draft_from_claims,
};
use domain::{Draft, Source, Transcript, UserId, VideoId, webvtt};
use http::StatusCode;
use providers::http::{Http, Policy};
use providers::openai::{ModelError, OpenAi, PROMPT_VERSION};
use providers::signature::sha256_hex;
use runtime::{
    App, Code, Id, IdempotencyKey, Invocation, Operation, Problem, Reply, User, json, once, telemetry,
};
use store::TranscriptionStatus;

use crate::owned;

/// Characters of speech in one call: about 100,000 tokens, which the default model's window of 128,000 holds.
const MAX_PROMPT_CHARS: usize = 300_000;
/// Kept for the rules and the answer when the model is slow.
const RESERVE: Duration = Duration::from_secs(3);
/// The model may take this long; what it does not answer by then, the rules do.
const MODEL_POLICY: Policy = Policy {
    timeout: Duration::from_secs(22),
    attempts: 2,
    base: Duration::from_millis(500),
    cap: Duration::from_secs(3),
    max_body: 1 << 20,
};

/// Drafts a ticket from the recording's transcript. Without a language model, rules make the draft.
#[utoipa::path(post, path = "/v1/videos/{id}/ticket-draft", tag = "Tickets",
    params(runtime::openapi::Id, runtime::openapi::IdempotencyKey),
    request_body(content = Option<json::Nothing>, description = "Nothing, or `{}`."),
    responses((status = 200, body = Draft),
        (status = 404, description = "`not_found`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 409, description = "`transcription_pending`, with `transcription_status`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 422, description = "`transcript_not_found`, `transcript_too_short`, `invalid_transcript`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn create(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    User(user): User,
    Id(video): Id<VideoId>,
    key: IdempotencyKey,
    request: Request,
) -> Result<Response, Problem> {
    json::expect_nothing(request).await?;
    let operation = format!("ticket_draft#{video}");
    let (app, invocation, user, video) = (&*app, &invocation, &user, &video);
    let make = |_: Operation| async move {
        let (transcript, hash) = transcript(app, user, video).await?;
        let draft = draft(app, invocation, user, video, &transcript, &hash).await?;
        Reply::json(StatusCode::OK, &draft)
    };
    once(app, invocation, user, &operation, key, "", make).await
}

/// The recording's transcript and the hash of its bytes, or why there is none to draft from.
async fn transcript(app: &App, user: &UserId, id: &VideoId) -> Result<(Transcript, String), Problem> {
    let video = owned(app, user, id).await?;
    let status = serde_json::to_value(video.transcription).unwrap_or_default();
    if video.transcription == TranscriptionStatus::Processing {
        let pending =
            Problem::new(Code::TranscriptionPending, "The transcription is not finished. Try again shortly.");
        return Err(pending.retry_after(10).with("transcription_status", status));
    }
    // A transcript that another system of the deployer's put into the bucket counts, whatever we know of it.
    let Some(bytes) = app.transcripts.get(user, id).await? else {
        let missing = Problem::new(Code::TranscriptNotFound, "The recording has no transcript.");
        return Err(missing.with("transcription_status", status));
    };
    let transcript = webvtt::read(&bytes).map_err(|error| {
        Problem::new(Code::InvalidTranscript, "The transcript is not WebVTT.").because(error)
    })?;
    if transcript.speech_chars() < MIN_SPEECH_CHARS {
        return Err(too_short());
    }
    Ok((transcript, sha256_hex(&bytes)))
}

fn too_short() -> Problem {
    Problem::new(Code::TranscriptTooShort, "The transcript has fewer than 10 characters of speech.")
}

async fn draft(
    app: &App,
    invocation: &Invocation,
    user: &UserId,
    video: &VideoId,
    transcript: &Transcript,
    transcript_hash: &str,
) -> Result<Draft, Problem> {
    let link = RecordingLink::new(&app.config.app_url, video.clone());
    let model = &app.config.llm_model;
    let content = sha256_hex(format!("{transcript_hash}\n{PROMPT_VERSION}\n{model}").as_bytes());
    if let Some(claims) = cached(app, user, &content, invocation).await {
        return Ok(draft_from_claims(claims, transcript, &link));
    }
    let warning = match ask_model(app, invocation, transcript).await {
        Ok(claims) => {
            remember(app, user, &content, &claims, invocation).await;
            return Ok(draft_from_claims(claims, transcript, &link));
        }
        Err(warning) => warning,
    };
    let mut draft = draft_by_rules(transcript, &link).map_err(|_| too_short())?;
    draft.source = Source::Rules;
    draft.warnings.insert(0, warning.to_owned());
    Ok(draft)
}

/// What the model claims; otherwise the warning that the draft carries.
async fn ask_model(
    app: &App,
    invocation: &Invocation,
    transcript: &Transcript,
) -> Result<Claims, &'static str> {
    let document = app.secrets.document(invocation.now).await;
    let Some(key) = document.ok().and_then(|document| document.openai_api_key.clone()) else {
        return Err("No language model is configured: the draft was made by rules.");
    };
    let http = Http::new("openai", app.transport.clone(), app.random.clone(), MODEL_POLICY)
        .with_deadline(invocation.deadline.checked_sub(RESERVE).unwrap_or(invocation.deadline));
    let model = OpenAi::new(http, &app.config.endpoints, key, &app.config.llm_model);
    model.claims(&condense(transcript, MAX_PROMPT_CHARS)).await.map_err(|error| {
        tracing::warn!("the model made no draft: {error}");
        telemetry::count("DraftsByRules", &[]);
        if error == ModelError::QuotaExhausted {
            telemetry::blocked("openai");
        }
        match error {
            ModelError::Refused => "The language model declined: the draft was made by rules.",
            ModelError::Incomplete => {
                "The language model's answer was incomplete: the draft was made by rules."
            }
            ModelError::BadResponse => {
                "The language model's answer was unusable: the draft was made by rules."
            }
            ModelError::QuotaExhausted => {
                "The language model's quota is used up: the draft was made by rules."
            }
            ModelError::Provider(_) => "The language model was not available: the draft was made by rules.",
        }
    })
}

/// What the model said of the same transcript before. The cache only saves money: without it the model is asked.
async fn cached(app: &App, user: &UserId, content: &str, invocation: &Invocation) -> Option<Claims> {
    match app.store.cached_draft(user, content, invocation.now).await {
        Ok(claims) => claims.and_then(|claims| serde_json::from_value(claims).ok()),
        Err(error) => {
            tracing::warn!("the draft cache was not read: {error}");
            None
        }
    }
}

async fn remember(app: &App, user: &UserId, content: &str, claims: &Claims, invocation: &Invocation) {
    let Ok(claims) = serde_json::to_value(claims) else { return };
    if let Err(error) = app.store.cache_draft(user, content, &claims, invocation.now).await {
        tracing::warn!("the draft was not cached: {error}");
    }
}
