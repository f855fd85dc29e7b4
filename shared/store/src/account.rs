//! A user's account: the tier, and which providers are connected.

use std::collections::BTreeSet;

use domain::{ProviderId, Tier, UserId};

use crate::{Error, Store};

/// What a user may do, and what they have connected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The plan they are on; free until somebody says otherwise.
    pub tier: Tier,
    /// Providers that take up one of their integrations.
    pub connected: BTreeSet<ProviderId>,
}

impl Store {
    /// The user's account; one that was never written is a free one with nothing connected.
    pub async fn account(&self, user: &UserId) -> Result<Account, Error> {
        unimplemented!()
    }

    /// Puts the user on a tier. What is connected stays connected.
    pub async fn set_tier(&self, user: &UserId, tier: Tier) -> Result<(), Error> {
        unimplemented!()
    }
}
