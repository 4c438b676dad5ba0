//! Making calls: arguments read, the machine asked, the answer in words.

use super::fault::{Errno, Fault};
use super::parse::number;
use super::table::{Kind, Op, Row};
use super::{Console, MAX_VARIABLES, Report};
use crate::lesson::machine::{Locked, Refusal};
use crate::mm::memory::{FilePage, WriteFault};
use crate::mm::{Gfp, Order, PAGE_SIZE, PageFlags, Pfn};

/// An argument, read.
enum Arg {
    Gfp(Gfp),
    Number(u32),
    Text(String),
}

struct Args(Vec<Arg>);

impl Args {
    fn number(&self, at: usize) -> u32 {
        match self.0.get(at) {
            Some(Arg::Number(number)) => *number,
            _ => 0,
        }
    }

    /// An order; one that is too large stays too large.
    fn order(&self, at: usize) -> Order {
        Order::try_from(self.number(at)).unwrap_or(Order::MAX)
    }

    fn gfp(&self, at: usize) -> Gfp {
        match self.0.get(at) {
            Some(Arg::Gfp(gfp)) => *gfp,
            _ => Gfp::empty(),
        }
    }

    fn text(&self, at: usize) -> &str {
        match self.0.get(at) {
            Some(Arg::Text(text)) => text,
            _ => "",
        }
    }
}

impl Console {
    pub(super) fn call(
        &mut self,
        target: Option<String>,
        row: &'static Row,
        written: &[String],
        report: &mut Report,
    ) -> Result<(), Fault> {
        let mut args = Vec::new();
        for (text, (kind, name)) in written.iter().zip(row.args) {
            let arg = self.argument(text, *kind).map_err(|found| {
                Fault::usage(row.name, &row.usage(), format_args!("{name}: {found}"))
            })?;
            args.push(arg);
        }
        let new = target
            .as_ref()
            .is_some_and(|name| !self.variables.contains_key(name));
        if new && self.variables.len() as u32 >= MAX_VARIABLES {
            let text = format!(
                "{}: {MAX_VARIABLES} variables, as many as there can be",
                row.name
            );
            return Err(Fault::new(Errno::EAGAIN, text));
        }
        let shown = format!("{}({})", row.name, written.join(", "));
        report.changed = true;
        let done = self.act(row.op, &Args(args), report);
        if let Some(target) = target {
            self.variables
                .insert(target.clone(), report.value.filter(|_| done.is_ok()));
            if done.is_ok() && report.value.is_some() {
                report.output = format!("{target} = {}", report.output);
            }
        }
        done.map_err(|error| match error {
            Failed::Refused(refusal) => Fault::refused(&shown, &refusal),
            Failed::Atomic => Fault::new(
                Errno::EINVAL,
                format!(
                    "BUG: sleeping function called from invalid context\n{shown}: it may sleep, and preemption is disabled (-EINVAL)"
                ),
            ),
            Failed::Byte => Fault::usage(row.name, &row.usage(), "expected a byte, 0 to 255"),
        })
    }

    fn argument(&self, text: &str, kind: Kind) -> Result<Arg, String> {
        match kind {
            Kind::Gfp => text
                .parse()
                .map(Arg::Gfp)
                .map_err(|error: crate::mm::GfpError| {
                    format!(
                        "found {:?}, expected flags like GFP_KERNEL|__GFP_ZERO",
                        error.word
                    )
                }),
            Kind::Text => Ok(Arg::Text(text.trim_matches('"').to_owned())),
            Kind::Pfn | Kind::Number => self.expression(text).map(Arg::Number),
        }
    }

