//! An export: what is in Notion becomes what is in the plan, one call after the other, each remembered before the next.

use std::collections::HashSet;

use domain::{Layout, PLAN_PAGE};
use providers::Error;
use providers::notion::is_about_trash;
use runtime::{Code, Mode, Problem, Reason, Stop};

use super::calls::Calls;
use super::looks::Looks;
use super::node::{Left, Node, Place, Step, WantedPage, next};
use super::pages::is_changed;
use super::record::{Call, Leave, Made, Making, Page, Record, at_mut};
use super::report;
use super::rows::Rows;

/// An export under way.
pub(super) struct Run<'a> {
    pub(super) calls: Calls<'a>,
    pub(super) record: Record,
    /// The page below which the plan's page is.
    pub(super) parent_page_id: String,
    pub(super) layout: Layout,
    /// What somebody threw away is made again.
    pub(super) recreate: bool,
    /// What is known of rows before they are written.
    pub(super) rows: Rows,
}

impl Run<'_> {
    /// Makes Notion equal to these pages. The first is the plan's own, and the others are below it. It begins with a `look`
    /// whether that one is there, which is left out a moment after it was.
    pub(super) async fn make(&mut self, mut pages: Vec<WantedPage>, look: bool) -> Result<(), Stop> {
        self.record.bots.extend(self.calls.bot().map(str::to_owned));
        self.settle().await?;
        if look {
            self.look().await?;
        }
        self.number_rows(&mut pages);
        let wanted: HashSet<&str> = pages.iter().map(|page| page.key.as_str()).collect();
        let is_there = |page: &Page| matches!(page.left, None | Some(Leave::Going));
        let left = self.record.pages().filter(|(key, page)| is_there(page) && !wanted.contains(key.as_str()));
        let mut left: Vec<_> = left.map(|(key, _)| key.clone()).collect();
        // What is below the plan's page may have to stay, and the page with it.
        left.sort_by_key(|key| key == PLAN_PAGE);
        self.note_due(&pages, &left);
        for page in &pages {
            self.page(page).await?;
            if page.key == PLAN_PAGE && self.layout == Layout::Database {
                self.database().await?;
            }
        }
        for key in left {
            self.remove_page(&key).await?;
        }
        Ok(())
    }

    /// The one call that is made even if nothing changed: whether the plan's page is there. What somebody threw away is forgotten
    /// if it is to be made again.
    async fn look(&mut self) -> Result<(), Stop> {
        let is_away = |page: &Page| matches!(page.left, Some(Leave::Going | Leave::Trashed(_)));
        let known = self.record.page(PLAN_PAGE).filter(|page| !is_away(page));
        let Some(id) = known.map(|page| page.id.clone()) else {
            // What this job makes or brings back it need not look at a moment later.
            self.record.report.looked = true;
            return Ok(());
        };
        match (self.shown_page(&id).await?.is_some(), self.recreate) {
            (true, false) => {}
            (true, true) => self.forget_trashed(&id).await?,
            (false, true) => {
                self.forget_all(|_| true);
                self.record.database = None;
            }
            (false, false) => return Err(in_trash()),
        }
        self.record.report.looked = true;
        Ok(())
    }

    pub(super) async fn save(&mut self) -> Result<(), Stop> {
        if self.calls.mode == Mode::Apply {
            self.record.save(self.calls.app).await?;
        }
        Ok(())
    }

    async fn page(&mut self, wanted: &WantedPage) -> Result<(), Stop> {
        let mut looks = Looks::default();
        self.take_back(wanted).await?;
        match self.record.page(&wanted.key) {
            None => {
                self.create_page(wanted).await?;
                looks.is_fresh = true;
            }
            Some(page) if page.gone => {
                if is_changed(page, wanted) || next(&page.blocks, &wanted.blocks).is_some() {
                    self.record
                        .report
                        .leaves(report::page(&wanted.key, wanted.title()), Reason::TrashedInNotion);
                }
                return Ok(());
            }
            Some(page) if is_changed(page, wanted) => self.revise(wanted).await?,
            Some(_) => {}
        }
        if self.recreate && !looks.is_fresh && wanted.place != Place::Rows {
            self.forget_trashed_blocks(wanted, &mut looks).await?;
        }
        while let Some(page) = self.record.page(&wanted.key).filter(|page| !page.gone)
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

    /// Writes the call down before it is made.
    pub(super) async fn begin(&mut self, call: Call) -> Result<(), Stop> {
        // What was learnt on the way is not part of the call.
        if self.calls.mode == Mode::Apply && self.record.is_changed()? {
            self.save().await?;
        }
        self.record.call = Some(call);
        self.save().await
    }

    /// Writes down what came of the call.
    pub(super) async fn end(&mut self, outcome: Result<Made, Error>) -> Result<(), Stop> {
        let error = match outcome {
            Ok(made) => return self.enter(made).await,
            Err(error) => error,
        };
        match error {
            Error::Ambiguous { committed } => self.settle_with(committed).await,
            error => {
                self.record.call = None;
                self.save().await?;
                Err(or_in_trash(error))
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
        self.record.page(&page.key).unwrap_or(Page::NONE)
    }

    pub(super) fn node_mut(&mut self, page: &WantedPage, path: &[usize]) -> Option<&mut Node> {
        at_mut(&mut self.record.page_mut(&page.key)?.blocks, path)
    }
}

/// What Notion refuses since it is in the trash was thrown away a moment ago.
pub(super) fn or_in_trash(error: Error) -> Stop {
    if is_about_trash(&error) { in_trash() } else { error.into() }
}

fn in_trash() -> Stop {
    let detail = "The plan's page is in Notion's trash. Restore it there, or export with recreate_trashed.";
    Stop::Fail(Problem::new(Code::TargetNotFound, detail))
}

impl Call {
    pub(super) fn new(
        page: &str,
        parent_id: &str,
        making: Making,
        nodes: Vec<Node>,
        now: jiff::Timestamp,
    ) -> Self {
        let (page, parent_id) = (page.to_owned(), parent_id.to_owned());
        Self { page, parent_id, making, nodes, sent_at: now, missed_at: None, made: None }
    }
}
