//! Which of the blocks that are there is which of those that were recorded without their ids.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::delta::{Delta, Item, Tree};
use providers::notion::{Block, Fingerprint};

use super::blocks::is_by;
use super::node::{Node, item, kind_of, root};

/// What there is inside blocks, by their ids.
pub(super) type Insides = HashMap<String, Vec<Block>>;

/// The ids of the blocks that have to be looked into before it can be said which they are: several of the recorded ones say the
/// same, or some were thrown away and others written over, and what is inside tells them apart.
pub(super) fn doubtful(nodes: &[Node], blocks: &[Block], bots: &BTreeSet<String>) -> Vec<String> {
    let mut unnamed = Unnamed::among(nodes, blocks, bots);
    for (node, block) in certain(&unnamed, &Insides::new(), bots) {
        unnamed.nodes.remove(&node);
        unnamed.blocks.remove(&block);
    }
    let Unnamed { nodes, blocks } = unnamed;
    let words: BTreeSet<&Fingerprint> = nodes.values().map(|node| &node.hash).collect();
    let is_in_order = words.len() == nodes.len() && nodes.len() == blocks.len();
    let insides: BTreeSet<_> = nodes.values().map(|node| inside(node)).collect();
    if is_in_order || insides.len() < 2 {
        return Vec::new();
    }
    blocks.into_values().filter(|block| block.has_children).map(|block| block.id.clone()).collect()
}

/// Whether nothing of what was recorded can be missing among the blocks that are there: every name is, and for every nameless one
/// there is a block of ours.
pub(super) fn are_all_there(nodes: &[Node], blocks: &[Block], bots: &BTreeSet<String>) -> bool {
    let Unnamed { nodes: nameless, blocks: strangers } = Unnamed::among(nodes, blocks, bots);
    let is_there = |id: &str| blocks.iter().any(|block| block.id == id);
    let mut names = nodes.iter().filter(|node| !node.gone).filter_map(Node::id);
    names.all(is_there) && nameless.len() <= strangers.values().filter(|block| is_text(block)).count()
}

/// Gives those recorded siblings their ids of which it is certain by now what they are; whether there are any.
pub(super) fn name_certain(
    nodes: &mut [Node],
    blocks: &[Block],
    insides: &Insides,
    bots: &BTreeSet<String>,
) -> bool {
    let found = certain(&Unnamed::among(nodes, blocks, bots), insides, bots);
    for (at, block) in &found {
        nodes[*at].id = Some(blocks[*block].id.clone());
    }
    !found.is_empty()
}

/// Gives recorded siblings the ids of those that are there. The one that is not found is gone.
pub(super) fn recognise(nodes: &mut [Node], blocks: &[Block], insides: &Insides, bots: &BTreeSet<String>) {
    for (at, block) in found(nodes, blocks, insides, bots) {
        let (node, block) = (&mut nodes[at], &blocks[block]);
        node.id = Some(block.id.clone());
        if let Some(inside) = insides.get(&block.id) {
            recognise(&mut node.children, inside, &Insides::new(), bots);
        }
    }
    for node in nodes {
        let is_there = node.id().is_some_and(|id| blocks.iter().any(|block| block.id == id));
        node.gone |= !is_there;
    }
}

/// The ids of new blocks, if they are among those that are there: `new` were to be made at `index` among those that are known, all
/// of them or none. Somebody may have been quicker than we are and thrown some away.
pub(super) fn adopt(
    known: &[Node],
    index: usize,
    new: &[Node],
    blocks: &[Block],
    bots: &BTreeSet<String>,
) -> Option<Vec<Option<String>>> {
    let Unnamed { nodes: old, blocks: strangers } = Unnamed::among(known, blocks, bots);
    let mut texts = strangers.values().filter(|block| is_text(block)).map(|block| block.fingerprint());
    let is_new = |words: Fingerprint| {
        new.iter().any(|node| node.hash == words) && !old.values().any(|node| node.hash == words)
    };
    if texts.clone().count() <= old.len() && !texts.any(is_new) {
        return None;
    }
    let mut all = known.to_vec();
    let index = index.min(all.len());
    all.splice(index..index, new.iter().cloned());
    let found: HashMap<usize, usize> = found(&all, blocks, &Insides::new(), bots).into_iter().collect();
    let ids = (index..index + new.len()).map(|at| found.get(&at).map(|block| blocks[*block].id.clone()));
    Some(ids.collect())
}

/// Whether a block is none of the pages and databases that are below a page and listed among its blocks.
fn is_text(block: &Block) -> bool {
    !matches!(block.kind.as_str(), "child_page" | "child_database")
}

