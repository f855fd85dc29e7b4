//! What an export put into Notion, as it is remembered: pages, their blocks, and the call whose outcome is open.

use std::collections::{BTreeMap, BTreeSet};

use domain::{JobId, PLAN_PAGE, Plan, UserId};
use jiff::Timestamp;
use runtime::{App, History, Report, Stop};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Job, SYNC_ROWS};
use uuid::Uuid;

use super::node::{Node, Path, is_task, retire};
use super::values::Values;

/// A page that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) id: String,
    pub(super) url: String,
    /// What the plan said when it was last looked at.
    pub(super) values: Values,
    /// What is being written of them: until that is over, Notion may show either.
    pub(super) written: Values,
    /// Somebody threw it away: it is not made again.
    pub(super) gone: bool,
    /// The plan does not have it any more.
    pub(super) left: Option<Leave>,
    /// The names by which the outermost blocks are ordered.
    pub(super) ranks: Vec<String>,
    pub(super) blocks: Vec<Node>,
}

impl Page {
    /// A page that is not there.
    pub(super) const NONE: &'static Self = &Self {
        id: String::new(),
        url: String::new(),
        values: Values::new(),
        written: Values::new(),
        gone: false,
        left: None,
        ranks: Vec::new(),
        blocks: Vec::new(),
    };

    fn rows(&self, key: &str) -> Result<BTreeMap<String, Value>, store::Error> {
        let Self { id, url, values, written, gone, left, ranks, blocks } = self.clone();
        let mut rows =
            BTreeMap::from([(key.to_owned(), write(&PageRow { id, url, values, written, gone, left })?)]);
        for (rank, node) in ranks.iter().zip(&blocks) {
            rows.insert(format!("{key}#{rank}"), write(node)?);
        }
        Ok(rows)
    }
}

#[derive(Serialize, Deserialize)]
struct PageRow {
    id: String,
    url: String,
    values: Values,
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    written: Values,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    gone: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<Leave>,
}

/// What became of a page that the plan does not have any more. If the plan gets it back, so does the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Leave {
    /// It stayed, since somebody wrote on it.
    Kept,
    /// It is being thrown away.
    Going,
    /// This job threw it away, or none but a trial.
    Trashed(Option<JobId>),
}

/// A call that makes something, written down before it is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Call {
    /// The key of the page that is made or appended to.
    pub(super) page: String,
    /// What is made below.
    pub(super) parent_id: String,
    pub(super) making: Making,
    /// The blocks that travel with it.
    pub(super) nodes: Vec<Node>,
    pub(super) sent_at: Timestamp,
    /// When it was first looked for and not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) missed_at: Option<Timestamp>,
    /// What came of it, until all of that is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) made: Option<Made>,
}

impl Call {
    /// How much it makes, as it is reported: pages, tasks, and texts that come later.
    pub(super) fn size(&self) -> u32 {
        let tasks = self.nodes.iter().filter(|node| node.is_task()).count();
        let size = match self.making {
            Making::Database => 0,
            Making::Page { .. } => 1 + tasks,
            Making::Outermost { .. } | Making::Inside { .. } => self.nodes.len(),
        };
        u32::try_from(size).unwrap_or(u32::MAX)
    }
}

/// What a call makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Making {
    /// A page with blocks.
    Page { values: Values },
    /// The database of the tasks.
    Database,
    /// Outermost blocks of a page, by their ranks.
    Outermost { ranks: Vec<String> },
    /// Blocks inside the block at a place, the first at `index`.
    Inside { below: Path, index: usize },
}

/// What a call made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Made {
    Page {
        id: String,
        url: String,
    },
    Database {
        id: String,
        url: String,
        data_source_id: String,
    },
    /// The ids of the outermost blocks, as far as they are still there.
    Blocks(Vec<Option<String>>),
}

#[derive(Serialize, Deserialize)]
struct Head {
    mark: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call: Option<Call>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    database: Option<Database>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    bots: BTreeSet<String>,
    report: Report,
    #[serde(default)]
    history: History,
}

/// The database of the tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Database {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) data_source_id: String,
    /// The ids of its columns, by the names that we gave them; empty before they were looked up.
    pub(super) columns: BTreeMap<String, String>,
}

