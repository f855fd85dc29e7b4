//! Connecting, within the number of integrations a tier allows.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ProviderId, UserId};
use jiff::Timestamp;
use serde_json::json;

use crate::account::{CONNECTED, account_from_item};
use crate::connection::{connection_from_item, item_from_connection};
use crate::key::Key;
use crate::row::Item;
use crate::sealing::Place;
use crate::transact::Transacted;
use crate::write::Write;
use crate::{Connection, ConnectionStatus, Error, ExternalAccount, Store, Tokens, Vault};

/// What a finished OAuth exchange brings.
#[derive(Clone, Debug)]
pub struct NewConnection {
    /// Whose.
    pub user: UserId,
    /// To what.
    pub provider: ProviderId,
    /// The user granted less than was asked for.
    pub partial: bool,
    /// Who the user is over there.
    pub account: ExternalAccount,
    /// What was granted.
    pub scopes: Vec<String>,
    /// The tokens, sealed before they are written.
    pub tokens: Tokens,
    /// When the access token ends, where the provider says so.
    pub token_expires_at: Option<Timestamp>,
}

/// What came of connecting.
#[derive(Clone, Debug, PartialEq)]
pub enum PutConnection {
    /// Connected, or connected again.
    Connected(Box<Connection>),
    /// All integrations of the tier are taken; nothing was written.
    LimitReached {
        /// How many are connected.
        used: u32,
    },
}

/// How often a write that lost a race is decided anew.
const ROUNDS: usize = 8;

impl Store {
    /// Connects, or connects again, if the provider is connected already or the user has fewer than `limit`
    /// integrations. Settings stay when it is the same account over there, and go when it is another.
    pub async fn put_connection(
        &self,
        vault: &Vault,
        new: NewConnection,
        limit: Option<u32>,
        now: Timestamp,
    ) -> Result<PutConnection, Error> {
        for _ in 0..ROUNDS {
            let seen = self.get(&Key::connection(&new.user, new.provider)).await?;
            let row = self.next_connection(vault, &new, seen.as_ref(), now).await?;
            let put =
                Write::put(Key::connection(&new.user, new.provider), item_from_connection(row.clone())?);
            let writes = vec![put.when_unchanged(seen.as_ref()), take_place(&new, limit)];
            match self.transact(writes).await? {
                Transacted::Done => return written(row),
                Transacted::Refused(reasons) if reasons.get(1) == Some(&true) => {
                    let account = self.get(&Key::account(&new.user)).await?.unwrap_or_default();
                    let used =
                        u32::try_from(account_from_item(&account)?.connected.len()).unwrap_or(u32::MAX);
                    return Ok(PutConnection::LimitReached { used });
                }
                Transacted::Refused(_) => {}
            }
        }
        Err(Error::Conflict)
    }

    /// The connection as it will be. A first token version is the time in milliseconds, so that one from before a
    /// disconnect never comes back and its late refresh finds nothing to write to.
    async fn next_connection(
        &self,
        vault: &Vault,
        new: &NewConnection,
        seen: Option<&Item>,
        now: Timestamp,
    ) -> Result<Connection, Error> {
        let before = seen.cloned().map(connection_from_item).transpose()?;
        let first = u64::try_from(now.as_millisecond()).unwrap_or(1);
        let token_version =
            before.as_ref().map_or(first, |before| first.max(before.token_version.saturating_add(1)));
        let place = Place { user: &new.user, provider: new.provider, token_version };
        let sealed = vault.seal_first(place, &new.tokens, now).await?;
        let settings_version = before.as_ref().map_or(0, |before| before.settings_version.saturating_add(1));
        let kept = before.filter(|before| before.account.id == new.account.id);
        Ok(Connection {
            user: new.user.clone(),
            provider: new.provider,
            status: if new.partial { ConnectionStatus::Partial } else { ConnectionStatus::Active },
            account: new.account.clone(),
            scopes: new.scopes.clone(),
            sync_enabled: kept.as_ref().is_none_or(|kept| kept.sync_enabled),
            last_sync: kept.as_ref().and_then(|kept| kept.last_sync),
            settings: kept.map_or_else(|| json!({}), |kept| kept.settings),
            settings_version,
            connected_at: now,
            token_version,
            token_expires_at: new.token_expires_at,
            refreshable: new.tokens.refresh.is_some(),
            sealed,
        })
    }
}

/// The connection as it reads back: times are kept to the millisecond.
fn written(row: Connection) -> Result<PutConnection, Error> {
    let connection = connection_from_item(item_from_connection(row)?)?;
    Ok(PutConnection::Connected(Box::new(connection)))
}

/// Takes one of the user's integrations, unless the provider has one already.
fn take_place(new: &NewConnection, limit: Option<u32>) -> Write {
    let name = new.provider.as_str().to_owned();
    let take = Write::update(Key::account(&new.user), format!("ADD #{CONNECTED} :names"))
        .value(":names", AttributeValue::Ss(vec![name.clone()]));
    let has_one = format!("contains(#{CONNECTED}, :name)");
    match limit {
        None => take,
        Some(0) => take.when(has_one).text(":name", name),
        Some(limit) => take
            .when(format!("attribute_not_exists(#{CONNECTED}) OR {has_one} OR size(#{CONNECTED}) < :limit"))
            .text(":name", name)
            .number(":limit", limit),
    }
}
