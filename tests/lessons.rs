//! The shipped lessons: complete, won by their solutions, patient with mistakes, open to other solutions, provable.

#[path = "lessons/mutations.rs"]
mod mutations;
#[path = "lessons/proofs.rs"]
mod proofs;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use labyrinth::lesson::{
    Ask, Lesson, LessonInput, Play, Predict, Session, Step, Tone, seconds, shipped, shipped_files,
};

fn lessons() -> Vec<Arc<Lesson>> {
    let all = shipped().unwrap_or_else(|error| panic!("{error}"));
    all.into_iter().map(Arc::new).collect()
}

fn begun(lesson: &Arc<Lesson>) -> Session {
    Session::new(Arc::clone(lesson)).expect("a machine")
}

/// The input that answers a question.
fn answer(predict: &Predict, with: u32) -> LessonInput {
    match predict.ask {
        Ask::Click { .. } => LessonInput::Click(with),
        Ask::Choose { .. } => LessonInput::Choose(with),
        Ask::Order { .. } | Ask::Count { .. } => LessonInput::Type(with.to_string()),
    }
}

/// Does what the file says is right, and goes on.
fn pass(session: &mut Session, step: &Step) {
    match step {
        Step::Say(_) => {}
        Step::Predict(predict) => session.input(answer(predict, predict.ask.answer())),
        Step::Play(play) => {
            for line in &play.solution {
                session.input(LessonInput::Call(line.clone()));
            }
        }
    }
    session.input(LessonInput::Next);
}

fn said(session: &Session) -> (Tone, String) {
    let feedback = session.view().feedback;
    feedback.map_or((Tone::Plain, String::new()), |said| (said.tone, said.text))
}

/// The way through each lesson, as it is also typed in a browser: `tests/web/lessons.test.mjs`.
const ANSWERS: &str = include_str!("data/lessons.answers");

#[test]
fn the_shortest_way_leads_to_the_end_and_is_the_stored_one() {
    let mut all = String::new();
    for lesson in lessons() {
        let mut session = begun(&lesson);
        let _ = writeln!(all, "# lesson {}", lesson.id);
        for input in lesson.answers() {
            let _ = writeln!(all, "{input}");
            session.input(input);
        }
        assert!(session.is_done(), "{}", lesson.id);
        let outline = lesson.outline();
        assert_eq!(outline.inputs, session.inputs().len() as u32);
    }
    assert_eq!(
        ANSWERS, all,
        "expected what `labyrinth lesson NAME --answers` prints, each under `# lesson NAME`"
    );
}

#[test]
fn there_is_something_to_do_within_half_a_minute_and_no_lesson_is_a_lecture() {
    for lesson in lessons() {
        let outline = lesson.outline();
        assert!(
            seconds(outline.words_first) <= 30,
            "{}: {outline:?}",
            lesson.id
        );
        assert!(outline.presses_first <= 1, "{}: {outline:?}", lesson.id);
        assert!(
            seconds(outline.words) <= 60 * lesson.minutes,
            "{}: {outline:?}",
            lesson.id
        );
    }
}

#[test]
fn there_are_fifteen_in_the_order_in_which_they_are_taught() {
    let lessons = lessons();
    let ids: Vec<&str> = lessons.iter().map(|lesson| lesson.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "frames",
            "split",
            "merge",
            "rounding",
            "half",
            "lists",
            "watermarks",
            "sleeping",
            "reclaim",
            "types",
            "compaction",
            "cow",
            "locks",
            "oom",
            "bytes"
        ]
    );
    for ((file, _), id) in shipped_files().iter().zip(&ids) {
        assert!(file.ends_with(&format!("-{id}.ron")), "{file} is {id}");
    }
}

#[test]
fn the_stored_solution_of_every_lesson_wins() {
    for lesson in lessons() {
        let mut session = begun(&lesson);
        for (at, step) in (0_u32..).zip(&lesson.steps) {
            assert_eq!(
                session.view().step,
                at,
                "{}: {:?}",
                lesson.id,
                said(&session)
            );
            session
                .timeline()
                .now()
                .machine()
                .verify()
                .expect("a sound machine");
            pass(&mut session, step);
        }
        assert!(session.is_done(), "{}: {:?}", lesson.id, said(&session));
        let view = session.view();
        assert!(view.left_out.is_some() && !view.linux.is_empty());
    }
}

/// A session at the beginning of a step.
fn at(lesson: &Arc<Lesson>, step: usize) -> Session {
    let mut session = begun(lesson);
    for before in &lesson.steps[..step] {
        pass(&mut session, before);
    }
    session
}

#[test]
fn each_stored_mistake_gets_its_own_explanation() {
    let mut count = 0;
    for lesson in lessons() {
        for (number, step) in lesson.steps.iter().enumerate() {
            let mut seen = BTreeSet::new();
            match step {
                Step::Say(_) => {}
                Step::Predict(predict) => {
                    for wrong in &predict.mistakes {
                        let mut session = at(&lesson, number);
                        session.input(answer(predict, wrong.answer));
                        assert_eq!(said(&session), (Tone::Wrong, wrong.say.clone()));
                        assert!(!session.view().solved);
                        assert!(seen.insert(&wrong.say), "{}: said twice", lesson.id);
                    }
                }
                Step::Play(play) => {
                    for mistake in &play.mistakes {
                        let mut session = at(&lesson, number);
                        for line in &mistake.example {
                            session.input(LessonInput::Call(line.clone()));
                        }
                        assert_eq!(
                            said(&session),
                            (Tone::Wrong, mistake.say.clone()),
                            "{}: {:?}",
                            lesson.id,
                            mistake.example
                        );
                        assert!(seen.insert(&mistake.say), "{}: said twice", lesson.id);
                    }
                }
            }
            count += seen.len();
        }
    }
    assert!(
        count >= 60,
        "only {count} mistakes are known in all lessons"
    );
}

