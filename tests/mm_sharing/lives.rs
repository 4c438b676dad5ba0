//! Random lives: whatever tasks do, each sees what it saw before but for what it did itself.

use super::*;

/// Number of kinds of steps.
const KINDS: u8 = 32;

#[derive(Clone, Copy, Debug)]
struct Step {
    what: u8,
    pid: Pid,
    other: Pid,
    vpn: u32,
    pick: u32,
}

fn step() -> impl Strategy<Value = Step> {
    (0_u8..KINDS, 1_u32..6, 1_u32..6, 0_u32..6, any::<u32>()).prop_map(
        |(what, pid, other, vpn, pick)| Step {
            what,
            pid,
            other,
            vpn,
            pick,
        },
    )
}

/// What each task believes to see: bytes by virtual page, kept without any sharing.
type Seen = std::collections::BTreeMap<(Pid, u32), [u8; 6]>;

fn counted(memory: &Memory, pick: u32) -> Pfn {
    let pages: Vec<Pfn> = memory.pages().collect();
    match pages.len() {
        0 => pick % 64,
        len => pages[pick as usize % len],
    }
}

/// Does one thing. What each task sees afterwards is what it saw before, but for what it did itself.
fn apply(
    memory: &mut Memory,
    seen: &mut Seen,
    step: Step,
    tally: &mut Tally,
) -> Result<(), MemoryError> {
    let Step {
        what,
        pid,
        other,
        vpn,
        pick,
    } = step;
    let pfn = counted(memory, pick);
    let file = FilePage {
        file: 1,
        index: pick % 3,
    };
    let sink = &mut ();
    match what {
        0 => memory.create(pid, Owner(10 + pid as u16)),
        1 => {
            memory.exit(pid, sink)?;
            seen.retain(|&(task, _), _| task != pid);
            Ok(())
        }
        2 | 3 => {
            memory.fork(pid, other, Owner(10 + other as u16), sink)?;
            let shared: Vec<_> = seen.iter().map(|(at, bytes)| (*at, *bytes)).collect();
            for ((task, vpn), bytes) in shared {
                if task == pid {
                    seen.insert((other, vpn), bytes);
                }
            }
            Ok(())
        }
        4..7 => {
            memory.map_anon(pid, vpn, sink)?;
            seen.insert((pid, vpn), [0; 6]);
            Ok(())
        }
        7..11 => {
            let bytes = [b'a' + (pick % 26) as u8; 6];
            match memory.write(pid, vpn, 0, &bytes, sink)? {
                WriteFault::Writable => {}
                WriteFault::Exclusive => tally.exclusive += 1,
                WriteFault::Reused => tally.reused += 1,
                WriteFault::Copied { .. } => tally.copied += 1,
            }
            seen.insert((pid, vpn), bytes);
            Ok(())
        }
        11 => {
            memory.unmap(pid, vpn, sink)?;
            seen.remove(&(pid, vpn));
            Ok(())
        }
        12 => memory.get_page(pfn),
        13 | 28 | 29 => memory.put_page(pfn, sink),
        14 => {
            let access = [Access::Read, Access::Write][pick as usize % 2];
            memory.pin(pid, vpn, access, sink).map(|_| ())
        }
        15 | 30 | 31 => memory.unpin(pfn, sink),
        16 => {
            let pfn = memory.map_file(pid, vpn, file, sink)?;
            let mut bytes = [0; 6];
            let arena = memory.arena().ok_or(MemoryError::NoBytes)?;
            arena.read(pfn, 0, &mut bytes)?;
            seen.insert((pid, vpn), bytes);
            Ok(())
        }
        17 => memory.evict(file, sink).map(|_| ()),
        18 => {
            memory.migrate(pfn, sink)?;
            tally.moved += 1;
            Ok(())
        }
        // Few pages are fought for.
        19 => memory
            .trylock_page(counted(memory, pick % 3), pid)
            .map(|_| ()),
        20 => {
            let pfn = counted(memory, pick % 3);
            memory.lock_page(pfn, pid, Context::Task).map(|_| ())
        }
        // Whoever holds a lock, if anybody does, that it does not stay locked for good.
        21 | 26..28 => {
            let holder = |pfn| memory.page(pfn).and_then(|page| page.locked_by);
            let locked = memory.pages().filter(|&pfn| holder(pfn).is_some());
            let locked: Vec<Pfn> = locked.collect();
            let at = pick as usize % locked.len().max(1);
            let pfn = locked.get(at).copied().unwrap_or(pfn);
            let holder = holder(pfn).unwrap_or(pid);
            // Now and then the holder is faster than whoever it wakes, once or until it can no more.
            let mut faster = [0, 1, 9][[21, 26, 27].iter().position(|&w| w == what).unwrap_or(0)];
            loop {
                let done = memory.unlock_page(pfn, holder, sink)?;
                tally.handed += u32::from(matches!(done, Unlock::HandedTo(_)));
                let Unlock::Woke(woken) = done else {
                    return Ok(());
                };
                let there = memory.page(pfn).is_some_and(|page| page.refcount > 0);
                let barged = faster > 0 && there && memory.trylock_page(pfn, holder)?;
                memory.resume(woken)?;
                if !barged {
                    return Ok(());
                }
                faster -= 1;
            }
        }
        22 => memory.resume(pid).map(|_| ()),
        _ => {
            memory.reclaim(pick % 4, sink);
            Ok(())
        }
    }
}

