//! Cutting a failing input down to the fewest operations that still fail.

/// The least input that this finds which still fails. Only what fails at the end is returned.
pub fn least(bytes: &[u8], fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut least = bytes.to_vec();
    loop {
        let before = least.clone();
        // Many operations at a time first, then fewer, down to one.
        let mut size = (least.len() / 4).next_power_of_two();
        while size > 0 {
            let mut at = 1;
            while at * 4 < least.len() {
                let mut shorter = least.clone();
                let end = ((at + size) * 4).min(least.len());
                shorter.drain(at * 4..end);
                if fails(&shorter) {
                    least = shorter;
                } else {
                    at += size;
                }
            }
            size /= 2;
        }
        // Small numbers are easier to read.
        for at in 0..least.len() {
            let mut plainer = least.clone();
            for byte in [0, 1, plainer[at] / 2] {
                plainer[at] = byte;
                if byte < least[at] && fails(&plainer) {
                    least = plainer;
                    break;
                }
            }
        }
        if least == before {
            return least;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::least;

    /// Fails if an operation with a 7 comes somewhere before one with a 9.
    fn fails(bytes: &[u8]) -> bool {
        let mut groups = bytes.chunks_exact(4).skip(1);
        groups.any(|group| group[0] == 7) && groups.any(|group| group[0] == 9)
    }

    #[test]
    fn what_does_not_matter_is_cut_away() {
        let mut bytes: Vec<u8> = (1..=200).collect();
        bytes[40] = 7;
        bytes[120] = 9;
        assert!(fails(&bytes));
        assert_eq!(least(&bytes, fails), [0, 0, 0, 0, 7, 0, 0, 0, 9, 0, 0, 0]);
    }
}
