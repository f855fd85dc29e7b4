//! Why an export does not go on for now.

use jiff::SignedDuration;
use providers::Error;
use runtime::{Code, Problem};

/// After this a service that was not available is asked again.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);

/// Why an export does not go on for now.
#[derive(Debug)]
pub(super) enum Stop {
    /// The time of this invocation is over.
    Deadline,
    /// Somebody asks to wait, or the outcome of a call is not known yet.
    Wait(SignedDuration),
    /// Only the user can change it.
    Park(Problem),
    /// It does not get better.
    Fail(Problem),
    /// There is nothing to be exported, or nowhere to.
    Cancel(Problem),
    /// On our side; it passes.
    Trouble(Problem),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match &error {
            Error::RateLimited { retry_after } => {
                Self::Wait(SignedDuration::try_from(*retry_after).unwrap_or(PAUSE))
            }
            Error::Unavailable | Error::Conflict | Error::BadResponse | Error::Ambiguous { .. } => {
                Self::Wait(PAUSE)
            }
            Error::Unauthorized | Error::InvalidGrant | Error::NotFound => Self::Park(error.into()),
            Error::Forbidden { .. } | Error::Blocked | Error::Rejected { .. } | Error::TooLarge => {
                Self::Fail(error.into())
            }
        }
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        match problem.code() {
            Code::NotConnected => Self::Cancel(problem),
            Code::NeedsReauth => Self::Park(problem),
            Code::ProviderRateLimited | Code::ProviderUnavailable => Self::Wait(PAUSE),
            _ => Self::Trouble(problem),
        }
    }
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Self {
        match error {
            // Somebody else works on the same export.
            store::Error::Conflict => Self::Deadline,
            error => Self::Trouble(error.into()),
        }
    }
}
