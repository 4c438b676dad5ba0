//! The panel beside the map: figures, requests, what the next key would do, and the news.

mod act;
mod builder;
mod layout;
mod model;
mod nodes;
mod tables;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use super::control::Play;
use super::input::Fingers;
use super::prefs::{Dress, Prefs};
use super::session::Session;
use super::theme::{self, Fonts, Ink, Size};
use super::{Screen, Stage};
pub(super) use layout::{Layout, PanelPage};
use model::{Line, Model};
use nodes::Nodes;

/// What the box says, as lines of text.
pub(super) fn box_text(play: &Play) -> Vec<String> {
    let boxed = act::act(play);
    let lines = boxed.lines.into_iter().map(|line| line.text);
    std::iter::once(boxed.title.text).chain(lines).collect()
}

/// Writes nodes, and only where they differ: text that is written is laid out anew.
#[derive(SystemParam)]
struct Pen<'w, 's> {
    texts: Query<'w, 's, (&'static mut Text, &'static mut TextColor)>,
    nodes: Query<'w, 's, &'static mut Node>,
    backs: Query<'w, 's, &'static mut BackgroundColor>,
    borders: Query<'w, 's, &'static mut BorderColor>,
}

impl Pen<'_, '_> {
    fn text(&mut self, node: Entity, line: &Line) {
        if let Ok((mut text, mut color)) = self.texts.get_mut(node) {
            if text.0 != line.text {
                text.0.clone_from(&line.text);
            }
            let ink = line.ink.color();
            if color.0 != ink {
                color.0 = ink;
            }
        }
    }

    fn node(&mut self, node: Entity, change: impl FnOnce(&mut Node)) {
        if let Ok(mut node) = self.nodes.get_mut(node) {
            let mut now = node.clone();
            change(&mut now);
            node.set_if_neq(now);
        }
    }

    fn show(&mut self, node: Entity, shown: bool) {
        let display = if shown { Display::Flex } else { Display::None };
        self.node(node, |node| node.display = display);
    }

    fn back(&mut self, node: Entity, color: Color) {
        if let Ok(mut back) = self.backs.get_mut(node) {
            back.set_if_neq(BackgroundColor(color));
        }
    }

    fn border(&mut self, node: Entity, color: Color) {
        if let Ok(mut border) = self.borders.get_mut(node) {
            border.set_if_neq(BorderColor::all(color));
        }
    }

    /// Fills a list of lines; what is left over is hidden.
    fn lines(&mut self, nodes: &[Entity], lines: &[Line]) {
        for (i, &node) in nodes.iter().enumerate() {
            let line = lines.get(i);
            self.show(node, line.is_some());
            if let Some(line) = line {
                self.text(node, line);
            }
        }
    }
}

/// Brings the panel up to date.
fn update(
    session: Res<Session>,
    layout: Res<Layout>,
    screen: Res<State<Screen>>,
    nodes: Res<Nodes>,
    prefs: Res<Prefs>,
    sizes: Query<&ComputedNode>,
    mut shown: Local<Option<(u64, u64, usize)>>,
    scene: Res<super::session::Scene>,
    mut pen: Pen<'_, '_>,
) {
    let raid = *screen.get() == Screen::Raid;
    if screen.is_changed() || layout.is_changed() || nodes.is_changed() {
        pen.show(nodes.root, raid);
        place(&mut pen, &nodes, &layout, prefs.settings.hints.0);
        *shown = None;
    }
    let Some(play) = session.play.as_ref().filter(|_| raid) else {
        return;
    };
    // Whole lines of news, as many as there is room for.
    let lines = sizes.get(nodes.news).map_or(0.0, |node| {
        // A line is a whole number of the screen's pixels high, which may be more than its pitch.
        let drawn = nodes.log.iter().filter_map(|&line| sizes.get(line).ok());
        let drawn = drawn.map(|line| line.size().y).fold(0.0, f32::max);
        let pitch = Size::Body.pitch() / node.inverse_scale_factor();
        (node.size().y / pitch.max(drawn)).floor()
    }) as usize;
    let revision = (session.revision, scene.revision, lines);
    if *shown == Some(revision) {
        return;
    }
    *shown = Some(revision);
    let mut model = model::model(play, session.problem.as_deref());
    model.log.truncate(lines);
    write(&mut pen, &nodes, &model);
}

fn place(pen: &mut Pen<'_, '_>, nodes: &Nodes, layout: &Layout, hints: bool) {
    let (panel, scale) = (layout.panel, layout.scale);
    pen.node(nodes.root, |node| {
        node.left = px(panel.min.x / scale);
        node.top = px(panel.min.y / scale);
        node.width = px(panel.width() / scale);
        node.height = px(panel.height() / scale);
        node.border = if layout.portrait {
            UiRect::top(px(1))
        } else {
            UiRect::left(px(1))
        };
    });
    pen.show(nodes.orders, layout.parts.orders);
    pen.show(nodes.gate_part, layout.parts.gates);
    pen.show(nodes.badness_part, layout.parts.badness);
    pen.show(nodes.keys, layout.parts.keys && hints);
    pen.show(nodes.asked, layout.parts.interrupts);
    pen.show(nodes.fingers, layout.parts.buttons);
    pen.show(nodes.more, layout.pages > 1);
    let padding = if layout.parts.fingers {
        UiRect::axes(px(5), px(14))
    } else {
        UiRect::axes(px(4), px(3))
    };
    for &button in &nodes.buttons {
        pen.node(button, |node| node.padding = padding);
    }
}

