//! The whole backend under chosen misfortune.

mod invariants;
mod ticket_flow;
mod transcription_flow;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::support::doors::Harm;

/// Runs `future` in a time of its own, which passes only while everybody waits.
fn in_virtual_time<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

/// Runs a story once undisturbed, then once for each of its exchanges and each harm. The story answers its exchanges.
fn harm_each<F>(story: impl Fn(u64, BTreeMap<usize, Harm>) -> F)
where
    F: Future<Output = Vec<String>>,
{
    let exchanges = in_virtual_time(story(1, BTreeMap::new()));
    for number in 1..=exchanges.len() {
        for harm in Harm::ALL {
            let run = AssertUnwindSafe(|| in_virtual_time(story(1, BTreeMap::from([(number, harm)]))));
            if let Err(panic) = catch_unwind(run) {
                eprintln!("exchange {number} of {}, {}: {harm:?}", exchanges.len(), exchanges[number - 1]);
                resume_unwind(panic);
            }
        }
    }
}
