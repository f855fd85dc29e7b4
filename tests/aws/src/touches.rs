//! What an exchange is about: the names in its request that belong to one user or to everybody.

use std::collections::BTreeSet;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::Value;

use crate::hook::Service;

/// Every partition, object, message group, encryption context and secret that the request names.
pub(crate) fn of(service: Service, request: &HttpRequest, body: &[u8]) -> BTreeSet<String> {
    if service == Service::S3 {
        let path =
            request.uri().split("://").last().unwrap_or_default().split('?').next().unwrap_or_default();
        return BTreeSet::from([format!("object {path}")]);
    }
    let mut names = BTreeSet::new();
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match service {
        Service::Dynamo => partitions(&body, &mut names),
        Service::Kms => _ = names.insert(format!("context {}", body["EncryptionContext"])),
        Service::Sqs => _ = names.insert(format!("group {}", body["MessageGroupId"])),
        Service::Secrets | Service::S3 => _ = names.insert(format!("secret {}", body["SecretId"])),
    }
    names
}

/// Items name their partition in `pk`; a query compares a partition with one of its values.
fn partitions(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            let condition = fields.get("KeyConditionExpression").and_then(Value::as_str);
            if let (Some(condition), Some(Value::Object(values))) =
                (condition, fields.get("ExpressionAttributeValues"))
            {
                let compared = values.iter().filter(|(name, _)| condition.contains(&format!("= {name}")));
                names.extend(compared.filter_map(|(_, value)| item(value)));
            }
            names.extend(fields.get("pk").and_then(item));
            fields.values().for_each(|value| partitions(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| partitions(value, names)),
        _ => {}
    }
}

fn item(value: &Value) -> Option<String> {
    value["S"].as_str().map(|partition| format!("item {partition}"))
}
