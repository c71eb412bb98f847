//! A polygon made ready for many points: edges sorted into horizontal slabs.

use geo::kernels::{Kernel, Orientation, RobustKernel};
use geo::{Coord, Geometry, LineString, Polygon};
use zhifang_core::{Bbox, LonLat};

/// The slab's first edge of another ring than the edge before.
const NEW_RING: u32 = 1 << 31;
/// The slab's first edge of another polygon than the edge before.
const NEW_POLYGON: u32 = 1 << 30;
/// The ring is a shell, not a hole.
const SHELL: u32 = 1 << 29;
/// Number of the edge's first vertex.
const VERTEX: u32 = SHELL - 1;

/// Slabs that one area may have, so that a small coverage does not pay for a large one.
const MAX_SLABS: usize = 4096;

/// A polygon or multipolygon with its edges in horizontal slabs.
///
/// [`covers`](Self::covers) says the same as geo's `intersects` with a point, part by part:
/// robust orientation, winding number not zero, edges belong to it.
#[derive(Debug)]
pub(crate) struct Area {
    bbox: Bbox,
    slabs_per_degree: f64,
    /// Ends of the slabs' shares in `edges`.
    ends: Box<[u32]>,
    edges: Box<[u32]>,
    vertices: Box<[Coord<f64>]>,
}

struct Ring {
    polygon: u32,
    shell: bool,
    first: u32,
    last: u32,
}

impl Area {
    /// The area of a geometry; `None` unless it is a polygon or multipolygon with a vertex.
    pub(crate) fn of(geometry: &Geometry<f64>) -> Option<Self> {
        let polygons: &[Polygon<f64>] = match geometry {
            Geometry::Polygon(polygon) => std::slice::from_ref(polygon),
            Geometry::MultiPolygon(many) => &many.0,
            _ => return None,
        };
        let bbox = Bbox::of_geometry(geometry)?;
        let mut vertices = Vec::with_capacity(zhifang_core::geometry::vertex_count(geometry));
        let mut rings = Vec::new();
        for (number, polygon) in polygons.iter().enumerate() {
            let mut add = |line: &LineString<f64>, shell| {
                let first = vertices.len() as u32;
                vertices.extend_from_slice(&line.0);
                // A ring of one vertex is an edge of no length.
                if let [only] = line.0.as_slice() {
                    vertices.push(*only);
                }
                let last = vertices.len() as u32;
                if last > first {
                    rings.push(Ring {
                        polygon: number as u32,
                        shell,
                        first,
                        last: last - 1,
                    });
                }
            };
            add(polygon.exterior(), true);
            polygon.interiors().iter().for_each(|hole| add(hole, false));
        }
        let count = (vertices.len() / 2).clamp(1, MAX_SLABS);
        let height = bbox.north - bbox.south;
        let slabs_per_degree = if height > 0.0 {
            count as f64 / height
        } else {
            0.0
        };
        let mut area = Self {
            bbox,
            slabs_per_degree,
            ends: vec![0; count].into_boxed_slice(),
            edges: Box::default(),
            vertices: vertices.into_boxed_slice(),
        };
        area.fill(&rings);
        Some(area)
    }

    fn fill(&mut self, rings: &[Ring]) {
        let each = |area: &Self, visit: &mut dyn FnMut(usize, &Ring, u32)| {
            for ring in rings {
                for vertex in ring.first..ring.last {
                    let (a, b) = area.edge(vertex);
                    for slab in area.slab(a.y.min(b.y))..=area.slab(a.y.max(b.y)) {
                        visit(slab, ring, vertex);
                    }
                }
            }
        };
        let mut ends = vec![0_u32; self.ends.len()];
        each(self, &mut |slab, _, _| ends[slab] += 1);
        let mut total = 0;
        let mut next: Vec<u32> = ends
            .iter()
            .map(|count| {
                total += count;
                total - count
            })
            .collect();
        let mut edges = vec![0_u32; total as usize];
        let mut before: Vec<Option<(u32, u32)>> = vec![None; ends.len()];
        each(self, &mut |slab, ring, vertex| {
            let mut entry = vertex & VERTEX;
            if ring.shell {
                entry |= SHELL;
            }
            if before[slab].is_none_or(|(_, first)| first != ring.first) {
                entry |= NEW_RING;
            }
            if before[slab].is_none_or(|(polygon, _)| polygon != ring.polygon) {
                entry |= NEW_POLYGON;
            }
            before[slab] = Some((ring.polygon, ring.first));
            edges[next[slab] as usize] = entry;
            next[slab] += 1;
        });
        self.ends = next.into_boxed_slice();
        self.edges = edges.into_boxed_slice();
    }

