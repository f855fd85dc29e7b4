//! What is due, of all kinds, in the order in which it became due.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use crate::intent::intent_from_item;
use crate::job::job_from_item;
use crate::key::{DUE_SHARDS, SCHEDULED_SYNCS, due_partition};
use crate::retry::{passes, retrying};
use crate::row::{Item, number, text, text_in};
use crate::scheduled_sync::scheduled_sync_from_item;
use crate::{Error, Intent, Job, ScheduledSync, Store};

/// An effect that nobody asked about again for this long after it was sent, or looked for, is looked into. Longer than any
/// invocation.
pub const FORGOTTEN: SignedDuration = SignedDuration::from_secs(120);

/// Something whose time to be looked at has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    /// A job that waited for this time.
    Job(Job),
    /// An effect whose outcome is open.
    Intent(Intent),
    /// A sync that goes on by itself.
    Sync(ScheduledSync),
}

impl Store {
    /// Up to `limit` things of each shard whose time has come, the longest overdue of a shard first: one call for each shard.
    /// May miss what was written a moment ago. What cannot be read is told in the log and left out.
    pub async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Due>, Error> {
        let mut due = Vec::new();
        for shard in 0..DUE_SHARDS {
            let items = self.due_in_shard(shard, now, limit).await?;
            due.extend(items.into_iter().filter_map(readable));
        }
        Ok(due)
    }

    async fn due_in_shard(&self, shard: u8, now: Timestamp, limit: u32) -> Result<Vec<Item>, Error> {
        let shard: AttributeValue = text(due_partition(shard));
        let query = || {
            let query = self.dynamo.query().table_name(&*self.table).index_name("due");
            query
                .key_condition_expression("due_shard = :shard AND due_at <= :now")
                .expression_attribute_values(":shard", shard.clone())
                .expression_attribute_values(":now", number(now.as_millisecond()))
                .limit(i32::try_from(limit.clamp(1, 100)).unwrap_or(100))
                .send()
        };
        let answer = retrying(query, passes).await.map_err(|error| Error::Unavailable(error.into()))?;
        Ok(answer.items.unwrap_or_default())
    }
}

fn readable(item: Item) -> Option<Due> {
    let [pk, sk] = ["pk", "sk"].map(|name| text_in(&item, name).unwrap_or_default().to_owned());
    let due = due_from_item(item);
    due.inspect_err(|error| tracing::error!(pk, sk, "something that is due was passed over: {error}")).ok()
}

fn due_from_item(item: Item) -> Result<Due, Error> {
    match text_in(&item, "sk").unwrap_or_default() {
        "INTENT" => intent_from_item(item).map(Due::Intent),
        sk if sk.starts_with(SCHEDULED_SYNCS) => scheduled_sync_from_item(item).map(Due::Sync),
        _ => job_from_item(item).map(Due::Job),
    }
}
