//! Reading lessons: the file's form, then that every part of it is there, fits and works.

mod fits;

use std::fmt;

use ron::extensions::Extensions;
use ron::options::Options;

use super::console::{Console, Report};
use super::session::truth;
use super::shipped::SANDBOX;
use super::spec::{Ask, Lesson, Play, Predict, Step, Wrong};
use super::timeline::Timeline;
pub(super) use fits::NOT_IN_LESSONS;
use fits::{allowed, lines_fit, run, text_fits};

/// The longest file of a lesson that is read, in bytes.
pub const MAX_FILE: u32 = 65_536;
/// The longest text of a step, in characters: it fits a small screen with large letters.
pub const MAX_TEXT: u32 = 320;
/// The longest title, in characters.
pub const MAX_TITLE: u32 = 40;
/// The most steps of a lesson.
pub const MAX_STEPS: u32 = 24;
/// The most lines of a scene, a solution or what a step runs.
pub const MAX_LINES: u32 = 200;
/// The most pages of a lesson's machine.
pub const MAX_LESSON_PAGES: u32 = 4096;
/// The most options, mistakes or moves of a step.
pub const MAX_CHOICES: u32 = 12;

/// What is wrong with a lesson's file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct LessonError {
    /// The file's name, as it was given.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// What was found, and what was expected.
    pub what: String,
}

/// Reads a lesson and checks it by playing it: scene, questions, solutions.
///
/// # Errors
///
/// A [`LessonError`] that names the line.
pub fn load(file: &str, text: &str) -> Result<Lesson, LessonError> {
    let error = |line: usize, what: String| LessonError {
        file: file.to_owned(),
        line: u32::try_from(line).unwrap_or(u32::MAX).max(1),
        what,
    };
    if text.len() > MAX_FILE as usize {
        let what = format!("found {} bytes, expected at most {MAX_FILE}", text.len());
        return Err(error(1, what));
    }
    let extensions = Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES;
    let options = Options::default().with_default_extension(extensions);
    let lesson: Lesson = options
        .from_str(text)
        .map_err(|wrong| error(wrong.span.start.line, wrong.code.to_string()))?;
    let checker = Checker { text };
    Checker::lesson(&lesson).map_err(|(at, what)| error(checker.line_of(&at), what))?;
    Ok(lesson)
}

/// Something wrong: a text that stands in the file near it, and what is wrong.
type Wrongness = (String, String);

struct Checker<'t> {
    text: &'t str,
}

fn wrong<T>(near: &str, what: impl fmt::Display) -> Result<T, Wrongness> {
    Err((near.to_owned(), what.to_string()))
}

