//! Disconnecting: keys and tokens are destroyed, and the place is free again.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ProviderId, UserId};

use crate::account::CONNECTED;
use crate::connection::connection_from_item;
use crate::key::Key;
use crate::transact::Transacted;
use crate::write::Write;
use crate::{Connection, Error, Store};

/// How often a write that lost a race is decided anew.
const ROUNDS: usize = 8;

impl Store {
    /// Destroys the connection with its keys and tokens and frees its place. Answers what it was, so that its tokens can
    /// still be revoked over there; none if there was none.
    pub async fn disconnect(&self, user: &UserId, provider: ProviderId) -> Result<Option<Connection>, Error> {
        let key = Key::connection(user, provider);
        for _ in 0..ROUNDS {
            let Some(item) = self.get(&key).await? else { return Ok(None) };
            let free = Write::update(Key::account(user), format!("DELETE #{CONNECTED} :names"))
                .value(":names", AttributeValue::Ss(vec![provider.to_string()]));
            let writes = vec![Write::delete(key.clone()).when_unchanged(Some(&item)), free];
            if self.transact(writes).await? == Transacted::Done {
                return connection_from_item(item).map(Some);
            }
        }
        Err(Error::Conflict)
    }
}
