//! Trying again: what passes by itself is tried five more times, each time after a longer pause.

use std::future::Future;
use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

pub(crate) const PAUSES_MS: [u64; 5] = [25, 50, 100, 200, 400];

/// Codes with which the services say "not now".
const BUSY: [&str; 12] = [
    "DependencyTimeoutException",
    "InternalServerError",
    "KMSInternalException",
    "KeyUnavailableException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// Runs an operation until it ends well, or in a way that another try cannot change, or has been tried six times.
pub(crate) async fn retrying<T, E, F>(
    mut operation: impl FnMut() -> F,
    passes: impl Fn(&E) -> bool,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    for pause_ms in PAUSES_MS {
        match operation().await {
            Err(error) if passes(&error) => tokio::time::sleep(Duration::from_millis(pause_ms)).await,
            ended => return ended,
        }
    }
    operation().await
}

/// Whether the failure is of the kind that passes. A lost answer counts: every write recognises its own trace.
pub(crate) fn passes<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(refusal) => {
            refusal.raw().status().as_u16() >= 500
                || refusal.err().code().is_some_and(|code| BUSY.contains(&code))
        }
        _ => false,
    }
}
