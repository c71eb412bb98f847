//! The records of one collection in the order of their ids, with their R-trees.

use std::sync::Arc;

use rstar::{AABB, RTree, RTreeObject};
use rustc_hash::FxHashMap;
use zhifang_core::{Bbox, Collection, LonLat, Record, public_view};

use crate::snapshot::{Audience, Options};

/// Envelope of a record's geometry and the record's place in its table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) bbox: Bbox,
    pub(crate) index: u32,
}

impl RTreeObject for Entry {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        envelope(&self.bbox)
    }
}

/// The box in rstar's words.
pub(crate) fn envelope(bbox: &Bbox) -> AABB<[f64; 2]> {
    AABB::from_corners([bbox.west, bbox.south], [bbox.east, bbox.north])
}

/// The box of a position.
pub(crate) fn point_box(place: LonLat) -> Bbox {
    Bbox {
        west: place.lon,
        south: place.lat,
        east: place.lon,
        north: place.lat,
    }
}

/// What the public sees of a record.
#[derive(Debug, Clone)]
pub(crate) enum PublicFace {
    /// Nothing.
    Hidden,
    /// The record as it is.
    Same,
    /// Another one: rounded, without restricted fields.
    Other(Box<Record>),
}

impl PublicFace {
    pub(crate) fn of(record: &Record, options: &Options) -> Self {
        let collection = record.collection;
        let differs = collection == Collection::Markers
            || collection
                .fields()
                .iter()
                .any(|field| field.restricted && record.fields.get(field.name).is_some());
        if differs {
            public_view(record, options.marker_step_deg)
                .map_or(Self::Hidden, |view| Self::Other(Box::new(view)))
        } else if collection.is_public() && record.status != zhifang_core::Status::Draft {
            Self::Same
        } else {
            Self::Hidden
        }
    }

    /// The record that the audience sees, if any.
    pub(crate) fn see<'a>(&'a self, record: &'a Record, audience: Audience) -> Option<&'a Record> {
        match (audience, self) {
            (Audience::Staff, _) | (Audience::Public, Self::Same) => Some(record),
            (Audience::Public, Self::Other(view)) => Some(view),
            (Audience::Public, Self::Hidden) => None,
        }
    }
}

/// One collection: records sorted by id, none twice.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) records: Vec<Record>,
    /// Faces that are not [`PublicFace::Same`].
    faces: FxHashMap<u32, PublicFace>,
    tree: RTree<Entry>,
    /// Positions as the public sees them, where they differ: markers.
    public_tree: Option<RTree<Entry>>,
    /// Seats of divisions, which need no polygon.
    seats: RTree<Entry>,
}

impl Table {
    /// A table of records of one collection, in any order; of two with one id the later counts.
    pub(crate) fn build(
        collection: Collection,
        mut records: Vec<Record>,
        options: &Options,
    ) -> Self {
        if !records.is_sorted_by(|a, b| a.id < b.id) {
            records.sort_by(|a, b| a.id.cmp(&b.id));
            records.dedup_by(|later, earlier| {
                let same = later.id == earlier.id;
                if same {
                    std::mem::swap(later, earlier);
                }
                same
            });
        }
        records.shrink_to_fit();
        let mut faces = FxHashMap::default();
        for (index, record) in numbered(&records) {
            match PublicFace::of(record, options) {
                PublicFace::Same => {}
                face => {
                    faces.insert(index, face);
                }
            }
        }
        let boxes = |record: &Record| record.bbox();
        let tree = RTree::bulk_load(entries(numbered(&records), boxes));
        let public_tree = (collection == Collection::Markers).then(|| {
            let views = numbered(&records).filter_map(|(index, record)| {
                let face = faces.get(&index).unwrap_or(&PublicFace::Same);
                Some((index, face.see(record, Audience::Public)?))
            });
            RTree::bulk_load(entries(views, boxes))
        });
        let seats = if collection == Collection::Divisions {
            let seat = |record: &Record| record.position("seat").map(point_box);
            let with_fields = numbered(&records).filter(|(_, record)| !record.fields.is_empty());
            RTree::bulk_load(entries(with_fields, seat))
        } else {
            RTree::new()
        };
        Self {
            records,
            faces,
            tree,
            public_tree,
            seats,
        }
    }

    /// Where the id stands.
    pub(crate) fn position(&self, id: &str) -> Option<u32> {
        self.records
            .binary_search_by(|record| (*record.id).cmp(id))
            .ok()
            .map(|at| at as u32)
    }

    /// The first place whose id is not below the text.
    pub(crate) fn lower_bound(&self, id: &str) -> u32 {
        self.records.partition_point(|record| *record.id < *id) as u32
    }

    pub(crate) fn see(&self, index: u32, audience: Audience) -> Option<&Record> {
        let record = self.records.get(index as usize)?;
        match self.faces.get(&index) {
            None => Some(record),
            Some(face) => face.see(record, audience),
        }
    }

    /// Number of records that the audience sees.
    pub(crate) fn seen(&self, audience: Audience) -> usize {
        let hidden = self
            .faces
            .values()
            .filter(|face| matches!(face, PublicFace::Hidden))
            .count();
        self.records.len()
            - if audience == Audience::Public {
                hidden
            } else {
                0
            }
    }

    pub(crate) fn tree(&self, audience: Audience) -> &RTree<Entry> {
        match (audience, &self.public_tree) {
            (Audience::Public, Some(tree)) => tree,
            _ => &self.tree,
        }
    }

    pub(crate) fn seats(&self) -> &RTree<Entry> {
        &self.seats
    }
}

fn numbered(records: &[Record]) -> impl Iterator<Item = (u32, &Record)> {
    records
        .iter()
        .enumerate()
        .map(|(index, record)| (index as u32, record))
}

fn entries<'a>(
    records: impl Iterator<Item = (u32, &'a Record)>,
    bbox: impl Fn(&Record) -> Option<Bbox>,
) -> Vec<Entry> {
    records
        .filter_map(|(index, record)| {
            Some(Entry {
                bbox: bbox(record)?,
                index,
            })
        })
        .filter(|entry| is_finite(&entry.bbox))
        .collect()
}

/// Whether all four edges are numbers that can be compared.
pub(crate) fn is_finite(bbox: &Bbox) -> bool {
    [bbox.west, bbox.south, bbox.east, bbox.north]
        .iter()
        .all(|edge| edge.is_finite())
}

/// The tables of all collections, in the order of [`Collection::ALL`].
pub(crate) type Tables = [Arc<Table>; Collection::ALL.len()];
