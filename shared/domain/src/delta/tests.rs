//! The delta against a model: it is carried out, and no other way is cheaper.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

type Trees = (Tree<u32>, Tree<u32>);

const ROOT: usize = Tree::<u8>::ROOT;
/// A kind that can be moved.
const PAGE: u32 = 1;

fn item(key: Option<u32>, kind: u32, hash: u128, ordered: bool) -> Item<u32> {
    Item { key, kind, hash, movable: kind == PAGE, ordered }
}

fn root() -> Tree<u32> {
    Tree::new(item(None, 9, 0, true))
}

/// A list below the root: key, content.
fn list(nodes: &[(Option<u32>, u128)]) -> Tree<u32> {
    let mut tree = root();
    for (key, hash) in nodes {
        tree.add(ROOT, item(*key, 0, *hash, true));
    }
    tree
}

fn keys(text: &str) -> Tree<u32> {
    list(&text.bytes().map(|letter| (Some(u32::from(letter)), 0)).collect::<Vec<_>>())
}

fn texts(text: &str) -> Tree<u32> {
    list(&text.bytes().map(|letter| (None, u128::from(letter))).collect::<Vec<_>>())
}

fn costs(recorded: &Tree<u32>, wanted: &Tree<u32>) -> (u32, u32, u32) {
    let delta = Delta::between(recorded, wanted);
    carried_out(recorded, wanted, &delta);
    let Cost { remade, calls, nodes } = cost(recorded, wanted, &delta.changes);
    (remade, calls, nodes)
}

/// What is where while changes are carried out; made nodes are numbered from the end of the recorded ones.
struct Live {
    items: BTreeMap<usize, Item<u32>>,
    children: BTreeMap<usize, Vec<usize>>,
    recorded: usize,
}

impl Live {
    fn of(tree: &Tree<u32>) -> Self {
        let all = || std::iter::once(ROOT).chain(tree.in_order());
        Self {
            items: all().map(|number| (number, tree.item(number).clone())).collect(),
            children: all().map(|number| (number, tree.children(number).to_vec())).collect(),
            recorded: tree.len(),
        }
    }

    fn now(&self, delta: &Delta, wanted: usize) -> usize {
        delta.recorded_of(wanted).unwrap_or(self.recorded + wanted)
    }

    fn put(&mut self, delta: &Delta, tree: &Tree<u32>, wanted: usize, number: usize) {
        let parent = tree.parent(wanted).unwrap();
        let siblings = tree.children(parent);
        let at = siblings.iter().position(|sibling| *sibling == wanted).unwrap();
        let (parent, before) = (self.now(delta, parent), at.checked_sub(1).map(|at| siblings[at]));
        let before = before.map(|before| self.now(delta, before));
        let list = self.children.get_mut(&parent).expect("the parent is there");
        let place = before.map_or(0, |before| {
            1 + list.iter().position(|sibling| *sibling == before).expect("the sibling before is there")
        });
        list.insert(place, number);
    }

    fn take(&mut self, number: usize) {
        for list in self.children.values_mut() {
            list.retain(|sibling| *sibling != number);
        }
    }

    fn remove(&mut self, number: usize) {
        self.items.remove(&number).expect("it is there");
        for below in self.children.remove(&number).unwrap() {
            self.remove(below);
        }
    }
}

/// Carries the changes out, and compares.
fn carried_out(recorded: &Tree<u32>, wanted: &Tree<u32>, delta: &Delta) {
    let mut live = Live::of(recorded);
    for change in &delta.changes {
        match *change {
            Change::Insert { wanted: number } => {
                let new = live.now(delta, number);
                live.items.insert(new, wanted.item(number).clone());
                live.children.insert(new, Vec::new());
                live.put(delta, wanted, number, new);
            }
            Change::Update { recorded, wanted: number } => {
                assert_eq!(delta.recorded_of(number), Some(recorded));
                live.items.insert(recorded, wanted.item(number).clone()).expect("it is there");
            }
            Change::Move { recorded, wanted: number } => {
                assert!(live.items[&recorded].movable);
                live.take(recorded);
                live.put(delta, wanted, number, recorded);
            }
            Change::Remove { recorded } => {
                live.take(recorded);
                live.remove(recorded);
            }
        }
    }
    let mut reached = BTreeSet::from([ROOT]);
    for number in std::iter::once(ROOT).chain(wanted.in_order()) {
        let now = live.now(delta, number);
        reached.insert(now);
        if number != ROOT {
            assert_eq!(live.items[&now], *wanted.item(number));
        }
        let mut below = live.children[&now].clone();
        let mut should: Vec<usize> =
            wanted.children(number).iter().map(|child| live.now(delta, *child)).collect();
        if !wanted.item(number).ordered {
            below.sort_unstable();
            should.sort_unstable();
        }
        assert_eq!(below, should, "children of {number}");
    }
    assert_eq!(live.items.keys().copied().collect::<BTreeSet<_>>(), reached, "and nothing else");
}

