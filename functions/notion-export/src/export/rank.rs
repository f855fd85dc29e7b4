//! Names that sort: between any two there is room for more.

/// Digits of a name that only counts.
const WIDTH: usize = 8;

/// `count` names in order, after `before` and before `after`, where there are such.
pub(super) fn ranks(before: Option<&str>, after: Option<&str>, count: usize) -> Vec<String> {
    let Some(after) = after else {
        let counted = before.and_then(|before| before.get(..WIDTH)?.parse::<u64>().ok()).unwrap_or(0);
        return (1..).take(count).map(|step| format!("{:0WIDTH$}", counted + step)).collect();
    };
    let mut names = Vec::with_capacity(count);
    fill(before.unwrap_or_default(), after, count, &mut names);
    names
}

/// Halves the room again and again, so that names stay short.
fn fill(before: &str, after: &str, count: usize, names: &mut Vec<String>) {
    if count == 0 {
        return;
    }
    let middle = between(before, after);
    let lower = (count - 1) / 2;
    fill(before, &middle, lower, names);
    names.push(middle.clone());
    fill(&middle, after, count - 1 - lower, names);
}

/// A name between two, which are decimal fractions that do not end in zero.
fn between(before: &str, after: &str) -> String {
    let digit =
        |text: &str, at: usize, beyond: u8| text.as_bytes().get(at).map_or(beyond, |byte| byte - b'0');
    let (mut name, mut is_below) = (String::new(), false);
    for at in 0.. {
        let low = digit(before, at, 0);
        let high = if is_below { 10 } else { digit(after, at, 10) };
        if high > low + 1 {
            name.push(char::from(b'0' + low.midpoint(high)));
            break;
        }
        is_below |= high > low;
        name.push(char::from(b'0' + low));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_order(names: &[String]) -> bool {
        names.windows(2).all(|pair| pair[0] < pair[1])
    }

    #[test]
    fn what_comes_last_is_counted() {
        assert_eq!(ranks(None, None, 2), ["00000001", "00000002"]);
        assert_eq!(ranks(Some("000000024"), None, 1), ["00000003"]);
    }

    #[test]
    fn there_is_always_room_and_names_stay_short() {
        let mut names = ranks(None, None, 2);
        for round in 0..200 {
            // Always at the same place, which is the worst.
            let at = 1 + round % 2;
            let (before, after) = (names.get(at - 1).cloned(), names.get(at).cloned());
            let added = ranks(before.as_deref(), after.as_deref(), 1 + round % 7);
            names.splice(at..at, added);
            assert!(in_order(&names), "{names:?}");
        }
        let first = ranks(None, names.first().map(String::as_str), 100);
        assert!(first.last() < names.first() && in_order(&first));
        assert!(first.iter().all(|name| name.len() <= WIDTH + 4), "{first:?}");
        assert!(names.iter().all(|name| name.len() < 120 && !name.ends_with('0') || name.len() == WIDTH));
    }
}