#[test]
fn every_wrong_answer_is_explained_by_what_is_there() {
    for lesson in lessons() {
        for (number, step) in lesson.steps.iter().enumerate() {
            let Step::Predict(predict) = step else {
                continue;
            };
            let start = at(&lesson, number);
            for given in 0..12 {
                let mut session = start.clone();
                session.input(answer(predict, given));
                let (tone, text) = said(&session);
                assert!(!text.is_empty(), "{} step {number}: {given}", lesson.id);
                assert_eq!(session.view().solved, tone == Tone::Right, "{text}");
            }
        }
    }
}

/// All sequences of moves up to a length that meet the rule of a step, none of them longer than it must be.
fn solutions(start: &Session, play: &Play, depth: u32) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![(start.timeline().clone(), Vec::<String>::new())];
    for _ in 0..depth {
        let mut next = Vec::new();
        for (machine, lines) in &open {
            for line in &play.moves {
                let mut machine = machine.clone();
                let report = machine.run(line);
                let mut lines = lines.clone();
                lines.push(line.clone());
                let calls = lines.len() as u32;
                if play.win.holds(machine.now(), Some(&report), calls) {
                    found.push(lines);
                } else {
                    next.push((machine, lines));
                }
            }
        }
        open = next;
    }
    found
}

#[test]
fn every_other_solution_that_a_search_finds_is_accepted_too() {
    let mut others = 0;
    for lesson in lessons() {
        for (number, step) in lesson.steps.iter().enumerate() {
            let Step::Play(play) = step else { continue };
            assert!(play.moves.len() > 1, "{}: nothing to search", lesson.id);
            let start = at(&lesson, number);
            let depth = (play.solution.len() as u32 + 1).min(4);
            let found = solutions(&start, play, depth);
            assert!(
                !found.is_empty(),
                "{} step {number}: the search finds no solution",
                lesson.id
            );
            for lines in &found {
                let mut session = start.clone();
                for line in lines {
                    session.input(LessonInput::Call(line.clone()));
                }
                assert!(
                    session.view().solved,
                    "{}: {lines:?} is refused: {:?}",
                    lesson.id,
                    said(&session)
                );
            }
            others += found
                .iter()
                .filter(|lines| **lines != play.solution)
                .count();
        }
    }
    assert!(
        others >= 30,
        "the search found {others} other solutions only"
    );
}

#[test]
fn calls_can_be_taken_back_done_again_and_scrubbed() {
    let lessons = lessons();
    let merge = &lessons[2];
    let number = merge.steps.len() - 1;
    let mut session = at(merge, number);
    let before = session.view().machine;
    session.input(LessonInput::Call("__free_page(0x18)".into()));
    let one = session.view().machine;
    session.input(LessonInput::Call("__free_page(0x1c)".into()));
    assert_eq!(session.view().at, (2, 2));
    session.input(LessonInput::Undo);
    assert_eq!(session.view().machine, one);
    session.input(LessonInput::Scrub(0));
    assert_eq!(session.view().machine, before);
    session.input(LessonInput::Redo);
    assert_eq!(session.view().machine, one);
    session.input(LessonInput::Undo);
    session.input(LessonInput::Undo);
    assert_eq!(
        session.view().machine,
        before,
        "what came before the step stays"
    );
    for line in ["__free_page(0x35)", "__free_page(0x2b)"] {
        session.input(LessonInput::Call(line.into()));
    }
    assert!(
        session.view().solved,
        "two calls, after others were taken back"
    );
    session.input(LessonInput::Undo);
    assert!(!session.view().solved, "what is taken back is not done");
}

#[test]
fn hints_come_in_three_stages_and_next_waits_for_an_answer() {
    let lessons = lessons();
    let mut session = at(&lessons[1], 1);
    session.input(LessonInput::Next);
    assert_eq!(session.view().step, 1);
    for count in 1..=4_usize {
        session.input(LessonInput::Hint);
        assert_eq!(session.view().hints.len(), count.min(3));
    }
}

#[test]
fn a_call_is_shown_step_by_step_and_the_map_with_it() {
    let lessons = lessons();
    let mut session = at(&lessons[1], 1);
    session.input(LessonInput::Type("6".into()));
    let view = session.view();
    let splits = view
        .beats
        .iter()
        .filter(|beat| beat.text.contains("is split"))
        .count();
    assert_eq!(splits, 6, "{:?}", view.beats);
    let mut blocks = BTreeSet::new();
    for at in 0..view.beats.len() as u32 {
        session.input(LessonInput::Step);
        let view = session.view();
        assert_eq!(view.beat, Some(at));
        let pages: u32 = view.midway.iter().map(|(_, order, _)| 1 << order).sum();
        assert_eq!(pages, 64, "every page is in one block at every moment");
        blocks.insert(view.midway.len());
    }
    assert_eq!(blocks, (1..=7).collect(), "from one block to seven");
    session.input(LessonInput::Step);
    assert_eq!(session.view().beat, None);
}
