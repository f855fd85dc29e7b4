//! What a caller can do about a failure of the store.

/// Any error from below, kept for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Someone else wrote first, or a fence was lost. Read again and decide again.
    #[error("someone else changed this first")]
    Conflict,
    /// There is nothing under this name.
    #[error("there is no such record")]
    Missing,
    /// The table did not answer usefully, repeats included. Try again later.
    #[error("the table is unavailable")]
    Unavailable(#[source] BoxError),
    /// A record cannot be read as what it should be. Trying again does not help.
    #[error("a stored {0} cannot be read")]
    Corrupt(&'static str),
    /// The keys did not open or seal something. Nothing was written or deleted, and nothing was left in the clear.
    #[error("the key service refused or did not answer")]
    Crypto {
        /// The key service was busy; otherwise it refused, or the text was not sealed for this place.
        retryable: bool,
    },
    /// A cursor that this list did not hand out.
    #[error("not a cursor of this list")]
    InvalidCursor,
}
