//! Attempts at a transcription, and which of them is believed.

use domain::{JobId, UserId, VideoId};
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::row::{self, THIRTY_DAYS, later};
use crate::write::{Outcome, Write};
use crate::{Error, Store};

const WHAT: &str = "transcription";

/// One submission to a speech engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// 1, 2, …
    pub number: u32,
    /// Hash of the secret in the callback's address.
    pub token_hash: String,
    /// The engine's own name for it, once it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// When it was submitted.
    #[serde(with = "millisecond::required")]
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

#[derive(Clone, Serialize, Deserialize)]
struct Row {
    user: UserId,
    video: VideoId,
    attempts: Vec<Attempt>,
    /// The number of the attempt that is believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accepted: Option<u32>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    closed_at: Option<Timestamp>,
    /// Seconds.
    expires_at: i64,
}

/// How often a change that lost a race is decided anew.
const ROUNDS: usize = 16;

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
        let attempt =
            Attempt { number, token_hash: token_hash.to_owned(), request_id: None, submitted_at: now };
        let TranscriptionOwner { user, video } = owner.clone();
        let expires_at = later(now, THIRTY_DAYS).as_second();
        let first = Row { user, video, attempts: vec![], accepted: None, closed_at: None, expires_at };
        self.amend(job, |row| {
            let mut row = row.unwrap_or_else(|| first.clone());
            let known = row.attempts.iter().find(|known| known.number == number);
            if known.is_some_and(|known| known.token_hash == token_hash) {
                return Ok((None, ()));
            }
            if row.user != owner.user || usize::try_from(number) != Ok(row.attempts.len() + 1) {
                return Err(Error::Conflict);
            }
            row.attempts.push(attempt.clone());
            Ok((Some(Row { expires_at, ..row }), ()))
        })
        .await
    }

    /// Records what the engine calls an attempt.
    pub async fn note_submitted(&self, job: &JobId, number: u32, request_id: &str) -> Result<(), Error> {
        self.amend(job, |row| {
            let mut row = row.ok_or(Error::Missing)?;
            let attempt = row.attempts.iter_mut().find(|attempt| attempt.number == number);
            attempt.ok_or(Error::Missing)?.request_id = Some(request_id.to_owned());
            Ok((Some(row), ()))
        })
        .await
    }

    /// The attempts made for a job, first one first.
    pub async fn attempts(&self, user: &UserId, job: &JobId) -> Result<Vec<Attempt>, Error> {
        let Some(item) = self.get(&Key::transcription(job)).await? else { return Ok(Vec::new()) };
        let row: Row = row::read(WHAT, item)?;
        Ok(if row.user == *user { row.attempts } else { Vec::new() })
    }

    /// Decides whether a callback is believed: the first one that proves its secret wins, and wins again when it is
    /// delivered again, until its result is stored.
    pub async fn accept_transcription(
        &self,
        job: &JobId,
        token_hash: &str,
        request_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Accept, Error> {
        self.amend(job, |row| {
            let Some(row) = row.filter(|row| row.expires_at > now.as_second()) else {
                return Ok((None, Accept::Unknown));
            };
            let Some(number) = row.attempt_of(token_hash, request_id) else {
                return Ok((None, Accept::Unknown));
            };
            let owner = TranscriptionOwner { user: row.user.clone(), video: row.video.clone() };
            Ok(match row.accepted {
                None => (Some(Row { accepted: Some(number), ..row }), Accept::Accepted(owner)),
                Some(believed) if believed != number => (None, Accept::Late(owner)),
                Some(_) if row.closed_at.is_some() => (None, Accept::Closed(owner)),
                Some(_) => (None, Accept::Accepted(owner)),
            })
        })
        .await
    }

    /// Says that the believed result is stored.
    pub async fn close_transcription(&self, job: &JobId, now: Timestamp) -> Result<(), Error> {
        self.amend(job, |row| {
            let row = row.filter(|row| row.accepted.is_some()).ok_or(Error::Missing)?;
            Ok((row.closed_at.is_none().then_some(Row { closed_at: Some(now), ..row }), ()))
        })
        .await
    }

    /// Reads, decides and writes if nobody wrote in between; otherwise decides anew.
    async fn amend<T>(
        &self,
        job: &JobId,
        decide: impl Fn(Option<Row>) -> Result<(Option<Row>, T), Error>,
    ) -> Result<T, Error> {
        let key = Key::transcription(job);
        for _ in 0..ROUNDS {
            let seen = self.get(&key).await?;
            let row = seen.clone().map(|item| row::read(WHAT, item)).transpose()?;
            let (change, answer) = decide(row)?;
            let Some(change) = change else { return Ok(answer) };
            let put = Write::put(key.clone(), row::item(WHAT, &change)?).when_unchanged(seen.as_ref());
            if let Outcome::Done(_) = self.write(put).await? {
                return Ok(answer);
            }
        }
        Err(Error::Conflict)
    }
}

impl Row {
    /// The attempt that a callback proves to be. The engine's own name must agree once it is known. Hashes are compared,
    /// so the time it takes says nothing about the secret.
    fn attempt_of(&self, token_hash: &str, request_id: Option<&str>) -> Option<u32> {
        let attempt = self.attempts.iter().find(|attempt| attempt.token_hash == token_hash)?;
        let named = attempt.request_id.as_deref().zip(request_id);
        named.is_none_or(|(known, claimed)| known == claimed).then_some(attempt.number)
    }
}
