//! The rows of a plan's database: numbered so that they sort, and looked at many at once.

use std::collections::{HashMap, VecDeque};

use providers::notion::{EXTERNAL_ID_NAME, Page as Shown};
use runtime::Stop;

use super::calls::LISTED;
use super::node::{Place, WantedPage};
use super::orders::{order, orders, value};
use super::pages::is_changed;
use super::record::Page;
use super::run::Run;
use super::values::ORDER;

/// What is known of rows before they are written.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The keys of those that are to be looked at, in the order in which they are come to.
    due: VecDeque<String>,
    /// Those that were listed, by their ids.
    listed: HashMap<String, Seen>,
}

/// A page before it is written.
#[derive(Debug)]
pub(super) enum Seen {
    /// As Notion shows it.
    Shown(Shown),
    /// Taken for as we left it.
    Assumed,
    /// Somebody threw it away.
    Trashed,
}

impl Run<'_> {
    /// Gives rows the numbers by which they sort. Those that stay in order keep theirs.
    pub(super) fn number_rows(&self, pages: &mut [WantedPage]) {
        let mut rows: Vec<_> = pages.iter_mut().filter(|page| page.place == Place::Rows).collect();
        let known = |row: &&mut WantedPage| self.record.page(&row.key)?.values.get(ORDER).and_then(order);
        let known: Vec<_> = rows.iter().map(known).collect();
        for (row, order) in rows.iter_mut().zip(orders(&known)) {
            row.values.insert(ORDER.to_owned(), value(order));
        }
    }

    /// Notes which rows will have to be looked at: those with other values than before, and those that the plan does not have.
    pub(super) fn note_due(&mut self, pages: &[WantedPage], left: &[String]) {
        let is_due = |page: &&WantedPage| {
            let known = self.record.page(&page.key);
            page.place == Place::Rows && known.is_some_and(|known| !known.gone && is_changed(known, page))
        };
        let changed = pages.iter().filter(is_due).map(|page| page.key.clone());
        let left = left.iter().filter(|key| self.external_id(key).is_some()).cloned();
        self.rows = Rows { due: changed.chain(left).collect(), listed: HashMap::new() };
    }

    /// A page as it is now, before it is written. Rows are listed, as many at once as Notion answers. A list may be older than
    /// what is there, so one that does not show what we left there proves nothing.
    pub(super) async fn before_writing<'v>(
        &mut self,
        key: &str,
        page: &Page,
        names: impl Iterator<Item = &'v String>,
    ) -> Result<Seen, Stop> {
        if let Some(at) = self.rows.due.iter().position(|due| due == key) {
            let end = self.rows.due.len().min(at + LISTED);
            let next: Vec<String> = self.rows.due.drain(..end).skip(at).collect();
            self.list_rows(&next).await?;
        }
        match self.rows.listed.remove(&page.id) {
            Some(Seen::Shown(shown)) if self.is_as_left(&shown, page, names) => Ok(Seen::Shown(shown)),
            Some(Seen::Assumed) => Ok(Seen::Assumed),
            _ if self.calls.is_late() => {
                self.calls.leave_out(1);
                Ok(Seen::Assumed)
            }
            _ => Ok(self.shown_page(&page.id).await?.map_or(Seen::Trashed, Seen::Shown)),
        }
    }

    async fn list_rows(&mut self, keys: &[String]) -> Result<(), Stop> {
        let ids: Vec<String> =
            keys.iter().filter_map(|key| self.external_id(key)).map(str::to_owned).collect();
        let database = self.record.database.as_ref();
        let place = database
            .and_then(|it| Some((it.data_source_id.clone(), it.columns.get(EXTERNAL_ID_NAME)?.clone())));
        // One is looked at for the same price.
        if let (Some((source, column)), 2..) = (place, ids.len()) {
            self.rows.listed = if self.calls.is_late() {
                self.calls.leave_out(ids.len());
                let rows = keys.iter().filter_map(|key| self.record.page(key));
                rows.map(|row| (row.id.clone(), Seen::Assumed)).collect()
            } else {
                let shown = self.calls.rows_with(&source, &column, &ids).await?;
                shown.into_iter().map(|row| (row.id.clone(), Seen::Shown(row))).collect()
            };
        }
        Ok(())
    }

    /// What stands in a row so that it is found again.
    fn external_id(&self, key: &str) -> Option<&str> {
        self.record.page(key)?.values.get(EXTERNAL_ID_NAME)?.as_str()
    }
}
