//! Lines for small scales, simplified once for all units that use them.

mod assemble;
mod parts;
mod round;
mod small;
mod visvalingam;

use zhifang_core::{LonLat, tile};

use crate::chain::Owner;
use crate::coverage::{ArcUse, Coverage, Layers, UnitIndex};

pub use parts::grid_parts;

/// Grid steps along the side of a tile (MVT 2.1 §4.1, the usual extent).
pub const EXTENT: u32 = 4096;

/// Highest zoom at which lines are simplified; from the next one on the source is kept entire.
pub const LAST_GENERALIZED_ZOOM: u8 = 8;

/// Zoom on whose grid the source is kept entire: steps of 15 cm at the equator, less in the
/// nation; lower zooms from nine on are taken from it by halving.
pub const DETAIL_ZOOM: u8 = 16;

/// Corners cut off below this many grid steps squared: half a CSS pixel of a 512 px tile is four
/// steps, and Visvalingam's effective area is compared with its square.
const TOLERANCE_STEPS: f64 = 4.0;

/// Lines of some layers, ready to be drawn at any zoom up to [`LAST_GENERALIZED_ZOOM`].
///
/// Each vertex knows the zoom from which it is drawn, found once per line by Visvalingam's
/// effective area (Visvalingam & Whyatt 1993) in Web Mercator; ends of lines always stay.
#[derive(Debug, Clone, Default)]
pub struct Generalization {
    layers: Vec<Layers>,
    chains: Vec<Chain>,
}

/// A line of the chosen layers: positions in the unit square of Web Mercator, the zoom from which
/// each vertex is drawn, and the units beside it.
#[derive(Debug, Clone)]
struct Chain {
    world: Vec<[f64; 2]>,
    from_zoom: Vec<u8>,
    owners: Vec<Owner>,
}

impl Generalization {
    /// Prepares the lines of the layers; nodes that only other layers have do not count.
    pub fn new(coverage: &Coverage, layers: Layers) -> Self {
        let units = coverage.units();
        let chains = coverage
            .chains_of(layers, <[Owner]>::to_vec)
            .into_iter()
            .map(|(owners, coords)| {
                let world: Vec<[f64; 2]> = coords
                    .0
                    .iter()
                    .map(|c| {
                        let (x, y) = tile::world(LonLat::from(*c));
                        [x, y]
                    })
                    .collect();
                let from_zoom = visvalingam::zooms(&world);
                Chain {
                    world,
                    from_zoom,
                    owners,
                }
            })
            .collect();
        Self {
            layers: units.iter().map(|unit| unit.layers).collect(),
            chains,
        }
    }

    /// The units at a zoom.
    ///
    /// Lines do not cross themselves or each other: where a cut corner would make them, vertices
    /// come back, and what rounding makes cross is joined at a grid point. A ring smaller than a
    /// CSS pixel of a 512 px tile gives its ground to the neighbour with the longest common line
    /// in each layer; without a neighbour it is left out.
    pub fn zoom(&self, zoom: u8) -> ZoomCoverage {
        let (lines, unresolved) = round::rounded_lines(&self.chains, zoom);
        assemble::assemble(&self.layers, &self.chains, &lines, zoom, unresolved)
    }
}

/// Positions on the integer grid of a zoom: 4096 · 2^zoom steps, x to the east, y to the south.
pub type GridPoint = [i32; 2];

/// A line between two nodes on the grid of a zoom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoomLine {
    start: u32,
    end: u32,
    low: GridPoint,
    high: GridPoint,
    owners: Vec<Owner>,
}

impl ZoomLine {
    /// Smallest x and y.
    pub const fn low(&self) -> GridPoint {
        self.low
    }

    /// Largest x and y.
    pub const fn high(&self) -> GridPoint {
        self.high
    }

    /// Units on the left (looking along the line, north up), all layers.
    pub fn left_units(&self) -> impl Iterator<Item = UnitIndex> + '_ {
        self.side(false)
    }

    /// Units on the right, all layers.
    pub fn right_units(&self) -> impl Iterator<Item = UnitIndex> + '_ {
        self.side(true)
    }

    fn side(&self, is_right: bool) -> impl Iterator<Item = UnitIndex> + '_ {
        self.owners
            .iter()
            .filter(move |owner| owner.is_right() == is_right)
            .map(|owner| UnitIndex(owner.unit()))
    }
}

