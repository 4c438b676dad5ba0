//! A trace as something to watch: play, pause, scrub, who holds what, and a moment to go on from.

use std::sync::Arc;

use super::pages;
use super::plot::{self, Plot};
use super::sheet::{Act, Chip, Room, Row, Sheet, Stroke, Tone, Track, cut};
use crate::mm::NR_PAGE_ORDERS;
use crate::phrases::{Phrase, Phrases};
use crate::trace::{self, Replay, Sample, Workload};

/// How long all of a trace takes at the usual pace, in milliseconds.
const WHOLE_MS: u64 = 24_000;

/// The slowest and the fastest, as powers of two.
const PACES: std::ops::RangeInclusive<i8> = -10..=4;

/// Samples of the plot.
const SAMPLES: u32 = 60;

/// Events around the moment that are listed.
const EVENTS: usize = 5;

/// A trace, and the moment of it that is shown.
#[derive(Debug, Clone)]
pub struct Film {
    workload: Arc<Workload>,
    replay: Replay<Arc<Workload>>,
    samples: Vec<Sample>,
    /// Nanoseconds since the first event.
    after: u64,
    /// Nanoseconds that do not make a millisecond of the film yet.
    rest: u64,
    playing: bool,
    pace: i8,
}

impl Film {
    /// At the beginning.
    pub fn new(workload: Workload) -> Self {
        let samples = trace::samples(&workload, SAMPLES);
        let workload = Arc::new(workload);
        Self {
            replay: Replay::new(workload.clone()),
            workload,
            samples,
            after: 0,
            rest: 0,
            playing: false,
            pace: 0,
        }
    }

    /// It moves by itself.
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// The free blocks at the moment that is shown.
    pub fn layout(&self) -> [u64; NR_PAGE_ORDERS] {
        self.replay.now().layout()
    }

    /// Nanoseconds since the first event.
    pub fn after(&self) -> u64 {
        self.after
    }

    /// So much time passes for who watches.
    pub fn tick(&mut self, ms: u32) {
        if !self.playing {
            return;
        }
        let whole = self.workload.duration().max(1);
        let scaled = u128::from(whole) * u128::from(ms) + u128::from(self.rest);
        let divisor = u128::from(WHOLE_MS);
        let (pace, slow) = (self.pace.max(0), (-self.pace).max(0));
        let divisor = divisor << slow;
        let amount = scaled << pace;
        self.rest = if pace == 0 {
            (amount % divisor) as u64
        } else {
            0
        };
        self.go(self.after.saturating_add((amount / divisor) as u64));
        if self.after >= whole {
            self.playing = false;
        }
    }

    fn go(&mut self, after: u64) {
        self.after = after.min(self.workload.duration());
        self.replay.seek(self.workload.steps_until(self.after));
    }

    /// To the next event, or to the one before.
    fn step(&mut self, on: bool) {
        let at = self.replay.now().position();
        let to = if on { at + 1 } else { at.saturating_sub(1) };
        self.replay.seek(to);
        let last = to
            .checked_sub(1)
            .and_then(|last| self.workload.steps.get(last as usize));
        self.after = last.map_or(0, |step| step.time - self.workload.start);
    }

    /// Acts. False if it means nothing here.
    pub fn take(&mut self, act: Act) -> bool {
        let whole = self.workload.duration();
        match act {
            Act::Play | Act::Key(Stroke::Char(' ')) => {
                if !self.playing && self.after >= whole {
                    self.go(0);
                }
                self.playing = !self.playing;
            }
            Act::Pace(up) => self.change_pace(up),
            Act::Key(Stroke::Char('+')) => self.change_pace(true),
            Act::Key(Stroke::Char('-')) => self.change_pace(false),
            Act::To(place) => {
                // The track has thousandths.
                let after = u128::from(whole) * u128::from(place.min(1000)) / 1000;
                self.go(after as u64);
            }
            Act::Undo | Act::Key(Stroke::Left) => self.step(false),
            Act::Redo | Act::Key(Stroke::Right) => self.step(true),
            Act::Key(Stroke::PageUp) => self.go(self.after.saturating_sub(whole / 20)),
            Act::Key(Stroke::PageDown) => self.go(self.after.saturating_add(whole / 20)),
            Act::Key(Stroke::Home) => self.go(0),
            Act::Key(Stroke::End) => self.go(whole),
            _ => return false,
        }
        if !matches!(act, Act::Play | Act::Pace(_) | Act::Key(Stroke::Char(_))) {
            self.playing = false;
        }
        true
    }

