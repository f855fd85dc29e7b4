//! The doubles through the SDK's own clients: what they accept, what they refuse, and what a hook may do.

#![expect(clippy::unwrap_used, reason = "a test stops where something unexpected happens")]

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_doubles::{
    After, Aws, Before, Call, Calm, Clients, Decision, Failure, Hook, KEY_ID, KeyTrouble, Service, TABLE,
};
use aws_sdk_dynamodb::types::{AttributeValue, Get, KeysAndAttributes, TransactGetItem};
use aws_sdk_kms::error::ProvideErrorMetadata;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use aws_sdk_s3::primitives::ByteStream;
use jiff::Timestamp;

const FIFO: &str = "https://sqs.eu-central-1.amazonaws.com/111122223333/jobs.fifo";
const PLAIN: &str = "https://sqs.eu-central-1.amazonaws.com/111122223333/events";
const HIDDEN: Duration = Duration::from_mins(1);

struct World {
    aws: Aws,
    clients: Clients,
    now: Arc<AtomicI64>,
}

fn world() -> World {
    world_with(Arc::new(Calm))
}

fn world_with(hook: Arc<dyn Hook>) -> World {
    let now = Arc::new(AtomicI64::new(1_767_225_600_000));
    let clock = now.clone();
    let aws = Aws::new(Arc::new(move || Timestamp::from_millisecond(clock.load(Ordering::SeqCst)).unwrap()));
    World { clients: aws.clients(hook), aws, now }
}

impl World {
    fn pass(&self, time: Duration) {
        self.now.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    async fn put_item(&self, pk: &str, expires_at: i64) -> Result<(), Option<String>> {
        let put = self.clients.dynamo.put_item().table_name(TABLE).item("pk", AttributeValue::S(pk.into()));
        let put = put.item("sk", AttributeValue::S("s".into()));
        let put = put.item("expires_at", AttributeValue::N(expires_at.to_string()));
        let put = put.condition_expression("attribute_not_exists(pk)");
        put.send().await.map(drop).map_err(|error| error.code().map(str::to_owned))
    }

    async fn send(&self, body: &str, group: &str, deduplication_id: &str) {
        let send = self.clients.sqs.send_message().queue_url(FIFO).message_body(body);
        send.message_group_id(group).message_deduplication_id(deduplication_id).send().await.unwrap();
    }

    fn receive(&self) -> Vec<String> {
        self.aws.receive(FIFO, 10, HIDDEN).into_iter().map(|message| message.body).collect()
    }
}

#[tokio::test]
async fn the_table_keeps_conditions_and_forgets_what_expired() {
    let world = world();
    world.put_item("a", 1_767_225_700).await.unwrap();
    let refused = world.put_item("a", 0).await.unwrap_err();
    assert_eq!(refused.as_deref(), Some("ConditionalCheckFailedException"));
    assert_eq!(world.aws.items().len(), 1);
    assert_eq!(world.aws.items()[0]["expires_at"], 1_767_225_700);
    assert_eq!(world.aws.sweep_expired(), 0);
    world.pass(Duration::from_secs(200));
    assert_eq!((world.aws.sweep_expired(), world.aws.items().len()), (1, 0));
    assert_eq!(world.aws.count(Service::Dynamo, "PutItem"), 2);
}

#[tokio::test]
async fn the_table_reads_no_more_at_once_than_dynamodb() {
    let world = world();
    let text = |value: String| AttributeValue::S(value);
    let keys: Vec<_> = (0..45)
        .map(|number| {
            [("pk".to_owned(), text(number.to_string())), ("sk".to_owned(), text("s".to_owned()))].into()
        })
        .collect::<Vec<std::collections::HashMap<_, _>>>();
    for key in &keys {
        let put = world.clients.dynamo.put_item().table_name(TABLE).set_item(Some(key.clone()));
        put.item("long", text("x".repeat(390_000))).send().await.unwrap();
    }
    let together = async |count: usize| {
        let gets = keys[..count].iter().map(|key| {
            let get = Get::builder().table_name(TABLE).set_key(Some(key.clone())).build().unwrap();
            TransactGetItem::builder().get(get).build()
        });
        let get = world.clients.dynamo.transact_get_items().set_transact_items(Some(gets.collect()));
        get.send()
            .await
            .map(|answer| answer.responses().len())
            .map_err(|error| error.code().map(str::to_owned))
    };
    assert_eq!(together(10).await, Ok(10));
    assert_eq!(together(11).await, Err(Some("ValidationException".to_owned())));
    let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).build().unwrap();
    let batch = world.clients.dynamo.batch_get_item().request_items(TABLE, wanted).send().await.unwrap();
    let (found, left) = (batch.responses().unwrap()[TABLE].len(), batch.unprocessed_keys().unwrap());
    assert_eq!((found, left[TABLE].keys().len()), (43, 2), "16 MB");
    assert_eq!(left[TABLE].keys()[0]["pk"], text("1".to_owned()), "the first ones");
}

