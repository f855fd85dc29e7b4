//! The table, and how it is read.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use tokio::time::sleep;

use crate::Error;
use crate::key::Key;
use crate::retry::{PAUSES_MS, passes, retrying};
use crate::row::{Item, text, text_in};

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

    /// Up to 100 items in one go, each strongly consistent, in the order asked for; none where there is none.
    pub(crate) async fn get_all(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, Error> {
        let (mut left, mut found) = (keys.iter().map(item_of_key).collect::<Vec<_>>(), HashMap::new());
        let mut pauses = PAUSES_MS.into_iter();
        while !left.is_empty() {
            let asked = KeysAndAttributes::builder().set_keys(Some(left)).consistent_read(true).build();
            let asked = asked.map_err(|error| Error::Unavailable(error.into()))?;
            let get = || self.dynamo.batch_get_item().request_items(&*self.table, asked.clone()).send();
            let answer = retrying(get, passes).await.map_err(|error| Error::Unavailable(error.into()))?;
            let items = answer.responses.into_iter().flat_map(HashMap::into_values).flatten();
            found.extend(items.map(|item| (key_of_item(&item), item)));
            // What is more than 16 MB, or than a busy table gives at once.
            let unprocessed = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&*self.table));
            left = unprocessed.map(|asked| asked.keys).unwrap_or_default();
            if !left.is_empty() {
                let busy = || Error::Unavailable("some items were left out of every answer".into());
                sleep(Duration::from_millis(pauses.next().ok_or_else(busy)?)).await;
            }
        }
        Ok(keys.iter().map(|key| found.remove(key)).collect())
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

fn item_of_key(key: &Key) -> Item {
    Item::from([("pk".into(), text(&key.pk)), ("sk".into(), text(&key.sk))])
}

fn key_of_item(item: &Item) -> Key {
    let [pk, sk] = ["pk", "sk"].map(|name| text_in(item, name).unwrap_or_default().to_owned());
    Key { pk, sk }
}
