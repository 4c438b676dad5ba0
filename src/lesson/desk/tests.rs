//! Every lesson played to its end with what its screen offers, and its page measured on the way.

use std::sync::Arc;

use super::*;
use crate::lesson::spec::{Ask, Lesson, Step};
use crate::lesson::{Tone, shipped};
use crate::phrases::Phrases;
use crate::settings::Language;

/// The page in a window of 1280x720 with text of 125 %: see `app::learn::screen`.
const NARROW: Fits = Fits {
    size: (408, 516),
    fingers: false,
};

fn lessons() -> Vec<Arc<Lesson>> {
    let all = shipped().expect("the shipped lessons are right");
    all.into_iter().map(Arc::new).collect()
}

fn desk(lesson: &Arc<Lesson>) -> Desk {
    Desk::new(lesson.clone(), &[]).expect("its machine can be")
}

/// Presses a control that must be there.
fn press(desk: &mut Desk, wanted: &Control) {
    let place = desk.rows().into_iter().flatten().position(|c| c == *wanted);
    let place = place.unwrap_or_else(|| panic!("{wanted:?} is not among {:?}", desk.rows()));
    desk.take(Stroke::Press(place as u32));
}

/// Frames named in a line.
fn frames(line: &str) -> Vec<Pfn> {
    let parts = line.split("0x").skip(1);
    let hex = |part: &str| -> String { part.chars().take_while(char::is_ascii_hexdigit).collect() };
    parts
        .filter_map(|part| Pfn::from_str_radix(&hex(part), 16).ok())
        .collect()
}

/// Makes a call with nothing but buttons and clicks on the map.
fn tap(desk: &mut Desk, line: &str) {
    // Frames are written as the map has them.
    let mut wanted = line.to_owned();
    for pfn in frames(line) {
        for zeros in 1..3 {
            let long = format!("0x{}{pfn:x}", "0".repeat(zeros));
            wanted = wanted.replace(&long, &format!("{pfn:#x}"));
        }
        desk.take(Stroke::Point(pfn));
    }
    for _ in 0..12 {
        if desk.line().trim_end() == wanted {
            press(desk, &Control::Send);
            return;
        }
        let mut offers = desk.offers();
        offers.retain(|offer| wanted.starts_with(offer.line.trim_end()));
        let best = offers.into_iter().max_by_key(|offer| offer.line.len());
        let Some(best) = best else {
            panic!(
                "{wanted}: nothing leads there from {:?}: {:?}",
                desk.line(),
                desk.offers()
            );
        };
        press(desk, &Control::Offer(best));
    }
    panic!("{wanted}: {:?}", desk.line());
}

fn fits(desk: &Desk) {
    for language in [Language::En, Language::De] {
        let page = Page::of(desk, &Phrases::of(language), NARROW);
        let view = desk.view();
        assert!(
            page.height <= NARROW.size.1,
            "{} step {}: {} high: {:#?}",
            view.id,
            view.step,
            page.height,
            page.pieces
        );
        for piece in &page.pieces {
            match piece {
                Piece::Words(_, lines) => {
                    let long = lines.iter().map(|line| line.chars().count()).max();
                    assert!(long.unwrap_or(0) as i32 * LETTER <= NARROW.size.0);
                }
                Piece::Buttons(row) => {
                    let wide: i32 = row.iter().map(|button| button.width + 6).sum();
                    assert!(wide - 6 <= NARROW.size.0, "{row:?}");
                }
            }
        }
    }
}

/// Gives the right answer, or plays the solution.
fn solve(desk: &mut Desk, step: &Step) {
    match step {
        Step::Say(_) => {}
        Step::Predict(predict) => match &predict.ask {
            Ask::Click { answer, .. } => {
                desk.take(Stroke::Frame(*answer));
            }
            Ask::Choose { answer, .. } => press(desk, &Control::Option(*answer)),
            Ask::Order { answer, .. } => press(desk, &Control::Number((*answer).into())),
            Ask::Count { answer, .. } => {
                for digit in answer.to_string().bytes() {
                    press(desk, &Control::Digit(digit - b'0'));
                }
                press(desk, &Control::Send);
            }
        },
        Step::Play(play) => {
            for line in &play.solution {
                tap(desk, line);
                fits(desk);
            }
        }
    }
}

#[test]
fn every_lesson_is_played_to_its_end_by_pressing_what_is_there_and_fits() {
    for lesson in lessons() {
        let mut desk = desk(&lesson);
        for step in &lesson.steps {
            fits(&desk);
            if !matches!(step, Step::Say(_)) {
                for _ in 0..3 {
                    press(&mut desk, &Control::Hint);
                    fits(&desk);
                }
            }
            solve(&mut desk, step);
            assert!(
                desk.view().solved,
                "{}: {:?}",
                lesson.id,
                desk.session().inputs()
            );
            fits(&desk);
            if !desk.view().beats.is_empty() {
                press(&mut desk, &Control::Step);
                assert!(desk.picture().1.is_some(), "{}", lesson.id);
                fits(&desk);
            }
            press(&mut desk, &Control::Next);
        }
        assert!(desk.view().done, "{}", lesson.id);
        fits(&desk);
        for c in "Ada L.".chars() {
            desk.take(Stroke::Type(c));
        }
        let Deed::Copy(proof) = ({
            let copy = desk
                .rows()
                .concat()
                .iter()
                .position(|c| *c == Control::Copy);
            desk.take(Stroke::Press(copy.expect("it can be copied") as u32))
        }) else {
            panic!("the proof is copied");
        };
        let proof = Proof::parse(&proof).expect("it reads back");
        assert_eq!(proof.name.as_deref(), Some("Ada L."));
        assert!(proof.verify(&[(*lesson).clone()]).is_ok(), "{}", lesson.id);
    }
}

