//! Zones with per-CPU lists: stored, compared, gone back to.

use super::*;

fn zone_of(pages: u32, pageblock_order: u8, cpus: u16) -> Zone {
    let mut config = ZoneConfig::new("Normal", pages, pageblock_order);
    config.cpus = cpus;
    Zone::new(config).expect("a zone")
}

/// Two CPUs that keep blocks of every order and type they can, in an order of their own.
fn kept() -> Zone {
    let mut config = ZoneConfig::new("Normal", 16_384, 9);
    config.cpus = 2;
    // A high watermark lets CPUs keep much.
    config.min_free_kbytes = Some(16_384);
    let mut zone = Zone::new(config).expect("a zone");
    let gfps = [
        Gfp::GFP_KERNEL,
        Gfp::GFP_HIGHUSER_MOVABLE,
        Gfp::GFP_KERNEL | Gfp::RECLAIMABLE,
    ];
    let mut held = Vec::new();
    for order in [0, 1, 2, 3, 9, 0, 0] {
        for gfp in gfps {
            let got = zone.alloc_pages(gfp, order, Owner(3), &mut ());
            held.push((got.expect("memory"), order));
        }
    }
    for (i, &(pfn, order)) in held.iter().enumerate() {
        assert_eq!(zone.set_cpu(i as u16 / 2 % 2), Ok(()));
        assert_eq!(zone.free_pages(pfn, order, &mut ()), Ok(()));
    }
    assert_eq!(zone.set_cpu(1), Ok(()));
    for order in [0, 1, 2, 3, 9] {
        for list in [MigrateType::Unmovable, MigrateType::Movable] {
            let kept = |cpu| zone.cpu_list(cpu, order, list).count();
            assert!(kept(0) + kept(1) > 0, "order {order}, {list:?}");
        }
    }
    assert_eq!(zone.verify(), Ok(()));
    zone
}

#[test]
fn what_cpus_keep_is_stored_and_read_back() {
    let zone = kept();
    let again = read(&stored(&zone)).expect("a zone");
    assert!(again == zone);
    assert_eq!(words(&again), words(&zone));
    for cpu in 0..2 {
        assert_eq!(again.cpu_pages(cpu), zone.cpu_pages(cpu));
    }
    assert_eq!(again.cpu(), 1);
}

#[test]
fn damage_to_what_cpus_keep_is_named() {
    let sound = serde_json::to_value(kept()).expect("json");
    let damages: [(fn(&mut serde_json::Value), &str); 10] = [
        (
            |zone| zone["config"]["cpus"] = 3.into(),
            "cpus: 2 listed, CPU 1 allocates; expected 3",
        ),
        (|zone| zone["cpu"] = 2.into(), "CPU 2 allocates; expected 2"),
        (
            |zone| zone["config"]["cpus"] = 10_000.into(),
            "cpus: 2 listed",
        ),
        (
            |zone| zone["cpus"][0]["lists"][0][0] = 4.into(),
            "expected a list of higher order",
        ),
        (
            |zone| zone["cpus"][1]["lists"][0][1] = "Cma".into(),
            "expected a list of higher order",
        ),
        (
            |zone| {
                let lists = zone["cpus"][1]["lists"].as_array_mut().expect("lists");
                lists.truncate(1);
                lists[0][1] = "Cma".into();
            },
            "cpus, entry 1: expected lists of orders and types that CPUs keep",
        ),
        (
            |zone| zone["cpus"][0]["lists"][0][2][0] = zone["cpus"][1]["lists"][0][2][0].clone(),
            "expected a block to begin here",
        ),
        (
            |zone| zone["cpus"][1]["free_count"] = u32::MAX.into(),
            "CPU 1 is tuned out of range",
        ),
        (
            |zone| zone["cpus"][0]["alloc_factor"] = 6.into(),
            "CPU 0 is tuned out of range",
        ),
        (
            |zone| zone["cpus"][0]["high"] = 0.into(),
            "CPU 0 is tuned out of range",
        ),
    ];
    for (inflict, complaint) in damages {
        let mut json = sound.clone();
        inflict(&mut json);
        let refused = read(&json.to_string()).expect_err(complaint);
        assert!(refused.contains(complaint), "{complaint}: {refused}");
    }
}

