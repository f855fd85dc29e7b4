//! What the functions log, collected for a test to search.

use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};

/// While there is only one subscriber, a line that another thread comes to first is switched off for all threads. So there
/// are always two.
static SECOND: LazyLock<tracing::Dispatch> =
    LazyLock::new(|| tracing::Dispatch::new(tracing_subscriber::registry()));

/// Everything that was logged in this thread.
#[derive(Clone, Default)]
pub(crate) struct Logs(Arc<Mutex<Vec<u8>>>);

impl Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Logs {
    /// Collects what a function would log at `level`, until the guard is dropped.
    pub(crate) fn collect(&self, level: tracing::Level) -> tracing::subscriber::DefaultGuard {
        use tracing_subscriber::layer::SubscriberExt;
        LazyLock::force(&SECOND);
        let logs = self.clone();
        let lines = tracing_subscriber::fmt::layer().json().with_writer(move || logs.clone());
        let subscriber =
            tracing_subscriber::registry().with(lines).with(runtime::telemetry::filter(level.into()));
        tracing::subscriber::set_default(subscriber)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}
