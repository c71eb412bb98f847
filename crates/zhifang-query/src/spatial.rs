//! The relations of geometries: DE-9IM by geo, boxes first.

use std::panic::{AssertUnwindSafe, catch_unwind};

use geo::{Geometry, Intersects, Relate};
use zhifang_core::Bbox;

use crate::node::Spatial;

/// Whether the relation holds; `None` where a stored geometry is too broken to tell.
pub(crate) fn holds(relation: Spatial, one: &Geometry, two: &Geometry) -> Option<bool> {
    let (one_box, two_box) = (Bbox::of_geometry(one)?, Bbox::of_geometry(two)?);
    if !one_box.intersects(&two_box) {
        return Some(relation == Spatial::Disjoint);
    }
    match relation {
        Spatial::Intersects => Some(one.intersects(two)),
        Spatial::Disjoint => Some(!one.intersects(two)),
        _ => {
            // geo's relate asserts that rings are sound; a register may hold rings that are not
            // (they are accepted with a warning), and those must not end a request.
            let matrix = catch_unwind(AssertUnwindSafe(|| one.relate(two))).ok()?;
            Some(match relation {
                Spatial::Contains => matrix.is_contains(),
                Spatial::Within => matrix.is_within(),
                Spatial::Crosses => matrix.is_crosses(),
                Spatial::Equals => matrix.is_equal_topo(),
                Spatial::Overlaps => matrix.is_overlaps(),
                Spatial::Touches => matrix.is_touches(),
                Spatial::Intersects => matrix.is_intersects(),
                Spatial::Disjoint => matrix.is_disjoint(),
            })
        }
    }
}
