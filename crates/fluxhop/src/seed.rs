//! Where the noise starts from, and how a random one is drawn.

use crate::SeedRange;

/// Where the noise starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seed {
    /// A seed drawn once, on this side, so that a second attempt draws the same picture.
    #[default]
    Random,
    /// This one.
    Fixed(u64),
    /// One that was drawn for a random request before it was known who draws: a provider brings
    /// it into its own range, each time the same way.
    Sampled(u64),
}

impl Seed {
    /// A random seed drawn now, so that whoever is asked again draws the same picture.
    #[must_use]
    pub fn sampled(self) -> Self {
        match self {
            Self::Random => Self::Sampled(fastrand::u64(..)),
            decided => decided,
        }
    }

    /// The seed of the first of `count` pictures: the fixed one, or one drawn.
    ///
    /// A drawn one leaves room in `range` for those of the other pictures, which count up from it.
    pub fn resolve(self, range: SeedRange, count: u32) -> u64 {
        match self {
            Self::Fixed(seed) => seed,
            Self::Sampled(seed) => {
                let others = u64::from(count.saturating_sub(1));
                let last = range.max.saturating_sub(others);
                last.checked_add(1).map_or(seed, |seeds| seed % seeds)
            }
            Self::Random => self.sampled().resolve(range, count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_seed_leaves_room_for_those_of_the_other_pictures() {
        for _ in 0..100 {
            assert!(Seed::Random.resolve(SeedRange::new(5), 4) <= 2);
        }
        assert_eq!(Seed::Random.resolve(SeedRange::new(2), 4), 0);
        let drawn = Seed::Random.resolve(SeedRange::new(u64::MAX), 1);
        assert_ne!(drawn, Seed::Random.resolve(SeedRange::new(u64::MAX), 1));
    }

    #[test]
    fn a_drawn_seed_is_the_same_each_time_in_any_range() {
        let drawn = Seed::Random.sampled();
        assert_eq!(drawn, drawn.sampled());
        for max in [0, 5, i32::MAX as u64, u64::MAX] {
            let range = SeedRange::new(max);
            assert_eq!(drawn.resolve(range, 1), drawn.resolve(range, 1));
            assert!(drawn.resolve(range, 1) <= max);
        }
    }

    #[test]
    fn a_fixed_seed_stays() {
        assert_eq!(Seed::Fixed(7).resolve(SeedRange::new(5), 4), 7);
    }
}
