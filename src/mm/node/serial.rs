//! A node as it is stored: its zones, and what the threads of the kernel and compaction remember; checked as it is read.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::super::zone::{CompactForm, CompactState, ZoneForm};
use super::super::{Owner, ZoneFormError};
use super::kcompactd::Kcompactd;
use super::kswapd::Kswapd;
use super::{Node, NodeConfig, NodeError, OomTask, ZoneKind};

/// What is wrong with the stored form of a node.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NodeFormError {
    /// The settings are out of their ranges.
    #[error("config: {0}")]
    Config(#[from] NodeError),
    /// Other zones are stored than the settings say.
    #[error("zones: {found} stored; expected {expected}")]
    Zones {
        /// As many as there should be.
        expected: u32,
        /// As many as there are.
        found: u32,
    },
    /// The stored form of a zone is wrong.
    #[error("zone {kind:?}: {error}")]
    Zone {
        /// The zone.
        kind: ZoneKind,
        /// What is wrong.
        error: ZoneFormError,
    },
    /// A zone has settings of its own.
    #[error("zone {kind:?}, config: expected the settings that follow from the node's")]
    ZoneConfig {
        /// The zone.
        kind: ZoneKind,
    },
    /// Compaction passes pageblocks over that there are not.
    #[error("zone {kind:?}, compact, skip: expected indices of its pageblocks, ascending")]
    Skip {
        /// The zone.
        kind: ZoneKind,
    },
    /// A task is listed twice, or out of order.
    #[error("tasks, entry {at}: expected a task of a higher owner than the one before")]
    Tasks {
        /// Position in the list, from 0.
        at: u32,
    },
    /// What was read is no node that can come about.
    #[error("{0}; expected a node that verifies")]
    Verify(String),
}

/// A zone and what compaction remembers of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartForm {
    zone: ZoneForm,
    compact: CompactForm,
}

/// A node as it is stored. Where zones begin, watermarks and reserves follow from the settings and the pages managed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeForm {
    config: NodeConfig,
    /// As in the settings.
    zones: Vec<PartForm>,
    kswapd: Kswapd,
    kcompactd: Kcompactd,
    /// Ascending by owner.
    tasks: Vec<(Owner, OomTask)>,
}

impl NodeForm {
    fn of(node: &Node) -> Self {
        let zones = node.parts.iter().map(|part| PartForm {
            zone: ZoneForm::of(&part.zone),
            compact: part.compact.form(),
        });
        Self {
            config: node.config.clone(),
            zones: zones.collect(),
            kswapd: node.kswapd.clone(),
            kcompactd: node.kcompactd.clone(),
            tasks: node.tasks().collect(),
        }
    }

    fn build(self) -> Result<Node, NodeFormError> {
        let (expected, found) = (self.config.zones.len(), self.zones.len());
        if expected != found {
            let (expected, found) = (expected as u32, found as u32);
            return Err(NodeFormError::Zones { expected, found });
        }
        let mut pairs = self.tasks.windows(2);
        if let Some(at) = pairs.position(|pair| pair[0].0 >= pair[1].0) {
            let at = at as u32 + 1;
            return Err(NodeFormError::Tasks { at });
        }
        // Zones first, for each proves that it has as many pages as are asked for before memory is set aside for them.
        let mut begun = Vec::new();
        for (part, given) in self.zones.iter().zip(&self.config.zones) {
            let kind = given.kind;
            let zone = part.zone.begin();
            let zone = zone.map_err(|error| NodeFormError::Zone { kind, error })?;
            if zone.pages() != given.pages {
                return Err(NodeFormError::ZoneConfig { kind });
            }
            begun.push(zone);
        }
        let mut node = Node::new(self.config)?;
        for (part, zone) in node.parts.iter_mut().zip(begun) {
            if zone.config() != part.zone.config() {
                let kind = part.kind;
                return Err(NodeFormError::ZoneConfig { kind });
            }
            part.zone = zone;
        }
        node.set_marks();
        for (part, form) in node.parts.iter_mut().zip(self.zones) {
            let kind = part.kind;
            let filled = form.zone.fill(&mut part.zone);
            filled.map_err(|error| NodeFormError::Zone { kind, error })?;
            part.compact = CompactState::of_form(form.compact, &part.zone)
                .ok_or(NodeFormError::Skip { kind })?;
        }
        node.kswapd = self.kswapd;
        node.kcompactd = self.kcompactd;
        node.tasks = self.tasks.into_iter().collect();
        node.verify().map_err(NodeFormError::Verify)?;
        Ok(node)
    }
}

/// Stored as its zones are, with what kswapd, kcompactd and compaction remember, and the tasks.
impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        NodeForm::of(self).serialize(serializer)
    }
}

/// Damaged input is refused with a [`NodeFormError`]: what is read verifies.
impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = NodeForm::deserialize(deserializer)?;
        form.build().map_err(D::Error::custom)
    }
}
