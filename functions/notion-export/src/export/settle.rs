//! A call that was sent and whose outcome is not known: whether it was made is found out by looking, never by sending again.

use domain::PLAN_PAGE;
use jiff::{SignedDuration, Timestamp};
use providers::notion::{Block, Database, EXTERNAL_ID_NAME, is_about_trash};
use providers::{Committed, Error};
use runtime::Stop;
use serde_json::Value;

use super::blocks::{is_by, siblings};
use super::pages::DATABASE;
use super::recognise::adopt;
use super::record::{Call, Made, Making};
use super::run::Run;
use super::values::{Values, title_of};
use crate::ledger::{SECOND_LOOK, SETTLED};

/// Notion keeps times to the minute, and clocks differ.
const EARLIER: SignedDuration = SignedDuration::from_mins(3);

impl Run<'_> {
    /// Finds out about the call that an earlier invocation left open.
    pub(super) async fn settle(&mut self) -> Result<(), Stop> {
        match &self.record.call {
            None => Ok(()),
            Some(Call { made: Some(_), .. }) => {
                self.record.enter();
                self.save().await
            }
            Some(_) => self.settle_with(None).await,
        }
    }

    /// Finds out what came of the open call, of which Notion may have said something.
    pub(super) async fn settle_with(&mut self, committed: Option<Committed>) -> Result<(), Stop> {
        self.calls.in_time()?;
        let Some(call) = self.record.call.clone() else { return Ok(()) };
        let Committed { resource_id, child_ids } = committed.unwrap_or_default();
        let made = match &call.making {
            Making::Page { values } => {
                let found = match resource_id {
                    None => self.find_page(&call, values).await?,
                    told => told,
                };
                match found {
                    Some(id) => {
                        let page = self.calls.page(&id).await?;
                        Some(Made::Page { id: page.id, url: page.url })
                    }
                    None => None,
                }
            }
            Making::Database => {
                let found = match resource_id {
                    None => self.find_database(&call).await?,
                    told => told,
                };
                match found {
                    Some(id) => self.made_database(&id).await?,
                    None => None,
                }
            }
            _ if child_ids.len() == call.nodes.len() => {
                Some(Made::Blocks(child_ids.into_iter().map(Some).collect()))
            }
            making => self.find_blocks(&call, making).await?,
        };
        runtime::telemetry::resolved("notion", made.is_some());
        match made {
            Some(made) => self.enter(made).await,
            None => self.missed(call).await,
        }
    }

    async fn missed(&mut self, call: Call) -> Result<(), Stop> {
        let now = self.calls.app.clock.now();
        let look_at = match call.missed_at {
            None if now < call.sent_at + SETTLED => call.sent_at + SETTLED,
            None => now + SECOND_LOOK,
            Some(missed) => missed + SECOND_LOOK,
        };
        if now >= look_at {
            // Missed twice: it was not made.
            self.record.call = None;
            return self.save().await;
        }
        if call.missed_at.is_none() && now >= call.sent_at + SETTLED {
            self.record.call = Some(Call { missed_at: Some(now), ..call });
            self.save().await?;
        }
        Err(Stop::Wait(now.duration_until(look_at)))
    }

    /// The row that has the id, in the trash or not; or the page below its parent that has the title and was made since, by
    /// us, and is no other that is remembered.
    async fn find_page(&mut self, call: &Call, values: &Values) -> Result<Option<String>, Stop> {
        if let Some(id) = values.get(EXTERNAL_ID_NAME).and_then(Value::as_str) {
            let column =
                self.record.database.as_ref().and_then(|it| it.columns.get(EXTERNAL_ID_NAME)).cloned();
            let column = column.unwrap_or_default();
            for in_trash in [false, true] {
                let row = match self.calls.row(&call.parent_id, &column, id, in_trash).await {
                    // It may only not be shared, unless it is to be made again.
                    Err(Error::NotFound) if self.recreate && self.is_database_gone().await? => None,
                    row => row?,
                };
                if let Some(row) = row {
                    return Ok(Some(row.id));
                }
            }
            return Ok(None);
        }
        for id in self.candidates(call, "child_page", title_of(values)).await? {
            // Only our own pages are below the plan's page; beside it there may be another plan's of the same title.
            if call.page != PLAN_PAGE || self.is_marked(&id).await? {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    async fn find_database(&mut self, call: &Call) -> Result<Option<String>, Stop> {
        Ok(self.candidates(call, "child_database", DATABASE).await?.into_iter().next())
    }

    async fn made_database(&mut self, id: &str) -> Result<Option<Made>, Stop> {
        let Database { id, url, data_sources, .. } = self.calls.database(id).await?;
        let source = data_sources.into_iter().next();
        Ok(source.map(|source| Made::Database { id, url, data_source_id: source.id }))
    }

    /// What is of this kind and title below the call's parent, was made since, by us, and is not remembered.
    async fn candidates(&mut self, call: &Call, kind: &str, title: &str) -> Result<Vec<String>, Stop> {
        let blocks = self.children(call).await?.unwrap_or_default();
        let bots = &self.record.bots;
        let is_known = |id: &str| self.record.pages().any(|(_, page)| page.id == id);
        let found = blocks
            .into_iter()
            .filter(|block| block.raw[kind]["title"] == title && is_by(bots, block))
            .filter(|block| is_since(block, call.sent_at) && !is_known(&block.id));
        Ok(found.map(|block| block.id).collect())
    }

    /// What there is in what the call makes something in; nothing if that is gone itself. What is only not shared may have it.
    async fn children(&mut self, call: &Call) -> Result<Option<Vec<Block>>, Error> {
        let inner = match call.making {
            Making::Outermost { .. } | Making::Inside { .. } => self.record.page(&call.page),
            Making::Page { .. } | Making::Database => None,
        };
        let inner = inner.map(|page| page.id.clone());
        let around = self.around(inner.as_ref().unwrap_or(&call.parent_id));
        let around: Vec<_> = inner.into_iter().chain(around).collect();
        self.calls.shown_children(&call.parent_id, &around, &|_| false).await
    }

    async fn is_marked(&mut self, id: &str) -> Result<bool, Stop> {
        let mark = self.record.mark.to_string();
        let is_marked = |blocks: &[Block]| blocks.iter().any(|block| block.raw.to_string().contains(&mark));
        Ok(is_marked(&self.calls.children(id, &is_marked).await?))
    }

    async fn find_blocks(&mut self, call: &Call, making: &Making) -> Result<Option<Made>, Stop> {
        let blocks = match self.children(call).await {
            Ok(Some(blocks)) => blocks,
            Ok(None) => return Ok(None),
            // If it is taken out of the trash, what is in it is seen.
            Err(error) if is_about_trash(&error) => {
                return Ok(Some(Made::Blocks(vec![None; call.nodes.len()])));
            }
            Err(error) => return Err(error.into()),
        };
        let Some(page) = self.record.page(&call.page) else { return Ok(None) };
        let (known, index) = match making {
            Making::Outermost { ranks } => {
                let first = ranks.first().map_or(0, |rank| page.ranks.partition_point(|known| known < rank));
                (&page.blocks[..], first)
            }
            Making::Inside { below, index } => (siblings(page, below), *index),
            Making::Page { .. } | Making::Database => return Ok(None),
        };
        Ok(adopt(known, index, &call.nodes, &blocks, &self.record.bots).map(Made::Blocks))
    }
}

fn is_since(block: &Block, sent_at: Timestamp) -> bool {
    let earliest = sent_at.checked_sub(EARLIER).unwrap_or(sent_at);
    block.created_at().is_none_or(|created| created >= earliest)
}
