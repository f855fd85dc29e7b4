//! `/v1/videos`: recordings and their transcripts.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use domain::{UserId, VideoId, webvtt};
use http::StatusCode;
use jiff::Timestamp;
use providers::address::PublicUrl;
use runtime::{App, Code, Id, Invocation, Items, Json, MAX_TRANSCRIPT, NewId, Page, Problem, Query, User};
use serde::{Deserialize, Serialize};
use store::{NewVideo, TranscriptionStatus};

/// How many characters a recording's name may have.
const NAME_MAX_CHARS: usize = 500;
/// How often a change is tried against other changes of the same recording.
const ATTEMPTS: usize = 5;

/// A recording.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Video {
    /// The id it was put under.
    #[schema(value_type = String)]
    id: VideoId,
    /// Its name.
    name: String,
    /// Where the recording itself can be fetched.
    media_url: Option<String>,
    /// How far the transcript is: `none`, `processing`, `complete`, `error` or `skipped`.
    #[schema(value_type = String, example = "complete")]
    status: TranscriptionStatus,
    /// When it was first put.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<store::Video> for Video {
    fn from(video: store::Video) -> Self {
        Self {
            id: video.id,
            name: video.name,
            media_url: video.media_url,
            status: video.transcription,
            created_at: video.created_at,
            updated_at: video.updated_at,
        }
    }
}

/// A recording as it is to be.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutVideo {
    /// Its name, up to 500 characters on one line.
    #[schema(min_length = 1, max_length = 500)]
    name: String,
    /// Where the recording itself can be fetched, for transcription on demand: a public https address.
    media_url: Option<String>,
    /// Its transcript as WebVTT, up to 2 MiB. Without it a transcript that is there stays.
    transcript: Option<String>,
}

/// Creates or replaces a recording.
#[utoipa::path(put, path = "/v1/videos/{id}", tag = "Recordings", params(runtime::openapi::Id),
    request_body = PutVideo,
    responses((status = 200, description = "Replaced.", body = Video), (status = 201, description = "Created.", body = Video),
        (status = 400, description = "`url_not_allowed`, `invalid_parameter`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 413, description = "`payload_too_large`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 422, description = "`validation_failed`, `invalid_transcript`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn put(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    User(user): User,
    NewId(id): NewId<VideoId>,
    body: Json<PutVideo>,
) -> Result<(StatusCode, Answer<Video>), Problem> {
    let PutVideo { name, media_url, transcript } = check(body.value)?;
    if let Some(transcript) = &transcript {
        app.transcripts.put(&user, &id, transcript.clone().into()).await?;
    }
    for _ in 0..ATTEMPTS {
        let seen = app.store.video(&user, &id).await?;
        let status = match (&transcript, &seen) {
            (Some(_), _) => TranscriptionStatus::Complete,
            (None, Some(seen)) => seen.transcription,
            (None, None) => TranscriptionStatus::None,
        };
        let job = seen.as_ref().and_then(|seen| seen.transcription_job.clone());
        let wanted = NewVideo {
            name: name.clone(),
            media_url: media_url.clone(),
            transcription: status,
            transcription_job: job.filter(|_| status == TranscriptionStatus::Processing),
        };
        match app.store.put_video(&user, &id, wanted, seen.as_ref(), invocation.now).await {
            Ok(video) => {
                let status = if seen.is_some() { StatusCode::OK } else { StatusCode::CREATED };
                return Ok((status, Answer(video.into())));
            }
            Err(store::Error::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::VersionConflict, "The recording is being changed by others. Try again."))
}

fn check(put: PutVideo) -> Result<PutVideo, Problem> {
    let wrong = domain::check_line("/name", &put.name, NAME_MAX_CHARS);
    if !wrong.is_empty() {
        return Err(Problem::new(Code::ValidationFailed, "Some fields are not valid.").with_errors(wrong));
    }
    if let Some(url) = &put.media_url {
        url.parse::<PublicUrl>().map_err(|error| {
            Problem::new(Code::UrlNotAllowed, "media_url must be a public https address.").because(error)
        })?;
    }
    if let Some(transcript) = &put.transcript {
        if transcript.len() > MAX_TRANSCRIPT {
            return Err(Problem::new(Code::PayloadTooLarge, "A transcript has up to 2 MiB."));
        }
        webvtt::read(transcript.as_bytes()).map_err(|error| {
            Problem::new(Code::InvalidTranscript, "The transcript is not WebVTT.").because(error)
        })?;
    }
    Ok(put)
}

/// Shows one recording.
#[utoipa::path(get, path = "/v1/videos/{id}", tag = "Recordings", params(runtime::openapi::Id),
    responses((status = 200, body = Video),
        (status = 404, description = "`not_found`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn show(
    State(app): State<Arc<App>>,
    User(user): User,
    Id(id): Id<VideoId>,
) -> Result<Answer<Video>, Problem> {
    Ok(Answer(owned(&app, &user, &id).await?.into()))
}

async fn owned(app: &App, user: &UserId, id: &VideoId) -> Result<store::Video, Problem> {
    let video = app.store.video(user, id).await?;
    video.ok_or_else(|| Problem::new(Code::NotFound, "There is no such recording."))
}

/// Lists the user's recordings.
#[utoipa::path(get, path = "/v1/videos", tag = "Recordings", params(Page), responses((status = 200, body = Items<Video>),
    (status = 400, description = "`invalid_parameter`, `invalid_cursor`", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    User(user): User,
    Query(page): Query<Page>,
) -> Result<Answer<Items<Video>>, Problem> {
    let store::Page { items, next_cursor } =
        app.store.videos(&user, page.size(), page.cursor.as_deref()).await?;
    Ok(Answer(Items { items: items.into_iter().map(Video::from).collect(), next_cursor }))
}
