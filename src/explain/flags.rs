//! The flags of a request as kernels from 3.x to 6.x print them, in terms of Linux 6.12.
//!
//! The bits of the flags have changed many times; their names have not. Kernels since 4.6 print names, and those
//! decide. Earlier ones print bits alone: those of 3.x, or those of 4.4 and 4.5, which alone have a bit 25.

use std::fmt::Write as _;

use crate::mm::Gfp;

/// How a request may be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flags {
    /// As the log has them: `0x820(GFP_ATOMIC)`.
    pub printed: String,
    /// What they mean, in the flags of Linux 6.12.
    pub gfp: Gfp,
    /// Names that say nothing about where a page may come from, and any the reader does not know.
    pub others: Vec<String>,
    /// What of it could not be read, if anything: the log breaks off there.
    pub unread: Option<String>,
    /// A request of a 3.x kernel that could not wait: those might use a quarter of the reserve even without
    /// `__GFP_HIGH`.
    pub harder: bool,
}

/// Names of older kernels, and what they come to now.
const OLD_NAMES: [(&str, Gfp); 8] = [
    // Since 6.7 it has NOWARN as well; a request that is reported had not.
    ("GFP_NOWAIT", Gfp::KSWAPD_RECLAIM),
    ("GFP_TEMPORARY", Gfp::GFP_KERNEL.union(Gfp::RECLAIMABLE)),
    ("GFP_IOFS", Gfp::IO.union(Gfp::FS)),
    ("__GFP_WAIT", Gfp::RECLAIM),
    ("__GFP_REPEAT", Gfp::RETRY_MAYFAIL),
    ("__GFP_ATOMIC", Gfp::empty()),
    ("__GFP_DMA32", Gfp::DMA32),
    ("__GFP_DMA", Gfp::DMA),
];

/// Bits of Linux 3.x that are not where they are now: `include/linux/gfp.h` of those kernels.
const BITS_3: [(u64, Gfp); 17] = [
    (0x10, Gfp::RECLAIM),
    (0x20, Gfp::HIGH),
    (0x40, Gfp::IO),
    (0x80, Gfp::FS),
    (0x200, Gfp::NOWARN),
    (0x400, Gfp::RETRY_MAYFAIL),
    (0x800, Gfp::NOFAIL),
    (0x1000, Gfp::NORETRY),
    (0x2000, Gfp::MEMALLOC),
    (0x4000, Gfp::COMP),
    (0x8000, Gfp::ZERO),
    (0x1_0000, Gfp::NOMEMALLOC),
    (0x2_0000, Gfp::HARDWALL),
    (0x4_0000, Gfp::THISNODE),
    (0x8_0000, Gfp::RECLAIMABLE),
    (0x10_0000, Gfp::ACCOUNT),
    (0x100_0000, Gfp::WRITE),
];

/// What 4.4 and 4.5 have elsewhere than 3.x.
const BITS_4: [(u64, Gfp); 19] = [
    (0x10, Gfp::RECLAIMABLE),
    (0x20, Gfp::HIGH),
    (0x40, Gfp::IO),
    (0x80, Gfp::FS),
    (0x200, Gfp::NOWARN),
    (0x400, Gfp::RETRY_MAYFAIL),
    (0x800, Gfp::NOFAIL),
    (0x1000, Gfp::NORETRY),
    (0x2000, Gfp::MEMALLOC),
    (0x4000, Gfp::COMP),
    (0x8000, Gfp::ZERO),
    (0x1_0000, Gfp::NOMEMALLOC),
    (0x2_0000, Gfp::HARDWALL),
    (0x4_0000, Gfp::THISNODE),
    (0x10_0000, Gfp::ACCOUNT),
    (0x40_0000, Gfp::DIRECT_RECLAIM),
    (0x100_0000, Gfp::WRITE),
    (0x200_0000, Gfp::KSWAPD_RECLAIM),
    (0x8, Gfp::MOVABLE),
];

/// The bit that no kernel without names but 4.4 and 4.5 uses: `___GFP_KSWAPD_RECLAIM`.
const KSWAPD_4: u64 = 0x200_0000;

/// 3.x: do not wake kswapd.
const NO_KSWAPD_3: u64 = 0x40_0000;

