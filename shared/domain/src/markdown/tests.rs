//! What becomes what, and that nothing is lost.

mod cases;
mod hostile;
mod round_trip;
