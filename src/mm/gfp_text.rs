//! GFP flags as text, as `%pGg` prints them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::Gfp;

/// Names in the order they are looked for: those with more bits first (`include/trace/events/mmflags.h`).
const NAMES: [(&str, Gfp); 36] = [
    ("GFP_TRANSHUGE", Gfp::GFP_TRANSHUGE),
    ("GFP_TRANSHUGE_LIGHT", Gfp::GFP_TRANSHUGE_LIGHT),
    ("GFP_HIGHUSER_MOVABLE", Gfp::GFP_HIGHUSER_MOVABLE),
    ("GFP_HIGHUSER", Gfp::GFP_HIGHUSER),
    ("GFP_USER", Gfp::GFP_USER),
    ("GFP_KERNEL_ACCOUNT", Gfp::GFP_KERNEL_ACCOUNT),
    ("GFP_KERNEL", Gfp::GFP_KERNEL),
    ("GFP_NOFS", Gfp::GFP_NOFS),
    ("GFP_ATOMIC", Gfp::GFP_ATOMIC),
    ("GFP_NOIO", Gfp::GFP_NOIO),
    ("GFP_NOWAIT", Gfp::GFP_NOWAIT),
    ("GFP_DMA", Gfp::GFP_DMA),
    ("__GFP_HIGHMEM", Gfp::HIGHMEM),
    ("GFP_DMA32", Gfp::GFP_DMA32),
    ("__GFP_HIGH", Gfp::HIGH),
    ("__GFP_IO", Gfp::IO),
    ("__GFP_FS", Gfp::FS),
    ("__GFP_NOWARN", Gfp::NOWARN),
    ("__GFP_RETRY_MAYFAIL", Gfp::RETRY_MAYFAIL),
    ("__GFP_NOFAIL", Gfp::NOFAIL),
    ("__GFP_NORETRY", Gfp::NORETRY),
    ("__GFP_COMP", Gfp::COMP),
    ("__GFP_ZERO", Gfp::ZERO),
    ("__GFP_NOMEMALLOC", Gfp::NOMEMALLOC),
    ("__GFP_MEMALLOC", Gfp::MEMALLOC),
    ("__GFP_HARDWALL", Gfp::HARDWALL),
    ("__GFP_THISNODE", Gfp::THISNODE),
    ("__GFP_RECLAIMABLE", Gfp::RECLAIMABLE),
    ("__GFP_MOVABLE", Gfp::MOVABLE),
    ("__GFP_ACCOUNT", Gfp::ACCOUNT),
    ("__GFP_WRITE", Gfp::WRITE),
    ("__GFP_RECLAIM", Gfp::RECLAIM),
    ("__GFP_DIRECT_RECLAIM", Gfp::DIRECT_RECLAIM),
    ("__GFP_KSWAPD_RECLAIM", Gfp::KSWAPD_RECLAIM),
    ("__GFP_ZEROTAGS", Gfp::ZEROTAGS),
    ("__GFP_DMA", Gfp::DMA),
];

/// A word that is no GFP flag.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{word:?} is no GFP flag: they look like GFP_ATOMIC, GFP_KERNEL or __GFP_ZERO")]
pub struct GfpError {
    /// The word.
    pub word: String,
}

impl fmt::Display for Gfp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = *self;
        let mut separator = "";
        for (name, flags) in NAMES {
            if rest.contains(flags) {
                write!(f, "{separator}{name}")?;
                separator = "|";
                rest -= flags;
            }
        }
        if rest.is_empty() {
            Ok(())
        } else {
            write!(f, "{separator}{:#x}", rest.bits())
        }
    }
}

impl FromStr for Gfp {
    type Err = GfpError;

    /// Reads names joined by `|`, spaces allowed around them; hexadecimal numbers too. No name at all means no flag.
    fn from_str(text: &str) -> Result<Self, GfpError> {
        if text.trim().is_empty() {
            return Ok(Self::empty());
        }
        let mut gfp = Self::empty();
        for word in text.split('|') {
            let word = word.trim();
            let named = NAMES.iter().find(|(name, _)| *name == word);
            let flags = match named {
                Some(&(_, flags)) => Some(flags),
                None => word
                    .strip_prefix("0x")
                    .and_then(|digits| u32::from_str_radix(digits, 16).ok())
                    .and_then(Self::from_bits),
            };
            gfp |= flags.ok_or_else(|| GfpError { word: word.into() })?;
        }
        Ok(gfp)
    }
}

impl Serialize for Gfp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Gfp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_linux_does() {
        for (gfp, bits, text) in [
            (Gfp::GFP_ATOMIC, 0x820, "GFP_ATOMIC"),
            (Gfp::GFP_KERNEL, 0xcc0, "GFP_KERNEL"),
            (Gfp::GFP_NOWAIT, 0x2800, "GFP_NOWAIT"),
            (Gfp::GFP_NOIO, 0xc00, "GFP_NOIO"),
            (Gfp::GFP_NOFS, 0xc40, "GFP_NOFS"),
            (Gfp::GFP_USER, 0x10_0cc0, "GFP_USER"),
            (Gfp::GFP_HIGHUSER, 0x10_0cc2, "GFP_HIGHUSER"),
            (Gfp::GFP_HIGHUSER_MOVABLE, 0x10_0cca, "GFP_HIGHUSER_MOVABLE"),
            (Gfp::GFP_TRANSHUGE_LIGHT, 0x1c_20ca, "GFP_TRANSHUGE_LIGHT"),
            (Gfp::GFP_TRANSHUGE, 0x1c_24ca, "GFP_TRANSHUGE"),
            (Gfp::GFP_ATOMIC | Gfp::ZERO, 0x920, "GFP_ATOMIC|__GFP_ZERO"),
            // The mode of the report in tests/data, from a live kernel.
            (
                Gfp::GFP_HIGHUSER_MOVABLE | Gfp::COMP,
                0x14_0cca,
                "GFP_HIGHUSER_MOVABLE|__GFP_COMP",
            ),
            (
                Gfp::GFP_KERNEL | Gfp::RECLAIMABLE,
                0xcd0,
                "GFP_KERNEL|__GFP_RECLAIMABLE",
            ),
            (Gfp::empty(), 0, ""),
        ] {
            assert_eq!(gfp.bits(), bits, "{text}");
            assert_eq!(gfp.to_string(), text);
            assert_eq!(text.parse(), Ok(gfp));
        }
    }

    #[test]
    fn every_combination_reads_back() {
        // 23 flag bits: a walk with an odd stride visits every one together with every other.
        let all = Gfp::all().bits();
        for step in 0..200_000_u32 {
            let gfp = Gfp::from_bits_truncate(step.wrapping_mul(0x9e37_79b1) & all);
            assert_eq!(gfp.to_string().parse(), Ok(gfp));
        }
    }

    #[test]
    fn reads_spaces_and_numbers_and_names_what_it_cannot_read() {
        assert_eq!(
            " GFP_ATOMIC | 0x100 ".parse(),
            Ok(Gfp::GFP_ATOMIC | Gfp::ZERO)
        );
        for (text, word) in [
            ("GFP_EXCLUSIVE", "GFP_EXCLUSIVE"),
            ("GFP_KERNEL||GFP_DMA", ""),
            ("GFP_KERNEL|0x200", "0x200"),
        ] {
            assert_eq!(text.parse::<Gfp>(), Err(GfpError { word: word.into() }));
        }
    }
}
