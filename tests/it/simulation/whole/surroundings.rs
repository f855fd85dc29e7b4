//! What happens by itself: schedules, queues, reports, expiry, and trouble that concerns everybody.

use std::time::Duration;

use aws_doubles::KeyTrouble;
use axum::body::Body;
use futures_util::future::{join, join3};
use tokio::time::{Instant, sleep};

use super::calendar::{calendar_of, push};
use super::people::{Account, DATABASES, Product, notes_of};
use super::plans::{COLUMNS, renamed};
use crate::support::World;
use crate::support::dice::Dice;
use crate::support::world::{CALENDAR_QUEUE, JOBS_QUEUE, TRANSCRIPTION_QUEUE, batch_size};

/// Goes on until dropped.
pub(super) async fn go_on(world: &World, dice: &Dice) {
    let queues = join(
        join(work_off(world, JOBS_QUEUE, dice.nth(1)), work_off(world, JOBS_QUEUE, dice.nth(2))),
        join(
            work_off(world, TRANSCRIPTION_QUEUE, dice.nth(3)),
            work_off(world, TRANSCRIPTION_QUEUE, dice.nth(4)),
        ),
    );
    let calendars =
        join(work_off(world, CALENDAR_QUEUE, dice.nth(8)), work_off(world, CALENDAR_QUEUE, dice.nth(9)));
    let told = join(report(world, dice.nth(6)), push::deliver(world, dice.nth(10)));
    let by_hand = join(told, tidy_up(world, dice.nth(7)));
    Box::pin(join3(schedule(world, dice.nth(5)), join(queues, calendars), by_hand)).await;
}

/// In some worlds somebody throws pages away as soon as they see them.
async fn tidy_up(world: &World, mut dice: Dice) {
    let start = Instant::now();
    if !dice.one_in(5) {
        return;
    }
    loop {
        pause(start, 1_000).await;
        let notion = &mut world.providers.lock().unwrap().notion.simulator;
        for database in DATABASES {
            if let Some(page) = notion.newest_page(database) {
                notion.person_trashes(page, true);
            }
        }
    }
}

/// Waits; after an hour, when hardly anything is left to happen, thirty times as long.
pub(super) async fn pause(start: Instant, milliseconds: u64) {
    let is_day = start.elapsed() < Duration::from_hours(1);
    sleep(Duration::from_millis(milliseconds) * if is_day { 1 } else { 30 }).await;
}

/// Every minute or every few, at times twice.
async fn schedule(world: &World, mut dice: Dice) {
    let (start, period) = (Instant::now(), 60_000 * (1 + dice.below(4)));
    loop {
        pause(start, period).await;
        if dice.one_in(8) {
            join(world.sweep(), world.sweep()).await;
        } else {
            world.sweep().await;
        }
    }
}

/// One of several workers of a queue. A queue may deliver a message more than once.
async fn work_off(world: &World, queue: &str, mut dice: Dice) {
    let start = Instant::now();
    loop {
        pause(start, 1_000 + dice.below(4_000)).await;
        let messages = world.aws.receive(queue, batch_size(queue), Duration::from_mins(3));
        if !messages.is_empty() && dice.one_in(5) {
            Box::pin(join(world.deliver(queue, &messages), world.deliver(queue, &messages))).await;
        } else {
            world.deliver(queue, &messages).await;
        }
    }
}

/// The speech engine's reports arrive, at times twice, at times not at all.
async fn report(world: &World, mut dice: Dice) {
    let start = Instant::now();
    loop {
        pause(start, 5_000).await;
        for callback in world.due_reports() {
            if dice.one_in(10) {
                continue;
            }
            let deliver =
                || world.try_send(ticket_extraction::routes, callback.request.clone().map(Body::from));
            let answer = if dice.one_in(4) { join(deliver(), deliver()).await.0 } else { deliver().await };
            let status = answer.map(|answer| answer.status.as_u16());
            let mut providers = world.providers.lock().unwrap();
            providers.deepgram.simulator.callback_answered(&callback.request_id, status);
        }
    }
}

/// How many grants people ended by hand.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ended {
    pub(super) notion: usize,
    pub(super) google: usize,
}

/// Up to three things that nobody asked for, within the first quarter of an hour; answers how many grants ended by them.
/// What concerns somebody concerns one of these accounts.
pub(super) async fn mischief(world: &World, accounts: &[Account], mut dice: Dice) -> Ended {
    let (mut last, mut ended) = (0, Ended::default());
    for _ in 0..dice.below(4) {
        let at = last + dice.below(300);
        sleep(Duration::from_secs(at - last)).await;
        last = at;
        something(world, accounts, &mut dice, &mut ended).await;
    }
    ended
}

