//! The blocks of a page: made, changed and taken away, each after looking whether somebody wrote in it.

use std::collections::BTreeSet;

use providers::Error;
use providers::notion::{Block, NewBlock, Position, is_about_trash, pack};
use runtime::{Item, Mode, Reason, Stop};

use super::calls::is_invented;
use super::looks::{Looks, View};
use super::node::{Node, Path, Wanted, WantedPage, at, wanted_at};
use super::rank::ranks;
use super::record::{Call, Made, Making, Page, at_mut};
use super::report;
use super::run::Run;

impl Run<'_> {
    /// Makes wanted siblings, as many of them as one call takes.
    pub(super) async fn insert(
        &mut self,
        page: &WantedPage,
        looks: &mut Looks,
        below: Path,
        index: usize,
        run: &[Path],
    ) -> Result<(), Stop> {
        let run: Vec<&Wanted> = run.iter().filter_map(|path| wanted_at(&page.blocks, path)).collect();
        let around = page_top(page, self.known(page), &below);
        let item = |wanted: &&Wanted| match around {
            Some(around) => report::block(page, Some(around), &[0, 0]),
            None => report::block(page, Some(wanted), &[0]),
        };
        let items: Vec<Item> = run.iter().map(item).collect();
        if self.is_gone(page, &below) {
            let nodes: Vec<Node> = run.iter().map(|wanted| wanted.as_gone()).collect();
            for item in items {
                self.record.report.leaves(item, Reason::TrashedInNotion);
            }
            let blocks = self.record.page_mut(&page.key).map(|page| &mut page.blocks);
            if let Some(node) = blocks.and_then(|blocks| at_mut(blocks, &below)) {
                node.children.splice(index..index, nodes);
            }
            return self.save().await;
        }
        let Some((parent_id, position)) = self.place(page, looks, &below, index).await? else {
            return Ok(());
        };
        let first = pack(run.iter().map(|wanted| wanted.whole()).collect()).first;
        let nodes = recorded(run.iter().copied(), &first);
        let count = nodes.len();
        let making = if below.is_empty() {
            let known = self.known(page);
            let name = |at: Option<usize>| at.and_then(|at| known.ranks.get(at)).map(String::as_str);
            let ranks = ranks(name(index.checked_sub(1)), name(Some(index)), count);
            Making::Outermost { ranks }
        } else {
            Making::Inside { below, index }
        };
        self.begin(Call::new(&page.key, &parent_id, making, nodes, self.calls.app.clock.now())).await?;
        let outcome = self.calls.append(&parent_id, &position, &first).await?;
        self.record.report.creates.extend(items.into_iter().take(count));
        if matches!(outcome, Err(Error::NotFound | Error::Rejected { .. })) {
            let error = outcome.err().unwrap_or(Error::NotFound);
            self.record.call = None;
            self.save().await?;
            // What it was to come after may have been dragged elsewhere.
            let is_misplaced =
                matches!((&position, &error), (Position::After(_), Error::Rejected { status: 400, .. }));
            return self.refused(page, looks, error, is_misplaced).await;
        }
        self.end(outcome.map(|ids| Made::Blocks(ids.into_iter().map(Some).collect()))).await
    }

    /// What Notion refused may be in the trash, or beside something that is or that is not there any more: whoever looks knows.
    async fn refused(
        &mut self,
        page: &WantedPage,
        looks: &mut Looks,
        error: Error,
        is_misplaced: bool,
    ) -> Result<(), Stop> {
        let is_about_place = is_misplaced || matches!(error, Error::NotFound) || is_about_trash(&error);
        if looks.is_thorough || !is_about_place {
            return Err(error.into());
        }
        let id = self.known(page).id.clone();
        if self.shown_page(&id).await?.is_none() {
            return self.is_trashed(&page.key, report::page(&page.key, page.title())).await;
        }
        *looks = Looks::default();
        looks.is_thorough = true;
        self.list(page, looks, &[]).await?;
        self.save().await
    }

    pub(super) async fn update(
        &mut self,
        page: &WantedPage,
        looks: &mut Looks,
        recorded: &[usize],
        path: &[usize],
        outermost: usize,
    ) -> Result<(), Stop> {
        let Some(wanted) = wanted_at(&page.blocks, path) else { return Ok(()) };
        let item = report::block(page, path.first().and_then(|first| page.blocks.get(*first)), path);
        match self.view(page, looks, recorded, outermost).await? {
            View::Gone if self.known(page).gone => return Ok(()),
            View::Gone => self.record.report.leaves(item, Reason::TrashedInNotion),
            View::Edited(block) if block.fingerprint() != wanted.hash => {
                self.record.report.leaves(item, Reason::EditedInNotion);
            }
            // An earlier try of ours, or somebody of the same mind.
            View::Edited(_) => self.record.report.updates(item),
            View::Ours(id) => {
                if let Some(node) = self.node_mut(page, recorded) {
                    node.written = Some(wanted.hash.clone());
                }
                // That it is done is written down with whatever comes next.
                self.save().await?;
                if let Err(error) = self.calls.update_block(&id, &wanted.block.replacement()).await? {
                    return self.refused(page, looks, error, false).await;
                }
                self.record.report.updates(item);
            }
        }
        let hash = wanted.hash.clone();
        if let Some(node) = self.node_mut(page, recorded) {
            (node.hash, node.written) = (hash, None);
        }
        Ok(())
    }

    pub(super) async fn remove(
        &mut self,
        page: &WantedPage,
        looks: &mut Looks,
        recorded: &[usize],
        outermost: usize,
    ) -> Result<(), Stop> {
        let key = at(&self.known(page).blocks, recorded).and_then(|node| node.key.clone());
        let view = self.view(page, looks, recorded, outermost).await?;
        let id = at(&self.known(page).blocks, recorded).and_then(Node::id);
        let item = report::former(page, key.as_deref(), &looks.words(id));
        match view {
            View::Gone => {}
            View::Edited(_) => return self.keep(page, recorded, item).await,
            View::Ours(_) if !self.is_untouched(page, looks, recorded).await? => {
                return self.keep(page, recorded, item).await;
            }
            View::Ours(id) => {
                if let Some(node) = self.node_mut(page, recorded) {
                    node.going = true;
                }
                self.save().await?;
                if let Err(error) = self.calls.delete_block(&id).await? {
                    return self.refused(page, looks, error, false).await;
                }
                self.record.report.archives(item);
            }
        }
        if let Some(page) = self.record.page_mut(&page.key) {
            take(page, recorded);
        }
        Ok(())
    }

    /// Leaves a block as it is that the plan does not have any more.
    async fn keep(&mut self, page: &WantedPage, recorded: &[usize], item: Item) -> Result<(), Stop> {
        self.record.report.leaves(item, Reason::KeptForEdits);
        if let Some(node) = self.node_mut(page, recorded) {
            (node.kept, node.going) = (true, false);
        }
        self.save().await
    }

    /// Whether a block, or what is around it, was thrown away.
    pub(super) fn is_gone(&self, page: &WantedPage, path: &[usize]) -> bool {
        let Page { blocks, gone, .. } = self.known(page);
        *gone || (1..=path.len()).any(|length| at(blocks, &path[..length]).is_some_and(|node| node.gone))
    }

    /// Where new blocks go; nothing if what is around them turned out to be gone.
    async fn place(
        &mut self,
        page: &WantedPage,
        looks: &mut Looks,
        below: &[usize],
        index: usize,
    ) -> Result<Option<(String, Position)>, Stop> {
        let Some(parent_id) = self.id(page, looks, below).await? else { return Ok(None) };
        let last = |run: &Self| siblings(run.known(page), below).len() == index;
        let is_end = last(self) && (looks.is_fresh || !below.is_empty());
        for _ in 0..2 {
            let before = siblings(self.known(page), below)[..index].iter().rev().find(|node| !node.gone);
            match before.map(Node::id) {
                Some(Some(id)) if !is_invented(id) || self.calls.mode == Mode::Try => {
                    return Ok(Some((parent_id, Position::After(id.to_owned()))));
                }
                _ if is_end => return Ok(Some((parent_id, Position::End))),
                None => return Ok(Some((parent_id, Position::Start))),
                Some(_) => self.list(page, looks, below).await?,
            }
            if self.is_gone(page, below) {
                return Ok(None);
            }
        }
        Ok(Some((parent_id, Position::Start)))
    }

    /// The id of the block at a place, or of the page; nothing if it turned out to be gone.
    pub(super) async fn id(
        &mut self,
        page: &WantedPage,
        looks: &mut Looks,
        path: &[usize],
    ) -> Result<Option<String>, Stop> {
        let Some((_, around)) = path.split_last() else { return Ok(Some(self.known(page).id.clone())) };
        if let Some(id) = at(&self.known(page).blocks, path).and_then(Node::id) {
            return Ok(Some(id.to_owned()));
        }
        Box::pin(self.list(page, looks, around)).await?;
        let node = at(&self.known(page).blocks, path).filter(|_| !self.is_gone(page, path));
        Ok(node.and_then(Node::id).map(str::to_owned))
    }
}

