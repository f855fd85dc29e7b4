//! Channels that nobody wants to hear any more.

use providers::Error;
use providers::google::Calendar;
use store::Channel;

use crate::{Access, App};

/// Closes a channel at Google and listens to it no more. Without Google's name for what it watches it cannot be closed: it
/// ends by itself, unheard.
pub async fn stop_channel(app: &App, access: &mut Access<'_>, channel: &Channel) -> Result<(), Error> {
    let unavailable = |error: store::Error| {
        tracing::warn!("a channel is not forgotten yet: {error}");
        Error::Unavailable
    };
    let mut told = channel.resource_id.clone();
    if told.is_none() {
        let listener = app.store.listener(&channel.id, app.clock.now()).await.map_err(unavailable)?;
        told = listener.and_then(|listener| listener.resource_id);
    }
    if let Some(resource_id) = told {
        let (endpoints, id, resource_id) = (&app.config.endpoints, &channel.id, &resource_id);
        let stop = |http, token| async move {
            // Which calendar it is of, its own name says.
            Calendar::new(http, endpoints, token, "primary").stop(id, resource_id).await
        };
        match access.call(stop).await {
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => tracing::info!("a channel is left to its end: {error}"),
            Ok(()) => {}
        }
    }
    app.store.stop_listening(&channel.id).await.map_err(unavailable)
}
