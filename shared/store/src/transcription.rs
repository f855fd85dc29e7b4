//! Attempts at a transcription, and which of them is believed.

use domain::{JobId, UserId, VideoId};
use jiff::Timestamp;

use crate::{Error, Store};

/// One submission to a speech engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// 1, 2, …
    pub number: u32,
    /// Hash of the secret in the callback's address.
    pub token_hash: String,
    /// The engine's own name for it, once it answered.
    pub request_id: Option<String>,
    /// When it was submitted.
    pub submitted_at: Timestamp,
}

/// Whose transcription a callback is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptionOwner {
    /// Whose.
    pub user: UserId,
    /// Of which recording.
    pub video: VideoId,
}

/// What came of a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accept {
    /// This attempt is believed, now or already before: store its result (again) and then close it.
    Accepted(TranscriptionOwner),
    /// Its result was stored already. Nothing to do.
    Closed(TranscriptionOwner),
    /// Another attempt is believed. Nothing to do.
    Late(TranscriptionOwner),
    /// No attempt of this job has this secret and request.
    Unknown,
}

impl Store {
    /// Records attempt `number` before it is submitted, since its callback may come before the engine's answer does.
    /// The same attempt may be recorded again with the same secret; [`Error::Conflict`] if `number` is not the next one.
    pub async fn put_attempt(
        &self,
        job: &JobId,
        owner: &TranscriptionOwner,
        number: u32,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Records what the engine calls an attempt.
    pub async fn note_submitted(&self, job: &JobId, number: u32, request_id: &str) -> Result<(), Error> {
        unimplemented!()
    }

    /// The attempts made for a job, first one first.
    pub async fn attempts(&self, user: &UserId, job: &JobId) -> Result<Vec<Attempt>, Error> {
        unimplemented!()
    }

    /// Decides whether a callback is believed: the first one that proves its secret wins.
    pub async fn accept_transcription(
        &self,
        job: &JobId,
        token_hash: &str,
        request_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Accept, Error> {
        unimplemented!()
    }

    /// Says that the believed result is stored.
    pub async fn close_transcription(&self, job: &JobId, now: Timestamp) -> Result<(), Error> {
        unimplemented!()
    }
}
