//! Where things are in the table: the only place that builds keys.
//!
//! Parts are escaped, so that no two subjects share a key whatever they are called.

use std::fmt::Write;

use domain::{JobId, PlanId, ProviderId, UserId, VideoId};
use jiff::Timestamp;
use uuid::Uuid;

/// The place of one item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

/// Prefix of a user's connections.
pub(crate) const CONNECTIONS: &str = "CONN#";
/// Prefix of a user's recordings.
pub(crate) const VIDEOS: &str = "VIDEO#";
/// Prefix of a user's plans. What is in them is elsewhere, so that lists do not read it.
pub(crate) const PLANS: &str = "PLAN#";
/// Prefix of a user's scheduled syncs.
pub(crate) const SCHEDULED_SYNCS: &str = "SCHEDULED#";
/// Prefix of the pointers that put a user's jobs in the order of their creation.
pub(crate) const JOBS_BY_TIME: &str = "JOBTIME#";

impl Key {
    fn of_user(user: &UserId, sk: String) -> Self {
        Self { pk: partition(user), sk }
    }

    fn alone(kind: &str, parts: &[&str]) -> Self {
        Self { pk: join(kind, parts), sk: kind.to_owned() }
    }

    pub(crate) fn account(user: &UserId) -> Self {
        Self::of_user(user, "ACCOUNT".to_owned())
    }

    pub(crate) fn connection(user: &UserId, provider: ProviderId) -> Self {
        Self::of_user(user, format!("{CONNECTIONS}{provider}"))
    }

    pub(crate) fn video(user: &UserId, id: &VideoId) -> Self {
        Self::of_user(user, format!("{VIDEOS}{id}"))
    }

    pub(crate) fn plan(user: &UserId, id: &PlanId) -> Self {
        Self::of_user(user, format!("{PLANS}{id}"))
    }

    pub(crate) fn plan_body(user: &UserId, id: &PlanId) -> Self {
        Self::of_user(user, format!("PLANBODY#{id}"))
    }

    pub(crate) fn job(user: &UserId, id: &JobId) -> Self {
        Self::of_user(user, format!("JOB#{id}"))
    }

    pub(crate) fn job_by_time(user: &UserId, created_at: Timestamp, id: &JobId) -> Self {
        Self::of_user(user, format!("{JOBS_BY_TIME}{}", time_and_job(created_at, id)))
    }

    pub(crate) fn scheduled_sync(user: &UserId, id: &str) -> Self {
        Self::of_user(user, format!("{SCHEDULED_SYNCS}{id}"))
    }

    pub(crate) fn draft(user: &UserId, content_hash: &str) -> Self {
        Self::of_user(user, join("DRAFT", &[content_hash]))
    }

    pub(crate) fn usage(user: &UserId, metric: &str, period: &str) -> Self {
        Self::of_user(user, format!("USAGE#{metric}#{period}"))
    }

    pub(crate) fn connect_session(hash: &str) -> Self {
        Self::alone("SESSION", &[hash])
    }

    pub(crate) fn oauth_state(hash: &str) -> Self {
        Self::alone("OAUTH", &[hash])
    }

    pub(crate) fn transcription(job: &JobId) -> Self {
        Self::alone("TRANSCRIPTION", &[job.as_str()])
    }

    pub(crate) fn channel(id: &str) -> Self {
        Self::alone("CHANNEL", &[id])
    }

    pub(crate) fn idempotency(user: &UserId, operation: &str, key: &str) -> Self {
        Self::alone("IDEM", &[user.as_str(), operation, key])
    }

    pub(crate) fn intent(ext_id: Uuid) -> Self {
        Self::alone("INTENT", &[&ext_id.to_string()])
    }

    pub(crate) fn lease(parts: &[&str]) -> Self {
        Self::alone("LEASE", parts)
    }

    pub(crate) fn pace(parts: &[&str]) -> Self {
        Self::alone("PACE", parts)
    }
}

/// Where everything of a user is.
pub(crate) fn partition(user: &UserId) -> String {
    join("USER", &[user.as_str()])
}

/// Where everything of a user's sync is.
pub(crate) fn sync_partition(user: &UserId, subject: &str) -> String {
    join("SYNC", &[user.as_str(), subject])
}

/// Creation time and id of a job, sorting by time: the part of its pointer's key that a cursor shows.
pub(crate) fn time_and_job(created_at: Timestamp, id: &JobId) -> String {
    format!("{:013}#{id}", created_at.as_millisecond().max(0))
}

/// Due work is spread over this many partitions; a sweep asks each of them.
pub(crate) const DUE_SHARDS: u8 = 4;

/// The partition of due work into which an id falls; the same for ever.
pub(crate) fn due_shard(id: &str) -> String {
    let sum = id.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    due_partition(sum % DUE_SHARDS)
}

/// A partition of due work.
pub(crate) fn due_partition(shard: u8) -> String {
    format!("DUE#{shard}")
}

fn join(kind: &str, parts: &[&str]) -> String {
    let mut key = kind.to_owned();
    for part in parts {
        key.push('#');
        for character in part.chars() {
            match character {
                '#' | '%' => _ = write!(key, "%{:02X}", u32::from(character)),
                _ => key.push(character),
            }
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_contain_separators_stay_apart() {
        let user = |text: &str| text.parse::<UserId>().unwrap();
        let keys = [
            Key::idempotency(&user("a#b"), "c", "d"),
            Key::idempotency(&user("a"), "b#c", "d"),
            Key::idempotency(&user("a"), "b", "c#d"),
            Key::idempotency(&user("a%23b"), "c", "d"),
            Key::idempotency(&user("a"), "b", "c%23d"),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "{key:?}");
        }
    }

    #[test]
    fn every_shard_gets_some_of_the_work() {
        let shards: std::collections::BTreeSet<_> = (0..64).map(|n| due_shard(&format!("job-{n}"))).collect();
        let all: std::collections::BTreeSet<_> = (0..DUE_SHARDS).map(due_partition).collect();
        assert_eq!(shards, all);
    }

    #[test]
    fn jobs_sort_by_their_creation() {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        let id = "j".parse().unwrap();
        assert!(time_and_job(at(999), &id) < time_and_job(at(1_000), &id));
        assert!(time_and_job(at(1_799_999_999_999), &id) < time_and_job(at(1_800_000_000_000), &id));
    }
}
