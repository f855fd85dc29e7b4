//! Queries: limits, cursors, searches, and names that nobody knows.

use super::row::Row;

/// Pages of a list: the query, and what it is refused as.
const PAGES: [(&str, &str); 35] = [
    ("limit=0", "invalid_parameter"),
    ("limit=101", "invalid_parameter"),
    ("limit=-1", "invalid_parameter"),
    ("limit=-0", "invalid_parameter"),
    ("limit=%2B1", "invalid_parameter"),
    ("limit=01", "invalid_parameter"),
    ("limit=1.0", "invalid_parameter"),
    ("limit=1e1", "invalid_parameter"),
    ("limit=0x1", "invalid_parameter"),
    ("limit=%201", "invalid_parameter"),
    ("limit=1%00", "invalid_parameter"),
    ("limit=%D9%A1", "invalid_parameter"),
    ("limit=4294967297", "invalid_parameter"),
    ("limit=99999999999999999999999999", "invalid_parameter"),
    ("limit=ten", "invalid_parameter"),
    ("limit=null", "invalid_parameter"),
    ("limit=", "invalid_parameter"),
    ("limit", "invalid_parameter"),
    ("limit[]=1", "invalid_parameter"),
    ("LIMIT=1", "invalid_parameter"),
    ("offset=1", "invalid_parameter"),
    ("=1", "invalid_parameter"),
    ("limit=1&limit=1", "duplicate_parameter"),
    ("limit=1&%6Cimit=1", "duplicate_parameter"),
    ("cursor=a&cursor=a", "duplicate_parameter"),
    ("x=1&x=1", "duplicate_parameter"),
    ("cursor=", "invalid_cursor"),
    ("cursor", "invalid_cursor"),
    ("cursor=%00", "invalid_cursor"),
    ("cursor=%ff", "invalid_cursor"),
    ("cursor=../../x", "invalid_cursor"),
    ("cursor=eyJhIjoxfQ", "invalid_cursor"),
    ("cursor=null", "invalid_cursor"),
    ("cursor=%F0%9F%92%A9", "invalid_cursor"),
    ("cursor='%20OR%20'1'='1", "invalid_cursor"),
];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for route in ["GET /v1/videos", "GET /v1/plans", "GET /v1/jobs"] {
        rows.extend(PAGES.iter().map(|(query, code)| Row::of(route, *query).query(query).refused(400, code)));
        let long = format!("cursor={}", "A".repeat(20_000));
        rows.push(Row::of(route, "a long cursor").query(&long).refused(400, "invalid_cursor"));
    }
    let databases =
        |query: &str| Row::of("GET /v1/connections/notion/databases", format!("{query:.60}")).query(query);
    for (query, code) in [
        ("q=x", "invalid_parameter"),
        ("query=a&query=b", "duplicate_parameter"),
        ("query=a&limit=1", "invalid_parameter"),
        ("query=a&%71uery=b", "duplicate_parameter"),
        ("cursor=a", "invalid_parameter"),
        (&format!("query={}", "x".repeat(201)), "invalid_parameter"),
        (&format!("query={}", "%C3%A4".repeat(201)), "invalid_parameter"),
    ] {
        rows.push(databases(query).refused(400, code));
    }
    let of_nobody = Row::of("GET /v1/connections/notion/databases", "not connected").of_user(Some("bob"));
    rows.push(of_nobody.refused(409, "not_connected"));
    rows
}