#[tokio::test]
async fn a_data_key_opens_only_with_its_context_and_a_well_key() {
    let world = world();
    let kms = &world.clients.kms;
    let generate = kms.generate_data_key().key_id(KEY_ID).key_spec(DataKeySpec::Aes256);
    let key =
        generate.encryption_context("user", "u").encryption_context("purpose", "p").send().await.unwrap();
    let (wrapped, plain) = (key.ciphertext_blob.unwrap(), key.plaintext.unwrap());
    let open = async |wrapped: Blob, user: &str| {
        let open = kms.decrypt().ciphertext_blob(wrapped).encryption_context("purpose", "p");
        let answer = open.encryption_context("user", user).send().await;
        answer.map(|answer| answer.plaintext.unwrap()).map_err(|error| error.code().unwrap().to_owned())
    };
    assert_eq!(open(wrapped.clone(), "u").await, Ok(plain.clone()));
    assert_eq!(open(wrapped.clone(), "v").await.unwrap_err(), "InvalidCiphertextException");
    let mut changed = wrapped.clone().into_inner();
    changed[20] ^= 1;
    assert_eq!(open(Blob::new(changed), "u").await.unwrap_err(), "InvalidCiphertextException");
    assert_eq!(open(Blob::new([]), "u").await.unwrap_err(), "InvalidCiphertextException");
    for (trouble, code) in
        [(KeyTrouble::Denied, "AccessDeniedException"), (KeyTrouble::Disabled, "DisabledException")]
    {
        world.aws.trouble_key(trouble);
        assert_eq!(open(wrapped.clone(), "u").await.unwrap_err(), code);
    }
    world.aws.trouble_key(KeyTrouble::Well);
    world.aws.throttle_key(1);
    assert_eq!(open(wrapped.clone(), "u").await.unwrap_err(), "ThrottlingException");
    assert_eq!(open(wrapped, "u").await, Ok(plain));
    let unknown = kms.decrypt().key_id("other").ciphertext_blob(Blob::new([1])).send().await.unwrap_err();
    assert_eq!(unknown.code(), Some("NotFoundException"));
}

#[tokio::test]
async fn an_object_is_whole_or_not_there() {
    let world = world();
    let (s3, key) = (&world.clients.s3, "alice%/v 1/transcription.vtt");
    let put = s3.put_object().bucket("transcripts").key(key).content_type("text/vtt");
    put.body(ByteStream::from_static("WEBVTT\n\nä".as_bytes())).send().await.unwrap();
    let got = s3.get_object().bucket("transcripts").key(key).send().await.unwrap();
    assert_eq!(got.content_type(), Some("text/vtt"));
    assert_eq!(got.body.collect().await.unwrap().to_vec(), "WEBVTT\n\nä".as_bytes());
    let head = s3.head_object().bucket("transcripts").key(key).send().await.unwrap();
    assert_eq!(head.content_length(), Some(10));
    let again = s3.put_object().bucket("transcripts").key(key).if_none_match("*");
    assert_eq!(again.send().await.unwrap_err().code(), Some("PreconditionFailed"));
    let stale = s3.put_object().bucket("transcripts").key(key).if_match("\"stale\"");
    assert_eq!(stale.send().await.unwrap_err().code(), Some("PreconditionFailed"));
    s3.delete_object().bucket("transcripts").key(key).send().await.unwrap();
    assert!(world.aws.objects().is_empty());
    let gone = s3.get_object().bucket("transcripts").key(key).send().await.unwrap_err();
    assert!(gone.as_service_error().unwrap().is_no_such_key());
    let gone = s3.head_object().bucket("transcripts").key(key).send().await.unwrap_err();
    assert!(gone.as_service_error().unwrap().is_not_found());
    world.aws.put_object("transcripts", "k", "x");
    assert_eq!(world.aws.objects()[&("transcripts".into(), "k".into())], b"x");
}

#[tokio::test]
async fn a_fifo_queue_keeps_groups_in_order_and_duplicates_out() {
    let world = world();
    world.aws.create_queue(FIFO, 3);
    for (body, group, id) in [("a1", "a", "1"), ("a2", "a", "2"), ("a1 again", "a", "1"), ("b1", "b", "3")] {
        world.send(body, group, id).await;
    }
    assert_eq!(world.aws.bodies(FIFO), ["a1", "a2", "b1"]);
    let first = world.aws.receive(FIFO, 1, HIDDEN);
    assert_eq!(first[0].body, "a1");
    assert_eq!(world.receive(), ["b1"], "a's second waits for its first");
    world.aws.delete_message(FIFO, first[0].receipt.as_deref().unwrap());
    assert_eq!(world.receive(), ["a2"]);
    world.send("a1 deleted, still a duplicate", "a", "1").await;
    assert_eq!(world.aws.bodies(FIFO), ["a2", "b1"]);
    world.pass(Duration::from_mins(5));
    world.send("a1 much later", "a", "1").await;
    assert_eq!(world.receive(), ["a2", "b1", "a1 much later"]);
}

