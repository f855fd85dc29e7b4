//! Numbers by which rows sort. Whoever keeps its place among the others keeps its number, so that little has to be written.
//! They are counted in millionths: between two there is room for others with up to six decimals.

use serde_json::Value;

const ONE: i64 = 1_000_000;
/// How much room each gets of those that move on to make some.
const ROOM: i64 = ONE / 10;

/// A number as Notion takes it.
#[expect(clippy::cast_precision_loss, reason = "below nine thousand millions")]
pub(super) fn value(order: i64) -> Value {
    if order % ONE == 0 { (order / ONE).into() } else { (order as f64 / ONE as f64).into() }
}

/// What such a number was.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "as above")]
pub(super) fn order(value: &Value) -> Option<i64> {
    value.as_f64().map(|number| (number * ONE as f64).round() as i64)
}

/// Ascending numbers for rows of which some have one already: as many as can keep theirs.
pub(super) fn orders(known: &[Option<i64>]) -> Vec<i64> {
    let (mut orders, mut before, mut room) = (Vec::with_capacity(known.len()), None, 0);
    for next in longest_ascending(known).into_iter().map(Some).chain([None]) {
        let after = next.and_then(|at| known[at]);
        let count = i64::try_from(next.unwrap_or(known.len()) - orders.len()).unwrap_or(i64::MAX);
        // Where there is no room, those that follow move on until there is plenty.
        let is_narrow = before.zip(after).is_some_and(|(before, after)| after - before < room * count);
        let between = if is_narrow { None } else { numbers(before, after, count) };
        let Some(between) = between else {
            room = ROOM;
            continue;
        };
        room = 0;
        orders.extend(between);
        orders.extend(after);
        before = after;
    }
    orders
}

/// The places of the most numbers that ascend.
fn longest_ascending(known: &[Option<i64>]) -> Vec<usize> {
    // Of the runs of each length, the place of the least number that ends one.
    let mut ends: Vec<(i64, usize)> = Vec::new();
    let mut previous = vec![None; known.len()];
    for (at, number) in known.iter().enumerate().filter_map(|(at, number)| Some((at, (*number)?))) {
        let shorter = ends.partition_point(|(end, _)| *end < number);
        previous[at] = shorter.checked_sub(1).map(|last| ends[last].1);
        if shorter == ends.len() {
            ends.push((number, at));
        } else {
            ends[shorter] = (number, at);
        }
    }
    let mut run: Vec<usize> =
        std::iter::successors(ends.last().map(|(_, at)| *at), |at| previous[*at]).collect();
    run.reverse();
    run
}

/// `count` ascending numbers between two, with as few decimals as there is room; nothing if there is none.
fn numbers(before: Option<i64>, after: Option<i64>, count: i64) -> Option<Vec<i64>> {
    let counted = |first: i64| (0..count).map(|step| (first + step) * ONE).collect();
    let (before, after) = match (before, after) {
        (None, None) => return Some(counted(1)),
        (Some(before), None) => return Some(counted(before.div_euclid(ONE) + 1)),
        (None, Some(after)) => return Some(counted((after - 1).div_euclid(ONE) + 1 - count)),
        (Some(before), Some(after)) => (before, after),
    };
    (0..=6).map(|decimals| ONE / 10_i64.pow(decimals)).find_map(|unit| {
        let (first, end) = (before.div_euclid(unit) + 1, (after - 1).div_euclid(unit) + 1);
        let number = |at: i64| (first + (2 * at + 1) * (end - first) / (2 * count)) * unit;
        (end - first >= count).then(|| (0..count).map(number).collect())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ascend(numbers: &[i64]) -> bool {
        numbers.windows(2).all(|pair| pair[0] < pair[1])
    }

    fn shown(known: &[Option<i64>]) -> String {
        let known: Vec<_> = known.iter().map(|number| number.map(|number| number * ONE)).collect();
        let values: Vec<_> = orders(&known).into_iter().map(|order| value(order).to_string()).collect();
        values.join(" ")
    }

    #[test]
    fn a_new_plan_is_counted_and_later_numbers_are_short() {
        assert_eq!(shown(&[None; 3]), "1 2 3");
        assert_eq!(shown(&[Some(1), None, Some(2), None]), "1 1.5 2 3");
        assert_eq!(shown(&[None, None, Some(1)]), "-1 0 1");
        assert_eq!(shown(&[Some(1), Some(4), Some(2), Some(3)]), "1 1.5 2 3");
        assert_eq!(shown(&[Some(1), None, None, Some(5)]), "1 2 4 5");
        assert_eq!(shown(&[Some(1), None, None, None, Some(2), None]), "1 1.2 1.5 1.8 2 3");
    }

    #[test]
    fn a_number_is_read_as_it_was_written() {
        for number in [0, ONE, -3 * ONE, 1_200_000, 1_999_999, 2_000 * ONE + 1] {
            assert_eq!(order(&value(number)), Some(number));
        }
    }

    #[test]
    fn where_there_is_no_room_left_few_others_move_on() {
        let mut known = (1..=100).map(|number| Some(number * ONE)).collect::<Vec<_>>();
        let mut moved = 0;
        for round in 0..200 {
            // Always at the same place, which is the worst.
            known.insert(50 + round % 2, None);
            let next = orders(&known);
            assert!(ascend(&next), "{next:?}");
            moved +=
                known.iter().zip(&next).filter(|(known, next)| known.is_some_and(|it| it != **next)).count();
            known = next.into_iter().map(Some).collect();
        }
        assert!((1..1_000).contains(&moved), "{moved} for 200");
    }

    proptest! {
        #[test]
        fn as_many_as_can_keep_their_number(
            known in proptest::collection::vec(proptest::option::weighted(0.8, (0..12_i64).prop_map(|it| it * ONE)), 0..9)
        ) {
            let orders = orders(&known);
            prop_assert_eq!(orders.len(), known.len());
            prop_assert!(ascend(&orders), "{:?}", orders);
            let kept = known.iter().zip(&orders).filter(|(known, order)| **known == Some(**order)).count();
            let ascending = |chosen: u32| {
                let chosen = (0..known.len()).filter(|at| chosen >> at & 1 == 1);
                let numbers: Option<Vec<i64>> = chosen.map(|at| known[at]).collect();
                numbers.filter(|numbers| ascend(numbers)).map_or(0, |numbers| numbers.len())
            };
            let most = (0..1_u32 << known.len()).map(ascending).max();
            prop_assert!(Some(kept) >= most, "{} of {:?} are kept: {:?} {:?}", kept, most, known, orders);
        }
    }
}
