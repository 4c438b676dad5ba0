//! What data files must hold to, beyond their shape.

use std::collections::BTreeSet;

use super::super::demand::Leftover;
use super::super::places::LOT;
use super::{DeviceSpec, Gait, Rules, ScaleSpec, TaskSpec, ZoneSpec};
use crate::mm::{Gfp, MAX_PAGE_ORDER};

impl Rules {
    pub(super) fn check_zone(&self, zone: &ZoneSpec) -> Result<(), String> {
        if !zone.side.is_power_of_two() || !(16..=1024).contains(&zone.side) {
            return Err(format!(
                "side is {}, expected a power of two from 16 to 1024",
                zone.side
            ));
        }
        if zone.pageblock_order >= MAX_PAGE_ORDER {
            return Err(format!(
                "pageblock_order is {}, expected less than {MAX_PAGE_ORDER}, so that a pageblock and its buddy can be isolated",
                zone.pageblock_order
            ));
        }
        if zone.refs.0 == 0 || zone.refs.0 > zone.refs.1 {
            return Err(format!(
                "refs are {:?}, expected (start, most) with 1 <= start <= most",
                zone.refs
            ));
        }
        if zone.devices.is_empty() || zone.devices.len() > 16 {
            return Err("expected 1 to 16 devices".into());
        }
        for name in &zone.devices {
            self.device(name)
                .ok_or_else(|| format!("device \"{name}\" is not in the devices file"))?;
        }
        let inner = usize::from((zone.side / LOT).saturating_sub(2));
        if inner * inner <= zone.devices.len() + zone.terminals.len() {
            return Err(format!(
                "side is {}, expected more: there is no room for {} devices, {} terminals and the key",
                zone.side,
                zone.devices.len(),
                zone.terminals.len()
            ));
        }
        let ScaleSpec {
            permille,
            orders,
            bursts,
        } = zone.scale;
        if !(1..=1_000_000).contains(&permille)
            || orders > MAX_PAGE_ORDER
            || !(1..=64).contains(&bursts)
        {
            return Err(format!(
                "scale is {:?}, expected permille 1 to 1000000, orders 0 to {MAX_PAGE_ORDER}, bursts 1 to 64",
                zone.scale
            ));
        }
        for (name, count) in &zone.tasks {
            self.task(name)
                .ok_or_else(|| format!("task \"{name}\" is not in the tasks file"))?;
            let largest = self
                .task(name)
                .map(|task| zone.scale.apply(task))
                .and_then(|task| task.mix.iter().map(|mix| mix.orders.1).max());
            if largest.is_some_and(|order| order > zone.pageblock_order) {
                return Err(format!(
                    "task \"{name}\" asks for orders above the pageblock order {}",
                    zone.pageblock_order
                ));
            }
            let copies = self
                .task(name)
                .and_then(|task| task.fork)
                .map_or(1, |fork| fork.most);
            if *count == 0 || count.saturating_mul(copies) > 64 {
                return Err(format!(
                    "{count} of task \"{name}\", each with up to {copies} copies, expected 1 to 64 in all"
                ));
            }
        }
        if zone.gates.is_empty() || zone.gates.len() > 8 {
            return Err("expected 1 to 8 gates".into());
        }
        if zone.terminals.len() > 8 {
            return Err("expected at most 8 terminals".into());
        }
        if zone.gate_warnings.is_empty() || zone.gate_warnings.contains(&0) {
            return Err(format!(
                "gate_warnings are {:?}, expected at least one, in turns ahead: a gate must not close unannounced",
                zone.gate_warnings
            ));
        }
        if zone
            .watchdog_warnings
            .iter()
            .all(|&left| left == 0 || left >= zone.watchdog)
        {
            return Err(format!(
                "watchdog_warnings are {:?}, expected at least one from 1 to {}: the watchdog must not bite unannounced",
                zone.watchdog_warnings,
                zone.watchdog.saturating_sub(1)
            ));
        }
        zone.score.check()?;
        if let Some(unlock) = &zone.unlock {
            let before = self
                .zones
                .iter()
                .take_while(|other| other.name != zone.name);
            if !before
                .map(|other| &other.name)
                .any(|name| *name == unlock.zone)
            {
                return Err(format!(
                    "unlock names the zone \"{}\", expected one that comes before this one",
                    unlock.zone
                ));
            }
            if unlock.extractions == 0 || unlock.order > MAX_PAGE_ORDER {
                return Err(format!(
                    "unlock wants {} extractions or order {}, expected at least 1, and an order up to {MAX_PAGE_ORDER}",
                    unlock.extractions, unlock.order
                ));
            }
        }
        if zone.warmup == 0 {
            return Err("warmup is 0, expected at least 1 round".into());
        }
        let pages = u32::from(zone.side) * u32::from(zone.side);
        let wanted: u32 = zone
            .tasks
            .iter()
            .map(|(name, count)| {
                self.task(name)
                    .map_or(0, |task| zone.scale.apply(task).working_set.0 * count)
            })
            .sum();
        if wanted >= pages {
            return Err(format!(
                "the tasks want {wanted} pages at the start, expected fewer than the zone's {pages}"
            ));
        }
        Ok(())
    }
}

