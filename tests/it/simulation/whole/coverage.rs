//! Which kinds of exchanges there were, and which of them harm was done to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Run;
use crate::support::fate::Harm;

/// A kind that turns up less often than this may be missed by all harm.
const OFTEN: usize = 1_000;

#[derive(Debug, Default)]
struct Kind {
    seen: usize,
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
    pub(super) fn add(&mut self, run: &Run) {
        self.runs += 1;
        self.tickets += run.tickets.len();
        self.exports += run.exports;
        self.syncs += run.syncs;
        for line in &run.lines {
            let kind = self.kinds.entry(line.kind()).or_default();
            kind.seen += 1;
            if let Some(harm) = line.harm {
                *kind.harms.entry(without_number(harm)).or_default() += 1;
            }
        }
    }

    /// The kinds that turn up often and were never harmed.
    pub(super) fn never_harmed(&self) -> Vec<&str> {
        let spared = self.kinds.iter().filter(|(_, kind)| kind.seen >= OFTEN && kind.harms.is_empty());
        spared.map(|(name, _)| name.as_str()).collect()
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
