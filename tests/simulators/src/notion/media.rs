//! Icons and covers: an emoji or a file elsewhere. Uploaded files are not part of this stand-in.

use super::shape::{Shape, may, must};
use serde_json::{Value, json};

/// A file that lies elsewhere.
pub(super) static EXTERNAL: Shape = Shape::Object(&[must("url", &Shape::Address)]);

/// The icon of a page or a callout.
pub(super) static ICON: Shape = Shape::Variants(&[
    &[may("type", &Shape::Word(&["emoji"])), must("emoji", &Shape::Emoji)],
    &[may("type", &Shape::Word(&["external"])), must("external", &EXTERNAL)],
]);

/// The cover of a page.
pub(super) static COVER: Shape =
    Shape::Object(&[may("type", &Shape::Word(&["external"])), must("external", &EXTERNAL)]);

/// An icon or cover as answers carry it; null stays null.
pub(super) fn settled(given: &Value) -> Value {
    if let Some(emoji) = given.get("emoji") {
        return json!({"type": "emoji", "emoji": emoji});
    }
    given.get("external").map_or(Value::Null, |external| json!({"type": "external", "external": external}))
}
