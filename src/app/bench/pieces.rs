//! What a sheet of the bench is put together from: rows, things to press, the line that is typed, the track.

use bevy::prelude::*;

use super::draw::Pen;
use crate::app::input::{Intent, Says};
use crate::app::menu::child;
use crate::app::theme::{self, Ink, Size};
use crate::workbench::{Act, Chip, Prompt, Row, Stroke, Tone, Track};

/// What fingers and mice type with, where there is no keyboard.
const SIGNS: &str = "0123456789abcdefx(),|$=>/_ ";

const fn ink(tone: Tone) -> Ink {
    match tone {
        Tone::Plain => Ink::Plain,
        Tone::Dim => Ink::Dim,
        Tone::Bright => Ink::White,
        Tone::Good => Ink::Green,
        Tone::Warning => Ink::Yellow,
        Tone::Bad => Ink::Orange,
    }
}

impl Pen<'_, '_, '_> {
    pub(super) fn rows(&mut self, parent: Entity, rows: &[Row]) {
        for row in rows {
            let text = if row.text.is_empty() { " " } else { &row.text };
            let line = self.fonts.line(Size::Body, row.marked, ink(row.tone), text);
            let Some(act) = row.act else {
                child(self.commands, parent, line);
                continue;
            };
            let ground = if row.marked {
                theme::raised()
            } else {
                Color::NONE
            };
            let edge = if row.marked {
                Ink::Yellow.color()
            } else {
                Color::NONE
            };
            let button = child(
                self.commands,
                parent,
                (
                    Button,
                    Says(Intent::Bench(act)),
                    Node {
                        border: UiRect::left(px(2)),
                        flex_shrink: 0.0,
                        ..default()
                    },
                    BackgroundColor(ground),
                    BorderColor::all(edge),
                ),
            );
            child(self.commands, button, line);
        }
    }

    pub(super) fn chips(&mut self, parent: Entity, chips: &[Chip]) {
        if chips.is_empty() {
            return;
        }
        let line = self.node(
            parent,
            Node {
                flex_wrap: FlexWrap::Wrap,
                column_gap: px(5),
                row_gap: px(4),
                margin: UiRect::top(px(2)),
                flex_shrink: 0.0,
                ..default()
            },
        );
        for chip in chips {
            self.chip(line, &chip.text, chip.act, chip.marked);
        }
    }

    /// What could be meant, as much of it as there is room for; the rest comes when it is asked for.
    pub(super) fn offers(&mut self, parent: Entity, offers: &[Chip]) {
        let more = |chip: &&Chip| matches!(chip.act, Act::MoreOffers(_));
        let known = offers.iter().filter(|chip| !more(chip));
        let texts = std::iter::once("…").chain(known.clone().map(|chip| chip.text.as_str()));
        let fit = self.frame.fitting(texts).saturating_sub(1).max(1);
        let mut shown: Vec<Chip> = known.clone().take(fit).cloned().collect();
        if offers.iter().any(|chip| more(&chip)) || known.count() > fit {
            shown.push(Chip::new("…", Act::MoreOffers(shown.len() as u8)));
        }
        self.chips(parent, &shown);
    }

    fn chip(&mut self, parent: Entity, text: &str, act: Act, marked: bool) {
        let edge = if marked {
            Ink::Yellow.color()
        } else {
            theme::hairline()
        };
        let button = child(
            self.commands,
            parent,
            (
                Button,
                Says(Intent::Bench(act)),
                Node {
                    height: px(self.frame.chip),
                    min_width: px(self.frame.chip),
                    padding: UiRect::axes(px(6), px(0)),
                    border: UiRect::all(px(if marked { 2 } else { 1 })),
                    align_items: AlignItems::Center,
                    justify_content: JustifyContent::Center,
                    ..default()
                },
                BackgroundColor(theme::raised()),
                BorderColor::all(edge),
            ),
        );
        let ink = if marked { Ink::White } else { Ink::Plain };
        let line = self.fonts.line(Size::Body, marked, ink, text);
        child(self.commands, button, line);
    }

    pub(super) fn prompt(&mut self, parent: Entity, prompt: &Prompt) {
        let line = self.node(
            parent,
            Node {
                height: px(22),
                align_items: AlignItems::Center,
                margin: UiRect::top(px(2)),
                flex_shrink: 0.0,
                overflow: Overflow::clip(),
                ..default()
            },
        );
        // A long line shows where the cursor is.
        let room = (self.frame.room.left as usize).saturating_sub(4);
        let before: Vec<char> = prompt.text.0.chars().collect();
        let from = before.len().saturating_sub(room);
        let before: String = before[from..].iter().collect();
        let parts = [(Ink::Green, prompt.sign.clone()), (Ink::White, before)];
        for (ink, text) in parts {
            let line_of = self.fonts.line(Size::Body, true, ink, &text);
            child(self.commands, line, line_of);
        }
        child(
            self.commands,
            line,
            (
                Node {
                    width: px(2),
                    height: px(16),
                    flex_shrink: 0.0,
                    ..default()
                },
                BackgroundColor(Ink::Yellow.color()),
            ),
        );
        for (ink, text) in [(Ink::White, &prompt.text.1), (Ink::Dim, &prompt.ghost)] {
            let line_of = self.fonts.line(Size::Body, false, ink, text);
            child(self.commands, line, line_of);
        }
    }

    /// Signs to press, for those who have no keys at hand.
    pub(super) fn signs(&mut self, parent: Entity) {
        let mut chips: Vec<Chip> = SIGNS
            .chars()
            .map(|sign| {
                let text = if sign == ' ' {
                    "space".into()
                } else {
                    sign.to_string()
                };
                Chip::new(text, Act::Key(Stroke::Char(sign)))
            })
            .collect();
        chips.push(Chip::new("del", Act::Key(Stroke::Erase)));
        chips.push(Chip::new("Enter", Act::Key(Stroke::Enter)));
        self.chips(parent, &chips);
    }

    pub(super) fn track(&mut self, parent: Entity, track: &Track) {
        let line = self.node(
            parent,
            Node {
                column_gap: px(10),
                align_items: AlignItems::Center,
                height: px(self.frame.chip.min(30.0)),
                ..default()
            },
        );
        let bar = self.node(
            line,
            Node {
                flex_grow: 1.0,
                height: percent(100),
                align_items: AlignItems::Center,
                ..default()
            },
        );
        for (to, passed) in track.pieces(64) {
            let piece = child(
                self.commands,
                bar,
                (
                    Button,
                    Says(Intent::Bench(Act::To(to))),
                    Node {
                        flex_grow: 1.0,
                        height: percent(100),
                        align_items: AlignItems::Center,
                        ..default()
                    },
                ),
            );
            // What has passed is thicker, not only of another colour.
            child(
                self.commands,
                piece,
                (
                    Node {
                        width: percent(100),
                        height: px(if passed { 10 } else { 4 }),
                        ..default()
                    },
                    BackgroundColor(if passed {
                        Ink::Sky.color()
                    } else {
                        theme::raised()
                    }),
                ),
            );
        }
        let text = self.fonts.line(Size::Body, false, Ink::Plain, &track.text);
        child(self.commands, line, text);
    }
}
