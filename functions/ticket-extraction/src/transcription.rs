//! Transcription on demand: `POST /v1/videos/{id}/transcription`, and the watchdog over what was submitted.
//!
//! The engine reports to an address that only it was told. What it does not report in time is submitted once more;
//! then the job fails. A submission that the engine certainly refused for now is tried again a little later.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use domain::{JobId, UserId, VideoId};
use jiff::{SignedDuration, Timestamp};
use providers::address::PublicUrl;
use providers::http::{Http, Policy};
use providers::signature::sha256_hex;
use providers::speech::{Deepgram, Engine};
use providers::{Error, Outcome};
use runtime::{App, Code, Id, IdempotencyKey, Invocation, Operation, Problem, Reply, User, json, once};
use serde_json::json;
use store::{
    Job, JobError, JobStatus, NewJob, NewVideo, Progress, TranscriptionOwner, TranscriptionStatus, Video,
};
use tokio::time::Instant;

use crate::owned;

/// What a job of this kind is called.
pub const KIND: &str = "transcription";
/// A submission that is not reported on by then is looked into. The engine needs about a minute per hour of recording and
/// repeats its report for five minutes.
const OVERDUE: SignedDuration = SignedDuration::from_mins(15);
/// A refused submission is made again after this, or after what the engine asks for.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// Submissions that may have been worked on: the first, and once more.
const MAX_SUBMITTED: usize = 2;
/// Submissions that were certainly refused.
const MAX_REFUSED: usize = 5;
/// What a job ends with that nobody reported on.
pub(crate) const GIVEN_UP: (&str, &str) =
    ("provider_unavailable", "The speech engine did not report in time.");
/// How often a change is tried against other changes of the same record.
const ATTEMPTS: usize = 5;

