//! What a call to a provider can end in, named after what the caller can do next.

use std::time::Duration;

/// Why a call to a provider has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The access token is not accepted: refresh it once, then ask the user to reconnect.
    #[error("the provider does not accept the access token")]
    Unauthorized,
    /// The code or refresh token is dead: only the user can reconnect.
    #[error("the provider does not accept the grant")]
    InvalidGrant,
    /// Too fast; nothing was applied. Come back after the wait.
    #[error("the provider asks to wait {} ms", retry_after.as_millis())]
    RateLimited {
        /// How long to stay away.
        retry_after: Duration,
    },
    /// The provider refuses to serve us and says that waiting will not help.
    #[error("the provider has blocked these requests")]
    Blocked,
    /// The grant does not cover this: a missing capability, scope or plan.
    #[error("the provider forbids this ({code})")]
    Forbidden {
        /// The provider's stable code.
        code: String,
    },
    /// Gone, or no longer shared with us: the two look the same.
    #[error("the provider does not show this object")]
    NotFound,
    /// Somebody else was writing: read again, then decide.
    #[error("the provider reports a conflicting change")]
    Conflict,
    /// Refused for what it says; the same request will be refused again.
    #[error("the provider refused the request ({status} {code})")]
    Rejected {
        /// HTTP status.
        status: u16,
        /// The provider's stable code.
        code: String,
        /// The provider's words, bounded and without control characters. For logs only.
        message: String,
    },
    /// A write whose effect is unknown: look before writing again.
    #[error("the outcome of the write is unknown")]
    Ambiguous {
        /// What the provider says it saved all the same.
        committed: Option<Committed>,
    },
    /// Not applied, or a read that failed: the same call may be repeated later.
    #[error("the provider cannot be reached")]
    Unavailable,
    /// An answer that is not what the provider documents.
    #[error("the provider's answer makes no sense")]
    BadResponse,
    /// The request is larger than the provider takes.
    #[error("the request is too large for the provider")]
    TooLarge,
}

/// What a provider saved although it answered with a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The object that was created.
    pub resource_id: Option<String>,
    /// The children that were appended, in order.
    pub child_ids: Vec<String>,
}

/// Whether the provider's state is known after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The call had no effect.
    Definite,
    /// The call may have had its effect.
    Ambiguous,
}

impl Error {
    /// Whether the call may have had its effect.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Ambiguous { .. } => Outcome::Ambiguous,
            _ => Outcome::Definite,
        }
    }

    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. }
                | Self::Conflict
                | Self::Ambiguous { .. }
                | Self::Unavailable
                | Self::BadResponse
        )
    }

    /// How long the provider asked us to stay away.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}

/// A provider's words as a log may hold them: one line, at most 200 characters.
pub(crate) fn sanitised(text: &str) -> String {
    text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A provider's code as it may stand in a message: at most 64 characters of an identifier.
pub(crate) fn sanitised_code(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_write_without_an_answer_is_ambiguous() {
        assert_eq!(Error::Ambiguous { committed: None }.outcome(), Outcome::Ambiguous);
        for error in [Error::Unauthorized, Error::Unavailable, Error::BadResponse, Error::Conflict] {
            assert_eq!(error.outcome(), Outcome::Definite, "{error}");
        }
    }

    #[test]
    fn a_refusal_is_not_worth_repeating() {
        let refusal =
            Error::Rejected { status: 400, code: "validation_error".into(), message: String::new() };
        assert!(!refusal.is_transient());
        assert!(!Error::Blocked.is_transient());
        assert!(Error::RateLimited { retry_after: Duration::from_secs(1) }.is_transient());
    }

    #[test]
    fn a_providers_words_become_one_bounded_line() {
        assert_eq!(sanitised("a\r\nb\u{1b}[31m"), "a  b [31m");
        assert_eq!(sanitised(&"x".repeat(1000)).len(), 200);
        assert_eq!(sanitised_code("<b>validation_error</b>"), "bvalidation_errorb");
    }
}
