//! A tree, as far as differences are concerned.

/// What is to be known of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<K> {
    /// What the node is known by, wherever it stands. Unique in its tree.
    pub key: Option<K>,
    /// Only a node of the same kind can take another's content.
    pub kind: u32,
    /// Stands for the node's own content, without its children.
    pub hash: u128,
    /// Whether a node with this key can be put elsewhere. The target decides it for a kind, so both trees agree.
    pub movable: bool,
    /// Whether its children stand in an order. Children without a key always do.
    pub ordered: bool,
}

/// Nodes, numbered as they were added. The first one is the root, which is always there.
#[derive(Clone, Debug)]
pub struct Tree<K> {
    nodes: Vec<Node<K>>,
}

#[derive(Clone, Debug)]
struct Node<K> {
    item: Item<K>,
    parent: Option<usize>,
    children: Vec<usize>,
}

impl<K> Tree<K> {
    /// A tree of a root; the root of another tree is the same node whatever their keys.
    pub fn new(root: Item<K>) -> Self {
        Self { nodes: vec![Node { item: root, parent: None, children: Vec::new() }] }
    }

    /// The number of the root.
    pub const ROOT: usize = 0;

    /// Adds the next child of a node that was added before; answers its number.
    pub fn add(&mut self, parent: usize, item: Item<K>) -> usize {
        let number = self.nodes.len();
        self.nodes[parent].children.push(number);
        self.nodes.push(Node { item, parent: Some(parent), children: Vec::new() });
        number
    }

    /// How many nodes there are.
    #[expect(clippy::len_without_is_empty, reason = "there is always a root")]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// What is known of a node.
    pub fn item(&self, number: usize) -> &Item<K> {
        &self.nodes[number].item
    }

    /// The node above; none above the root.
    pub fn parent(&self, number: usize) -> Option<usize> {
        self.nodes[number].parent
    }

    /// The nodes below, in order.
    pub fn children(&self, number: usize) -> &[usize] {
        &self.nodes[number].children
    }

    /// All nodes but the root, each before its children and those before its next sibling.
    pub fn in_order(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut left: Vec<usize> = self.children(Self::ROOT).iter().rev().copied().collect();
        while let Some(number) = left.pop() {
            order.push(number);
            left.extend(self.children(number).iter().rev());
        }
        order
    }
}