    fn change_pace(&mut self, up: bool) {
        let pace = self.pace + if up { 1 } else { -1 };
        self.pace = pace.clamp(*PACES.start(), *PACES.end());
    }

    /// Free pages over time.
    pub fn plot(&self, words: &Phrases) -> Plot {
        let figures = |of: fn(&Sample) -> i64| self.samples.iter().map(of).collect::<Vec<_>>();
        let free = figures(|sample| sample.free_pages.into());
        let held = figures(|sample| sample.held_pages as i64);
        let top = free.iter().chain(&held).copied().max().unwrap_or(1).max(1);
        let name = words.get(Phrase::FilmPlot).to_owned();
        plot::of_figures(name, &[free, held], top, top.to_string())
    }

    /// What a step did, in words.
    fn told(&self, at: u32) -> Option<String> {
        let step = self.workload.steps.get(at as usize)?;
        let task = self.workload.tasks.get(step.task as usize);
        let who = task.map_or_else(
            || "?".to_owned(),
            |task| format!("{}-{}", task.comm, task.pid),
        );
        let sign = if step.take { '+' } else { '-' };
        Some(format!(
            "{sign} {} order {} {:#x}  {who}",
            seconds(step.time - self.workload.start),
            step.order,
            self.workload.pfn(step.page),
        ))
    }

    /// What the screen shows.
    pub fn sheet(&self, name: &str, room: Room, words: &Phrases) -> Sheet {
        let say = |phrase| words.get(phrase).to_owned();
        let now = self.replay.now();
        let row = |tone, text: String| Row::new(tone, cut(&text, room.left));
        let mut left = vec![row(Tone::Bright, say(Phrase::FilmEvents))];
        let at = now.position();
        let from = at.saturating_sub(EVENTS as u32);
        for step in from..at {
            let last = step + 1 == at;
            let tone = if last { Tone::Bright } else { Tone::Dim };
            left.extend(self.told(step).map(|text| row(tone, text)));
        }
        left.push(row(Tone::Plain, String::new()));
        left.push(row(Tone::Bright, say(Phrase::FilmTasks)));
        let mut holders: Vec<(u32, usize)> = now.held.iter().copied().zip(0..).collect();
        holders.retain(|&(held, _)| held > 0);
        holders.sort_by_key(|&(held, task)| (std::cmp::Reverse(held), task));
        let room_left = (room.rows as usize).saturating_sub(left.len() + 1);
        let most = holders.first().map_or(1, |&(held, _)| held).max(1);
        for &(held, task) in holders.iter().take(room_left) {
            let Some(task) = self.workload.tasks.get(task) else {
                continue;
            };
            let bar = (u64::from(held) * 20).div_ceil(u64::from(most)) as usize;
            let who = cut(&format!("{}-{}", task.comm, task.pid), 24);
            left.push(row(
                Tone::Plain,
                format!("{who:<24} {held:>8} {}", "█".repeat(bar)),
            ));
        }
        let more = holders.len().saturating_sub(room_left);
        if more > 0 {
            left.push(row(Tone::Dim, format!("... {more} more")));
        }
        let free = now.memory.free_pages().to_string();
        let held = now.held_pages().to_string();
        let mut right = vec![Row::new(
            Tone::Bright,
            words.fill(Phrase::FilmFree, &[("free", &free), ("held", &held)]),
        )];
        right.extend(pages::bars(&self.layout(), room));
        let when = seconds(self.after);
        let whole = seconds(self.workload.duration());
        let text = words.fill(
            Phrase::FilmTrack,
            &[
                ("at", &when),
                ("of", &whole),
                ("step", &at.to_string()),
                ("steps", &self.workload.steps.len().to_string()),
            ],
        );
        let duration = u128::from(self.workload.duration().max(1));
        let place = (u128::from(self.after) * 1000).div_ceil(duration) as u32;
        let play = if self.playing {
            Phrase::FilmPause
        } else {
            Phrase::FilmPlay
        };
        let pace = if self.pace >= 0 {
            format!("x{}", 1 << self.pace)
        } else {
            format!("x1/{}", 1 << -self.pace)
        };
        Sheet {
            title: format!("{}: {}", say(Phrase::FilmTitle), cut(name, 60)),
            sides: Vec::new(),
            left,
            prompt: None,
            offers: Vec::new(),
            right,
            track: Some(Track {
                at: place,
                of: 1000,
                text,
            }),
            tools: vec![
                Chip {
                    marked: self.playing,
                    ..Chip::new(say(play), Act::Play)
                },
                Chip::new("◄", Act::Undo),
                Chip::new("►", Act::Redo),
                Chip::new("-", Act::Pace(false)),
                Chip::new(pace, Act::Play),
                Chip::new("+", Act::Pace(true)),
                Chip::new(say(Phrase::FilmRaid), Act::Raid),
                Chip::new(say(Phrase::FindSandbox), Act::Sandbox),
                Chip::new(say(Phrase::FindAnother), Act::Another),
                Chip::new(say(Phrase::DeskClose), Act::Close),
            ],
        }
    }
}

