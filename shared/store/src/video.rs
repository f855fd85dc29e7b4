//! Recordings.

use domain::{UserId, VideoId};
use jiff::Timestamp;

use crate::{Error, Page, Store};

/// How far a recording's transcript is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TranscriptionStatus {
    /// Nobody asked for one.
    #[default]
    None,
    /// It is being made.
    Processing,
    /// It is there.
    Complete,
    /// It could not be made.
    Error,
    /// It will not be made.
    Skipped,
}

/// A recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// The host product's name for it.
    pub id: VideoId,
    /// A name to show.
    pub name: String,
    /// Where the recording itself can be fetched.
    pub media_url: Option<String>,
    /// How far its transcript is.
    pub transcription: TranscriptionStatus,
    /// Where the transcript is in the bucket.
    pub transcript_key: Option<String>,
    /// Hash of the transcript's bytes, in hexadecimal.
    pub transcript_sha256: Option<String>,
    /// When it was first put.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: u64,
}

/// A recording as somebody wants it to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewVideo {
    /// A name to show.
    pub name: String,
    /// Where the recording itself can be fetched.
    pub media_url: Option<String>,
    /// How far its transcript is.
    pub transcription: TranscriptionStatus,
    /// Where the transcript is in the bucket.
    pub transcript_key: Option<String>,
    /// Hash of the transcript's bytes, in hexadecimal.
    pub transcript_sha256: Option<String>,
}

impl Store {
    /// Creates the recording, or replaces the one of version `seen`. [`Error::Conflict`] if it is another by now.
    pub async fn put_video(
        &self,
        user: &UserId,
        id: &VideoId,
        video: NewVideo,
        seen: Option<&Video>,
        now: Timestamp,
    ) -> Result<Video, Error> {
        unimplemented!()
    }

    /// One recording, read strongly consistently.
    pub async fn video(&self, user: &UserId, id: &VideoId) -> Result<Option<Video>, Error> {
        unimplemented!()
    }

    /// A user's recordings in the order of their ids. `limit` is brought into 1..=100.
    pub async fn videos(
        &self,
        user: &UserId,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<Video>, Error> {
        unimplemented!()
    }
}