/// Has the recording transcribed. The answer is the job; one that is under way already is answered again.
#[utoipa::path(post, path = "/v1/videos/{id}/transcription", tag = "Recordings",
    params(runtime::openapi::Id, runtime::openapi::IdempotencyKey),
    request_body(content = Option<json::Nothing>, description = "Nothing, or `{}`."),
    responses((status = 202, body = runtime::Job, headers(("Location" = String, description = "The job."))),
        (status = 404, description = "`not_found`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 422, description = "`validation_failed`: the recording has no `media_url`.", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 503, description = "`provider_unavailable`: no speech engine is configured.", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn request(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    User(user): User,
    Id(video): Id<VideoId>,
    key: IdempotencyKey,
    request: Request,
) -> Result<Response, Problem> {
    json::expect_nothing(request).await?;
    let operation = format!("transcription#{video}");
    let (app, invocation, user, video) = (&*app, &invocation, &user, &video);
    once(app, invocation, user, &operation, key, "", |operation: Operation| async move {
        let id = operation.id.to_string().parse().map_err(|error| Problem::internal().because(error))?;
        let job = start(app, invocation, user, video, id).await?;
        Reply::job(job)
    })
    .await
}

async fn start(
    app: &App,
    invocation: &Invocation,
    user: &UserId,
    id: &VideoId,
    job_id: JobId,
) -> Result<Job, Problem> {
    let now = invocation.now;
    for _ in 0..ATTEMPTS {
        let video = owned(app, user, id).await?;
        if video.transcription == TranscriptionStatus::Processing
            && let Some(running) = &video.transcription_job
            && *running != job_id
            && let Some(job) = app.store.job(user, running).await?
        {
            return Ok(job);
        }
        if video.transcription == TranscriptionStatus::Complete {
            let job = app.store.create_job(new_job(user, id, job_id, None), now).await?;
            return finish(app, job, Ok(())).await;
        }
        let media = media(&video)?;
        let engine = engine(app, invocation.now, invocation.deadline).await?;
        let job = app.store.create_job(new_job(user, id, job_id.clone(), Some(now + OVERDUE)), now).await?;
        if job.status.is_final() {
            return Ok(job);
        }
        if video.transcription_job.as_ref() != Some(&job_id) {
            let processing = with_status(&video, TranscriptionStatus::Processing, Some(job_id.clone()));
            match app.store.put_video(user, id, processing, Some(&video), now).await {
                Ok(_) => {}
                Err(store::Error::Conflict) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        return submit(app, &engine, &media, job).await;
    }
    Err(Problem::new(Code::VersionConflict, "The recording is being changed by others. Try again."))
}

fn new_job(user: &UserId, video: &VideoId, id: JobId, due_at: Option<Timestamp>) -> NewJob {
    NewJob {
        id,
        user: user.clone(),
        kind: KIND.to_owned(),
        subject: video.to_string(),
        input: json!({ "refused": 0 }),
        progress: Progress { done: 0, total: Some(1), unit: "recording".to_owned() },
        due_at,
    }
}

fn with_status(video: &Video, transcription: TranscriptionStatus, job: Option<JobId>) -> NewVideo {
    NewVideo {
        name: video.name.clone(),
        media_url: video.media_url.clone(),
        transcription,
        transcription_job: job,
    }
}

fn media(video: &Video) -> Result<PublicUrl, Problem> {
    let missing =
        || Problem::field("/media_url", "missing", "The recording has no media_url to be transcribed from.");
    let url = video.media_url.as_deref().ok_or_else(missing)?;
    url.parse().map_err(|error| {
        Problem::new(Code::UrlNotAllowed, "media_url must be a public https address.").because(error)
    })
}

/// The speech engine of this deployment.
pub(crate) async fn engine(app: &App, now: Timestamp, deadline: Instant) -> Result<Engine, Problem> {
    let document = app.secrets.document(now).await?;
    let Some(key) = document.deepgram_api_key.clone() else {
        return Err(Problem::new(Code::ProviderUnavailable, "No speech engine is configured."));
    };
    let http = Http::new("deepgram", app.transport.clone(), app.random.clone(), Policy::default());
    Ok(Engine::Deepgram(Deepgram::new(http.with_deadline(deadline), &app.config.endpoints, key)))
}

/// Makes the job's next submission, and says in the job what came of it.
async fn submit(app: &App, engine: &Engine, media: &PublicUrl, job: Job) -> Result<Job, Problem> {
    let attempts = app.store.attempts(&job.user, &job.id).await?;
    let submitted_before = attempts.len();
    if submitted_before > 0 && job.due_at.is_some_and(|due| due > app.clock.now()) {
        // Recorded before we died; whether it was sent, its report will tell, or the watchdog.
        return Ok(job);
    }
    let number = u32::try_from(submitted_before + 1).unwrap_or(u32::MAX);
    let document = app.secrets.document(app.clock.now()).await?;
    let token = document.derived_token(&[KIND, job.user.as_str(), job.id.as_str(), &number.to_string()])?;
    let video = job.subject.parse().map_err(|error| Problem::internal().because(error))?;
    let owner = TranscriptionOwner { user: job.user.clone(), video };
    let hash = sha256_hex(token.as_bytes());
    app.store.put_attempt(&job.id, &owner, number, &hash, app.clock.now()).await?;
    let callback = format!("{}/v1/hooks/deepgram/{}/{token}", app.config.public_url, job.id);
    match engine.submit(media, &callback).await {
        Ok(request_id) => {
            app.store.note_submitted(&job.id, number, &request_id).await?;
            running(app, job).await
        }
        Err(error) if error.outcome() == Outcome::Ambiguous => running(app, job).await,
        Err(error) if error.is_transient() => wait(app, job, &error).await,
        Err(error) => {
            tracing::warn!(job_id = %job.id, "the speech engine refused the recording: {error}");
            finish(app, job, Err(("provider_failed", "The speech engine refused the recording."))).await
        }
    }
}

async fn running(app: &App, job: Job) -> Result<Job, Problem> {
    change(app, job, |job, now| {
        job.status = JobStatus::Running;
        job.waiting_until = None;
        job.due_at = Some(now + OVERDUE);
    })
    .await
}

async fn wait(app: &App, job: Job, error: &Error) -> Result<Job, Problem> {
    let asked = error.retry_after().and_then(|wait| SignedDuration::try_from(wait).ok()).unwrap_or(PAUSE);
    if refused(&job) + 1 >= MAX_REFUSED {
        return finish(app, job, Err(("provider_unavailable", "The speech engine was not available."))).await;
    }
    change(app, job, |job, now| {
        let until = now + asked.max(PAUSE);
        job.status = JobStatus::Waiting;
        job.waiting_until = Some(until);
        job.due_at = Some(until);
        job.input = json!({ "refused": refused(job) + 1 });
    })
    .await
}

fn refused(job: &Job) -> usize {
    job.input["refused"].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
}

/// Looks after a job whose time has come: submits the recording once more, or gives up.
pub async fn check(app: &App, user: &UserId, id: &JobId) -> Result<(), Problem> {
    let now = app.clock.now();
    let Some(job) = app.store.job(user, id).await? else { return Ok(()) };
    if job.status.is_final() || job.due_at.is_none_or(|due| due > now) {
        return Ok(());
    }
    let video_id: VideoId = job.subject.parse().map_err(|error| Problem::internal().because(error))?;
    let video = app.store.video(user, &video_id).await?;
    // Whoever gave up died before the job said so.
    if video.as_ref().is_some_and(|video| video.transcription == TranscriptionStatus::Error) {
        return finish(app, job, Err(GIVEN_UP)).await.map(drop);
    }
    let Some(video) = video.filter(|video| video.transcription_job.as_ref() == Some(id)) else {
        return change(app, job, |job, _| job.status = JobStatus::Cancelled).await.map(drop);
    };
    let submitted = app.store.attempts(user, id).await?.len();
    if submitted.saturating_sub(refused(&job)) >= MAX_SUBMITTED {
        return finish(app, job, Err(GIVEN_UP)).await.map(drop);
    }
    let deadline = Instant::now() + std::time::Duration::from_secs(20);
    let engine = engine(app, now, deadline).await?;
    if let Ok(media) = media(&video) {
        submit(app, &engine, &media, job).await.map(drop)
    } else {
        let gone = ("validation_failed", "The recording has no usable media_url any more.");
        finish(app, job, Err(gone)).await.map(drop)
    }
}

/// Ends a job and says so in its recording, the recording first: a crash in between leaves a job that can be ended again.
pub(crate) async fn finish(app: &App, job: Job, outcome: Result<(), (&str, &str)>) -> Result<Job, Problem> {
    let video_id: VideoId = job.subject.parse().map_err(|error| Problem::internal().because(error))?;
    let status = if outcome.is_ok() { TranscriptionStatus::Complete } else { TranscriptionStatus::Error };
    for _ in 0..ATTEMPTS {
        let Some(video) = app.store.video(&job.user, &video_id).await? else { break };
        if video.transcription != TranscriptionStatus::Processing
            || video.transcription_job.as_ref() != Some(&job.id)
        {
            break;
        }
        let ended = with_status(&video, status, None);
        match app.store.put_video(&job.user, &video_id, ended, Some(&video), app.clock.now()).await {
            Ok(_) => break,
            Err(store::Error::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    change(app, job, |job, _| {
        job.waiting_until = None;
        match outcome {
            Ok(()) => {
                job.status = JobStatus::Succeeded;
                job.progress.done = 1;
                job.result = Some(json!({ "video_id": job.subject, "status": "complete" }));
            }
            Err((code, detail)) => {
                job.status = JobStatus::Failed;
                job.error = Some(JobError { code: code.to_owned(), detail: detail.to_owned() });
            }
        }
    })
    .await
}

/// Changes a job against other changes of it. A job that is over stays as it is.
async fn change(app: &App, job: Job, edit: impl Fn(&mut Job, Timestamp)) -> Result<Job, Problem> {
    let mut job = job;
    for _ in 0..ATTEMPTS {
        if job.status.is_final() {
            return Ok(job);
        }
        let now = app.clock.now();
        let mut edited = job.clone();
        edit(&mut edited, now);
        match app.store.save_job(edited, now).await {
            Ok(saved) => return Ok(saved),
            Err(store::Error::Conflict) => {
                let again = app.store.job(&job.user, &job.id).await?;
                job = again.ok_or_else(|| Problem::new(Code::NotFound, "The job is gone."))?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::VersionConflict, "The job is being changed by others. Try again."))
}