    /// A number, a variable, or several joined by `+`, `-` and `^`.
    pub(super) fn expression(&self, text: &str) -> Result<u32, String> {
        let mut value = 0_u32;
        let mut rest = text.trim();
        let mut sign = '+';
        loop {
            let end = rest.find(['+', '-', '^']).unwrap_or(rest.len());
            let term = self.term(rest[..end].trim())?;
            let sum = match sign {
                '+' => value.checked_add(term),
                '-' => value.checked_sub(term),
                _ => Some(value ^ term),
            };
            value = sum.ok_or_else(|| format!("{text} is no number of 32 bits"))?;
            match rest[end..].chars().next() {
                None => return Ok(value),
                Some(next) => sign = next,
            }
            rest = &rest[end + 1..];
        }
    }

    fn term(&self, text: &str) -> Result<u32, String> {
        if let Some(number) = number(text) {
            return Ok(number);
        }
        let name = text.strip_prefix('$').unwrap_or(text);
        match self.variables.get(name) {
            Some(Some(value)) => Ok(*value),
            Some(None) => Err(format!("{name} is NULL")),
            None => Err(format!(
                "found {text:?}, expected a number like 64 or 0x40, or a variable"
            )),
        }
    }

    fn act(&mut self, op: Op, args: &Args, report: &mut Report) -> Result<(), Failed> {
        let page = args.number(0);
        match op {
            Op::AllocPages | Op::GetFreePages => {
                self.alloc(args.gfp(0), args.order(1), false, report)?;
            }
            Op::AllocPage => self.alloc(args.gfp(0), 0, false, report)?,
            Op::GetZeroedPage => self.alloc(args.gfp(0) | Gfp::ZERO, 0, false, report)?,
            Op::AllocExclusive => self.alloc(args.gfp(0), args.order(1), true, report)?,
            Op::AllocAt => {
                let order = args.order(1);
                let gfp = args.gfp(2);
                self.machine
                    .alloc_at(page, order, gfp, &mut report.events)?;
                got(page, order, report);
            }
            Op::FreePages => self.free(page, args.order(1), report)?,
            Op::FreePage => self.free(page, 0, report)?,
            Op::LruAdd => self.machine.lru_add(page)?,
            Op::Accessed => self.machine.touch(page)?,
            Op::Dirty => self.machine.flag(page, PageFlags::DIRTY, true)?,
            Op::Writeback => self.machine.writeback(page)?,
            Op::PinPage => self.machine.flag(page, PageFlags::PINNED, true)?,
            Op::UnpinPage => self.machine.flag(page, PageFlags::PINNED, false)?,
            Op::LockPage => {
                let pid = self.machine.current();
                report.output = match self.machine.lock(page, self.atomic)? {
                    Locked::Acquired => format!("task {pid} has the lock of {page:#x}"),
                    _ => format!("task {pid} sleeps for the lock of {page:#x}"),
                };
            }
            Op::TrylockPage => {
                let got = self.machine.trylock(page)? == Locked::Acquired;
                report.value = Some(u32::from(got));
                report.output = u32::from(got).to_string();
            }
            Op::UnlockPage => {
                report.output = match self.machine.unlock(page, &mut report.events)? {
                    None => format!("{page:#x} is unlocked"),
                    Some(next) => format!("{page:#x} is unlocked; task {next} wakes"),
                };
            }
            Op::GetPage => self.machine.get_page(page)?,
            Op::PutPage => self.machine.put_page(page, &mut report.events)?,
            Op::Migrate => {
                let to = self.machine.migrate(page, &mut report.events)?;
                report.value = Some(to);
                report.output = format!("{to:#x}");
            }
            Op::Mmap => {
                let pfn = self.machine.map_anon(page, &mut report.events)?;
                got(pfn, 0, report);
            }
            Op::MmapFile => {
                let file = file_page(args, 1);
                let pfn = self.machine.map_file(page, file, &mut report.events)?;
                got(pfn, 0, report);
            }
            Op::Munmap => self.machine.unmap(page, &mut report.events)?,
            Op::Write => self.write(page, args.text(1), report)?,
            Op::Read => {
                let bytes = self.machine.read(page, args.number(1))?;
                report.output = crate::mm::hex_dump(u64::from(page) << 12, &bytes);
            }
            Op::ReadFile => {
                let file = file_page(args, 0);
                let pfn = self.machine.read_file(file, &mut report.events)?;
                got(pfn, 0, report);
            }
            Op::WriteFile => {
                let file = file_page(args, 0);
                self.machine.write_file(file, args.text(2).as_bytes())?;
            }
            Op::PinUser => {
                let pfn = self.machine.pin(page, &mut report.events)?;
                got(pfn, 0, report);
            }
            Op::UnpinUser => self.machine.unpin(page, &mut report.events)?,
            Op::Memset => {
                let byte = u8::try_from(args.number(1)).map_err(|_| Failed::Byte)?;
                self.machine.poke(page, 0, &[byte; PAGE_SIZE as usize])?;
            }
            Op::Fork => {
                let pid = self.machine.fork(&mut report.events)?;
                report.value = Some(pid);
                report.output = pid.to_string();
            }
            Op::Spawn => {
                let pid = self.machine.spawn(args.text(0))?;
                report.value = Some(pid);
                report.output = pid.to_string();
            }
            Op::Kswapd => {
                let freed = self.machine.kswapd(&mut report.events);
                report.output = format!("kswapd freed {freed} pages and sleeps");
            }
            Op::Drain => {
                let pages = self.machine.drain(&mut report.events);
                report.output = format!("{pages} pages back on the free lists");
            }
            Op::PreemptDisable => self.atomic = true,
            Op::PreemptEnable => self.atomic = false,
        }
        Ok(())
    }