/// All that is remembered of one export.
#[derive(Clone, Debug)]
pub(super) struct Record {
    user: UserId,
    subject: String,
    version: u64,
    saved: BTreeMap<String, Value>,
    /// The keys of the pages that may not be as they were saved.
    touched: BTreeSet<String>,
    /// Stands in the plan's page, so that it can be recognised.
    pub(super) mark: Uuid,
    /// The call whose outcome is open.
    pub(super) call: Option<Call>,
    /// Where tasks are rows.
    pub(super) database: Option<Database>,
    /// Who wrote, as Notion names them: another connection of the same user may be another one.
    pub(super) bots: BTreeSet<String>,
    /// What the last job did.
    pub(super) report: Report,
    /// What can be gone back to.
    pub(super) history: History,
    pages: BTreeMap<String, Page>,
}

impl Record {
    /// What is remembered.
    pub(super) async fn load(app: &App, user: &UserId, subject: &str) -> Result<Self, store::Error> {
        let store::Sync { head, version, rows } = app.store.sync(user, subject).await?;
        let Head { mark, call, database, bots, report, history } = if head.is_null() {
            let (report, history) = (Report::default(), History::default());
            let (mark, bots) = (app.random.uuid_v4(), BTreeSet::new());
            Head { mark, call: None, database: None, bots, report, history }
        } else {
            read(head)?
        };
        let mut pages: BTreeMap<String, Page> = BTreeMap::new();
        // Sorted, so that a page's own row comes before those of its blocks, and these in their order.
        for (name, row) in &rows {
            match name.split('#').collect::<Vec<_>>()[..] {
                [key] => {
                    let PageRow { id, url, values, written, gone, left } = read(row.clone())?;
                    let (ranks, blocks) = (Vec::new(), Vec::new());
                    let page = Page { id, url, values, written, gone, left, ranks, blocks };
                    pages.insert(key.to_owned(), page);
                }
                [key, rank] => {
                    let page = pages.get_mut(key).ok_or(store::Error::Corrupt("export"))?;
                    page.ranks.push(rank.to_owned());
                    page.blocks.push(read(row.clone())?);
                }
                _ => return Err(store::Error::Corrupt("export")),
            }
        }
        Ok(Self {
            user: user.clone(),
            subject: subject.to_owned(),
            version,
            saved: rows,
            touched: BTreeSet::new(),
            mark,
            call,
            database,
            bots,
            report,
            history,
            pages,
        })
    }

    /// The job did all that it was to do. What earlier ones threw away is not brought back any more.
    pub(super) async fn end(&mut self, app: &App, job: &Job, plan: Option<&Plan>) -> Result<(), Stop> {
        self.history.end(app, &mut self.report, job, plan).await?;
        let is_old =
            |page: &Page| matches!(&page.left, Some(Leave::Trashed(by)) if by.as_ref() != Some(&job.id));
        let old: Vec<_> =
            self.pages.iter().filter(|(_, page)| is_old(page)).map(|(key, _)| key.clone()).collect();
        for key in old {
            self.forget(&key);
        }
        Ok(self.save(app).await?)
    }

    /// Writes down what changed. [`store::Error::Conflict`] if somebody else works on the same export.
    pub(super) async fn save(&mut self, app: &App) -> Result<(), store::Error> {
        let changes = self.changes()?;
        let mut left = changes.as_slice();
        while left.len() > SYNC_ROWS {
            let (now, later) = left.split_at(SYNC_ROWS);
            self.put(app, now).await?;
            left = later;
        }
        // What was made is written down; only then is the call over.
        let made = self.call.take_if(|call| call.made.is_some());
        if let Err(error) = self.put(app, left).await {
            self.call = self.call.take().or(made);
            return Err(error);
        }
        for (name, row) in changes {
            match row {
                Some(row) => drop(self.saved.insert(name, row)),
                None => drop(self.saved.remove(&name)),
            }
        }
        self.touched.clear();
        Ok(())
    }

    /// Whether there is something to be written down.
    pub(super) fn is_changed(&self) -> Result<bool, store::Error> {
        Ok(!self.changes()?.is_empty())
    }

    async fn put(&mut self, app: &App, rows: &[(String, Option<Value>)]) -> Result<(), store::Error> {
        let (call, database) = (self.call.clone(), self.database.clone());
        let (report, history) = (self.report.clone(), self.history.clone());
        let (mark, bots) = (self.mark, self.bots.clone());
        let head = write(&Head { mark, call, database, bots, report, history })?;
        self.version = app.store.save_sync(&self.user, &self.subject, self.version, &head, rows).await?;
        Ok(())
    }

