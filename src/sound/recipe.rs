//! How sounds are made, as data: `assets/sound/cues.ron`, checked when read.

use serde::Deserialize;

use super::cue::Cue;

/// Longest sound that is no loop, in milliseconds.
pub const MAX_CUE_MS: u32 = 600;

/// Length of a loop, in milliseconds.
pub const LOOP_MS: u32 = 4000;

/// Highest peak, in thousandths of full scale: 3 dB below it.
const MAX_PEAK: u32 = 700;

/// Most layers of a sound.
const MAX_LAYERS: usize = 8;

/// Most variations of a sound.
const MAX_VARIATIONS: u32 = 4;

/// Which volume a sound follows, besides the whole game's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bus {
    /// What happens in a raid.
    Effects,
    /// The drone.
    Drone,
    /// Menus, and answers to what one presses.
    Menu,
}

impl Bus {
    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Effects => "effects",
            Self::Drone => "drone",
            Self::Menu => "menu",
        }
    }
}

/// One sound.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Which.
    pub cue: Cue,
    /// What it tells, in a few words.
    pub means: String,
    /// Which volume it follows.
    pub bus: Bus,
    /// Which sounds go first where there are too many; from 0 to 9.
    pub priority: u8,
    /// Length in milliseconds.
    pub ms: u32,
    /// Its loudest sample, in thousandths of full scale.
    pub peak: u32,
    /// It goes round without a seam.
    #[serde(default)]
    pub loops: bool,
    /// How many slightly different ones there are.
    #[serde(default = "one")]
    pub variations: u32,
    /// What it is made of; all of it is added up.
    pub layers: Vec<Layer>,
}

/// A wave in an envelope, through a filter.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// The wave.
    pub wave: Wave,
    /// Pitch at its start and at its end, in hertz. For noise: how often it takes another value; 0 for every sample.
    pub hz: (u32, u32),
    /// How loud beside the other layers, in thousandths.
    pub level: u32,
    /// When it starts, in milliseconds.
    #[serde(default)]
    pub at: u32,
    /// How long it lasts, in milliseconds. A layer of a loop lasts as long as the loop.
    #[serde(default)]
    pub ms: u32,
    /// How long it rises, in milliseconds.
    #[serde(default = "attack")]
    pub attack: u32,
    /// How it falls after that: the power of a line from 1 to 0; 0 to stay until shortly before its end.
    #[serde(default = "two")]
    pub curve: u32,
    /// Only some of it is let through.
    #[serde(default)]
    pub filter: Option<Filter>,
    /// Another sine bends its phase: how fast beside it, and how far, both in thousandths (of its pitch; of a cycle).
    #[serde(default)]
    pub fm: Option<(u32, u32)>,
    /// It swells and ebbs: how often, in hundredths of a hertz, and how much, in thousandths.
    #[serde(default)]
    pub tremolo: Option<(u32, u32)>,
}

/// The shape of a wave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wave {
    /// One tone.
    Sine,
    /// A soft one.
    Triangle,
    /// A hollow one.
    Square,
    /// A bright one.
    Saw,
    /// None.
    Noise,
}

/// Lets through what is below, near or above a pitch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// What.
    pub kind: FilterKind,
    /// Where at the start and at the end, in hertz.
    pub hz: (u32, u32),
    /// How little it rings there, in thousandths: from 100 (like a bell) to 1600 (not at all).
    #[serde(default = "damp")]
    pub damp: u32,
}

/// What a filter lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FilterKind {
    /// What is below.
    Low,
    /// What is near.
    Band,
    /// What is above.
    High,
}

const fn one() -> u32 {
    1
}

const fn two() -> u32 {
    2
}

const fn attack() -> u32 {
    3
}

const fn damp() -> u32 {
    1000
}

/// Why the table of sounds is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {what}", line.map(|l| format!(":{l}")).unwrap_or_default())]
pub struct SoundError {
    /// The file.
    pub file: String,
    /// The line, where the text itself is at fault.
    pub line: Option<u32>,
    /// What is wrong and what was expected.
    pub what: String,
}

/// The recipes of all sounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cues(Vec<Recipe>);

impl Cues {
    /// The sounds the game ships with.
    ///
    /// # Errors
    ///
    /// If the shipped table is wrong; a test keeps that from happening.
    pub fn shipped() -> Result<Self, SoundError> {
        Self::parse(
            "assets/sound/cues.ron",
            include_str!("../../assets/sound/cues.ron"),
        )
    }

