//! How loud the player wants it.

use serde::{Deserialize, Deserializer, Serialize};

use super::recipe::Bus;

/// As loud as it gets.
pub const FULL: u8 = 100;

/// Volumes from 0 to [`FULL`], and silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Volumes {
    /// Everything.
    #[serde(deserialize_with = "volume")]
    pub master: u8,
    /// What happens in a raid.
    #[serde(deserialize_with = "volume")]
    pub effects: u8,
    /// The drone of memory pressure.
    #[serde(deserialize_with = "volume")]
    pub drone: u8,
    /// Menus, and answers to what one presses.
    #[serde(deserialize_with = "volume")]
    pub menu: u8,
    /// Nothing is heard, whatever the volumes say.
    pub muted: bool,
}

impl Default for Volumes {
    fn default() -> Self {
        Self {
            master: 80,
            effects: FULL,
            drone: 50,
            menu: 70,
            muted: false,
        }
    }
}

impl Volumes {
    /// True if nobody has changed anything.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// How loud a bus is, in thousandths.
    pub fn of(self, bus: Bus) -> u32 {
        if self.muted {
            return 0;
        }
        let bus = match bus {
            Bus::Effects => self.effects,
            Bus::Drone => self.drone,
            Bus::Menu => self.menu,
        };
        u32::from(self.master.min(FULL)) * u32::from(bus.min(FULL)) / 10
    }
}

/// A volume.
fn volume<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let found = u64::deserialize(deserializer)?;
    u8::try_from(found)
        .ok()
        .filter(|&volume| volume <= FULL)
        .ok_or_else(|| {
            serde::de::Error::custom(format!("found {found}, expected a volume from 0 to {FULL}"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buses_multiply_with_the_whole_and_silence_is_silent() {
        let mut volumes = Volumes {
            master: 50,
            effects: 40,
            ..Volumes::default()
        };
        assert_eq!(volumes.of(Bus::Effects), 200);
        volumes.muted = true;
        for bus in [Bus::Effects, Bus::Drone, Bus::Menu] {
            assert_eq!(volumes.of(bus), 0);
        }
    }

    #[test]
    fn what_is_missing_is_as_usual_and_what_is_too_loud_is_named() {
        let read = |text: &str| serde_json::from_str::<Volumes>(text);
        let some = read(r#"{"drone":0}"#).expect("all but one are missing");
        assert_eq!(
            some,
            Volumes {
                drone: 0,
                ..Volumes::default()
            }
        );
        let error = read(r#"{"master":130}"#).expect_err("too loud").to_string();
        assert!(
            error.starts_with("found 130, expected a volume from 0 to 100"),
            "{error}"
        );
        let kept = Volumes {
            muted: true,
            ..Volumes::default()
        };
        let text = serde_json::to_string(&kept).expect("plain figures");
        assert_eq!(read(&text).expect("what was written"), kept);
    }
}
