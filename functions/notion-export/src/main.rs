//! Wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    runtime::serve::http_and_queue(notion_export::routes, notion_export::work).await
}
