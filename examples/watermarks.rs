//! Watermarks: how much memory is kept back, who may go below, and what waiting is good for.
//!
//! Run it with `cargo run --no-default-features --example watermarks`. It uses `labyrinth::mm` and nothing else.

use std::error::Error;
use std::fmt::{self, Write};

use labyrinth::mm::{Event, Gfp, Owner, Watermarks, Zone, ZoneConfig};

const ME: Owner = Owner(1);

fn main() {
    match lesson() {
        Ok(text) => print!("{text}"),
        Err(error) => eprintln!("{error}"),
    }
}

/// The whole lesson as text.
///
/// # Errors
///
/// None here: the zone's settings are in range, and a string takes all that is written to it.
pub fn lesson() -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    // A megabyte with the marks that Linux would give it. Raised marks are another lesson.
    let mut config = ZoneConfig::new("DMA", 256, 4);
    config.watermark_boost_factor = 0;
    let zone = Zone::new(config)?;
    below(&mut out, &zone)?;
    waiting(&mut out, zone)?;
    Ok(out)
}

/// Who gets how far.
fn below(out: &mut String, zone: &Zone) -> fmt::Result {
    let Watermarks { min, low, high, .. } = zone.watermarks();
    writeln!(out, "256 pages: min {min}, low {low}, high {high}.\n")?;
    writeln!(
        out,
        "Pages are taken one by one until the request is refused."
    )?;
    for (gfp, why) in [
        (Gfp::GFP_KERNEL, "leaves the reserve alone"),
        (
            Gfp::GFP_NOWAIT,
            "cannot wait, but has no claim to the reserve",
        ),
        (Gfp::GFP_KERNEL | Gfp::HIGH, "urgent: half of the reserve"),
        (
            Gfp::GFP_ATOMIC,
            "urgent and cannot wait: five eighths of it",
        ),
        (
            Gfp::GFP_ATOMIC | Gfp::MEMALLOC,
            "frees memory by using some: all of it",
        ),
    ] {
        let mut zone = zone.clone();
        let mut events = Vec::new();
        let mut woken_at = None;
        while zone.alloc_pages(gfp, 0, ME, &mut events).is_ok() {
            // The first request that finds too few pages above the low mark wakes kswapd.
            if woken_at.is_none() && events.contains(&Event::WakeKswapd) {
                woken_at = Some(zone.nr_free_pages() + 1);
            }
            events.clear();
        }
        let left = zone.nr_free_pages();
        let woken = woken_at.map_or("never".to_owned(), |pages| format!("at {pages}"));
        let gfp = gfp.to_string();
        writeln!(
            out,
            "   {gfp:<26} {left:>2} left, kswapd woken {woken}: {why}"
        )?;
    }
    Ok(())
}

/// What the right to wait is good for.
fn waiting(out: &mut String, mut zone: Zone) -> fmt::Result {
    writeln!(
        out,
        "\nThe same memory, full of page cache down to the last page that an atomic request may use."
    )?;
    // Page cache only once all is taken: before that, a task that sleeps would go on dropping it for ever.
    let mut pages = Vec::new();
    while let Ok(page) = zone.alloc_pages(Gfp::GFP_ATOMIC, 0, ME, &mut ()) {
        pages.push(page);
    }
    for page in pages {
        zone.lru_add(page);
    }
    writeln!(
        out,
        "   {} pages free, {} of page cache",
        zone.nr_free_pages(),
        zone.nr_lru()
    )?;

    let failure = zone.alloc_pages(Gfp::GFP_ATOMIC, 0, ME, &mut ());
    let failure = failure.expect_err("nothing that it may take");
    writeln!(out, "   an interrupt handler: refused: {failure}")?;

    let mut events = Vec::new();
    let got = zone.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events);
    let page = got.expect("it reclaims");
    let dropped = events
        .iter()
        .filter(|event| matches!(event, Event::Evict { .. }))
        .count();
    writeln!(
        out,
        "   a task that can sleep: drops {dropped} pages of page cache itself, and gets page {page}"
    )?;
    writeln!(
        out,
        "   {} pages free, {} of page cache",
        zone.nr_free_pages(),
        zone.nr_lru()
    )
}
