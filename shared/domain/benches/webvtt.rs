//! How fast transcripts are read and written, in megabytes of file per second: `cargo bench -p domain --bench webvtt`.
//!
//! Beside the reader run a scan that only looks at every line, and the `webvtt-parser` crate, which leaves mark-up
//! alone. The contenders take turns, so that what else the machine does meets all of them.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::webvtt;
use webvtt_parser::Vtt;

const FILE_BYTES: usize = 2_000_000;
const ROUNDS: usize = 31;

type Contender = (&'static str, fn(&str) -> usize);

const CONTENDERS: [Contender; 4] = [
    ("webvtt::read", |file| webvtt::read(file.as_bytes()).map_or(0, |transcript| transcript.cues.len())),
    ("lines only", |file| file.lines().filter(|line| line.contains("-->")).count()),
    ("webvtt-parser 1.4", |file| Vtt::parse(file).map_or(0, |parsed| parsed.cues.len())),
    ("read and write", |file| {
        webvtt::read(file.as_bytes()).map_or(0, |transcript| webvtt::write(&transcript).len())
    }),
];

fn main() {
    let files = [
        (
            "plain speech",
            file_of(|_| "so then I open the settings and nothing happens at all,\nwhich is odd".into()),
        ),
        (
            "voices and entities",
            file_of(|cue| {
                format!(
                    "<v Speaker {}>so <i>then</i> I open Q&amp;A and nothing happens,</v>\n<v Ada>odd</v>",
                    cue % 4
                )
            }),
        ),
        (
            "accents and Japanese",
            file_of(|_| "déjà vu: là où ça casse 保存ボタンを押しても何も起きません".into()),
        ),
        (
            "plain speech, CRLF",
            file_of(|_| "so then I open the settings and nothing happens at all".into())
                .replace('\n', "\r\n"),
        ),
    ];
    println!(
        "{:<22}{:<20}{:>8}{:>8}{:>8}   MB/s over {ROUNDS} rounds",
        "file of 2 MB", "", "median", "least", "most"
    );
    for (name, file) in &files {
        let mut times = vec![Vec::with_capacity(ROUNDS); CONTENDERS.len()];
        for _ in 0..ROUNDS {
            for ((_, run), times) in CONTENDERS.iter().zip(&mut times) {
                let start = Instant::now();
                black_box(run(black_box(file)));
                times.push(start.elapsed());
            }
        }
        for ((contender, _), times) in CONTENDERS.iter().zip(times) {
            report(name, contender, file.len(), times);
        }
    }
    report_repetitions();
}

/// Reading time must grow with the size alone: the speed is the same for a file four times as large.
fn report_repetitions() {
    println!("{:<22}{:>10}{:>10}   MB/s, median", "repeated in one file", "0.5 MB", "2 MB");
    for part in [
        "<",
        "< ",
        "<v a>",
        "</v>",
        "<i x",
        "<v a>x</v>y",
        "<ruby>a<rt>b",
        "<b>",
        "&",
        "&notit",
        "&#1",
        "&aaaaaaaaaaaaa",
        "a --> b\n",
        "-->\n",
        "-",
        ">",
        "\n",
        "\n\n",
        "a\n\n",
        "00:01.000 --> 00:02.000\n",
        "00:00:01,000 --> 0\n",
        "\r",
        "\0",
        "9",
        "\u{a0}",
        " ",
    ] {
        let [small, large] = [FILE_BYTES / 4, FILE_BYTES].map(|size| {
            let file = format!("WEBVTT\n\n00:01.000 --> 00:02.000\n{}", part.repeat(size / part.len()));
            let mut times = [(); 5].map(|()| {
                let start = Instant::now();
                black_box(webvtt::read(black_box(file.as_bytes())).is_ok());
                start.elapsed()
            });
            times.sort();
            speed(file.len(), times[2])
        });
        println!("{:<22}{small:>10}{large:>10}", format!("{part:?}"));
    }
}

/// A file of numbered cues, three seconds apart.
fn file_of(text: fn(usize) -> String) -> String {
    let mut file = String::from("WEBVTT\n");
    for cue in 1.. {
        let (minute, second) = (cue / 20, cue % 20 * 3);
        let (hour, minute) = (minute / 60, minute % 60);
        let _ = write!(
            file,
            "\n{cue}\n{hour:02}:{minute:02}:{second:02}.000 --> {hour:02}:{minute:02}:{second:02}.900\n{}\n",
            text(cue)
        );
        if file.len() >= FILE_BYTES {
            break;
        }
    }
    file
}

/// Megabytes per second.
fn speed(bytes: usize, time: Duration) -> u128 {
    bytes as u128 * 1_000 / time.as_nanos().max(1)
}

fn report(file: &str, contender: &str, bytes: usize, mut times: Vec<Duration>) {
    times.sort();
    let [least, median, most] = [times.len() - 1, times.len() / 2, 0].map(|index| speed(bytes, times[index]));
    println!("{file:<22}{contender:<20}{median:>8}{least:>8}{most:>8}");
}