/// What is directly below a block, or the outermost blocks.
pub(super) fn siblings<'a>(page: &'a Page, below: &[usize]) -> &'a [Node] {
    if below.is_empty() { &page.blocks } else { at(&page.blocks, below).map_or(&[], |node| &node.children) }
}

/// What the blocks of a call will be recorded as.
pub(super) fn recorded<'a>(wanted: impl Iterator<Item = &'a Wanted>, made: &[NewBlock]) -> Vec<Node> {
    wanted.zip(made).map(|(wanted, made)| wanted.recorded(made.children.len())).collect()
}

/// The wanted outermost block that the recorded one at a place is, by its key.
fn page_top<'a>(page: &'a WantedPage, known: &Page, path: &[usize]) -> Option<&'a Wanted> {
    let key = known.blocks.get(*path.first()?)?.key.as_ref()?;
    page.blocks.iter().find(|wanted| wanted.key.as_ref() == Some(key))
}

/// Forgets a recorded block.
pub(super) fn take(page: &mut Page, path: &[usize]) {
    match path {
        [first] => {
            page.ranks.remove(*first);
            page.blocks.remove(*first);
        }
        [around @ .., last] => {
            if let Some(node) = at_mut(&mut page.blocks, around) {
                node.children.remove(*last);
            }
        }
        [] => {}
    }
}

/// Whether one of these made a block.
pub(super) fn is_by(bots: &BTreeSet<String>, block: &Block) -> bool {
    bots.is_empty() || block.created_by().is_some_and(|by| bots.contains(by))
}
