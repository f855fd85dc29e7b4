//! DynamoDB: an embedded engine with the product's table in it.

use std::sync::Arc;

use dynoxide::storage_backend::Clock as EngineClock;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::Clock;
use crate::answer::Answer;
use crate::weaken::ordered;

/// The table's name.
pub const TABLE: &str = "patchbay";

/// The service's name in `X-Amz-Target`.
pub(crate) const TARGET: &str = "DynamoDB_20120810";

pub(crate) struct Dynamo {
    database: Database,
}

struct Ticking(Clock);

impl EngineClock for Ticking {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from((self.0)().as_second()).unwrap_or_default()
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century fit")]
    fn now_unix_secs_f64(&self) -> f64 {
        (self.0)().as_millisecond() as f64 / 1000.0
    }
}

impl Dynamo {
    /// The engine with the table, its two indexes and its time to live, as the deployment declares them.
    #[expect(clippy::expect_used, reason = "a test cannot go on without a database")]
    pub(crate) fn new(clock: Clock) -> Self {
        let database = Database::memory_with_clock(Arc::new(Ticking(clock))).expect("a database in memory");
        let dynamo = Self { database };
        dynamo.run("CreateTable", &table()).expect("the table");
        let ttl = json!({"TableName": TABLE, "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "expires_at"}});
        dynamo.run("UpdateTimeToLive", &ttl).expect("its time to live");
        dynamo
    }

    pub(crate) fn answer(&self, operation: &str, body: &Value) -> Answer {
        match self.run(operation, body) {
            Ok(value) => Answer::json(&value),
            Err(error) => Answer {
                status: error.status_code(),
                headers: vec![("content-type", "application/x-amz-json-1.0".into())],
                body: error.to_json().into_bytes(),
            },
        }
    }

    /// Deletes what has expired by now, as the real table does some day.
    pub(crate) fn sweep(&self) -> usize {
        self.database.sweep_ttl().unwrap_or_default()
    }

    /// Every item, types taken off, in the order of its keys.
    pub(crate) fn items(&self) -> Vec<Map<String, Value>> {
        let mut items = Vec::new();
        let mut request = json!({"TableName": TABLE});
        while let Ok(mut page) = self.run("Scan", &request) {
            if let Some(Value::Array(found)) = page.get_mut("Items").map(Value::take) {
                items.extend(found.into_iter().filter_map(plain_item));
            }
            match page.get("LastEvaluatedKey") {
                Some(key @ Value::Object(_)) => request["ExclusiveStartKey"] = key.clone(),
                _ => break,
            }
        }
        items.sort_by_cached_key(|item| (text(item, "pk"), text(item, "sk")));
        items
    }

    fn run(&self, operation: &str, body: &Value) -> Result<Value, DynoxideError> {
        let (database, ordered) = (&self.database, ordered(operation, body));
        let body = ordered.as_ref().unwrap_or(body);
        match operation {
            "CreateTable" => answer(body, |request| database.create_table(request)),
            "DescribeTable" => answer(body, |request| database.describe_table(request)),
            "UpdateTimeToLive" => answer(body, |request| database.update_time_to_live(request)),
            "PutItem" => answer(body, |request| database.put_item(request)),
            "GetItem" => answer(body, |request| database.get_item(request)),
            "UpdateItem" => answer(body, |request| database.update_item(request)),
            "DeleteItem" => answer(body, |request| database.delete_item(request)),
            "Query" => answer(body, |request| database.query(request)),
            "Scan" => answer(body, |request| database.scan(request)),
            "BatchGetItem" => answer(&backwards(body), |request| database.batch_get_item(request)),
            "TransactGetItems" => {
                answer(body, |request| database.transact_get_items(request)).and_then(at_most_4_mb)
            }
            "TransactWriteItems" => answer(body, |request| database.transact_write_items(request)),
            other => Err(DynoxideError::ValidationException(format!("{other} is not doubled"))),
        }
    }
}

/// DynamoDB answers in no order, and it is not the last ones that it leaves out when they are too much for one answer.
fn backwards(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(keys) = body.pointer_mut(&format!("/RequestItems/{TABLE}/Keys")).and_then(Value::as_array_mut)
    {
        keys.reverse();
    }
    body
}

/// What the engine does not look at.
fn at_most_4_mb(answer: Value) -> Result<Value, DynoxideError> {
    if answer["Responses"].to_string().len() > 4 << 20 {
        let refused = "The aggregate size of the items in the transaction exceeds the 4MB limit";
        return Err(DynoxideError::ValidationException(refused.to_owned()));
    }
    Ok(answer)
}

fn answer<Q: DeserializeOwned, A: Serialize>(
    body: &Value,
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<Value, DynoxideError> {
    let invalid = |error: serde_json::Error| DynoxideError::ValidationException(error.to_string());
    let request = serde_json::from_value(body.clone()).map_err(invalid)?;
    serde_json::to_value(operation(request)?).map_err(invalid)
}

fn table() -> Value {
    let attribute = |name, kind| json!({"AttributeName": name, "AttributeType": kind});
    let keys = |hash, range| json!([{"AttributeName": hash, "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}]);
    let index = |name, hash, range| json!({"IndexName": name, "KeySchema": keys(hash, range), "Projection": {"ProjectionType": "ALL"}});
    json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            attribute("pk", "S"), attribute("sk", "S"), attribute("due_shard", "S"), attribute("due_at", "N"),
            attribute("external_id", "S"),
        ],
        "KeySchema": keys("pk", "sk"),
        "GlobalSecondaryIndexes": [index("due", "due_shard", "due_at"), index("external", "external_id", "sk")],
    })
}

fn plain_item(item: Value) -> Option<Map<String, Value>> {
    let Value::Object(item) = item else { return None };
    Some(item.into_iter().map(|(name, value)| (name, plain(value))).collect())
}

/// An attribute value without its type. Numbers that JSON cannot hold stay text.
fn plain(value: Value) -> Value {
    let Value::Object(typed) = value else { return value };
    let Some((kind, value)) = typed.into_iter().next() else { return Value::Null };
    match (kind.as_str(), value) {
        ("NULL", _) => Value::Null,
        ("N", Value::String(digits)) => serde_json::from_str(&digits).unwrap_or(Value::String(digits)),
        ("L", Value::Array(list)) => list.into_iter().map(plain).collect(),
        ("M", Value::Object(map)) => map.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        (_, value) => value,
    }
}

fn text(item: &Map<String, Value>, name: &str) -> String {
    item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