/// The least cost of all ways there are.
struct Every<'t> {
    recorded: &'t Tree<u32>,
    wanted: &'t Tree<u32>,
    order: Vec<usize>,
    became: Vec<Option<usize>>,
    moves: Vec<bool>,
    least: Option<Cost>,
}

impl Every<'_> {
    fn least(recorded: &Tree<u32>, wanted: &Tree<u32>) -> Cost {
        let (order, mut became) = (wanted.in_order(), vec![None; wanted.len()]);
        became[ROOT] = Some(ROOT);
        let mut every =
            Every { recorded, wanted, order, became, moves: vec![false; wanted.len()], least: None };
        every.from(0);
        every.least.unwrap()
    }

    fn from(&mut self, at: usize) {
        let Some(&number) = self.order.get(at) else { return self.finish() };
        let item = self.wanted.item(number).clone();
        let fits = |found: &usize| {
            let other = self.recorded.item(*found);
            (&other.key, other.kind, other.ordered) == (&item.key, item.kind, item.ordered)
        };
        let fitting: Vec<usize> = self.recorded.in_order().into_iter().filter(fits).collect();
        let movable = item.movable && item.key.is_some();
        for found in &fitting {
            if self.became.contains(&Some(*found)) {
                continue;
            }
            let parent = self.became[self.wanted.parent(number).unwrap()];
            let in_place = parent.is_some() && parent == self.recorded.parent(*found);
            for moves in [false, true] {
                if (moves && !movable) || (!moves && !in_place) {
                    continue;
                }
                self.became[number] = Some(*found);
                self.moves[number] = moves;
                self.from(at + 1);
                self.became[number] = None;
                self.moves[number] = false;
            }
        }
        if !movable || fitting.is_empty() {
            self.from(at + 1);
        }
    }

    fn finish(&mut self) {
        for parent in std::iter::once(ROOT).chain(self.order.iter().copied()) {
            let below = self.wanted.children(parent).iter().filter(|child| !self.moves[**child]);
            let places: Vec<usize> = below.filter_map(|child| self.became[*child]).collect();
            if self.wanted.item(parent).ordered && !places.is_sorted() {
                return;
            }
        }
        let mut changes = Vec::new();
        for number in &self.order {
            match self.became[*number] {
                None => changes.push(Change::Insert { wanted: *number }),
                Some(recorded) => {
                    if self.moves[*number] {
                        changes.push(Change::Move { recorded, wanted: *number });
                    }
                    if self.recorded.item(recorded).hash != self.wanted.item(*number).hash {
                        changes.push(Change::Update { recorded, wanted: *number });
                    }
                }
            }
        }
        let stays = |number: usize| self.became.contains(&Some(number));
        for recorded in self.recorded.in_order() {
            if !stays(recorded) && self.recorded.parent(recorded).is_none_or(stays) {
                changes.push(Change::Remove { recorded });
            }
        }
        let cost = cost(self.recorded, self.wanted, &changes);
        self.least = Some(self.least.map_or(cost, |least| least.min(cost)));
    }
}

/// A small tree. Below what has no order, everything has a key.
fn tree(nodes: Vec<(Index, Option<u32>, u32, u128, bool)>) -> Tree<u32> {
    let mut tree = root();
    let mut used = BTreeSet::new();
    for (parent, key, kind, hash, ordered) in nodes {
        let parent = parent.index(tree.len());
        let key = key
            .or_else(|| (!tree.item(parent).ordered).then_some(200))
            .map(|key| (key..=u32::MAX).find(|key| !used.contains(key)).unwrap());
        used.extend(key);
        tree.add(parent, item(key, kind, hash, ordered));
    }
    tree
}

fn small() -> impl Strategy<Value = Tree<u32>> {
    let key = prop_oneof![Just(None), (0..4_u32).prop_map(Some)];
    let ordered = prop_oneof![4 => Just(true), 1 => Just(false)];
    vec((any::<Index>(), key, 0..2_u32, 0..3_u128, ordered), 0..8).prop_map(tree)
}