/// `1.234567`: microseconds are what traces have.
fn seconds(ns: u64) -> String {
    format!("{}.{:06}", ns / 1_000_000_000, ns / 1000 % 1_000_000)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn film() -> Film {
        let mut text = String::new();
        for at in 0..50 {
            let what = if at % 3 == 2 {
                "mm_page_free"
            } else {
                "mm_page_alloc"
            };
            let pfn = 0x100 + at - u32::from(at % 3 == 2);
            let rest = if at % 3 == 2 {
                ""
            } else {
                " migratetype=0 gfp_flags=GFP_KERNEL"
            };
            let task = 100 + at % 4;
            writeln!(
                text,
                "  bash-{task} [000] ..... 10.{at:06}: {what}: page=1 pfn={pfn:#x} order=0{rest}"
            )
            .expect("a string takes all");
        }
        let workload = trace::read(&text);
        assert_eq!(workload.steps.len(), 50);
        Film::new(workload)
    }

    #[test]
    fn a_film_plays_to_its_end_in_its_time_at_every_pace() {
        for (pace, ms) in [(0, 24_000), (2, 6000), (-1, 48_000)] {
            let mut film = film();
            for _ in 0..i8::abs(pace) {
                film.take(Act::Pace(pace > 0));
            }
            film.take(Act::Play);
            let mut passed = 0;
            while film.is_playing() {
                film.tick(50);
                passed += 50;
                assert!(passed < 100_000);
            }
            assert!(u32::abs_diff(passed, ms) <= 2000, "{pace}: {passed}");
            assert_eq!(film.replay.now().position(), 50);
        }
    }

    #[test]
    fn scrubbing_goes_anywhere_and_stops_the_film() {
        let mut film = film();
        film.take(Act::Play);
        film.take(Act::To(1000));
        assert!(!film.is_playing());
        let end = film.layout();
        film.take(Act::Key(Stroke::Home));
        assert_ne!(film.layout(), end);
        film.take(Act::Redo);
        film.take(Act::Redo);
        film.take(Act::Undo);
        assert_eq!(
            film.replay.now().position(),
            2,
            "the first event is at the beginning"
        );
        film.take(Act::To(500));
        let middle = film.replay.now().position();
        assert!((20..30).contains(&middle), "{middle}");
        assert!(!film.take(Act::Raid));
    }

    #[test]
    fn tasks_are_named_and_rows_fit() {
        let mut film = film();
        film.take(Act::To(1000));
        let words = Phrases::default();
        let room = Room::default();
        let sheet = film.sheet("trace.txt", room, &words);
        assert!(sheet.left.iter().any(|row| row.text.contains("bash-10")));
        assert!(
            sheet
                .left
                .iter()
                .all(|row| row.text.chars().count() <= room.left as usize)
        );
        assert!(
            sheet
                .right
                .iter()
                .all(|row| row.text.chars().count() <= room.right as usize)
        );
        assert_eq!(sheet.track.map(|track| track.at), Some(1000));
    }
}