    /// The box round it.
    pub(crate) fn bbox(&self) -> Bbox {
        self.bbox
    }

    /// All edges, slab borders aside: each once, in the order of the rings.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (Coord<f64>, Coord<f64>)> {
        // The last vertex of a ring and the first of the next make no edge; an edge stands in
        // the slab of its lower end for certain, and is counted there alone.
        self.slabs().flat_map(move |(slab, entries)| {
            entries.iter().filter_map(move |entry| {
                let (a, b) = self.edge(entry & VERTEX);
                (self.slab(a.y.min(b.y)) == slab).then_some((a, b))
            })
        })
    }

    fn slabs(&self) -> impl Iterator<Item = (usize, &[u32])> {
        (0..self.ends.len()).map(|slab| (slab, self.entries(slab)))
    }

    fn entries(&self, slab: usize) -> &[u32] {
        let start = if slab == 0 { 0 } else { self.ends[slab - 1] };
        &self.edges[start as usize..self.ends[slab] as usize]
    }

    fn edge(&self, vertex: u32) -> (Coord<f64>, Coord<f64>) {
        let at = vertex as usize;
        (self.vertices[at], self.vertices[at + 1])
    }

    /// Slab of a height. Monotone in `y`, so an edge is found from every height that it spans.
    fn slab(&self, y: f64) -> usize {
        let slab = (y - self.bbox.south) * self.slabs_per_degree;
        (slab.max(0.0) as usize).min(self.ends.len() - 1)
    }

    /// Whether the place lies inside or on an edge.
    pub(crate) fn covers(&self, place: LonLat) -> bool {
        let point = Coord::from(place);
        let inside = (self.bbox.west..=self.bbox.east).contains(&point.x)
            && (self.bbox.south..=self.bbox.north).contains(&point.y);
        if !inside {
            return false;
        }
        let mut state = Rings::default();
        for entry in self.entries(self.slab(point.y)) {
            if entry & NEW_RING != 0 {
                state.close_ring();
                if entry & NEW_POLYGON != 0 && state.close_polygon() {
                    return true;
                }
                state.shell = entry & SHELL != 0;
            }
            let (a, b) = self.edge(entry & VERTEX);
            match step(a, b, point) {
                Step::On if state.shell => return true,
                Step::On => state.on_edge = true,
                Step::Turn(turn) => state.winding += turn,
            }
        }
        state.close_ring();
        state.close_polygon()
    }
}

/// What one edge says about a point.
enum Step {
    /// The point is on it.
    On,
    /// What it adds to the winding number.
    Turn(i32),
}

/// The edge's part in the winding number of the ray to the east, as geo counts it.
fn step(a: Coord<f64>, b: Coord<f64>, p: Coord<f64>) -> Step {
    let (low, high) = if a.y <= b.y { (a.y, b.y) } else { (b.y, a.y) };
    if p.y < low || p.y > high {
        return Step::Turn(0);
    }
    if p.x > a.x && p.x > b.x {
        return Step::Turn(0);
    }
    let crosses = p.y < high && low < high;
    let turn = if !crosses {
        0
    } else if a.y < b.y {
        1
    } else {
        -1
    };
    if p.x < a.x && p.x < b.x {
        return Step::Turn(turn);
    }
    match (RobustKernel::orient2d(a, b, p), a.y <= b.y) {
        (Orientation::Collinear, _) => Step::On,
        (Orientation::CounterClockwise, true) | (Orientation::Clockwise, false) => Step::Turn(turn),
        _ => Step::Turn(0),
    }
}

/// The walk through a slab's rings, polygon by polygon.
#[derive(Default)]
struct Rings {
    shell: bool,
    winding: i32,
    on_edge: bool,
    in_shell: bool,
    /// A hole has spoken: `Some(true)` where the point is on its edge.
    hole: Option<bool>,
}

impl Rings {
    fn close_ring(&mut self) {
        if self.shell {
            self.in_shell = self.winding != 0;
        } else if self.hole.is_none() && (self.on_edge || self.winding != 0) {
            self.hole = Some(self.on_edge);
        }
        self.winding = 0;
        self.on_edge = false;
    }

    fn close_polygon(&mut self) -> bool {
        let covered = self.in_shell && self.hole.unwrap_or(true);
        self.in_shell = false;
        self.hole = None;
        covered
    }
}
