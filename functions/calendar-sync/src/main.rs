//! Wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    runtime::serve::http_and_queue(calendar_sync::routes, calendar_sync::work).await
}
