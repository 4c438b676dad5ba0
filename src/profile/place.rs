//! Which field of a JSON text a line and a column are in.

/// Longest name of a field that is shown, in characters.
const SHOWN: usize = 40;

/// What is open at a place.
enum Open {
    /// An object, and the last name in it.
    Object(String),
    /// A list, and how many of its items lie before.
    List(u32),
}

/// The field at this line (from 1) and column (bytes of the line up to there), for example `runs[3].zone`.
///
/// The text is taken to be JSON up to there.
pub(super) fn field_at(text: &str, line: u32, column: u32) -> String {
    let start: usize = text
        .split_inclusive('\n')
        .take((line as usize).saturating_sub(1))
        .map(str::len)
        .sum();
    let end = text.len().min(start.saturating_add(column as usize));
    field(&open_at(&text.as_bytes()[..end]))
}

fn open_at(bytes: &[u8]) -> Vec<Open> {
    let mut open = Vec::new();
    // The next text is a name, not a value.
    let mut named = false;
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'{' => open.push(Open::Object(String::new())),
            b'[' => open.push(Open::List(0)),
            b'}' | b']' => {
                open.pop();
            }
            b'"' => {
                let (inside, after) = text_of(rest);
                rest = after;
                if let (true, Some(Open::Object(name))) = (named, open.last_mut()) {
                    *name = String::from_utf8_lossy(inside).into();
                }
            }
            b',' => {
                if let Some(Open::List(count)) = open.last_mut() {
                    *count += 1;
                }
            }
            _ => {}
        }
        match byte {
            b'{' | b',' => named = true,
            b'"' | b':' | b'[' => named = false,
            _ => {}
        }
    }
    open
}

/// What stands before the closing quote, and what after it.
fn text_of(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut escaped = false;
    for (i, &byte) in bytes.iter().enumerate() {
        if byte == b'"' && !escaped {
            return (&bytes[..i], &bytes[i + 1..]);
        }
        escaped = byte == b'\\' && !escaped;
    }
    (bytes, &[])
}

fn field(open: &[Open]) -> String {
    let mut field = String::new();
    for open in open {
        match open {
            Open::Object(name) if name.is_empty() => {}
            Open::Object(name) => {
                if !field.is_empty() {
                    field.push('.');
                }
                field.extend(name.chars().filter(|c| !c.is_control()).take(SHOWN));
            }
            Open::List(count) => field.extend(["[", &count.to_string(), "]"]),
        }
    }
    // Deep nests are of nobody's making; their beginning will do.
    field.chars().take(4 * SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The field at the mark `^`, which is taken out.
    fn at_mark(text: &str) -> String {
        let (before, after) = text.split_once('^').expect("a mark");
        let line = before.split('\n').count() as u32;
        let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
        field_at(&format!("{before}{after}"), line, column as u32)
    }

    #[test]
    fn fields_are_named_by_their_way_from_the_root() {
        for (text, field) in [
            ("^{\"a\":1}", ""),
            ("{^\"a\":1}", ""),
            ("{\"a\":1^}", "a"),
            ("{\"a\":{\"b\":^2}}", "a.b"),
            ("{\"a\":{\"b\":2}^}", "a"),
            ("{\"a\":[1,2^]}", "a[1]"),
            ("{\"a\":[\n{},\n{\"b\":\"x,{[\\\"\"^}]}", "a[1].b"),
            ("{\"a\":[\"n\",{\"b\":\"c\"},^3]}", "a[2]"),
            ("{\"a\\\\\":\"b\", \"c\":^}", "c"),
            ("[[0,[^", "[0][1][0]"),
            ("}]^", ""),
        ] {
            assert_eq!(at_mark(text), field, "{text}");
        }
        assert_eq!(field_at("{\"a\":1", 9, 9), "a");
    }
}
