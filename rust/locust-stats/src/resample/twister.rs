//! The Mersenne Twister as Python's `random.Random` seeds and reads it, so that draws are those of the standard library.

const SIZE: usize = 624;
const MIDDLE: usize = 397;

/// A stream of numbers that its seed fixes. Takes 2.5 kB.
pub struct Twister {
    state: [u32; SIZE],
    at: usize,
}

impl Twister {
    /// Seeds it with a number of any length, given by its bytes, the highest first.
    ///
    /// ```
    /// use locust_stats::resample::twister::Twister;
    /// // random.Random(7).random()
    /// assert_eq!(Twister::new(&[7]).next_share(), 0.323_832_764_833_162_37);
    /// ```
    #[must_use]
    pub fn new(number: &[u8]) -> Self {
        let word = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0u32, |word, &byte| word << 8 | u32::from(byte))
        };
        let mut key: Vec<u32> = number.rchunks(4).map(word).collect();
        while key.len() > 1 && key.last() == Some(&0) {
            key.pop();
        }
        if key.is_empty() {
            key.push(0);
        }
        Self::from_key(&key)
    }

    fn from_key(key: &[u32]) -> Self {
        let mut state = [0u32; SIZE];
        state[0] = 19_650_218;
        for i in 1..SIZE {
            state[i] = scrambled(state[i - 1])
                .wrapping_mul(1_812_433_253)
                .wrapping_add(i as u32);
        }
        let (mut i, mut j) = (1, 0);
        for _ in 0..SIZE.max(key.len()) {
            let mixed = state[i] ^ scrambled(state[i - 1]).wrapping_mul(1_664_525);
            state[i] = mixed.wrapping_add(key[j]).wrapping_add(j as u32);
            i = following(&mut state, i);
            j = (j + 1) % key.len();
        }
        for _ in 1..SIZE {
            let mixed = state[i] ^ scrambled(state[i - 1]).wrapping_mul(1_566_083_941);
            state[i] = mixed.wrapping_sub(i as u32);
            i = following(&mut state, i);
        }
        state[0] = 0x8000_0000;
        Twister { state, at: SIZE }
    }

    /// A number from 0 to below 1, with 53 bits.
    pub fn next_share(&mut self) -> f64 {
        let (high, low) = (self.next_word() >> 5, self.next_word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    fn next_word(&mut self) -> u32 {
        if self.at == SIZE {
            self.turn();
        }
        let mut word = self.state[self.at];
        self.at += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ word >> 18
    }

    fn turn(&mut self) {
        for i in 0..SIZE {
            let both = self.state[i] & 0x8000_0000 | self.state[(i + 1) % SIZE] & 0x7fff_ffff;
            let twist = if both & 1 == 0 { 0 } else { 0x9908_b0df };
            self.state[i] = self.state[(i + MIDDLE) % SIZE] ^ both >> 1 ^ twist;
        }
        self.at = 0;
    }
}

fn scrambled(word: u32) -> u32 {
    word ^ word >> 30
}

/// The index after `i`; past the end the last word becomes the first.
fn following(state: &mut [u32; SIZE], i: usize) -> usize {
    if i + 1 < SIZE {
        return i + 1;
    }
    state[0] = state[SIZE - 1];
    1
}

#[cfg(test)]
mod tests {
    use super::Twister;

    #[test]
    fn draws_are_those_of_pythons_random() {
        // random.Random(2**70 + 5), its first, second and 1000th number.
        let seed = (1u128 << 70) + 5;
        let mut twister = Twister::new(&seed.to_be_bytes());
        let drawn: Vec<f64> = (0..1_000).map(|_| twister.next_share()).collect();
        assert_eq!([drawn[0], drawn[1], drawn[999]], EXPECTED);
    }

    const EXPECTED: [f64; 3] = [
        0.466_799_537_762_263_35,
        0.474_870_269_191_982_4,
        0.438_002_627_113_823_65,
    ];
}