#[test]
fn a_delta_names_only_the_ends_of_a_cpus_list() {
    let mut before = zone_of(65_536, 9, 1);
    let gfp = Gfp::GFP_HIGHUSER_MOVABLE;
    let held = [(); 200].map(|()| {
        before
            .alloc_pages(gfp, 0, Owner(1), &mut ())
            .expect("memory")
    });
    for pfn in &held[1..] {
        assert_eq!(before.free_pages(*pfn, 0, &mut ()), Ok(()));
    }
    let listed = before.cpu_list(0, 0, MigrateType::Movable).count();
    assert!(listed > 199, "{listed}");
    let mut after = before.clone();
    assert_eq!(after.free_pages(held[0], 0, &mut ()), Ok(()));
    let delta = Delta::between(&before, &after).expect("a delta");
    assert_eq!((delta.changed_frames(), delta.stored_frames()), (1, 2));
    assert_eq!(delta.small_changes(), 2, "the list and the CPU's figures");
    let mut zone = before.clone();
    assert_eq!(delta.apply(&mut zone), Ok(()));
    assert!(zone == after);
    assert_eq!(delta.revert(&mut zone), Ok(()));
    assert!(zone == before);
    // It begins at no other state of that list.
    assert_eq!(before.set_cpu(0), Ok(()));
    let mut other = after.clone();
    let again = other.alloc_pages(gfp, 0, Owner(1), &mut ());
    assert_eq!(again, Ok(held[0]));
    let first = other.alloc_pages(gfp, 0, Owner(1), &mut ());
    let (again, first) = (held[0], first.expect("memory"));
    for pfn in [again, first] {
        assert_eq!(other.free_pages(pfn, 0, &mut ()), Ok(()));
    }
    let refused = delta.revert(&mut other);
    assert_eq!(refused, Err(DeltaError::Cpu { cpu: 0 }));
}

#[test]
fn damaged_deltas_of_cpus_are_refused() {
    let before = kept();
    let mut after = before.clone();
    let got = after.alloc_pages(Gfp::GFP_KERNEL, 0, Owner(7), &mut ());
    assert!(got.is_ok());
    assert_eq!(after.set_cpu(0), Ok(()));
    let delta = Delta::between(&before, &after).expect("a delta");
    let sound = serde_json::to_value(&delta).expect("json");
    let read: Delta = serde_json::from_value(sound.clone()).expect("a delta");
    assert_eq!(read, delta);
    let damages: [(fn(&mut serde_json::Value), &str); 5] = [
        (|d| d["cpu_pages"][0][0] = 2.into(), "cpu_pages, entry 0"),
        (|d| d["cpu_lists"][0][0] = 2.into(), "cpu_lists, entry 0"),
        (|d| d["cpu_lists"][0][1] = 4.into(), "cpu_lists, entry 0"),
        (
            |d| d["cpu_lists"][0][3]["front"][0] = serde_json::json!([16_384]),
            "cpu_lists, entry 0: expected a list that a CPU has, and frames in the zone",
        ),
        (|d| d["figures"][1]["cpu"] = 2.into(), "and a CPU there is"),
    ];
    for (inflict, complaint) in damages {
        let mut json = sound.clone();
        inflict(&mut json);
        let refused = serde_json::from_value::<Delta>(json).expect_err(complaint);
        assert!(refused.to_string().contains(complaint), "{refused}");
    }
    let mut without = zone_of(16_384, 9, 0);
    let refused = delta.apply(&mut without).expect_err("no CPUs");
    assert!(
        refused.to_string().contains("lists for 2 CPUs"),
        "{refused}"
    );
}
