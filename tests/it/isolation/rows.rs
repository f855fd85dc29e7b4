//! Hands on the table itself: what somebody could do who can write to it but has not the key.

use std::collections::HashMap;
use std::sync::Arc;

use aws_doubles::{Calm, TABLE};
use aws_sdk_dynamodb::types::AttributeValue;

use crate::support::World;

/// An item as it is stored.
pub(crate) type Row = HashMap<String, AttributeValue>;

fn table(world: &World) -> aws_sdk_dynamodb::Client {
    world.aws.clients(Arc::new(Calm)).dynamo
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// The item at this place.
pub(crate) async fn get(world: &World, pk: &str, sk: &str) -> Row {
    let get = table(world).get_item().table_name(TABLE).key("pk", text(pk)).key("sk", text(sk));
    get.send().await.unwrap().item.unwrap()
}

/// The connection of `user` to `provider`.
pub(crate) async fn connection(world: &World, user: &str, provider: &str) -> Row {
    get(world, &format!("USER#{user}"), &format!("CONN#{provider}")).await
}

/// Writes an item over whatever is there.
pub(crate) async fn put(world: &World, row: &Row) {
    table(world).put_item().table_name(TABLE).set_item(Some(row.clone())).send().await.unwrap();
}

/// The sealed tokens of a connection.
pub(crate) fn sealed(row: &Row) -> String {
    row["sealed"].as_s().unwrap().clone()
}

/// The connection with other sealed tokens.
pub(crate) fn with_sealed(row: &Row, sealed: &str) -> Row {
    let mut changed = row.clone();
    changed.insert("sealed".to_owned(), text(sealed));
    changed
}

/// An item with a field of the wrong type.
pub(crate) fn broken(pk: &str, sk: &str) -> Row {
    let field = |name: &str, value| (name.to_owned(), value);
    HashMap::from([
        field("pk", text(pk)),
        field("sk", text(sk)),
        field("name", AttributeValue::N("1".to_owned())),
    ])
}
