//! Reading `Mem-Info:` and what follows.

use super::super::words::{TextError, Words, digits, numbered};
use super::{Amount, Field, FreeLists, NodeMem, ShowMem, ZoneMem, kilobytes};
use crate::mm::{MigrateType, NR_PAGE_ORDERS, PAGE_SIZE};

/// Reads the first `Mem-Info:` of a log.
///
/// # Errors
///
/// At a line of a node, of a zone or of free lists that is not of its form or whose sum is wrong; at the end if
/// there is no `Mem-Info:` at all.
pub fn parse(text: &str) -> Result<ShowMem, TextError> {
    let mut lines = numbered(text).map(|(number, line)| (number, without_stamp(line)));
    if !lines.any(|(_, line)| line == "Mem-Info:") {
        return Err(TextError::end(text, "a line \"Mem-Info:\""));
    }
    let mut mem = ShowMem::default();
    for (number, line) in lines.take_while(|(_, line)| *line != "Mem-Info:") {
        let words = Words::new(number, line);
        if line.starts_with("Node ") {
            parse_node(words, &mut mem)?;
        } else if let Some(reserve) = line.strip_prefix("lowmem_reserve[]:") {
            if let Some(zone) = mem.zones.last_mut() {
                let mut words = Words::new(number, reserve);
                zone.lowmem_reserve.clear();
                while !words.rest().is_empty() {
                    zone.lowmem_reserve
                        .push(words.number_of("a number of pages")?);
                }
            }
        } else if let Some((pages, what)) = line.split_once(" pages ")
            && let Some(pages) = digits(pages)
        {
            mem.pages.push((pages, what.to_owned()));
        } else if mem.nodes.is_empty()
            && mem.zones.is_empty()
            && let Ok(fields) = parse_fields(words)
            && !fields.is_empty()
        {
            mem.totals.push(fields);
        }
    }
    Ok(mem)
}

/// A line of a log without blanks around it, and without the sender (`kernel: `) and the time (`[12.345678] `).
pub fn without_stamp(line: &str) -> &str {
    let line = line.split_once(" kernel: ").map_or(line, |(_, line)| line);
    let line = line.trim();
    let stamp = line.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match stamp {
        Some((time, rest))
            if time.contains('.') && time.bytes().all(|b| b" .0123456789".contains(&b)) =>
        {
            rest.trim()
        }
        _ => line,
    }
}

/// A line that begins with a node: its amounts, a zone's amounts, a zone's free lists, or something else.
fn parse_node(mut words: Words<'_>, mem: &mut ShowMem) -> Result<(), TextError> {
    words.literally("Node", "\"Node\"")?;
    let expected = "the number of a node";
    let word = words.next(expected)?;
    let node = digits(word)
        .and_then(|node| u32::try_from(node).ok())
        .ok_or_else(|| words.wrong(word, expected))?;
    let fields = words.clone();
    let Some(name) = words.take() else {
        return Ok(());
    };
    if let Some(zone) = name.strip_suffix(':') {
        let zone = zone.to_owned();
        mem.lists.push(parse_lists(words, node, zone)?);
    } else if name.contains(':') {
        let fields = parse_fields(fields)?;
        mem.nodes.push(NodeMem { node, fields });
    } else if words.rest().contains(':') {
        mem.zones.push(ZoneMem {
            node,
            zone: name.to_owned(),
            fields: parse_fields(words)?,
            lowmem_reserve: Vec::new(),
        });
    }
    Ok(())
}

fn parse_fields(mut words: Words<'_>) -> Result<Vec<Field>, TextError> {
    let mut fields = Vec::new();
    while let Some(word) = words.take() {
        let (name, amount) = if let Some(name) = word.strip_suffix('?') {
            let expected = "\"yes\" or \"no\"";
            let answer = match words.next(expected)? {
                "yes" => true,
                "no" => false,
                other => return Err(words.wrong(other, expected)),
            };
            (name, Amount::Answer(answer))
        } else {
            let read = |word: &'_ str| {
                let (_, amount) = word.rsplit_once(':')?;
                Some(if let Some(kb) = amount.strip_suffix("kB") {
                    Amount::Kilobytes(digits(kb)?)
                } else if let Some(kb) = amount.strip_suffix("KB") {
                    Amount::KilobytesUpper(digits(kb)?)
                } else {
                    Amount::Pages(digits(amount)?)
                })
            };
            let expected = "a name and an amount, as in \"free:15360kB\"";
            let amount = read(word).ok_or_else(|| words.wrong(word, expected))?;
            (word.rsplit_once(':').map_or(word, |(name, _)| name), amount)
        };
        fields.push(Field {
            name: name.to_owned(),
            amount,
        });
    }
    Ok(fields)
}

/// What follows `Node 0 DMA:`: `8*4kB (UE) 14*8kB (UE) ... = 65664kB`.
fn parse_lists(mut words: Words<'_>, node: u32, zone: String) -> Result<FreeLists, TextError> {
    let mut lists = FreeLists {
        node,
        zone,
        blocks: [0; NR_PAGE_ORDERS],
        types: [0; NR_PAGE_ORDERS],
    };
    for order in 0..NR_PAGE_ORDERS {
        let size = kilobytes(1 << order);
        let expected = format!("the number of free blocks of order {order}, as in \"3*{size}kB\"");
        let word = words.next(&expected)?;
        let blocks = word.strip_suffix(&format!("*{size}kB")).and_then(digits);
        lists.blocks[order] = blocks.ok_or_else(|| words.wrong(word, expected))?;
        let mut ahead = words.clone();
        if let Some(letters) = ahead.take().and_then(|word| word.strip_prefix('(')) {
            let expected = "letters of migrate types, as in \"(UME)\", where there are blocks";
            lists.types[order] = letters
                .strip_suffix(')')
                .and_then(types_of)
                .filter(|_| lists.blocks[order] > 0)
                .ok_or_else(|| words.wrong(letters, expected))?;
            words = ahead;
        }
    }
    words.literally("=", "\"=\" and the sum")?;
    let sum = format!("{}kB", lists.pages() * u128::from(PAGE_SIZE / 1024));
    words.literally(&sum, &format!("{sum}, the sum of these blocks"))?;
    words.end()?;
    Ok(lists)
}

/// The types that have these letters, which stand in their order, none twice.
fn types_of(letters: &str) -> Option<u8> {
    let mut types = 0;
    for letter in letters.chars() {
        let of = MigrateType::ALL
            .into_iter()
            .find(|of| of.letter() == letter)?;
        let bit = 1 << of as u8;
        if types >= bit {
            return None;
        }
        types |= bit;
    }
    Some(types)
}
