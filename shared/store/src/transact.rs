//! Writing several items, all or none.

use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use uuid::Uuid;

use crate::retry::{passes, retrying};
use crate::row::text;
use crate::write::{Action, Write};
use crate::{Error, Store};

/// What came of a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Transacted {
    /// All written.
    Done,
    /// None written: for each write, whether its own condition did not hold.
    Refused(Vec<bool>),
}

const FAILED: &str = "ConditionalCheckFailed";

impl Store {
    /// Carries out all writes or none. A repeat of one whose answer was lost is recognised by its token.
    pub(crate) async fn transact(&self, writes: Vec<Write>) -> Result<Transacted, Error> {
        let token = Uuid::new_v4().to_string();
        let writes = writes.into_iter().map(|write| self.in_transaction(write.marked(&token)));
        let writes =
            writes.collect::<Result<Vec<_>, _>>().map_err(|error| Error::Unavailable(error.into()))?;
        let send = || {
            let transact = self.dynamo.transact_write_items().client_request_token(&token);
            transact.set_transact_items(Some(writes.clone())).send()
        };
        let passes = |error: &_| passes(error) || is_contended(error);
        match retrying(send, passes).await {
            Ok(_) => Ok(Transacted::Done),
            Err(error) => match reasons(&error) {
                Some(reasons) if reasons.iter().any(has_failed) => {
                    Ok(Transacted::Refused(reasons.iter().map(has_failed).collect()))
                }
                _ => Err(Error::Unavailable(error.into())),
            },
        }
    }

    fn in_transaction(&self, write: Write) -> Result<TransactWriteItem, BuildError> {
        let (names, values) = (write.names(), write.values());
        let [pk, sk] = [text(&write.key.pk), text(&write.key.sk)];
        let item = TransactWriteItem::builder();
        let none = ReturnValuesOnConditionCheckFailure::None;
        Ok(match write.action {
            Action::Put(row) => item.put(
                Put::builder()
                    .table_name(&*self.table)
                    .set_item(Some(row))
                    .set_condition_expression(write.condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(none)
                    .build()?,
            ),
            Action::Update(expression) => item.update(
                Update::builder()
                    .table_name(&*self.table)
                    .key("pk", pk)
                    .key("sk", sk)
                    .update_expression(expression)
                    .set_condition_expression(write.condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(none)
                    .build()?,
            ),
            Action::Delete => item.delete(
                Delete::builder()
                    .table_name(&*self.table)
                    .key("pk", pk)
                    .key("sk", sk)
                    .set_condition_expression(write.condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(none)
                    .build()?,
            ),
        }
        .build())
    }
}

/// Why each write of a cancelled transaction was or was not to blame.
fn reasons(error: &SdkError<TransactWriteItemsError>) -> Option<&[CancellationReason]> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            Some(cancelled.cancellation_reasons())
        }
        _ => None,
    }
}

fn has_failed(reason: &CancellationReason) -> bool {
    reason.code() == Some(FAILED)
}

/// Cancelled only because somebody else was writing the same item, or because the table is busy.
fn is_contended(error: &SdkError<TransactWriteItemsError>) -> bool {
    let passing = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    reasons(error).is_some_and(|reasons| {
        !reasons.iter().any(has_failed)
            && reasons.iter().any(|reason| reason.code().is_some_and(|code| passing.contains(&code)))
    })
}
