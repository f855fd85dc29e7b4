//! From a tree as it is to a tree as it should be, with the least that has to be done.
//!
//! A node is known by its key wherever it stands. A node without one is known by its content and its neighbours: a changed
//! paragraph is changed in place, not deleted and written anew. What is least is defined by [`Cost`].

mod align;
mod anchors;
mod cost;
mod matching;
mod tree;

pub use cost::{Cost, cost};
pub use tree::{Item, Tree};

use std::hash::Hash;

use matching::Matching;

/// One thing to do; numbers are those of the nodes in their trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Make this wanted node, after the sibling before it, below a parent that is there by then.
    Insert {
        /// The wanted node.
        wanted: usize,
    },
    /// Give this node what the wanted one contains.
    Update {
        /// The node that is there.
        recorded: usize,
        /// What it should be.
        wanted: usize,
    },
    /// Put this node, with everything below it, where the wanted one stands.
    Move {
        /// The node that is there.
        recorded: usize,
        /// Where it should be.
        wanted: usize,
    },
    /// Remove this node with everything that is still below it.
    Remove {
        /// The node that is there.
        recorded: usize,
    },
}

/// What makes one tree equal to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// What is to be done, in an order in which it can be done: from top to bottom and from first to last, a parent before
    /// its children, removals last.
    pub changes: Vec<Change>,
    became: Vec<Option<usize>>,
}

impl Delta {
    /// What makes `recorded` equal to `wanted`. Equal trees need nothing.
    ///
    /// Lists of up to some hundred changed nodes are compared exhaustively; of longer ones, nodes with keys and nodes whose
    /// content occurs once are matched first, which costs little of the optimum and little time.
    pub fn between<K: Eq + Hash>(recorded: &Tree<K>, wanted: &Tree<K>) -> Self {
        let matching = Matching::best(recorded, wanted);
        let mut changes = Vec::new();
        for number in wanted.in_order() {
            let Some(found) = matching.of_wanted(number) else {
                changes.push(Change::Insert { wanted: number });
                continue;
            };
            if matching.moves(number) {
                changes.push(Change::Move { recorded: found, wanted: number });
            }
            if recorded.item(found).hash != wanted.item(number).hash {
                changes.push(Change::Update { recorded: found, wanted: number });
            }
        }
        let stays = |number: usize| matching.of_recorded(number).is_some();
        let gone = recorded.in_order().into_iter().filter(|number| !stays(*number));
        let gone = gone.filter(|number| recorded.parent(*number).is_none_or(stays));
        changes.extend(gone.map(|recorded| Change::Remove { recorded }));
        Self { changes, became: matching.into_wanted() }
    }

    /// What becomes this wanted node; nothing if it is made.
    pub fn recorded_of(&self, wanted: usize) -> Option<usize> {
        self.became[wanted]
    }
}

#[cfg(test)]
mod tests;
