//! Everything outside: the services users connect, the language model, speech recognition, and the one door to them.

pub mod address;
mod error;
pub mod google;
pub mod http;
mod limit;
pub mod notion;
pub mod oauth;
pub mod openai;
mod random;
pub mod registry;
pub mod signature;
pub mod speech;
#[cfg(test)]
mod stub;
pub mod transport;

pub use self::{
    error::{Committed, Error, Outcome},
    limit::Limit,
    random::Random,
};
