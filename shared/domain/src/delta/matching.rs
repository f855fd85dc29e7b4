//! Which recorded node becomes which wanted one.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;

use super::align::{align, cost_below};
use super::{Cost, Tree};

/// The matching that costs least.
pub(super) struct Matching {
    of_wanted: Vec<Option<usize>>,
    of_recorded: Vec<Option<usize>>,
    moves: Vec<bool>,
}

/// What is known of two trees before their nodes are matched.
pub(super) struct Pairing<'t, K> {
    pub(super) recorded: &'t Tree<K>,
    pub(super) wanted: &'t Tree<K>,
    /// Nodes of the same class, of whichever tree, are equal with everything below them.
    pub(super) recorded_classes: Vec<u32>,
    pub(super) wanted_classes: Vec<u32>,
    /// The node with the same key that could become this one.
    pub(super) partner_of_wanted: Vec<Option<usize>>,
    partner_of_recorded: Vec<Option<usize>>,
    removals: Vec<Cost>,
    insertions: Vec<Cost>,
    known: RefCell<HashMap<(usize, usize), Cost, RandomState>>,
}

impl Matching {
    pub(super) fn best<K: Eq + Hash>(recorded: &Tree<K>, wanted: &Tree<K>) -> Self {
        let pairing = Pairing::of(recorded, wanted);
        let mut matching = Self {
            of_wanted: vec![None; wanted.len()],
            of_recorded: vec![None; recorded.len()],
            moves: vec![false; wanted.len()],
        };
        matching.pair(Tree::<K>::ROOT, Tree::<K>::ROOT);
        let mut left = vec![(Tree::<K>::ROOT, Tree::<K>::ROOT)];
        for found in wanted.in_order().into_iter().rev() {
            if let Some(partner) = pairing.movable_partner(found) {
                matching.pair(partner, found);
                matching.moves[found] = true;
                left.push((partner, found));
            }
        }
        while let Some((from, to)) = left.pop() {
            if to != Tree::<K>::ROOT && pairing.are_equal(from, to) {
                // Itself may have to move; what is below it stays.
                let moves = matching.moves[to];
                matching.pair_equal(&pairing, from, to);
                matching.moves[to] = moves;
                continue;
            }
            for (below, becomes) in align(&pairing, from, to) {
                if pairing.movable_partner(becomes).is_some() {
                    matching.moves[becomes] = false;
                } else if pairing.are_equal(below, becomes) {
                    matching.pair_equal(&pairing, below, becomes);
                } else {
                    matching.pair(below, becomes);
                    left.push((below, becomes));
                }
            }
        }
        matching
    }

    fn pair(&mut self, recorded: usize, wanted: usize) {
        self.of_recorded[recorded] = Some(wanted);
        self.of_wanted[wanted] = Some(recorded);
    }

    /// Pairs two nodes that are equal with everything below them.
    fn pair_equal<K>(&mut self, pairing: &Pairing<'_, K>, recorded: usize, wanted: usize) {
        self.pair(recorded, wanted);
        self.moves[wanted] = false;
        let below = pairing.recorded.children(recorded).iter().zip(pairing.wanted.children(wanted));
        for (recorded, wanted) in below {
            self.pair_equal(pairing, *recorded, *wanted);
        }
    }

    /// What becomes this wanted node; nothing if it has to be made.
    pub(super) fn of_wanted(&self, wanted: usize) -> Option<usize> {
        self.of_wanted[wanted]
    }

    /// What this recorded node becomes; nothing if it goes.
    pub(super) fn of_recorded(&self, recorded: usize) -> Option<usize> {
        self.of_recorded[recorded]
    }

    /// What becomes each wanted node.
    pub(super) fn into_wanted(self) -> Vec<Option<usize>> {
        self.of_wanted
    }

    /// Whether what becomes this wanted node has to be put there.
    pub(super) fn moves(&self, wanted: usize) -> bool {
        self.moves[wanted]
    }
}

