//! Pages, rows and the database of rows: made, given their values, and thrown away.

use std::collections::BTreeMap;

use domain::PLAN_PAGE;
use providers::Error;
use providers::notion::{EXTERNAL_ID_NAME, is_about_trash, pack, rich_text};
use runtime::{Code, Item, Problem, Reason, Stop};
use serde_json::{Map, Value, json};

use super::blocks::recorded;
use super::calls::{Written, is_invented};
use super::looks::Looks;
use super::node::{Node, Place, Wanted, WantedPage, is_task};
use super::record::{Call, Database, Leave, Made, Making, Page};
use super::report;
use super::rows::Seen;
use super::run::Run;
use super::values::{TITLE, Values, column_ids, columns, shows, title_of, written};

impl Run<'_> {
    /// A page as it is now; nothing if somebody threw it away. What is not shown at all was thrown away for ever if what is around
    /// it is still shown, and is otherwise not shared any more.
    pub(super) async fn shown_page(&mut self, id: &str) -> Result<Option<providers::notion::Page>, Stop> {
        let around = self.around(id);
        let page = self.calls.shown_page(id, &around).await?;
        Ok(page.filter(|page| !page.in_trash))
    }

    /// What is around a page, from the inside out. The plan's own may only not be shared; it is not asked what is around that,
    /// unless what is gone is to be made again.
    pub(super) fn around(&self, id: &str) -> Vec<String> {
        let plan = self.record.page(PLAN_PAGE).map(|page| page.id.clone()).filter(|plan| plan != id);
        plan.into_iter().chain(self.recreate.then(|| self.parent_page_id.clone())).collect()
    }

    /// Whether the database is in the trash or deleted for ever.
    pub(super) async fn is_database_gone(&mut self) -> Result<bool, Stop> {
        let Some(id) = self.record.database.as_ref().map(|database| database.id.clone()) else {
            return Ok(false);
        };
        let around = self.around(&id);
        let database = self.calls.shown_database(&id, &around).await?;
        Ok(database.is_none_or(|database| database.in_trash))
    }

    /// Makes the database of the rows, and learns what its columns are called.
    pub(super) async fn database(&mut self) -> Result<(), Stop> {
        if self.record.database.is_none() {
            self.create_database().await?;
        }
        match &self.record.database {
            Some(database) if database.columns.is_empty() => self.learn_columns().await.map(drop),
            _ => Ok(()),
        }
    }

    async fn create_database(&mut self) -> Result<(), Stop> {
        self.calls.in_time()?;
        let Some(plan) = self.record.page(PLAN_PAGE) else { return Ok(()) };
        let parent_id = plan.id.clone();
        let body = json!({
            "parent": {"type": "page_id", "page_id": parent_id},
            "title": rich_text(DATABASE, None),
            "is_inline": true,
            "initial_data_source": {"properties": columns()},
        });
        let call = Call::new(PLAN_PAGE, &parent_id, Making::Database, Vec::new(), self.calls.app.clock.now());
        self.begin(call).await?;
        let outcome = self.calls.create_database(&body).await?;
        self.end(outcome.map(|(id, url, data_source_id)| Made::Database { id, url, data_source_id })).await
    }

    /// Reads which columns there are; whether that is news.
    async fn learn_columns(&mut self) -> Result<bool, Stop> {
        let Some(Database { data_source_id, columns: known, .. }) = self.record.database.clone() else {
            return Ok(false);
        };
        let columns = if is_invented(&data_source_id) {
            self.calls.count_listing(0);
            written_names()
        } else {
            column_ids(&self.calls.data_source(&data_source_id).await?, &known)
        };
        if !columns.contains_key(EXTERNAL_ID_NAME) {
            let detail = format!(
                "The column \"{EXTERNAL_ID_NAME}\" of the plan's database is gone. Restore it in Notion."
            );
            return Err(Stop::Park(Problem::new(Code::MappingPropertyMissing, detail)));
        }
        let is_news = columns != known;
        if let Some(database) = &mut self.record.database {
            database.columns = columns;
        }
        self.save().await?;
        Ok(is_news)
    }

    /// What Notion refused may be in the trash, or name a column that is gone; then it may be tried again.
    async fn refused_values(&mut self, error: Error) -> Result<(), Stop> {
        if is_about_trash(&error) {
            let detail = "The plan's database is in Notion's trash. Restore it there, or export with recreate_trashed.";
            return Err(Stop::Fail(Problem::new(Code::TargetNotFound, detail)));
        }
        if matches!(error, Error::Rejected { .. })
            && self.record.database.is_some()
            && self.learn_columns().await?
        {
            return Ok(());
        }
        Err(error.into())
    }

    /// The plan has a page and blocks again that it did not have any more: what we threw away is brought back, and what stayed is
    /// the plan's again.
    pub(super) async fn take_back(&mut self, wanted: &WantedPage) -> Result<(), Stop> {
        let Some(page) = self.record.page(&wanted.key) else { return Ok(()) };
        let (id, title) = (page.id.clone(), title_of(&page.values).to_owned());
        let is_back = |node: &Node| {
            node.kept && node.key.is_some() && wanted.blocks.iter().any(|block| block.key == node.key)
        };
        match &page.left {
            None if !page.blocks.iter().any(is_back) => return Ok(()),
            None | Some(Leave::Kept) => {}
            Some(Leave::Going | Leave::Trashed(_)) => {
                self.calls.in_time()?;
                // Until it is the plan's again, it is one that is to go.
                self.leave(&wanted.key, Leave::Going);
                self.save().await?;
                match self.restore(&id).await? {
                    Ok(()) => {
                        self.record.report.created += 1;
                        self.record.report.creates.push(report::page(&wanted.key, &title));
                    }
                    Err(Error::NotFound | Error::Rejected { .. }) => return self.is_lost(&wanted.key).await,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        if let Some(page) = self.record.page_mut(&wanted.key) {
            page.left = None;
            for node in page.blocks.iter_mut().filter(|node| is_back(node)) {
                node.kept = false;
            }
        }
        self.save().await
    }

    /// Takes a page out of the trash. One that is not found is looked for, since it may only not have been shared for a moment.
    async fn restore(&mut self, id: &str) -> Written<()> {
        loop {
            let restored = self.calls.restore_page(id).await?;
            if !matches!(restored, Err(Error::NotFound)) {
                return Ok(restored);
            }
            let mut around = self.around(id);
            around.push(self.parent_page_id.clone());
            if self.calls.shown_page(id, &around).await?.is_none() {
                return Ok(restored);
            }
            self.calls.in_time()?;
        }
    }

    /// A page is gone that is not to be brought back, and what is below it with it.
    async fn is_lost(&mut self, key: &str) -> Result<(), Stop> {
        if key == PLAN_PAGE {
            self.forget_all(|_| true);
            self.record.database = None;
        } else {
            self.record.forget(key);
        }
        self.save().await
    }

    pub(super) async fn create_page(&mut self, wanted: &WantedPage) -> Result<(), Stop> {
        let first = pack(wanted.blocks.iter().map(Wanted::whole).collect()).first;
        let nodes = recorded(wanted.blocks.iter(), &first);
        let mut values = wanted.values.clone();
        if wanted.place == Place::Rows {
            values.insert(EXTERNAL_ID_NAME.to_owned(), self.calls.app.random.uuid_v4().to_string().into());
        }
        loop {
            self.calls.in_time()?;
            let (kind, parent_id) = self.parent(wanted.place);
            let body = json!({
                "parent": {"type": kind, kind: parent_id},
                "properties": self.properties(&values, values.keys()),
                "children": first,
            });
            let making = Making::Page { values: values.clone() };
            let now = self.calls.app.clock.now();
            self.begin(Call::new(&wanted.key, &parent_id, making, nodes.clone(), now)).await?;
            let outcome = self.calls.create_page(&body).await?;
            if let (Place::Rows, Err(error @ Error::Rejected { .. })) = (wanted.place, &outcome) {
                self.record.call = None;
                self.save().await?;
                self.refused_values(error.clone()).await?;
                continue;
            }
            let tasks = wanted.blocks.iter().take(first.len());
            let tasks = tasks.filter(|block| block.key.as_ref().is_some_and(|key| is_task(key)));
            let tasks = tasks.map(|block| report::block(wanted, Some(block), &[0]));
            let page = report::page(&wanted.key, wanted.title());
            self.record.report.creates.extend(std::iter::once(page).chain(tasks));
            return self.end(outcome.map(|(id, url)| Made::Page { id, url })).await;
        }
    }

    /// Below what a page is made: Notion's word for it, and the id.
    fn parent(&self, place: Place) -> (&'static str, String) {
        let plan = || self.record.page(PLAN_PAGE).map(|page| page.id.clone()).unwrap_or_default();
        match place {
            Place::Outside => ("page_id", self.parent_page_id.clone()),
            Place::Plan => ("page_id", plan()),
            Place::Rows => {
                let source = self.record.database.as_ref().map(|database| database.data_source_id.clone());
                ("data_source_id", source.unwrap_or_default())
            }
        }
    }

    /// Some of the values as Notion takes them, by the ids of columns; those whose column is gone are left out.
    fn properties<'a>(&self, values: &Values, names: impl Iterator<Item = &'a String>) -> Value {
        let columns = self.record.database.as_ref().map(|database| &database.columns);
        let id = |name: &str| match name {
            TITLE => Some(TITLE.to_owned()),
            name => columns.and_then(|columns| columns.get(name)).cloned(),
        };
        let property = |name: &'a String| Some((id(name)?, written(name, values.get(name)?)));
        names.filter_map(property).collect::<Map<_, _>>().into()
    }

    /// What Notion shows of a value of a page.
    fn shown<'a>(&self, page: &'a providers::notion::Page, name: &str) -> Option<&'a Value> {
        let id = match name {
            TITLE => TITLE,
            name => self.record.database.as_ref()?.columns.get(name)?,
        };
        page.properties.as_object()?.values().find(|value| value["id"] == id)
    }

    /// Whether Notion shows of a page what we left there.
    pub(super) fn is_as_left<'v>(
        &self,
        shown: &providers::notion::Page,
        page: &Page,
        mut names: impl Iterator<Item = &'v String>,
    ) -> bool {
        let is_left = |name: &String, shown: &Value| {
            let left =
                [page.values.get(name).unwrap_or(&Value::Null)].into_iter().chain(page.written.get(name));
            left.into_iter().any(|value| shows(name, shown, value))
        };
        names.all(|name| self.shown(shown, name).is_none_or(|shown| is_left(name, shown)))
    }

    /// Gives a page the values that changed in the plan and that nobody changed in Notion.
    pub(super) async fn revise(&mut self, wanted: &WantedPage) -> Result<(), Stop> {
        self.calls.in_time()?;
        let Some(page) = self.record.page(&wanted.key).cloned() else { return Ok(()) };
        let item = report::page(&wanted.key, wanted.title());
        let open = open_values(&page, wanted);
        let (ours, is_edited) = match self.before_writing(&wanted.key, &page, open).await? {
            Seen::Trashed => return self.is_trashed(&wanted.key, item).await,
            Seen::Assumed => (open_values(&page, wanted).collect(), false),
            Seen::Shown(shown) => {
                let is_shown = |name: &&String| self.shown(&shown, name).is_some();
                let (ours, theirs): (Vec<&String>, Vec<&String>) = open_values(&page, wanted)
                    .filter(is_shown)
                    .partition(|name| self.is_as_left(&shown, &page, std::iter::once(*name)));
                let is_other = |name: &&String| {
                    self.shown(&shown, name).is_some_and(|shown| !shows(name, shown, &wanted.values[*name]))
                };
                (ours, theirs.iter().any(is_other))
            }
        };
        if !ours.is_empty() {
            let written = ours.iter().map(|name| ((*name).clone(), wanted.values[*name].clone()));
            if let Some(page) = self.record.page_mut(&wanted.key) {
                page.written = written.collect();
            }
            // That it is done is written down with whatever comes next.
            self.save().await?;
            loop {
                let properties = self.properties(&wanted.values, ours.iter().copied());
                match self.calls.update_page(&page.id, &properties).await? {
                    Ok(()) => break,
                    Err(error) => self.refused_values(error).await?,
                }
            }
        }
        if is_edited {
            self.record.report.leaves(item.clone(), Reason::EditedInNotion);
        }
        if !is_edited || !ours.is_empty() {
            self.record.report.updates(item);
        }
        if let Some(page) = self.record.page_mut(&wanted.key) {
            page.values.extend(wanted.values.clone());
            page.written.clear();
        }
        Ok(())
    }

    pub(super) async fn is_trashed(&mut self, key: &str, item: Item) -> Result<(), Stop> {
        if let Some(page) = self.record.page_mut(key) {
            page.gone = true;
        }
        self.record.report.leaves(item, Reason::TrashedInNotion);
        self.save().await
    }

    /// Throws away the page of what is not in the plan any more, unless somebody wrote on it.
    pub(super) async fn remove_page(&mut self, key: &str) -> Result<(), Stop> {
        self.calls.in_time()?;
        let Some(page) = self.record.page(key).filter(|page| !page.gone).cloned() else {
            return self.is_lost(key).await;
        };
        let (id, values, item) = (&page.id, &page.values, report::page(key, title_of(&page.values)));
        let former = WantedPage {
            key: key.to_owned(),
            place: Place::Plan,
            values: values.clone(),
            blocks: Vec::new(),
        };
        let is_going = page.left == Some(Leave::Going);
        let trashed = Leave::Trashed(self.record.report.job.clone());
        let is_ours = match self.before_writing(key, &page, values.keys()).await? {
            Seen::Trashed if !is_going => return self.is_lost(key).await,
            Seen::Trashed => {
                // Thrown away by whoever wrote down that it was to go.
                self.record.report.archives(item);
                self.leave(key, trashed);
                return Ok(());
            }
            Seen::Assumed => true,
            Seen::Shown(shown) => self.is_as_left(&shown, &page, values.keys()),
        };
        let mut looks = Looks::default();
        looks.is_leaving = true;
        if key == PLAN_PAGE {
            looks.database = self.empty_database().await?;
        }
        if is_ours && self.is_untouched(&former, &mut looks, &[]).await? {
            self.leave(key, Leave::Going);
            self.save().await?;
            self.calls.trash_page(id).await??;
            self.record.report.archives(item);
            self.leave(key, trashed);
            // Written down with whatever comes next: until then it is looked whether it is gone.
            return Ok(());
        }
        self.record.report.leaves(item, Reason::KeptForEdits);
        self.leave(key, Leave::Kept);
        self.save().await
    }

    fn leave(&mut self, key: &str, leave: Leave) {
        if let Some(page) = self.record.page_mut(key) {
            page.left = Some(leave);
        }
    }

    /// The id of the plan's database, if nobody has rows in it.
    async fn empty_database(&mut self) -> Result<Option<String>, Stop> {
        let Some(Database { id, data_source_id, .. }) = self.record.database.clone() else { return Ok(None) };
        let is_empty = is_invented(&id) || self.calls.rows(&data_source_id, false).await?.is_empty();
        Ok(is_empty.then_some(id))
    }
}

/// What the database of the rows is called.
pub(super) const DATABASE: &str = "Tasks";

/// The columns of a database that was only tried out.
fn written_names() -> BTreeMap<String, String> {
    let names =
        columns().as_object().map(|columns| columns.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    names.into_iter().map(|name| (name.clone(), name)).collect()
}

/// The names of the values that are not known to be as they are to be.
fn open_values<'a>(known: &'a Page, wanted: &'a WantedPage) -> impl Iterator<Item = &'a String> {
    let is_open = |(name, value): &(&String, &Value)| {
        known.values.get(*name) != Some(*value) || known.written.contains_key(*name)
    };
    wanted.values.iter().filter(is_open).map(|(name, _)| name)
}

/// Whether a page has values that are not known to be as they are to be.
pub(super) fn is_changed(known: &Page, wanted: &WantedPage) -> bool {
    open_values(known, wanted).next().is_some()
}
