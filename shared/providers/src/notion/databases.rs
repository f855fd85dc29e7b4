//! Databases, their data sources and their columns.

use http::Method;
use serde_json::{Value, json};

use super::{DataSource, Database, EXTERNAL_ID_NAME, Notion, path_id, wire};
use crate::error::Error;

impl Notion {
    /// Every data source that is shared with us and whose title fits `query`, last edited first.
    pub async fn search_data_sources(&self, query: Option<&str>) -> Result<Vec<DataSource>, Error> {
        let mut body = json!({
            "filter": {"property": "object", "value": "data_source"},
            "sort": {"timestamp": "last_edited_time", "direction": "descending"},
        });
        if let Some(query) = query.filter(|query| !query.is_empty()) {
            body["query"] = query.into();
        }
        let found = self.all::<wire::DataSource>("/v1/search", body).await?;
        Ok(found.into_iter().map(DataSource::from).filter(|source| !source.in_trash).collect())
    }

    /// A database and the names of its data sources.
    pub async fn database(&self, id: &str) -> Result<Database, Error> {
        self.read::<wire::Database>(&format!("/v1/databases/{}", path_id(id)?)).await.map(Into::into)
    }

    /// Creates a database with its first data source. After [`Error::Ambiguous`] look for it before creating it again.
    pub async fn create_database(&self, body: &Value) -> Result<Database, Error> {
        self.once::<wire::Database>(Method::POST, "/v1/databases", body).await.map(Into::into)
    }

    /// A data source with its columns.
    pub async fn data_source(&self, id: &str) -> Result<DataSource, Error> {
        self.read::<wire::DataSource>(&format!("/v1/data_sources/{}", path_id(id)?)).await.map(Into::into)
    }

    /// Adds the column that holds our id of each page, unless a column has its name already
    /// ([`DataSource::has_property`]): adding it would then change that column's type.
    ///
    /// [`Error::Forbidden`] when the schema is locked; after [`Error::Ambiguous`] read the data source again.
    pub async fn add_external_id_property(&self, data_source_id: &str) -> Result<DataSource, Error> {
        let path = format!("/v1/data_sources/{}", path_id(data_source_id)?);
        let body = json!({"properties": {EXTERNAL_ID_NAME: {"rich_text": {}}}});
        self.once::<wire::DataSource>(Method::PATCH, &path, &body).await.map(Into::into)
    }
}
