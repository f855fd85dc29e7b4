//! A user's account: the tier, and which providers are connected.

use std::collections::BTreeSet;

use domain::{ProviderId, Tier, UserId};
use jiff::Timestamp;

use crate::key::Key;
use crate::row::{Item, text_in};
use crate::write::Write;
use crate::{Error, Store};

/// What a user may do, and what they have connected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The plan they are on; free until somebody says otherwise.
    pub tier: Tier,
    /// Providers that take up one of their integrations.
    pub connected: BTreeSet<ProviderId>,
}

/// The attribute that holds the names of the connected providers.
pub(crate) const CONNECTED: &str = "connected";

impl Store {
    /// The user's account; one that was never written is a free one with nothing connected.
    pub async fn account(&self, user: &UserId) -> Result<Account, Error> {
        match self.get(&Key::account(user)).await? {
            Some(item) => account_from_item(&item),
            None => Ok(Account::default()),
        }
    }

    /// Puts the user on a tier. What is connected stays connected; what goes on by itself is looked at.
    pub async fn set_tier(&self, user: &UserId, tier: Tier, now: Timestamp) -> Result<(), Error> {
        let write = Write::update(Key::account(user), "SET #tier = :tier").text(":tier", tier.as_str());
        self.write(write).await?;
        self.hint_syncs(user, now).await
    }
}

pub(crate) fn account_from_item(item: &Item) -> Result<Account, Error> {
    let corrupt = Error::Corrupt("account");
    let tier = text_in(item, "tier").map_or(Ok(Tier::default()), str::parse);
    let names = item.get(CONNECTED).and_then(|names| names.as_ss().ok()).map_or(&[][..], Vec::as_slice);
    let connected = names.iter().map(|name| name.parse()).collect::<Result<_, _>>();
    match (tier, connected) {
        (Ok(tier), Ok(connected)) => Ok(Account { tier, connected }),
        _ => Err(corrupt),
    }
}
