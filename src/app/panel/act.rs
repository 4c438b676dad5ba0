//! The box in the panel: what the selected act would do, what lies under the mouse, what can be done here.

use super::model::{Boxed, FACTS, Line};
use crate::app::control::{Act, Auto, Mode, Play, Script};
use crate::app::theme::Ink;
use crate::labyrinth::{Cell, Dir, Edge};
use crate::mm::Pfn;
use crate::raid::preview::{self, Verdict};
use crate::raid::{self, GateRule, Knowledge, RoomKind, Site, Target, View, Wish, plan, screen};
use crate::settings::Action;

/// The box: what the selected act would do, or what lies under the mouse, or what can be done here.
pub(super) fn act(play: &Play) -> Boxed {
    let view = play.view();
    match (play.mode, play.auto) {
        (Mode::Confirm(Act::Grab), _) => grab(play),
        (Mode::Confirm(Act::Free(pfn)), _) => free(play, pfn),
        (Mode::Confirm(Act::Isolate), _) => isolate(play),
        (Mode::ChooseClear, _) => clear(play),
        (Mode::ChooseItem(at), _) => items(play, at),
        (Mode::Look(cell), _) => look(view, cell, "look: arrows; Enter goes there; Esc ends"),
        (Mode::Walk, _) if play.replays() => replay(play),
        (Mode::Walk, Some(Auto::Replay)) => here(play),
        (Mode::Walk, Some(Auto::Pilot(pilot))) => Boxed {
            title: Line::new(
                Ink::White,
                match pilot.wish() {
                    Wish::Travel(_) => "travelling",
                    Wish::Explore => "exploring",
                    Wish::Wait => "waiting for news",
                    Wish::Repeat(_) => "going on",
                },
            ),
            lines: vec![Line::new(Ink::Dim, "any key stops")],
            frame: Ink::Dim,
        },
        (Mode::Walk, Some(Auto::Repeat(_))) => Boxed {
            title: Line::new(Ink::White, "at work"),
            lines: vec![
                match view.me.work {
                    Some((what, left)) => Line::new(Ink::Plain, format!("{what}: {left} more")),
                    None => Line::empty(),
                },
                Line::new(Ink::Dim, "any key stops"),
            ],
            frame: Ink::White,
        },
        (Mode::Walk, None) => match play.hover {
            Some(cell) if cell != view.me.cell => hover(play, cell),
            Some(_) if play.asked_here() => offered(play),
            _ => here(play),
        },
    }
}

fn replay(play: &Play) -> Boxed {
    let (at, of) = play.script().map_or((0, 0), Script::progress);
    let speed = play.script().map_or(0, |script| script.speed);
    let pace = if speed < 0 {
        format!("1/{}", 1 << -speed)
    } else {
        format!("{}", 1 << speed)
    };
    let doing = if play.auto.is_some() {
        "Space pauses"
    } else {
        "Space goes on"
    };
    Boxed {
        title: Line::new(Ink::White, format!("replay: turn {at} of {of}")),
        lines: vec![
            Line::new(Ink::Plain, format!("{doing}; left and right step")),
            Line::new(Ink::Plain, format!("up and down: pace, now {pace}x")),
            Line::new(Ink::Dim, "; looks about, Esc pauses the game"),
        ],
        frame: Ink::Sky,
    }
}

fn grab(play: &Play) -> Boxed {
    let view = play.view();
    let key = play.keys.label(Action::Grab);
    let Some(preview) = preview::preview(view) else {
        return here(play);
    };
    let (word, why, ink) = match &preview.verdict {
        Verdict::Certain(why) => ("CERTAIN", why, Ink::Green),
        Verdict::Fatal(why) => ("FATAL", why, Ink::Vermillion),
        Verdict::Unknown(why) => ("UNKNOWN", why, Ink::Orange),
    };
    let mut lines: Vec<Line> = preview
        .lines
        .iter()
        .map(|line| Line::new(Ink::Plain, line))
        .collect();
    lines.push(Line::new(ink, format!("{word}: {why}.")));
    lines.push(Line::new(
        Ink::White,
        format!("{key} again commits; NULL kills. Any other key cancels."),
    ));
    Boxed {
        title: Line::new(
            Ink::White,
            format!("{key}  alloc_pages({}, {})", preview.gfp, preview.order),
        ),
        lines,
        frame: ink,
    }
}

/// What a grab would take, under the mouse.
fn offered(play: &Play) -> Boxed {
    let mut boxed = grab(play);
    boxed.lines.pop();
    boxed.lines.push(Line::new(
        Ink::White,
        "click, then click again to grab; NULL kills",
    ));
    boxed
}

