//! Wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    runtime::serve::http(oauth_start::routes).await
}
