//! Writing one item under a condition.
//!
//! Each write leaves a mark of its own in the item. When an answer is lost and the repeat is refused because the first
//! try had succeeded, the mark tells: the write is ours, and it counts.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use uuid::Uuid;

use crate::key::Key;
use crate::retry::{passes, retrying};
use crate::row::{Item, number, text, text_in, time};
use crate::{Error, Store};

/// The attribute that says which write an item comes from.
pub(crate) const MARK: &str = "mark";

/// What came of a conditional write.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Written: the item as it is now.
    Done(Item),
    /// The condition did not hold: the item as it is, if there is one.
    Refused(Option<Item>),
}

/// A whole item to be written, or changes to one.
///
/// In expressions every attribute is written `#name`; which names occur is read off the text.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) key: Key,
    pub(crate) action: Action,
    pub(crate) condition: Option<String>,
    pub(crate) values: HashMap<String, AttributeValue>,
}

#[derive(Clone, Debug)]
pub(crate) enum Action {
    Put(Item),
    /// An update expression; a `SET` clause, if it has one, comes first.
    Update(String),
    Delete,
}

impl Write {
    fn new(key: Key, action: Action) -> Self {
        Self { key, action, condition: None, values: HashMap::new() }
    }

    /// Writes a whole item.
    pub(crate) fn put(key: Key, item: Item) -> Self {
        Self::new(key, Action::Put(item))
    }

    /// Changes an item.
    pub(crate) fn update(key: Key, expression: impl Into<String>) -> Self {
        Self::new(key, Action::Update(expression.into()))
    }

    /// Deletes an item; only in a transaction.
    pub(crate) fn delete(key: Key) -> Self {
        Self::new(key, Action::Delete)
    }

    /// Only if this holds.
    pub(crate) fn when(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// Only if there is no such item.
    pub(crate) fn when_new(self) -> Self {
        self.when("attribute_not_exists(#pk)")
    }

    /// Only if the item is as it was read.
    pub(crate) fn when_unchanged(self, seen: Option<&Item>) -> Self {
        match seen {
            Some(item) => {
                let mark = text_in(item, MARK).unwrap_or_default().to_owned();
                self.when("#mark = :seen").text(":seen", mark)
            }
            None => self.when_new(),
        }
    }

    /// A value of an expression.
    pub(crate) fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    /// A text of an expression.
    pub(crate) fn text(self, name: &str, value: impl Into<String>) -> Self {
        self.value(name, text(value))
    }

    /// A number of an expression.
    pub(crate) fn number(self, name: &str, value: impl std::fmt::Display) -> Self {
        self.value(name, number(value))
    }

    /// A time of an expression, in milliseconds.
    pub(crate) fn time(self, name: &str, value: jiff::Timestamp) -> Self {
        self.value(name, time(value))
    }

    /// The write with its mark in it.
    pub(crate) fn marked(mut self, mark: &str) -> Self {
        match &mut self.action {
            Action::Put(item) => {
                item.insert("pk".into(), text(&self.key.pk));
                item.insert("sk".into(), text(&self.key.sk));
                item.insert(MARK.into(), text(mark));
            }
            Action::Update(expression) => {
                *expression = match expression.strip_prefix("SET ") {
                    Some(changes) => format!("SET #mark = :mark, {changes}"),
                    None => format!("SET #mark = :mark {expression}"),
                };
                self.values.insert(":mark".into(), text(mark));
            }
            Action::Delete => {}
        }
        self
    }

    /// The names that the expressions use.
    pub(crate) fn names(&self) -> Option<HashMap<String, String>> {
        let update = if let Action::Update(expression) = &self.action { expression } else { "" };
        let names = names_in(update).chain(names_in(self.condition.as_deref().unwrap_or_default()));
        let names: HashMap<_, _> = names.map(|name| (format!("#{name}"), name.to_owned())).collect();
        (!names.is_empty()).then_some(names)
    }

    /// The values that the expressions use.
    pub(crate) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}

fn names_in(expression: &str) -> impl Iterator<Item = &str> {
    expression.split('#').skip(1).map(|rest| {
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        &rest[..end]
    })
}

impl Store {
    /// Carries out one write.
    pub(crate) async fn write(&self, write: Write) -> Result<Outcome, Error> {
        let mark = Uuid::new_v4().to_string();
        let write = write.marked(&mark);
        let outcome = match &write.action {
            Action::Put(item) => self.put(&write, item).await?,
            Action::Update(expression) => self.update(&write, expression).await?,
            Action::Delete => Outcome::Refused(None),
        };
        Ok(match outcome {
            Outcome::Refused(Some(item)) if text_in(&item, MARK) == Some(&mark) => Outcome::Done(item),
            other => other,
        })
    }

    async fn put(&self, write: &Write, item: &Item) -> Result<Outcome, Error> {
        let send = || {
            let put = self.dynamo.put_item().table_name(&*self.table).set_item(Some(item.clone()));
            put.set_condition_expression(write.condition.clone())
                .set_expression_attribute_names(write.names())
                .set_expression_attribute_values(write.values())
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send()
        };
        match retrying(send, passes).await {
            Ok(_) => Ok(Outcome::Done(item.clone())),
            Err(SdkError::ServiceError(refusal)) => match refusal.into_err() {
                PutItemError::ConditionalCheckFailedException(failed) => Ok(Outcome::Refused(failed.item)),
                other => Err(Error::Unavailable(other.into())),
            },
            Err(error) => Err(Error::Unavailable(error.into())),
        }
    }

    async fn update(&self, write: &Write, expression: &str) -> Result<Outcome, Error> {
        let send = || {
            let update = self.dynamo.update_item().table_name(&*self.table);
            update
                .key("pk", text(&write.key.pk))
                .key("sk", text(&write.key.sk))
                .update_expression(expression)
                .set_condition_expression(write.condition.clone())
                .set_expression_attribute_names(write.names())
                .set_expression_attribute_values(write.values())
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send()
        };
        match retrying(send, passes).await {
            Ok(answer) => Ok(Outcome::Done(answer.attributes.unwrap_or_default())),
            Err(SdkError::ServiceError(refusal)) => match refusal.into_err() {
                UpdateItemError::ConditionalCheckFailedException(failed) => Ok(Outcome::Refused(failed.item)),
                other => Err(Error::Unavailable(other.into())),
            },
            Err(error) => Err(Error::Unavailable(error.into())),
        }
    }
}
