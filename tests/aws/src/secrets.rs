//! Secrets Manager: text under a name.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::answer::Answer;

#[derive(Debug, Default)]
pub(crate) struct Secrets {
    pub(crate) values: BTreeMap<String, String>,
}

impl Secrets {
    pub(crate) fn answer(&self, operation: &str, body: &Value) -> Answer {
        if operation != "GetSecretValue" {
            return Answer::error(400, "InvalidRequestException", operation);
        }
        let id = body.get("SecretId").and_then(Value::as_str).unwrap_or_default();
        match self.values.get(id) {
            Some(value) => Answer::json(&json!({
                "ARN": format!("arn:aws:secretsmanager:eu-central-1:111122223333:secret:{id}"),
                "Name": id,
                "SecretString": value,
                "VersionStages": ["AWSCURRENT"],
            })),
            None => Answer::error(400, "ResourceNotFoundException", "no such secret"),
        }
    }
}
