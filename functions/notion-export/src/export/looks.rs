//! Looking before writing: which blocks are still there, where, and whether somebody wrote in them.

use std::collections::{HashMap, HashSet};

use providers::notion::{Block, is_about_trash};
use runtime::Stop;

use super::blocks::siblings;
use super::calls::{LISTED, is_invented};
use super::node::{Node, WantedPage, at};
use super::recognise::{Insides, are_all_there, doubtful, name_certain, recognise};
use super::record::at_mut;
use super::report;
use super::run::Run;

/// What is known of a page since it was begun with.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// The page was made a moment ago.
    pub(super) is_fresh: bool,
    /// Notion refused something, so everything was listed.
    pub(super) is_thorough: bool,
    /// The page is to go: nothing that somebody put there may be overlooked.
    pub(super) is_leaving: bool,
    /// An empty database of ours, which is among the blocks of its page.
    pub(super) database: Option<String>,
    /// Blocks by their ids.
    seen: HashMap<String, Block>,
    /// The ids of blocks that are taken for as we left them.
    assumed: HashSet<String>,
    /// The ids of what is inside, by the id of what it is in.
    inside: HashMap<String, Vec<String>>,
}

impl Looks {
    /// A block was looked at.
    pub(super) fn saw(&mut self, block: Block) {
        self.seen.insert(block.id.clone(), block);
    }

    /// Whether a block is taken for as we left it.
    fn is_assumed(&self, id: &str) -> bool {
        is_invented(id) || self.assumed.contains(id)
    }

    /// The words that were seen in a block.
    pub(super) fn words(&self, id: Option<&str>) -> String {
        let Some(block) = id.and_then(|id| self.seen.get(id)) else { return String::new() };
        let runs = block.raw[block.kind.as_str()]["rich_text"].as_array().into_iter().flatten();
        runs.filter_map(|run| run["plain_text"].as_str()).collect()
    }
}

/// A block of ours, as it is now.
pub(super) enum View {
    /// As we left it.
    Ours(String),
    /// Somebody wrote in it.
    Edited(Box<Block>),
    /// Not there any more.
    Gone,
}

