//! Wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    runtime::serve::http_and_queue(ticket_extraction::routes, ticket_extraction::work).await
}
