//! The table, and how it is read.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_get_items::TransactGetItemsError;
use aws_sdk_dynamodb::types::{Get, TransactGetItem};

use crate::Error;
use crate::key::Key;
use crate::retry::{passes, retrying};
use crate::row::{Item, text};

/// The one table.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) dynamo: Client,
    pub(crate) table: Arc<str>,
}

/// A run of items of one partition.
pub(crate) struct Range<'a> {
    pub(crate) pk: String,
    /// What the sort keys start with.
    pub(crate) prefix: &'a str,
    /// The rest of the sort key after which the run starts.
    pub(crate) after: Option<String>,
    pub(crate) newest_first: bool,
    pub(crate) limit: usize,
}

impl Store {
    /// The table of this name. The client's own repeats are switched off: the store repeats, and knows what it repeats.
    #[expect(clippy::needless_pass_by_value, reason = "the client is the store's from here on")]
    pub fn new(dynamo: Client, table: impl Into<Arc<str>>) -> Self {
        let config = dynamo.config().to_builder().retry_config(RetryConfig::disabled()).build();
        Self { dynamo: Client::from_conf(config), table: table.into() }
    }

    /// One item, strongly consistent.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Item>, Error> {
        let get = || {
            let get = self.dynamo.get_item().table_name(&*self.table).consistent_read(true);
            get.key("pk", text(&key.pk)).key("sk", text(&key.sk)).send()
        };
        let answer = retrying(get, passes).await.map_err(|error| Error::Unavailable(error.into()))?;
        Ok(answer.item)
    }

    /// Up to 100 items in one go, in the order asked for; none where there is none.
    pub(crate) async fn get_all(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let gets = keys.iter().map(|key| self.get_in_transaction(key)).collect::<Result<Vec<_>, _>>()?;
        let get = || self.dynamo.transact_get_items().set_transact_items(Some(gets.clone())).send();
        // A read in a transaction is cancelled only because somebody is just writing one of the items.
        let conflicts = |error: &SdkError<TransactGetItemsError>| {
            passes(error)
                || error
                    .as_service_error()
                    .is_some_and(TransactGetItemsError::is_transaction_canceled_exception)
        };
        let answer = retrying(get, conflicts).await.map_err(|error| Error::Unavailable(error.into()))?;
        Ok(answer.responses.unwrap_or_default().into_iter().map(|response| response.item).collect())
    }

    fn get_in_transaction(&self, key: &Key) -> Result<TransactGetItem, Error> {
        let get = Get::builder().table_name(&*self.table).key("pk", text(&key.pk)).key("sk", text(&key.sk));
        let get = get.build().map_err(|error| Error::Unavailable(error.into()))?;
        Ok(TransactGetItem::builder().get(get).build())
    }

    /// Up to `limit` items of a partition, strongly consistent.
    pub(crate) async fn range(&self, range: Range<'_>) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        let mut start = range.after.as_ref().map(|after| {
            Item::from([
                ("pk".into(), text(&range.pk)),
                ("sk".into(), text(format!("{}{after}", range.prefix))),
            ])
        });
        loop {
            let left = i32::try_from(range.limit.saturating_sub(items.len())).unwrap_or(i32::MAX);
            let query = || {
                let query = self.dynamo.query().table_name(&*self.table).consistent_read(true).limit(left);
                query
                    .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                    .expression_attribute_values(":pk", text(&range.pk))
                    .expression_attribute_values(":prefix", text(range.prefix))
                    .scan_index_forward(!range.newest_first)
                    .set_exclusive_start_key(start.clone())
                    .send()
            };
            let page = retrying(query, passes).await.map_err(|error| Error::Unavailable(error.into()))?;
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() || items.len() >= range.limit {
                return Ok(items);
            }
        }
    }
}
