//! Serves the stand-ins on loopback sockets, for the local stack and for the official SDKs that examine them.
//!
//! `simulators [--notion 127.0.0.1:0] [--openai 127.0.0.1:0] [--deepgram 127.0.0.1:0] [--google 127.0.0.1:0]
//! [--ready-file PATH] [--seed N]`
//!
//! Without a service all are started. The ready file gets `{"notion":"http://127.0.0.1:1234",…}` once all listen.

mod server;

use server::{Arguments, Shared, control::Controlled};
use simulators::{
    Deepgram, DeepgramConfig, Google, GoogleConfig, Notion, NotionConfig, OpenAi, OpenAiConfig, StandIn,
};
use std::{collections::BTreeMap, net::SocketAddr, process::ExitCode, sync::Arc};
use tokio::{net::TcpListener, sync::Mutex};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            complain(&complaint);
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    let mut addresses = BTreeMap::new();
    if let Some(address) = arguments.notion {
        addresses
            .insert("notion", start(Notion::new(arguments.seed, NotionConfig::default()), address).await?.0);
    }
    if let Some(address) = arguments.openai {
        addresses
            .insert("openai", start(OpenAi::new(arguments.seed, OpenAiConfig::default()), address).await?.0);
    }
    if let Some(address) = arguments.deepgram {
        let (address, shared) =
            start(Deepgram::new(arguments.seed, DeepgramConfig::default()), address).await?;
        addresses.insert("deepgram", address);
        tokio::spawn(server::deliver::deliver(shared));
    }
    if let Some(address) = arguments.google {
        let (address, shared) = start(Google::new(arguments.seed, GoogleConfig::default()), address).await?;
        addresses.insert("google", address);
        tokio::spawn(server::deliver::deliver(shared));
    }
    let urls: BTreeMap<_, _> =
        addresses.iter().map(|(name, address)| (*name, format!("http://{address}"))).collect();
    server::announce(&urls, arguments.ready_file.as_deref())?;
    server::until_told_to_stop().await
}

async fn start<S: Controlled + 'static>(
    simulator: S,
    address: SocketAddr,
) -> Result<(SocketAddr, Shared<S>), String> {
    let shared = Arc::new(Mutex::new(StandIn::new(simulator)));
    let listener = TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    tokio::spawn(server::serve(listener, Arc::clone(&shared)));
    Ok((address, shared))
}

#[expect(clippy::print_stderr, reason = "a program says on its standard error why it ends")]
fn complain(complaint: &str) {
    eprintln!("simulators: {complaint}");
}