#[tokio::test]
async fn a_message_comes_back_until_it_is_given_up() {
    let world = world();
    world.aws.create_queue(FIFO, 2);
    world.send("poison", "a", "1").await;
    let first = world.aws.receive(FIFO, 1, HIDDEN).remove(0);
    assert_eq!(world.receive(), Vec::<String>::new());
    world.aws.return_message(FIFO, first.receipt.as_deref().unwrap());
    let second = world.aws.receive(FIFO, 1, HIDDEN).remove(0);
    assert_eq!(second.receives, 2);
    world.aws.delete_message(FIFO, first.receipt.as_deref().unwrap());
    assert_eq!(world.aws.bodies(FIFO), ["poison"], "an old receipt deletes nothing");
    world.pass(HIDDEN);
    assert_eq!(world.receive(), Vec::<String>::new());
    assert_eq!(world.aws.dead_messages(FIFO).len(), 1);
}

#[tokio::test]
async fn queues_refuse_what_the_real_ones_refuse() {
    let world = world();
    let sqs = &world.clients.sqs;
    let to = |url: &str| sqs.send_message().queue_url(url).message_body("x");
    assert!(to(FIFO).send().await.unwrap_err().as_service_error().unwrap().is_queue_does_not_exist());
    world.aws.create_queue(FIFO, 3);
    world.aws.create_queue(PLAIN, 3);
    for wrong in [
        to(FIFO),
        to(FIFO).message_group_id("g"),
        to(FIFO).message_group_id("g").message_deduplication_id("d").delay_seconds(1),
        to(PLAIN).delay_seconds(901),
        sqs.send_message().queue_url(PLAIN).message_body(""),
    ] {
        assert!(wrong.send().await.is_err());
    }
    to(PLAIN).delay_seconds(10).send().await.unwrap();
    assert!(world.aws.receive(PLAIN, 1, HIDDEN).is_empty());
    world.pass(Duration::from_secs(10));
    let received = sqs.receive_message().queue_url(PLAIN).visibility_timeout(5).send().await.unwrap();
    let receipt = received.messages()[0].receipt_handle().unwrap();
    let hide = sqs.change_message_visibility().queue_url(PLAIN).receipt_handle(receipt);
    hide.visibility_timeout(0).send().await.unwrap();
    assert_eq!(world.aws.receive(PLAIN, 1, HIDDEN).len(), 1);
}

#[tokio::test]
async fn a_secret_is_there_or_not() {
    let world = world();
    world.aws.put_secret("patchbay", "{}");
    let get = |id: &str| world.clients.secrets.get_secret_value().secret_id(id).send();
    assert_eq!(get("patchbay").await.unwrap().secret_string(), Some("{}"));
    assert!(get("other").await.unwrap_err().as_service_error().unwrap().is_resource_not_found_exception());
}

/// Does what it is told, once, to the first exchange.
struct Once(Mutex<Option<Before>>, Mutex<Option<After>>);

impl Hook for Once {
    fn before<'a>(&'a self, _: &'a Call) -> Decision<'a, Before> {
        let told = self.0.lock().unwrap().take();
        Box::pin(std::future::ready(told.unwrap_or(Before::Proceed)))
    }

    fn after<'a>(&'a self, _: &'a Call) -> Decision<'a, After> {
        let told = self.1.lock().unwrap().take();
        Box::pin(std::future::ready(told.unwrap_or(After::Deliver)))
    }
}

fn once(before: Before, after: After) -> World {
    world_with(Arc::new(Once(Mutex::new(Some(before)), Mutex::new(Some(after)))))
}

#[tokio::test(start_paused = true)]
async fn a_hook_kills_fails_and_loses_before_and_after_the_effect() {
    let busy = Failure::Answer { status: 400, code: "ThrottlingException".into() };
    for (before, done) in [(Before::Fail(Failure::Refused), 0), (Before::Fail(busy), 0), (Before::Kill, 0)] {
        let world = once(before, After::Deliver);
        let put = tokio::time::timeout(HIDDEN, world.put_item("a", 0)).await;
        assert!(!matches!(put, Ok(Ok(()))));
        assert_eq!(world.aws.items().len(), done);
        assert_eq!(world.aws.calls().len(), 1, "the SDK does not repeat by itself");
    }
    for after in [After::Kill, After::Lose] {
        let world = once(Before::Proceed, after);
        let put = tokio::time::timeout(HIDDEN, world.put_item("a", 0)).await;
        assert_eq!(put.is_err(), after == After::Kill);
        assert!(!matches!(put, Ok(Ok(()))));
        assert_eq!(world.aws.items().len(), 1, "it was done");
    }
}

#[tokio::test]
async fn every_exchange_is_counted_in_order() {
    let world = world();
    world.aws.create_queue(FIFO, 3);
    world.put_item("a", 0).await.unwrap();
    world.send("x", "g", "d").await;
    let body = ByteStream::from_static(b"x");
    world.clients.s3.put_object().bucket("b").key("k").body(body).send().await.unwrap();
    let seen: Vec<_> =
        world.aws.calls().into_iter().map(|call| (call.number, call.service, call.operation)).collect();
    let expected =
        [(1, Service::Dynamo, "PutItem"), (2, Service::Sqs, "SendMessage"), (3, Service::S3, "PutObject")];
    assert_eq!(seen, expected.map(|(number, service, operation)| (number, service, operation.to_owned())));
}
