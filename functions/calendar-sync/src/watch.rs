//! Channels through which Google tells that something in a calendar changed. They only hasten the next look: whatever becomes of
//! them, it comes by itself.

use domain::{ProviderId, Tier};
use jiff::{SignedDuration, Timestamp};
use providers::signature::sha256_hex;
use runtime::{Access, App, Code, Problem, stop_channel};
use store::{Channel, Class, Listener, ScheduledSync};
use tokio::time::Instant;

use crate::Input;
use crate::calls::Calls;

/// Google ends a channel after this, unless it says otherwise.
const LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// So much earlier there is another one.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// Where Google refuses a channel, it is asked again after this.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// Sees to it that there is one channel where the tier has any, and none elsewhere. What goes wrong is tried again with the next look.
pub(crate) async fn keep(calls: &mut Calls<'_>, sync: &mut ScheduledSync, tier: Tier) {
    if let Err(problem) = try_keep(calls, sync, tier).await {
        tracing::warn!("a calendar is not watched as it is to be: {problem}");
    }
}

async fn try_keep(calls: &mut Calls<'_>, sync: &mut ScheduledSync, tier: Tier) -> Result<(), Problem> {
    let now = calls.app.clock.now();
    sync.channels.retain(|channel| end(channel) > now);
    let is_watched = if tier.real_time() { open(calls, sync, now).await? } else { false };
    if is_watched || !tier.real_time() {
        let old = sync.channels.len() - usize::from(is_watched);
        let mut kept = Vec::new();
        for channel in sync.channels.drain(..old) {
            if stop_channel(calls.app, &mut calls.access, &channel).await.is_err() {
                kept.push(channel);
            }
        }
        kept.append(&mut sync.channels);
        sync.channels = kept;
    }
    Ok(())
}

/// Opens a channel, unless there is one that lasts. Whether there is one now.
async fn open(calls: &mut Calls<'_>, sync: &mut ScheduledSync, now: Timestamp) -> Result<bool, Problem> {
    let lasts = |ends_at: Timestamp| now.duration_until(ends_at) > OVERLAP;
    if sync.channels.last().is_some_and(|channel| channel.ends_at.is_some_and(lasts)) {
        return Ok(true);
    }
    if sync.watch_after.is_some_and(|after| after > now) {
        return Ok(false);
    }
    if sync.channels.last().is_none_or(|channel| channel.ends_at.is_some()) {
        let id = calls.app.random.uuid_v4().to_string();
        sync.channels.push(Channel { id, asked_at: now, ends_at: None, resource_id: None });
    }
    let Some(mut channel) = sync.channels.last().cloned() else { return Ok(false) };
    let app = calls.app;
    let document = app.secrets.document(now).await?;
    let token = document.derived_token(&["channel", sync.user.as_str(), &channel.id])?;
    let listener = Listener {
        user: sync.user.clone(),
        sync: sync.id.clone(),
        token_hash: sha256_hex(token.as_bytes()),
        heard: 0,
        resource_id: None,
        // It may be opened as late as it would end.
        expires_at: end(&channel).saturating_add(LIFE).unwrap_or(Timestamp::MAX),
    };
    // Written down first: Google's first message may precede its answer.
    app.store.listen(&channel.id, listener).await?;
    let saved = app.store.save_scheduled_sync(sync.clone()).await?;
    // Whoever asked for a look meanwhile is met again by the writing that ends this one, and still gets theirs.
    if saved.version == sync.version.saturating_add(1) {
        *sync = saved;
    }
    let address = format!("{}/v1/hooks/google-calendar", app.config.public_url);
    match calls.watch(&channel.id, &token, &address).await {
        Ok(watched) => {
            channel.ends_at = Some(watched.as_ref().map_or(end(&channel), |watched| watched.ends_at));
            channel.resource_id = watched.map(|watched| watched.resource_id);
            sync.channels.pop();
            sync.channels.push(channel);
            Ok(true)
        }
        Err(error) if error.is_transient() => Err(error.into()),
        Err(error) => {
            tracing::warn!("Google opens no channel to us: {error}");
            sync.channels.pop();
            sync.watch_after = now.checked_add(AGAIN).ok();
            app.store.stop_listening(&channel.id).await?;
            Ok(false)
        }
    }
}

/// When a channel ends at the latest.
fn end(channel: &Channel) -> Timestamp {
    channel.ends_at.unwrap_or_else(|| channel.asked_at.saturating_add(LIFE).unwrap_or(Timestamp::MAX))
}

/// Closes all channels and listens to none, as long as there is a way to Google. Whether that is over.
pub(crate) async fn stop_all(app: &App, sync: &mut ScheduledSync, input: &Input, deadline: Instant) -> bool {
    if sync.channels.is_empty() {
        return true;
    }
    let opened = Access::open(app, &sync.user, ProviderId::GoogleCalendar, deadline, Class::Bulk).await;
    let mut kept = Vec::new();
    match opened {
        Ok(mut access) if access.connection().account.id == input.account => {
            for channel in sync.channels.drain(..) {
                if stop_channel(app, &mut access, &channel).await.is_err() {
                    kept.push(channel);
                }
            }
        }
        Err(problem) if !matches!(problem.code(), Code::NotConnected | Code::NeedsReauth) => return false,
        // Nobody can close them any more.
        _ => {
            for channel in sync.channels.drain(..) {
                if app.store.stop_listening(&channel.id).await.is_err() {
                    kept.push(channel);
                }
            }
        }
    }
    sync.channels = kept;
    sync.channels.is_empty()
}
