//! What a user has paid for, and what that allows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a user has paid for; everyone starts with [`Tier::Free`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Nothing paid.
    #[default]
    Free,
    /// The first paid tier.
    Starter,
    /// Automatic sync.
    Pro,
    /// Everything, without limits.
    Agency,
}

/// No tier has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no tier has this name")]
pub struct UnknownTier;

impl Tier {
    /// Every tier, cheapest first.
    pub const ALL: [Self; 4] = [Self::Free, Self::Starter, Self::Pro, Self::Agency];

    /// The name in JSON and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Starter => "starter",
            Self::Pro => "pro",
            Self::Agency => "agency",
        }
    }

    /// How many providers may be connected at the same time; `None` is any number.
    pub fn integration_limit(self) -> Option<u32> {
        match self {
            Self::Free => Some(1),
            Self::Starter => Some(2),
            Self::Pro => Some(3),
            Self::Agency => None,
        }
    }

    /// How many plan exports may succeed in a month; `None` is any number.
    pub fn export_limit(self) -> Option<u32> {
        match self {
            Self::Free => Some(2),
            Self::Starter => Some(10),
            Self::Pro | Self::Agency => None,
        }
    }

    /// Whether connections are synchronised on a schedule, not only on request.
    pub fn automatic_sync(self) -> bool {
        matches!(self, Self::Pro | Self::Agency)
    }

    /// Whether a provider's own change notices start a sync.
    pub fn real_time(self) -> bool {
        self == Self::Agency
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Tier {
    type Err = UnknownTier;

    fn from_str(name: &str) -> Result<Self, UnknownTier> {
        Self::ALL.into_iter().find(|tier| tier.as_str() == name).ok_or(UnknownTier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tier_allows_what_the_price_list_says() {
        let allowed = Tier::ALL.map(|tier| {
            (tier.integration_limit(), tier.export_limit(), tier.automatic_sync(), tier.real_time())
        });
        assert_eq!(
            allowed,
            [
                (Some(1), Some(2), false, false),
                (Some(2), Some(10), false, false),
                (Some(3), None, true, false),
                (None, None, true, true),
            ]
        );
    }

    #[test]
    fn a_tier_has_one_name_everywhere() {
        for tier in Tier::ALL {
            assert_eq!(tier.to_string().parse(), Ok(tier));
            assert_eq!(serde_json::to_string(&tier).unwrap(), format!("\"{tier}\""));
        }
        assert_eq!("Enterprise".parse::<Tier>(), Err(UnknownTier));
        assert_eq!(Tier::default(), Tier::Free);
    }
}