fn items(play: &Play, at: usize) -> Boxed {
    let key = play.keys.label(Action::Use);
    let usable = play.usable();
    let mut lines: Vec<Line> = usable
        .iter()
        .enumerate()
        .map(|(place, (item, left))| {
            let (mark, ink) = if place == at {
                ('>', Ink::White)
            } else {
                (' ', Ink::Dim)
            };
            Line::new(ink, format!("{mark} {} x{left}", item.name()))
        })
        .collect();
    if let Some(&(item, _)) = usable.get(at) {
        let spec = play.raid().rules().armoury.spec(item);
        lines.push(Line::new(Ink::Plain, &spec.does));
        let mut price = format!("turns {}, noise {}", spec.turns, spec.noise);
        if item.target() == Target::Task {
            let prey = play.prey(at).map(|body| body.name.as_str());
            price += "; on ";
            price += prey.unwrap_or("nobody: none is in sight");
        }
        lines.push(Line::new(Ink::Plain, price));
    }
    lines.push(Line::new(
        Ink::White,
        format!("arrows choose, {key} uses; any other key cancels."),
    ));
    Boxed {
        title: Line::new(Ink::White, format!("{key}  use what you brought")),
        lines,
        frame: Ink::Sky,
    }
}

fn free(play: &Play, pfn: Pfn) -> Boxed {
    let view = play.view();
    let key = play.keys.label(Action::Free);
    let order = view
        .me
        .held
        .iter()
        .find(|held| held.pfn == pfn)
        .map_or(0, |held| held.order);
    let pages = 1u32 << order;
    let mut lines = vec![
        Line::new(
            Ink::Plain,
            format!("gives {pages} pages back; your badness falls"),
        ),
        Line::new(
            Ink::Plain,
            format!(
                "free pages {} -> {}",
                view.gauge.free,
                view.gauge.free + pages
            ),
        ),
    ];
    if view.me.held.len() > 1 {
        lines.push(Line::new(Ink::Dim, "arrows choose another block"));
    }
    lines.push(Line::new(
        Ink::White,
        format!("{key} again commits; any other key cancels."),
    ));
    Boxed {
        title: Line::new(
            Ink::White,
            format!("{key}  __free_pages({pfn:#06x}, {order})"),
        ),
        lines,
        frame: Ink::Yellow,
    }
}

fn isolate(play: &Play) -> Boxed {
    let view = play.view();
    let key = play.keys.label(Action::Isolate);
    let order = view.pageblock_order + 1;
    let pfn = crate::labyrinth::pfn_of(view.me.cell) & (u32::MAX << order);
    Boxed {
        title: Line::new(
            Ink::White,
            format!("{key}  isolate {pfn:#06x}-{:#06x}", pfn + (1 << order) - 1),
        ),
        lines: vec![
            Line::new(Ink::Plain, "nobody else allocates there for some turns"),
            Line::new(Ink::Plain, "your own grab takes from it last"),
            Line::new(Ink::Plain, "the watchdog runs double meanwhile"),
            Line::new(
                Ink::Plain,
                format!("charges left: {}", view.me.isolate_charges),
            ),
            Line::new(
                Ink::White,
                format!("{key} again commits; any other key cancels."),
            ),
        ],
        frame: Ink::White,
    }
}

fn clear(play: &Play) -> Boxed {
    let view = play.view();
    let key = play.keys.label(Action::Clear);
    // Directions that lead into the same room say nothing new.
    let same_room =
        |dir: Option<Dir>| dir.is_some_and(|dir| view.edge(view.me.cell, dir) == Some(Edge::Open));
    let ways = [
        (None, "here "),
        (Some(Dir::North), "north"),
        (Some(Dir::East), "east "),
        (Some(Dir::South), "south"),
        (Some(Dir::West), "west "),
    ];
    let lines = ways
        .into_iter()
        .filter(|&(dir, _)| !same_room(dir))
        .map(|(dir, name)| match plan::describe_clear(view, dir) {
            Ok(what) => Line::new(Ink::White, format!("{name} {what}")),
            Err(why) => Line::new(Ink::Dim, format!("{name} {why}")),
        })
        .collect();
    Boxed {
        title: Line::new(
            Ink::White,
            format!("{key}  clear which? arrow, or {key} for here"),
        ),
        lines,
        frame: Ink::White,
    }
}

fn look(view: &View, cell: Cell, title: &str) -> Boxed {
    let lines = raid::look(view, cell)
        .lines()
        .into_iter()
        .map(|line| Line::new(Ink::Plain, line));
    Boxed {
        title: Line::new(Ink::White, title),
        lines: lines.take(FACTS).collect(),
        frame: Ink::Dim,
    }
}

