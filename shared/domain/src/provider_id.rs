//! The services a user can connect, by the names the product gives them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A service a user can connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderId {
    /// Pages and databases.
    Notion,
    /// Events.
    GoogleCalendar,
    /// Spreadsheets.
    GoogleSheets,
    /// Tracked e-mail threads.
    Gmail,
    /// Bases and tables.
    Airtable,
    /// Campaign reports.
    Mailchimp,
    /// Meetings and their participants.
    Zoom,
}

/// No provider has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no provider has this name")]
pub struct UnknownProvider;

impl ProviderId {
    /// Every provider, in the order people are shown them.
    pub const ALL: [Self; 7] = [
        Self::Notion,
        Self::GoogleCalendar,
        Self::GoogleSheets,
        Self::Gmail,
        Self::Airtable,
        Self::Mailchimp,
        Self::Zoom,
    ];

    /// The name in addresses and JSON, such as `google-calendar`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notion => "notion",
            Self::GoogleCalendar => "google-calendar",
            Self::GoogleSheets => "google-sheets",
            Self::Gmail => "gmail",
            Self::Airtable => "airtable",
            Self::Mailchimp => "mailchimp",
            Self::Zoom => "zoom",
        }
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for ProviderId {
    type Err = UnknownProvider;

    fn from_str(name: &str) -> Result<Self, UnknownProvider> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == name).ok_or(UnknownProvider)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_has_one_name_everywhere() {
        for provider in ProviderId::ALL {
            assert_eq!(provider.to_string().parse(), Ok(provider));
            assert_eq!(serde_json::to_string(&provider).unwrap(), format!("\"{provider}\""));
            assert_eq!(serde_json::from_str::<ProviderId>(&format!("\"{provider}\"")).unwrap(), provider);
        }
        let names: Vec<_> = ProviderId::ALL.iter().map(|provider| provider.as_str()).collect();
        assert_eq!(names.join(" "), "notion google-calendar google-sheets gmail airtable mailchimp zoom");
    }

    #[test]
    fn other_names_and_other_spellings_are_unknown() {
        for name in ["", "Notion", "google_calendar", "slack", " zoom"] {
            assert_eq!(name.parse::<ProviderId>(), Err(UnknownProvider));
        }
    }
}
