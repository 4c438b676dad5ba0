//! What the program says on standard error: one line, of bounded length, whatever was found.

/// Longest line, in characters.
const LINE: usize = 400;
/// Longest piece without a blank, such as the name of a file, and longest text that is quoted.
const PIECE: usize = 120;
/// Most names that are listed as what was expected.
const NAMES: usize = 12;

/// The message as it is printed: without control characters, and cut in its middle if it is long.
pub(super) fn line(message: &str) -> String {
    let plain = plain(message);
    if plain.chars().count() <= LINE {
        return plain;
    }
    let pieces: Vec<String> = plain.split(' ').map(|piece| cut(piece, PIECE)).collect();
    cut(&pieces.join(" "), LINE)
}

/// A text that somebody gave, as a part of a message.
pub(super) fn shown(text: &str) -> String {
    cut(&plain(text), PIECE)
}

/// A word for a shell, as a part of a command that is shown.
pub(super) fn word(word: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    if !word.is_empty() && word.chars().all(harmless) {
        return word.into();
    }
    format!("'{}'", plain(word).replace('\'', r"'\''"))
}

/// "expected one of" these names, each once; of many, the first.
pub(super) fn one_of<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        let name = shown(name.as_ref());
        if !all.contains(&name) {
            all.push(name);
        }
    }
    let more = match all.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    all.truncate(NAMES);
    format!("expected one of: {}{more}", all.join(", "))
}

/// On one line, and nothing in it that a terminal obeys.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        // The separators of lines and paragraphs, and what turns the direction of writing.
        let obeyed = matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if c.is_control() || obeyed {
            plain.extend(c.escape_default());
        } else {
            plain.push(c);
        }
    }
    plain
}

/// At most `most` characters: what is too much goes from the middle.
fn cut(text: &str, most: usize) -> String {
    const GAP: &str = "...";
    let count = text.chars().count();
    if count <= most {
        return text.into();
    }
    let tail = (most - GAP.len()) / 2;
    let head = most - GAP.len() - tail;
    let mut short: String = text.chars().take(head).collect();
    short.push_str(GAP);
    short.extend(text.chars().skip(count - tail));
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(
            line("a\nb\r\u{1b}[31m\u{9b}\u{2028}\u{202e}\u{7f}"),
            "a\\nb\\r\\u{1b}[31m\\u{9b}\\u{2028}\\u{202e}\\u{7f}"
        );
        assert_eq!(line("Zürich, \\ and 東京"), "Zürich, \\ and 東京");
    }

    #[test]
    fn a_long_line_is_cut_in_its_long_pieces_first() {
        let long = "x".repeat(5000);
        let said = line(&format!("/tmp/{long}.txt: cannot read"));
        assert!(said.starts_with("/tmp/xxx") && said.ends_with("xxx.txt: cannot read"));
        assert!(said.chars().count() <= PIECE + " cannot read".len());
        let said = line(&"word and ".repeat(1000));
        assert_eq!(said.chars().count(), LINE);
        let fits = "w ".repeat(LINE / 2);
        assert_eq!(line(&fits), fits);
        assert_eq!(cut("abcdefghij", 8), "abc...ij");
        assert_eq!(cut("äöüäöüäöü", 9), "äöüäöüäöü");
    }

    #[test]
    fn words_for_a_shell_are_quoted_where_they_must_be() {
        assert_eq!(word("/var/log/kern.log"), "/var/log/kern.log");
        assert_eq!(word("my log"), "'my log'");
        assert_eq!(word("it's"), r"'it'\''s'");
        assert_eq!(word(""), "''");
    }

    #[test]
    fn names_are_listed_once_and_not_without_end() {
        assert_eq!(one_of(["a", "b", "a"]), "expected one of: a, b");
        let many: Vec<String> = (0..40).map(|n| (n % 15).to_string()).collect();
        assert_eq!(
            one_of(&many),
            "expected one of: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more"
        );
    }
}
