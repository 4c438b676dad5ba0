//! Simulations and catalogues, as the program prints and writes them.

use std::fs;

use super::{folder, good, labyrinth, refused, replay, says, words};

#[test]
fn a_simulation_counts_the_same_with_any_number_of_jobs() {
    let folder = folder("jobs");
    let run = |jobs: &str| {
        let csv = folder.join(format!("{jobs}.csv"));
        let json = folder.join(format!("{jobs}.json"));
        let args = format!(
            "simulate --zone dma --bot greedy,novice,greedy --runs 5 --seed 100 --jobs {jobs} --csv {} --json {}",
            csv.display(),
            json.display()
        );
        let table = good(&labyrinth(words(&args)));
        let read = |path| fs::read_to_string(path).expect("it was written");
        (table, read(&csv), read(&json))
    };
    let one = run("1");
    assert_eq!(run("2"), one);
    assert_eq!(run("16"), one);

    let (table, csv, json) = one;
    says(
        &table,
        &[
            "5 raids of dma by greedy, by novice, seeds 100 to 104",
            "how they end",
            "pages brought out",
            "score",
            "grabs granted",
            "what the preview had said",
            "references lost",
            "no kernel room",
        ],
    );
    // A row a raid, in the order of bots and seeds; the same figures in both files, and in the sums.
    let rows: Vec<Vec<&str>> = csv.lines().map(|row| row.split(',').collect()).collect();
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let raids = json["raids"].as_array().expect("a row a raid");
    assert_eq!((rows.len(), raids.len()), (11, 10));
    assert_eq!(json["first_seed"], 100);
    assert_eq!(json["last_seed"], 104);
    for (row, raid) in rows[1..].iter().zip(raids) {
        assert_eq!(row.len(), rows[0].len());
        for (name, cell) in rows[0].iter().zip(row) {
            let value = &raid[*name];
            let same = value
                .as_str()
                .map_or_else(|| value.to_string(), String::from);
            assert_eq!(same, *cell, "{name}");
        }
    }
    let column = |name: &str| {
        let at = rows[0].iter().position(|head| *head == name);
        let at = at.unwrap_or_else(|| panic!("no column {name}"));
        rows[1..].iter().map(move |row| row[at])
    };
    let bots = ["greedy"; 5].into_iter().chain(["novice"; 5]);
    assert!(column("bot").eq(bots));
    assert!(column("seed").eq(["100", "101", "102", "103", "104"].repeat(2)));
    let deaths = column("outcome")
        .take(5)
        .filter(|word| *word == "null")
        .count();
    assert_eq!(json["bots"][0]["deaths"]["null"], deaths);
    let pages: u64 = column("pages")
        .take(5)
        .map(|n| n.parse::<u64>().expect("a count"))
        .sum();
    assert_eq!(json["bots"][0]["pages"]["sum"], pages);
    let scores = column("score")
        .take(5)
        .map(|n| n.parse::<u64>().expect("a count"));
    let score: u64 = scores.sum();
    assert_eq!(json["bots"][0]["score"]["sum"], score);
    let said = &json["bots"][0]["nulls"];
    let said = ["fatal", "unknown", "certain"].map(|word| said[word].as_u64().expect("a count"));
    assert_eq!(said.iter().sum::<u64>(), deaths as u64);
    assert_eq!(said[2], 0, "a grab that was certain does not return NULL");
}

#[test]
fn simulated_raids_are_the_raids_one_can_watch() {
    let folder = folder("watched");
    let csv = folder.join("raids.csv");
    let args = format!("simulate --bot all --seeds 7-7 --csv {}", csv.display());
    good(&labyrinth(words(&args)));
    let csv = fs::read_to_string(csv).expect("it was written");
    let rows: Vec<&str> = csv.lines().skip(1).collect();
    let bots = ["novice", "greedy", "careful", "oracle"];
    assert_eq!(rows.len(), bots.len());
    for (row, bot) in rows.into_iter().zip(bots) {
        let cells: Vec<&str> = row.split(',').collect();
        assert_eq!(cells[..3], ["dma", bot, "7"]);
        let kept = folder.join(format!("{bot}.journal"));
        let args = format!("raid --bot {bot} --seed 7 --journal {}", kept.display());
        let story = good(&labyrinth(words(&args)));
        let last = story.lines().last().expect("a story has lines");
        says(last, &[cells[3], &format!("after {} turns", cells[4])]);
        good(&replay(&kept));
    }
}

#[test]
fn a_catalogue_is_printed_or_written_the_same() {
    let printed = good(&labyrinth(words("catalogue --zone dma --seeds 3-4")));
    assert_eq!(
        printed
            .lines()
            .filter(|line| line.starts_with("seed "))
            .count(),
        2
    );
    says(
        &printed,
        &["seed 3\n", "seed 4\n", "devices can be reached"],
    );
    let file = folder("catalogue").join("dma.txt");
    let args = format!("catalogue --seeds 3-4 --out {}", file.display());
    assert_eq!(good(&labyrinth(words(&args))), "");
    assert_eq!(fs::read_to_string(file).expect("it was written"), printed);
}

#[test]
fn every_task_moves_figures_when_it_is_taken_out() {
    let run = |more: &str| {
        let args = format!("simulate --bot careful --seeds 1-6 {more}");
        good(&labyrinth(words(&args)))
    };
    let figures =
        |table: &str| -> Vec<String> { table.lines().skip(1).map(String::from).collect() };
    let all = figures(&run(""));
    for task in [
        "kworker", "backup", "browser", "memleak", "slab", "forkbomb", "dma", "rt",
    ] {
        let less = run(&format!("--without {task}"));
        says(
            &less,
            &[&format!("6 raids of dma without {task} by careful")],
        );
        assert_ne!(figures(&less), all, "{task} changes nothing");
    }
    let error = refused(&labyrinth(words(
        "simulate --bot careful --runs 1 --without systemd",
    )));
    says(
        &error,
        &["--without", "systemd", "expected one of", "kworker"],
    );
}
