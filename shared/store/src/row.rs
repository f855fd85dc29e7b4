//! Rows: how values look inside an item.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// An item as the table holds it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Thirty days: how long answers, drafts and attempts are kept.
pub(crate) const THIRTY_DAYS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The item of a row, without its key.
pub(crate) fn item(what: &'static str, row: &impl Serialize) -> Result<Item, Error> {
    serde_dynamo::to_item(row).map_err(|_| Error::Corrupt(what))
}

/// The row in an item. Attributes the row does not know are passed over.
pub(crate) fn read<R: DeserializeOwned>(what: &'static str, item: Item) -> Result<R, Error> {
    serde_dynamo::from_item(item).map_err(|_| Error::Corrupt(what))
}

/// Text.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number.
pub(crate) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A time, in epoch milliseconds.
pub(crate) fn time(at: Timestamp) -> AttributeValue {
    number(at.as_millisecond())
}

/// A number found in an item; 0 if there is none.
pub(crate) fn number_in(item: &Item, name: &str) -> i64 {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// A time found in an item; the epoch if there is none.
pub(crate) fn time_in(item: &Item, name: &str) -> Timestamp {
    Timestamp::from_millisecond(number_in(item, name)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Text found in an item.
pub(crate) fn text_in<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// A time later than another, at most the end of time.
pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// A time later by so many milliseconds, at most the end of time.
pub(crate) fn later_ms(at: Timestamp, ms: i64) -> Timestamp {
    later(at, SignedDuration::from_millis(ms))
}

/// JSON as text: the table's own numbers and nesting are narrower than JSON's.
pub(crate) mod json_text {
    use serde::de::{Deserializer, Error};
    use serde::{Deserialize, Serializer};
    use serde_json::Value;

    pub(crate) fn serialize<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        serde_json::from_str(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// JSON as text, where there is some.
pub(crate) mod optional_json_text {
    use serde::de::{Deserializer, Error};
    use serde::{Deserialize, Serializer};
    use serde_json::Value;

    #[expect(clippy::ref_option, reason = "serde decides the signature")]
    pub(crate) fn serialize<S: Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| serde_json::from_str(&text).map_err(D::Error::custom)).transpose()
    }
}
