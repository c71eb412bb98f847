//! The ground between two outlines.

use geo::Coord;
use rustc_hash::FxHashMap;

use super::residue::Residue;
use super::table::{Owner, key};

/// Ground that one outline has and the other has not.
#[derive(Debug, Clone)]
pub(crate) struct Lobe {
    /// Closed ring, EPSG:4490.
    pub(crate) ring: Vec<Coord<f64>>,
    /// Left of the plus rings' direction (counter-clockwise): ground that only they have.
    pub(crate) is_plus: bool,
}

/// Where the cover of closed rings, each with its weight (1 or -1), is not balanced. Rings count
/// by their direction: counter-clockwise ones hold what is inside.
pub(crate) fn lobes<'r>(rings: impl IntoIterator<Item = (&'r [Coord<f64>], i32)>) -> Vec<Lobe> {
    let mut numbers: FxHashMap<(u64, u64), u32> = FxHashMap::default();
    let mut coords: Vec<Coord<f64>> = Vec::new();
    let mut edges = Vec::new();
    for (ring, weight) in rings {
        let mut last = None;
        for coord in ring {
            let next = coords.len() as u32;
            let number = *numbers
                .entry((coord.x.to_bits(), coord.y.to_bits()))
                .or_insert(next);
            if number == next {
                coords.push(*coord);
            }
            if let Some(from) = last.replace(number).filter(|from| *from != number) {
                let unit = u32::from(weight < 0);
                // The inside is left of the walk.
                let owner = Owner::new(unit, from > number);
                edges.push((key(from, number), vec![(owner, weight)]));
            }
        }
    }
    let residue = Residue::new(&coords, edges);
    let lobe = |contour: &super::residue::Contour| Lobe {
        ring: residue.ring(&contour.stretches),
        is_plus: contour.double_area > 0.0,
    };
    residue.contours.iter().map(lobe).collect()
}
