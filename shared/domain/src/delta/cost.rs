//! What a list of changes costs.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::{Add, AddAssign};

use super::{Change, Tree};

/// What counts, the most important first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// Nodes with a key that are removed and made anew, because they cannot be moved: whoever linked to them or wrote
    /// below them loses.
    pub remade: u32,
    /// Calls, roughly: one for each update, move and removal, and one for siblings that are made next to each other.
    pub calls: u32,
    /// Nodes that are made, updated, moved or removed; those below a removed node not counted.
    pub nodes: u32,
}

impl Cost {
    pub(super) const NOTHING: Self = Self { remade: 0, calls: 0, nodes: 0 };
    /// An update, a move or a removal.
    pub(super) const ONE: Self = Self { remade: 0, calls: 1, nodes: 1 };
    /// Beginning to make siblings.
    pub(super) const RUN: Self = Self { remade: 0, calls: 1, nodes: 0 };

    pub(super) fn nodes(nodes: u32) -> Self {
        Self { nodes, ..Self::NOTHING }
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            remade: self.remade + other.remade,
            calls: self.calls + other.calls,
            nodes: self.nodes + other.nodes,
        }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::NOTHING, Add::add)
    }
}

/// What these changes cost.
pub fn cost<K: Eq + Hash>(recorded: &Tree<K>, wanted: &Tree<K>, changes: &[Change]) -> Cost {
    let mut inserted = vec![false; wanted.len()];
    let mut moved = vec![false; wanted.len()];
    for change in changes {
        match change {
            Change::Insert { wanted } => inserted[*wanted] = true,
            Change::Move { wanted, .. } => moved[*wanted] = true,
            Change::Update { .. } | Change::Remove { .. } => {}
        }
    }
    // Below a node that is made, its children are made with it.
    let begins_run = |number: usize| {
        let parent = wanted.parent(number).unwrap_or(Tree::<K>::ROOT);
        let siblings = wanted.children(parent);
        let at = siblings.iter().position(|sibling| *sibling == number).unwrap_or_default();
        !inserted[parent] && (at == 0 || !inserted[siblings[at - 1]])
    };
    let wanted_keys: HashMap<&K, usize> = wanted
        .in_order()
        .into_iter()
        .filter_map(|number| Some((wanted.item(number).key.as_ref()?, number)))
        .collect();
    let remade = |root: usize| {
        let mut left = vec![root];
        let mut count = 0;
        while let Some(number) = left.pop() {
            let again = recorded.item(number).key.as_ref().and_then(|key| wanted_keys.get(key));
            if again.is_some_and(|again| moved[*again]) {
                continue;
            }
            count += u32::from(again.is_some());
            left.extend(recorded.children(number));
        }
        count
    };
    let of = |change: &Change| match change {
        Change::Insert { wanted } if begins_run(*wanted) => Cost::RUN + Cost::nodes(1),
        Change::Insert { .. } => Cost::nodes(1),
        Change::Update { .. } | Change::Move { .. } => Cost::ONE,
        Change::Remove { recorded } => Cost { remade: remade(*recorded), ..Cost::ONE },
    };
    changes.iter().map(of).sum()
}
