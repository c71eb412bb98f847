//! What is nearest, in metres.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use rstar::{ParentNode, RTreeNode};
use zhifang_core::{Bbox, Collection, Day, LonLat, Meters, Record};

use super::View;
use super::hierarchy::is_in_force;
use crate::metric::{bearing_deg, distance_m, lower_bound_m, nearest_point};
use crate::table::Entry;

/// How many, how far, and as of which day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearQuery {
    /// Most answers wanted.
    pub limit: usize,
    /// Greatest distance; none where `None`.
    pub radius: Option<Meters>,
    /// Records in force on this day; where `None` the published ones.
    pub day: Option<Day>,
}

impl NearQuery {
    /// The nearest few published records, however far.
    pub const fn first(limit: usize) -> Self {
        Self {
            limit,
            radius: None,
            day: None,
        }
    }

    /// The same, but not beyond the radius.
    #[must_use]
    pub const fn within(self, radius: Meters) -> Self {
        Self {
            radius: Some(radius),
            ..self
        }
    }

    /// The same, of the records in force on the day.
    #[must_use]
    pub const fn on(self, day: Option<Day>) -> Self {
        Self { day, ..self }
    }
}

/// A record near a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near<'a> {
    /// The record.
    pub record: &'a Record,
    /// Geodesic distance to the nearest point of its geometry; 0 inside a polygon.
    pub distance: Meters,
    /// Azimuth from the place towards that point, degrees clockwise from true north, 0..360.
    pub bearing_deg: f64,
    /// The nearest point of its geometry.
    pub point: LonLat,
}

impl<'a> View<'a> {
    /// The records nearest to the place, nearest first, ties by id.
    ///
    /// Distances are geodesic, to points, lines and polygons alike; the order is that of the
    /// metres, not of the degrees. The filter is asked before a distance is measured.
    pub fn nearest(
        &self,
        collection: Collection,
        place: LonLat,
        query: NearQuery,
        mut filter: impl FnMut(&Record) -> bool,
    ) -> Vec<Near<'a>> {
        let radius = query.radius.map_or(f64::INFINITY, |radius| radius.0);
        let mut answers = Vec::new();
        let mut queue = BinaryHeap::new();
        let put = |queue: &mut BinaryHeap<_>, distance: f64, what| {
            if distance <= radius {
                queue.push(Reverse(Waiting { distance, what }));
            }
        };
        let root = self
            .snapshot
            .base
            .table(collection)
            .tree(self.audience)
            .root();
        put(&mut queue, 0.0, What::Node(root));
        for (changed, record) in self.changed(collection) {
            if let Some(bbox) = changed.bbox(self.audience) {
                put(
                    &mut queue,
                    lower_bound_m(place, &bbox),
                    What::Candidate(record),
                );
            }
        }
        while answers.len() < query.limit {
            let Some(Reverse(waiting)) = queue.pop() else {
                break;
            };
            match waiting.what {
                What::Node(node) => {
                    for child in node.children() {
                        match child {
                            RTreeNode::Parent(inner) => {
                                put(&mut queue, lower_bound_of(place, inner), What::Node(inner));
                            }
                            RTreeNode::Leaf(entry) => {
                                if let Some(record) = self.unchanged(collection, entry.index) {
                                    let bound = lower_bound_m(place, &entry.bbox);
                                    put(&mut queue, bound, What::Candidate(record));
                                }
                            }
                        }
                    }
                }
                What::Candidate(record) => {
                    if is_in_force(record, query.day) && filter(record) {
                        let geometry = record.geometry.as_deref();
                        if let Some((point, distance)) =
                            geometry.and_then(|geometry| nearest_point(geometry, place))
                        {
                            put(&mut queue, distance, What::Answer(record, point));
                        }
                    }
                }
                What::Answer(record, point) => answers.push(Near {
                    record,
                    distance: Meters(waiting.distance),
                    bearing_deg: bearing_deg(place, point),
                    point,
                }),
            }
        }
        answers
    }

    /// Geodesic distance between two positions.
    pub fn distance(from: LonLat, to: LonLat) -> Meters {
        Meters(distance_m(from, to))
    }
}

fn lower_bound_of(place: LonLat, node: &ParentNode<Entry>) -> f64 {
    let envelope = node.envelope();
    let ([west, south], [east, north]) = (envelope.lower(), envelope.upper());
    lower_bound_m(
        place,
        &Bbox {
            west,
            south,
            east,
            north,
        },
    )
}

/// Something in the queue and a distance that it does not come below.
struct Waiting<'a> {
    distance: f64,
    what: What<'a>,
}

enum What<'a> {
    Node(&'a ParentNode<Entry>),
    Candidate(&'a Record),
    Answer(&'a Record, LonLat),
}

impl Waiting<'_> {
    /// At one distance nodes and candidates come first: an answer of that distance with a
    /// lower id may still be in them.
    fn rank(&self) -> (u8, &str) {
        match &self.what {
            What::Node(_) => (0, ""),
            What::Candidate(record) => (1, &record.id),
            What::Answer(record, _) => (2, &record.id),
        }
    }
}

impl Ord for Waiting<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance
            .total_cmp(&other.distance)
            .then_with(|| self.rank().cmp(&other.rank()))
    }
}

impl PartialOrd for Waiting<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Waiting<'_> {}
