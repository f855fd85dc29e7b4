//! What an exchange is about: the names in its request that belong to one user or to everybody.

use std::collections::BTreeSet;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::Value;

use crate::hook::Service;

/// Every partition, object, message group, encryption context and secret that the request names.
pub(crate) fn of(service: Service, request: &HttpRequest, body: &Value) -> BTreeSet<String> {
    if service == Service::S3 {
        let path =
            request.uri().split("://").last().unwrap_or_default().split('?').next().unwrap_or_default();
        return BTreeSet::from([format!("object {path}")]);
    }
    let mut names = BTreeSet::new();
    match service {
        Service::Dynamo => partitions(body, &mut names),
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

/// The items that a request to the table names, as partition and sort key, wherever they stand; of a query what it looks for.
pub(crate) fn items(value: &Value) -> Vec<String> {
    let text = |name: &str| value[name]["S"].as_str();
    match value {
        Value::Object(fields) => {
            let partition = text("pk").or(text(":pk")).or(text(":shard"));
            let sort = text("sk").or(text(":prefix")).unwrap_or_default();
            let item = partition.map(|partition| format!("{partition} {sort}").trim_end().to_owned());
            item.into_iter().chain(fields.values().flat_map(items)).collect()
        }
        Value::Array(list) => list.iter().flat_map(items).collect(),
        _ => Vec::new(),
    }
}