#[test]
fn every_mistake_is_explained_where_it_can_be_read() {
    for lesson in lessons() {
        let mut desk = desk(&lesson);
        for step in &lesson.steps {
            match step {
                Step::Predict(predict) if matches!(predict.ask, Ask::Click { .. }) => {
                    for wrong in &predict.mistakes {
                        desk.take(Stroke::Frame(wrong.answer));
                        fits(&desk);
                    }
                }
                Step::Play(play) => {
                    for mistake in &play.mistakes {
                        let mut trial = desk.clone();
                        for line in &mistake.example {
                            line.chars().for_each(|c| {
                                trial.take(Stroke::Type(c));
                            });
                            trial.take(Stroke::Confirm);
                        }
                        let said = trial.view().feedback.clone().expect("something is said");
                        assert_eq!((said.tone, said.text), (Tone::Wrong, mistake.say.clone()));
                        fits(&trial);
                    }
                }
                _ => {}
            }
            solve(&mut desk, step);
            press(&mut desk, &Control::Next);
        }
    }
}

#[test]
fn keys_alone_reach_every_control_and_the_map() {
    let lesson = &lessons()[2];
    let mut desk = desk(lesson);
    for step in &lesson.steps {
        let many = desk.rows().concat().len() as u32;
        let mut seen = Vec::new();
        for way in [Way::Down, Way::Right, Way::Down, Way::Right] {
            for _ in 0..many {
                seen.extend(desk.marked());
                desk.take(Stroke::Go(way));
            }
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.last(), Some(&(many - 1)), "{seen:?} of {many}");
        while desk.marked().is_some() {
            desk.take(Stroke::Go(Way::Left));
        }
        assert!(desk.selected().is_some());
        for _ in 0..70 {
            desk.take(Stroke::Go(Way::Right));
        }
        assert!(
            desk.marked().is_some(),
            "to the right of the map are the controls"
        );
        solve(&mut desk, step);
        press(&mut desk, &Control::Next);
    }
}

#[test]
fn what_was_done_leads_back_to_where_one_was() {
    let lesson = &lessons()[2];
    let mut desk = desk(lesson);
    solve(&mut desk, &lesson.steps[0]);
    press(&mut desk, &Control::Next);
    let again = Desk::new(lesson.clone(), desk.session().inputs()).expect("a machine");
    assert_eq!(again.view(), desk.view());
}

#[test]
fn a_line_is_completed_as_far_as_all_offers_agree() {
    let lesson = &lessons()[1];
    let mut desk = desk(lesson);
    while !matches!(desk.view().wants, Wants::Calls(_)) {
        let step = &lesson.steps[desk.view().step as usize];
        solve(&mut desk, step);
        press(&mut desk, &Control::Next);
    }
    let mut type_line = |line: &str| {
        line.chars().for_each(|c| {
            desk.take(Stroke::Type(c));
        });
        desk.take(Stroke::Complete);
        desk.line().to_owned()
    };
    assert_eq!(type_line("al"), "alloc_pages(");
    assert_eq!(type_line("GFP_H"), "alloc_pages(GFP_HIGHUSER_MOVABLE");
    assert_eq!(type_line(", 1"), "alloc_pages(GFP_HIGHUSER_MOVABLE, 1");
}

#[test]
fn an_order_that_is_typed_is_seen_and_given() {
    let lesson = &lessons()[2];
    let mut desk = desk(lesson);
    solve(&mut desk, &lesson.steps[0]);
    press(&mut desk, &Control::Next);
    assert_eq!(desk.view().wants, Wants::Order);
    desk.take(Stroke::Type('7'));
    assert_eq!(desk.rows()[0], [Control::Line]);
    desk.take(Stroke::Erase);
    desk.take(Stroke::Type('1'));
    desk.take(Stroke::Confirm);
    assert!(desk.view().solved, "{:?}", desk.view().feedback);
}

#[test]
fn long_words_are_broken_and_nothing_is_lost() {
    let text = "one two threefourfive six\n\nseven";
    for letters in 1..30 {
        let lines = wrap(text, letters);
        assert!(
            lines
                .iter()
                .all(|line| line.chars().count() <= letters as usize)
        );
        let joined: String = lines.concat().chars().filter(|c| *c != ' ').collect();
        assert_eq!(joined, "onetwothreefourfivesixseven");
    }
}
