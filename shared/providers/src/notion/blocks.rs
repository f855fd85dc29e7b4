//! Blocks: the content of a page.

use std::collections::HashSet;

use http::Method;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Block, Listed, MAX_READINGS, NewBlock, Notion, pages::is_about_trash, path_id, versioned, wire};
use crate::{
    error::Error,
    http::{bearer, get},
};

/// Where among the children of a page or block new ones go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// Before all others.
    Start,
    /// After all others.
    End,
    /// After the child of this id.
    After(String),
}

/// What appends blocks.
#[derive(Serialize)]
struct Appending<'a> {
    children: &'a [NewBlock],
    position: Value,
}

impl Notion {
    /// Appends blocks inside a page or block, at most 100 of them. The result are their ids in order.
    ///
    /// After [`Error::Ambiguous`] list the children before appending again.
    pub async fn append_children(
        &self,
        parent_id: &str,
        position: &Position,
        children: &[NewBlock],
    ) -> Result<Vec<String>, Error> {
        let position = match position {
            Position::Start => json!({"type": "start"}),
            Position::End => json!({"type": "end"}),
            Position::After(sibling) => json!({"type": "after_block", "after_block": {"id": sibling}}),
        };
        let path = format!("/v1/blocks/{}/children", path_id(parent_id)?);
        let body = Appending { children, position };
        let answer: wire::List<Value> = self.once(Method::PATCH, &path, &body).await?;
        Ok(answer.results.into_iter().filter_map(wire::block).map(|block| block.id).collect())
    }

    /// One block, also one in the trash.
    pub async fn block(&self, id: &str) -> Result<Block, Error> {
        let raw = self.read::<Value>(&format!("/v1/blocks/{}", path_id(id)?)).await?;
        wire::block(raw).ok_or(Error::BadResponse)
    }

    /// The blocks directly inside a page or block, in order, each once.
    ///
    /// What somebody drags while a list of several pages is read may be on none of them: such a list is read until two
    /// readings agree, unless `is_complete` sees that nothing is missing.
    pub async fn list_children(
        &self,
        parent_id: &str,
        is_complete: impl Fn(&[Block]) -> bool,
    ) -> Result<Vec<Block>, Error> {
        let mut before = None;
        for _ in 0..MAX_READINGS {
            let (blocks, pages) = self.read_children(parent_id).await?;
            let ids = Some(blocks.iter().map(|block| block.id.clone()).collect::<Vec<_>>());
            if pages == 1 || is_complete(&blocks) || before == ids {
                return Ok(blocks);
            }
            before = ids;
        }
        Err(Error::Unavailable)
    }

    /// The blocks as one reading shows them, and on how many pages.
    async fn read_children(&self, parent_id: &str) -> Result<(Vec<Block>, usize), Error> {
        let path = format!("{}/v1/blocks/{}/children?page_size=100", self.root, path_id(parent_id)?);
        let ask = |cursor: Option<&str>| {
            let cursor = cursor.map(path_id).transpose().map_err(|_| Error::BadResponse)?;
            let more = cursor.map(|cursor| format!("&start_cursor={cursor}")).unwrap_or_default();
            get(&format!("{path}{more}"), bearer(&self.token)?).map(versioned)
        };
        let Listed { entries, pages, is_whole } = self.list::<Value>(ask).await?;
        if !is_whole {
            return Err(Error::BadResponse);
        }
        // One that somebody drags meanwhile may be on two pages, too.
        let mut seen = HashSet::new();
        let blocks = entries.into_iter().filter_map(wire::block);
        Ok((blocks.filter(|block| seen.insert(block.id.clone())).collect(), pages))
    }

    /// Replaces the content of a block; `content` holds its type as the key. Safe to repeat; after [`Error::Ambiguous`] it may
    /// still arrive, and replace what was written later.
    pub async fn update_block(&self, id: &str, content: &Value) -> Result<(), Error> {
        let path = format!("/v1/blocks/{}", path_id(id)?);
        self.once::<Value>(Method::PATCH, &path, content).await.map(drop)
    }

    /// Throws a block away. Safe to repeat; a block that is in the trash already stays there. One that is not found may be gone, or
    /// not be shared. After [`Error::Ambiguous`] it may still go.
    pub async fn delete_block(&self, id: &str) -> Result<(), Error> {
        let path = format!("/v1/blocks/{}", path_id(id)?);
        match self.once::<Value>(Method::PATCH, &path, &json!({"in_trash": true})).await {
            Ok(_) => Ok(()),
            Err(error) if is_about_trash(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
