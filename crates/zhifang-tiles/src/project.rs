//! From positions to tile coordinates.

use geo::{Coord, LineString, MultiPolygon, Polygon};
use zhifang_core::{Bbox, LonLat, TileId, tile};

use crate::clip::{BUFFER, TilePoint, clip_line, is_kept, parts};
use crate::mvt::EXTENT;

/// The tile and its buffer in degrees.
pub(crate) fn tile_bbox(tile: TileId) -> Bbox {
    padded_bbox(tile, BUFFER)
}

/// The tile with so many steps more on every side, in degrees.
pub(crate) fn padded_bbox(tile: TileId, steps: i32) -> Bbox {
    let size = f64::from(EXTENT) * f64::from(1_u32 << tile.z());
    let at = |number: u32, offset: i32| {
        (f64::from(number) * f64::from(EXTENT) + f64::from(offset)) / size
    };
    let extent = EXTENT.cast_signed();
    let north_west = tile::unworld(at(tile.x(), -steps), at(tile.y(), -steps));
    let south_east = tile::unworld(at(tile.x(), extent + steps), at(tile.y(), extent + steps));
    Bbox {
        west: north_west.lon.max(-180.0),
        south: south_east.lat,
        east: south_east.lon.min(180.0),
        north: north_west.lat,
    }
}

/// Position on the grid of the tile's zoom.
pub(crate) fn grid_point(zoom: u8, place: LonLat) -> [i64; 2] {
    let size = f64::from(EXTENT) * f64::from(1_u32 << zoom);
    let (x, y) = tile::world(place);
    [(x * size).round() as i64, (y * size).round() as i64]
}

/// Position in tile coordinates, whether inside or not.
pub(crate) fn unclipped(tile: TileId, coord: Coord<f64>) -> TilePoint {
    let origin = [tile.x(), tile.y()].map(|number| i64::from(number) * i64::from(EXTENT));
    let grid = grid_point(tile.z(), LonLat::from(coord));
    [0, 1].map(|axis| (grid[axis] - origin[axis]) as i32)
}

/// Position in tile coordinates where it lies in the tile or its buffer.
pub(crate) fn tile_point(tile: TileId, place: LonLat) -> Option<TilePoint> {
    let point = unclipped(tile, place.into());
    is_kept(point).then_some(point)
}

/// The pieces of a line in the tile.
pub(crate) fn tile_lines(tile: TileId, line: &LineString<f64>) -> Vec<Vec<TilePoint>> {
    let mut points: Vec<TilePoint> = line.0.iter().map(|c| unclipped(tile, *c)).collect();
    points.dedup();
    clip_line(&points)
}

/// The parts of polygons in the tile.
pub(crate) fn tile_polygons(
    tile: TileId,
    polygons: &MultiPolygon<f64>,
) -> Vec<Vec<Vec<TilePoint>>> {
    polygons
        .iter()
        .flat_map(|polygon| parts(rings(tile, polygon)))
        .collect()
}

fn rings(tile: TileId, polygon: &Polygon<f64>) -> Vec<Vec<TilePoint>> {
    let ring = |line: &LineString<f64>, is_hole: bool| {
        let mut points: Vec<TilePoint> = line.0.iter().map(|c| unclipped(tile, *c)).collect();
        points.dedup();
        if points.len() > 1 && points.first() == points.last() {
            points.pop();
        }
        if (turning(&points) > 0) == is_hole {
            points.reverse();
        }
        points
    };
    std::iter::once(ring(polygon.exterior(), false))
        .chain(polygon.interiors().iter().map(|hole| ring(hole, true)))
        .collect()
}

/// Sign of the area: positive counterclockwise with north up.
fn turning(ring: &[TilePoint]) -> i128 {
    (0..ring.len())
        .map(|at| {
            let (a, b) = (
                ring[at].map(i128::from),
                ring[(at + 1) % ring.len()].map(i128::from),
            );
            b[0] * a[1] - a[0] * b[1]
        })
        .sum::<i128>()
        .signum()
}
