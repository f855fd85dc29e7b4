//! Pairs that are matched first in long lists.

use std::collections::HashMap;
use std::hash::Hash;

use super::matching::Pairing;

/// The longest list of pairs that keep their order, of nodes with the same key and of equal nodes that are the only ones of
/// their kind in both lists; keys count most. Answers positions in the two lists, ascending.
pub(super) fn anchors<K: Eq + Hash>(
    pairing: &Pairing<'_, K>,
    from: &[usize],
    to: &[usize],
) -> Vec<(usize, usize)> {
    let place_of: HashMap<usize, usize> = from.iter().enumerate().map(|(at, number)| (*number, at)).collect();
    let mut only: HashMap<u32, (usize, usize, usize)> = HashMap::new();
    for (at, number) in from.iter().enumerate() {
        let seen = only.entry(pairing.recorded_classes[*number]).or_default();
        *seen = (seen.0 + 1, seen.1, at);
    }
    for number in to {
        only.entry(pairing.wanted_classes[*number]).or_default().1 += 1;
    }
    let candidate = |number: usize| match pairing.partner_of_wanted[number] {
        Some(partner) => place_of.get(&partner).map(|at| (*at, 1_u32)),
        None => match only.get(&pairing.wanted_classes[number]) {
            Some((1, 1, at)) => Some((*at, 0)),
            _ => None,
        },
    };
    // The best list that ends at each pair, and the pair before it.
    let mut ends = Best::new(from.len());
    let mut chain: Vec<(usize, usize, Option<usize>)> = Vec::new();
    for (at_to, number) in to.iter().enumerate() {
        let Some((at_from, keyed)) = candidate(*number) else { continue };
        let before = ends.before(at_from);
        let ((keys, length), last) = before.map_or(((0, 0), None), |(value, last)| (value, Some(last)));
        chain.push((at_from, at_to, last));
        ends.offer(at_from, ((keys + keyed, length + 1), chain.len() - 1));
    }
    let mut anchors = Vec::new();
    let mut next = ends.before(from.len()).map(|(_, last)| last);
    while let Some(at) = next {
        let (at_from, at_to, last) = chain[at];
        anchors.push((at_from, at_to));
        next = last;
    }
    anchors.reverse();
    anchors
}

/// Keys and length of a list, and where it ends.
type End = ((u32, u32), usize);

/// The best list among those that end before a place (a Fenwick tree of maxima).
struct Best(Vec<Option<End>>);

impl Best {
    fn new(places: usize) -> Self {
        Self(vec![None; places + 1])
    }

    fn offer(&mut self, place: usize, end: End) {
        let mut at = place + 1;
        while let Some(best) = self.0.get_mut(at) {
            if best.is_none_or(|(value, _)| value < end.0) {
                *best = Some(end);
            }
            at += at & at.wrapping_neg();
        }
    }

    fn before(&self, place: usize) -> Option<End> {
        let mut best: Option<End> = None;
        let mut at = place;
        while at > 0 {
            if let Some(end) = self.0[at]
                && best.is_none_or(|(value, _)| value < end.0)
            {
                best = Some(end);
            }
            at -= at & at.wrapping_neg();
        }
        best
    }
}
