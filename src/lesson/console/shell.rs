//! The words of the shell: cat, echo, kill, ps, set and the rest.

use std::fmt::Write as _;

use super::fault::{Errno, Fault};
use super::parse::number;
use super::{Console, Effect, Form, Report, table};
use crate::lesson::inspect;
use crate::lesson::machine::{MAX_SANDBOX_PAGES, Policy, Setup};
use crate::mm::{NodeZone, PAGE_SIZE, ZoneKind};

/// What begins an exclusive raid.
const EXCLUSIVE_RAID: [&str; 5] = [
    "define",
    "labyrinth",
    "void",
    "allocpagegfpatomic",
    "exclusive",
];

/// The longest name of a script.
const SCRIPT_CHARS: u32 = 40;

/// A zone of a machine of several may begin with this many pages at least.
const LEAST_PAGES: u32 = 2;

impl Console {
    pub(super) fn words(&mut self, words: &[String], report: &mut Report) -> Result<(), Fault> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["cat", path] => {
                report.output = self.cat(path)?;
                Ok(())
            }
            ["echo", ref value @ .., ">", path] => {
                report.changed = true;
                self.echo(&value.join(" "), path, report)
            }
            ["echo", ref text @ ..] => {
                report.output = text.join(" ");
                Ok(())
            }
            ["ps"] => {
                report.output = self.ps();
                Ok(())
            }
            ["kill", "-9" | "-KILL" | "-SIGKILL", pid] => self.kill(pid, report),
            ["kill", _] => Err(Fault::shell(
                "kill: a signal that can be caught does nothing here; usage: kill -9 PID",
            )),
            ["su", pid] => {
                let pid = self.number("su", pid)?;
                report.changed = true;
                self.machine
                    .switch(pid)
                    .map_err(|error| Fault::refused("su", &error))
            }
            ["taskset", cpu] => {
                let cpu = self.number("taskset", cpu)?;
                let cpu = u16::try_from(cpu).unwrap_or(u16::MAX);
                report.changed = true;
                self.machine
                    .set_cpu(cpu)
                    .map_err(|error| Fault::refused("taskset", &error))
            }
            ["hexdump", page] => self.hexdump(page, "0", "64", report),
            ["hexdump", page, offset] => self.hexdump(page, offset, "64", report),
            ["hexdump", page, offset, bytes] => self.hexdump(page, offset, bytes, report),
            ["inspect", page] => {
                let pfn = self.number("inspect", page)?;
                let page =
                    inspect::page(&self.machine, pfn).ok_or_else(|| no_frame("inspect", pfn))?;
                report.about = Some((page.block, page.order));
                report.output = page.to_string();
                Ok(())
            }
            ["set", name, value] => self.set(name, value, report),
            ["reset"] => {
                let setup = self.machine.setup().clone();
                self.begin_anew(setup, report)
            }
            ["undo"] => tell(report, Ok(Effect::Undo)),
            ["redo"] => tell(report, Ok(Effect::Redo)),
            ["scrub", to] => {
                let to = self.number("scrub", to)?;
                tell(report, Ok(Effect::Scrub(to)))
            }
            ["history"] => tell(report, Ok(Effect::History)),
            ["load", name] => tell(report, script(name).map(Effect::Load)),
            ["save", name] => tell(report, script(name).map(Effect::Save)),
            ["export", form, name] => {
                let Some(form) = Form::ALL.into_iter().find(|known| known.name() == form) else {
                    return Err(Fault::shell(format_args!(
                        "export: {form}: expected csv, json or sandbox"
                    )));
                };
                tell(report, script(name).map(|name| Effect::Export(form, name)))
            }
            ["link"] => tell(report, Ok(Effect::Link)),
            ["help"] => {
                report.output = help();
                Ok(())
            }
            ["help", name] => {
                report.output = help_on(name)?;
                Ok(())
            }
            _ if words == EXCLUSIVE_RAID => tell(report, Ok(Effect::StartExclusiveRaid)),
            [] => Ok(()),
            [word, ..] => Err(wrong_words(word)),
        }
    }

    fn number(&self, word: &str, text: &str) -> Result<u32, Fault> {
        self.expression(text)
            .map_err(|what| Fault::shell(format_args!("{word}: {what}")))
    }

    fn kill(&mut self, pid: &str, report: &mut Report) -> Result<(), Fault> {
        let pid = self.number("kill", pid)?;
        report.changed = true;
        let freed = self
            .machine
            .kill(pid, &mut report.events)
            .map_err(|error| {
                let fault = Fault::refused("kill", &error);
                let text = match fault.errno {
                    Errno::ESRCH => format!("bash: kill: ({pid}) - No such process"),
                    Errno::EPERM => format!("bash: kill: ({pid}) - Operation not permitted"),
                    _ => fault.text,
                };
                Fault::new(fault.errno, text)
            })?;
        report.output = format!("{freed} pages fall free");
        Ok(())
    }

    fn ps(&self) -> String {
        let mut text = "  PID  PPID   RSS  ADJ  NAME\n".to_owned();
        for (pid, task) in self.machine.tasks() {
            let mark = if pid == self.machine.current() {
                " *"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "{pid:>5} {:>5} {:>5} {:>4}  {}{mark}",
                task.parent,
                self.machine.rss(pid),
                task.adj,
                task.name,
            );
        }
        text
    }

    fn hexdump(
        &mut self,
        page: &str,
        offset: &str,
        bytes: &str,
        report: &mut Report,
    ) -> Result<(), Fault> {
        let pfn = self.number("hexdump", page)?;
        let offset = self.number("hexdump", offset)?;
        let bytes = self.number("hexdump", bytes)?.min(PAGE_SIZE);
        let arena = self.machine.arena();
        let dump = arena.map(|arena| arena.hex_dump(pfn, offset, bytes));
        report.about = Some((pfn, 0));
        report.output = match dump {
            Some(Ok(dump)) => dump,
            Some(Err(error)) => return Err(Fault::shell(format_args!("hexdump: {error}"))),
            None => return Err(no_frame("hexdump", pfn)),
        };
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str, report: &mut Report) -> Result<(), Fault> {
        let mut setup = self.machine.setup().clone();
        let wrong = |expected: &str| {
            let text = format!("set: {name}: expected {expected}, found {value:?}");
            Err(Fault::shell(text))
        };
        let switch = match value {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        };
        match (name, switch, number(value)) {
            ("policy", ..) => {
                let Some(policy) = Policy::ALL
                    .into_iter()
                    .find(|policy| policy.name() == value)
                else {
                    return wrong("lifo, fifo or lowest");
                };
                report.changed = true;
                return self
                    .machine
                    .set_policy(policy)
                    .map_err(|error| Fault::refused("set policy", &error));
            }
            ("pages", _, Some(pages)) => {
                setup.zones.clear();
                setup.pages = pages;
            }
            ("pages", ..) => return wrong(&format!("a number of pages, 1 to {MAX_SANDBOX_PAGES}")),
            ("zones", ..) => {
                let Some(zones) = zones(value) else {
                    return wrong("NAME:PAGES,... such as DMA:64,Normal:192, lowest first");
                };
                setup.zones = zones;
            }
            ("pageblock_order", _, Some(order)) => {
                setup.pageblock_order = u8::try_from(order).unwrap_or(u8::MAX);
            }
            ("pageblock_order", ..) => return wrong("an order from 1 to 10"),
            ("pcp", Some(on), _) => setup.cpus = u16::from(on),
            ("pcp", _, Some(cpus)) => setup.cpus = u16::try_from(cpus).unwrap_or(u16::MAX),
            ("pcp", ..) => return wrong("on, off or a number of CPUs"),
            ("min_free_kbytes", _, Some(kbytes)) => setup.min_free_kbytes = Some(kbytes),
            ("min_free_kbytes", ..) if value == "auto" => setup.min_free_kbytes = None,
            ("min_free_kbytes", ..) => return wrong("a number of KiB, or auto"),
            ("page_poison", Some(on), _) => setup.bytes.page_poison = on,
            ("init_on_alloc", Some(on), _) => setup.bytes.init_on_alloc = on,
            ("init_on_free", Some(on), _) => setup.bytes.init_on_free = on,
            ("page_poison" | "init_on_alloc" | "init_on_free", ..) => return wrong("on or off"),
            _ => {
                return Err(Fault::shell(format_args!(
                    "set: {name}: no such setting; expected one of: policy, pages, zones, \
                     pageblock_order, pcp, min_free_kbytes, page_poison, init_on_alloc, init_on_free"
                )));
            }
        }
        self.begin_anew(setup, report)
    }

    fn begin_anew(&mut self, setup: Setup, report: &mut Report) -> Result<(), Fault> {
        let console =
            Self::new(setup).map_err(|error| Fault::shell(format_args!("set: {error}")))?;
        *self = console;
        report.changed = true;
        report.output = format!("an empty machine of {} pages", self.machine.managed());
        Ok(())
    }
}

