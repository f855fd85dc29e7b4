//! Which exchanges go wrong, how, and in what order they take place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_doubles::{Call, Service};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::dice::Dice;

/// The most harm in one run: whoever repeats a request often enough has it in the end.
const MOST: u32 = 30;

/// How an exchange goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Harm {
    /// The function dies before anything is sent.
    KillBefore,
    /// It is done over there; then the function dies.
    KillAfter,
    /// The function dies, and the request arrives afterwards.
    KillStray,
    /// Nothing is done; the connection breaks.
    LoseRequest,
    /// It is done; the connection breaks before the answer.
    LoseAnswer,
    /// It is done, and the answer is 503.
    FailAfter,
    /// Nothing is done, and the answer is 503 (AWS: throttled).
    Refuse,
    /// It is done at once, and the answer takes longer than usual.
    Late,
    /// The connection breaks, and the request arrives afterwards.
    Stray,
    /// The provider says something unusual: see the number's meaning in `oddity.rs`.
    Odd(u8),
}

/// What harm there is to be.
#[derive(Debug)]
enum Plan {
    /// These exchanges, counted from 1.
    Numbered(BTreeMap<usize, Harm>),
    /// One in so many exchanges on average, but for those that are chosen; all exchanges take their time.
    Drawn { dice: Dice, one_in: u64, chosen: Chosen, left: u32 },
    /// None any more; exchanges still take the time they take.
    Over(Option<Dice>),
}

/// Exchanges, counted from 1, that are not left to the dice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// No harm is done to these.
    pub(crate) spared: BTreeSet<usize>,
    /// Harm is done to these.
    pub(crate) struck: BTreeSet<usize>,
}

/// One exchange as it took place.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) at: Duration,
    /// The instance, counted from 1.
    pub(crate) life: u64,
    /// The call of a function that it was part of, counted from 1.
    pub(crate) call: u64,
    /// What the instance was called for.
    pub(crate) entry: String,
    /// `service operation`.
    pub(crate) what: String,
    /// Which items of the table were named.
    pub(crate) items: Vec<String>,
    /// What else was named, and the partitions of those.
    pub(crate) touches: BTreeSet<String>,
    /// Whose request it was part of, if it was somebody's.
    pub(crate) owner: Option<String>,
    pub(crate) harm: Option<Harm>,
}

impl Line {
    /// The kind of exchange: what for, with whom, about what.
    pub(crate) fn kind(&self) -> String {
        let kinds: BTreeSet<&str> = self.items.iter().map(|item| kind_of(item)).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        format!("{}: {} {}", self.entry, without_ids(&self.what), kinds.join("+")).trim_end().to_owned()
    }
}

/// What an item is: in a user's partition the sort key says so, elsewhere the partition.
fn kind_of(item: &str) -> &str {
    let (partition, sort) = item.split_once(' ').unwrap_or((item, ""));
    let of = if partition.starts_with("USER#") { sort } else { partition };
    of.split_once('#').map_or("", |(kind, _)| kind)
}

/// A path, or a method and a path, with the ids taken out: they are the segments with a digit in them.
pub(crate) fn without_ids(path: &str) -> String {
    let segments = path.split('/').enumerate().map(|(at, segment)| {
        let is_id = at > 1 && segment.bytes().any(|byte| byte.is_ascii_digit());
        if is_id { "{}" } else { segment }
    });
    segments.collect::<Vec<_>>().join("/")
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, life, entry, what, items, harm, .. } = self;
        let items = items.join(", ");
        write!(formatter, "{:>9.3} s  #{life:<3} {entry}: {what} {items}", at.as_secs_f64())?;
        harm.map_or(Ok(()), |harm| write!(formatter, "  <-- {harm:?}"))
    }
}

/// How long a request may be on its way that its caller gave up on: Notion may work on it for up to 55 s.
pub(crate) const LONGEST: Duration = Duration::from_secs(57);

/// Decides which exchange goes wrong, and remembers all of them.
#[derive(Debug)]
pub(crate) struct Fate {
    plan: Mutex<Plan>,
    start: Instant,
    lines: Mutex<Vec<Line>>,
    calls: Mutex<u64>,
    /// How many of the next exchanges with the table are refused.
    throttled: Mutex<u64>,
}

/// An instance of a function, as far as fate is concerned.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) fate: Arc<Fate>,
    number: u64,
    /// What the instance is called for now, by whom, and which of all calls that is.
    call: Mutex<(String, Option<String>, u64)>,
    killed: Notify,
}

/// What is to happen to one exchange.
pub(crate) struct Lot {
    pub(crate) harm: Option<Harm>,
    /// How long it takes on its way there and back.
    pub(crate) ways: (Duration, Duration),
    /// For harm that needs a number of its own.
    pub(crate) dice: Dice,
}

impl Fate {
    /// Harm to exactly these exchanges.
    pub(crate) fn new(planned: BTreeMap<usize, Harm>) -> Self {
        Self::with(Plan::Numbered(planned))
    }

    /// Harm to one in so many exchanges, drawn from the seed, but for those that are chosen.
    pub(crate) fn drawn(seed: u64, one_in: u64, chosen: Chosen) -> Self {
        Self::with(Plan::Drawn { dice: Dice::new(seed), one_in, chosen, left: MOST })
    }

