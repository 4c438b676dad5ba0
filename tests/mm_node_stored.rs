//! A node is stored and read back as it was; damage is refused for what is wrong.

use labyrinth::mm::{Gfp, MigrateType, Node, NodeConfig, OomTask, Owner, PageFlags, Pfn, ZoneKind};
use serde_json::{Value, json};

/// A node in the middle of everything: boot memory, cache, CPUs' lists, kswapd at work, compaction put off, a victim.
fn lived_in() -> Node {
    let zones = [
        (ZoneKind::Dma, 256),
        (ZoneKind::Normal, 1500),
        (ZoneKind::Movable, 512),
    ];
    let mut config = NodeConfig::new(zones, 3);
    config.cpus = 2;
    let mut node = Node::new(config).expect("a node");
    let (kernel, boot) = (MigrateType::Unmovable, PageFlags::RESERVED);
    let set_aside = node.alloc_at(0, 4, kernel, Owner::NONE, boot, &mut ());
    assert_eq!(set_aside, Ok(()));
    node.set_task(
        Owner(3),
        OomTask {
            adj: -1000,
            ..OomTask::default()
        },
    );
    let held: Vec<Pfn> = (0..1900)
        .map_while(|i| {
            let gfp = [Gfp::GFP_HIGHUSER_MOVABLE, Gfp::GFP_KERNEL][i % 2];
            node.alloc_pages(gfp, 0, Owner(3), &mut ()).ok()
        })
        .collect();
    for (i, &pfn) in held.iter().enumerate() {
        match i % 7 {
            0 | 3 => node.lru_add(pfn),
            1 => assert_eq!(node.free_pages(pfn, 0, &mut ()), Ok(())),
            _ => {}
        }
    }
    assert_eq!(node.set_cpu(1), Ok(()));
    for order in [4, 5, 6, 4, 5] {
        // Whether these get anything is not the point here.
        let _ = node.alloc_pages(
            Gfp::GFP_KERNEL | Gfp::RETRY_MAYFAIL,
            order,
            Owner(4),
            &mut (),
        );
        let _ = node.alloc_pages(Gfp::GFP_ATOMIC, 1, Owner(4), &mut ());
    }
    node.compact_memory(&mut ());
    let now = Gfp::GFP_HIGHUSER_MOVABLE - Gfp::DIRECT_RECLAIM;
    while node.alloc_pages(now, 0, Owner(5), &mut ()).is_ok() {}
    node.kswapd_step(&mut ());
    node.set_task(
        Owner(9),
        OomTask {
            victim: true,
            swap: 7,
            ..OomTask::default()
        },
    );
    assert_eq!(node.verify(), Ok(()));
    node
}

fn read(json: &Value) -> Result<Node, String> {
    serde_json::from_str(&json.to_string()).map_err(|error| error.to_string())
}

#[test]
fn a_node_reads_back_as_it_was_and_goes_on_alike() {
    let mut node = lived_in();
    let json = serde_json::to_value(&node).expect("json");
    let mut again = read(&json).expect("a node");
    assert!(again == node);
    assert!(node.kswapd_awake(), "nothing of kswapd was stored");
    let (skipped, pause) = node.compaction_memory(ZoneKind::Normal).expect("a zone");
    assert!(skipped > 0 || pause > 1, "nothing of compaction was stored");
    assert!(node.nr_pcp_pages() > 0, "nothing of CPUs was stored");
    let ron = ron::to_string(&node).expect("text");
    assert!(ron::from_str::<Node>(&ron).expect("a node") == node);
    for _ in 0..20 {
        let steps = [&mut node, &mut again].map(|node| {
            let mut events = Vec::new();
            node.kswapd_step(&mut events);
            node.kcompactd_step(&mut events);
            let got = node.alloc_pages(Gfp::GFP_KERNEL, 3, Owner(5), &mut events);
            (got, events)
        });
        assert_eq!(steps[0], steps[1]);
        assert!(again == node);
    }
}

#[test]
fn a_damaged_node_is_refused_for_what_is_wrong() {
    let sound = serde_json::to_value(lived_in()).expect("json");
    assert!(read(&sound).is_ok());
    let damages: [(fn(&mut Value), &str); 16] = [
        (|node| node["colour"] = 5.into(), "unknown field `colour`"),
        (
            |node| drop(node["zones"].as_array_mut().map(Vec::pop)),
            "zones: 2 stored; expected 3",
        ),
        (
            |node| node["config"]["zones"][1]["pages"] = (1 << 28).into(),
            "zone Normal, config: expected the settings that follow from the node's",
        ),
        (
            |node| node["zones"][1]["zone"]["config"]["name"] = "DMA".into(),
            "zone Normal, config: expected the settings that follow from the node's",
        ),
        (
            |node| node["zones"][1]["zone"]["config"]["cpus"] = 0.into(),
            "zone Normal: cpus: 2 listed, CPU 1 allocates; expected 0",
        ),
        (
            |node| node["config"]["zones"][1]["start"] = 8.into(),
            "config: zone Normal begins at frame 8, but the zone before it ends at 256",
        ),
        (
            |node| node["config"]["pageblock_order"] = 0.into(),
            "config: zone Dma",
        ),
        (
            |node| {
                drop(
                    node["zones"][2]["zone"]["allocated"]
                        .as_array_mut()
                        .map(Vec::pop),
                );
            },
            "zone Movable: ",
        ),
        (
            |node| node["zones"][0]["compact"]["skip"] = json!([32]),
            "zone Dma, compact, skip: expected indices",
        ),
        (
            |node| node["zones"][0]["compact"]["skip"] = json!([2, 2]),
            "zone Dma, compact, skip: expected indices",
        ),
        (
            |node| node["zones"][0]["compact"]["free"] = 3.into(),
            "zone DMA: the scanners begin at",
        ),
        (
            |node| node["zones"][0]["compact"]["defer_shift"] = 32.into(),
            "zone DMA: compaction is put off for 2^32 requests",
        ),
        (
            |node| node["kswapd"]["run"]["priority"] = 40.into(),
            "kswapd cannot be like this",
        ),
        (
            |node| node["kcompactd"]["next"] = 4.into(),
            "kcompactd is at zone 4 of 3",
        ),
        (
            |node| node["tasks"].as_array_mut().expect("tasks").swap(0, 1),
            "tasks, entry 1: expected a task of a higher owner",
        ),
        (
            |node| node["tasks"][0][1]["adj"] = 40_000.into(),
            "invalid value",
        ),
    ];
    for (inflict, complaint) in damages {
        let mut json = sound.clone();
        inflict(&mut json);
        let refused = read(&json).expect_err(complaint);
        assert!(refused.contains(complaint), "{complaint}: {refused}");
        assert!(!refused.contains('\n'), "{refused}");
    }
}
