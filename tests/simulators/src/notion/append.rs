//! New blocks: the form of a whole tree of them, and planting it.

use super::{
    Notion,
    content::{Kind, Nesting},
    media,
    model::{Block, Parent, Stamp},
    refusal::Refusal,
    shape::{array, fields, missing, object},
};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The most blocks of one request, nested ones included.
const MAX_BLOCKS: usize = 1000;
/// The most blocks in one array.
const MAX_CHILDREN: usize = 100;
/// How deep blocks may be nested in one request.
const MAX_NESTING: usize = 2;

/// A block that was checked but is not part of the workspace yet.
#[derive(Debug)]
pub(super) struct Draft {
    kind: &'static Kind,
    content: Map<String, Value>,
    children: Vec<Draft>,
}

impl Notion {
    /// Checks an array of new blocks for a place with this nesting.
    pub(super) fn drafts(
        &self,
        bot: Uuid,
        given: &Value,
        path: &str,
        place: Nesting,
    ) -> Result<Vec<Draft>, Refusal> {
        let drafts = self.draft_children(bot, given, path, place, MAX_NESTING)?;
        let total = count(&drafts);
        if total > MAX_BLOCKS {
            let complaint =
                format!("{path} should contain ≤ `{MAX_BLOCKS}` blocks, instead contained `{total}`.");
            return Err(Refusal::body(complaint));
        }
        Ok(drafts)
    }

    fn draft_children(
        &self,
        bot: Uuid,
        given: &Value,
        path: &str,
        place: Nesting,
        depth: usize,
    ) -> Result<Vec<Draft>, Refusal> {
        let items = array(given, path, MAX_CHILDREN).map_err(Refusal::body)?;
        let draft = |(at, item)| self.draft(bot, item, &format!("{path}[{at}]"), place, depth);
        items.iter().enumerate().map(draft).collect()
    }

    fn draft(
        &self,
        bot: Uuid,
        given: &Value,
        path: &str,
        place: Nesting,
        depth: usize,
    ) -> Result<Draft, Refusal> {
        let block = object(given, path).map_err(Refusal::body)?;
        let kind = kind_of(block, path)?;
        let path = format!("{path}.{}", kind.name);
        fits(kind, place, &path)?;
        let inner = block.get(kind.name).unwrap_or(&Value::Null);
        let mut content = object(inner, &path).map_err(Refusal::body)?.clone();
        let nested = content.remove("children");
        fields(&content, kind.made, &path).map_err(Refusal::body)?;
        let children = match nested {
            Some(nested) => self.nested(bot, kind, &content, &nested, &path, depth)?,
            None if matches!(kind.nesting, Nesting::Rows | Nesting::Columns) || kind.name == "column" => {
                return Err(Refusal::body(missing(&path, "children")));
            }
            None => Vec::new(),
        };
        check_table(kind, &content, &children, &path)?;
        let content = self.settle(bot, kind, content)?;
        Ok(Draft { kind, content, children })
    }

    fn nested(
        &self,
        bot: Uuid,
        kind: &'static Kind,
        content: &Map<String, Value>,
        nested: &Value,
        path: &str,
        depth: usize,
    ) -> Result<Vec<Draft>, Refusal> {
        let path = format!("{path}.children");
        // A column is a level of its own only for the list around it.
        let deeper = if kind.name == "column" { Some(depth) } else { depth.checked_sub(1) };
        let deeper = deeper
            .ok_or_else(|| Refusal::body(format!("{path} should be not present, instead was `{nested}`.")))?;
        if !can_nest(kind.nesting, content) {
            return Err(Refusal::body(format!(
                "{path} should be not present: the block does not support children."
            )));
        }
        self.draft_children(bot, nested, &path, kind.nesting, deeper)
    }

    /// Content as answers carry it.
    pub(super) fn settle(
        &self,
        bot: Uuid,
        kind: &Kind,
        mut content: Map<String, Value>,
    ) -> Result<Map<String, Value>, Refusal> {
        for key in ["rich_text", "caption"] {
            if let Some(given) = content.get(key) {
                let settled = self.rich_text(bot, given)?;
                content.insert(key.to_owned(), settled);
            }
        }
        if let Some(cells) = content.get("cells").and_then(Value::as_array) {
            let settled =
                cells.iter().map(|cell| self.rich_text(bot, cell)).collect::<Result<Vec<_>, _>>()?;
            content.insert("cells".to_owned(), Value::Array(settled));
        }
        if let Some(icon) = content.get("icon") {
            content.insert("icon".to_owned(), media::settled(icon));
        }
        kind.fill(&mut content);
        Ok(content)
    }