fn tell(report: &mut Report, effect: Result<Effect, Fault>) -> Result<(), Fault> {
    report.effects.push(effect?);
    Ok(())
}

fn no_frame(word: &str, pfn: u32) -> Fault {
    Fault::shell(format_args!("{word}: there is no frame {pfn:#x}"))
}

/// The name of a script: letters that mean the same on every file system.
fn script(name: &str) -> Result<String, Fault> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > SCRIPT_CHARS as usize || !name.chars().all(good) {
        return Err(Fault::shell(format_args!(
            "{name:?}: expected a script's name: 1 to {SCRIPT_CHARS} of the characters A-Z a-z 0-9 - _"
        )));
    }
    Ok(name.to_owned())
}

fn zones(value: &str) -> Option<Vec<NodeZone>> {
    let zone = |text: &str| {
        let (name, pages) = text.split_once(':')?;
        let kind = ZoneKind::ALL.into_iter().find(|kind| kind.name() == name)?;
        let pages =
            number(pages).filter(|pages| (LEAST_PAGES..=MAX_SANDBOX_PAGES).contains(pages))?;
        let start = None;
        Some(NodeZone { kind, pages, start })
    };
    value.split(',').map(zone).collect()
}

fn wrong_words(word: &str) -> Fault {
    match table::WORDS.iter().find(|(name, ..)| *name == word) {
        Some((name, follows, _)) => Fault::shell(format_args!("{name}: usage: {name} {follows}")),
        None if table::call(word).is_some() => {
            let usage = table::call(word).map_or_else(String::new, table::Row::usage);
            Fault::shell(format_args!("{word}: usage: {usage}"))
        }
        None => Fault::shell(format_args!("{word}: command not found")),
    }
}

fn help() -> String {
    let mut text = "Calls; NAME = CALL(...) keeps what is returned:\n".to_owned();
    for row in table::CALLS {
        let _ = writeln!(text, "  {:32} {}", row.usage(), row.help);
    }
    text += "Words:\n";
    for (word, follows, help) in table::WORDS {
        let _ = writeln!(text, "  {:32} {help}", format!("{word} {follows}"));
    }
    text += "Files:\n";
    for (path, help) in super::proc::FILES {
        let _ = writeln!(text, "  {path:32} {help}");
    }
    text
}

fn help_on(name: &str) -> Result<String, Fault> {
    if let Some(row) = table::call(name) {
        return Ok(format!("{}: {}", row.usage(), row.help));
    }
    let word = table::WORDS.iter().find(|(word, ..)| *word == name);
    word.map(|(word, follows, help)| format!("{word} {follows}: {help}"))
        .ok_or_else(|| Fault::shell(format_args!("help: no help topics match `{name}'")))
}