impl Flags {
    /// Reads `0x820(GFP_ATOMIC)`, or the bits alone. What cannot be read is kept apart: none of it is an error, since
    /// logs break off anywhere. None if there are not even bits.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.strip_prefix("0x").or((text == "0").then_some("0"));
        let digits = digits.or_else(|| text.strip_prefix('0').filter(|rest| rest.starts_with('(')));
        let rest = digits?;
        let end = rest
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(rest.len());
        let (bits, rest) = rest.split_at(end);
        let bits = match bits {
            "" if text.starts_with("0(") => 0,
            _ => u64::from_str_radix(bits, 16).ok()?,
        };
        let printed = text.to_owned();
        let mut flags = match rest.strip_prefix('(') {
            Some(names) => Self::named(names),
            None => Self::of_bits(bits),
        };
        flags.printed = printed;
        Some(flags)
    }

    fn empty() -> Self {
        Self {
            printed: String::new(),
            gfp: Gfp::empty(),
            others: Vec::new(),
            unread: None,
            harder: false,
        }
    }

    fn named(text: &str) -> Self {
        let mut flags = Self::empty();
        let (names, whole) = match text.split_once(')') {
            Some((names, _)) => (names, true),
            None => (text, false),
        };
        let mut words = names.split('|').map(str::trim).peekable();
        while let Some(word) = words.next() {
            let last = words.peek().is_none();
            match flag(word) {
                _ if word.is_empty() => {}
                Some(found) => flags.gfp |= found,
                // A word that breaks off is no name.
                None if last && !whole => flags.unread = Some(word.to_owned()),
                None => flags.others.push(word.chars().take(40).collect()),
            }
        }
        flags
    }

    fn of_bits(bits: u64) -> Self {
        let mut flags = Self::empty();
        // The zone bits are where they have always been.
        flags.gfp = Gfp::from_bits_truncate(bits as u32 & 0xf);
        let modern = bits & KSWAPD_4 != 0;
        let table: &[(u64, Gfp)] = if modern { &BITS_4 } else { &BITS_3 };
        let mut left = bits & !0xf;
        for &(bit, flag) in table {
            if bits & bit != 0 {
                flags.gfp |= flag;
                left &= !bit;
            }
        }
        if !modern {
            let waits = flags.gfp.contains(Gfp::DIRECT_RECLAIM);
            flags.gfp.set(Gfp::KSWAPD_RECLAIM, bits & NO_KSWAPD_3 == 0);
            flags.harder = !waits && !flags.gfp.intersects(Gfp::HIGH | Gfp::NOMEMALLOC);
        }
        if left != 0 {
            flags.others.push(format!("{left:#x}"));
        }
        flags
    }

    /// The flags by name: `GFP_ATOMIC`, or `none`.
    pub fn names(&self) -> String {
        let mut names = self.gfp.to_string();
        if names.is_empty() {
            names.push_str("no flag");
        }
        for other in &self.others {
            let _ = write!(names, "|{other}");
        }
        names
    }
}

/// A flag by its name. Some kernels drop the underscores.
fn flag(word: &str) -> Option<Gfp> {
    let old = |word: &str| {
        let found = OLD_NAMES.iter().find(|(name, _)| *name == word);
        found.map(|&(_, flags)| flags)
    };
    let prefixed = format!("__{word}");
    old(word)
        .or_else(|| word.parse().ok())
        .or_else(|| old(&prefixed))
        .or_else(|| {
            // A number after names is what the kernel has no name for: no flag of ours.
            (!word.starts_with("0x"))
                .then(|| prefixed.parse().ok())
                .flatten()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_all_kernels_mean_the_same() {
        for (text, gfp) in [
            ("0x820(GFP_ATOMIC)", Gfp::GFP_ATOMIC),
            ("0xa20(GFP_ATOMIC)", Gfp::GFP_ATOMIC),
            ("0x480020(GFP_ATOMIC)", Gfp::GFP_ATOMIC),
            ("0x1080020(GFP_ATOMIC)", Gfp::GFP_ATOMIC),
            ("0x2080020(GFP_ATOMIC)", Gfp::GFP_ATOMIC),
            ("0x20", Gfp::GFP_ATOMIC),
            ("0x4020", Gfp::GFP_ATOMIC | Gfp::COMP),
            ("0xd0", Gfp::GFP_KERNEL),
            ("0x24000c0", Gfp::GFP_KERNEL),
            ("0x14000c0(GFP_KERNEL)", Gfp::GFP_KERNEL),
            ("0x200da", Gfp::GFP_HIGHUSER_MOVABLE),
            ("0x280da", Gfp::GFP_HIGHUSER_MOVABLE | Gfp::ZERO),
            ("0x24200ca", Gfp::GFP_HIGHUSER_MOVABLE),
            (
                "0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)",
                Gfp::GFP_HIGHUSER_MOVABLE | Gfp::COMP,
            ),
            ("0x0()", Gfp::empty()),
            ("0(GFP_DMA)", Gfp::GFP_DMA),
            (
                "0x2000(GFP_NOWAIT|GFP_NOWARN)",
                Gfp::KSWAPD_RECLAIM | Gfp::NOWARN,
            ),
        ] {
            let flags = Flags::read(text).expect(text);
            assert_eq!(flags.gfp, gfp, "{text}: {}", flags.gfp);
            assert_eq!(flags.unread, None, "{text}");
            assert_eq!(flags.others, [""; 0], "{text}");
        }
    }

    #[test]
    fn what_is_cut_off_or_unknown_is_kept_apart() {
        let cut = Flags::read("0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_CO").expect("bits");
        assert_eq!(cut.gfp, Gfp::GFP_HIGHUSER_MOVABLE);
        assert_eq!(cut.unread.as_deref(), Some("__GFP_CO"));
        let others = Flags::read("0x1000cc0(GFP_KERNEL|__GFP_NOTRACK|0x1000000)").expect("bits");
        assert_eq!(others.others, ["__GFP_NOTRACK", "0x1000000"]);
        assert_eq!(others.names(), "GFP_KERNEL|__GFP_NOTRACK|0x1000000");
        // 0x100: a page that is cold in the cache, until 4.14.
        assert_eq!(Flags::read("0x201da").expect("bits").others, ["0x100"]);
        assert!(Flags::read("0x0").expect("bits").harder);
        for text in ["", "x", "0xg", "GFP_KERNEL", "0x10000000000000000"] {
            assert_eq!(Flags::read(text), None, "{text}");
        }
    }
}