pub(super) fn tasks(tasks: &[TaskSpec]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for task in tasks {
        if !names.insert(&task.name) {
            return Err(format!("task \"{}\" stands twice", task.name));
        }
        if task.mix.iter().map(|mix| mix.weight).sum::<u32>() == 0 {
            return Err(format!(
                "task \"{}\" has no request with a weight",
                task.name
            ));
        }
        for mix in &task.mix {
            if mix.orders.0 > mix.orders.1 || mix.orders.1 > MAX_PAGE_ORDER {
                return Err(format!(
                    "task \"{}\" asks for orders {:?}, expected (smallest, largest) within 0 to {MAX_PAGE_ORDER}",
                    task.name, mix.orders
                ));
            }
        }
        if task.working_set.0 > task.working_set.1 {
            return Err(format!(
                "task \"{}\" shrinks: working_set {:?}",
                task.name, task.working_set
            ));
        }
        if task.pace == 0 || task.pace > 8 {
            return Err(format!(
                "task \"{}\" takes {} steps a turn, expected 1 to 8",
                task.name, task.pace
            ));
        }
        if let Gait::Transfer { reach, .. } = task.gait
            && !(2..=1024).contains(&reach)
        {
            return Err(format!(
                "task \"{}\" reaches {reach} cells, expected 2 to 1024",
                task.name
            ));
        }
        if let Some(fork) = task.fork
            && (fork.every == 0 || !(2..=32).contains(&fork.most))
        {
            return Err(format!(
                "task \"{}\" forks every {} turns up to {} copies, expected at least 1 turn and 2 to 32 copies",
                task.name, fork.every, fork.most
            ));
        }
        if task.codex.is_empty() {
            return Err(format!("task \"{}\" has no codex line", task.name));
        }
    }
    Ok(())
}

pub(super) fn devices(devices: &[DeviceSpec]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for device in devices {
        if !names.insert(&device.name) {
            return Err(format!("device \"{}\" stands twice", device.name));
        }
        if device.orders.0 > device.orders.1 || device.orders.1 > MAX_PAGE_ORDER {
            return Err(format!(
                "device \"{}\" asks for orders {:?}, expected (smallest, largest) within 0 to {MAX_PAGE_ORDER}",
                device.name, device.orders
            ));
        }
        if device
            .dma_bits
            .is_some_and(|bits| !(16..=64).contains(&bits))
        {
            return Err(format!(
                "device \"{}\" has {} dma_bits, expected 16 to 64",
                device.name,
                device.dma_bits.unwrap_or(0)
            ));
        }
        if device.wants == Some(Leftover::Nothing) {
            return Err(format!(
                "device \"{}\" wants Nothing to be left, expected Cache, Anonymous or Kernel; zeros are asked for with __GFP_ZERO",
                device.name
            ));
        }
        if device.gfp - Gfp::ZERO != Gfp::GFP_ATOMIC {
            return Err(format!(
                "device \"{}\" asks with {}, expected GFP_ATOMIC, with or without __GFP_ZERO: an interrupt cannot sleep",
                device.name, device.gfp
            ));
        }
    }
    Ok(())
}
