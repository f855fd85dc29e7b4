//! Medians and their like.

use std::time::Duration;

/// Measured values of one thing, sorted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    pub(crate) fn new(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// In milliseconds.
    pub(crate) fn of_durations(values: impl IntoIterator<Item = Duration>) -> Self {
        Self::new(values.into_iter().map(|value| value.as_secs_f64() * 1000.0))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The smallest value that at least `percent` of the values do not exceed.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list of thousands"
    )]
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        let place = (self.0.len() as f64 * percent / 100.0).ceil() as usize;
        self.0.get(place.saturating_sub(1)).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        let at = |place: usize| self.0.get(place).copied().unwrap_or(f64::NAN);
        if self.0.len().is_multiple_of(2) {
            f64::midpoint(at(middle.wrapping_sub(1)), at(middle))
        } else {
            at(middle)
        }
    }

    /// The median distance from the median: spread that outliers do not move.
    pub(crate) fn deviation(&self) -> f64 {
        let median = self.median();
        Self::new(self.0.iter().map(|value| (value - median).abs())).median()
    }

    pub(crate) fn sum(&self) -> f64 {
        self.0.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_outlier_moves_neither_median_nor_deviation() {
        let sample = Sample::new([5.0, 1.0, 3.0, 2.0, 900.0]);
        assert_eq!(format!("{} ± {}", sample.median(), sample.deviation()), "3 ± 2");
        assert_eq!(Sample::new([4.0, 1.0]).median().to_string(), "2.5");
        assert!(Sample::default().median().is_nan());
    }

    #[test]
    fn percentiles_are_measured_values() {
        let sample = Sample::new((1..=100).map(f64::from));
        let percentiles = [50.0, 95.0, 99.0, 100.0].map(|percent| sample.percentile(percent).to_string());
        assert_eq!(percentiles, ["50", "95", "99", "100"]);
        assert_eq!(Sample::new([7.0]).percentile(99.0).to_string(), "7");
    }
}
