//! An export: what is in Notion becomes what is in the plan, one call after the other, each remembered before the next.

use domain::PLAN_PAGE;
use providers::Error;
use providers::notion::{Block, Position, is_about_trash, pack, rich_text};
use runtime::{Code, Problem};
use serde_json::json;

use super::calls::{Calls, Mode, is_invented};
use super::looks::{Looks, View};
use super::node::{Left, Node, Path, Step, Wanted, WantedPage, at, is_task, next, wanted_at};
use super::rank::ranks;
use super::record::{Call, Made, Making, Page, Record, at_mut};
use super::report::{Item, Reason};
use super::stop::Stop;

/// An export under way.
pub(super) struct Run<'a> {
    pub(super) calls: Calls<'a>,
    pub(super) record: Record,
    /// The page below which the plan's page is.
    pub(super) parent_page_id: String,
    /// What somebody threw away is made again.
    pub(super) recreate: bool,
}

impl Run<'_> {
    /// Makes Notion equal to these pages. The first is the plan's own, and the others are below it.
    pub(super) async fn make(&mut self, pages: &[WantedPage]) -> Result<(), Stop> {
        self.settle().await?;
        self.look_at_plan_page().await?;
        for page in pages {
            self.page(page).await?;
        }
        let left: Vec<_> = self.record.pages.keys().cloned().collect();
        for key in left.into_iter().filter(|key| pages.iter().all(|page| page.key != *key)) {
            self.remove_page(&key).await?;
        }
        Ok(())
    }

    /// The one call that is made even if nothing changed.
    async fn look_at_plan_page(&mut self) -> Result<(), Stop> {
        let Some(known) = self.record.pages.get(PLAN_PAGE) else { return Ok(()) };
        if !self.calls.page(&known.id.clone()).await?.in_trash {
            return Ok(());
        }
        if self.recreate {
            self.record.pages.clear();
            return Ok(());
        }
        let detail =
            "The plan's page is in Notion's trash. Restore it there, or export with recreate_trashed.";
        Err(Stop::Fail(Problem::new(Code::TargetNotFound, detail)))
    }

    pub(super) async fn save(&mut self) -> Result<(), Stop> {
        if self.calls.mode == Mode::Apply {
            self.record.save(self.calls.app).await?;
        }
        Ok(())
    }

    async fn page(&mut self, wanted: &WantedPage) -> Result<(), Stop> {
        if self.recreate && wanted.key != PLAN_PAGE {
            self.forget_trashed(&wanted.key).await?;
        }
        let mut looks = Looks::default();
        match self.record.pages.get(&wanted.key) {
            None => {
                self.create_page(wanted).await?;
                looks.is_fresh = true;
            }
            Some(page) if page.gone => {
                if page.title != wanted.title || next(&page.blocks, &wanted.blocks).is_some() {
                    self.record
                        .report
                        .leaves(Item::page(&wanted.key, &wanted.title), Reason::TrashedInNotion);
                }
                return Ok(());
            }
            Some(page) if page.title != wanted.title => self.rename(wanted).await?,
            Some(_) => {}
        }
        while let Some(page) = self.record.pages.get(&wanted.key).filter(|page| !page.gone)
            && let Some(left) = next(&page.blocks, &wanted.blocks)
        {
            self.calls.in_time()?;
            let Left { step, outermost } = left;
            match step {
                Step::Insert { below, index, wanted: run } => {
                    self.insert(wanted, &mut looks, below, index, &run).await?;
                }
                Step::Update { recorded, wanted: path } => {
                    self.update(wanted, &mut looks, &recorded, &path, outermost).await?;
                }
                Step::Remove { recorded } => self.remove(wanted, &mut looks, &recorded, outermost).await?,
            }
        }
        Ok(())
    }

    /// Forgets what somebody threw away, so that it is made again.
    async fn forget_trashed(&mut self, key: &str) -> Result<(), Stop> {
        let Some(page) = self.record.pages.get_mut(key) else { return Ok(()) };
        let id = page.id.clone();
        if self.calls.page(&id).await?.in_trash {
            self.record.pages.remove(key);
            return self.save().await;
        }
        page.gone = false;
        forget_gone(page);
        Ok(())
    }

    async fn create_page(&mut self, wanted: &WantedPage) -> Result<(), Stop> {
        self.calls.in_time()?;
        let parent_id = match self.record.pages.get(PLAN_PAGE) {
            Some(plan) => plan.id.clone(),
            None => self.parent_page_id.clone(),
        };
        let first = pack(wanted.blocks.iter().map(Wanted::whole).collect()).first;
        let nodes = recorded(wanted.blocks.iter(), &first);
        let title = wanted.title.clone();
        let body = json!({
            "parent": {"type": "page_id", "page_id": parent_id},
            "properties": {"title": {"title": rich_text(&title, None)}},
            "children": first,
        });
        let making = Making::Page { title };
        self.begin(Call::new(&wanted.key, &parent_id, making, nodes, self.calls.app.clock.now())).await?;
        let outcome = self.calls.create_page(&body).await?;
        let tasks = wanted.blocks.iter().take(first.len());
        let tasks = tasks.filter(|block| block.key.as_ref().is_some_and(|key| is_task(key)));
        let tasks = tasks.map(|block| Item::block(wanted, Some(block), &[0]));
        self.record
            .report
            .creates
            .extend(std::iter::once(Item::page(&wanted.key, &wanted.title)).chain(tasks));
        self.end(outcome.map(|(id, url)| Made::Page { id, url })).await
    }

    async fn rename(&mut self, wanted: &WantedPage) -> Result<(), Stop> {
        self.calls.in_time()?;
        let Some(known) = self.record.pages.get(&wanted.key) else { return Ok(()) };
        let (id, before) = (known.id.clone(), known.title.clone());
        let page = self.calls.page(&id).await?;
        let item = Item::page(&wanted.key, &wanted.title);
        if page.in_trash {
            return self.is_trashed(&wanted.key, item).await;
        }
        let title = page.title();
        if title == wanted.title || title == before {
            if title != wanted.title {
                let properties = json!({"title": {"title": rich_text(&wanted.title, None)}});
                self.calls.update_page(&id, &properties).await??;
            }
            self.record.report.updates(item);
        } else {
            self.record.report.leaves(item, Reason::EditedInNotion);
        }
        if let Some(page) = self.record.pages.get_mut(&wanted.key) {
            page.title.clone_from(&wanted.title);
        }
        self.save().await
    }

    async fn is_trashed(&mut self, key: &str, item: Item) -> Result<(), Stop> {
        if let Some(page) = self.record.pages.get_mut(key) {
            page.gone = true;
        }
        self.record.report.leaves(item, Reason::TrashedInNotion);
        self.save().await
    }

    /// Makes wanted siblings, as many of them as one call takes.
    async fn insert(
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
            Some(around) => Item::block(page, Some(around), &[0, 0]),
            None => Item::block(page, Some(wanted), &[0]),
        };
        let items: Vec<Item> = run.iter().map(item).collect();
        if self.is_gone(page, &below) {
            let nodes: Vec<Node> = run.iter().map(|wanted| wanted.as_gone()).collect();
            for item in items {
                self.record.report.leaves(item, Reason::TrashedInNotion);
            }
            let blocks = self.record.pages.get_mut(&page.key).map(|page| &mut page.blocks);
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
            Making::Outermost { ranks, position: position.clone() }
        } else {
            Making::Inside { below, index, position: position.clone() }
        };
        self.begin(Call::new(&page.key, &parent_id, making, nodes, self.calls.app.clock.now())).await?;
        let outcome = self.calls.append(&parent_id, &position, &first).await?;
        self.record.report.creates.extend(items.into_iter().take(count));
        if matches!(outcome, Err(Error::NotFound | Error::Rejected { .. })) {
            let error = outcome.err().unwrap_or(Error::NotFound);
            self.record.call = None;
            return self.refused(page, looks, error).await;
        }
        self.end(outcome.map(|ids| Made::Blocks(ids.into_iter().map(Some).collect()))).await
    }

    /// What Notion refused may be in the trash, or beside something that is: whoever looks knows.
    async fn refused(&mut self, page: &WantedPage, looks: &mut Looks, error: Error) -> Result<(), Stop> {
        if looks.is_thorough || !(matches!(error, Error::NotFound) || is_about_trash(&error)) {
            return Err(error.into());
        }
        let id = self.known(page).id.clone();
        if self.calls.page(&id).await?.in_trash {
            return self.is_trashed(&page.key, Item::page(&page.key, &page.title)).await;
        }
        *looks = Looks::default();
        looks.is_thorough = true;
        self.list(page, looks, &[]).await?;
        self.save().await
    }

    async fn update(
        &mut self,
        page: &WantedPage,
        looks: &mut Looks,
        recorded: &[usize],
        path: &[usize],
        outermost: usize,
    ) -> Result<(), Stop> {
        let Some(wanted) = wanted_at(&page.blocks, path) else { return Ok(()) };
        let item = Item::block(page, path.first().and_then(|first| page.blocks.get(*first)), path);
        match self.view(page, looks, recorded, outermost).await? {
            View::Gone => self.record.report.leaves(item, Reason::TrashedInNotion),
            View::Edited(block) if block.fingerprint() != wanted.hash => {
                self.record.report.leaves(item, Reason::EditedInNotion);
            }
            // An earlier try of ours, or somebody of the same mind.
            View::Edited(_) => self.record.report.updates(item),
            View::Ours(id) => {
                if let Err(error) = self.calls.update_block(&id, &wanted.block.replacement()).await? {
                    return self.refused(page, looks, error).await;
                }
                self.record.report.updates(item);
            }
        }
        let hash = wanted.hash.clone();
        if let Some(node) = self.node_mut(page, recorded) {
            node.hash = hash;
        }
        self.save().await
    }

    async fn remove(
        &mut self,
        page: &WantedPage,
        looks: &mut Looks,
        recorded: &[usize],
        outermost: usize,
    ) -> Result<(), Stop> {
        let key = at(&self.known(page).blocks, recorded).and_then(|node| node.key.clone());
        let item = Item::former(page, key.as_deref());
        match self.view(page, looks, recorded, outermost).await? {
            View::Gone => {}
            View::Edited(_) => self.record.report.leaves(item, Reason::KeptForEdits),
            View::Ours(_) if !self.is_untouched(page, looks, recorded).await? => {
                self.record.report.leaves(item, Reason::KeptForEdits);
            }
            View::Ours(id) => {
                if let Err(error) = self.calls.delete_block(&id).await? {
                    return self.refused(page, looks, error).await;
                }
                self.record.report.archives(item);
            }
        }
        if let Some(page) = self.record.pages.get_mut(&page.key) {
            take(page, recorded);
        }
        self.save().await
    }

    /// Throws away the page of what is not in the plan any more, unless somebody wrote on it.
    async fn remove_page(&mut self, key: &str) -> Result<(), Stop> {
        self.calls.in_time()?;
        let Some(page) = self.record.pages.get(key).filter(|page| !page.gone) else {
            self.record.pages.remove(key);
            return self.save().await;
        };
        let (id, item) = (page.id.clone(), Item::page(key, &page.title));
        let former = WantedPage { key: key.to_owned(), title: page.title.clone(), blocks: Vec::new() };
        let shown = match self.calls.page(&id).await {
            Err(Error::NotFound) => None,
            shown => Some(shown?).filter(|page| !page.in_trash),
        };
        if let Some(shown) = shown {
            if shown.title() == former.title && self.is_untouched(&former, &mut Looks::default(), &[]).await?
            {
                self.calls.trash_page(&id).await??;
                self.record.report.archives(item);
            } else {
                self.record.report.leaves(item, Reason::KeptForEdits);
            }
        }
        self.record.pages.remove(key);
        self.save().await
    }

    /// Writes the call down before it is made.
    async fn begin(&mut self, call: Call) -> Result<(), Stop> {
        // What was learnt on the way is not part of the call.
        if self.calls.mode == Mode::Apply && self.record.is_changed()? {
            self.save().await?;
        }
        self.record.call = Some(call);
        self.save().await
    }

    /// Writes down what came of the call.
    async fn end(&mut self, outcome: Result<Made, Error>) -> Result<(), Stop> {
        let error = match outcome {
            Ok(made) => return self.enter(made).await,
            Err(error) => error,
        };
        match error {
            Error::Ambiguous { committed } => self.settle_with(committed).await,
            error => {
                self.record.call = None;
                self.save().await?;
                Err(error.into())
            }
        }
    }

    pub(super) async fn enter(&mut self, made: Made) -> Result<(), Stop> {
        if let Some(call) = &mut self.record.call {
            call.made = Some(made);
            self.record.report.created += call.size();
        }
        self.record.enter();
        if self.calls.mode == Mode::Try {
            self.record.call = None;
        }
        self.save().await
    }

    /// The page as it is remembered; one that is not has nothing on it.
    pub(super) fn known(&self, page: &WantedPage) -> &Page {
        self.record.pages.get(&page.key).unwrap_or(Page::NONE)
    }

    pub(super) fn node_mut(&mut self, page: &WantedPage, path: &[usize]) -> Option<&mut Node> {
        at_mut(&mut self.record.pages.get_mut(&page.key)?.blocks, path)
    }

    /// Whether a block or one around it was thrown away.
    fn is_gone(&self, page: &WantedPage, path: &[usize]) -> bool {
        let blocks = &self.known(page).blocks;
        (1..=path.len()).any(|length| at(blocks, &path[..length]).is_some_and(|node| node.gone))
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
        Ok(at(&self.known(page).blocks, path).filter(|node| !node.gone).and_then(Node::id).map(str::to_owned))
    }
}