impl Checker<'_> {
    /// The first line that has this text in it; the first line of all if none has.
    fn line_of(&self, near: &str) -> usize {
        let near = near.lines().next().unwrap_or_default();
        // A quote is written with a backslash before it.
        let near = near.replace('\\', "\\\\").replace('"', "\\\"");
        let found = self
            .text
            .lines()
            .position(|line| !near.is_empty() && line.contains(&near));
        found.map_or(1, |at| at + 1)
    }

    fn lesson(lesson: &Lesson) -> Result<(), Wrongness> {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if lesson.id.is_empty() || lesson.id.len() > 32 || !lesson.id.chars().all(good) {
            let what = format!(
                "id {:?}, expected 1 to 32 of the characters a-z 0-9 -",
                lesson.id
            );
            return wrong(&lesson.id, what);
        }
        if lesson.id == SANDBOX {
            let what = format!("id {SANDBOX:?}, expected another: that name is the sandbox's");
            return wrong(&lesson.id, what);
        }
        text_fits(&lesson.title, "title", MAX_TITLE)?;
        text_fits(&lesson.goal, "goal", MAX_TEXT)?;
        text_fits(&lesson.left_out, "left_out", MAX_TEXT)?;
        if !(1..=15).contains(&lesson.minutes) {
            return wrong(
                "minutes",
                format!("minutes: {}, expected 1 to 15", lesson.minutes),
            );
        }
        if lesson.linux.is_empty() || lesson.linux.len() as u32 > MAX_CHOICES {
            return wrong("linux", "linux: expected 1 to 12 sources");
        }
        for source in &lesson.linux {
            text_fits(&source.what, "what", MAX_TEXT)?;
            text_fits(&source.at, "at", MAX_TEXT)?;
        }
        if lesson.steps.is_empty() || lesson.steps.len() as u32 > MAX_STEPS {
            let what = format!("{} steps, expected 1 to {MAX_STEPS}", lesson.steps.len());
            return wrong("steps", what);
        }
        if !lesson
            .steps
            .iter()
            .any(|step| matches!(step, Step::Predict(_)))
        {
            return wrong(
                "steps",
                "steps: expected a question before something is shown: Predict",
            );
        }
        let asks = |step: &Step| !matches!(step, Step::Say(_));
        if !lesson.steps.last().is_some_and(asks) {
            return wrong(
                "steps",
                "steps: expected the last to be Predict or Play: it is won by an act",
            );
        }
        let zones: u64 = lesson
            .machine
            .zones
            .iter()
            .map(|zone| u64::from(zone.pages))
            .sum();
        let pages = zones.max(if zones == 0 {
            lesson.machine.pages.into()
        } else {
            0
        });
        if pages > MAX_LESSON_PAGES.into() {
            let what = format!("a machine of {pages} pages, expected at most {MAX_LESSON_PAGES}");
            return wrong("pages", what);
        }
        let mut machine = Timeline::new(lesson.machine.clone())
            .map_err(|error| ("machine".to_owned(), format!("machine: {error}")))?;
        run(&mut machine, &lesson.scene)?;
        for step in &lesson.steps {
            match step {
                Step::Say(say) => {
                    text_fits(&say.text, "text", MAX_TEXT)?;
                    run(&mut machine, &say.run)?;
                }
                Step::Predict(predict) => Self::predict(&mut machine, predict)?,
                Step::Play(play) => Self::play(&mut machine, play)?,
            }
        }
        Ok(())
    }

    fn predict(machine: &mut Timeline, predict: &Predict) -> Result<(), Wrongness> {
        text_fits(&predict.text, "text", MAX_TEXT)?;
        text_fits(&predict.right, "right", MAX_TEXT)?;
        for hint in &predict.hints {
            text_fits(hint, "hints", MAX_TEXT)?;
        }
        if predict.mistakes.is_empty() || predict.mistakes.len() as u32 > MAX_CHOICES {
            return wrong(&predict.text, "mistakes: expected 1 to 12");
        }
        let before = machine.now().clone();
        run(machine, &predict.run)?;
        let last = machine
            .last()
            .map(|past| &past.report)
            .filter(|_| !predict.run.is_empty());
        let now = machine.now();
        let agrees = |answer: u32, of: &super::spec::Truth| match truth(of, now, last) {
            Some(found) if found == answer => Ok(()),
            Some(found) => wrong(
                &predict.text,
                format!("answer {answer}, expected {found}: that is what the machine says"),
            ),
            None => wrong(
                &predict.text,
                "truth: expected one that the calls of run give",
            ),
        };
        let same: fn(&Console, u32, u32) -> bool = match &predict.ask {
            Ask::Click { answer, truth: of } => {
                if before.machine().block_at(*answer).is_none() {
                    return wrong(&predict.text, format!("answer {answer}, expected a frame"));
                }
                if let Some(found) = truth(of, now, last)
                    && same_block(&before, found, *answer)
                {
                } else {
                    agrees(*answer, of)?;
                }
                same_block
            }
            Ask::Choose {
                options,
                answer,
                truth: of,
            } => {
                if options.len() < 2 || options.len() as u32 > MAX_CHOICES {
                    return wrong(&predict.text, "options: expected 2 to 12");
                }
                for option in options {
                    text_fits(option, "options", MAX_TEXT)?;
                }
                if *answer as usize >= options.len() {
                    let what = format!("answer {answer}, expected less than {}", options.len());
                    return wrong(&predict.text, what);
                }
                of.check(0).map_err(|what| (predict.text.clone(), what))?;
                if !of.holds(now, last, 0) {
                    return wrong(
                        &predict.text,
                        "truth: expected a condition that is true after run",
                    );
                }
                |_, a, b| a == b
            }
            Ask::Order { answer, truth: of } => {
                agrees(u32::from(*answer), of)?;
                |_, a, b| a == b
            }
            Ask::Count { answer, truth: of } => {
                agrees(*answer, of)?;
                |_, a, b| a == b
            }
        };
        let right = predict.ask.answer();
        for Wrong { answer, say } in &predict.mistakes {
            text_fits(say, "say", MAX_TEXT)?;
            if same(&before, *answer, right) {
                return wrong(
                    say,
                    format!("mistake {answer}, expected another than the right answer"),
                );
            }
        }
        Ok(())
    }

    fn play(machine: &mut Timeline, play: &Play) -> Result<(), Wrongness> {
        text_fits(&play.text, "text", MAX_TEXT)?;
        text_fits(&play.won, "won", MAX_TEXT)?;
        for hint in &play.hints {
            text_fits(hint, "hints", MAX_TEXT)?;
        }
        if play.allow.is_empty() || play.allow.len() as u32 > MAX_CHOICES {
            return wrong(&play.text, "allow: expected 1 to 12 names of calls");
        }
        for name in &play.allow {
            if !super::console::names().any(|known| known == name) {
                return wrong(
                    name,
                    format!("allow: {name:?}, expected a call of the console"),
                );
            }
        }
        if play.moves.len() as u32 > MAX_CHOICES {
            return wrong(&play.text, "moves: expected at most 12");
        }
        if play.mistakes.is_empty() || play.mistakes.len() as u32 > MAX_CHOICES {
            return wrong(&play.text, "mistakes: expected 1 to 12");
        }
        play.win
            .check(0)
            .map_err(|what| (play.text.clone(), what))?;
        if play.win.holds(machine.now(), None, 0) {
            return wrong(
                &play.text,
                "win: true before anything is done, expected a rule to be met",
            );
        }
        for mistake in &play.mistakes {
            text_fits(&mistake.say, "say", MAX_TEXT)?;
            mistake
                .when
                .check(0)
                .map_err(|what| (mistake.say.clone(), what))?;
            lines_fit(&mistake.example)?;
            allowed(play, &mistake.example)?;
            let mut trial = machine.clone();
            let mut last = Report::default();
            let mut calls = 0;
            for line in &mistake.example {
                last = trial.run(line);
                calls += 1;
            }
            if play.win.holds(trial.now(), Some(&last), calls) {
                return wrong(&mistake.say, "example: it wins, expected a mistake");
            }
            let first = play
                .mistakes
                .iter()
                .find(|known| known.when.holds(trial.now(), Some(&last), calls));
            if first != Some(mistake) {
                return wrong(
                    &mistake.say,
                    "example: expected it to be the first mistake that is true of it",
                );
            }
        }
        if play.solution.is_empty() {
            return wrong(&play.text, "solution: expected a line at least");
        }
        lines_fit(&play.solution)?;
        lines_fit(&play.moves)?;
        allowed(play, &play.solution)?;
        allowed(play, &play.moves)?;
        let mut calls = 0;
        for (at, line) in play.solution.iter().enumerate() {
            let report = machine.run(line);
            calls += 1;
            let done = play.win.holds(machine.now(), Some(&report), calls);
            let last = at + 1 == play.solution.len();
            if done && !last {
                return wrong(
                    line,
                    "solution: done already, expected its last line to be the one that meets the rule",
                );
            }
            if last && !done {
                let said = report.text().replace('\n', "; ");
                let what = format!(
                    "solution: expected the rule to be met after its last line, which gave: {said}"
                );
                return wrong(line, what);
            }
        }
        Ok(())
    }
}

/// True if both frames are in one block.
pub(super) fn same_block(console: &Console, a: u32, b: u32) -> bool {
    let block = |pfn| console.machine().block_at(pfn).map(|block| block.pfn);
    block(a).is_some() && block(a) == block(b)
}

impl Ask {
    /// The right answer as a number: a frame, an option, an order or a count.
    pub fn answer(&self) -> u32 {
        match self {
            Self::Click { answer, .. }
            | Self::Choose { answer, .. }
            | Self::Count { answer, .. } => *answer,
            Self::Order { answer, .. } => u32::from(*answer),
        }
    }
}
