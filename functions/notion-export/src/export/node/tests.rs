use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Blocks with few different words, some of which have keys.
fn wanted() -> impl Strategy<Value = Vec<Wanted>> {
    let item = |words: &str| format!("- {words}");
    let text = vec(select(vec!["a", "b", "c"]), 0..4).prop_map(move |words| {
        let lines: Vec<_> = words.iter().map(|words| item(words)).collect();
        lines.join("\n")
    });
    let plan = vec((0..6_u8, text.clone()), 0..6).prop_map(|tasks| {
        let mut seen = std::collections::BTreeSet::new();
        let tasks: Vec<_> = tasks
            .into_iter()
            .filter(|(id, _)| seen.insert(*id))
            .map(|(id, text)| serde_json::json!({"id": format!("t{id}"), "title": "Same", "description": text}))
            .collect();
        tasks
    });
    (text, plan).prop_map(|(description, tasks)| {
        let module = serde_json::json!({"id": "m", "title": "M", "description": description, "tasks": tasks});
        let plan = serde_json::from_value(serde_json::json!({"title": "P", "modules": [module]})).unwrap();
        wanted_pages(&plan, Layout::Pages, "https://x.example").pop().unwrap().blocks
    })
}

/// Carries a step out on what is recorded, the blocks of an insertion with up to `inside` of what is in them.
fn carry_out(recorded: &mut Vec<Node>, wanted: &[Wanted], step: &Step, inside: usize) {
    fn inner<'a>(recorded: &'a mut Vec<Node>, path: &[usize]) -> &'a mut Vec<Node> {
        match path.split_first() {
            Some((first, rest)) => inner(&mut recorded[*first].children, rest),
            None => recorded,
        }
    }
    match step {
        Step::Insert { below, index, wanted: run } => {
            let nodes: Vec<_> =
                run.iter().map(|path| wanted_at(wanted, path).unwrap().recorded(inside)).collect();
            if below.is_empty() {
                retire(recorded, &nodes);
            }
            inner(recorded, below).splice(index..index, nodes);
        }
        Step::Update { recorded: path, wanted: to } => {
            let (last, around) = path.split_last().unwrap();
            inner(recorded, around)[*last].hash = wanted_at(wanted, to).unwrap().hash.clone();
        }
        Step::Remove { recorded: path } => {
            let (last, around) = path.split_last().unwrap();
            inner(recorded, around).remove(*last);
        }
    }
}

fn is(recorded: &[Node], wanted: &[Wanted]) -> bool {
    recorded.len() == wanted.len()
        && recorded.iter().zip(wanted).all(|(is, be)| {
            (is.key == be.key, is.kind == be.kind, is.hash == be.hash) == (true, true, true)
                && self::is(&is.children, &be.children)
        })
}

proptest! {
    #[test]
    fn step_by_step_what_is_there_becomes_what_is_wanted(
        plans in vec(wanted(), 1..4), inside in 0..3_usize,
    ) {
        let mut recorded = Vec::new();
        for wanted in plans {
            let mut steps = 0;
            while let Some(left) = next(&recorded, &wanted) {
                carry_out(&mut recorded, &wanted, &left.step, inside);
                steps += 1;
                prop_assert!(steps < 200, "it goes on for ever: {left:?}");
            }
            prop_assert!(is(&recorded, &wanted));
        }
    }
}