impl Call {
    fn new(page: &str, parent_id: &str, making: Making, nodes: Vec<Node>, now: jiff::Timestamp) -> Self {
        let (page, parent_id) = (page.to_owned(), parent_id.to_owned());
        Self { page, parent_id, making, nodes, sent_at: now, missed_at: None, made: None }
    }
}

/// What is directly below a block, or the outermost blocks.
pub(super) fn siblings<'a>(page: &'a Page, below: &[usize]) -> &'a [Node] {
    if below.is_empty() { &page.blocks } else { at(&page.blocks, below).map_or(&[], |node| &node.children) }
}

/// What the values of a call will be recorded as.
fn recorded<'a>(wanted: impl Iterator<Item = &'a Wanted>, values: &[serde_json::Value]) -> Vec<Node> {
    let inside = |wanted: &Wanted, value: &serde_json::Value| {
        value[wanted.block.kind]["children"].as_array().map_or(0, Vec::len)
    };
    wanted.zip(values).map(|(wanted, value)| wanted.recorded(inside(wanted, value))).collect()
}

/// The wanted outermost block that the recorded one at a place is, by its key.
fn page_top<'a>(page: &'a WantedPage, known: &Page, path: &[usize]) -> Option<&'a Wanted> {
    let key = known.blocks.get(*path.first()?)?.key.as_ref()?;
    page.blocks.iter().find(|wanted| wanted.key.as_ref() == Some(key))
}

fn take(page: &mut Page, path: &[usize]) {
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

fn forget_gone(page: &mut Page) {
    fn living(nodes: &mut Vec<Node>) {
        nodes.retain(|node| !node.gone);
        for node in nodes {
            living(&mut node.children);
        }
    }
    let gone: Vec<usize> = (0..page.blocks.len()).rev().filter(|at| page.blocks[*at].gone).collect();
    for at in gone {
        take(page, &[at]);
    }
    for node in &mut page.blocks {
        living(&mut node.children);
    }
}

/// What Notion shows of a block that it listed.
pub(super) fn is_by(bot: Option<&str>, block: &Block) -> bool {
    bot.is_none_or(|bot| block.created_by() == Some(bot))
}