/// Recorded siblings whose ids are not known, and what they are, by their places.
fn found(
    nodes: &[Node],
    blocks: &[Block],
    insides: &Insides,
    bots: &BTreeSet<String>,
) -> Vec<(usize, usize)> {
    let unnamed = Unnamed::among(nodes, blocks, bots);
    let mut found = certain(&unnamed, insides, bots);
    // Those are what they are wherever people put them. The rest is told by its words, its neighbours and what is inside.
    let named = nodes.iter().enumerate().filter(|(_, node)| !node.gone).filter_map(|(at, node)| {
        let id = node.id()?;
        Some((at, blocks.iter().position(|block| block.id == id)?))
    });
    let anchors: Vec<_> = found.iter().copied().chain(named).collect();
    let (mut recorded, mut present) = (Tree::new(root()), Tree::new(root()));
    let (mut node_of, mut block_of) = (HashMap::new(), HashMap::new());
    for (at, node) in nodes.iter().enumerate() {
        if let Some(anchor) = anchors.iter().position(|(node, _)| *node == at) {
            recorded.add(ROOT, fixed(anchor));
        } else if unnamed.nodes.contains_key(&at) {
            let number = recorded.add(ROOT, item(None, &node.kind, Some(&node.hash)));
            node_of.insert(number, at);
            let inside = node.children.iter().filter(|inner| !inner.gone);
            let items = inside.map(|inner| item(None, &inner.kind, Some(&inner.hash)));
            // Where nobody looked, it is only known that there is something.
            let items: Vec<_> =
                if insides.is_empty() { items.take(1).map(|_| root()).collect() } else { items.collect() };
            for item in items {
                recorded.add(number, item);
            }
        }
    }
    for (at, block) in blocks.iter().enumerate() {
        if let Some(anchor) = anchors.iter().position(|(_, block)| *block == at) {
            present.add(ROOT, fixed(anchor));
        } else if unnamed.blocks.contains_key(&at) {
            let number = present.add(ROOT, shown(block));
            block_of.insert(number, at);
            let items: Vec<_> = match insides.get(&block.id) {
                Some(inside) => inside.iter().filter(|inner| is_by(bots, inner)).map(shown).collect(),
                None => block.has_children.then(root).into_iter().collect(),
            };
            for item in items {
                present.add(number, item);
            }
        }
    }
    let delta = Delta::between(&recorded, &present);
    let rest = block_of.into_iter();
    found
        .extend(rest.filter_map(|(number, block)| Some((*node_of.get(&delta.recorded_of(number)?)?, block))));
    found
}

const ROOT: usize = Tree::<usize>::ROOT;

/// Of what it is not known what is what, by their places.
struct Unnamed<'a> {
    nodes: BTreeMap<usize, &'a Node>,
    /// Blocks of ours.
    blocks: BTreeMap<usize, &'a Block>,
}

impl<'a> Unnamed<'a> {
    fn among(nodes: &'a [Node], blocks: &'a [Block], bots: &BTreeSet<String>) -> Self {
        let is_known = |block: &Block| nodes.iter().any(|node| node.id() == Some(&block.id));
        let strangers = blocks.iter().enumerate().filter(|(_, block)| is_by(bots, block) && !is_known(block));
        let nameless = nodes.iter().enumerate().filter(|(_, node)| node.id().is_none() && !node.gone);
        Self { nodes: nameless.collect(), blocks: strangers.collect() }
    }
}

/// The recorded siblings and the blocks that cannot be anything else, by their places: as many blocks say this as were recorded
/// and of several it does not matter which is which, or they also agree in what is inside.
fn certain(unnamed: &Unnamed<'_>, insides: &Insides, bots: &BTreeSet<String>) -> Vec<(usize, usize)> {
    let Unnamed { nodes, blocks } = unnamed;
    let mut alike: BTreeMap<Fingerprint, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (at, node) in nodes {
        alike.entry(node.hash.clone()).or_default().0.push(*at);
    }
    for (at, block) in blocks {
        alike.entry(block.fingerprint()).or_default().1.push(*at);
    }
    let pairs = alike.into_values().flat_map(|(same, mut shown)| {
        let inside: Vec<_> = same.iter().map(|at| inside(nodes[at])).collect();
        if same.len() == shown.len() && inside.iter().all(|other| other == &inside[0]) {
            return same.into_iter().zip(shown).collect::<Vec<_>>();
        }
        let found = same.into_iter().zip(inside).filter_map(|(node, inside)| {
            let is_same = |at: &usize| shown_inside(blocks[at], insides, bots).as_ref() == Some(&inside);
            let at = shown.iter().position(is_same)?;
            Some((node, shown.remove(at)))
        });
        found.collect()
    });
    pairs.collect()
}

/// What was put into a block and not thrown away.
fn inside(node: &Node) -> Vec<Fingerprint> {
    node.children.iter().filter(|inner| !inner.gone).map(|inner| inner.hash.clone()).collect()
}

/// What of ours is inside a block, if that is known.
fn shown_inside(block: &Block, insides: &Insides, bots: &BTreeSet<String>) -> Option<Vec<Fingerprint>> {
    if !block.has_children {
        return Some(Vec::new());
    }
    let inside = insides.get(&block.id)?.iter().filter(|inner| is_by(bots, inner));
    Some(inside.map(Block::fingerprint).collect())
}

/// A block that is there, as it is compared.
fn shown(block: &Block) -> Item<usize> {
    let kind = kind_of(&block.kind, &block.raw[block.kind.as_str()]);
    item(None, &kind, Some(&block.fingerprint()))
}

/// Something of which it is known what it is, wherever it stands.
fn fixed(anchor: usize) -> Item<usize> {
    Item { key: Some(anchor), movable: true, ..root() }
}
