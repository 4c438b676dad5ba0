//! Damaged lessons: ten thousand of them, each refused with file and line or still a lesson, none a panic.

use labyrinth::lesson::{load, shipped_files};

/// Numbers in a fixed order (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}

/// What numbers and words are replaced by.
const STRANGE: [&str; 16] = [
    "4294967295",
    "99999999999999999999",
    "-1",
    "0",
    "0xffffffff",
    "255",
    "11",
    "\"\"",
    "[]",
    "()",
    "None",
    "((((((((",
    "All([])",
    "Not(Not(Not(Not(Not(Not(Not(Not(Not(Not(Failed))))))))))",
    "é",
    "//",
];

fn mutate(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=random.below(2) {
        if lines.is_empty() {
            break;
        }
        let at = random.below(lines.len());
        let line = lines[at].clone();
        match random.below(6) {
            0 => {
                lines.remove(at);
            }
            1 => lines.insert(at, line),
            2 => {
                let other = random.below(lines.len());
                lines.swap(at, other);
            }
            3 => {
                // One number or word becomes something else.
                let words: Vec<&str> = line.split_inclusive([' ', ',', '(', ')']).collect();
                let which = random.below(words.len());
                let strange = STRANGE[random.below(STRANGE.len())];
                let mut new = String::new();
                for (number, word) in words.iter().enumerate() {
                    new.push_str(if number == which { strange } else { word });
                }
                lines[at] = new;
            }
            4 => {
                let chars: Vec<char> = line.chars().collect();
                let cut = random.below(chars.len());
                lines[at] = chars[..cut].iter().collect();
            }
            _ => {
                let mut chars: Vec<char> = line.chars().collect();
                if !chars.is_empty() {
                    let which = random.below(chars.len());
                    chars[which] =
                        ['(', ')', '"', ',', '9', 'x', '$', '\u{1f4a9}'][random.below(8)];
                }
                lines[at] = chars.into_iter().collect();
            }
        }
    }
    lines.join("\n")
}

#[test]
fn ten_thousand_damaged_lessons_are_refused_by_line_or_still_lessons() {
    let mut random = Random(0x5eed_1e55_0115);
    let (mut refused, mut sound) = (0_u32, 0_u32);
    let mut said = std::collections::BTreeSet::new();
    for round in 0..10_000_usize {
        let (name, text) = shipped_files()[round % shipped_files().len()];
        let damaged = mutate(text, &mut random);
        match load(name, &damaged) {
            Ok(_) => sound += 1,
            Err(error) => {
                refused += 1;
                assert_eq!(error.file, name);
                let lines = damaged.lines().count() as u32;
                assert!((1..=lines.max(1) + 1).contains(&error.line), "{error}");
                assert!(
                    !error.what.is_empty() && !error.what.contains('\n'),
                    "{error:?}"
                );
                said.insert(error.what);
            }
        }
    }
    println!(
        "{refused} refused in {} ways, {sound} still lessons",
        said.len()
    );
    assert!(refused > 5000 && sound > 100 && said.len() > 100);
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let long = "x".repeat(70_000);
    let error = load("big.ron", &long).expect_err("too long");
    assert_eq!(
        error.to_string(),
        "big.ron:1: found 70000 bytes, expected at most 65536"
    );
    let (name, text) = shipped_files()[0];
    let huge = text.replace("pages: 64", "pages: 4000000000");
    let error = load(name, &huge).expect_err("too many pages");
    assert!(error.what.contains("expected at most 4096"), "{error}");
    assert_eq!(error.line, 7, "{error}");
}
