//! What is to be on the pages, and what was put there, as trees that can be compared.

use domain::delta::{Change, Delta, Item, Tree};
use domain::document::{Block, Document, Inline, Marks};
use domain::{Layout, PLAN_PAGE, Part, Plan, PlanPage, PlanRow};
use providers::notion::{Fingerprint, NewBlock, blocks_from_document};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::values::{TITLE, Values, title_of, values_of_row};

/// A block that was put on a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Node {
    /// Notion's id; unknown as long as it was not needed: of a new page Notion tells that of no block, otherwise those of the
    /// outermost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    /// What it is known by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    pub(super) kind: String,
    /// What the plan said when it was last looked at.
    pub(super) hash: Fingerprint,
    /// What is being written: until that is over, Notion may show either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) written: Option<Fingerprint>,
    /// Somebody threw it away: it is not made again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) gone: bool,
    /// The plan does not have it any more, and it stayed since somebody wrote in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) kept: bool,
    /// It is being taken away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) going: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) children: Vec<Node>,
}

/// A block that is to be on a page.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) key: Option<String>,
    pub(super) kind: String,
    pub(super) hash: Fingerprint,
    /// Without what is inside.
    pub(super) block: NewBlock,
    pub(super) children: Vec<Wanted>,
}

/// A page that is to be there.
#[derive(Clone, Debug)]
pub(super) struct WantedPage {
    pub(super) key: String,
    pub(super) place: Place,
    /// Its title, and what else is said of it.
    pub(super) values: Values,
    pub(super) blocks: Vec<Wanted>,
}

/// Where a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Below the page that the user named.
    Outside,
    /// Below the plan's page.
    Plan,
    /// A row of the plan's database.
    Rows,
}

/// Whether a key is a task's.
pub(super) fn is_task(key: &str) -> bool {
    key.starts_with("t:")
}

/// Where a block is: its place among the outermost blocks of its page, then its places inside.
pub(super) type Path = Vec<usize>;

/// The pages that a plan becomes. The first begins with a line that leads back to us.
pub(super) fn wanted_pages(plan: &Plan, layout: Layout, link: &str) -> Vec<WantedPage> {
    let mut pages = match layout {
        Layout::Pages => plan.pages(),
        Layout::Database => vec![plan.cover()],
    };
    if let Some(own) = pages.first_mut() {
        let text = "From your learning plan. What you write here yourself stays.".to_owned();
        let marks = Marks { italic: true, ..Marks::default() };
        let block = Block::Paragraph(vec![Inline::Text { text, marks, link: Some(link.to_owned()) }]);
        own.parts.insert(0, Part { key: Some("link".to_owned()), block });
    }
    let rows = if layout == Layout::Database { plan.rows() } else { Vec::new() };
    pages.into_iter().map(WantedPage::of_page).chain(rows.into_iter().map(WantedPage::of_row)).collect()
}

impl WantedPage {
    fn of_page(page: PlanPage) -> Self {
        let PlanPage { key, title, parts } = page;
        let place = if key == PLAN_PAGE { Place::Outside } else { Place::Plan };
        let values = Values::from([(TITLE.to_owned(), title.into())]);
        Self { key, place, values, blocks: parts.into_iter().flat_map(Wanted::of_part).collect() }
    }

    fn of_row(row: PlanRow) -> Self {
        let values = values_of_row(&row);
        let blocks = blocks_from_document(&Document { blocks: row.blocks });
        Self {
            key: row.key,
            place: Place::Rows,
            values,
            blocks: blocks.into_iter().map(Wanted::of).collect(),
        }
    }

    pub(super) fn title(&self) -> &str {
        title_of(&self.values)
    }
}

impl Wanted {
    fn of_part(part: Part) -> impl Iterator<Item = Self> {
        let mut key = part.key;
        let blocks = blocks_from_document(&Document { blocks: vec![part.block] });
        blocks.into_iter().map(move |block| Self { key: key.take(), ..Self::of(block) })
    }

    fn of(mut block: NewBlock) -> Self {
        let children = std::mem::take(&mut block.children).into_iter().map(Self::of).collect();
        let kind = kind_of(block.kind, &block.content);
        Self { key: None, kind, hash: block.fingerprint(), block, children }
    }

