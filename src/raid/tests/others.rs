//! The other tasks, the Minotaur, and whatever a player may try.

use super::*;

#[test]
fn killing_a_task_frees_all_it_held_and_it_comes_back() {
    let mut raid = boot(15);
    let pid = raid
        .tasks
        .iter()
        .find(|task| task.spec.name == "memleak")
        .unwrap()
        .pid;
    let free = raid.memory.nr_free_pages();
    let pages = raid.kill(pid);
    assert_eq!(raid.memory.nr_free_pages(), free + pages);
    assert_eq!(
        (raid.holdings.pages(pid), raid.task(pid).unwrap().alive()),
        (0, false)
    );
    for _ in 0..=raid.zone.minotaur.respawn {
        raid.step(Command::Wait).unwrap();
    }
    assert!(raid.task(pid).unwrap().alive() && raid.holdings.pages(pid) > 0);
}

#[test]
fn the_minotaur_wakes_under_min_goes_for_the_fattest_and_kills_on_contact() {
    let mut raid = boot(16);
    let patience = raid.zone.minotaur.patience;
    for _ in 0..patience {
        assert!(matches!(raid.minotaur, Minotaur::Asleep { .. }));
        raid.minotaur_sleeps_for_test();
    }
    let Minotaur::Awake { target, .. } = raid.minotaur else {
        panic!("asleep")
    };
    let fattest = raid
        .tasks
        .iter()
        .filter_map(|task| raid.badness(task.pid))
        .max()
        .unwrap();
    assert_eq!(raid.badness(target), Some(fattest));
    // You, once you are the fattest.
    raid.zone.oom_score_adj = 900;
    raid.holdings.add(CURRENT, 0, 0);
    raid.minotaur = Minotaur::Awake {
        cell: raid.player.cell,
        target,
    };
    let (cell, target) = (raid.player.cell, target);
    raid.minotaur_walks_for_test(cell, target);
    assert_eq!(raid.outcome().unwrap().word(), "minotaur");
}

#[test]
fn random_commands_never_break_anything() {
    for seed in 0..24 {
        let mut raid = boot(seed);
        let mut random = Stream::new(seed, Purpose::Bots);
        while raid.outcome().is_none() {
            let dir = Dir::ALL[random.below(4) as usize];
            let command = match random.below(12) {
                0 => Command::Clear(Some(dir)),
                1 => Command::Clear(None),
                2 if raid.turn() > 100 => Command::Grab,
                3 => Command::Isolate,
                4 => Command::Extract,
                5 => match raid.player.held.first() {
                    Some(held) => Command::Free(held.pfn),
                    None => Command::Wait,
                },
                _ => Command::Step(dir),
            };
            let _ = raid.step(command);
            if random.chance(50) {
                raid.memory.verify().unwrap();
                assert!(crate::labyrinth::connected(raid.maze()));
                for task in &raid.tasks {
                    let pages: u32 = raid
                        .memory
                        .blocks()
                        .filter(|block| matches!(block.state, BlockState::Allocated { owner, .. } if owner.0 == task.pid))
                        .map(|block| 1 << block.order)
                        .sum();
                    assert_eq!(raid.holdings.pages(task.pid), pages, "{}", task.name);
                }
            }
        }
        raid.memory.verify().unwrap();
    }
}
