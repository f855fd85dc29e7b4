//! Cross-crate tests, in one binary so they link once.

mod architecture;
mod connecting;
mod dependencies;
mod identity;
mod openapi;
mod routes;
mod simulation;
mod support;
