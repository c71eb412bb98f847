//! Where on the map a change shows, so that drawn tiles can be kept everywhere else.

use zhifang_core::{Bbox, Collection, Record, RecordKey, TileId};
use zhifang_index::{Audience, Snapshot};

use crate::atlas::Touched;
use crate::clip::BUFFER;
use crate::project::padded_bbox;
use crate::records::LARGEST_SQUARE;
use crate::tileset::Tileset;

/// More places than these are not told apart.
const MOST_PLACES: usize = 256;

/// The part of the map that changes leave out of date (失效范围).
#[derive(Debug, Clone, PartialEq)]
pub struct Stale {
    /// Boxes that hold every place where something changes; none where it may be anywhere.
    places: Option<Vec<Bbox>>,
}

impl Default for Stale {
    fn default() -> Self {
        Self::nothing()
    }
}

impl Stale {
    /// Every tile is as it was.
    pub const fn nothing() -> Self {
        Self {
            places: Some(Vec::new()),
        }
    }

    /// Any tile may be another.
    pub const fn everything() -> Self {
        Self { places: None }
    }

    /// Where the change of one record to `after` shows, given the snapshot before it.
    ///
    /// Ground and lines are generalised along whole arcs, which no box holds: with them
    /// everything is stale.
    pub fn by(snapshot: &Snapshot, key: &RecordKey, after: Option<&Record>) -> Self {
        let view = snapshot.view(Audience::Staff);
        let before = view.record(key.collection, &key.id);
        let touched = Touched::by(before, after);
        if touched.ground || touched.lines {
            return Self::everything();
        }
        let is_drawn = key.collection == Collection::Divisions
            || Tileset::ALL
                .iter()
                .flat_map(|tileset| tileset.layers())
                .any(|layer| layer.collection == Some(key.collection));
        if !is_drawn {
            return Self::nothing();
        }
        // The public sees a marker as far from its place as a step of the rounding.
        let pad = match key.collection {
            Collection::Markers => snapshot.options().marker_step_deg,
            _ => 0.0,
        };
        let mut places = Vec::new();
        for record in before.into_iter().chain(after) {
            // The unit's ground may be drawn from another life of the same code.
            let ground = record
                .division
                .filter(|_| key.collection == Collection::Divisions)
                .and_then(|code| view.unit(code, None));
            let shapes = [Some(record), ground].into_iter().flatten();
            places.extend(
                shapes
                    .filter_map(|record| Bbox::of_geometry(record.geometry.as_deref()?))
                    .map(|bbox| padded(bbox, pad)),
            );
            places.extend(record.position("seat").map(|seat| Bbox {
                west: seat.lon,
                south: seat.lat,
                east: seat.lon,
                north: seat.lat,
            }));
        }
        Self {
            places: Some(places),
        }
    }

    /// Both together.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        let (Some(mut places), Some(others)) = (self.places, &other.places) else {
            return Self::everything();
        };
        places.extend(others);
        if places.len() > MOST_PLACES {
            return Self::everything();
        }
        Self {
            places: Some(places),
        }
    }

    /// Whether the tile may have changed: whatever is looked at to draw it lies in its box, its
    /// buffer and one square of thinning beyond.
    pub fn touches(&self, tile: TileId) -> bool {
        let Some(places) = &self.places else {
            return true;
        };
        if places.is_empty() {
            return false;
        }
        let window = padded_bbox(tile, BUFFER + LARGEST_SQUARE);
        places
            .iter()
            .flat_map(Bbox::parts)
            .any(|place| place.intersects(&window))
    }
}

fn padded(bbox: Bbox, by: f64) -> Bbox {
    Bbox {
        west: bbox.west - by,
        south: bbox.south - by,
        east: bbox.east + by,
        north: bbox.north + by,
    }
}
