//! How what an export does is called.

use runtime::Item;

use super::node::{Wanted, WantedPage, is_task, original};

/// A page, by its key.
pub(super) fn page(key: &str, title: &str) -> Item {
    match key.split_once(':') {
        Some(("t", id)) => Item::new("task", Some(id), title),
        Some((_, id)) => Item::new("module", Some(id), title),
        None => Item::new("plan", None, title),
    }
}

/// A block of a page: a task, or text of whatever the page or the task is.
pub(super) fn block(page: &WantedPage, outermost: Option<&Wanted>, path: &[usize]) -> Item {
    let words = outermost.map(Wanted::words).unwrap_or_default();
    match outermost.and_then(|wanted| wanted.key.as_deref()) {
        Some(key) if is_task(key) && path.len() == 1 => self::page(key, &words),
        Some(key) if is_task(key) => text(key, &words),
        _ => text(&page.key, &words),
    }
}

/// A block that the plan does not know any more, with the words that Notion shows in it.
pub(super) fn former(page: &WantedPage, key: Option<&str>, words: &str) -> Item {
    match key {
        Some(key) => self::page(original(key), words),
        None => text(&page.key, words),
    }
}

/// Text of what has this key.
fn text(key: &str, words: &str) -> Item {
    Item::new("text", key.split_once(':').map(|(_, id)| id), words)
}
