//! Where the map and the panel lie in the window, how large things are, and which parts of the panel have room.

use bevy::prelude::*;
use bevy::window::PrimaryWindow;

use crate::app::board::MapArea;
use crate::app::input::Fingers;
use crate::app::prefs::Prefs;
use crate::app::{Screen, Stage};

/// Width of the panel in a window of 1280x720.
pub(super) const PANEL: f32 = 384.0;
/// Least height of the panel in which all that is never left out has room.
const LEAST: f32 = 440.0;
/// Height of the panel in which all but the parts below has room, and what each of those takes, in the order in which
/// they are shown.
const CORE: f32 = 440.0;
const ORDERS: f32 = 100.0;
const GATES: f32 = 80.0;
const BADNESS: f32 = 60.0;
/// Height of the interrupts, which make room on further pages.
const INTERRUPTS: f32 = 80.0;

/// Width of the account of a raid's end.
const ACCOUNT: f32 = 640.0;

/// Parts of the panel that are left out where there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    /// What devices ask for.
    pub interrupts: bool,
    /// The chart of free blocks.
    pub orders: bool,
    /// The gates.
    pub gates: bool,
    /// The badness table.
    pub badness: bool,
    /// The line of keys under the buttons.
    pub keys: bool,
    /// Buttons for what only keys do otherwise.
    pub buttons: bool,
    /// Buttons are as large as fingertips.
    pub fingers: bool,
}

impl Parts {
    /// What a page of the panel shows where there is so much height, and how many pages there are.
    fn of(height: f32, fingers: bool, page: u8) -> (Self, u8) {
        let parts = [ORDERS, GATES, BADNESS];
        // On which page each part is: as many as have room on the first, and so on.
        let mut on = [0; 3];
        let (mut last, mut room) = (0_u8, height - CORE);
        for (part, on) in parts.into_iter().zip(&mut on) {
            if part > room {
                last += 1;
                room = (height - CORE + INTERRUPTS).max(part);
            }
            room -= part;
            *on = last;
        }
        let pages = last + 1;
        let page = page % pages;
        let [orders, gates, badness] = on.map(|on| on == page);
        let shown = Self {
            interrupts: page == 0,
            orders,
            gates,
            badness,
            keys: height >= 500.0 && !fingers,
            buttons: fingers || height >= 450.0,
            fingers,
        };
        (shown, pages)
    }
}

/// The page of the panel that is shown, counted on and on.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::app) struct PanelPage(pub u8);

/// How the window is divided.
#[derive(Resource, Debug, Clone, Copy, PartialEq)]
pub(in crate::app) struct Layout {
    /// The window, in logical pixels.
    pub window: Vec2,
    /// Size of text and what holds it, against a window of 1280x720.
    pub scale: f32,
    /// Size of the map, against the same.
    pub base: f32,
    /// The panel lies below the map.
    pub portrait: bool,
    /// The panel, or the account of the end.
    pub panel: Rect,
    /// The map.
    pub map: Rect,
    pub(super) parts: Parts,
    /// Pages of the panel.
    pub(super) pages: u8,
}

impl Layout {
    /// Divides a window; `text` is the size of text that is wanted, against the usual.
    pub(in crate::app) fn of(window: Vec2, side: f32, fingers: bool, text: f32, page: u8) -> Self {
        let portrait = window.y > window.x * 1.1;
        let whole = if portrait {
            (window.x / 400.0).min(window.y / 860.0)
        } else {
            (window.x / 1280.0).min(window.y / 720.0)
        };
        // In sixteenths, so that type keeps its shape while a window is dragged.
        let base = (whole * 16.0).floor().clamp(10.0, 64.0) / 16.0;
        // Larger text is as large as the panel can be without anything in it being cut.
        let most = if portrait {
            (window.x / PANEL).min(window.y * 0.54 / LEAST)
        } else {
            (window.x * 0.5 / PANEL).min(window.y / LEAST)
        };
        let scale = (base * text).min((most * 16.0).floor() / 16.0).max(base);
        let (panel, map) = if portrait {
            let at = (window.y * 0.46).floor();
            (
                Rect::from_corners(Vec2::new(0.0, at), window),
                Rect::from_corners(Vec2::ZERO, Vec2::new(window.x, at)),
            )
        } else {
            let at = (window.x
                - (side * scale).min(window.x * if side > PANEL { 0.64 } else { 0.5 }))
            .floor();
            (
                Rect::from_corners(Vec2::new(at, 0.0), window),
                Rect::from_corners(Vec2::ZERO, Vec2::new(at, window.y)),
            )
        };
        // Buttons for fingers need room that other parts then lack.
        let height = panel.height() / scale - if fingers { 64.0 } else { 0.0 };
        let (parts, pages) = Parts::of(height, fingers, page);
        Self {
            window,
            scale,
            base,
            portrait,
            panel,
            map,
            parts,
            pages,
        }
    }
}

