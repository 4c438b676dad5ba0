//! Tab completion: what may stand where the cursor is.

use super::{Console, Form, names, parse, proc, table};

/// Flags that are offered inside a call.
pub(super) const FLAGS: &[&str] = &[
    "GFP_ATOMIC",
    "GFP_HIGHUSER_MOVABLE",
    "GFP_KERNEL",
    "GFP_NOFS",
    "GFP_NOIO",
    "GFP_NOWAIT",
    "GFP_TRANSHUGE",
    "GFP_USER",
    "__GFP_MOVABLE",
    "__GFP_NORETRY",
    "__GFP_NOWARN",
    "__GFP_RECLAIMABLE",
    "__GFP_ZERO",
];

/// What the word before the cursor may be continued to, in order, each whole. `cursor` counts characters; what stands
/// behind it is not looked at.
pub fn complete(console: &Console, line: &str, cursor: u32) -> Vec<String> {
    let before: String = line.chars().take(cursor as usize).collect();
    let begin = before
        .rfind(|c: char| c.is_whitespace() || matches!(c, '(' | ',' | '|' | '>' | '='))
        .map_or(0, |at| {
            at + before[at..].chars().next().map_or(1, char::len_utf8)
        });
    let (ahead, word) = before.split_at(begin);
    let mut found: Vec<String> = if let Some((call, _)) = ahead.rsplit_once('(') {
        let inside = table::call(call.rsplit(['=', ' ']).next().unwrap_or(call));
        let at = ahead
            .rsplit('(')
            .next()
            .map_or(0, |args| args.matches(',').count());
        let kind = inside.and_then(|row| row.args.get(at)).map(|arg| arg.0);
        match kind {
            Some(table::Kind::Gfp) => FLAGS.iter().map(ToString::to_string).collect(),
            _ => variables(console),
        }
    } else {
        let words: Vec<&str> = ahead.split_whitespace().collect();
        match words[..] {
            [] | [_, "="] => names().map(call_form).collect(),
            ["cat"] | ["echo", .., ">"] => files(console),
            ["kill"] => vec!["-9".to_owned()],
            ["kill", "-9"] | ["su"] => tasks(console),
            ["set"] => settings(),
            ["set", name] => values(name),
            ["help"] => names().map(str::to_owned).collect(),
            ["hexdump" | "inspect"] => variables(console),
            ["export"] => Form::ALL.map(|form| form.name().to_owned()).to_vec(),
            ["define"] => vec!["labyrinth".to_owned()],
            ["define", "labyrinth"] => vec!["void".to_owned()],
            ["define", "labyrinth", "void"] => vec!["allocpagegfpatomic".to_owned()],
            ["define", "labyrinth", "void", "allocpagegfpatomic"] => vec!["exclusive".to_owned()],
            _ if ahead.trim_end().ends_with('=') => names().map(call_form).collect(),
            _ => Vec::new(),
        }
    };
    found.retain(|candidate| candidate.starts_with(word));
    found.sort_unstable();
    found.dedup();
    found
}

fn call_form(name: &str) -> String {
    if table::call(name).is_some() {
        format!("{name}(")
    } else {
        name.to_owned()
    }
}

fn variables(console: &Console) -> Vec<String> {
    let names = console.variables().filter(|(_, value)| value.is_some());
    names
        .flat_map(|(name, _)| [format!("${name}"), name.to_owned()])
        .collect()
}

fn tasks(console: &Console) -> Vec<String> {
    console
        .machine()
        .tasks()
        .map(|(pid, _)| pid.to_string())
        .collect()
}

fn files(console: &Console) -> Vec<String> {
    let mut all = Vec::new();
    for (path, _) in proc::FILES {
        if path.contains("PID") {
            all.extend(tasks(console).iter().map(|pid| path.replace("PID", pid)));
        } else {
            all.push((*path).to_owned());
        }
    }
    all
}

fn settings() -> Vec<String> {
    let row = table::WORDS.iter().find(|(word, ..)| *word == "set");
    let help = row.map_or("", |row| row.2);
    let words = help.split([' ', ',', '|', ';']);
    let known = words
        .filter(|word| word.contains('_') || matches!(*word, "policy" | "pages" | "zones" | "pcp"));
    known
        .filter(|word| parse::is_name(word))
        .map(str::to_owned)
        .collect()
}

fn values(name: &str) -> Vec<String> {
    let of: &[&str] = match name {
        "policy" => &["lifo", "fifo", "lowest"],
        "pcp" | "page_poison" | "init_on_alloc" | "init_on_free" => &["on", "off"],
        "min_free_kbytes" => &["auto"],
        _ => &[],
    };
    of.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::machine::Setup;
    use crate::mm::Gfp;

    #[test]
    fn every_flag_that_is_offered_can_be_read() {
        for flag in FLAGS {
            assert!(flag.parse::<Gfp>().is_ok(), "{flag}");
        }
    }

    #[test]
    fn what_can_stand_there_is_offered_and_nothing_else() {
        let mut console = Console::new(Setup::default()).expect("a machine");
        console.run("page = alloc_pages(GFP_KERNEL, 2)");
        let offer = |line: &str| complete(&console, line, line.chars().count() as u32);
        assert_eq!(
            offer("allo"),
            [
                "alloc_at(",
                "alloc_exclusive(",
                "alloc_page(",
                "alloc_pages("
            ]
        );
        assert_eq!(offer("p = get_z"), ["get_zeroed_page("]);
        assert_eq!(offer("alloc_pages(GFP_K"), ["GFP_KERNEL"]);
        assert_eq!(offer("alloc_pages(GFP_KERNEL|__GFP_Z"), ["__GFP_ZERO"]);
        assert_eq!(offer("__free_pages($p"), ["$page"]);
        assert_eq!(offer("cat /proc/bu"), ["/proc/buddyinfo"]);
        assert_eq!(
            offer("echo 1 > /proc/sys/vm/c"),
            ["/proc/sys/vm/compact_memory"]
        );
        assert_eq!(offer("set pol"), ["policy"]);
        assert_eq!(offer("set policy l"), ["lifo", "lowest"]);
        assert_eq!(offer("su "), ["1"]);
        assert_eq!(offer("xyz "), Vec::<String>::new());
        assert_eq!(complete(&console, "cat /proc/bu", 3), ["cat"]);
    }
}
