//! Transcripts: WebVTT objects at `{owner_id}/{video_id}/transcription.vtt`.

use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use domain::{UserId, VideoId};

use crate::problem::{Code, Problem};

/// The largest transcript that is read or stored, in bytes.
pub const MAX_TRANSCRIPT: usize = 2 << 20;

/// The bucket of transcripts.
#[derive(Clone, Debug)]
pub struct Transcripts {
    client: aws_sdk_s3::Client,
    bucket: String,
}

impl Transcripts {
    /// The transcripts in `bucket`. Does no I/O.
    pub fn new(client: aws_sdk_s3::Client, bucket: &str) -> Self {
        Self { client, bucket: bucket.to_owned() }
    }

    /// The transcript of `video`, when there is one.
    pub async fn get(&self, owner: &UserId, video: &VideoId) -> Result<Option<Bytes>, Problem> {
        let request = self.client.get_object().bucket(&self.bucket).key(key(owner, video));
        let object = match request.send().await {
            Ok(object) => object,
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => {
                return Ok(None);
            }
            Err(error) => return Err(unavailable().because(error)),
        };
        if object
            .content_length()
            .and_then(|length| usize::try_from(length).ok())
            .is_some_and(|length| length > MAX_TRANSCRIPT)
        {
            return Err(Problem::new(Code::InvalidTranscript, "The stored transcript is larger than 2 MiB."));
        }
        let body = object.body.collect().await.map_err(|error| unavailable().because(error))?;
        Ok(Some(body.into_bytes()))
    }

    /// Stores `webvtt` as the transcript of `video`. Safe to repeat.
    pub async fn put(&self, owner: &UserId, video: &VideoId, webvtt: Bytes) -> Result<(), Problem> {
        let request = self.client.put_object().bucket(&self.bucket).key(key(owner, video));
        let request = request.content_type("text/vtt; charset=utf-8").body(ByteStream::from(webvtt));
        request.send().await.map(drop).map_err(|error| unavailable().because(error))
    }
}

fn key(owner: &UserId, video: &VideoId) -> String {
    format!("{owner}/{video}/transcription.vtt")
}

fn unavailable() -> Problem {
    Problem::new(Code::StorageUnavailable, "The transcript could not be reached. Try again shortly.")
        .retry_after(2)
}
