//! The whole backend under chosen misfortune.

mod invariants;
mod ticket_flow;