fn write(pen: &mut Pen<'_, '_>, nodes: &Nodes, model: &Model) {
    for (node, line) in [
        (nodes.zone, &model.zone),
        (nodes.range, &model.range),
        (nodes.turn, &model.turn),
        (nodes.seed, &model.seed),
        (nodes.kit, &model.kit),
        (nodes.free, &model.free),
        (nodes.age, &model.age),
        (nodes.oom, &model.oom),
        (nodes.bag, &model.bag),
        (nodes.act_title, &model.act.title),
        (nodes.watchdog.name, &model.watchdog.name),
    ] {
        pen.text(node, line);
    }
    bar(pen, nodes.watchdog, &model.watchdog, Ink::Plain);
    for (i, &(pip, text)) in nodes.refs.iter().enumerate() {
        let (have, most) = model.refs;
        let full = (i as u32) < have;
        pen.show(pip, (i as u32) < most);
        pen.back(
            pip,
            if full {
                Ink::Yellow.color()
            } else {
                theme::raised()
            },
        );
        pen.text(text, &Line::new(Ink::Yellow, if full { "" } else { "·" }));
    }
    pen.node(nodes.gauge, |node| {
        node.width = percent(model.gauge * 100.0);
    });
    pen.back(nodes.gauge, model.gauge_ink.color());
    for (&(tick, label), &at) in nodes.marks.iter().zip(&model.marks) {
        pen.node(tick, |node| node.left = percent(at * 100.0));
        pen.node(label, |node| node.left = percent(at * 100.0));
    }
    for (column, &(figure, bar, seen)) in model.columns.iter().zip(&nodes.columns) {
        pen.text(figure, &Line::new(Ink::Plain, column.scanned.as_str()));
        let none = column.part == 0.0;
        pen.node(bar, |node| {
            node.height = if none {
                px(1)
            } else {
                percent(column.part * 100.0)
            }
        });
        pen.back(
            bar,
            if none {
                theme::hairline()
            } else {
                Ink::Sky.color()
            },
        );
        pen.text(seen, &column.seen);
    }
    pen.lines(&nodes.interrupts.map(|(_, text)| text), &model.interrupts);
    for (i, &(row, _)) in nodes.interrupts.iter().enumerate() {
        let here = model.here == Some(i);
        pen.show(row, i < model.interrupts.len());
        pen.back(
            row,
            if here {
                Ink::Yellow.color().with_alpha(0.04)
            } else {
                Color::NONE
            },
        );
        pen.border(
            row,
            if here {
                Ink::Yellow.color()
            } else {
                Color::NONE
            },
        );
    }
    pen.lines(&nodes.gates, &model.gates);
    for (i, &line) in nodes.badness.iter().enumerate() {
        let entry = model.badness.get(i);
        pen.show(line.row, entry.is_some());
        if let Some(entry) = entry {
            let you = entry.name.ink == Ink::Yellow;
            pen.text(line.name, &entry.name);
            bar(pen, line, entry, if you { Ink::Yellow } else { Ink::Dim });
        }
    }
    pen.border(nodes.act, model.act.frame.color().with_alpha(0.8));
    pen.lines(&nodes.facts, &model.act.lines);
    pen.lines(&nodes.log, &model.log);
}

fn bar(pen: &mut Pen<'_, '_>, nodes: builder::BarNodes, bar: &model::Bar, ink: Ink) {
    pen.node(nodes.fill, |node| {
        node.width = percent(bar.part.clamp(0.0, 1.0) * 100.0);
    });
    pen.back(nodes.fill, ink.color());
    pen.text(nodes.figure, &Line::new(Ink::Plain, bar.figure.as_str()));
}

/// Makes the nodes, and makes them anew when they have to look different.
fn build(
    mut commands: Commands,
    fonts: Res<Fonts>,
    prefs: Res<Prefs>,
    fingers: Res<Fingers>,
    old: Option<Res<Nodes>>,
) {
    if let Some(old) = old {
        commands.entity(old.root).despawn();
    }
    let nodes = Nodes::spawn(&mut commands, &fonts, &prefs, *fingers);
    commands.insert_resource(nodes);
}

pub(super) fn plugin(app: &mut App) {
    app.add_plugins(layout::plugin)
        .add_systems(Startup, build)
        .add_systems(
            Update,
            (
                build.run_if(resource_changed::<Dress>.or_else(resource_changed::<Fingers>)),
                update,
            )
                .chain()
                .in_set(Stage::Draw),
        );
}
