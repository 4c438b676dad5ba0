//! Draws both structures of an allocator, as `lesson::structure` lays them out: the map as a picture, the rest as nodes.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use bevy::ui::RelativeCursorPosition;

use crate::app::art::{self, Floor};
use crate::app::menu::child;
use crate::app::prefs::Prefs;
use crate::app::theme::{self, Fonts, Ink, Size};
use crate::lesson::structure::{Area, BlockBox, Look, Row, Structure, Words, ZonePart};
use crate::phrases::Phrase;

/// Pixels after which patterns repeat.
const TILE: u32 = 16;
/// Swatches of the legend.
const SWATCH: Area = Area::new(0, 0, 20, 12);

/// The picture on the screen, to find out what is pointed at.
#[derive(Component, Debug)]
pub(in crate::app) struct Chart(pub Structure);

/// The words of the picture in the screen's language.
pub(in crate::app) fn words(prefs: &Prefs) -> Words {
    let say = |phrase| prefs.say(phrase).to_owned();
    Words {
        free: say(Phrase::StructFree),
        order: say(Phrase::StructOrder),
        task: say(Phrase::StructTask),
        empty: say(Phrase::StructEmpty),
        gauge: prefs.words.fill(
            Phrase::StructGauge,
            &[("free", "{free}"), ("pages", "{pages}")],
        ),
        map: say(Phrase::StructMap),
        lists: say(Phrase::StructLists),
    }
}

const fn floor(look: Look) -> Floor {
    match look {
        Look::Free => Floor::Void,
        Look::Cached => Floor::Stone,
        Look::Movable => Floor::Anonymous,
        Look::Cache => Floor::Cache,
        Look::Dirty => Floor::Stained,
        Look::Kernel => Floor::Kernel,
        Look::Exclusive => Floor::Yours,
    }
}

const fn name(look: Look) -> Phrase {
    match look {
        Look::Free => Phrase::StructFree,
        Look::Cached => Phrase::StructCpu,
        Look::Movable => Phrase::StructMovable,
        Look::Cache => Phrase::StructCache,
        Look::Dirty => Phrase::StructDirty,
        Look::Kernel => Phrase::StructKernel,
        Look::Exclusive => Phrase::StructExclusive,
    }
}

/// A rectangle of patterns, in pixels of the screen.
struct Canvas {
    size: (u32, u32),
    /// Pixels of the screen for 16 of the layout.
    scale: i32,
    bytes: Vec<u8>,
}

impl Canvas {
    fn new(area: Area, scale: f32) -> Self {
        let scale = ((scale * 16.0).round() as i32).max(1);
        let size = |v: i32| (v * scale / 16).max(1) as u32;
        let size = (size(area.w), size(area.h));
        Self {
            size,
            scale,
            bytes: vec![0; (size.0 * size.1 * 4) as usize],
        }
    }

    /// Fills a rectangle with a floor, and draws a wall around it.
    fn fill(&mut self, area: Area, look: Look) {
        let at = |v: i32| (v.max(0) * self.scale / 16) as u32;
        let (left, right) = (at(area.x), at(area.x + area.w).min(self.size.0));
        let (top, bottom) = (at(area.y), at(area.y + area.h).min(self.size.1));
        let wall = theme::wall();
        for y in top..bottom {
            for x in left..right {
                let edge = x == left || y == top || x + 1 == right || y + 1 == bottom;
                let pixel = if edge {
                    wall
                } else {
                    art::floor_pixel(floor(look), TILE, x % TILE, y % TILE)
                };
                let at = ((y * self.size.0 + x) * 4) as usize;
                self.bytes[at..at + 4].copy_from_slice(&pixel);
            }
        }
    }

    fn image(self) -> Image {
        let size = Extent3d {
            width: self.size.0,
            height: self.size.1,
            depth_or_array_layers: 1,
        };
        Image::new(
            size,
            TextureDimension::D2,
            self.bytes,
            TextureFormat::Rgba8UnormSrgb,
            RenderAssetUsages::RENDER_WORLD,
        )
    }
}

/// A node at a place.
fn at(area: Area) -> Node {
    Node {
        position_type: PositionType::Absolute,
        left: px(area.x as f32),
        top: px(area.y as f32),
        width: px(area.w as f32),
        height: px(area.h as f32),
        ..default()
    }
}

/// Draws a picture; what it is drawn into comes back.
pub(in crate::app) fn spawn(
    commands: &mut Commands<'_, '_>,
    images: &mut Assets<Image>,
    fonts: &Fonts,
    parent: Entity,
    shown: &Structure,
    scale: f32,
) -> Entity {
    let root = child(
        commands,
        parent,
        (
            Chart(shown.clone()),
            Interaction::default(),
            RelativeCursorPosition::default(),
            Node {
                width: px(shown.size.0 as f32),
                height: px(shown.size.1 as f32),
                flex_shrink: 0.0,
                ..default()
            },
        ),
    );
    let pen = &mut Pen {
        commands,
        fonts,
        root,
    };
    for zone in &shown.zones {
        pen.zone(images, zone, &shown.headings, scale);
    }
    for part in &shown.pointer {
        pen.fill(*part, Ink::White.color());
    }
    root
}

