//! SQS: queues with groups, deduplication, visibility and a dead-letter place.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::answer::Answer;

const DEDUPLICATION: SignedDuration = SignedDuration::from_mins(5);

/// A message as a queue holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Its body.
    pub body: String,
    /// Its group, on a FIFO queue.
    pub group: Option<String>,
    /// Its deduplication id, on a FIFO queue.
    pub deduplication_id: Option<String>,
    /// Its attributes as they were sent.
    pub attributes: Value,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Until when nobody gets it.
    pub visible_at: Timestamp,
    /// How often it was received.
    pub receives: u32,
    /// What deletes it, once received.
    pub receipt: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) messages: Vec<Message>,
    pub(crate) dead: Vec<Message>,
    fifo: bool,
    max_receives: u32,
    /// Whatever was ever sent.
    pub(crate) bodies: Vec<String>,
    sent: HashMap<String, (Timestamp, String)>,
}

#[derive(Debug, Default)]
pub(crate) struct Sqs {
    pub(crate) queues: BTreeMap<String, Queue>,
    made: u128,
}

impl Sqs {
    /// A queue; FIFO if its name says so. After `max_receives` a message goes to the dead.
    pub(crate) fn create(&mut self, url: &str, max_receives: u32) {
        let fifo = url.rsplit('.').next() == Some("fifo");
        self.queues.insert(url.to_owned(), Queue { fifo, max_receives, ..Queue::default() });
    }

