//! Documents and blocks: what becomes what, and that nothing is lost on the way there and back.

mod cases;
mod limits;
mod returned;
mod there_and_back;
