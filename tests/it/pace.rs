//! All instances together are as fast as a provider allows, and no faster.

use std::cell::Cell;
use std::time::Duration;

use domain::ProviderId;
use futures_util::future::join_all;
use providers::Error;
use providers::notion::Notion;
use runtime::Access;
use store::Class;
use tokio::time::{Instant, sleep};

use crate::support::{Browser, World};

const WORKERS: usize = 30;
const MINUTES: u64 = 3;

/// Thirty instances that ask Notion as often as they may, until `over`.
async fn work(world: &World, over: &Cell<bool>) {
    let worker = async |_| {
        let app = world.instance();
        while !over.get() {
            let deadline = Instant::now() + Duration::from_secs(24);
            let user = "alice".parse().unwrap();
            let access = Access::open(&app, &user, ProviderId::Notion, deadline, Class::Bulk).await;
            let Ok(mut access) = access else {
                sleep(Duration::from_millis(100)).await;
                continue;
            };
            while !over.get() && Instant::now() < deadline {
                let endpoints = &app.config.endpoints;
                let asked =
                    access.call(|http, token| async move { Notion::new(http, endpoints, token).me().await });
                if let Err(Error::RateLimited { retry_after }) = asked.await {
                    sleep(retry_after).await;
                }
            }
        }
    };
    join_all((0..WORKERS).map(worker)).await;
}

/// Lets them work for a while; the calls that were answered and refused meanwhile.
async fn work_for_minutes(world: &World) -> (usize, usize) {
    let over = Cell::new(false);
    let watch = async {
        sleep(Duration::from_mins(MINUTES)).await;
        over.set(true);
        counted(world)
    };
    tokio::join!(work(world, &over), watch).1
}

/// The calls that Notion answered and those that it refused for being too many, since the last time.
fn counted(world: &World) -> (usize, usize) {
    let mut providers = world.providers.lock().unwrap();
    let refused = providers.notion.records.all().iter().filter(|call| call.status == Some(429)).count();
    let all = providers.notion.records.all().len();
    providers.notion.records.clear();
    (all - refused, refused)
}

#[tokio::test(start_paused = true)]
async fn thirty_workers_use_what_notion_allows_and_are_never_refused() {
    let world = World::calm();
    Browser::default().connect(&world, "alice").await;
    sleep(Duration::from_mins(2)).await;
    counted(&world);
    let minutes = usize::try_from(MINUTES).unwrap();
    let (answered, refused) = work_for_minutes(&world).await;
    assert_eq!(refused, 0, "of {answered}");
    assert!(answered * 100 >= minutes * 180 * 95, "{answered} in {MINUTES} minutes");

    // Half of it from now on: every minute, at most those that are on their way are refused.
    let limits = world.providers.lock().unwrap().notion.simulator.limits().clone();
    let fewer = simulators::notion::NotionLimits { requests_per_minute: 90, ..limits };
    world.providers.lock().unwrap().notion.simulator.set_limits(fewer);
    let (answered, refused) = work_for_minutes(&world).await;
    assert!(answered * 100 >= minutes * 90 * 90 && refused <= 30, "{answered} answered, {refused} refused");
}
