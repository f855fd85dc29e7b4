//! Tests of the Notion stand-in.
