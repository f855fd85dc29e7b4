//! Calls of Notion, counted. What is only tried out reads as usual and writes nothing.

use std::time::Duration;

use jiff::Timestamp;
use providers::Error;
use providers::notion::{Block, DataSource, Database, NewBlock, Notion, Page, Position};
use runtime::{Access, App, Astray, Mode, Stop};
use serde_json::Value;
use tokio::time::{Instant, sleep};

/// A call is begun only if this is left of the invocation.
const NEEDED: Duration = Duration::from_secs(6);
/// How often something is written over whose answer is lost each time.
const ATTEMPTS: u32 = 3;
/// Before the second attempt; each further one waits twice as long.
const PAUSE: Duration = Duration::from_millis(250);
/// What Notion lists at once.
pub(super) const LISTED: usize = 100;

/// What came of a write: what Notion says, unless it was not asked.
pub(super) type Written<T> = Result<Result<T, Error>, Stop>;

/// Calls of Notion.
pub(super) struct Calls<'a> {
    pub(super) app: &'a App,
    access: Access<'a>,
    pub(super) mode: Mode,
    deadline: Instant,
    /// How many there were.
    pub(super) count: u32,
    /// How many of them were only counted, since there was no time left to look.
    pub(super) unchecked: u32,
    /// Told of a write that got no answer: it may still arrive, and replace what was written later.
    astray: Astray,
    /// Whether the last write was not sent.
    pub(super) is_refused: bool,
    /// Ids made up for what was only tried out.
    invented: u32,
}

impl<'a> Calls<'a> {
    pub(super) fn new(
        app: &'a App,
        access: Access<'a>,
        mode: Mode,
        deadline: Instant,
        astray: Astray,
    ) -> Self {
        Self { app, access, mode, deadline, count: 0, unchecked: 0, astray, is_refused: false, invented: 0 }
    }

    /// Who writes, as Notion names it.
    pub(super) fn bot(&self) -> Option<&str> {
        self.access.connection().account.bot_id.as_deref()
    }

    /// Whether there is time for another call. What is only tried out goes on without looking.
    pub(super) fn in_time(&self) -> Result<(), Stop> {
        if self.mode == Mode::Try || self.is_time() { Ok(()) } else { Err(Stop::Deadline) }
    }

    fn is_time(&self) -> bool {
        Instant::now() + NEEDED < self.deadline
    }

    /// Whether a look is left out, and what it would show taken for as we left it.
    pub(super) fn is_late(&self) -> bool {
        self.mode == Mode::Try && !self.is_time()
    }

    /// Counts a look that is left out, at so many things.
    pub(super) fn leave_out(&mut self, listed: usize) {
        let before = self.count;
        self.count_listing(listed);
        self.unchecked += self.count - before;
    }

    async fn call<T, F>(&mut self, call: impl Fn(Notion) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.count += 1;
        let endpoints = &self.app.config.endpoints;
        self.access.call(|http, token| call(Notion::new(http, endpoints, token))).await
    }

    /// A write, unless the account was disconnected or the job called off meanwhile; `tried` stands for what it would have answered.
    async fn write<T, F>(&mut self, tried: T, call: impl Fn(Notion) -> F) -> Written<T>
    where
        F: Future<Output = Result<T, Error>>,
    {
        if self.mode == Mode::Try {
            self.count += 1;
            return Ok(Ok(tried));
        }
        if let Err(stop) = self.access.may_write().await {
            self.is_refused = true;
            return Err(stop);
        }
        Ok(self.call(call).await)
    }