impl Default for Layout {
    fn default() -> Self {
        Self::of(Vec2::new(1280.0, 720.0), PANEL, false, 1.0, 0)
    }
}

/// Follows the window and the screen.
fn arrange(
    windows: Query<&Window, With<PrimaryWindow>>,
    screen: Res<State<Screen>>,
    fingers: Res<Fingers>,
    prefs: Res<Prefs>,
    page: Res<PanelPage>,
    mut layout: ResMut<Layout>,
    mut area: ResMut<MapArea>,
    mut ui: ResMut<UiScale>,
) {
    let Ok(window) = windows.single() else {
        return;
    };
    let size = Vec2::new(window.width(), window.height()).max(Vec2::splat(1.0));
    let side = if *screen.get() == Screen::End {
        ACCOUNT
    } else {
        PANEL
    };
    let text = f32::from(prefs.settings.text_scale.get()) / 100.0;
    let now = Layout::of(size, side, fingers.0, text, page.0);
    layout.set_if_neq(now);
    let rect = match screen.get() {
        Screen::Title | Screen::Learn | Screen::Bench => Rect::from_corners(Vec2::ZERO, size),
        Screen::Raid | Screen::End => now.map,
    };
    area.set_if_neq(MapArea {
        rect,
        window: size,
        scale: now.base,
    });
    // The scale comes in sixteenths, which are exact.
    if ui.0.to_bits() != now.scale.to_bits() {
        ui.0 = now.scale;
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Layout>()
        .add_systems(Update, arrange.in_set(Stage::Arrange));
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these figures are exact")]
mod tests {
    use super::*;

    #[test]
    fn map_and_panel_fill_the_window_without_overlap() {
        for (w, h) in [
            (1280.0, 720.0),
            (640.0, 360.0),
            (1920.0, 1080.0),
            (390.0, 844.0),
            (1024.0, 768.0),
            (2560.0, 1080.0),
        ] {
            let layout = Layout::of(Vec2::new(w, h), PANEL, false, 1.0, 0);
            let area = |rect: Rect| rect.width() * rect.height();
            assert!((area(layout.map) + area(layout.panel) - w * h).abs() < 1.0);
            assert!(layout.map.intersect(layout.panel).is_empty());
            assert!(area(layout.map) >= 0.45 * w * h, "{w}x{h}");
        }
    }

    #[test]
    fn at_1280x720_the_map_has_seventy_per_cent_and_nothing_is_left_out() {
        let layout = Layout::default();
        assert_eq!(layout.scale, 1.0);
        assert_eq!(layout.map.width(), 896.0);
        assert_eq!(
            layout.parts,
            Parts {
                interrupts: true,
                orders: true,
                gates: true,
                badness: true,
                keys: true,
                buttons: true,
                fingers: false,
            }
        );
        assert_eq!(layout.pages, 1);
    }

    #[test]
    fn larger_text_is_as_large_as_there_is_room_for() {
        for (w, h, wanted, scale) in [
            (1280.0, 720.0, 1.25, 1.25),
            (1280.0, 720.0, 1.5, 1.5),
            (1920.0, 1080.0, 1.5, 2.25),
            (640.0, 360.0, 1.5, 0.8125),
        ] {
            let layout = Layout::of(Vec2::new(w, h), PANEL, false, wanted, 0);
            assert_eq!(layout.scale, scale, "{w}x{h}");
            assert!(layout.panel.width() / layout.scale >= PANEL - 1.0);
            assert!(layout.panel.height() / layout.scale >= LEAST);
            assert!(layout.map.width() >= 0.45 * w);
        }
    }

    #[test]
    fn what_has_no_room_beside_large_text_is_on_another_page() {
        for (w, h, fingers) in [
            (1280.0, 720.0, false),
            (1280.0, 720.0, true),
            (640.0, 360.0, false),
            (390.0, 844.0, true),
            (320.0, 240.0, true),
        ] {
            let page = |page| Layout::of(Vec2::new(w, h), PANEL, fingers, 1.5, page);
            let pages = page(0).pages;
            let shown =
                |part: fn(&Parts) -> bool| (0..pages).filter(|&at| part(&page(at).parts)).count();
            assert_eq!(shown(|parts| parts.interrupts), 1);
            assert_eq!(shown(|parts| parts.orders), 1, "{w}x{h}");
            assert_eq!(shown(|parts| parts.gates), 1, "{w}x{h}");
            assert_eq!(shown(|parts| parts.badness), 1, "{w}x{h}");
            assert_eq!(page(pages), page(0), "they go round");
        }
    }

    #[test]
    fn a_phone_held_upright_has_the_panel_below() {
        let layout = Layout::of(Vec2::new(390.0, 844.0), PANEL, true, 1.0, 0);
        assert!(layout.portrait);
        assert_eq!(layout.panel.width(), 390.0);
        assert!(layout.panel.min.y >= layout.map.max.y);
    }
}
