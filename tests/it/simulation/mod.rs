//! The whole backend under chosen misfortune.

mod calendar_flow;
mod export_flow;
mod google_flow;
mod invariants;
mod push_flow;
mod ticket_flow;
mod transcription_flow;
mod undo_flow;
mod whole;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::support::fate::Harm;

/// Runs `future` in a time of its own, which passes only while everybody waits.
fn in_virtual_time<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

/// The function dies, or is told to come back. To die before an exchange is to die after the one before it.
const DEATHS: [Harm; 2] = [Harm::KillAfter, Harm::Refuse];
/// The function lives and does not know what happened.
const LOSSES: [Harm; 3] = [Harm::LoseRequest, Harm::LoseAnswer, Harm::FailAfter];

/// The ways in which a write may end.
const EVERY_END: [Harm; 8] = [
    Harm::KillBefore,
    Harm::KillAfter,
    Harm::KillStray,
    Harm::LoseRequest,
    Harm::LoseAnswer,
    Harm::FailAfter,
    Harm::Late,
    Harm::Stray,
];

/// Of what only reads, it is the same whether it was done: each of these has its like among the others.
const BEFORE: [Harm; 2] = [Harm::LoseRequest, Harm::FailAfter];

/// Whether nothing is changed by an exchange.
fn is_read(exchange: &str) -> bool {
    const READS: [&str; 7] =
        ["GET", "GetItem", "BatchGetItem", "Query", "Decrypt", "GenerateDataKey", "GetSecretValue"];
    exchange.split(' ').any(|word| READS.contains(&word))
}

/// Runs a story once undisturbed, then once for each of its exchanges from the one that `first` picks, and each harm. The
/// story answers the exchanges during which harm may strike.
fn harm_each<const N: usize, F>(
    harms: [Harm; N],
    first: impl Fn(&[String]) -> usize,
    story: impl Fn(u64, BTreeMap<usize, Harm>) -> F,
) where
    F: Future<Output = Vec<String>>,
{
    let exchanges = in_virtual_time(story(1, BTreeMap::new()));
    for number in first(&exchanges)..=exchanges.len() {
        let is_read = is_read(&exchanges[number - 1]);
        for harm in harms.into_iter().filter(|harm| !(is_read && BEFORE.contains(harm))) {
            let run = AssertUnwindSafe(|| in_virtual_time(story(1, BTreeMap::from([(number, harm)]))));
            if let Err(panic) = catch_unwind(run) {
                eprintln!("exchange {number} of {}, {}: {harm:?}", exchanges.len(), exchanges[number - 1]);
                resume_unwind(panic);
            }
        }
    }
}
