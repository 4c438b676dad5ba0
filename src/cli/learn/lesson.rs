//! `labyrinth lesson`: lists lessons, plays one as text, checks a file of inputs and prints the proof.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::LessonArgs;
use crate::cli::CliError;
use crate::cli::line::{one_of, shown};
use crate::lesson::{
    self, Lesson, LessonInput, LessonView, Proof, Session, Tone, WORDS_A_MINUTE, Wants,
};
use crate::storage;

/// Lists or plays.
pub(crate) fn run(args: &LessonArgs) -> Result<(), CliError> {
    let lessons = lessons(args.folder.as_deref())?;
    let Some(name) = &args.name else {
        return if args.table {
            table(&lessons)
        } else {
            list(&lessons)
        };
    };
    let Some(lesson) = lessons.into_iter().find(|lesson| lesson.id == *name) else {
        let all = self::lessons(args.folder.as_deref())?;
        return Err(CliError::Input(format!(
            "no lesson is called \"{}\", {}",
            shown(name),
            one_of(all.iter().map(|lesson| &lesson.id))
        )));
    };
    if args.answers {
        for input in lesson.answers() {
            writeln!(io::stdout(), "{input}")?;
        }
        return Ok(());
    }
    let session = Session::new(Arc::new(lesson))
        .map_err(|error| CliError::Input(format!("{name}: {error}")))?;
    match &args.check {
        Some(file) => check(session, file, args.learner.as_deref()),
        None => play(session, args.learner.as_deref()),
    }
}

/// The shipped lessons, or those of a folder in the order of their files' names.
pub(in crate::cli) fn lessons(folder: Option<&Path>) -> Result<Vec<Lesson>, CliError> {
    let input = |error: &dyn std::fmt::Display| CliError::Input(error.to_string());
    let Some(folder) = folder else {
        return lesson::shipped().map_err(|error| input(&error));
    };
    let named = |error: io::Error| CliError::Input(format!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(named)? {
        let path = entry.map_err(named)?.path();
        if path.extension().is_some_and(|ending| ending == "ron") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        let folder = folder.display();
        return Err(CliError::Input(format!(
            "{folder}: expected files of lessons, *.ron"
        )));
    }
    files
        .iter()
        .map(|file| {
            let text = storage::load(file)?;
            lesson::load(&file.display().to_string(), &text).map_err(|error| input(&error))
        })
        .collect()
}

fn list(lessons: &[Lesson]) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    for lesson in lessons {
        writeln!(
            out,
            "{:14} {:>2} min  {}: {}",
            lesson.id, lesson.minutes, lesson.title, lesson.goal
        )?;
    }
    Ok(())
}

/// Presses that lead from the title into a lesson: to the list, and to the lesson.
const TO_A_LESSON: u32 = 2;

/// What is read and pressed in each lesson.
fn table(lessons: &[Lesson]) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "reading at {WORDS_A_MINUTE} words a minute; presses before the first answer from the title, and from a link\n\n\
         {:14} {:>5}  {:>12} {:>8} {:>9}  {:>9} {:>5} {:>6}",
        "lesson", "steps", "first answer", "title", "link", "all words", "time", "inputs"
    )?;
    let time = |words| {
        let seconds = lesson::seconds(words);
        format!("{}:{:02}", seconds / 60, seconds % 60)
    };
    for lesson in lessons {
        let all = lesson.outline();
        writeln!(
            out,
            "{:14} {:>5}  {:>4} w {:>3} s {:>8} {:>9}  {:>9} {:>5} {:>6}",
            lesson.id,
            all.steps,
            all.words_first,
            lesson::seconds(all.words_first),
            all.presses_first + TO_A_LESSON,
            all.presses_first,
            all.words,
            time(all.words),
            all.inputs
        )?;
    }
    Ok(())
}

fn proof(session: &Session, learner: Option<&str>) -> Result<(), CliError> {
    writeln!(io::stdout(), "done: {}", session.lesson().goal)?;
    writeln!(io::stdout(), "{}", Proof::of(session, learner).encode())?;
    Ok(())
}

fn check(mut session: Session, file: &Path, learner: Option<&str>) -> Result<(), CliError> {
    let text = storage::load(file)?;
    for (number, line) in (1_u32..).zip(text.lines()) {
        let input = LessonInput::parse(line)
            .map_err(|what| CliError::Input(format!("{}:{number}: {what}", file.display())))?;
        if let Some(input) = input {
            session.input(input);
        }
    }
    if session.is_done() {
        return proof(&session, learner);
    }
    let view = session.view();
    let said = view
        .feedback
        .map_or_else(String::new, |said| format!("; last said: {}", said.text));
    Err(CliError::Input(format!(
        "{}: leads to step {} of {}, expected the lesson's end{said}",
        file.display(),
        view.step + 1,
        view.steps
    )))
}

