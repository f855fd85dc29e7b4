//! Any recording and any callback address: the submission is taken, and the report comes back word by word.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use jiff::SignedDuration;
use proptest::{collection::vec, prelude::*};
use providers::{
    Error,
    address::PublicUrl,
    registry::Endpoints,
    speech::{Deepgram as Client, Engine, Report},
};
use simulators::{
    Deepgram, DeepgramConfig,
    deepgram::{Media, Utterance},
};
use url::Url;
use vendors::{assert_deepgram_answer, assert_deepgram_report, assert_deepgram_request};

use crate::door::{Door, now, run};

fn hold(request: &Request<Bytes>, response: &Response<Bytes>) {
    assert_deepgram_request(request);
    assert_deepgram_answer(request, response);
}

fn engine(door: &Arc<Door<Deepgram>>, key: &str) -> Engine {
    Engine::Deepgram(Client::new(door.http(), &Endpoints::default(), key.to_owned().into()))
}

fn server(config: DeepgramConfig) -> Arc<Door<Deepgram>> {
    Door::new(Deepgram::new(5, config), hold)
}

/// Submits a recording; the report that its callback brings.
fn report(door: &Arc<Door<Deepgram>>, media: &str, callback: &str) -> Result<Report, Error> {
    let engine = engine(door, "dg-local");
    let id = run(engine.submit(&media.parse().unwrap(), callback))?;
    let due = door.simulator().due_callbacks(now().checked_add(SignedDuration::from_secs(1)).unwrap());
    assert_eq!((due.len(), &due[0].request_id), (1, &id));
    let sent = due[0].request.uri().to_string();
    assert_eq!(sent, Url::parse(callback).unwrap().as_str());
    assert_deepgram_report(&due[0].request);
    engine.report(due[0].request.body())
}

/// Any public address with a path and a query.
fn media() -> impl Strategy<Value = PublicUrl> {
    "[!-~]{0,40}\\?[!-~]{0,40}"
        .prop_filter_map("an address", |rest| format!("https://media.example.com/{rest}").parse().ok())
}

fn utterances() -> impl Strategy<Value = Vec<Utterance>> {
    let text = vec("\\PC{1,9}", 0..8).prop_map(|words| words.join(" "));
    vec((0..4_u32, text).prop_map(|(speaker, text)| Utterance { speaker, text }), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_recording_is_submitted_and_reported_word_by_word(
        media in media(), token in "\\PC{0,30}", said in utterances(),
    ) {
        let mut callback = Url::parse("https://api.example.com/v1/hooks/deepgram").unwrap();
        callback.path_segments_mut().unwrap().push(&token);
        let door = server(DeepgramConfig::default());
        let words: Vec<_> = said.iter().flat_map(|said| said.text.split_whitespace().map(str::to_owned)).collect();
        door.simulator().set_media(media.as_str(), Media::Said { utterances: said });
        let Report::Heard { utterances, .. } = report(&door, media.as_str(), callback.as_str()).unwrap() else {
            panic!("not heard");
        };
        let heard: Vec<_> = utterances.concat().into_iter().map(|word| word.text).collect();
        prop_assert_eq!(heard, words);
        prop_assert_eq!(door.simulator().violations().to_vec(), Vec::<String>::new());
    }
}

#[test]
fn every_refusal_has_its_meaning() {
    const MEDIA: &str = "https://media.example.com/a.mp4";
    const CALLBACK: &str = "https://api.example.com/hook";
    let door = server(DeepgramConfig::default());
    let stranger = engine(&door, "wrong");
    assert_eq!(run(stranger.submit(&MEDIA.parse().unwrap(), CALLBACK)), Err(Error::Unauthorized));

    door.simulator().set_media(MEDIA, Media::Unreachable);
    let refused = report(&door, MEDIA, CALLBACK);
    assert!(
        matches!(&refused, Err(Error::Rejected { status: 400, code, .. }) if code == "REMOTE_CONTENT_ERROR"),
        "{refused:?}"
    );
    door.simulator().set_media(MEDIA, Media::Corrupt);
    assert!(matches!(report(&door, MEDIA, CALLBACK), Ok(Report::Failed { request_id: Some(_), .. })));
    let refused = report(&door, MEDIA, "https://api.example.com:9000/hook");
    assert!(matches!(&refused, Err(Error::Rejected { status: 400, .. })), "{refused:?}");

    let full = server(DeepgramConfig { concurrency: 0, ..DeepgramConfig::default() });
    assert!(matches!(report(&full, MEDIA, CALLBACK), Err(Error::RateLimited { .. })));
}
