//! KMS: one symmetric key that wraps data keys and insists on their encryption context.

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::answer::Answer;

/// The key's id. Its ARN and `alias/patchbay` name it as well.
pub const KEY_ID: &str = "0f3ac6a4-6d4b-4c8e-9a53-7d1f0b5e2c11";
const KEY_ARN: &str = "arn:aws:kms:eu-central-1:111122223333:key/0f3ac6a4-6d4b-4c8e-9a53-7d1f0b5e2c11";
const ALIAS: &str = "alias/patchbay";

/// Trouble that a test asks for.
#[derive(Debug, Default)]
pub(crate) struct Kms {
    pub(crate) throttled: usize,
    pub(crate) denied: bool,
    pub(crate) disabled: bool,
    /// The encryption contexts seen, as the audit log of the real service would show them.
    pub(crate) contexts: Vec<BTreeMap<String, String>>,
    made: u64,
}

impl Kms {
    pub(crate) fn answer(&mut self, operation: &str, body: &Value) -> Answer {
        if self.throttled > 0 {
            self.throttled -= 1;
            return Answer::error(400, "ThrottlingException", "Rate exceeded");
        }
        if self.denied {
            return Answer::error(400, "AccessDeniedException", "not authorized");
        }
        if body.get("KeyId").and_then(Value::as_str).is_some_and(|id| ![KEY_ID, KEY_ARN, ALIAS].contains(&id))
        {
            return Answer::error(400, "NotFoundException", "no such key");
        }
        if self.disabled {
            return Answer::error(400, "DisabledException", "the key is disabled");
        }
        let context = body.get("EncryptionContext").cloned().unwrap_or_default();
        self.contexts.push(serde_json::from_value(context).unwrap_or_default());
        match operation {
            "GenerateDataKey" => self.generate(body),
            "Decrypt" => decrypt(body),
            _ => Answer::error(400, "UnsupportedOperationException", operation),
        }
    }

    fn generate(&mut self, body: &Value) -> Answer {
        if body.get("KeyId").is_none() || body.get("KeySpec").and_then(Value::as_str) != Some("AES_256") {
            return Answer::error(400, "ValidationException", "KeyId and KeySpec AES_256 are needed");
        }
        self.made += 1;
        let plaintext = digest(&SHA256, format!("data key {}", self.made).as_bytes());
        let Some(wrapped) = wrap(self.made, plaintext.as_ref(), body) else {
            return Answer::error(500, "KMSInternalException", "sealing failed");
        };
        let [plaintext, wrapped] = [plaintext.as_ref(), &wrapped].map(|bytes| BASE64.encode(bytes));
        Answer::json(&json!({"KeyId": KEY_ARN, "Plaintext": plaintext, "CiphertextBlob": wrapped}))
    }
}

fn decrypt(body: &Value) -> Answer {
    let opened = body.get("CiphertextBlob").and_then(Value::as_str).and_then(|blob| unwrap(blob, body));
    match opened {
        Some(plaintext) => Answer::json(&json!({"KeyId": KEY_ARN, "Plaintext": BASE64.encode(plaintext)})),
        None => Answer::error(400, "InvalidCiphertextException", "wrong text or context"),
    }
}

fn wrap(number: u64, plaintext: &[u8], body: &Value) -> Option<Vec<u8>> {
    let mut nonce = [0; NONCE_LEN];
    nonce[NONCE_LEN - 8..].copy_from_slice(&number.to_be_bytes());
    let mut sealed = plaintext.to_vec();
    let aad = Aad::from(context(body));
    key()?.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed).ok()?;
    Some([nonce.as_slice(), &sealed].concat())
}

fn unwrap(blob: &str, body: &Value) -> Option<Vec<u8>> {
    let blob = BASE64.decode(blob).ok()?;
    let (nonce, sealed) = blob.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut sealed = sealed.to_vec();
    key()?
        .open_in_place(nonce, Aad::from(context(body)), &mut sealed)
        .ok()
        .map(|plaintext| plaintext.to_vec())
}

/// The encryption context in one order, whatever the order on the wire.
fn context(body: &Value) -> Vec<u8> {
    let sorted: BTreeMap<&str, &Value> = body
        .get("EncryptionContext")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(k, v)| (k.as_str(), v))
        .collect();
    format!("{sorted:?}").into_bytes()
}

fn key() -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, &[7; 32]).ok().map(LessSafeKey::new)
}
