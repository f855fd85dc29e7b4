//! Speech recognition. Each engine is a folder; what they share is what goes in and what comes out.

pub mod deepgram;

use domain::captions::Word;

pub use self::deepgram::Deepgram;
use crate::{address::PublicUrl, error::Error};

/// The engine that transcribes recordings.
#[derive(Clone, Debug)]
pub enum Engine {
    /// Deepgram's pre-recorded API.
    Deepgram(Deepgram),
}

/// What an engine reports about a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// What was said, one list of words per utterance; empty when nothing was.
    Heard {
        /// The engine's name for the submission.
        request_id: String,
        /// In order.
        utterances: Vec<Vec<Word>>,
    },
    /// The engine could not read the recording.
    Failed {
        /// The engine's name for the submission, where it says so.
        request_id: Option<String>,
        /// The engine's stable code.
        code: String,
    },
}

impl Engine {
    /// Submits a recording. The answer is the engine's name for the submission; the report comes to `callback`.
    ///
    /// After [`Error::Ambiguous`] the recording may be in work all the same.
    pub async fn submit(&self, media: &PublicUrl, callback: &str) -> Result<String, Error> {
        match self {
            Self::Deepgram(deepgram) => deepgram.submit(media, callback).await,
        }
    }

    /// Reads what the engine sent to the callback.
    pub fn report(&self, body: &[u8]) -> Result<Report, Error> {
        match self {
            Self::Deepgram(_) => deepgram::report_from_callback(body),
        }
    }
}