fn play(mut session: Session, learner: Option<&str>) -> Result<(), CliError> {
    let mut out = io::stdout();
    writeln!(
        out,
        "{}\nGoal: {}",
        session.view().title,
        session.view().goal
    )?;
    let mut shown_step = None;
    let mut lines = io::stdin().lock().lines();
    loop {
        let view = session.view();
        if shown_step != Some(view.step) {
            shown_step = Some(view.step);
            write!(out, "{}", page(&view))?;
        }
        if let Some(said) = &view.feedback {
            let sign = match said.tone {
                Tone::Right => "+",
                Tone::Wrong => "x",
                Tone::Plain => "-",
            };
            writeln!(out, "{sign} {}", said.text)?;
        }
        if view.done {
            return proof(&session, learner);
        }
        write!(out, "> ")?;
        out.flush()?;
        let Some(line) = lines.next() else {
            writeln!(out)?;
            return Ok(());
        };
        let Ok(line) = line else {
            let what = "standard input: expected lines of UTF-8";
            return Err(CliError::Input(what.into()));
        };
        if line.trim() == "show" {
            write!(out, "{}", map(&session.view()))?;
            continue;
        }
        match typed(&line, &view) {
            Ok(Some(input)) => {
                let step = matches!(input, LessonInput::Step);
                let call = matches!(input, LessonInput::Call(_));
                session.input(input);
                let view = session.view();
                if step && let Some(at) = view.beat {
                    writeln!(out, ". {}", view.beats[at as usize].text)?;
                }
                if call && !view.printed.is_empty() {
                    writeln!(out, "{}", view.printed)?;
                }
            }
            Ok(None) => {}
            Err(what) => writeln!(out, "x {what}")?,
        }
    }
}

/// What somebody typed: an answer alone will do where one is asked for, and an empty line goes on.
fn typed(line: &str, view: &LessonView) -> Result<Option<LessonInput>, String> {
    let text = line.trim();
    let number = |text: &str| {
        let digits = text.strip_prefix("0x");
        digits.map_or_else(
            || text.parse().ok(),
            |digits| u32::from_str_radix(digits, 16).ok(),
        )
    };
    match (&view.wants, number(text)) {
        _ if text.is_empty() && view.solved => Ok(Some(LessonInput::Next)),
        (Wants::Click, Some(pfn)) => Ok(Some(LessonInput::Click(pfn))),
        (Wants::Choice(_), Some(at)) => Ok(Some(LessonInput::Choose(at))),
        (Wants::Order | Wants::Count, Some(_)) => Ok(Some(LessonInput::Type(text.into()))),
        _ => LessonInput::parse(line),
    }
}

fn page(view: &LessonView) -> String {
    let mut text = format!(
        "\n[{}/{}] {}\n",
        (view.step + 1).min(view.steps),
        view.steps,
        view.text
    );
    let _ = match &view.wants {
        Wants::Reading => writeln!(text, "(Enter goes on; `show` shows memory)"),
        Wants::Click => writeln!(text, "(type a frame; `show` shows memory, `hint` helps)"),
        Wants::Choice(options) => {
            for (at, option) in options.iter().enumerate() {
                let _ = writeln!(text, "  {at}: {option}");
            }
            writeln!(text, "(type a number; `show` shows memory, `hint` helps)")
        }
        Wants::Order => writeln!(text, "(type an order, 0 to 10; `show`, `hint`)"),
        Wants::Count => writeln!(text, "(type a number; `show`, `hint`)"),
        Wants::Calls(allow) => writeln!(
            text,
            "(calls: {}; also show, step, undo, redo, restart, hint)",
            allow.join(", ")
        ),
    };
    text
}

/// Both structures as text.
fn map(view: &LessonView) -> String {
    let mut text = String::new();
    for zone in &view.machine.zones {
        let _ = writeln!(
            text,
            "zone {}: {} of {} pages free; min {}, low {}, high {}",
            zone.name, zone.free, zone.pages, zone.marks[0], zone.marks[1], zone.marks[2]
        );
        for block in &zone.blocks {
            let last = block.pfn + ((1 << block.order) - 1);
            let what = match block.used {
                lesson::machine::Use::Free { list, place } => {
                    format!("free, number {place} on the list of {}", list.name())
                }
                lesson::machine::Use::Cached { cpu, .. } => format!("kept by CPU {cpu}"),
                lesson::machine::Use::Allocated {
                    pid, migratetype, ..
                } => format!("task {pid}, {}", migratetype.name()),
            };
            let _ = writeln!(
                text,
                "  {:#06x}-{last:#06x} order {:>2}  {what}",
                block.pfn, block.order
            );
        }
        for list in &zone.lists {
            let blocks: Vec<_> = list.blocks.iter().map(|pfn| format!("{pfn:#x}")).collect();
            let _ = writeln!(
                text,
                "  list of order {:>2}, {}: {}",
                list.order,
                list.list.name(),
                blocks.join(" -> ")
            );
        }
    }
    text
}