    /// How many blocks it is, with everything inside.
    pub(super) fn size(&self) -> usize {
        1 + self.children.iter().map(Self::size).sum::<usize>()
    }

    /// The block with everything inside.
    pub(super) fn whole(&self) -> NewBlock {
        NewBlock { children: self.children.iter().map(Self::whole).collect(), ..self.block.clone() }
    }

    /// As it is recorded, with the first `inside` of what is in it.
    pub(super) fn recorded(&self, inside: usize) -> Node {
        Node {
            id: None,
            key: self.key.clone(),
            kind: self.kind.clone(),
            hash: self.hash.clone(),
            written: None,
            gone: false,
            kept: false,
            going: false,
            children: self.children.iter().take(inside).map(|child| child.recorded(0)).collect(),
        }
    }

    /// As something that somebody threw away.
    pub(super) fn as_gone(&self) -> Node {
        let children = self.children.iter().map(Self::as_gone).collect();
        Node { gone: true, children, ..self.recorded(0) }
    }
}

impl Node {
    /// Notion's id, if it is known.
    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether what Notion shows is ours.
    pub(super) fn is_left_as(&self, shown: &Fingerprint) -> bool {
        self.hash == *shown || self.written.as_ref() == Some(shown)
    }

    /// By what it is compared; nothing while it is not known what it says.
    fn compared(&self) -> Option<&Fingerprint> {
        self.written.is_none().then_some(&self.hash)
    }

    pub(super) fn is_task(&self) -> bool {
        self.key.as_ref().is_some_and(|key| is_task(key))
    }
}

/// The next thing to do on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Put these wanted siblings below the recorded block (the page, if the path is empty), the first at `index`.
    Insert { below: Path, index: usize, wanted: Vec<Path> },
    /// Give the recorded block the content of the wanted one.
    Update { recorded: Path, wanted: Path },
    /// Take the recorded block away.
    Remove { recorded: Path },
}

/// What is left to do on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) step: Step,
    /// How many of the outermost blocks are changed or taken away.
    pub(super) outermost: usize,
}

/// What is to be done next so that the recorded blocks become the wanted ones; nothing if they are.
pub(super) fn next(recorded: &[Node], wanted: &[Wanted]) -> Option<Left> {
    if let Some(recorded) = going(recorded) {
        return Some(Left { step: Step::Remove { recorded }, outermost: 1 });
    }
    let (is, is_at) =
        tree(recorded, |node| (node.key.as_ref(), &node.kind, node.compared()), |node| &node.children);
    let (be, be_at) =
        tree(wanted, |node| (node.key.as_ref(), &node.kind, Some(&node.hash)), |node| &node.children);
    let delta = Delta::between(&is, &be);
    let is_kept = |number: usize| at(recorded, &is_at[number]).is_some_and(|node| node.kept);
    let changes = || {
        delta
            .changes
            .iter()
            .filter(|change| !matches!(change, Change::Remove { recorded } if is_kept(*recorded)))
    };
    let outermost = changes().filter(|change| match change {
        Change::Update { recorded, .. } | Change::Remove { recorded } => {
            is.parent(*recorded) == Some(Tree::<String>::ROOT)
        }
        Change::Insert { .. } | Change::Move { .. } => false,
    });
    let outermost = outermost.count();
    let step = match *changes().next()? {
        Change::Insert { wanted } => {
            let above = be.parent(wanted)?;
            let siblings = be.children(above);
            let at = siblings.iter().position(|sibling| *sibling == wanted)?;
            let run = siblings[at..].iter().take_while(|sibling| delta.recorded_of(**sibling).is_none());
            let before = siblings[..at].last().and_then(|sibling| delta.recorded_of(*sibling));
            Step::Insert {
                below: is_at[delta.recorded_of(above)?].clone(),
                index: before.and_then(|before| is_at[before].last().copied()).map_or(0, |index| index + 1),
                wanted: run.map(|sibling| be_at[*sibling].clone()).collect(),
            }
        }
        // Notion does not move blocks, so nothing is said to be movable.
        Change::Update { recorded, wanted } | Change::Move { recorded, wanted } => {
            Step::Update { recorded: is_at[recorded].clone(), wanted: be_at[wanted].clone() }
        }
        Change::Remove { recorded } => Step::Remove { recorded: is_at[recorded].clone() },
    };
    Some(Left { step, outermost })
}