    /// The rows that are not as they were saved. A page comes before its blocks, and goes after them.
    fn changes(&self) -> Result<Vec<(String, Option<Value>)>, store::Error> {
        let (mut new, mut gone) = (Vec::new(), Vec::new());
        for key in &self.touched {
            let rows = self.pages.get(key).map(|page| page.rows(key)).transpose()?.unwrap_or_default();
            // A page's own row has its key for a name, those of its blocks begin with it and a `#`, which is less than
            // whatever a key may go on with.
            let saved = self.saved.range(key.clone()..format!("{key}$"));
            gone.extend(
                saved
                    .rev()
                    .filter(|(name, _)| !rows.contains_key(*name))
                    .map(|(name, _)| (name.clone(), None)),
            );
            let is_new = |(name, row): &(String, Value)| self.saved.get(name) != Some(row);
            new.extend(rows.into_iter().filter(is_new).map(|(name, row)| (name, Some(row))));
        }
        Ok(new.into_iter().chain(gone).collect())
    }

    pub(super) fn page(&self, key: &str) -> Option<&Page> {
        self.pages.get(key)
    }

    pub(super) fn page_mut(&mut self, key: &str) -> Option<&mut Page> {
        self.touched.insert(key.to_owned());
        self.pages.get_mut(key)
    }

    pub(super) fn forget(&mut self, key: &str) {
        self.touched.insert(key.to_owned());
        self.pages.remove(key);
    }

    pub(super) fn pages(&self) -> impl Iterator<Item = (&String, &Page)> {
        self.pages.iter()
    }

    /// The plan's page, if it is there.
    pub(super) fn place(&self) -> Option<&Page> {
        self.pages.get(PLAN_PAGE).filter(|page| page.left.is_none())
    }

    /// How many tasks are there.
    pub(super) fn tasks(&self) -> usize {
        let pages = || self.pages.iter().filter(|(_, page)| page.left.is_none());
        let blocks = pages().flat_map(|(_, page)| &page.blocks).filter(|node| node.is_task() && !node.kept);
        let rows = pages().filter(|(key, _)| is_task(key));
        blocks.count() + rows.count()
    }

    /// Enters what the call made, also if part of it is entered already.
    pub(super) fn enter(&mut self) {
        let Some(Call { page, making, nodes, made: Some(made), .. }) = self.call.clone() else { return };
        match (making, made) {
            (Making::Database, Made::Database { id, url, data_source_id }) => {
                self.database = Some(Database { id, url, data_source_id, columns: BTreeMap::new() });
            }
            (Making::Page { values }, Made::Page { id, url }) => {
                let ranks = super::rank::ranks(None, None, nodes.len());
                self.touched.insert(page.clone());
                let new = Page { id, url, values, ranks, blocks: nodes, ..Page::NONE.clone() };
                self.pages.insert(page, new);
            }
            (Making::Outermost { ranks }, Made::Blocks(ids)) => {
                let Some(page) = self.page_mut(&page) else { return };
                let is_new = |rank: &String| page.ranks.binary_search(rank).is_err();
                let new: Vec<_> = ranks
                    .iter()
                    .zip(&nodes)
                    .filter(|(rank, _)| is_new(rank))
                    .map(|(_, node)| node.clone())
                    .collect();
                retire(&mut page.blocks, &new);
                for (rank, node) in ranks.into_iter().zip(with_ids(nodes, ids)) {
                    if let Err(at) = page.ranks.binary_search(&rank) {
                        page.ranks.insert(at, rank);
                        page.blocks.insert(at, node);
                    }
                }
            }
            (Making::Inside { below, index }, Made::Blocks(ids)) => {
                let blocks = self.page_mut(&page).map(|page| &mut page.blocks);
                if let Some(node) = blocks.and_then(|blocks| at_mut(blocks, &below)) {
                    let index = index.min(node.children.len());
                    node.children.splice(index..index, with_ids(nodes, ids));
                }
            }
            _ => {}
        }
    }
}

fn with_ids(nodes: Vec<Node>, ids: Vec<Option<String>>) -> impl Iterator<Item = Node> {
    nodes.into_iter().zip(ids).map(|(node, id)| Node { gone: id.is_none(), id, ..node })
}

/// The recorded block at a place.
pub(super) fn at_mut<'a>(blocks: &'a mut [Node], path: &[usize]) -> Option<&'a mut Node> {
    let (first, rest) = path.split_first()?;
    let node = blocks.get_mut(*first)?;
    if rest.is_empty() { Some(node) } else { at_mut(&mut node.children, rest) }
}

fn read<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, store::Error> {
    serde_json::from_value(value).map_err(|_| store::Error::Corrupt("export"))
}

fn write(value: &impl Serialize) -> Result<Value, store::Error> {
    serde_json::to_value(value).map_err(|_| store::Error::Corrupt("export"))
}
