//! Looking before writing: which blocks are still there, where, and whether somebody wrote in them.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::delta::{Delta, Tree};
use providers::notion::{Block, Fingerprint, is_about_trash};
use runtime::Stop;

use super::blocks::{is_by, siblings};
use super::calls::{LISTED, is_invented};
use super::node::{Node, WantedPage, at, item, kind_of, root};
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
        let page_id = self.known(page).id.clone();
        let inner = (!below.is_empty()).then(|| page_id.clone());
        let around: Vec<_> = inner.into_iter().chain(self.around(&page_id)).collect();
        let blocks = match self.calls.shown_children(&id, &around).await {
            Ok(Some(blocks)) => blocks,
            Ok(None) => return self.is_away(page, below).await,
            Err(error) if is_about_trash(&error) => return self.is_away(page, below).await,
            Err(error) => return Err(error.into()),
        };
        let bots = self.record.bots.clone();
        recognise(self.siblings_mut(page, below), &blocks, &bots);
        looks.inside.insert(id, blocks.iter().map(|block| block.id.clone()).collect());
        looks.seen.extend(blocks.into_iter().map(|block| (block.id.clone(), block)));
        // Among blocks that say the same, the one that is changed next must be known again.
        self.save().await
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
                if let Some(block) = self.shown_block(page, &id).await? {
                    looks.seen.insert(id, block);
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
    async fn shown_block(&mut self, page: &WantedPage, id: &str) -> Result<Option<Block>, Stop> {
        let page = self.known(page).id.clone();
        let around: Vec<_> = std::iter::once(page.clone()).chain(self.around(&page)).collect();
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

/// Finds recorded siblings among those that are there. The one that is not found is gone.
fn recognise(nodes: &mut [Node], blocks: &[Block], bots: &BTreeSet<String>) {
    let known: Vec<String> = nodes.iter().filter_map(|node| node.id().map(str::to_owned)).collect();
    let unknown: Vec<usize> =
        (0..nodes.len()).filter(|at| nodes[*at].id().is_none() && !nodes[*at].gone).collect();
    let others: Vec<&Block> =
        blocks.iter().filter(|block| is_by(bots, block) && !known.contains(&block.id)).collect();
    let (mut recorded, mut present) = (Tree::<()>::new(root()), Tree::new(root()));
    let nameless = unknown.iter().map(|at| {
        let Node { kind, hash, children, .. } = &nodes[*at];
        add(&mut recorded, kind, hash, children.iter().any(|inner| !inner.gone))
    });
    let nameless: Vec<usize> = nameless.collect();
    let found = others.iter().map(|block| {
        let kind = kind_of(&block.kind, &block.raw[block.kind.as_str()]);
        add(&mut present, &kind, &block.fingerprint(), block.has_children)
    });
    let found: Vec<usize> = found.collect();
    let delta = Delta::between(&recorded, &present);
    for (number, block) in found.into_iter().zip(others) {
        let same = delta.recorded_of(number).and_then(|it| nameless.binary_search(&it).ok());
        if let Some(same) = same {
            nodes[unknown[same]].id = Some(block.id.clone());
        }
    }
    for node in nodes {
        let is_there = node.id().is_some_and(|id| blocks.iter().any(|block| block.id == id));
        node.gone |= !is_there;
    }
}

/// Adds a block to what is compared. That there is something inside tells it from others, where somebody wrote over what it says.
fn add(tree: &mut Tree<()>, kind: &str, hash: &Fingerprint, has_children: bool) -> usize {
    let number = tree.add(Tree::<()>::ROOT, item(None, kind, Some(hash)));
    if has_children {
        tree.add(number, root());
    }
    number
}
