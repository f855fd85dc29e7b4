//! Which children of one node become which children of another, in their place.

use std::hash::Hash;

use super::Cost;
use super::anchors::anchors;
use super::matching::Pairing;

/// Lists with more pairs than this are not compared pair by pair.
const MOST_PAIRS: usize = 1 << 16;

/// Which nodes below the one stay, and as which below the other.
pub(super) fn align<K: Eq + Hash>(
    pairing: &Pairing<'_, K>,
    recorded: usize,
    wanted: usize,
) -> Vec<(usize, usize)> {
    let (from, to) = (pairing.recorded.children(recorded), pairing.wanted.children(wanted));
    let mut pairs = Vec::new();
    if pairing.wanted.item(wanted).ordered {
        in_order(pairing, from, to, &mut pairs);
        return pairs;
    }
    let is_pair = |to: &usize| {
        pairing.partner_of_wanted[*to].filter(|partner| pairing.recorded.parent(*partner) == Some(recorded))
    };
    pairs.extend(to.iter().filter_map(|to| Some((is_pair(to)?, *to))));
    let plain_from: Vec<_> =
        from.iter().copied().filter(|from| pairing.recorded.item(*from).key.is_none()).collect();
    let plain_to: Vec<_> = to.iter().copied().filter(|to| pairing.wanted.item(*to).key.is_none()).collect();
    in_order(pairing, &plain_from, &plain_to, &mut pairs);
    pairs
}

/// What it costs to make what is below the one node equal to what is below the other.
pub(super) fn cost_below<K: Eq + Hash>(pairing: &Pairing<'_, K>, recorded: usize, wanted: usize) -> Cost {
    let pairs = align(pairing, recorded, wanted);
    cost_of(pairing, pairing.recorded.children(recorded), pairing.wanted.children(wanted), &pairs)
}

/// What it costs that these pairs stay and nothing else does.
fn cost_of<K: Eq + Hash>(
    pairing: &Pairing<'_, K>,
    from: &[usize],
    to: &[usize],
    pairs: &[(usize, usize)],
) -> Cost {
    let mut stays: Vec<usize> = pairs.iter().map(|(recorded, _)| *recorded).collect();
    stays.sort_unstable();
    let gone = from.iter().filter(|recorded| stays.binary_search(recorded).is_err());
    let mut cost: Cost = gone.map(|recorded| pairing.without_recorded(*recorded)).sum();
    let mut filled: Vec<(usize, usize)> =
        pairs.iter().map(|(recorded, wanted)| (*wanted, *recorded)).collect();
    filled.sort_unstable();
    let mut in_run = false;
    for wanted in to {
        if let Ok(at) = filled.binary_search_by_key(wanted, |(wanted, _)| *wanted) {
            cost += pairing.becoming(filled[at].1, *wanted);
            in_run = false;
            continue;
        }
        let is_new = pairing.movable_partner(*wanted).is_none();
        if is_new && !in_run {
            cost += Cost::RUN;
        }
        cost += pairing.without_wanted(*wanted);
        in_run = is_new;
    }
    cost
}

/// Adds the pairs of two lists whose order counts.
fn in_order<K: Eq + Hash>(
    pairing: &Pairing<'_, K>,
    mut from: &[usize],
    mut to: &[usize],
    pairs: &mut Vec<(usize, usize)>,
) {
    // Equal beginnings and ends stay in any case.
    while let ([first, rest @ ..], [wanted, others @ ..]) = (from, to)
        && pairing.are_equal(*first, *wanted)
    {
        pairs.push((*first, *wanted));
        (from, to) = (rest, others);
    }
    let mut ends = Vec::new();
    while let ([rest @ .., last], [others @ .., wanted]) = (from, to)
        && pairing.are_equal(*last, *wanted)
    {
        ends.push((*last, *wanted));
        (from, to) = (rest, others);
    }
    if from.is_empty() || to.is_empty() {
        // Everything goes, or everything comes.
    } else if from.len() * to.len() <= MOST_PAIRS {
        pair_by_pair(pairing, from, to, pairs);
    } else {
        between_anchors(pairing, from, to, pairs);
    }
    pairs.extend(ends.into_iter().rev());
}