/// A line of what the patterns mean.
pub(in crate::app) fn legend(
    commands: &mut Commands<'_, '_>,
    images: &mut Assets<Image>,
    fonts: &Fonts,
    prefs: &Prefs,
    parent: Entity,
    (shown, scale): (&Structure, f32),
) {
    let line = child(
        commands,
        parent,
        Node {
            column_gap: px(6),
            row_gap: px(2),
            flex_wrap: FlexWrap::Wrap,
            align_items: AlignItems::Center,
            ..default()
        },
    );
    for look in shown.looks() {
        let mut canvas = Canvas::new(SWATCH, scale);
        canvas.fill(SWATCH, look);
        child(
            commands,
            line,
            (
                ImageNode::new(images.add(canvas.image())),
                Node {
                    width: px(SWATCH.w as f32),
                    height: px(SWATCH.h as f32),
                    margin: UiRect::left(px(6)),
                    ..default()
                },
            ),
        );
        child(
            commands,
            line,
            fonts.line(Size::Small, false, Ink::Plain, prefs.say(name(look))),
        );
    }
}

/// Draws nodes into a root.
struct Pen<'p, 'w, 's> {
    commands: &'p mut Commands<'w, 's>,
    fonts: &'p Fonts,
    root: Entity,
}

impl Pen<'_, '_, '_> {
    fn fill(&mut self, area: Area, colour: Color) {
        child(
            self.commands,
            self.root,
            (at(area), BackgroundColor(colour)),
        );
    }

    fn text(&mut self, (x, y): (i32, i32), bold: bool, ink: Ink, text: &str) -> Entity {
        let line = self.fonts.line(Size::Small, bold, ink, text);
        let entity = child(self.commands, self.root, line);
        self.commands.entity(entity).insert(Node {
            position_type: PositionType::Absolute,
            left: px(x as f32),
            top: px(y as f32),
            ..default()
        });
        entity
    }

    /// An outline: what is pointed at is white, what a call is about yellow and thicker.
    fn outline(&mut self, area: Area, selected: bool, lit: bool) {
        let (ink, width) = match (selected, lit) {
            (_, true) => (Ink::Yellow, 3),
            (true, _) => (Ink::White, 2),
            _ => return,
        };
        let mut node = at(area);
        node.border = UiRect::all(px(width));
        child(
            self.commands,
            self.root,
            (node, BorderColor::all(ink.color())),
        );
    }

    fn zone(
        &mut self,
        images: &mut Assets<Image>,
        zone: &ZonePart,
        headings: &(String, String),
        scale: f32,
    ) {
        let title = format!("{}: {}", headings.0, zone.name);
        self.text((zone.area.x, zone.area.y), true, Ink::Dim, &title);
        self.text(zone.heading, true, Ink::Dim, &headings.1);
        for (y, number) in &zone.rows {
            self.text((zone.area.x, *y), false, Ink::Dim, number);
        }
        let mut canvas = Canvas::new(zone.map, scale);
        let (x, y) = (zone.map.x, zone.map.y);
        for block in &zone.blocks {
            let Area { w, h, .. } = block.area;
            let inside = Area::new(block.area.x - x, block.area.y - y, w, h);
            canvas.fill(inside, block.look);
        }
        child(
            self.commands,
            self.root,
            (at(zone.map), ImageNode::new(images.add(canvas.image()))),
        );
        for block in &zone.blocks {
            self.block(block);
        }
        for row in &zone.lists {
            self.row(row);
        }
        self.gauge(zone);
    }

    fn block(&mut self, block: &BlockBox) {
        if !block.text.is_empty() {
            let place = (block.area.x + 2, block.area.y + 1);
            let text = self.text(place, false, Ink::White, &block.text);
            if block.look != Look::Free {
                // Nobody reads letters on a hatch.
                self.commands
                    .entity(text)
                    .insert(BackgroundColor(theme::ground()));
            }
        }
        self.outline(block.area, block.selected, block.lit);
    }

    fn row(&mut self, row: &Row) {
        let (ink, sign) = if row.lit {
            (Ink::Yellow, ">")
        } else {
            (Ink::Plain, " ")
        };
        let label = format!("{sign}{}", row.label);
        self.text((row.area.x - 7, row.area.y), row.lit, ink, &label);
        let mut before: Option<Area> = None;
        for node in &row.nodes {
            if let Some(before) = before.filter(|before| before.y == node.area.y) {
                let x = before.x + before.w;
                let y = before.y + before.h / 2;
                self.fill(Area::new(x, y, node.area.x - x, 1), theme::hairline());
            }
            before = Some(node.area);
            self.fill(node.area, theme::raised());
            let place = (node.area.x + 4, node.area.y + (node.area.h - 14) / 2);
            self.text(place, false, Ink::White, &node.text);
            self.outline(node.area, node.selected, node.lit);
        }
        if let Some((area, text)) = &row.more {
            self.text((area.x, area.y), false, Ink::Dim, text);
        }
    }

    fn gauge(&mut self, zone: &ZonePart) {
        let gauge = &zone.gauge;
        let area = gauge.area;
        self.fill(area, theme::raised());
        let full = Area {
            w: gauge.full,
            ..area
        };
        self.fill(full, Ink::Sky.color());
        // The higher the mark, the longer.
        for (tall, along) in (1..).zip(gauge.marks.into_iter().flatten()) {
            let h = 6 + tall * 2;
            let mark = Area::new(area.x + along, area.y + area.h - h, 2, h);
            self.fill(mark, Ink::White.color());
        }
        let place = (area.x, area.y + area.h + 2);
        self.text(place, false, Ink::Plain, &gauge.text);
    }
}
