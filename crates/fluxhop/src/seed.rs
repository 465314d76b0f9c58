//! The seed of a request.

use crate::SeedRange;

/// The seed of the initial noise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seed {
    /// A random seed, sampled once per request so that a retry generates the same image.
    #[default]
    Random,
    /// A given seed.
    Fixed(u64),
    /// A random seed that was sampled before a provider was chosen. Each provider reduces it to
    /// its own range, always to the same value.
    Sampled(u64),
}

impl Seed {
    /// Samples a random seed and leaves others unchanged. Policies call this before the first
    /// attempt, so that every attempt uses the same seed.
    #[must_use]
    pub fn sampled(self) -> Self {
        match self {
            Self::Random => Self::Sampled(fastrand::u64(..)),
            seed => seed,
        }
    }

    /// Returns the seed of the first of `count` images.
    ///
    /// A random seed is chosen so that the seeds of all images, which count up from it, are within
    /// `range`. A fixed seed is returned unchecked.
    pub fn resolve(self, range: SeedRange, count: u32) -> u64 {
        match self {
            Self::Fixed(seed) => seed,
            Self::Sampled(seed) => {
                let offset = u64::from(count.saturating_sub(1));
                let last = range.max.saturating_sub(offset);
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
    fn a_random_seed_keeps_the_seeds_of_all_images_in_range() {
        for _ in 0..100 {
            assert!(Seed::Random.resolve(SeedRange::new(5), 4) <= 2);
        }
        assert_eq!(Seed::Random.resolve(SeedRange::new(2), 4), 0);
        let sampled = Seed::Random.resolve(SeedRange::new(u64::MAX), 1);
        assert_ne!(sampled, Seed::Random.resolve(SeedRange::new(u64::MAX), 1));
    }

    #[test]
    fn a_sampled_seed_always_resolves_to_the_same_value() {
        let sampled = Seed::Random.sampled();
        assert_eq!(sampled, sampled.sampled());
        for max in [0, 5, i32::MAX as u64, u64::MAX] {
            let range = SeedRange::new(max);
            assert_eq!(sampled.resolve(range, 1), sampled.resolve(range, 1));
            assert!(sampled.resolve(range, 1) <= max);
        }
    }

    #[test]
    fn a_fixed_seed_is_unchanged() {
        assert_eq!(Seed::Fixed(7).resolve(SeedRange::new(5), 4), 7);
    }
}