/// What happened in a life that does not happen in every one.
#[derive(Debug, Default)]
struct Tally {
    done: u32,
    copied: u32,
    reused: u32,
    exclusive: u32,
    no_memory: u32,
    handed: u32,
    lock_only: u32,
    reclaimed: u32,
    moved: u32,
}

/// Applies steps, checks after each, and counts what is rare.
fn live(pages: u32, steps: impl IntoIterator<Item = Step>, tally: &mut Tally) {
    let mut memory = memory_of(pages);
    let mut seen = Seen::new();
    for step in steps {
        let before = memory.clone();
        match apply(&mut memory, &mut seen, step, tally) {
            Ok(()) => tally.done += 1,
            // What was reclaimed in vain stays reclaimed.
            Err(MemoryError::OutOfMemory(_)) => tally.no_memory += 1,
            Err(error) => assert!(memory == before, "{step:?}: {error}"),
        }
        assert_eq!(memory.verify(), Ok(()), "after {step:?}");
        let of = |memory: &Memory, pfn| memory.page(pfn).is_some_and(|page| page.refcount == 0);
        tally.lock_only += u32::from(memory.pages().any(|pfn| of(&memory, pfn)));
        seen.retain(|&(pid, vpn), bytes| {
            let Some(pte) = memory.pte(pid, vpn) else {
                let was = before.pte(pid, vpn).and_then(|pte| before.page(pte.pfn));
                let cache = was.is_none_or(|page| matches!(page.kind, PageKind::Cache { .. }));
                assert!(cache, "{step:?}: a page lost");
                tally.reclaimed += 1;
                return false;
            };
            let mut there = [0; 6];
            assert_eq!(memory.read(pid, vpn, 0, &mut there), Ok(()));
            assert_eq!(
                there, *bytes,
                "task {pid}, {vpn:#x}, {pte:?}, after {step:?}"
            );
            true
        });
        let mapped = memory.tasks().map(|pid| memory.page_table(pid).count());
        assert_eq!(mapped.sum::<usize>(), seen.len(), "after {step:?}");
    }
}

#[test]
fn long_lives_keep_every_promise() {
    let mut tally = Tally::default();
    for seed in 0..24 {
        let mut random = Random(seed);
        // Now plenty of memory, now so little that copies fail and cache is reclaimed.
        let pages = [256, 64, 48][seed as usize % 3];
        let steps = (0..1500).map(|_| Step {
            what: random.below(u32::from(KINDS)) as u8,
            pid: 1 + random.below(5),
            other: 1 + random.below(5),
            vpn: random.below(6),
            pick: random.next() as u32,
        });
        live(pages, steps.collect::<Vec<_>>(), &mut tally);
    }
    // Lives in which nothing of a kind happened would have tested nothing of that kind.
    let Tally {
        done,
        copied,
        reused,
        exclusive,
        no_memory,
        handed,
        lock_only,
        reclaimed,
        moved,
    } = tally;
    let least = [
        done / 100,
        copied,
        reused,
        exclusive,
        no_memory,
        lock_only,
        reclaimed,
        moved,
    ];
    assert!(least.iter().all(|&times| times > 10), "{tally:?}");
    assert!(handed > 10, "{tally:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_short_life_keeps_every_promise(small in any::<bool>(), steps in vec(step(), 1..80)) {
        live(if small { 48 } else { 256 }, steps, &mut Tally::default());
    }
}