/// Two long lists, one a changed copy of the other.
fn long() -> impl Strategy<Value = Trees> {
    let changes = vec((any::<Index>(), any::<Index>(), 0..4_u8), 0..40);
    (0..600_u32, changes).prop_map(|(length, changes)| {
        let new = |number: u32| {
            let key = (!number.is_multiple_of(3)).then_some(number);
            item(key, 0, u128::from(number) % 7, true)
        };
        let before: Vec<_> = (0..length).map(new).collect();
        let mut after = before.clone();
        for (number, (at, to, what)) in (length..).zip(changes) {
            if after.is_empty() {
                break;
            }
            let (at, to) = (at.index(after.len()), to.index(after.len()));
            match what {
                0 => after[at].hash += 1_000,
                1 => drop(after.remove(at)),
                2 => after.swap(at, to),
                _ => after.insert(at, new(number)),
            }
        }
        let tree = |items: Vec<Item<u32>>| {
            let mut tree = root();
            for item in items {
                tree.add(ROOT, item);
            }
            tree
        };
        (tree(before), tree(after))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn carried_out_it_gives_what_is_wanted_and_nothing_is_cheaper(recorded in small(), wanted in small()) {
        let delta = Delta::between(&recorded, &wanted);
        carried_out(&recorded, &wanted, &delta);
        prop_assert_eq!(cost(&recorded, &wanted, &delta.changes), Every::least(&recorded, &wanted));
    }

    #[test]
    fn equal_trees_need_nothing(tree in small()) {
        prop_assert_eq!(Delta::between(&tree, &tree).changes, []);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn long_lists_are_carried_out_too((recorded, wanted) in long()) {
        carried_out(&recorded, &wanted, &Delta::between(&recorded, &wanted));
        carried_out(&wanted, &recorded, &Delta::between(&wanted, &recorded));
    }
}

#[test]
fn what_moves_least_moves() {
    // The longest run of what keeps its order stays; what cannot be moved is made anew.
    assert_eq!(costs(&keys("abcdef"), &keys("bcdefa")), (1, 2, 2));
    assert_eq!(costs(&keys("abcdef"), &keys("fabcde")), (1, 2, 2));
    assert_eq!(costs(&keys("abcdef"), &keys("fedcba")), (5, 6, 10));
}

#[test]
fn a_changed_text_is_changed_in_place_among_duplicates() {
    assert_eq!(costs(&texts("aaaa"), &texts("aaba")), (0, 1, 1));
    assert_eq!(costs(&texts("aaaa"), &texts("aaa")), (0, 1, 1));
    assert_eq!(costs(&texts("aa"), &texts("aaa")), (0, 1, 1));
    assert_eq!(costs(&texts("abc"), &texts("xyz")), (0, 3, 3));
}

#[test]
fn siblings_made_next_to_each_other_are_one_call() {
    assert_eq!(costs(&texts("ad"), &texts("abcd")), (0, 1, 2));
    // Two texts kept where they are would tear the new ones into three runs.
    assert_eq!(costs(&texts("pq"), &texts("1p2q3")), (0, 3, 3));
    assert_eq!(costs(&texts(""), &texts("abcdefgh")), (0, 1, 8));
}

#[test]
fn a_parent_that_moves_below_its_child_is_moved_after_it() {
    let page = |key: u32| item(Some(key), PAGE, 0, true);
    let mut recorded = root();
    let above = recorded.add(ROOT, page(1));
    recorded.add(above, page(2));
    let mut wanted = root();
    let above = wanted.add(ROOT, page(2));
    wanted.add(above, page(1));
    assert_eq!(costs(&recorded, &wanted), (0, 2, 2));
}

#[test]
fn a_page_is_saved_from_a_parent_that_goes() {
    let mut recorded = root();
    let gone = recorded.add(ROOT, item(Some(1), 0, 0, true));
    recorded.add(gone, item(Some(2), PAGE, 0, true));
    let mut wanted = root();
    wanted.add(ROOT, item(Some(2), PAGE, 0, true));
    assert_eq!(costs(&recorded, &wanted), (0, 2, 2));
}

#[test]
fn thousands_of_shuffled_nodes_are_compared() {
    let numbered = |step: usize| {
        let mut tree = Tree::new(Item { key: None, kind: 9, hash: 0, movable: false, ordered: true });
        for number in 0..2_000 {
            let key = Some(number * step % 2_003);
            tree.add(Tree::<usize>::ROOT, Item { key, kind: 0, hash: 1, movable: false, ordered: true });
        }
        tree
    };
    let delta = Delta::between(&numbered(1), &numbered(7));
    let remade = cost(&numbered(1), &numbered(7), &delta.changes).remade;
    assert!((1_500..2_000).contains(&remade), "{remade}");
}