    /// A write that leaves the same when it is made again, which it is if there is no answer.
    async fn write_over<F>(&mut self, call: impl Fn(Notion) -> F) -> Written<()>
    where
        F: Future<Output = Result<(), Error>>,
    {
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                sleep(PAUSE * 2_u32.pow(attempt - 1)).await;
            }
            match self.write((), &call).await? {
                Err(Error::Ambiguous { .. }) => self.astray.note(),
                written => return Ok(written),
            }
        }
        Ok(Err(Error::Unavailable))
    }

    /// A page.
    pub(super) async fn page(&mut self, id: &str) -> Result<Page, Error> {
        self.call(|notion| async move { notion.page(id).await }).await
    }

    /// What `look` finds; nothing if it was deleted for ever: it is not shown, and one of the pages `around` it is, which are looked
    /// at from the inside out. It is looked for once more then, since all may be shared again only since the first look.
    async fn shown<T, F>(&mut self, around: &[String], look: impl Fn(Notion) -> F) -> Result<Option<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let first = self.call(&look).await;
        if !matches!(first, Err(Error::NotFound)) {
            return first.map(Some);
        }
        let mut found = Err(Error::NotFound);
        for page in around {
            found = self.page(page).await;
            if !matches!(found, Err(Error::NotFound)) {
                break;
            }
        }
        found?;
        match self.call(&look).await {
            Err(Error::NotFound) => Ok(None),
            again => again.map(Some),
        }
    }

    /// A page, unless it was deleted for ever.
    pub(super) async fn shown_page(&mut self, id: &str, around: &[String]) -> Result<Option<Page>, Error> {
        self.shown(around, |notion| async move { notion.page(id).await }).await
    }

    /// A database, unless it was deleted for ever.
    pub(super) async fn shown_database(
        &mut self,
        id: &str,
        around: &[String],
    ) -> Result<Option<Database>, Error> {
        self.shown(around, |notion| async move { notion.database(id).await }).await
    }

    /// A block, unless it was deleted for ever.
    pub(super) async fn shown_block(&mut self, id: &str, around: &[String]) -> Result<Option<Block>, Error> {
        self.shown(around, |notion| async move { notion.block(id).await }).await
    }

    /// What is directly inside a page or block, unless that was deleted for ever; read again if it may not be complete.
    pub(super) async fn shown_children(
        &mut self,
        id: &str,
        around: &[String],
        is_complete: &(dyn Fn(&[Block]) -> bool + Sync),
    ) -> Result<Option<Vec<Block>>, Error> {
        let list = |notion: Notion| async move { notion.list_children(id, is_complete).await };
        let blocks = self.shown(around, list).await?;
        self.count_more(blocks.as_ref().map_or(0, Vec::len));
        Ok(blocks)
    }

    /// A database.
    pub(super) async fn database(&mut self, id: &str) -> Result<Database, Error> {
        self.call(|notion| async move { notion.database(id).await }).await
    }

    /// The table of a database.
    pub(super) async fn data_source(&mut self, id: &str) -> Result<DataSource, Error> {
        self.call(|notion| async move { notion.data_source(id).await }).await
    }

    /// The ids of all rows that a list shows, in the trash or not.
    pub(super) async fn rows(&mut self, source: &str, in_trash: bool) -> Result<Vec<String>, Error> {
        let every = |notion: Notion| async move {
            notion.pages_created_since(source, Timestamp::UNIX_EPOCH, in_trash).await
        };
        let rows = self.call(every).await?;
        self.count_more(rows.len());
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// The rows that have one of these texts in a column, at most 100 of them.
    pub(super) async fn rows_with(
        &mut self,
        source: &str,
        column: &str,
        texts: &[String],
    ) -> Result<Vec<Page>, Error> {
        self.call(|notion| async move { notion.pages_with_texts(source, column, texts).await }).await
    }

    /// The first row that has this text in a column.
    pub(super) async fn row(
        &mut self,
        source: &str,
        column: &str,
        text: &str,
        in_trash: bool,
    ) -> Result<Option<Page>, Error> {
        let rows = self
            .call(|notion| async move { notion.pages_with_text(source, column, text, in_trash).await })
            .await?;
        Ok(rows.into_iter().next())
    }

    /// What is directly inside a page or block; read again if it may not be complete.
    pub(super) async fn children(
        &mut self,
        id: &str,
        is_complete: &(dyn Fn(&[Block]) -> bool + Sync),
    ) -> Result<Vec<Block>, Error> {
        let blocks = self.call(|notion| async move { notion.list_children(id, is_complete).await }).await?;
        self.count_more(blocks.len());
        Ok(blocks)
    }

    /// Makes a page; its id and address.
    pub(super) async fn create_page(&mut self, body: &Value) -> Written<(String, String)> {
        let tried = (self.invent(), String::new());
        let create = |notion: Notion| async move {
            let page = notion.create_page(body).await?;
            Ok((page.id, page.url))
        };
        self.write(tried, create).await
    }

    /// Makes a database: its id, its address, and the id of its data source.
    pub(super) async fn create_database(&mut self, body: &Value) -> Written<(String, String, String)> {
        let tried = (self.invent(), String::new(), self.invent());
        let create = |notion: Notion| async move {
            let Database { id, url, data_sources, .. } = notion.create_database(body).await?;
            let source = data_sources.into_iter().next();
            // Without its table there is nothing to look for but the database itself.
            source.map(|source| (id, url, source.id)).ok_or(Error::Ambiguous { committed: None })
        };
        self.write(tried, create).await
    }

    /// Makes blocks; their ids.
    pub(super) async fn append(
        &mut self,
        parent: &str,
        position: &Position,
        children: &[NewBlock],
    ) -> Written<Vec<String>> {
        let tried = children.iter().map(|_| self.invent()).collect();
        self.write(tried, |notion| async move { notion.append_children(parent, position, children).await })
            .await
    }

    /// Replaces a block's content.
    pub(super) async fn update_block(&mut self, id: &str, content: &Value) -> Written<()> {
        self.write_over(|notion| async move { notion.update_block(id, content).await }).await
    }

    /// Replaces a page's properties.
    pub(super) async fn update_page(&mut self, id: &str, properties: &Value) -> Written<()> {
        self.write_over(|notion| async move { notion.update_page(id, properties).await.map(drop) }).await
    }

    /// Throws a block away.
    pub(super) async fn delete_block(&mut self, id: &str) -> Written<()> {
        self.write_over(|notion| async move { notion.delete_block(id).await }).await
    }

    /// Throws a page away.
    pub(super) async fn trash_page(&mut self, id: &str) -> Written<()> {
        self.write_over(|notion| async move { notion.trash_page(id).await }).await
    }

    /// Takes a page out of the trash.
    pub(super) async fn restore_page(&mut self, id: &str) -> Written<()> {
        self.write_over(|notion| async move { notion.restore_page(id).await }).await
    }

    pub(super) fn invent(&mut self) -> String {
        self.invented += 1;
        format!("{INVENTED}{}", self.invented)
    }

    /// Counts the listing of something that was only tried out.
    pub(super) fn count_listing(&mut self, blocks: usize) {
        self.count += 1;
        self.count_more(blocks);
    }

    /// Counts the further calls that a list of so many takes.
    fn count_more(&mut self, listed: usize) {
        self.count += u32::try_from(listed.saturating_sub(1) / LISTED).unwrap_or_default();
    }
}

/// What ids begin with that Notion did not give.
const INVENTED: &str = "invented-";

/// Whether the id stands for something that was only tried out.
pub(super) fn is_invented(id: &str) -> bool {
    id.starts_with(INVENTED)
}
