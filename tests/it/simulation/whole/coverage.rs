//! Which kinds of exchanges there were, and which of them harm was done to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Run;
use crate::support::fate::Harm;

#[derive(Debug, Default)]
struct Kind {
    seen: usize,
    /// Where the first was: the seed, and what is struck when it is struck too.
    first: (u64, BTreeSet<usize>),
    harms: BTreeMap<Harm, usize>,
}

/// Over all runs.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    runs: usize,
    tickets: usize,
    exports: usize,
    syncs: usize,
    kinds: BTreeMap<String, Kind>,
}

impl Coverage {
    pub(super) fn add(&mut self, seed: u64, struck: &BTreeSet<usize>, run: &Run) {
        self.runs += 1;
        self.tickets += run.tickets.len();
        self.exports += run.exports;
        self.syncs += run.syncs;
        for (number, line) in (1..).zip(&run.lines) {
            let first = || (seed, struck.iter().copied().chain([number]).collect());
            let new = || Kind { first: first(), ..Kind::default() };
            let kind = self.kinds.entry(line.kind()).or_insert_with(new);
            kind.seen += 1;
            if let Some(harm) = line.harm {
                *kind.harms.entry(without_number(harm)).or_default() += 1;
            }
        }
    }

    /// An exchange of each kind that was never harmed: its seed and number.
    pub(super) fn spared(&self) -> Vec<(u64, BTreeSet<usize>)> {
        let spared = self.kinds.values().filter(|kind| kind.harms.is_empty());
        spared.map(|kind| kind.first.clone()).collect()
    }
}

fn without_number(harm: Harm) -> Harm {
    if let Harm::Odd(_) = harm { Harm::Odd(0) } else { harm }
}

impl fmt::Display for Coverage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exchanges: usize = self.kinds.values().map(|kind| kind.seen).sum();
        let mut by_harm: BTreeMap<Harm, usize> = BTreeMap::new();
        for (harm, count) in self.kinds.values().flat_map(|kind| &kind.harms) {
            *by_harm.entry(*harm).or_default() += count;
        }
        let harmed = self.kinds.values().filter(|kind| !kind.harms.is_empty()).count();
        let pairs: BTreeSet<_> = self
            .kinds
            .iter()
            .flat_map(|(name, kind)| kind.harms.keys().map(move |harm| (name, harm)))
            .collect();
        let (runs, tickets, kinds) = (self.runs, self.tickets, self.kinds.len());
        let (exports, syncs) = (self.exports, self.syncs);
        writeln!(
            formatter,
            "{runs} runs, {tickets} tickets, {exports} exports, {syncs} syncs, {exchanges} exchanges of {kinds} kinds; harm was done to {harmed} kinds, in {} pairs of kind and harm:",
            pairs.len()
        )?;
        let mut by_function: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, kind) in &self.kinds {
            *by_function.entry(name.split(' ').next().unwrap_or_default()).or_default() += kind.seen;
        }
        writeln!(formatter, "  exchanges of {by_function:?}")?;
        for (harm, count) in by_harm {
            writeln!(formatter, "  {harm:?}: {count}")?;
        }
        for (name, kind) in self.kinds.iter().filter(|(_, kind)| kind.harms.is_empty()) {
            writeln!(formatter, "  never harmed in {} times: {name}", kind.seen)?;
        }
        Ok(())
    }
}
