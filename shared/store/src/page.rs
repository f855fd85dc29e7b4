//! Lists, a page at a time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Error;

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// What is on the page.
    pub items: Vec<T>,
    /// Where the next page starts; none at the end.
    pub next_cursor: Option<String>,
}

/// How many items a page has: at least 1, at most 100.
pub(crate) fn size(limit: u32) -> usize {
    usize::try_from(limit.clamp(1, 100)).unwrap_or(100)
}

/// The page out of one item more than fits on it. A cursor is the end of the last item's key and stays within its
/// user's partition, so it needs no secret: whoever makes one up only names a place in their own list.
pub(crate) fn page<T>(mut items: Vec<T>, size: usize, place: impl Fn(&T) -> String) -> Page<T> {
    let more = items.len() > size;
    items.truncate(size);
    page_of(items, more, place)
}

/// The page of these items, and whether there are more.
pub(crate) fn page_of<T>(items: Vec<T>, more: bool, place: impl Fn(&T) -> String) -> Page<T> {
    let last = items.last().filter(|_| more);
    Page { next_cursor: last.map(|item| URL_SAFE_NO_PAD.encode(place(item))), items }
}

/// The place a cursor names, if it is a place that this list can have.
pub(crate) fn place(cursor: Option<&str>, is_place: impl Fn(&str) -> bool) -> Result<Option<String>, Error> {
    let Some(cursor) = cursor else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Error::InvalidCursor)?;
    let place = String::from_utf8(bytes).map_err(|_| Error::InvalidCursor)?;
    if is_place(&place) { Ok(Some(place)) } else { Err(Error::InvalidCursor) }
}