impl<'t, K: Eq + Hash> Pairing<'t, K> {
    fn of(recorded: &'t Tree<K>, wanted: &'t Tree<K>) -> Self {
        let mut classes = HashMap::default();
        let recorded_classes = classify(recorded, &mut classes);
        let wanted_classes = classify(wanted, &mut classes);
        let by_key = |tree: &'t Tree<K>| -> HashMap<&'t K, usize, RandomState> {
            let keyed = tree.in_order().into_iter();
            keyed.filter_map(|number| Some((tree.item(number).key.as_ref()?, number))).collect()
        };
        let (recorded_keys, wanted_keys) = (by_key(recorded), by_key(wanted));
        let mut partner_of_wanted = vec![None; wanted.len()];
        let mut partner_of_recorded = vec![None; recorded.len()];
        for (key, to) in &wanted_keys {
            let Some(from) = recorded_keys.get(key) else { continue };
            if fits(recorded, *from, wanted, *to) {
                partner_of_wanted[*to] = Some(*from);
                partner_of_recorded[*from] = Some(*to);
            }
        }
        let mut pairing = Self {
            recorded,
            wanted,
            recorded_classes,
            wanted_classes,
            partner_of_wanted,
            partner_of_recorded,
            removals: vec![Cost::NOTHING; recorded.len()],
            insertions: vec![Cost::NOTHING; wanted.len()],
            known: RefCell::default(),
        };
        for number in recorded.in_order().into_iter().rev() {
            let below = recorded.children(number).iter().map(|child| pairing.without_recorded(*child).remade);
            let wanted_again =
                recorded.item(number).key.as_ref().is_some_and(|key| wanted_keys.contains_key(key));
            let remade = u32::from(wanted_again) + below.sum::<u32>();
            pairing.removals[number] = Cost { remade, ..Cost::ONE };
        }
        for number in wanted.in_order().into_iter().rev() {
            let below = wanted.children(number).iter().map(|child| pairing.without_wanted(*child));
            pairing.insertions[number] = Cost::nodes(1) + below.sum();
        }
        pairing
    }

    /// The partner of a wanted node, if it is wherever it is wanted at the cost of a move.
    pub(super) fn movable_partner(&self, wanted: usize) -> Option<usize> {
        self.partner_of_wanted[wanted].filter(|_| self.wanted.item(wanted).movable)
    }

    /// What it costs that nothing here becomes this recorded node.
    pub(super) fn without_recorded(&self, recorded: usize) -> Cost {
        let moves = self.partner_of_recorded[recorded].is_some() && self.recorded.item(recorded).movable;
        if moves { Cost::NOTHING } else { self.removals[recorded] }
    }

    /// What it costs that this wanted node comes from elsewhere, beginning a run apart.
    pub(super) fn without_wanted(&self, wanted: usize) -> Cost {
        if self.movable_partner(wanted).is_some() { Cost::ONE } else { self.insertions[wanted] }
    }

    /// Whether the one can become the other in its place.
    pub(super) fn can_become(&self, recorded: usize, wanted: usize) -> bool {
        match (self.partner_of_wanted[wanted], self.wanted.item(wanted).key.is_some()) {
            (Some(partner), _) => partner == recorded,
            (None, true) => false,
            (None, false) => {
                self.recorded.item(recorded).key.is_none()
                    && fits(self.recorded, recorded, self.wanted, wanted)
            }
        }
    }

    pub(super) fn are_equal(&self, recorded: usize, wanted: usize) -> bool {
        self.recorded_classes[recorded] == self.wanted_classes[wanted]
    }

    /// What it costs that the one becomes the other in its place, where it can.
    pub(super) fn becoming(&self, recorded: usize, wanted: usize) -> Cost {
        // Wherever it stands, it becomes the same: that is no reason for one place or another.
        if self.are_equal(recorded, wanted) || self.movable_partner(wanted).is_some() {
            return Cost::NOTHING;
        }
        if let Some(cost) = self.known.borrow().get(&(recorded, wanted)) {
            return *cost;
        }
        let updated = self.recorded.item(recorded).hash != self.wanted.item(wanted).hash;
        let own = if updated { Cost::ONE } else { Cost::NOTHING };
        let cost = own + cost_below(self, recorded, wanted);
        self.known.borrow_mut().insert((recorded, wanted), cost);
        cost
    }
}

fn fits<K>(recorded: &Tree<K>, from: usize, wanted: &Tree<K>, to: usize) -> bool {
    let (from, to) = (recorded.item(from), wanted.item(to));
    (from.kind, from.movable, from.ordered) == (to.kind, to.movable, to.ordered)
}

/// What decides the class of a node: its item and the classes of its children.
type Class<'t, K> = (Option<&'t K>, u32, u128, bool, bool, Vec<u32>);

fn classify<'t, K: Eq + Hash>(
    tree: &'t Tree<K>,
    classes: &mut HashMap<Class<'t, K>, u32, RandomState>,
) -> Vec<u32> {
    let mut of_node = vec![u32::MAX; tree.len()];
    for number in tree.in_order().into_iter().rev() {
        let item = tree.item(number);
        let below = tree.children(number).iter().map(|child| of_node[*child]).collect();
        let class = (item.key.as_ref(), item.kind, item.hash, item.movable, item.ordered, below);
        let next = u32::try_from(classes.len()).unwrap_or(u32::MAX);
        of_node[number] = *classes.entry(class).or_insert(next);
    }
    of_node
}
