//! Recordings.

use domain::{JobId, UserId, VideoId};
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::key::{self, Key};
use crate::row::{self, Item};
use crate::table::Range;
use crate::write::{Outcome, Write};
use crate::{Error, Page, Store, page};

const WHAT: &str = "recording";

/// How far a recording's transcript is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The job that makes its transcript.
    pub transcription_job: Option<JobId>,
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
    /// The job that makes its transcript.
    pub transcription_job: Option<JobId>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Video")]
struct Columns {
    id: VideoId,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    media_url: Option<String>,
    transcription: TranscriptionStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transcription_job: Option<JobId>,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct Row(#[serde(with = "Columns")] Video);

impl Store {
    /// Creates the recording, or replaces it as it was `seen`. [`Error::Conflict`] if it is another by now.
    pub async fn put_video(
        &self,
        user: &UserId,
        id: &VideoId,
        video: NewVideo,
        seen: Option<&Video>,
        now: Timestamp,
    ) -> Result<Video, Error> {
        let NewVideo { name, media_url, transcription, transcription_job } = video;
        let row = Row(Video {
            id: id.clone(),
            name,
            media_url,
            transcription,
            transcription_job,
            created_at: seen.map_or(now, |seen| seen.created_at),
            updated_at: now,
            version: seen.map_or(1, |seen| seen.version.saturating_add(1)),
        });
        let put = Write::put(Key::video(user, id), row::item(WHAT, &row)?);
        let put = match seen {
            Some(seen) => put.when("#version = :seen").number(":seen", seen.version),
            None => put.when_new(),
        };
        match self.write(put).await? {
            Outcome::Done(item) => video_from_item(item),
            Outcome::Refused(_) => Err(Error::Conflict),
        }
    }

    /// One recording, read strongly consistently.
    pub async fn video(&self, user: &UserId, id: &VideoId) -> Result<Option<Video>, Error> {
        self.get(&Key::video(user, id)).await?.map(video_from_item).transpose()
    }

    /// A user's recordings in the order of their ids. `limit` is brought into 1..=100.
    pub async fn videos(
        &self,
        user: &UserId,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<Video>, Error> {
        let size = page::size(limit);
        let range = Range {
            pk: key::partition(user),
            prefix: key::VIDEOS,
            after: page::place(cursor, |place| place.parse::<VideoId>().is_ok())?,
            newest_first: false,
            limit: size + 1,
        };
        let items = self.range(range).await?;
        let videos = items.into_iter().map(video_from_item).collect::<Result<_, _>>()?;
        Ok(page::page(videos, size, |video: &Video| video.id.to_string()))
    }
}

fn video_from_item(item: Item) -> Result<Video, Error> {
    row::read(WHAT, item).map(|Row(video)| video)
}
