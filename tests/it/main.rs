//! Cross-crate tests, in one binary so they link once.
