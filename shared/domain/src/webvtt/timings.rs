//! The line that makes a cue: `00:00:01.000 --> 00:00:02.500 align:start`. What follows the times is not read.

/// When a cue is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timings {
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
}

/// What stands between seconds and milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fraction {
    /// As specified.
    Dot,
    /// A comma too, as in SRT.
    DotOrComma,
}

/// The end of the first arrow, which no line of a header, comment or text may contain.
pub(super) fn end_of_arrow(text: &str) -> Option<usize> {
    text.match_indices('>').find(|(at, _)| text[..*at].ends_with("--")).map(|(at, _)| at + 1)
}

/// The times on a line; `None` when it is not well-formed.
pub(super) fn timings(line: &str, fraction: Fraction) -> Option<Timings> {
    let (start_ms, rest) = timestamp(skip_space(line), fraction)?;
    let rest = skip_space(rest).strip_prefix("-->")?;
    let (end_ms, _settings) = timestamp(skip_space(rest), fraction)?;
    Some(Timings { start_ms, end_ms })
}

/// Whether a file means milliseconds when it writes a comma: of its lines with an arrow, more do so than are
/// malformed.
pub(super) fn fraction_of<'a>(lines: impl Iterator<Item = &'a str>) -> Fraction {
    let (mut with_comma, mut malformed) = (0_usize, 0_usize);
    for line in lines {
        if timings(line, Fraction::Dot).is_some() {
            continue;
        }
        match timings(line, Fraction::DotOrComma) {
            Some(_) => with_comma += 1,
            None => malformed += 1,
        }
    }
    if with_comma > malformed { Fraction::DotOrComma } else { Fraction::Dot }
}

/// A time of at least minutes, seconds and three digits of milliseconds. A first number that is above 59, or not
/// of two digits, can only be hours.
fn timestamp(text: &str, fraction: Fraction) -> Option<(u64, &str)> {
    let (first, rest) = digits(text);
    let (second, rest) = two_digits(rest.strip_prefix(':')?)?;
    let first_value = number(first)?;
    let is_hours = first.len() != 2 || first_value > 59;
    let (hours, minutes, seconds, rest) = if is_hours || rest.starts_with(':') {
        let (third, rest) = two_digits(rest.strip_prefix(':')?)?;
        (first_value, second, third, rest)
    } else {
        (0, first_value, second, rest)
    };
    let rest = match fraction {
        Fraction::Dot => rest.strip_prefix('.')?,
        Fraction::DotOrComma => rest.strip_prefix(['.', ','])?,
    };
    let (thousandths, rest) = digits(rest);
    if thousandths.len() != 3 || minutes > 59 || seconds > 59 {
        return None;
    }
    let whole = hours.saturating_mul(3_600).saturating_add(minutes * 60 + seconds);
    Some((whole.saturating_mul(1_000).saturating_add(number(thousandths)?), rest))
}

fn skip_space(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\u{c}'])
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

fn two_digits(text: &str) -> Option<(u64, &str)> {
    let (found, rest) = digits(text);
    (found.len() == 2).then_some(())?;
    Some((number(found)?, rest))
}

/// The value of a run of digits, at most `u64::MAX`; `None` when there is no digit.
fn number(digits: &str) -> Option<u64> {
    (!digits.is_empty()).then(|| {
        digits
            .bytes()
            .fold(0_u64, |value, digit| value.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(line: &str) -> Option<(u64, u64)> {
        timings(line, Fraction::Dot).map(|found| (found.start_ms, found.end_ms))
    }

    #[test]
    fn times_have_hours_or_not() {
        assert_eq!(times("00:01.500 --> 01:02:03.004"), Some((1_500, 3_723_004)));
        assert_eq!(times("100:00:00.000-->00:00.000"), Some((360_000_000, 0)));
        assert_eq!(times("\t 00:00.000\t--> \u{c}59:59.999 line:0 position:10%"), Some((0, 3_599_999)));
    }

    #[test]
    fn a_number_that_cannot_be_minutes_must_be_hours() {
        for line in ["60:00.000 --> 61:00.000", "000:00.000 --> 00:01.000", "1:00.000 --> 00:01.000"] {
            assert_eq!(times(line), None, "{line}");
        }
        assert_eq!(times("1:00:00.000 --> 60:00:00.000"), Some((3_600_000, 216_000_000)));
    }

    #[test]
    fn an_absurd_hour_is_a_late_time_not_an_overflow() {
        let line = format!("{}:00:00.000 --> 00:00.000", "9".repeat(400));
        assert_eq!(times(&line), Some((u64::MAX, 0)));
    }

    #[test]
    fn a_comma_counts_only_where_the_file_means_it() {
        let comma = "00:00:01,000 --> 00:00:02,000";
        let wrong = "00:00:01x000 --> 00:00:02.000";
        assert_eq!(fraction_of([comma, comma, wrong].into_iter()), Fraction::DotOrComma);
        assert_eq!(fraction_of([comma, wrong].into_iter()), Fraction::Dot);
        assert_eq!(timings(comma, Fraction::Dot), None);
        assert_eq!(timings(comma, Fraction::DotOrComma), Some(Timings { start_ms: 1_000, end_ms: 2_000 }));
    }
}
