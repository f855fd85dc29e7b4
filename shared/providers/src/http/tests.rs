//! Which calls are made again, how long they wait, and what the caller hears at the end.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::stub::{Stub, answer, limited, lost, not_sent, ok, policy, text};

type Outcome = Result<Json<Value>, Error>;

fn request() -> Request<Bytes> {
    Request::post("https://example.com/things").body(Bytes::from_static(b"{}")).unwrap()
}

async fn read(stub: &Arc<Stub>) -> Outcome {
    stub.http().send_idempotent(request()).await
}

async fn write(stub: &Arc<Stub>) -> Outcome {
    stub.http().send_once(request()).await
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_until_it_succeeds() {
    for failure in
        [lost(), not_sent(), text(500, ""), text(502, ""), text(503, ""), text(504, ""), text(200, "<html>")]
    {
        let stub = Stub::new([failure.clone(), failure, ok(&json!({"id": 1}))]);
        assert_eq!(read(&stub).await.unwrap().0["id"], 1);
        assert_eq!(stub.calls(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_gives_up_after_three_attempts() {
    let stub = Stub::new([lost(), text(503, ""), lost()]);
    assert_eq!(read(&stub).await.unwrap_err(), Error::Unavailable);
    let stub = Stub::new([text(200, ""), text(200, "[1"), text(200, "null,")]);
    assert_eq!(read(&stub).await.unwrap_err(), Error::BadResponse);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_may_have_been_applied_is_never_sent_again() {
    for doubt in [
        lost(),
        text(500, ""),
        text(502, "<html>"),
        text(503, ""),
        text(504, ""),
        text(408, ""),
        text(200, "<"),
    ] {
        let stub = Stub::new([doubt]);
        assert_eq!(write(&stub).await.unwrap_err(), Error::Ambiguous { committed: None });
        assert_eq!(stub.calls(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_not_applied_is_sent_again() {
    let stub = Stub::new([not_sent(), limited("1"), ok(&json!({}))]);
    assert!(write(&stub).await.is_ok());
    let stub = Stub::new([text(529, ""), ok(&json!({}))]);
    assert!(write(&stub).await.is_ok());
    let stub = Stub::new([not_sent(), not_sent(), not_sent()]);
    assert_eq!(write(&stub).await.unwrap_err(), Error::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_final() {
    for status in [400, 401, 403, 404, 409, 413, 422] {
        let stub = Stub::new([answer(status, &json!({"code": "no"}))]);
        assert!(read(&stub).await.is_err());
        assert_eq!(stub.calls(), 1, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_wait_is_waited_and_a_long_one_is_the_callers() {
    let stub = Stub::new([limited("2"), ok(&json!({}))]);
    let start = Instant::now();
    read(&stub).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(2));

    let stub = Stub::new([limited("3600")]);
    let error = write(&stub).await.unwrap_err();
    assert_eq!(error, Error::RateLimited { retry_after: Duration::from_hours(1) });
}

#[tokio::test(start_paused = true)]
async fn a_wait_without_sense_is_the_default_one() {
    for nonsense in ["-1", "soon", ""] {
        let stub = Stub::new([limited(nonsense), ok(&json!({}))]);
        let start = Instant::now();
        read(&stub).await.unwrap();
        assert!((Duration::from_secs(1)..Duration::from_secs(2)).contains(&start.elapsed()), "{nonsense}");
    }
}

#[tokio::test(start_paused = true)]
async fn our_own_pace_costs_time_but_no_attempt() {
    let held = |millis| Err(SendError::Paced { retry_after: Duration::from_millis(millis) });
    let stub = Stub::new([held(400), held(400), held(400), held(400), text(503, ""), ok(&json!({}))]);
    read(&stub).await.unwrap();
    let stub = Stub::new([held(4_000), held(2_000)]);
    let error = write(&stub).await.unwrap_err();
    assert_eq!(error, Error::RateLimited { retry_after: Duration::from_secs(2) });
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_after_the_deadline_and_no_wait_goes_beyond_it() {
    let stub = Stub::new([limited("3")]);
    let http = stub.http().with_deadline(Instant::now() + Duration::from_secs(2));
    let outcome: Outcome = http.send_idempotent(request()).await;
    assert_eq!(outcome.unwrap_err(), Error::RateLimited { retry_after: Duration::from_secs(3) });

    let stub = Stub::new([]);
    let outcome: Outcome = stub.http().with_deadline(Instant::now()).send_once(request()).await;
    assert_eq!(outcome.unwrap_err(), Error::Unavailable);
}

/// Never answers.
#[derive(Debug)]
struct Silence;

impl Transport for Silence {
    fn send(&self, _: Request<Bytes>, _: Limits) -> crate::transport::Exchange<'_> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn silence_ends_with_the_time_limit_or_the_deadline() {
    let http = Http::new("silence", Arc::new(Silence), Random::new(|bytes| bytes.fill(0)), policy());
    let start = Instant::now();
    let outcome: Outcome = http.send_once(request()).await;
    assert_eq!(outcome.unwrap_err(), Error::Ambiguous { committed: None });
    assert_eq!(start.elapsed(), Duration::from_secs(10));

    let start = Instant::now();
    let http = http.with_deadline(start + Duration::from_secs(3));
    let outcome: Outcome = http.send_idempotent(request()).await;
    assert_eq!(outcome.unwrap_err(), Error::Unavailable);
    assert_eq!(start.elapsed(), Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_says_nothing_is_fine_where_none_is_needed() {
    let stub = Stub::new([text(204, "")]);
    let outcome: Result<Nothing, Error> = stub.http().send_idempotent(request()).await;
    assert!(outcome.is_ok());
}

#[test]
fn waits_double_up_to_the_cap_and_are_partly_random() {
    let http = |byte: u8| {
        let random = Random::new(move |bytes| bytes.fill(byte));
        Http::new("waits", Stub::new([]), random, policy())
    };
    let least: Vec<_> = [1, 2, 3, 9, u32::MAX].map(|attempt| http(0).backoff(attempt).as_millis()).into();
    assert_eq!(least, [125, 250, 500, 2_500, 2_500]);
    assert!(http(255).backoff(1) > Duration::from_millis(245));
    assert!(http(255).backoff(9) <= Duration::from_secs(5));
}
