//! A line of a kernel log without what loggers put before it.

/// A line of a log: where it stands, who logged it, and what the kernel said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its number in the text, from 1.
    pub number: u64,
    /// The task or CPU that logged it (`T123`, `C0`), where the kernel was built to say so (`CONFIG_PRINTK_CALLER`).
    /// Reports of several CPUs that got mixed can be told apart by it.
    pub caller: Option<&'a str>,
    /// What the kernel said, without blanks around it.
    pub text: &'a str,
}

impl<'a> Line<'a> {
    /// Takes the prefixes off a line: those of syslog and journald (up to `kernel: `), of `dmesg -r` (`<4>`), `-x`
    /// (`kern  :warn  : `) and `-T`, of `/dev/kmsg` (`4,1234,5678,-;`), the time (`[12.345678]`) and the caller
    /// (`[T123]`, `[12.345678][ T123]`). A carriage return at its end goes too.
    pub fn new(number: u64, line: &'a str) -> Self {
        let mut text = line.trim();
        text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if let Some((_, rest)) = text.split_once("kernel: ")
            && before_kernel(text)
        {
            text = rest.trim_start();
        }
        let mut caller = None;
        while let Some((found, rest)) = prefix(text) {
            if found.is_some() {
                caller = found;
            }
            text = rest.trim_start();
        }
        Self {
            number,
            caller,
            text,
        }
    }
}

/// True if `kernel: ` ends a logger's prefix: what stands before it is a date and a host, not the kernel's words.
fn before_kernel(text: &str) -> bool {
    let head = text.split("kernel: ").next().unwrap_or_default();
    head.len() <= 120 && !head.contains('=') && head.split_whitespace().count() <= 8
}

/// One prefix, if the text begins with one: the caller it names, and the rest.
fn prefix(text: &str) -> Option<(Option<&str>, &str)> {
    if let Some((inner, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let inner = inner.trim();
        if is_time(inner) || is_date(inner) {
            return Some((None, rest));
        }
        return is_caller(inner).then_some((Some(inner), rest));
    }
    if let Some((level, rest)) = text.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        return is_number(level).then_some((None, rest));
    }
    // dmesg -x: facility and level.
    if let Some(rest) = text.strip_prefix("kern ") {
        let (level, rest) = rest.trim_start().strip_prefix(':')?.split_once(": ")?;
        let word = level.trim();
        let levels = [
            "emerg", "alert", "crit", "err", "warn", "notice", "info", "debug",
        ];
        return levels.contains(&word).then_some((None, rest));
    }
    // /dev/kmsg: level, number, microseconds, flags.
    let (head, rest) = text.split_once(';')?;
    let mut fields = head.split(',');
    let numbers = fields.by_ref().take(3).filter(|field| is_number(field));
    (numbers.count() == 3 && head.len() < 60 && fields.next().is_some()).then(|| {
        let caller = head
            .rsplit_once("caller=")
            .map(|(_, caller)| caller)
            .filter(|caller| is_caller(caller));
        (caller, rest)
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Seconds since the start: `12.345678`.
fn is_time(text: &str) -> bool {
    text.split_once('.')
        .is_some_and(|(whole, part)| is_number(whole) && is_number(part))
}

/// `dmesg -T`: `Sat Nov 21 10:43:12 2026`.
fn is_date(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let day = words.next().unwrap_or_default();
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&day)
        && words.any(|word| word.matches(':').count() == 2)
}

/// `T123` is a task, `C0` a CPU.
fn is_caller(text: &str) -> bool {
    text.strip_prefix(['T', 'C']).is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_loggers_put_before_a_line_goes() {
        for line in [
            "Mem-Info:",
            "  Mem-Info:\r",
            "[   12.345678] Mem-Info:",
            "<4>[   12.345678] Mem-Info:",
            "<4>Mem-Info:",
            "[Sat Nov 21 10:43:12 2026] Mem-Info:",
            "Nov 21 10:43:12 host kernel: Mem-Info:",
            "Nov 21 10:43:12 host kernel: [   12.345678] Mem-Info:",
            "2026-11-21T10:43:12.123456+00:00 host kernel: [12.345678] Mem-Info:",
            "kernel: Mem-Info:",
            "kern  :warn  : [   12.345678] Mem-Info:",
            "4,1234,12345678,-;Mem-Info:",
        ] {
            assert_eq!(Line::new(1, line).text, "Mem-Info:", "{line}");
            assert_eq!(Line::new(1, line).caller, None, "{line}");
        }
        for line in [
            "[   12.345678][ T123] Mem-Info:",
            "[   12.345678] [T123] Mem-Info:",
            "<4>[   12.345678][ T123] Mem-Info:",
            "4,1234,12345678,-,caller=T123;Mem-Info:",
        ] {
            assert_eq!(Line::new(1, line).text, "Mem-Info:", "{line}");
            assert_eq!(Line::new(1, line).caller, Some("T123"), "{line}");
        }
    }

    #[test]
    fn what_the_kernel_said_stays() {
        for text in [
            "[  123]  1000   123     4567      890       12        0             0 bash",
            "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name",
            "Task in /a;b killed as a result of limit of /a",
            "[12.5",
            "<4",
            "",
        ] {
            assert_eq!(Line::new(1, text).text, text);
        }
    }
}