/// Where a block is that somebody began to take away.
fn going(blocks: &[Node]) -> Option<Path> {
    blocks.iter().enumerate().find_map(|(at, node)| {
        let inside = || going(&node.children).map(|path| [vec![at], path].concat());
        if node.going { Some(vec![at]) } else { inside() }
    })
}

/// The tree of a page's blocks, and where each node is.
fn tree<'a, T>(
    blocks: &'a [T],
    say: impl Fn(&'a T) -> (Option<&'a String>, &'a String, Option<&'a Fingerprint>),
    inside: impl Fn(&'a T) -> &'a Vec<T>,
) -> (Tree<String>, Vec<Path>) {
    let (mut tree, mut paths) = (Tree::new(root()), vec![Path::new()]);
    let mut left: Vec<(usize, Path, &'a T)> =
        blocks.iter().enumerate().rev().map(|(at, block)| (Tree::<String>::ROOT, vec![at], block)).collect();
    while let Some((parent, path, block)) = left.pop() {
        let (key, kind, hash) = say(block);
        let number = tree.add(parent, item(key.cloned(), kind, hash));
        let inner = inside(block).iter().enumerate().rev();
        left.extend(inner.map(|(at, child)| (number, [path.as_slice(), &[at]].concat(), child)));
        paths.push(path);
    }
    (tree, paths)
}

/// What all trees of blocks begin with.
pub(super) fn root<K>() -> Item<K> {
    Item { key: None, kind: 0, hash: 0, movable: false, ordered: true }
}

/// A block as trees are compared; one of which it is not known what it says is like no other. Notion does not move blocks.
pub(super) fn item<K>(key: Option<K>, kind: &str, hash: Option<&Fingerprint>) -> Item<K> {
    // There are too few kinds for two to share a number.
    let kind =
        kind.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let hash = hash.and_then(|hash| u128::from_str_radix(hash.as_str(), 16).ok()).unwrap_or_default();
    Item { key, kind, hash, movable: false, ordered: true }
}

/// A block's kind as it is recorded. A table keeps its width for ever, so tables of other widths are of other kinds.
pub(super) fn kind_of(kind: &str, content: &Value) -> String {
    match kind {
        "table" => format!("table {}", content["table_width"]),
        kind => kind.to_owned(),
    }
}

/// What the key of a block begins with that is made anew elsewhere and not taken away yet.
const FORMER: &str = "former ";

/// The key that a block had before it was made anew elsewhere.
pub(super) fn original(key: &str) -> &str {
    key.rsplit(' ').next().unwrap_or(key)
}

/// Gives the keys of recorded blocks up to new ones: keys are unique, and the new ones come before the old ones go.
pub(super) fn retire(recorded: &mut [Node], new: &[Node]) {
    for key in new.iter().filter_map(|node| node.key.as_ref()) {
        let Some(old) = recorded.iter().position(|node| node.key.as_ref() == Some(key)) else { continue };
        let mut former = format!("{FORMER}{key}");
        while recorded.iter().any(|node| node.key.as_ref() == Some(&former)) {
            former.insert_str(0, FORMER);
        }
        recorded[old].key = Some(former);
    }
}

/// The recorded block at a place.
pub(super) fn at<'a>(blocks: &'a [Node], path: &[usize]) -> Option<&'a Node> {
    let (first, rest) = path.split_first()?;
    let node = blocks.get(*first)?;
    if rest.is_empty() { Some(node) } else { at(&node.children, rest) }
}

/// The wanted block at a place.
pub(super) fn wanted_at<'a>(blocks: &'a [Wanted], path: &[usize]) -> Option<&'a Wanted> {
    let (first, rest) = path.split_first()?;
    let wanted = blocks.get(*first)?;
    if rest.is_empty() { Some(wanted) } else { wanted_at(&wanted.children, rest) }
}

impl Wanted {
    /// Its words, without how they look.
    pub(super) fn words(&self) -> String {
        let runs = self.block.content["rich_text"].as_array().map(Vec::as_slice).unwrap_or_default();
        runs.iter().filter_map(|run| run["text"]["content"].as_str()).collect()
    }
}

#[cfg(test)]
mod tests;
