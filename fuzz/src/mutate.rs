//! Making new inputs from known ones.

/// A small random sequence that is the same everywhere (splitmix64).
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In `0..n`; 0 if there is nothing to choose from.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() >> 1) as usize % n.max(1)
    }

    fn bytes(&mut self) -> [u8; 4] {
        (self.next() as u32).to_le_bytes()
    }
}

/// The most operations of an input: beyond that it gets slower, not better.
const MOST: usize = 250;

/// A new input: one of these with a few changes, or all new if there are none.
pub fn child(random: &mut Random, inputs: &[Vec<u8>]) -> Vec<u8> {
    let parent = inputs.get(random.below(inputs.len()));
    let bytes = parent.filter(|_| random.below(20) > 0).cloned();
    let bytes = bytes.unwrap_or_else(|| {
        let ops = 1 + random.below(MOST);
        (0..=ops).flat_map(|_| random.bytes()).collect()
    });
    let mut groups: Vec<[u8; 4]> = bytes
        .chunks_exact(4)
        .filter_map(|group| group.try_into().ok())
        .collect();
    if groups.is_empty() {
        groups.push(random.bytes());
    }
    for _ in 0..=random.below(5) {
        change(random, &mut groups, inputs);
    }
    groups.truncate(MOST + 1);
    groups.concat()
}

/// One change. The first group is the zone's shape, the others are operations.
fn change(random: &mut Random, groups: &mut Vec<[u8; 4]>, inputs: &[Vec<u8>]) {
    let ops = groups.len() - 1;
    let at = 1 + random.below(ops);
    let run = 1 + random.below(16);
    let end = (at + run).min(groups.len());
    match random.below(10) {
        0 => groups[0] = random.bytes(),
        1 if ops > 0 => {
            let byte = random.below(4);
            groups[at][byte] ^= 1 << random.below(8);
        }
        2 if ops > 0 => {
            let byte = random.below(4);
            groups[at][byte] = random.bytes()[0];
        }
        3 if ops > 0 => {
            groups.drain(at..end);
        }
        // The same again, here or elsewhere.
        4 if ops > 0 => {
            let again = groups[at..end].to_vec();
            let to = 1 + random.below(ops + 1);
            groups.splice(to..to, again);
        }
        5 if ops > 0 => {
            let other = 1 + random.below(ops);
            groups.swap(at, other);
        }
        // Part of another input.
        6 | 7 => {
            let other = inputs.get(random.below(inputs.len()));
            let other = other.map_or(&[][..], |bytes| bytes.get(4..).unwrap_or(&[]));
            let from = random.below(other.len() / 4);
            let part = other.chunks_exact(4).skip(from).take(run * 2);
            let part: Vec<[u8; 4]> = part.filter_map(|group| group.try_into().ok()).collect();
            let to = 1 + random.below(ops + 1);
            groups.splice(to..to, part);
        }
        _ => {
            let new: Vec<[u8; 4]> = (0..run).map(|_| random.bytes()).collect();
            let to = 1 + random.below(ops + 1);
            groups.splice(to..to, new);
        }
    }
}
