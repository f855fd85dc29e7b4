//! What somebody threw away is wanted again: it is forgotten, so that it is made anew.

use std::collections::HashSet;

use runtime::Stop;

use super::blocks::take;
use super::looks::Looks;
use super::node::{Node, Path, WantedPage, is_task};
use super::record::{Page, at_mut};
use super::run::{Run, or_in_trash};

impl Run<'_> {
    /// Forgets what somebody threw away, so that it is made again. Lists tell what is there; what they do not show yet is
    /// looked at.
    pub(super) async fn forget_trashed(&mut self, plan_page_id: &str) -> Result<(), Stop> {
        let listed = self.calls.children(plan_page_id, &|_| true).await.map_err(or_in_trash)?;
        let mut there: HashSet<String> = listed.into_iter().map(|block| block.id).collect();
        let mut trashed = HashSet::new();
        if let Some(database) = self.record.database.clone() {
            if self.is_database_gone().await? {
                self.record.database = None;
                self.forget_all(is_task);
            } else {
                there.extend(self.calls.rows(&database.data_source_id, false).await.map_err(or_in_trash)?);
                let is_missing = |(key, page): (&String, &Page)| is_task(key) && !there.contains(&page.id);
                if self.record.pages().any(is_missing) {
                    trashed
                        .extend(self.calls.rows(&database.data_source_id, true).await.map_err(or_in_trash)?);
                }
            }
        }
        there.insert(plan_page_id.to_owned());
        let pages: Vec<_> = self.record.pages().map(|(key, page)| (key.clone(), page.id.clone())).collect();
        for (key, id) in pages {
            let is_gone = if there.contains(&id) || trashed.contains(&id) {
                trashed.contains(&id)
            } else {
                self.calls.in_time()?;
                self.is_missing(&id).await?
            };
            if is_gone {
                self.record.forget(&key);
                // Whoever goes on need not look again.
                self.save().await?;
            } else if let Some(page) = self.record.page_mut(&key) {
                page.gone = false;
                if is_task(&key) {
                    self.forget_gone(&key, &mut Looks::default()).await?;
                }
            }
        }
        self.save().await
    }

    /// Forgets what somebody threw away of a page's outermost blocks, so that it is made again. What is inside them is listed
    /// only where the plan changes it.
    pub(super) async fn forget_trashed_blocks(
        &mut self,
        wanted: &WantedPage,
        looks: &mut Looks,
    ) -> Result<(), Stop> {
        if self.record.report.searched.contains(&wanted.key) {
            return Ok(());
        }
        self.calls.in_time()?;
        self.list(wanted, looks, &[]).await?;
        self.forget_gone(&wanted.key, looks).await?;
        self.record.report.searched.insert(wanted.key.clone());
        self.save().await
    }

    /// Whether what no list shows is not there.
    async fn is_missing(&mut self, id: &str) -> Result<bool, Stop> {
        if self.calls.is_late() {
            self.calls.leave_out(1);
            return Ok(false);
        }
        Ok(self.shown_page(id).await?.is_none())
    }

    /// Forgets every page with such a key.
    pub(super) fn forget_all(&mut self, which: impl Fn(&str) -> bool) {
        let keys: Vec<_> = self.record.pages().map(|(key, _)| key.clone()).filter(|key| which(key)).collect();
        for key in keys {
            self.record.forget(&key);
        }
    }

    /// Forgets those blocks of a page that are gone, unless they are only elsewhere.
    async fn forget_gone(&mut self, key: &str, looks: &mut Looks) -> Result<(), Stop> {
        let Some(page) = self.record.page(key) else { return Ok(()) };
        let page_id = page.id.clone();
        for (path, id) in gone(&page.blocks).into_iter().rev() {
            let is_known = id.as_ref().is_some_and(|id| self.record.report.searched.contains(id));
            if is_known {
                if let Some(node) = self.record.page_mut(key).and_then(|page| at_mut(&mut page.blocks, &path))
                {
                    node.gone = false;
                }
                continue;
            }
            self.calls.in_time()?;
            let elsewhere = match id {
                Some(_) if self.calls.is_late() => {
                    self.calls.leave_out(1);
                    None
                }
                Some(id) => self.shown_block(&page_id, &id).await?,
                None => None,
            };
            if let Some(block) = &elsewhere {
                // Whoever goes on need not look again.
                self.record.report.searched.insert(block.id.clone());
            }
            let Some(page) = self.record.page_mut(key) else { return Ok(()) };
            match (elsewhere, at_mut(&mut page.blocks, &path)) {
                (Some(block), Some(node)) => {
                    node.gone = false;
                    looks.saw(block);
                }
                _ => take(page, &path),
            }
        }
        Ok(())
    }
}

/// Where the blocks are that are gone, and their ids. What is inside them is gone with them.
fn gone(blocks: &[Node]) -> Vec<(Path, Option<String>)> {
    let of = |(at, node): (usize, &Node)| {
        if node.gone {
            return vec![(vec![at], node.id.clone())];
        }
        let inside = gone(&node.children).into_iter();
        inside.map(|(path, id)| ([vec![at], path].concat(), id)).collect()
    };
    blocks.iter().enumerate().flat_map(of).collect()
}
