//! `POST /v1/hooks/deepgram/{job_id}/{token}`: what the speech engine reports.
//!
//! The engine signs nothing: the address itself is the secret, known to it alone, and stored as a hash. The first report
//! that proves a secret of its job is believed; it may be delivered again until it is stored.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use domain::{JobId, captions, webvtt};
use http::{HeaderMap, StatusCode};
use providers::signature::{is_equal, sha256_hex};
use providers::speech::Report;
use providers::speech::deepgram::KEY_ID_HEADER;
use runtime::{App, Code, Invocation, Problem, json};
use store::{Accept, TranscriptionStatus};

use crate::transcription::{GIVEN_UP, engine, finish};

/// The gateway passes on at most this much.
const MAX_REPORT: usize = 6 << 20;

/// Takes a report of the speech engine.
#[utoipa::path(post, path = "/v1/hooks/deepgram/{job_id}/{token}", tag = "Webhooks", security(()),
    params(("job_id" = String, Path), ("token" = String, Path, description = "Known to the engine alone.")),
    request_body(content = serde_json::Value, description = "Deepgram's ListenV1Response."),
    responses((status = 200, description = "Stored, or nothing to store."),
        (status = 401, description = "`invalid_signature`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 404, description = "`not_found`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 503, description = "Not stored: send it again.", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn receive(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    address: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
    request: Request,
) -> Result<StatusCode, Problem> {
    let unknown = || Problem::new(Code::NotFound, "There is no such address.");
    let Path((job_id, token)) = address.map_err(|_| unknown())?;
    let job_id: JobId = job_id.parse().map_err(|_| unknown())?;
    let document = app.secrets.document(invocation.now).await?;
    if let Some(expected) = &document.deepgram_key_id {
        let named = headers.get(KEY_ID_HEADER).map(http::HeaderValue::as_bytes).unwrap_or_default();
        if !is_equal(named, expected.as_bytes()) {
            return Err(Problem::new(Code::InvalidSignature, "The report names another key."));
        }
    }
    let body = json::read(request.into_body(), MAX_REPORT).await?;
    let engine = engine(&app, invocation.now, invocation.deadline).await?;
    let report = engine.report(&body);
    let request_id = match &report {
        Ok(Report::Heard { request_id, .. }) => Some(request_id.as_str()),
        Ok(Report::Failed { request_id, .. }) => request_id.as_deref(),
        Err(_) => None,
    };
    let hash = sha256_hex(token.as_bytes());
    let owner = match app.store.accept_transcription(&job_id, &hash, request_id, invocation.now).await? {
        Accept::Accepted(owner) => owner,
        Accept::Closed(_) | Accept::Late(_) => return Ok(StatusCode::OK),
        Accept::Unknown => return Err(unknown()),
    };
    let Some(job) = app.store.job(&owner.user, &job_id).await? else { return Err(unknown()) };
    let outcome = match report {
        Ok(Report::Heard { utterances, .. }) => {
            let transcript = webvtt::write(&captions::transcript_from_utterances(&utterances));
            let video = app.store.video(&owner.user, &owner.video).await?;
            let wanted = video.as_ref().is_some_and(|video| {
                video.transcription == TranscriptionStatus::Processing
                    && video.transcription_job.as_ref() == Some(&job_id)
            });
            let has_one = video.is_some_and(|video| video.transcription == TranscriptionStatus::Complete);
            if wanted {
                app.transcripts.put(&owner.user, &owner.video, transcript.into()).await?;
            }
            // A transcript that the user put in the meantime is not overwritten, and what was given up stays so.
            if wanted || has_one { Ok(()) } else { Err(GIVEN_UP) }
        }
        Ok(Report::Failed { code, .. }) => {
            tracing::warn!(%job_id, code, "the speech engine could not read the recording");
            Err(("provider_failed", "The speech engine could not read the recording."))
        }
        // Sending it again cannot help.
        Err(_) => Err(("provider_bad_response", "The speech engine's report could not be read.")),
    };
    finish(&app, job, outcome).await?;
    app.store.close_transcription(&job_id, app.clock.now()).await?;
    Ok(StatusCode::OK)
}