fn between_anchors<K: Eq + Hash>(
    pairing: &Pairing<'_, K>,
    mut from: &[usize],
    mut to: &[usize],
    pairs: &mut Vec<(usize, usize)>,
) {
    let anchors = anchors(pairing, from, to);
    if anchors.is_empty() {
        let together = from.iter().zip(to).filter(|(from, to)| pairing.can_become(**from, **to));
        pairs.extend(together.map(|(from, to)| (*from, *to)));
        return;
    }
    let (mut before_from, mut before_to) = (0, 0);
    for (at_from, at_to) in anchors {
        let (gap_from, rest_from) = from.split_at(at_from - before_from);
        let (gap_to, rest_to) = to.split_at(at_to - before_to);
        in_order(pairing, gap_from, gap_to, pairs);
        pairs.push((rest_from[0], rest_to[0]));
        (from, to) = (&rest_from[1..], &rest_to[1..]);
        (before_from, before_to) = (at_from + 1, at_to + 1);
    }
    in_order(pairing, from, to, pairs);
}

/// The least of all alignments: of the first so many recorded and the first so many wanted ones, and whether the last
/// wanted one was made, so that making the next costs no call.
fn pair_by_pair<K: Eq + Hash>(
    pairing: &Pairing<'_, K>,
    from: &[usize],
    to: &[usize],
    pairs: &mut Vec<(usize, usize)>,
) {
    let width = to.len() + 1;
    // The cost on the way to a place, apart and in a run, and the step that led there.
    let mut best: Vec<[Option<(Cost, Step)>; 2]> = vec![[None; 2]; (from.len() + 1) * width];
    best[0][0] = Some((Cost::NOTHING, Step::Begin));
    for at in 0..best.len() {
        let (done, made) = (at / width, at % width);
        for in_run in [false, true] {
            let Some((cost, _)) = best[at][usize::from(in_run)] else { continue };
            let mut offer = |at: usize, run: bool, cost: Cost, step: Step| {
                let place = &mut best[at][usize::from(run)];
                if place.is_none_or(|(least, _)| cost < least) {
                    *place = Some((cost, step));
                }
            };
            if let (Some(recorded), Some(wanted)) = (from.get(done), to.get(made))
                && pairing.can_become(*recorded, *wanted)
            {
                let cost = cost + pairing.becoming(*recorded, *wanted);
                offer(at + width + 1, false, cost, Step::Stay { in_run });
            }
            if let Some(recorded) = from.get(done) {
                offer(at + width, in_run, cost + pairing.without_recorded(*recorded), Step::Go { in_run });
            }
            if let Some(wanted) = to.get(made) {
                let is_new = pairing.movable_partner(*wanted).is_none();
                let call = if is_new && !in_run { Cost::RUN } else { Cost::NOTHING };
                offer(at + 1, is_new, cost + call + pairing.without_wanted(*wanted), Step::Come { in_run });
            }
        }
    }
    let mut at = best.len() - 1;
    let [apart, run] = best[at].map(|place| place.map(|(cost, _)| cost));
    let mut in_run = match (apart, run) {
        (Some(apart), Some(run)) => run < apart,
        (None, run) => run.is_some(),
        (Some(_), None) => false,
    };
    let begun = pairs.len();
    while let Some((_, step)) = best[at][usize::from(in_run)] {
        match step {
            Step::Begin => break,
            Step::Stay { in_run: before } => {
                at -= width + 1;
                pairs.push((from[at / width], to[at % width]));
                in_run = before;
            }
            Step::Go { in_run: before } => {
                at -= width;
                in_run = before;
            }
            Step::Come { in_run: before } => {
                at -= 1;
                in_run = before;
            }
        }
    }
    pairs[begun..].reverse();
}

/// How a place in the table was reached.
#[derive(Clone, Copy)]
enum Step {
    Begin,
    /// A pair stays.
    Stay {
        in_run: bool,
    },
    /// A recorded node goes.
    Go {
        in_run: bool,
    },
    /// A wanted node comes.
    Come {
        in_run: bool,
    },
}
