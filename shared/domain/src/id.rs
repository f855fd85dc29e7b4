//! Identifiers, checked once at the edge: whoever holds one knows it is well-formed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The text is not an identifier of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct MalformedId(&'static str);

/// The subject a token names: 1–255 bytes without control characters, otherwise the issuer's own business.
fn is_subject(text: &str) -> bool {
    (1..=255).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`: safe in paths, object keys and table keys, and never `.` or `..`.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= 128
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $words:literal, $is_valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = MalformedId;

            fn try_from(text: String) -> Result<Self, MalformedId> {
                if $is_valid(&text) { Ok(Self(text)) } else { Err(MalformedId($words)) }
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, MalformedId> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

identifier!(
    /// Who someone is: the `sub` claim of their token.
    UserId, "user id", is_subject
);
identifier!(
    /// A recording, as the host product names it.
    VideoId, "video id", is_name
);
identifier!(
    /// A learning plan, as the host product names it.
    PlanId, "plan id", is_name
);
identifier!(
    /// A piece of long work.
    JobId, "job id", is_name
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_folder() {
        for wrong in ["", ".", "..", "../other", "a/b", "a b", "-a", "_a", "ä", "a\0", &"a".repeat(129)] {
            assert!(wrong.parse::<VideoId>().is_err(), "{wrong:?}");
        }
        for right in ["a", "0", "rec_1.final-2", &"a".repeat(128)] {
            assert_eq!(right.parse::<VideoId>().unwrap().as_str(), right);
        }
    }

    #[test]
    fn a_subject_may_be_any_printable_text() {
        for right in ["alice", "auth0|5f7c", "google-oauth2|1", "Zoë Ω", &"é".repeat(127)] {
            assert_eq!(right.parse::<UserId>().unwrap().to_string(), right);
        }
        for wrong in ["", "a\nb", "a\u{7f}", &"é".repeat(128)] {
            assert!(wrong.parse::<UserId>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_id_is_a_plain_checked_string_in_json() {
        let id: JobId = serde_json::from_str("\"job-1\"").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"job-1\"");
        let refused = serde_json::from_str::<JobId>("\"../x\"").unwrap_err();
        assert!(refused.to_string().contains("not a valid job id"));
    }
}
