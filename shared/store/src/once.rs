//! Things that can be taken once: connect sessions and OAuth transactions.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::key::Key;
use crate::row;
use crate::write::{Outcome, Write};
use crate::{Error, Store};

/// What came of taking something that can be taken once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken<T> {
    /// It is the caller's, and nobody else's.
    Taken(T),
    /// Somebody took it before.
    Used,
    /// It never was, or its time is over.
    Unknown,
}

impl<T> Taken<T> {
    /// The same outcome for another shape of the same thing.
    pub(crate) fn map<U>(self, shape: impl FnOnce(T) -> U) -> Taken<U> {
        match self {
            Self::Taken(thing) => Taken::Taken(shape(thing)),
            Self::Used => Taken::Used,
            Self::Unknown => Taken::Unknown,
        }
    }
}

impl Store {
    /// Keeps a row that carries its own `expires_at`, in seconds.
    pub(crate) async fn put_once(
        &self,
        what: &'static str,
        key: Key,
        row: &impl Serialize,
    ) -> Result<(), Error> {
        match self.write(Write::put(key, row::item(what, row)?).when_new()).await? {
            Outcome::Done(_) => Ok(()),
            Outcome::Refused(_) => Err(Error::Conflict),
        }
    }

    /// Takes a row, so that nobody can take it again.
    pub(crate) async fn take_once<R: DeserializeOwned>(
        &self,
        what: &'static str,
        key: Key,
        now: Timestamp,
    ) -> Result<Taken<R>, Error> {
        let take = Write::update(key, "SET #used_at = :now")
            .when("attribute_not_exists(#used_at) AND #expires_at > :second")
            .time(":now", now)
            .number(":second", now.as_second());
        Ok(match self.write(take).await? {
            Outcome::Done(item) => Taken::Taken(row::read(what, item)?),
            Outcome::Refused(Some(item)) if row::number_in(&item, "expires_at") > now.as_second() => {
                Taken::Used
            }
            Outcome::Refused(_) => Taken::Unknown,
        })
    }
}