    pub(crate) fn answer(&mut self, operation: &str, body: &Value, now: Timestamp) -> Answer {
        let url = body.get("QueueUrl").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !self.queues.contains_key(&url) {
            let mut answer = Answer::error(400, "com.amazonaws.sqs#QueueDoesNotExist", "no such queue");
            // The SDK still goes by the name from the older protocol.
            answer
                .headers
                .push(("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender".into()));
            return answer;
        }
        match operation {
            "SendMessage" => self.send(&url, body, now).unwrap_or_else(invalid),
            "SendMessageBatch" => self.send_batch(&url, body, now),
            "ReceiveMessage" => {
                let count = |name: &str| body.get(name).and_then(Value::as_u64);
                let most = usize::try_from(count("MaxNumberOfMessages").unwrap_or(1)).unwrap_or(1);
                let seconds = i64::try_from(count("VisibilityTimeout").unwrap_or(30)).unwrap_or(30);
                let received = self.receive(&url, most, SignedDuration::from_secs(seconds), now);
                Answer::json(&json!({"Messages": received.iter().map(on_the_wire).collect::<Vec<_>>()}))
            }
            "DeleteMessage" => {
                let receipt = body.get("ReceiptHandle").and_then(Value::as_str).unwrap_or_default();
                self.delete(&url, receipt);
                Answer::json(&json!({}))
            }
            "ChangeMessageVisibility" => {
                let receipt = body.get("ReceiptHandle").and_then(Value::as_str).unwrap_or_default();
                let seconds = body.get("VisibilityTimeout").and_then(Value::as_i64).unwrap_or_default();
                self.hide(
                    &url,
                    receipt,
                    now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now),
                );
                Answer::json(&json!({}))
            }
            other => Answer::error(400, "UnsupportedOperation", other),
        }
    }

    fn send(&mut self, url: &str, entry: &Value, now: Timestamp) -> Result<Answer, &'static str> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
        let (group, deduplication_id) = (text("MessageGroupId"), text("MessageDeduplicationId"));
        let delay = entry.get("DelaySeconds").and_then(Value::as_i64);
        self.made += 1;
        let id = Uuid::from_u128(self.made).to_string();
        let queue = self.queues.get_mut(url).ok_or("no such queue")?;
        let body = text("MessageBody").filter(|body| !body.is_empty()).ok_or("MessageBody is needed")?;
        if body.len() > 1024 * 1024 {
            return Err("the message is too long");
        }
        if queue.fifo {
            group.as_ref().ok_or("MessageGroupId is needed")?;
            let key = deduplication_id.clone().ok_or("MessageDeduplicationId is needed")?;
            if delay.is_some() {
                return Err("DelaySeconds is not valid for a FIFO queue");
            }
            queue.sent.retain(|_, (at, _)| at.duration_until(now) < DEDUPLICATION);
            if let Some((_, first)) = queue.sent.get(&key) {
                return Ok(Answer::json(&json!({"MessageId": first})));
            }
            queue.sent.insert(key, (now, id.clone()));
        }
        if delay.is_some_and(|seconds| !(0..=900).contains(&seconds)) {
            return Err("DelaySeconds is out of range");
        }
        let delay = SignedDuration::from_secs(delay.unwrap_or_default());
        let visible_at = now.saturating_add(delay).unwrap_or(now);
        let attributes = entry.get("MessageAttributes").cloned().unwrap_or_else(|| json!({}));
        let (receives, receipt, sent_at) = (0, None, now);
        let answer = Answer::json(&json!({"MessageId": id}));
        queue.bodies.push(body.clone());
        queue.messages.push(Message {
            id,
            body,
            group,
            deduplication_id,
            attributes,
            sent_at,
            visible_at,
            receives,
            receipt,
        });
        Ok(answer)
    }

    fn send_batch(&mut self, url: &str, body: &Value, now: Timestamp) -> Answer {
        let (mut successful, mut failed) = (vec![], vec![]);
        let entries = body.get("Entries").and_then(Value::as_array).cloned().unwrap_or_default();
        for entry in entries {
            let id = entry.get("Id").cloned().unwrap_or_default();
            match self.send(url, &entry, now) {
                Ok(answer) => {
                    let sent: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                    successful
                        .push(json!({"Id": id, "MessageId": sent["MessageId"], "MD5OfMessageBody": ""}));
                }
                Err(why) => failed.push(
                    json!({"Id": id, "Code": "InvalidParameterValue", "Message": why, "SenderFault": true}),
                ),
            }
        }
        Answer::json(&json!({"Successful": successful, "Failed": failed}))
    }

    /// Up to `most` messages nobody else holds; a group waits while one of its messages is held.
    pub(crate) fn receive(
        &mut self,
        url: &str,
        most: usize,
        hidden: SignedDuration,
        now: Timestamp,
    ) -> Vec<Message> {
        let Some(queue) = self.queues.get_mut(url) else { return vec![] };
        let (worn, kept) = std::mem::take(&mut queue.messages)
            .into_iter()
            .partition(|message| message.visible_at <= now && message.receives >= queue.max_receives);
        queue.messages = kept;
        queue.dead.extend::<Vec<Message>>(worn);
        let mut held_groups = HashSet::new();
        let mut received = vec![];
        for message in &mut queue.messages {
            let held = message.visible_at > now || held_groups.contains(&message.group);
            if held {
                if message.group.is_some() {
                    held_groups.insert(message.group.clone());
                }
            } else if received.len() < most {
                message.receives += 1;
                message.visible_at = now.saturating_add(hidden).unwrap_or(now);
                message.receipt = Some(format!("{}#{}", message.id, message.receives));
                received.push(message.clone());
            }
        }
        received
    }

    pub(crate) fn delete(&mut self, url: &str, receipt: &str) {
        if let Some(queue) = self.queues.get_mut(url) {
            queue.messages.retain(|message| message.receipt.as_deref() != Some(receipt));
        }
    }

    pub(crate) fn hide(&mut self, url: &str, receipt: &str, until: Timestamp) {
        let messages = self.queues.get_mut(url).into_iter().flat_map(|queue| &mut queue.messages);
        for message in messages.filter(|message| message.receipt.as_deref() == Some(receipt)) {
            message.visible_at = until;
        }
    }
}

fn on_the_wire(message: &Message) -> Value {
    let mut attributes = json!({
        "ApproximateReceiveCount": message.receives.to_string(),
        "SentTimestamp": message.sent_at.as_millisecond().to_string(),
    });
    for (name, value) in
        [("MessageGroupId", &message.group), ("MessageDeduplicationId", &message.deduplication_id)]
    {
        if let Some(value) = value {
            attributes[name] = value.as_str().into();
        }
    }
    json!({
        "MessageId": message.id,
        "ReceiptHandle": message.receipt,
        "Body": message.body,
        "MessageAttributes": message.attributes,
        "Attributes": attributes,
    })
}

fn invalid(why: &str) -> Answer {
    Answer::error(400, "InvalidParameterValue", why)
}
