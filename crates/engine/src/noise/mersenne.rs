//! The Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998), seeded as `init_genrand` does.

const SIZE: usize = 624;
const SHIFT: usize = 397;

pub(super) struct Mersenne {
    state: [u32; SIZE],
    /// Index of the next word of the state; `SIZE` once all are used.
    next: usize,
}

impl Mersenne {
    pub(super) fn new(seed: u32) -> Self {
        let mut state = [seed; SIZE];
        for i in 1..SIZE {
            let last = state[i - 1];
            let mixed = 1_812_433_253_u32.wrapping_mul(last ^ last >> 30);
            state[i] = mixed.wrapping_add(i as u32);
        }
        Self { state, next: SIZE }
    }

    /// Returns the next 32 bits.
    pub(super) fn next(&mut self) -> u32 {
        if self.next == SIZE {
            self.twist();
            self.next = 0;
        }
        let mut bits = self.state[self.next];
        self.next += 1;
        bits ^= bits >> 11;
        bits ^= bits << 7 & 0x9d2c_5680;
        bits ^= bits << 15 & 0xefc6_0000;
        bits ^ bits >> 18
    }

    fn twist(&mut self) {
        for i in 0..SIZE {
            let joined = self.state[i] & 0x8000_0000 | self.state[(i + 1) % SIZE] & 0x7fff_ffff;
            let matrix = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[i] = self.state[(i + SHIFT) % SIZE] ^ joined >> 1 ^ matrix;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ten_thousandth_number_matches_the_cpp_standard() {
        let mut bits = Mersenne::new(5489);
        let last = (0..10_000).map(|_| bits.next()).last();
        assert_eq!(last, Some(4_123_659_995));
    }
}
