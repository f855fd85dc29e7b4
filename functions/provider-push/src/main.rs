//! Wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    runtime::serve::http(provider_push::routes).await
}