    /// Makes the blocks part of the workspace, under `parent` at `position`; the ids of the outermost, in order.
    pub(super) fn plant(
        &mut self,
        parent: Parent,
        position: usize,
        drafts: Vec<Draft>,
        stamp: Stamp,
    ) -> Vec<Uuid> {
        let ids: Vec<_> = drafts.into_iter().map(|draft| self.plant_one(parent, draft, stamp)).collect();
        if let Parent::Page(under) | Parent::Block(under) = parent
            && let Some(children) = self.workspace.children_mut(under)
        {
            let position = position.min(children.len());
            children.splice(position..position, ids.iter().copied());
        }
        ids
    }

    fn plant_one(&mut self, parent: Parent, draft: Draft, stamp: Stamp) -> Uuid {
        let id = self.seed.uuid();
        let Draft { kind, content, children } = draft;
        let block = Block {
            parent,
            kind: kind.name.to_owned(),
            content,
            children: Vec::new(),
            in_trash: false,
            stamp,
        };
        self.workspace.blocks.insert(id, block);
        self.plant(Parent::Block(id), 0, children, stamp);
        id
    }
}

/// Whether a block with this content can hold others.
pub(super) fn can_nest(nesting: Nesting, content: &Map<String, Value>) -> bool {
    match nesting {
        Nesting::Nothing => false,
        Nesting::Toggleable => content.get("is_toggleable") == Some(&Value::Bool(true)),
        Nesting::Blocks | Nesting::Rows | Nesting::Columns => true,
    }
}

fn kind_of(block: &Map<String, Value>, path: &str) -> Result<&'static Kind, Refusal> {
    let named = block.keys().find_map(|key| Kind::named(key));
    let unknown = || {
        let lines: Vec<_> = Kind::names().map(|name| missing(path, name)).collect();
        Refusal::malformed(format!("body failed validation. Fix one:\n{}", lines.join("\n")))
    };
    let kind = named.ok_or_else(unknown)?;
    for (key, value) in block {
        let fine = match key.as_str() {
            "object" => value == "block",
            "type" => value == kind.name,
            other => other == kind.name,
        };
        if !fine {
            return Err(Refusal::body(format!("{path}.{key} should be not present, instead was `{value}`.")));
        }
    }
    Ok(kind)
}

fn fits(kind: &Kind, place: Nesting, path: &str) -> Result<(), Refusal> {
    let fine = match place {
        Nesting::Rows => kind.name == "table_row",
        Nesting::Columns => kind.name == "column",
        _ => !matches!(kind.name, "table_row" | "column"),
    };
    if fine {
        Ok(())
    } else {
        Err(Refusal::body(format!("{path} should be not present: it cannot be placed here.")))
    }
}

fn check_table(kind: &Kind, content: &Map<String, Value>, rows: &[Draft], path: &str) -> Result<(), Refusal> {
    if kind.nesting == Nesting::Columns && rows.len() < 2 {
        return Err(Refusal::body(format!(
            "{path}.children.length should be ≥ `2`, instead was `{}`.",
            rows.len()
        )));
    }
    if kind.nesting != Nesting::Rows {
        return Ok(());
    }
    let width = content.get("table_width").and_then(Value::as_u64).unwrap_or_default();
    let width_of = |row: &Draft| {
        row.content.get("cells").and_then(Value::as_array).map_or(0, |cells| cells.len() as u64)
    };
    if width == 0 || rows.is_empty() {
        return Err(Refusal::body(format!("{path}: a table needs at least one column and one row.")));
    }
    if rows.iter().any(|row| width_of(row) != width) {
        return Err(Refusal::unsuitable(
            "Number of cells in table row must match the table width of the parent table",
        ));
    }
    Ok(())
}

fn count(drafts: &[Draft]) -> usize {
    drafts.iter().map(|draft| 1 + count(&draft.children)).sum()
}