    /// Reads and checks a table, given as its file's name and its text. It has every cue once.
    ///
    /// # Errors
    ///
    /// Names the file, and the line or the cue, and what was expected.
    pub fn parse(file: &str, text: &str) -> Result<Self, SoundError> {
        let refused = |line, what| SoundError {
            file: file.into(),
            line,
            what,
        };
        let mut recipes: Vec<Recipe> = ron::from_str(text).map_err(|error| {
            let line = u32::try_from(error.span.start.line).ok();
            refused(line, error.code.to_string())
        })?;
        for recipe in &recipes {
            recipe
                .check()
                .map_err(|what| refused(None, format!("{}: {what}", recipe.cue.name())))?;
        }
        recipes.sort_by_key(|recipe| recipe.cue);
        for (at, &cue) in Cue::ALL.iter().enumerate() {
            match recipes.get(at) {
                Some(recipe) if recipe.cue == cue => {}
                Some(recipe) if recipe.cue < cue => {
                    let name = recipe.cue.name();
                    return Err(refused(None, format!("{name} stands there twice")));
                }
                _ => return Err(refused(None, format!("{} is missing", cue.name()))),
            }
        }
        if let Some(more) = recipes.get(Cue::ALL.len()) {
            let name = more.cue.name();
            return Err(refused(None, format!("{name} stands there twice")));
        }
        Ok(Self(recipes))
    }

    /// How a cue is made.
    pub fn recipe(&self, cue: Cue) -> &Recipe {
        // There is one of each, in order: `parse` saw to that.
        &self.0[cue as usize]
    }

    /// All recipes, in the order of [`Cue::ALL`].
    pub fn all(&self) -> &[Recipe] {
        &self.0
    }
}

impl Recipe {
    fn check(&self) -> Result<(), String> {
        let within = |what: &str, found: u32, least: u32, most: u32| {
            if (least..=most).contains(&found) {
                Ok(())
            } else {
                Err(format!("{what} is {found}, expected {least} to {most}"))
            }
        };
        if self.means.is_empty() || self.means.len() > 60 {
            return Err("means: expected 1 to 60 characters".into());
        }
        within("priority", self.priority.into(), 0, 9)?;
        within("peak", self.peak, 50, MAX_PEAK)?;
        within("variations", self.variations, 1, MAX_VARIATIONS)?;
        if self.loops {
            within("ms of a loop", self.ms, LOOP_MS, LOOP_MS)?;
        } else {
            within("ms", self.ms, 20, MAX_CUE_MS)?;
        }
        if self.layers.is_empty() || self.layers.len() > MAX_LAYERS {
            return Err(format!("expected 1 to {MAX_LAYERS} layers"));
        }
        for (number, layer) in self.layers.iter().enumerate() {
            layer
                .check(self, &within)
                .map_err(|what| format!("layer {}: {what}", number + 1))?;
        }
        Ok(())
    }
}

impl Layer {
    fn check(
        &self,
        recipe: &Recipe,
        within: &impl Fn(&str, u32, u32, u32) -> Result<(), String>,
    ) -> Result<(), String> {
        let least = if self.wave == Wave::Noise { 0 } else { 20 };
        for hz in [self.hz.0, self.hz.1] {
            within("hz", hz, least, 8000)?;
        }
        within("level", self.level, 1, 1000)?;
        within("curve", self.curve, 0, 4)?;
        if recipe.loops {
            within("at, in a loop", self.at, 0, 0)?;
            within("ms, in a loop", self.ms, 0, 0)?;
            if self.hz.0 != self.hz.1 {
                return Err("the pitch changes, expected one pitch in a loop".into());
            }
        } else {
            within("ms", self.ms, 2, recipe.ms)?;
            within("at + ms", self.at.saturating_add(self.ms), 0, recipe.ms)?;
            within("attack", self.attack, 0, self.ms)?;
        }
        if let Some(filter) = self.filter {
            for hz in [filter.hz.0, filter.hz.1] {
                within("hz of the filter", hz, 20, 6000)?;
            }
            within("damp", filter.damp, 100, 1600)?;
        }
        if let Some((ratio, depth)) = self.fm {
            within("ratio of fm", ratio, 10, 9000)?;
            within("depth of fm", depth, 1, 2000)?;
        }
        if let Some((often, depth)) = self.tremolo {
            within("pace of the tremolo", often, 1, 5000)?;
            within("depth of the tremolo", depth, 1, 1000)?;
            if recipe.loops && !(often * LOOP_MS).is_multiple_of(100_000) {
                return Err(format!(
                    "pace of the tremolo is {often}, expected whole swells in a loop: a multiple of 25"
                ));
            }
        }
        Ok(())
    }
}