    fn alloc(
        &mut self,
        gfp: Gfp,
        order: Order,
        exclusive: bool,
        report: &mut Report,
    ) -> Result<(), Failed> {
        report.request = Some((gfp, order));
        if self.atomic && gfp.can_sleep() {
            return Err(Failed::Atomic);
        }
        let pfn = if exclusive {
            self.machine
                .alloc_exclusive(gfp, order, &mut report.events)?
        } else {
            self.machine.alloc(gfp, order, &mut report.events)?
        };
        got(pfn, order, report);
        Ok(())
    }

    fn free(&mut self, pfn: Pfn, order: Order, report: &mut Report) -> Result<(), Failed> {
        report.about = Some((pfn, order));
        Ok(self.machine.free(pfn, order, &mut report.events)?)
    }

    fn write(&mut self, vpn: u32, text: &str, report: &mut Report) -> Result<(), Failed> {
        let bytes = text.as_bytes();
        let bytes = &bytes[..bytes.len().min(PAGE_SIZE as usize)];
        let fault = self.machine.write(vpn, bytes, &mut report.events)?;
        let pte = self.machine.pte(vpn);
        let pfn = pte.map_or(0, |pte| pte.pfn);
        report.about = Some((pfn, 0));
        report.output = match fault {
            WriteFault::Writable => format!("written to {pfn:#x}"),
            WriteFault::Exclusive => {
                format!("write fault: {pfn:#x} is the task's own; written in place")
            }
            WriteFault::Reused => {
                format!("write fault: nobody else refers to {pfn:#x} any more; written in place")
            }
            WriteFault::Copied { from, to } => {
                report.value = Some(to);
                format!("write fault: {from:#x} is shared; copied to {to:#x} and written there")
            }
        };
        Ok(())
    }
}

fn file_page(args: &Args, first: usize) -> FilePage {
    FilePage {
        file: args.number(first),
        index: args.number(first + 1),
    }
}

fn got(pfn: Pfn, order: Order, report: &mut Report) {
    report.value = Some(pfn);
    report.about = Some((pfn, order));
    let last = pfn + ((1 << order) - 1);
    report.output = if order == 0 {
        format!("{pfn:#x}")
    } else {
        format!("{pfn:#x} (to {last:#x}, order {order})")
    };
}

/// Why a call failed, before it is put into words.
enum Failed {
    Refused(Refusal),
    /// It may sleep, and preemption is disabled.
    Atomic,
    /// A byte was expected.
    Byte,
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
