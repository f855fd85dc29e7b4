//! What the tests share.

pub(crate) mod browser;
pub(crate) mod dice;
pub(crate) mod doors;
pub(crate) mod fate;
pub(crate) mod jobs;
pub(crate) mod logs;
mod oddity;
pub(crate) mod requests;
pub(crate) mod tokens;
pub(crate) mod world;

pub(crate) use browser::Browser;
pub(crate) use requests::{authorized, get, send_json};
pub(crate) use world::{Answer, World};