/// Up to two things that people change where our things are, or that happen to the table. What is taken away is given back, or
/// was none of what must be there in the end.
pub(super) async fn changes(world: &World, accounts: &[Account], mut dice: Dice) {
    for _ in 0..dice.below(3) {
        sleep(Duration::from_secs(dice.below(60))).await;
        change(world, dice.pick(accounts), &mut dice).await;
    }
}

async fn change(world: &World, account: Account, dice: &mut Dice) {
    let Account { product, name, database } = account;
    // At times between one call of a job and the next.
    let longest = if dice.one_in(3) { 3_000 } else { 120_000 };
    let long = Duration::from_millis(100 + dice.below(longest));
    match (dice.below(5), product) {
        (0, _) => world.fate.throttle_table(1 + dice.below(40)),
        (1 | 2, Product::Notion) => {
            let notes = notes_of(name);
            let title = dice.pick(&[database, &notes]);
            world.providers.lock().unwrap().notion.simulator.person_unshares(title);
            sleep(long).await;
            world.providers.lock().unwrap().notion.simulator.person_shares(title);
        }
        (3, Product::Notion) => {
            let property = dice.pick(&["Priority", "Ticket Type", "Product Area"]);
            world.providers.lock().unwrap().notion.simulator.person_removes_property(database, property);
        }
        (_, Product::Notion) => {
            let column = dice.pick(&COLUMNS);
            let is_removed = ["When", "Reminders"].contains(&column) && dice.one_in(2);
            // Once there is one.
            for _ in 0..40 {
                if change_column(world, column, is_removed) {
                    break;
                }
                sleep(Duration::from_secs(5)).await;
            }
        }
        (_, Product::Calendar) => {
            let withhold = |withheld| {
                let google = &mut world.providers.lock().unwrap().google.simulator;
                google.person_withholds_calendar(&calendar_of(name), withheld);
            };
            withhold(true);
            sleep(long).await;
            withhold(false);
        }
    }
}

/// Removes or renames a column of an exported plan. `false` while there is none, or while another was changed and a database has no
/// row: until the first is made, columns are known by their names and kinds alone.
fn change_column(world: &World, column: &str, is_removed: bool) -> bool {
    let notion = &mut world.providers.lock().unwrap().notion.simulator;
    let notes = ["Alice", "Bob"].into_iter().filter_map(|person| notion.page_titled(&notes_of(person)));
    let plans: Vec<_> = notes.flat_map(|notes| notion.children_of(notes.id)).collect();
    let databases: Vec<_> = plans.iter().flat_map(|plan| notion.databases_under(plan.id)).collect();
    let names = notion.property_names("Tasks");
    let is_first = COLUMNS.iter().all(|column| names.iter().any(|name| name == column));
    if databases.is_empty() || !is_first && databases.iter().any(|database| database.rows.is_empty()) {
        return false;
    }
    if is_removed {
        notion.person_removes_property("Tasks", column)
    } else {
        notion.person_renames_property("Tasks", column, &renamed(column))
    }
}

async fn something(world: &World, accounts: &[Account], dice: &mut Dice, ended: &mut Ended) {
    let account = dice.pick(accounts);
    let Account { product, name, database } = account;
    let same = accounts.iter().filter(|other| (other.product, other.name) == (product, name)).count();
    let long = Duration::from_secs(10 + dice.below(120));
    match (dice.below(7), product) {
        (0, _) => {
            world.aws.trouble_key(dice.pick(&[KeyTrouble::Denied, KeyTrouble::Disabled]));
            sleep(long).await;
            world.aws.trouble_key(KeyTrouble::Well);
        }
        (1, _) => world.aws.throttle_key(usize::try_from(1 + dice.below(12)).unwrap()),
        (2, Product::Notion) => {
            world.providers.lock().unwrap().notion.simulator.person_disconnects(name);
            ended.notion += same;
        }
        (2, Product::Calendar) => {
            world.providers.lock().unwrap().google.simulator.person_withdraws_access(name);
            ended.google += same;
        }
        (3, Product::Notion) => {
            let mut providers = world.providers.lock().unwrap();
            let property = dice.pick(&["Priority", "Ticket Type", "Patchbay ID"]);
            providers.notion.simulator.person_renames_property(database, property, "Renamed by hand");
        }
        (3, Product::Calendar) => world.providers.lock().unwrap().google.simulator.expire_sync_tokens(),
        (4, Product::Notion) => {
            world.providers.lock().unwrap().openai.simulator.set_down(true);
            sleep(long).await;
            world.providers.lock().unwrap().openai.simulator.set_down(false);
        }
        (4, Product::Calendar) => {
            world.limit_google(|limits| limits.usage_limit_reached = true);
            sleep(long).await;
            world.limit_google(|limits| limits.usage_limit_reached = false);
        }
        (5, _) => drop(world.aws.sweep_expired()),
        // A night passes for everybody who waits, and what has expired may be gone in the morning.
        _ => {
            sleep(Duration::from_hours(26)).await;
            world.aws.sweep_expired();
        }
    }
}
