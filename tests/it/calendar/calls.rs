//! How many calls syncs take: one for each event that is not as it is to be, and a look.

use serde_json::json;

use super::{calls, plan, put, ready, sync};

/// Events on a page of a list.
const LISTED: usize = 250;

/// A list of so many changes.
fn look(changes: usize) -> usize {
    changes.div_ceil(LISTED).max(1)
}

#[tokio::test(start_paused = true)]
async fn no_sync_takes_more_calls_than_the_least() {
    for tasks in [10_usize, 100, 500] {
        let world = ready().await;
        let first = plan(tasks);
        put(&world, &first).await;
        sync(&world).await;
        assert_eq!(calls(&world).len(), tasks, "{tasks} new events");
        sync(&world).await;
        assert_eq!(calls(&world).len(), look(tasks), "nothing changed in {tasks}");
        // What we wrote ourselves is among what the next look is told.
        let mut written = 0;
        for every in [100, 10, 1] {
            let mut other = first.clone();
            for task in other["modules"][0]["tasks"].as_array_mut().unwrap().iter_mut().step_by(every) {
                task["title"] = json!("Other words");
            }
            let changed = tasks.div_ceil(every);
            for plan in [other, first.clone()] {
                put(&world, &plan).await;
                sync(&world).await;
                let calls = calls(&world).len();
                assert_eq!(calls, changed + look(written), "{changed} of {tasks} events changed");
                written = changed;
            }
        }
    }
}