    fn with(plan: Plan) -> Self {
        Self {
            plan: Mutex::new(plan),
            start: Instant::now(),
            lines: Mutex::default(),
            calls: Mutex::default(),
            throttled: Mutex::default(),
        }
    }

    /// The table is too busy for so many of the next exchanges, if there is harm at all.
    pub(crate) fn throttle_table(&self, exchanges: u64) {
        *self.throttled.lock().unwrap() = exchanges;
    }

    /// The exchanges so far, as `service operation`.
    pub(crate) fn log(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        let words = |line: &Line| match line.harm {
            Some(harm) => format!("{} [{harm:?}]", line.what),
            None => line.what.clone(),
        };
        lines.iter().map(words).collect()
    }

    /// Whether a call of this host that its caller gave up on may still arrive.
    pub(crate) fn is_astray(&self, host: &str) -> bool {
        let now = self.start.elapsed();
        let is_astray =
            |line: &Line| matches!(line.harm, Some(Harm::Stray | Harm::KillStray)) && line.at + LONGEST > now;
        self.lines.lock().unwrap().iter().any(|line| line.what.starts_with(host) && is_astray(line))
    }

    /// The exchanges so far, in full.
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.lines.lock().unwrap().clone()
    }

    /// No more harm from now on; the exchanges so far.
    pub(crate) fn relent(&self) -> Vec<String> {
        let mut plan = self.plan.lock().unwrap();
        let dice = if let Plan::Drawn { dice, .. } = &*plan { Some(dice.clone()) } else { None };
        *plan = Plan::Over(dice);
        drop(plan);
        self.log()
    }

    /// Enters an exchange, with AWS if there is a `call`, and draws its lot. Providers take longer and know more ways to go
    /// wrong.
    pub(crate) fn draw(&self, life: &Life, what: String, call: Option<&Call>) -> Lot {
        let to_provider = call.is_none();
        let mut lines = self.lines.lock().unwrap();
        let number = lines.len() + 1;
        let mut plan = self.plan.lock().unwrap();
        let (harm, ways, dice) = match &mut *plan {
            Plan::Numbered(planned) => {
                (planned.remove(&number), Default::default(), Dice::new(0).nth(number))
            }
            Plan::Over(None) => (None, Default::default(), Dice::new(0)),
            Plan::Over(Some(dice)) => {
                let mut dice = dice.nth(number);
                (None, ways(&mut dice, to_provider), dice)
            }
            Plan::Drawn { dice, one_in, chosen, left } => {
                let mut dice = dice.nth(number);
                let ways = ways(&mut dice, to_provider);
                // What happens over there is where effects are lost or doubled.
                let struck = dice.one_in(if to_provider { (*one_in).div_ceil(3) } else { *one_in });
                let harm = harm(&mut dice, to_provider);
                let strikes = struck && *left > 0 && !chosen.spared.contains(&number);
                let strikes = strikes || chosen.struck.contains(&number);
                *left = left.saturating_sub(u32::from(strikes));
                let mut throttled = self.throttled.lock().unwrap();
                let of_table = call.is_some_and(|call| call.service == Service::Dynamo);
                let is_busy = *throttled > 0 && of_table && !chosen.spared.contains(&number);
                *throttled -= u64::from(is_busy);
                (strikes.then_some(harm).or(is_busy.then_some(Harm::Refuse)), ways, dice)
            }
        };
        let (entry, owner, call_number) = life.call.lock().unwrap().clone();
        let (items, touches) =
            call.map(|call| (call.items.clone(), call.touches.clone())).unwrap_or_default();
        let (at, life) = (self.start.elapsed(), life.number);
        lines.push(Line { at, life, call: call_number, entry, what, items, touches, owner, harm });
        Lot { harm, ways, dice }
    }
}

/// AWS answers within milliseconds, providers within most of a second.
fn ways(dice: &mut Dice, to_provider: bool) -> (Duration, Duration) {
    let longest = if to_provider { 400 } else { 8 };
    let mut way = || Duration::from_micros(500 + 1_000 * dice.below(longest));
    (way(), way())
}

fn harm(dice: &mut Dice, to_provider: bool) -> Harm {
    match dice.below(if to_provider { 14 } else { 10 }) {
        0 | 1 => Harm::KillBefore,
        2 => Harm::KillAfter,
        3 => Harm::KillStray,
        4 => Harm::LoseRequest,
        5 | 6 => Harm::LoseAnswer,
        7 => Harm::Refuse,
        8 => Harm::Late,
        9 => Harm::Stray,
        10 => Harm::FailAfter,
        _ => Harm::Odd(u8::try_from(dice.below(16)).unwrap_or_default()),
    }
}

impl Life {
    pub(crate) fn new(fate: Arc<Fate>, number: u64) -> Self {
        Self { fate, number, call: Mutex::default(), killed: Notify::new() }
    }

    /// Says what the instance is called for now, and by whom.
    pub(crate) fn enter(&self, entry: String, owner: Option<String>) {
        let mut calls = self.fate.calls.lock().unwrap();
        *calls += 1;
        *self.call.lock().unwrap() = (entry, owner, *calls);
    }

    /// Resolves when the instance dies.
    pub(crate) async fn death(&self) {
        self.killed.notified().await;
    }

    pub(crate) fn kill(&self) {
        self.killed.notify_one();
    }

    pub(crate) async fn die(&self) -> ! {
        self.kill();
        std::future::pending().await
    }
}
