//! First steps with a buddy allocator: it splits, it merges, and why half of memory free can still be too little.
//!
//! Run it with `cargo run --no-default-features --example first_steps`. It uses `labyrinth::mm` and nothing else.

use std::error::Error;
use std::fmt::{self, Write};

use labyrinth::mm::{Event, Gfp, MAX_PAGE_ORDER, Owner, Zone, ZoneConfig};

/// Memory of a program: it can be moved, but nothing here does.
const GFP: Gfp = Gfp::GFP_HIGHUSER_MOVABLE;
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
    // A zone of 64 pages, with pageblocks of 8. No reserve: all of it may be handed out.
    let mut config = ZoneConfig::new("Normal", 64, 3);
    config.min_free_kbytes = Some(0);
    let mut zone = Zone::new(config)?;
    tell(&mut out, &mut zone)?;
    Ok(out)
}

fn tell(out: &mut String, zone: &mut Zone) -> fmt::Result {
    writeln!(
        out,
        "Free blocks of 1, 2, 4, ... 1024 pages, as in /proc/buddyinfo."
    )?;
    show(out, zone, "64 pages: one free block of order 6")?;

    writeln!(out, "\n1. Split. One page is asked for.")?;
    let mut events = Vec::new();
    let page = zone
        .alloc_pages(GFP, 0, ME, &mut events)
        .expect("all is free");
    explain(out, &events)?;
    show(out, zone, "one of each order is left over")?;

    writeln!(
        out,
        "\n2. Merge. It is given back, and meets its buddy at every order."
    )?;
    events.clear();
    zone.free_pages(page, 0, &mut events).expect("it is ours");
    explain(out, &events)?;
    show(out, zone, "as before")?;

    writeln!(
        out,
        "\n3. Half free. All pages are taken one by one; every second is given back."
    )?;
    let mut pages = Vec::new();
    while let Ok(page) = zone.alloc_pages(GFP, 0, ME, &mut ()) {
        pages.push(page);
    }
    for &page in pages.iter().filter(|&page| page % 2 == 0) {
        zone.free_pages(page, 0, &mut ()).expect("it is ours");
    }
    show(out, zone, "32 pages are free, and none has a free buddy")?;
    let failure = zone
        .alloc_pages(GFP, 1, ME, &mut ())
        .expect_err("no two buddies");
    writeln!(out, "   refused: {failure}")?;
    writeln!(
        out,
        "   fragmentation index {} (0 lack of memory, 1000 fragmentation), unusable {} of 1000",
        zone.extfrag_index(1),
        zone.unusable_index(1)
    )?;

    writeln!(
        out,
        "\n4. One page more. Page 1 is given back, and its buddy, page 0, is free."
    )?;
    events.clear();
    zone.free_pages(1, 0, &mut events).expect("it is ours");
    explain(out, &events)?;
    show(out, zone, "one block of order 1")?;
    let pair = zone.alloc_pages(GFP, 1, ME, &mut ()).expect("two buddies");
    writeln!(out, "   two pages, from page {pair} on")?;

    writeln!(
        out,
        "\n5. Twice. What is free cannot be given back again; Linux would not notice."
    )?;
    let error = zone.free_pages(4, 0, &mut ()).expect_err("it is free");
    writeln!(out, "   page 4: {error}")?;
    let error = zone.free_pages(pair, 0, &mut ()).expect_err("it is larger");
    writeln!(out, "   page {pair}, as a single page: {error}")
}

/// The line of `/proc/buddyinfo`, and what it says.
fn show(out: &mut String, zone: &Zone, what: &str) -> fmt::Result {
    write!(out, "   Node 0, zone {:>8} ", zone.config().name)?;
    for order in 0..=MAX_PAGE_ORDER {
        write!(out, "{:>3} ", zone.nr_free(order))?;
    }
    writeln!(out, " {what}")
}

/// What the allocator did, step by step.
fn explain(out: &mut String, events: &[Event]) -> fmt::Result {
    for event in events {
        match *event {
            Event::Split { pfn, order, .. } => {
                let upper = pfn + (1 << (order - 1));
                writeln!(
                    out,
                    "   split   order {order} at {pfn}: {upper} becomes free on its own"
                )?;
            }
            Event::Merge { pfn, order } => writeln!(out, "   merge   order {order} at {pfn}")?,
            Event::Alloc { pfn, order, .. } => writeln!(out, "   alloc   order {order} at {pfn}")?,
            Event::Free { pfn, order, .. } => writeln!(out, "   free    order {order} at {pfn}")?,
            _ => writeln!(out, "   {event:?}")?,
        }
    }
    Ok(())
}