/// A unit on the grid of a zoom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoomUnit {
    /// Position in [`Coverage::units`].
    pub unit: UnitIndex,
    /// Parts, each a list of rings: exterior first, then holes; the unit lies on the left of
    /// every ring (north up).
    pub parts: Vec<Vec<Vec<ArcUse>>>,
}

/// All units of some layers on the integer grid of one zoom.
///
/// Rings are made of lines, so that two neighbours have the same integer vertices along the whole
/// of their common line, whatever tile they are cut for later.
#[derive(Debug, Clone, Default)]
pub struct ZoomCoverage {
    zoom: u8,
    points: Vec<GridPoint>,
    lines: Vec<ZoomLine>,
    units: Vec<ZoomUnit>,
    unresolved: usize,
}

impl ZoomCoverage {
    /// The zoom whose grid the points are on.
    pub const fn zoom(&self) -> u8 {
        self.zoom
    }

    /// All lines; each stretch once.
    pub fn lines(&self) -> &[ZoomLine] {
        &self.lines
    }

    /// Vertices of a line.
    pub fn points(&self, line: &ZoomLine) -> &[GridPoint] {
        &self.points[line.start as usize..line.end as usize]
    }

    /// Units that have ground at this zoom, ascending; those too small for it are absent.
    pub fn units(&self) -> &[ZoomUnit] {
        &self.units
    }

    /// Number of vertices of all lines.
    pub fn vertex_count(&self) -> usize {
        self.points.len()
    }

    /// Crossings that are left between lines, and units whose rings do not close: 0 unless the
    /// polygons as given cross each other.
    pub const fn unresolved(&self) -> usize {
        self.unresolved
    }

    /// The whole detail of the source for the layers, on the grid of [`DETAIL_ZOOM`].
    ///
    /// Nothing is simplified or repaired: rings are those of the source, rounded.
    pub fn detail(coverage: &Coverage, layers: Layers) -> Self {
        let mut zoomed = Self {
            zoom: DETAIL_ZOOM,
            ..Self::default()
        };
        let size = f64::from(EXTENT) * f64::from(1_u32 << DETAIL_ZOOM);
        for arc in coverage.arcs() {
            let points = arc.coords.iter().map(|c| {
                let (x, y) = tile::world(LonLat::from(*c));
                [(x * size).round() as i32, (y * size).round() as i32]
            });
            let start = zoomed.points.len();
            zoomed.points.extend(points);
            let owners = arc.owners().iter().copied().filter(|owner| {
                coverage.units()[owner.unit() as usize]
                    .layers
                    .intersects(layers)
            });
            let owners = owners.collect();
            zoomed.push_line(start, owners);
        }
        for (at, unit) in coverage.units().iter().enumerate() {
            if unit.layers.intersects(layers) {
                let mut parts = unit.parts.clone();
                for part in &mut parts {
                    for (at, ring) in part.iter_mut().enumerate() {
                        let coords = coverage.ring_coords(ring);
                        let area = crate::trace::double_area(coords.iter().map(|c| [c.x, c.y]));
                        // The first ring is the exterior, whichever way the source turns it.
                        if (area > 0.0) != (at == 0) {
                            ring.reverse();
                            for step in ring.iter_mut() {
                                step.is_reversed = !step.is_reversed;
                            }
                        }
                    }
                }
                parts.retain(|part| !part.is_empty());
                zoomed.units.push(ZoomUnit {
                    unit: UnitIndex(at as u32),
                    parts,
                });
            }
        }
        zoomed
    }

    fn push_line(&mut self, start: usize, owners: Vec<Owner>) {
        let points = &self.points[start..];
        let low = points
            .iter()
            .fold([i32::MAX; 2], |a, p| [a[0].min(p[0]), a[1].min(p[1])]);
        let high = points
            .iter()
            .fold([i32::MIN; 2], |a, p| [a[0].max(p[0]), a[1].max(p[1])]);
        let (start, end) = (start as u32, self.points.len() as u32);
        self.lines.push(ZoomLine {
            start,
            end,
            low,
            high,
            owners,
        });
    }
}
