//! A sync: what is in the calendar becomes what is in the plan. An event's id is chosen and written down before it is made, and
//! it is changed only as it was last seen, so every call may be made again.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use providers::Error;
use providers::google::{Event, Since};
use runtime::{Item, Mode, Reason, Stop};

use crate::calls::Calls;
use crate::event::{Mask, Said, Wanted, any, both, is_added_to};
use crate::record::{Halfway, Leave, Record, Row, SyncToken};

/// Events that are written down before they are made, with one writing for all.
const TOGETHER: usize = 50;
/// How often a change is tried again that meets somebody else's each time.
const TRIES: usize = 5;
/// After this a call that was lost does not arrive any more.
const SETTLED: SignedDuration = SignedDuration::from_mins(2);
/// How much earlier than its time at Greenwich a day begins somewhere.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A sync under way.
pub(crate) struct Run<'a> {
    pub(crate) calls: Calls<'a>,
    pub(crate) record: Record,
}

impl Run<'_> {
    /// Makes the calendar equal to these events. It begins with a `look` at what people changed, which is left out a moment after
    /// it was.
    pub(crate) async fn make(&mut self, events: &[Wanted], look: bool) -> Result<(), Stop> {
        // Whoever died knows of none of those that were to be made with one writing.
        if look || self.record.rows.values().any(|row| row.etag.is_none() && !row.gone) {
            if !self.record.rows.is_empty() {
                self.look(events).await?;
            }
            self.record.report.looked = true;
            self.try_again(events);
            self.save().await?;
        }
        self.finish_removing().await?;
        for chunk in events.chunks(TOGETHER) {
            self.write_down(chunk).await?;
            for event in chunk {
                self.event(event).await?;
            }
        }
        // Written down first: an event that somebody else deleted is not made again if the plan gets it back, and one of these is.
        let wanted: HashSet<&str> = events.iter().map(|event| event.task.as_str()).collect();
        let mut is_news = false;
        for (task, row) in &mut self.record.rows {
            if wanted.contains(task.as_str()) {
                row.left = None;
            } else if row.left != Some(Leave::Kept) {
                row.left = Some(Leave::Going);
                is_news = true;
            }
        }
        if is_news {
            self.save().await?;
        }
        self.finish_removing().await
    }

    /// Whether everything is as it is to be, also with what people changed since the last time, and there is nothing to tell of it.
    /// Nothing is written.
    pub(crate) async fn is_in_step(&mut self, events: &[Wanted]) -> Result<bool, Stop> {
        if !self.record.rows.is_empty() {
            self.look(events).await?;
        }
        let rows = &self.record.rows;
        let is_done = |event: &Wanted| {
            rows.get(&event.task).is_some_and(|row| {
                row.left.is_none() && row.said == event.said && (row.gone || row.etag.is_some())
            })
        };
        // As many rows as events: none is left over.
        let ours = rows.values().filter(|row| row.left != Some(Leave::Kept)).count();
        let is_quiet = self.record.report.created == 0 && self.record.report.conflicts.is_empty();
        Ok(is_quiet && ours == events.len() && events.iter().all(is_done))
    }

    /// Deletes what the plan did not have any more when that was written down.
    async fn finish_removing(&mut self) -> Result<(), Stop> {
        let leaving = self.record.rows.iter().filter(|(_, row)| row.left == Some(Leave::Going));
        let leaving: Vec<_> = leaving.map(|(task, _)| task.clone()).collect();
        for task in leaving {
            self.remove(&task).await?;
        }
        Ok(())
    }

    /// Forgets what it was not tried to make: whoever goes on has nothing to look for.
    pub(crate) fn forget_untried(&mut self) {
        for task in std::mem::take(&mut self.record.untried) {
            self.record.rows.remove(&task);
        }
    }

    /// How many of the events are as they are to be.
    pub(crate) fn done(&self, events: &[Wanted]) -> usize {
        let is_done = |event: &&Wanted| {
            let row = self.record.rows.get(&event.task);
            row.is_some_and(|row| row.gone || (row.etag.is_some() && row.said == event.said))
        };
        events.iter().filter(is_done).count()
    }

    async fn save(&mut self) -> Result<(), Stop> {
        if self.calls.mode == Mode::Apply {
            self.record.save(self.calls.app).await?;
        }
        Ok(())
    }

    /// Events that are not made yet are sent again from now on, and may come that much later.
    fn try_again(&mut self, events: &[Wanted]) {
        let now = self.calls.app.clock.now();
        for event in events {
            let is_unmade = |row: &&mut Row| row.etag.is_none() && !row.gone && row.left.is_none();
            if let Some(row) = self.record.rows.get_mut(&event.task).filter(is_unmade) {
                row.sent_at = now;
            }
        }
    }

    /// Chooses the ids of new events and writes them down.
    async fn write_down(&mut self, events: &[Wanted]) -> Result<(), Stop> {
        let app = self.calls.app;
        let news: Vec<_> =
            events.iter().filter(|event| !self.record.rows.contains_key(&event.task)).collect();
        for event in &news {
            let row = Row {
                // Hexadecimal digits are among those that Google allows.
                id: app.random.uuid_v4().simple().to_string(),
                title: event.title.clone(),
                etag: None,
                said: event.said.clone(),
                shown: event.said.clone(),
                touched: false,
                gone: false,
                left: None,
                sent_at: app.clock.now(),
            };
            self.record.rows.insert(event.task.clone(), row);
            self.record.untried.insert(event.task.clone());
        }
        if news.is_empty() { Ok(()) } else { self.save().await }
    }

    async fn event(&mut self, event: &Wanted) -> Result<(), Stop> {
        match self.record.rows.get(&event.task) {
            Some(row) if row.gone => {
                if row.said != event.said {
                    self.is_deleted(event);
                }
                Ok(())
            }
            Some(Row { etag: None, id, .. }) => {
                let id = id.clone();
                self.create(event, &id).await
            }
            Some(row) if row.said != event.said => self.update(event).await,
            _ => Ok(()),
        }
    }

    async fn create(&mut self, event: &Wanted, id: &str) -> Result<(), Stop> {
        let inserted = self.calls.insert(id, &event.body(id)).await?;
        self.record.untried.remove(&event.task);
        match inserted {
            Ok(made) => {
                self.is_created(event);
                self.settle(event, |row| {
                    row.settle(event, &Said::by(&made.raw), Mask::default(), &made.etag);
                });
                return Ok(());
            }
            // The id is ours, so an earlier try made it.
            Err(Error::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        let made = self.calls.event(id).await?.ok_or(Error::NotFound)?;
        if made.is_cancelled {
            self.is_deleted(event);
            return Ok(());
        }
        self.is_created(event);
        self.settle(event, |row| row.catch_up(&made));
        // It says what the plan said then.
        if self.record.rows.get(&event.task).is_some_and(|row| row.said != event.said) {
            self.update(event).await?;
        }
        Ok(())
    }

    fn is_created(&mut self, event: &Wanted) {
        self.record.report.created += 1;
        self.record.report.creates.push(item(event));
    }

    fn is_deleted(&mut self, event: &Wanted) {
        self.record.report.leaves(item(event), Reason::DeletedInCalendar);
        self.settle(event, |row| {
            row.gone = true;
            row.said.clone_from(&event.said);
        });
    }

    async fn update(&mut self, event: &Wanted) -> Result<(), Stop> {
        for _ in 0..TRIES {
            let Some(row) = self.record.rows.get(&event.task).cloned() else { return Ok(()) };
            let id = row.id.as_str();
            let (etag, body, kept) = if row.touched {
                let Some(seen) = self.seen(event, &row).await? else { return Ok(()) };
                let Some(row) = self.record.rows.get(&event.task) else { return Ok(()) };
                let edited = row.edited(&seen);
                let news = event.said.differs(&row.said);
                let shown = Said::by(&seen.raw);
                if any(both(both(edited, news), shown.differs(&event.said))) {
                    self.record.report.leaves(item(event), Reason::EditedInCalendar);
                }
                let is_ours = edited.map(|edited| !edited);
                if !any(both(news, is_ours)) {
                    // All that the plan changed is somebody else's by now.
                    self.settle(event, |row| row.settle(event, &shown, edited, &seen.etag));
                    return Ok(());
                }
                (seen.etag.clone(), event.onto(seen.raw, edited), edited)
            } else {
                (row.etag.clone().unwrap_or_default(), event.body(id), Mask::default())
            };
            match self.calls.replace(id, &etag, &body).await? {
                Ok(made) => {
                    self.record.report.updates(item(event));
                    let shown = Said::by(&made.raw);
                    self.settle(event, |row| row.settle(event, &shown, kept, &made.etag));
                    return Ok(());
                }
                Err(Error::Conflict | Error::NotFound) => self.settle(event, |row| row.touched = true),
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Conflict.into())
    }

    /// An event as it is now; nothing if somebody deleted it, which is reported then.
    async fn seen(&mut self, event: &Wanted, row: &Row) -> Result<Option<Event>, Stop> {
        let seen = self.look_at(&row.id).await?;
        match &seen {
            Some(seen) => self.settle(event, |row| row.catch_up(seen)),
            None => self.is_deleted(event),
        }
        Ok(seen)
    }

    /// An event as it is now; nothing if it is deleted. One that is not shown at all was deleted long ago, if the calendar is
    /// still shown. It is looked at once more, since the calendar may be shown again only since the first look.
    async fn look_at(&mut self, id: &str) -> Result<Option<Event>, Stop> {
        let mut seen = self.calls.event(id).await?;
        if seen.is_none() {
            let since = Since::Time(self.calls.app.clock.now());
            self.calls.list(&since, None).await?;
            seen = self.calls.event(id).await?;
        }
        Ok(seen.filter(|seen| !seen.is_cancelled))
    }

    async fn remove(&mut self, task: &str) -> Result<(), Stop> {
        for _ in 0..TRIES {
            let Some(row) = self.record.rows.get(task).cloned() else { return Ok(()) };
            let item = Item::new("task", Some(task), &row.title);
            if row.gone {
                self.keep(task, |_| {});
                return Ok(());
            }
            let etag = match row.etag.clone().filter(|_| !row.touched) {
                Some(etag) => Some(etag),
                None => match self.look_at(&row.id).await? {
                    Some(seen) if any(row.edited(&seen)) || is_added_to(&seen.raw) => {
                        self.record.report.leaves(item, Reason::KeptForEdits);
                        self.keep(task, |row| row.catch_up(&seen));
                        return Ok(());
                    }
                    Some(seen) => Some(seen.etag),
                    None if row.etag.is_none() => {
                        self.wait_for(&row)?;
                        None
                    }
                    None => None,
                },
            };
            if let Some(etag) = etag {
                match self.calls.delete(&row.id, &etag).await? {
                    Ok(()) => self.record.report.archives(item),
                    Err(Error::Conflict) => {
                        if let Some(row) = self.record.rows.get_mut(task) {
                            row.touched = true;
                        }
                        continue;
                    }
                    // Shown again, it was only the calendar that was not for a moment.
                    Err(Error::NotFound) if self.look_at(&row.id).await?.is_some() => continue,
                    Err(Error::NotFound) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            self.record.rows.remove(task);
            return Ok(());
        }
        Err(Error::Conflict.into())
    }

    /// Leaves an event as people made it.
    fn keep(&mut self, task: &str, learn: impl FnOnce(&mut Row)) {
        if let Some(row) = self.record.rows.get_mut(task) {
            learn(row);
            row.left = Some(Leave::Kept);
        }
    }

    /// An event whose making was lost may still come.
    fn wait_for(&self, row: &Row) -> Result<(), Stop> {
        let (now, settled) = (self.calls.app.clock.now(), row.sent_at + SETTLED);
        if now < settled { Err(Stop::Wait(now.duration_until(settled))) } else { Ok(()) }
    }

    fn settle(&mut self, event: &Wanted, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.record.rows.get_mut(&event.task) {
            change(row);
        }
    }

    /// Looks which events people changed or deleted since the last time.
    async fn look(&mut self, events: &[Wanted]) -> Result<(), Stop> {
        let tasks: BTreeMap<String, String> =
            self.record.rows.iter().map(|(task, row)| (row.id.clone(), task.clone())).collect();
        let begins = events.iter().map(|event| event.begins).min();
        let from = begins.map(|begins| begins.checked_sub(DAY).unwrap_or(Timestamp::MIN));
        // What begins before all that the first list told would be in none that follows it.
        let is_enough = |since: Timestamp| from.is_none_or(|from| since <= from);
        if let Some(SyncToken { token, since }) = self.record.sync_token.clone()
            && is_enough(since)
            && let Some(seen) = self.list(&Since::Token(token), &tasks).await?
        {
            // The next list begins where this one ended: only after all that it told is entered.
            self.record.sync_token = self.enter(seen, &tasks).map(|token| SyncToken { token, since });
            return Ok(());
        }
        self.record.sync_token = None;
        let begun = self.record.halfway.clone().filter(|begun| is_enough(begun.since));
        let since = from.unwrap_or_else(|| self.calls.app.clock.now());
        let begun = begun.unwrap_or(Halfway { since, until: String::new() });
        self.look_at_all(begun, &tasks).await
    }

    /// Enters what a list told; answers what leads to the changes after it.
    fn enter(&mut self, seen: Seen, tasks: &BTreeMap<String, String>) -> Option<String> {
        for (id, event) in &seen.events {
            if let Some(task) = tasks.get(id) {
                self.look_into(task, event);
            }
        }
        seen.sync_token
    }

    /// Enters what was seen of an event.
    fn look_into(&mut self, task: &str, event: &Event) {
        let Some(row) = self.record.rows.get_mut(task) else { return };
        let item = Item::new("task", Some(task), &row.title);
        if row.gone {
            // Restored in the calendar, it is the plan's again.
            if !event.is_cancelled {
                row.gone = false;
                row.catch_up(event);
            }
        } else if event.is_cancelled && row.left == Some(Leave::Going) {
            self.record.rows.remove(task);
        } else if event.is_cancelled {
            row.gone = true;
            if row.left.is_none() {
                self.record.report.leaves(item, Reason::DeletedInCalendar);
            }
        } else if row.left == Some(Leave::Kept) {
            row.catch_up(event);
        } else if row.etag.as_ref() != Some(&event.etag) {
            self.record.report.created += u32::from(row.etag.is_none());
            row.catch_up(event);
            if any(row.edited(event)) {
                self.record.report.leaves(item, Reason::EditedInCalendar);
            }
        }
    }

    /// Looks at every event of ours: many are in one list, the others are looked at one by one, from where that was left.
    async fn look_at_all(&mut self, begun: Halfway, tasks: &BTreeMap<String, String>) -> Result<(), Stop> {
        let Halfway { since, until } = begun;
        let seen = self.list(&Since::Time(since), tasks).await?.ok_or(Error::BadResponse)?;
        let listed: HashSet<String> = seen.events.keys().cloned().collect();
        let sync_token = self.enter(seen, tasks);
        for (id, task) in tasks.iter().filter(|(id, _)| **id > until && !listed.contains(*id)) {
            let is_there = |row: &Row| !row.gone && row.left != Some(Leave::Kept) && row.etag.is_some();
            // What is at another time now is not in the list.
            if self.record.rows.get(task).is_some_and(is_there) {
                let deleted = || Event { is_cancelled: true, ..Event::default() };
                let event = self.look_at(id).await?.unwrap_or_else(deleted);
                self.look_into(task, &event);
                self.record.halfway = Some(Halfway { since, until: id.clone() });
            }
        }
        self.record.halfway = None;
        self.record.sync_token = sync_token.map(|token| SyncToken { token, since });
        Ok(())
    }

    /// Reads a list to its end and keeps what is ours; nothing if Google does not know the token any more.
    async fn list(&mut self, since: &Since, tasks: &BTreeMap<String, String>) -> Result<Option<Seen>, Stop> {
        let (mut seen, mut page, mut pages) = (Seen::default(), None, HashSet::new());
        loop {
            let Some(listed) = self.calls.list(since, page.as_deref()).await? else { return Ok(None) };
            let ours = listed.events.into_iter().filter(|event| tasks.contains_key(&event.id));
            seen.events.extend(ours.map(|event| (event.id.clone(), event)));
            match listed.next_page {
                Some(next) if pages.insert(next.clone()) => page = Some(next),
                Some(_) => return Err(Error::BadResponse.into()),
                None => return Ok(Some(Seen { sync_token: listed.sync_token, ..seen })),
            }
        }
    }
}

/// What a list told.
#[derive(Default)]
struct Seen {
    /// Events of ours, by their ids.
    events: BTreeMap<String, Event>,
    /// Leads to the changes after it.
    sync_token: Option<String>,
}

impl Row {
    /// The parts that somebody changed since they were last written by us.
    fn edited(&self, event: &Event) -> Mask {
        let ours = Said::stamped(&event.raw);
        let base = match &ours {
            // Written by us and not remembered: its answer was lost.
            Some(stamp) if *stamp != self.said => stamp,
            _ => &self.shown,
        };
        Said::by(&event.raw).differs(base)
    }

    /// Remembers what was written and not remembered, and that somebody else may have written too.
    fn catch_up(&mut self, event: &Event) {
        if let Some(stamp) = Said::stamped(&event.raw)
            && stamp != self.said
        {
            self.shown = stamp.clone();
            self.said = stamp;
        }
        self.etag = Some(event.etag.clone());
        self.touched = true;
    }

    /// The event is as it is to be, but for the parts that are somebody else's.
    fn settle(&mut self, event: &Wanted, shown: &Said, kept: Mask, etag: &str) {
        self.title.clone_from(&event.title);
        self.etag = Some(etag.to_owned());
        self.said = event.said.clone();
        self.shown = shown.clone().with(&event.said, kept);
    }
}

fn item(event: &Wanted) -> Item {
    Item::new("task", Some(&event.task), &event.title)
}
