//! Every lesson from the title to its proof with real hands: keys alone, and a mouse alone in a window of 1280x720 with
//! text of 125 %, where every step is measured on the way.

use bevy::input::keyboard::Key;
use bevy::prelude::*;

use super::driver::{app, options, press, screen, type_char};
use super::layout::faults;
use super::window::{Spot, click, point, window};
use crate::app::input::Intent;
use crate::app::learn::Learn;
use crate::app::prefs::Prefs;
use crate::app::session::Session;
use crate::app::title::TitleMenu;
use crate::app::{Screen, Start};
use crate::lesson::desk::{Control, Desk};
use crate::lesson::{Lesson, LessonInput, shipped};
use crate::mm::Pfn;
use crate::settings::TextScale;

fn lessons() -> Vec<Lesson> {
    shipped().expect("the shipped lessons are right")
}

fn desk(app: &App) -> &Desk {
    let learn = app.world().resource::<Learn>();
    learn.desk.as_ref().expect("a lesson is played")
}

/// Where the title has its entry for lessons.
fn learn_at(app: &App) -> u8 {
    let menu = app.world().resource::<TitleMenu>();
    let entries = menu.entries(app.world().resource::<Prefs>());
    let place = entries.iter().position(|(text, _)| text == "Learn");
    place.expect("the title leads to the lessons") as u8
}

/// All lessons are noted as done.
fn all_done(app: &App) {
    let session = app.world().resource::<Session>();
    for lesson in lessons() {
        let stands = session.lesson_stands(&lesson.id);
        assert_eq!(stands, (true, false), "{}", lesson.id);
    }
}

/// What a line is typed with.
fn enter(app: &mut App, line: &str) {
    for c in line.chars() {
        match c {
            ' ' => press(app, Key::Space),
            c => type_char(app, c),
        }
    }
    press(app, Key::Enter);
}

#[test]
fn every_lesson_is_played_to_its_end_by_keys_alone() {
    let mut app = app(None);
    for _ in 0..learn_at(&app) {
        press(&mut app, Key::ArrowDown);
    }
    press(&mut app, Key::Enter);
    app.update();
    app.update();
    assert_eq!(screen(&app), Screen::Learn);
    press(&mut app, Key::Enter);
    for lesson in lessons() {
        assert_eq!(desk(&app).view().id, lesson.id);
        for input in lesson.answers() {
            match &input {
                LessonInput::Click(pfn) => enter(&mut app, &format!("{pfn:#x}")),
                LessonInput::Choose(at) => {
                    type_char(
                        &mut app,
                        char::from_digit(at + 1, 10).expect("few outcomes"),
                    );
                }
                LessonInput::Type(line) | LessonInput::Call(line) => enter(&mut app, line),
                LessonInput::Next => {
                    let view = desk(&app).view();
                    let at = (&view.id, view.step);
                    assert!(view.solved, "{at:?}: {:?}", view.feedback);
                    press(&mut app, Key::Enter);
                }
                other => panic!("{other:?} is no answer"),
            }
        }
        assert!(desk(&app).view().done, "{}", lesson.id);
        // From the proof to the next lesson.
        press(&mut app, Key::ArrowDown);
        press(&mut app, Key::Enter);
    }
    assert!(
        app.world().resource::<Learn>().desk.is_none(),
        "after the last there is the list"
    );
    all_done(&app);
}

/// A mouse, and how often it was pressed.
struct Mouse {
    app: App,
    clicks: u32,
}

impl Mouse {
    fn press(&mut self, spot: Spot) {
        click(&mut self.app, spot, MouseButton::Left);
        self.clicks += 1;
    }

    fn control(&mut self, wanted: &Control) {
        let rows = desk(&self.app).rows();
        let place = rows.iter().flatten().position(|control| control == wanted);
        let place = place.unwrap_or_else(|| panic!("no {wanted:?} among {rows:?}"));
        self.press(Spot::Button(Intent::Entry(place as u8)));
    }