impl Run<'_> {
    /// Lists what is inside a block, or the outermost blocks of a page, and finds the recorded ones among it.
    pub(super) async fn list(
        &mut self,
        page: &WantedPage,
        looks: &mut Looks,
        below: &[usize],
    ) -> Result<(), Stop> {
        let Some(id) = self.id(page, looks, below).await? else { return Ok(()) };
        if is_invented(&id) || self.calls.is_late() {
            let count = siblings(self.known(page), below).len();
            if self.calls.is_late() {
                self.calls.leave_out(count);
            } else {
                self.calls.count_listing(count);
            }
            let found: Vec<String> = (0..count).map(|_| self.calls.invent()).collect();
            for (node, id) in self.siblings_mut(page, below).iter_mut().zip(found) {
                looks.assumed.insert(node.id.get_or_insert(id).clone());
            }
            return Ok(());
        }
        let (known, bots) = (siblings(self.known(page), below).to_vec(), self.record.bots.clone());
        // A block that is to go shall have nothing of others inside either; what is inside one hardly ever takes two answers.
        let is_leaving = looks.is_leaving || !below.is_empty();
        let is_complete = |blocks: &[Block]| !is_leaving && are_all_there(&known, blocks, &bots);
        let Some(blocks) = self.inside(page, &id, &is_complete).await? else {
            return self.is_away(page, below).await;
        };
        let mut insides = Insides::new();
        for id in doubtful(&known, &blocks, &bots) {
            if self.calls.is_late() {
                self.calls.leave_out(1);
                continue;
            }
            if let Err(stop) = self.calls.in_time() {
                // Whoever goes on need not look into those again.
                if name_certain(self.siblings_mut(page, below), &blocks, &insides, &bots) {
                    return Err(stop);
                }
                // Nothing can be kept for the next piece, so what is known has to do.
                break;
            }
            let inside = self.inside(page, &id, &|_| false).await?;
            insides.insert(id, inside.unwrap_or_default());
        }
        recognise(self.siblings_mut(page, below), &blocks, &insides, &bots);
        for (id, blocks) in insides.into_iter().chain([(id, blocks)]) {
            looks.inside.insert(id, blocks.iter().map(|block| block.id.clone()).collect());
            looks.seen.extend(blocks.into_iter().map(|block| (block.id.clone(), block)));
        }
        // Among blocks that say the same, the one that is changed next must be known again.
        self.save().await
    }

    /// What is directly inside a block of a page, or the page; nothing if that is in the trash or deleted for ever.
    async fn inside(
        &mut self,
        page: &WantedPage,
        id: &str,
        is_complete: &(dyn Fn(&[Block]) -> bool + Sync),
    ) -> Result<Option<Vec<Block>>, Stop> {
        let page_id = self.known(page).id.clone();
        let inner = (id != page_id).then(|| page_id.clone());
        let around: Vec<_> = inner.into_iter().chain(self.around(&page_id)).collect();
        match self.calls.shown_children(id, &around, is_complete).await {
            Err(error) if is_about_trash(&error) => Ok(None),
            blocks => Ok(blocks?),
        }
    }

    /// A block, or the page, is in the trash or deleted for ever.
    async fn is_away(&mut self, page: &WantedPage, path: &[usize]) -> Result<(), Stop> {
        let id = self.known(page).id.clone();
        if self.shown_page(&id).await?.is_none() {
            return self.is_trashed(&page.key, report::page(&page.key, page.title())).await;
        }
        if let Some(node) = self.node_mut(page, path) {
            node.gone = true;
        }
        self.save().await
    }

    fn siblings_mut(&mut self, page: &WantedPage, below: &[usize]) -> &mut [Node] {
        let Some(page) = self.record.page_mut(&page.key) else { return &mut [] };
        if below.is_empty() {
            return &mut page.blocks;
        }
        at_mut(&mut page.blocks, below).map_or(&mut [], |node| &mut node.children)
    }

    /// A recorded block as it is now. Of the page's outermost ones, `outermost` are to be looked at.
    pub(super) async fn view(
        &mut self,
        page: &WantedPage,
        looks: &mut Looks,
        path: &[usize],
        outermost: usize,
    ) -> Result<View, Stop> {
        if self.is_gone(page, path) {
            return Ok(View::Gone);
        }
        let Some(node) = at(&self.known(page).blocks, path) else { return Ok(View::Gone) };
        let is_few = path.len() == 1 && outermost <= self.known(page).blocks.len().div_ceil(LISTED);
        match node.id().map(str::to_owned) {
            Some(id) if looks.seen.contains_key(&id) || looks.is_assumed(&id) => {}
            Some(id) if is_few && self.calls.is_late() => {
                self.calls.leave_out(1);
                looks.assumed.insert(id);
            }
            Some(id) if is_few => {
                if let Some(block) = self.shown_block(&self.known(page).id.clone(), &id).await? {
                    looks.saw(block);
                } else if let Some(node) = self.node_mut(page, path) {
                    node.gone = true;
                }
            }
            _ => self.list(page, looks, &path[..path.len() - 1]).await?,
        }
        if self.is_gone(page, path) {
            return Ok(View::Gone);
        }
        let node = at(&self.known(page).blocks, path);
        let Some((node, id)) = node.and_then(|node| Some((node, node.id()?))) else { return Ok(View::Gone) };
        if looks.is_assumed(id) {
            return Ok(View::Ours(id.to_owned()));
        }
        let Some(block) = looks.seen.get(id) else { return Ok(View::Gone) };
        if node.is_left_as(&block.fingerprint()) {
            return Ok(View::Ours(id.to_owned()));
        }
        Ok(View::Edited(Box::new(block.clone())))
    }

    /// A block as it is now; nothing if somebody threw it away. What is not shown at all may not be shared any more.
    pub(super) async fn shown_block(&mut self, page_id: &str, id: &str) -> Result<Option<Block>, Stop> {
        let around: Vec<_> = std::iter::once(page_id.to_owned()).chain(self.around(page_id)).collect();
        let block = self.calls.shown_block(id, &around).await?;
        Ok(block.filter(|block| !block.in_trash))
    }

    /// Whether nobody wrote anything inside a block, or on a page.
    pub(super) async fn is_untouched(
        &mut self,
        page: &WantedPage,
        looks: &mut Looks,
        path: &[usize],
    ) -> Result<bool, Stop> {
        let Some(id) = self.id(page, looks, path).await? else { return Ok(true) };
        let is_empty = match looks.seen.get(&id) {
            Some(block) => !block.has_children,
            None => looks.is_assumed(&id) && siblings(self.known(page), path).is_empty(),
        };
        if is_empty {
            return Ok(true);
        }
        self.list(page, looks, path).await?;
        let known = siblings(self.known(page), path);
        let is_ours = |id: &String| {
            known.iter().any(|node| node.id() == Some(id)) || looks.database.as_ref() == Some(id)
        };
        if !looks.inside.get(&id).is_none_or(|inside| inside.iter().all(is_ours)) {
            return Ok(false);
        }
        for index in 0..known.len() {
            let inner = [path, &[index]].concat();
            match self.view(page, looks, &inner, usize::MAX).await? {
                View::Gone => {}
                View::Edited(_) => return Ok(false),
                View::Ours(_) => {
                    if !Box::pin(self.is_untouched(page, looks, &inner)).await? {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }
}
