//! Units from lines: the exact derivation of polygons.

use std::collections::BTreeMap;

use geo::{Coord, LineString, MultiPolygon, Polygon};

use crate::coverage::compare;
use crate::error::Error;
use crate::trace::{Directed, group_rings, trace};

/// A line with the unit on either side.
#[derive(Debug, Clone, Copy)]
pub struct BoundaryLine<'a> {
    /// Vertices, EPSG:4490.
    pub coords: &'a LineString<f64>,
    /// Unit left of the line's direction; `None` where no unit is.
    pub left: Option<u64>,
    /// Unit right of it.
    pub right: Option<u64>,
}

/// Polygons of every unit that the lines name, by unit: holes, several parts, enclaves, exclaves
/// and islands. Vertices are those of the lines, bit for bit; exteriors run counterclockwise
/// (RFC 7946 §3.1.6), each ring starts at its lowest vertex, parts stand in the order of those.
///
/// ```
/// use geo::{LineString, wkt};
/// use zhifang_topology::{BoundaryLine, polygonize};
/// let shore: LineString = wkt!(LINESTRING(1. 1., 0. 1., 0. 0., 1. 0.));
/// let line: LineString = wkt!(LINESTRING(1. 0., 1. 1.));
/// let units = polygonize([
///     BoundaryLine { coords: &shore, left: Some(1), right: None },
///     BoundaryLine { coords: &line, left: Some(1), right: None },
/// ])?;
/// assert_eq!(units[&1].0.len(), 1);
/// # Ok::<(), zhifang_topology::Error>(())
/// ```
///
/// # Errors
/// [`Error::BadLine`], [`Error::SameSides`], [`Error::Dangling`] when the lines of a unit do not
/// close, [`Error::HoleOutside`] when a ring has its unit on the wrong side.
pub fn polygonize<'a>(
    lines: impl IntoIterator<Item = BoundaryLine<'a>>,
) -> Result<BTreeMap<u64, MultiPolygon<f64>>, Error> {
    let (units, faults) = polygonize_lenient(lines);
    match faults.into_iter().next() {
        Some(fault) => Err(fault),
        None => Ok(units),
    }
}

/// As [`polygonize`], but units whose lines are at fault are left out and all faults returned, in
/// ascending order of line and unit.
pub fn polygonize_lenient<'a>(
    lines: impl IntoIterator<Item = BoundaryLine<'a>>,
) -> (BTreeMap<u64, MultiPolygon<f64>>, Vec<Error>) {
    let mut faults = Vec::new();
    let mut walks: BTreeMap<u64, Vec<Walk<'a>>> = BTreeMap::new();
    for (number, line) in lines.into_iter().enumerate() {
        let coords = line.coords.0.as_slice();
        let is_finite = coords.iter().all(|c| c.x.is_finite() && c.y.is_finite());
        let is_moving = coords.windows(2).any(|pair| pair[0] != pair[1]);
        if !is_finite || !is_moving {
            faults.push(Error::BadLine { line: number });
        } else if line.left == line.right {
            faults.push(Error::SameSides {
                line: number,
                unit: line.left,
            });
        } else {
            if let Some(unit) = line.left {
                walks.entry(unit).or_default().push((coords, false));
            }
            if let Some(unit) = line.right {
                walks.entry(unit).or_default().push((coords, true));
            }
        }
    }
    let mut units = BTreeMap::new();
    for (unit, walks) in &walks {
        match unit_polygon(*unit, walks) {
            Ok(polygon) => {
                units.insert(*unit, polygon);
            }
            Err(fault) => faults.push(fault),
        }
    }
    (units, faults)
}

/// A line's vertices and whether the unit needs them backwards.
type Walk<'a> = (&'a [Coord<f64>], bool);

fn unit_polygon(unit: u64, walks: &[Walk<'_>]) -> Result<MultiPolygon<f64>, Error> {
    let walked = |&(coords, is_reversed): &Walk<'_>| {
        let mut coords = coords.to_vec();
        if is_reversed {
            coords.reverse();
        }
        coords.dedup();
        coords
    };
    let walks: Vec<Vec<Coord<f64>>> = walks.iter().map(walked).collect();
    let mut nodes: Vec<Coord<f64>> = walks
        .iter()
        .filter_map(|walk| Some([*walk.first()?, *walk.last()?]))
        .flatten()
        .collect();
    nodes.sort_by(compare);
    nodes.dedup();
    let number = |coord: &Coord<f64>| {
        nodes
            .partition_point(|node| compare(node, coord).is_lt())
            .min(nodes.len() - 1) as u32
    };
    let items: Vec<Directed> = walks
        .iter()
        .map(|walk| {
            let n = walk.len();
            let step = |a: Coord<f64>, b: Coord<f64>| [b.x - a.x, b.y - a.y];
            Directed {
                from: number(&walk[0]),
                to: number(&walk[n - 1]),
                leave: step(walk[0], walk[1]),
                arrive: step(walk[n - 2], walk[n - 1]),
            }
        })
        .collect();
    let traced = trace(&items).map_err(|node| Error::Dangling {
        unit,
        at: nodes[node as usize],
    })?;
    let mut rings: Vec<Vec<Coord<f64>>> = traced
        .iter()
        .map(|ring| {
            let mut coords: Vec<Coord<f64>> = Vec::new();
            for &walk in ring {
                let walk = &walks[walk as usize];
                coords.extend_from_slice(&walk[..walk.len() - 1]);
            }
            let lowest = (0..coords.len())
                .min_by(|&a, &b| compare(&coords[a], &coords[b]))
                .unwrap_or_default();
            coords.rotate_left(lowest);
            coords
        })
        .collect();
    rings.sort_by(|a, b| compare(&a[0], &b[0]).then(a.len().cmp(&b.len())));
    let plain: Vec<Vec<[f64; 2]>> = rings
        .iter()
        .map(|ring| ring.iter().map(|c| [c.x, c.y]).collect())
        .collect();
    let (parts, homeless) = group_rings(&plain);
    if let Some(&ring) = homeless.first() {
        return Err(Error::HoleOutside {
            unit,
            at: rings[ring][0],
        });
    }
    let close = |ring: usize| {
        let mut coords = rings[ring].clone();
        coords.push(coords[0]);
        LineString(coords)
    };
    Ok(MultiPolygon(
        parts
            .iter()
            .map(|part| {
                Polygon::new(
                    close(part[0]),
                    part[1..].iter().map(|&ring| close(ring)).collect(),
                )
            })
            .collect(),
    ))
}