    /// Puts a call together from what is offered, pointing at the blocks that it names.
    fn call(&mut self, line: &str) {
        let mut wanted = line.to_owned();
        for pfn in frames(line) {
            wanted = wanted.replace(&format!("0x0{pfn:x}"), &format!("{pfn:#x}"));
        }
        for _ in 0..12 {
            if desk(&self.app).line().trim_end() == wanted {
                return self.control(&Control::Send);
            }
            let fitting = |desk: &Desk| {
                let offers = desk.offers().into_iter();
                let fits = offers.filter(|offer| wanted.starts_with(offer.line.trim_end()));
                fits.max_by_key(|offer| offer.line.len())
            };
            let mut best = fitting(desk(&self.app));
            for pfn in frames(line) {
                point(&mut self.app, Spot::Frame(pfn));
                let pointed = fitting(desk(&self.app));
                if pointed.as_ref().map(|offer| offer.line.len())
                    > best.as_ref().map(|offer| offer.line.len())
                {
                    best = pointed;
                    break;
                }
            }
            let best = best.unwrap_or_else(|| {
                panic!(
                    "{wanted}: nothing leads on from {:?}",
                    desk(&self.app).line()
                )
            });
            self.control(&Control::Offer(best));
        }
        panic!("{wanted}: {:?}", desk(&self.app).line());
    }

    fn give(&mut self, input: &LessonInput) {
        let counts = desk(&self.app).rows().concat().contains(&Control::Send);
        match input {
            LessonInput::Click(pfn) => self.press(Spot::Frame(*pfn)),
            LessonInput::Choose(at) => self.control(&Control::Option(*at)),
            LessonInput::Type(number) if counts => {
                for digit in number.bytes() {
                    self.control(&Control::Digit(digit - b'0'));
                }
                self.control(&Control::Send);
            }
            LessonInput::Type(number) => {
                self.control(&Control::Number(number.parse().expect("an order")));
            }
            LessonInput::Call(line) => self.call(line),
            LessonInput::Next => self.control(&Control::Next),
            other => panic!("{other:?} is no answer"),
        }
    }

    fn measure(&mut self, wrong: &mut Vec<String>) {
        self.app.update();
        let view = desk(&self.app).view();
        let name = format!("{} step {}", view.id, view.step + 1);
        let faults = faults(&mut self.app);
        wrong.extend(faults.iter().map(|fault| format!("{name}: {fault}")));
    }
}

/// Frames that a line names.
fn frames(line: &str) -> Vec<Pfn> {
    let parts = line.split("0x").skip(1);
    let hex = |part: &str| -> String { part.chars().take_while(char::is_ascii_hexdigit).collect() };
    parts
        .filter_map(|part| Pfn::from_str_radix(&hex(part), 16).ok())
        .collect()
}

#[test]
fn every_lesson_is_played_to_its_end_by_the_mouse_alone_and_every_step_fits() {
    let options = options(Start::Title);
    options
        .keeper
        .lock()
        .expect("nobody else has it")
        .change_settings(|settings| {
            settings.text_scale = TextScale::new(125).expect("a size there is");
        });
    let mut mouse = Mouse {
        app: window(options),
        clicks: 0,
    };
    let mut wrong = Vec::new();
    let learn = learn_at(&mouse.app);
    mouse.press(Spot::Button(Intent::Entry(learn)));
    for _ in 0..3 {
        mouse.app.update();
    }
    assert_eq!(screen(&mouse.app), Screen::Learn);
    mouse.press(Spot::Button(Intent::Entry(0)));
    for (nth, lesson) in lessons().iter().enumerate() {
        assert_eq!(desk(&mouse.app).view().id, lesson.id);
        mouse.measure(&mut wrong);
        let mut acted = false;
        for input in lesson.answers() {
            if nth == 0 && !acted && input != LessonInput::Next {
                // As `labyrinth lesson --table` counts them.
                acted = true;
                assert_eq!(mouse.clicks, lesson.outline().presses_first + 2);
            }
            mouse.give(&input);
            mouse.measure(&mut wrong);
            let told = !desk(&mouse.app).view().beats.is_empty();
            if told && matches!(input, LessonInput::Call(_)) {
                mouse.control(&Control::Step);
                mouse.measure(&mut wrong);
            }
        }
        assert!(desk(&mouse.app).view().done, "{}", lesson.id);
        mouse.control(&Control::Onward);
    }
    all_done(&mouse.app);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
