//! Lines of one layer: shared ones, outer ones, and the stretches that do not match.

use geo::{Coord, LineString};

use crate::chain::Owner;
use crate::coverage::{Coverage, Layers};

/// A line between two units of one layer, or between a unit and ground without one.
///
/// Runs from its lower to its higher end (by longitude, then latitude) through all nodes that
/// matter only to other layers.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedLine {
    /// Unit on the left; the lowest id where several overlap.
    pub left: Option<u64>,
    /// Unit on the right.
    pub right: Option<u64>,
    /// Vertices, EPSG:4490.
    pub coords: LineString<f64>,
}

/// A stretch of line with another number of owners than two.
#[derive(Debug, Clone, PartialEq)]
pub struct UnmatchedEdges {
    /// The units that use it, ascending; one at an outer border or beside a gap, three or more
    /// where polygons lie on each other.
    pub units: Vec<u64>,
    /// Vertices in the direction that keeps the first unit on the left.
    pub coords: LineString<f64>,
    /// Whether it is a whole ring.
    pub is_closed: bool,
}

impl Coverage {
    /// Every line of a layer once, in ascending order of its first vertex: the stretches where
    /// the units on the two sides differ.
    pub fn shared_lines(&self, layer: u8) -> Vec<SharedLine> {
        let units = self.units();
        self.layer_chains(layer, |owners| {
            let at = |is_right: bool| {
                owners
                    .iter()
                    .find(|owner| owner.is_right() == is_right)
                    .map(|owner| units[owner.unit() as usize].id)
            };
            (at(false), at(true))
        })
        .into_iter()
        .filter(|((left, right), _)| left != right)
        .map(|((left, right), coords)| SharedLine {
            left,
            right,
            coords,
        })
        .collect()
    }

    /// The stretches of a layer that do not have exactly two owners, in ascending order of their
    /// place: the outer border, and everything that is wrong inside (gaps, overlaps, vertices
    /// that one side lacks).
    pub fn unmatched_edges(&self, layer: u8) -> Vec<UnmatchedEdges> {
        let units = self.units();
        self.layer_chains(layer, <[Owner]>::to_vec)
            .into_iter()
            .filter(|(owners, _)| !owners.is_empty() && owners.len() != 2)
            .map(|(owners, mut coords)| {
                if owners[0].is_right() {
                    coords.0.reverse();
                }
                UnmatchedEdges {
                    units: owners
                        .iter()
                        .map(|owner| units[owner.unit() as usize].id)
                        .collect(),
                    is_closed: coords.0.first() == coords.0.last(),
                    coords,
                }
            })
            .collect()
    }

    /// Arcs of a layer joined where only other layers have a node, with a label made from their
    /// owners.
    pub(crate) fn layer_chains<L>(
        &self,
        layer: u8,
        label: impl Fn(&[Owner]) -> L,
    ) -> Vec<(L, LineString<f64>)> {
        self.chains_of(Layers::one(layer), label)
    }

    /// As [`Coverage::layer_chains`], for several layers at once.
    pub(crate) fn chains_of<L>(
        &self,
        layers: Layers,
        label: impl Fn(&[Owner]) -> L,
    ) -> Vec<(L, LineString<f64>)> {
        let units = self.units();
        let is_in = |owner: Owner| units[owner.unit() as usize].layers.intersects(layers);
        let (edges, nodes) = self.arc_edges(is_in);
        // Arcs of other layers must not break the lines of this one.
        let kept: Vec<u32> = (0..edges.ends.len() as u32)
            .filter(|&arc| !edges.owners_of(arc as usize).is_empty())
            .collect();
        let mut thin = crate::chain::EdgeSet {
            owner_starts: vec![0],
            ..Default::default()
        };
        for &arc in &kept {
            thin.ends.push(edges.ends[arc as usize]);
            thin.owners.extend_from_slice(edges.owners_of(arc as usize));
            thin.owner_starts.push(thin.owners.len() as u32);
        }
        thin.chains(nodes.len(), &[])
            .iter()
            .map(|chain| {
                let mut coords: Vec<Coord<f64>> = Vec::new();
                for step in chain {
                    let arc = self.arc(kept[step.edge as usize]).coords;
                    let skip = usize::from(!coords.is_empty());
                    if step.is_reversed {
                        coords.extend(arc.iter().rev().skip(skip));
                    } else {
                        coords.extend(arc.iter().skip(skip));
                    }
                }
                (label(&thin.chain_owners(chain)), LineString(coords))
            })
            .collect()
    }
}

/// The stretches of one level's polygons that do not have exactly two owners; see
/// [`Coverage::unmatched_edges`].
pub fn unmatched_edges<'a>(
    units: impl IntoIterator<Item = (u64, &'a geo::MultiPolygon<f64>)>,
) -> Vec<UnmatchedEdges> {
    let layers = Layers::one(0);
    let inputs = units
        .into_iter()
        .map(|(id, geometry)| crate::coverage::UnitInput {
            id,
            layers,
            geometry,
        });
    Coverage::build(inputs).unmatched_edges(0)
}
