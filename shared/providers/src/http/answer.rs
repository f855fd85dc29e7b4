//! What the body of a successful answer is read as.

use serde::de::DeserializeOwned;

/// The result of a call, made from the body of its answer.
pub trait Answer: Sized {
    /// `None` when the body is not what was asked for.
    fn from_body(body: &[u8]) -> Option<Self>;
}

/// A JSON body.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> Answer for Json<T> {
    fn from_body(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok().map(Json)
    }
}

/// A body that says nothing, whatever it is.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Answer for Nothing {
    fn from_body(_: &[u8]) -> Option<Self> {
        Some(Self)
    }
}