fn hover(play: &Play, cell: Cell) -> Boxed {
    let view = play.view();
    let mut boxed = look(view, cell, "");
    if !boxed.lines.is_empty() {
        boxed.title = Line::new(Ink::White, boxed.lines.remove(0).text);
    }
    boxed.lines.truncate(3);
    let way = play.hover_route().map_or_else(
        || Line::new(Ink::Dim, "no known way there"),
        |route| {
            let steps = match route.steps.len() {
                1 => "1 step".to_string(),
                n => format!("{n} steps"),
            };
            let mut text = format!("{steps}, click to walk");
            let mut ink = Ink::Plain;
            if route.trespasses > 0 {
                text = format!("{text}; {} trespasses", route.trespasses);
            }
            if route.unknown > 0 {
                text += "; partly unseen";
            }
            if route.faults > 0 {
                text = format!("{steps}; !! {} references lost on the way", route.faults);
                ink = Ink::Vermillion;
            }
            Line::new(ink, text)
        },
    );
    boxed.lines.push(way);
    boxed
}

/// What the player stands in, and what can be done there.
fn here(play: &Play) -> Boxed {
    let view = play.view();
    let key = |action| play.keys.label(action);
    let known = view.here();
    let mut lines = Vec::new();
    let mut frame = Ink::Dim;
    if let Some(to) = &view.me.evicted_by {
        lines.push(Line::new(
            Ink::Vermillion,
            format!(
                "!! given to {to}: be out in {} or lose a reference",
                view.me.evicted_in
            ),
        ));
        frame = Ink::Vermillion;
    }
    let title = match known.kind {
        RoomKind::Reserved(Site::Device(i)) => {
            let device = &view.devices[usize::from(i)];
            if let Some(request) = device.request {
                frame = Ink::White;
                lines.push(Line::new(
                    Ink::White,
                    format!("{} previews the grab", key(Action::Grab)),
                ));
                format!("{} wants order {}", device.name, request.order)
            } else {
                lines.push(Line::new(Ink::Dim, "it asks for nothing now"));
                device.name.clone()
            }
        }
        RoomKind::Reserved(Site::Gate(i)) => {
            let gate = &view.gates[usize::from(i)];
            let shut = !gate.open || gate.rule == GateRule::Key && !view.me.key;
            let line = if shut {
                Line::new(Ink::Dim, "it does not let you out now")
            } else {
                frame = Ink::White;
                Line::new(
                    Ink::White,
                    format!("{} leaves: three turns", key(Action::Extract)),
                )
            };
            lines.push(line);
            gate.name.clone()
        }
        RoomKind::Reserved(Site::Terminal(i)) => {
            let terminal = &view.terminals[usize::from(i)];
            if let Some(turn) = terminal.read {
                let screen = screen(view, terminal.file);
                lines.extend(
                    screen
                        .into_iter()
                        .take(FACTS - 2)
                        .map(|line| Line::new(Ink::Plain, line)),
                );
                lines.push(Line::new(Ink::Dim, format!("as of turn {turn}")));
            }
            lines.push(Line::new(Ink::White, "Space reads it"));
            frame = Ink::Sky;
            terminal.file.path().into()
        }
        RoomKind::Reserved(Site::Key | Site::Stone) => "built stone".into(),
        RoomKind::Void => format!("free, order {}", known.order),
        RoomKind::Yours => format!("yours, order {}", known.order),
        RoomKind::Cache { dirty } => {
            format!(
                "page cache, {}order {}",
                if dirty { "dirty, " } else { "" },
                known.order
            )
        }
        RoomKind::Anonymous => format!("anonymous, order {}", known.order),
        RoomKind::Kernel => format!("kernel memory, order {}", known.order),
    };
    if let Ok(what) = plan::describe_clear(view, None) {
        lines.push(Line::new(
            Ink::Plain,
            format!("{0} {0}  {what}", key(Action::Clear)),
        ));
    }
    if known.kind == RoomKind::Void && known.knowledge != Knowledge::Unknown && lines.is_empty() {
        let buddy = known.room ^ (1 << known.order);
        lines.push(Line::new(
            Ink::Plain,
            format!("{:#06x}; its buddy is {buddy:#06x}", known.room),
        ));
        let size = 1u32 << known.order;
        let safe = if size >= 16 {
            "large: handed out last"
        } else {
            "small: handed out first"
        };
        lines.push(Line::new(Ink::Dim, safe));
    }
    Boxed {
        title: Line::new(Ink::White, format!("here: {title}")),
        lines,
        frame,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::play_of_a_raid;

    fn text_of(boxed: &Boxed) -> String {
        let lines: Vec<&str> = boxed.lines.iter().map(|line| line.text.as_str()).collect();
        format!("{}\n{}", boxed.title.text, lines.join("\n"))
    }

    #[test]
    fn the_box_follows_the_mode() {
        let mut play = play_of_a_raid();
        assert!(text_of(&act(&play)).starts_with("here: "));
        play.mode = Mode::ChooseClear;
        let text = text_of(&act(&play));
        assert!(text.contains("north") && text.contains("here"), "{text}");
        play.mode = Mode::Confirm(Act::Isolate);
        assert!(text_of(&act(&play)).contains("I again commits"));
        play.mode = Mode::Look(play.view().me.cell);
        assert!(text_of(&act(&play)).contains("pfn 0x"));
    }
}
