//! The road net (路网): roads of the register as a graph, with the places asked about hung in.
//!
//! Built anew for each question from the roads in its box, so that an edited road counts in the
//! next answer. Places are put on the nearest road as nodes of their own.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use geo::Geometry;
use rustc_hash::FxHashMap;
use zhifang_core::{Bbox, Collection, Day, LonLat};
use zhifang_index::View;

use crate::facility::stands;
use crate::travel::{Mode, Way, geodesic_m};

/// Farthest that a place may lie from a road and still be on the net, metres: a quarter of an
/// hour's walk. Beyond it a figure would be an invention.
pub(crate) const SNAP_CAP_M: f64 = 1_000.0;

/// Coordinates that agree to this many parts of a degree are one junction (about a centimetre).
const JUNCTION_PARTS: f64 = 1e7;

const NONE: u32 = u32::MAX;

/// A plane in which short lengths are true: metres east and north of an origin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plane {
    origin: LonLat,
    east_m: f64,
    north_m: f64,
}

impl Plane {
    /// The plane that touches at the place; scales are those of the CGCS2000 ellipsoid there.
    pub(crate) fn at(origin: LonLat) -> Self {
        const SEMI_MAJOR_M: f64 = 6_378_137.0;
        const E2: f64 = 0.006_694_380_022_90;
        let latitude = origin.lat.to_radians();
        let squeeze = 1.0 - E2 * latitude.sin().powi(2);
        let normal = SEMI_MAJOR_M / squeeze.sqrt();
        let meridian = normal * (1.0 - E2) / squeeze;
        Self {
            origin,
            east_m: (normal * latitude.cos()).to_radians(),
            north_m: meridian.to_radians(),
        }
    }

    /// Metres east and north.
    pub(crate) fn flat(&self, place: LonLat) -> [f64; 2] {
        [
            (place.lon - self.origin.lon) * self.east_m,
            (place.lat - self.origin.lat) * self.north_m,
        ]
    }

    /// The place of metres east and north.
    pub(crate) fn round(&self, [x, y]: [f64; 2]) -> LonLat {
        LonLat::new(
            self.origin.lon + x / self.east_m,
            self.origin.lat + y / self.north_m,
        )
    }
}

/// A stretch of road between two vertices.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: u32,
    to: u32,
    metres: f64,
    mps: f64,
    oneway: bool,
}

/// One directed piece of the graph.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edge {
    pub(crate) to: u32,
    pub(crate) metres: f64,
    pub(crate) seconds: f64,
}

/// How a place hangs on the net.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hook {
    pub(crate) node: u32,
    /// Metres between the place and the road.
    pub(crate) off_m: f64,
}

#[derive(Debug, Default)]
struct Adjacency {
    starts: Vec<u32>,
    edges: Vec<Edge>,
}

impl Adjacency {
    fn build(nodes: usize, pieces: &[(u32, Edge)]) -> Self {
        let mut starts = vec![0_u32; nodes + 1];
        for (from, _) in pieces {
            starts[*from as usize + 1] += 1;
        }
        for at in 0..nodes {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut edges = vec![
            Edge {
                to: 0,
                metres: 0.0,
                seconds: 0.0
            };
            pieces.len()
        ];
        for (from, edge) in pieces {
            let slot = &mut next[*from as usize];
            edges[*slot as usize] = *edge;
            *slot += 1;
        }
        Self { starts, edges }
    }

    fn of(&self, node: u32) -> &[Edge] {
        let at = node as usize;
        &self.edges[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

/// What the quickest way to a node costs, and from which source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cost {
    pub(crate) seconds: f64,
    pub(crate) metres: f64,
    pub(crate) source: u32,
}

const FAR: Cost = Cost {
    seconds: f64::INFINITY,
    metres: f64::INFINITY,
    source: NONE,
};

/// Roads as a graph with places on it.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) mode: Mode,
    pub(crate) plane: Plane,
    pub(crate) nodes: Vec<LonLat>,
    pub(crate) hooks: Vec<Option<Hook>>,
    out: Adjacency,
    back: Adjacency,
}

impl Network {
    /// The net of the roads in the box that the mode may use; `None` where there are none.
    pub(crate) fn build(
        view: &View<'_>,
        bbox: Bbox,
        places: &[LonLat],
        mode: Mode,
        day: Day,
    ) -> Option<Self> {
        let middle = LonLat::new(
            f64::midpoint(bbox.west, bbox.east),
            f64::midpoint(bbox.south, bbox.north),
        );
        let plane = Plane::at(middle);
        let (mut nodes, stretches) = read_roads(view, bbox, mode, day);
        if stretches.is_empty() {
            return None;
        }
        let flat: Vec<[f64; 2]> = nodes.iter().map(|place| plane.flat(*place)).collect();
        let grid = Grid::build(&flat, &stretches);
        let mut splits: FxHashMap<u32, Vec<(f64, u32)>> = FxHashMap::default();
        let mut hooks = Vec::with_capacity(places.len());
        for (number, place) in places.iter().enumerate() {
            let nearest = grid.nearest(plane.flat(*place), &flat, &stretches);
            hooks.push(nearest.map(|(stretch, share, off_m)| {
                splits
                    .entry(stretch)
                    .or_default()
                    .push((share, number as u32));
                Hook { node: NONE, off_m }
            }));
        }
        let mut pieces = Vec::with_capacity(stretches.len() * 2);
        for (number, stretch) in stretches.iter().enumerate() {
            let mut cuts = splits.remove(&(number as u32)).unwrap_or_default();
            cuts.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let (mut last, mut at) = (stretch.from, 0.0);
            for (share, place) in cuts {
                let node = nodes.len() as u32;
                nodes.push(between(
                    nodes[stretch.from as usize],
                    nodes[stretch.to as usize],
                    share,
                ));
                link(&mut pieces, stretch, last, node, share - at);
                if let Some(Some(hook)) = hooks.get_mut(place as usize) {
                    hook.node = node;
                }
                (last, at) = (node, share);
            }
            link(&mut pieces, stretch, last, stretch.to, 1.0 - at);
        }
        let turned: Vec<(u32, Edge)> = pieces
            .iter()
            .map(|(from, edge)| (edge.to, Edge { to: *from, ..*edge }))
            .collect();
        Some(Self {
            mode,
            plane,
            out: Adjacency::build(nodes.len(), &pieces),
            back: Adjacency::build(nodes.len(), &turned),
            nodes,
            hooks,
        })
    }

    /// Pieces of road that leave the node.
    pub(crate) fn edges_from(&self, node: u32) -> &[Edge] {
        self.out.of(node)
    }

    /// Walk between a place and its road.
    pub(crate) fn off_seconds(&self, metres: f64) -> f64 {
        metres / self.mode.off_road_mps()
    }

    /// Costs of all nodes from the nearest of these places; `reversed`: to it.
    pub(crate) fn costs(&self, sources: &[usize], reversed: bool) -> Vec<Cost> {
        let graph = if reversed { &self.back } else { &self.out };
        let mut costs = vec![FAR; self.nodes.len()];
        let mut queue = BinaryHeap::new();
        for source in sources {
            let Some(Some(hook)) = self.hooks.get(*source) else {
                continue;
            };
            let cost = Cost {
                seconds: self.off_seconds(hook.off_m),
                metres: hook.off_m,
                source: *source as u32,
            };
            let slot = &mut costs[hook.node as usize];
            if is_better(cost, *slot) {
                *slot = cost;
                queue.push(Reverse((cost.seconds.to_bits(), cost.source, hook.node)));
            }
        }
        while let Some(Reverse((bits, source, node))) = queue.pop() {
            let here = costs[node as usize];
            if here.seconds.to_bits() != bits || here.source != source {
                continue;
            }
            for edge in graph.of(node) {
                let cost = Cost {
                    seconds: here.seconds + edge.seconds,
                    metres: here.metres + edge.metres,
                    source,
                };
                let slot = &mut costs[edge.to as usize];
                if is_better(cost, *slot) {
                    *slot = cost;
                    queue.push(Reverse((cost.seconds.to_bits(), source, edge.to)));
                }
            }
        }
        costs
    }

    /// The way to a place whose node costs this.
    pub(crate) fn arrive(&self, cost: Cost, place: usize) -> Option<Way> {
        let hook = self.hooks.get(place).copied().flatten()?;
        (cost.source != NONE).then(|| Way {
            metres: cost.metres + hook.off_m,
            minutes: (cost.seconds + self.off_seconds(hook.off_m)) / 60.0,
        })
    }
}

/// Quicker; of two equally quick the one from the source named first.
fn is_better(new: Cost, old: Cost) -> bool {
    new.seconds < old.seconds || (new.seconds == old.seconds && new.source < old.source)
}

fn link(pieces: &mut Vec<(u32, Edge)>, stretch: &Stretch, from: u32, to: u32, share: f64) {
    let metres = stretch.metres * share.max(0.0);
    let seconds = metres / stretch.mps;
    pieces.push((
        from,
        Edge {
            to,
            metres,
            seconds,
        },
    ));
    if !stretch.oneway {
        pieces.push((
            to,
            Edge {
                to: from,
                metres,
                seconds,
            },
        ));
    }
}

fn between(a: LonLat, b: LonLat, share: f64) -> LonLat {
    LonLat::new(
        a.lon + (b.lon - a.lon) * share,
        a.lat + (b.lat - a.lat) * share,
    )
}

fn read_roads(view: &View<'_>, bbox: Bbox, mode: Mode, day: Day) -> (Vec<LonLat>, Vec<Stretch>) {
    let mut nodes: Vec<LonLat> = Vec::new();
    let mut known: FxHashMap<(i64, i64), u32> = FxHashMap::default();
    let mut stretches = Vec::new();
    for road in view.candidates_in(Collection::Roads, bbox) {
        let Some(mps) = mode.road_mps(road) else {
            continue;
        };
        if !stands(road, day) {
            continue;
        }
        let oneway = mode.heeds_oneway() && road.fields.flag("oneway") == Some(true);
        let lines = match road.geometry.as_deref() {
            Some(Geometry::LineString(line)) => std::slice::from_ref(line),
            Some(Geometry::MultiLineString(lines)) => &lines.0,
            _ => continue,
        };
        for line in lines {
            let mut last: Option<u32> = None;
            for coord in &line.0 {
                let place = LonLat::from(*coord);
                let key = (
                    (place.lon * JUNCTION_PARTS).round() as i64,
                    (place.lat * JUNCTION_PARTS).round() as i64,
                );
                let node = *known.entry(key).or_insert_with(|| {
                    nodes.push(place);
                    nodes.len() as u32 - 1
                });
                if let Some(from) = last.filter(|from| *from != node) {
                    let metres = geodesic_m(nodes[from as usize], place);
                    stretches.push(Stretch {
                        from,
                        to: node,
                        metres,
                        mps,
                        oneway,
                    });
                }
                last = Some(node);
            }
        }
    }
    (nodes, stretches)
}

/// Stretches by squares of a plane, for the nearest one.
struct Grid {
    cells: FxHashMap<(i32, i32), Vec<u32>>,
}

impl Grid {
    /// Side of a square, metres: with the cap twice this, five by five squares hold the answer.
    const SIDE_M: f64 = SNAP_CAP_M / 2.0;

    fn cell([x, y]: [f64; 2]) -> (i32, i32) {
        (
            (x / Self::SIDE_M).floor() as i32,
            (y / Self::SIDE_M).floor() as i32,
        )
    }

    fn build(flat: &[[f64; 2]], stretches: &[Stretch]) -> Self {
        let mut cells: FxHashMap<(i32, i32), Vec<u32>> = FxHashMap::default();
        for (number, stretch) in stretches.iter().enumerate() {
            let (a, b) = (flat[stretch.from as usize], flat[stretch.to as usize]);
            // In steps of a square: a long slanting stretch fills a band, not its whole box.
            let steps = ((b[0] - a[0]).hypot(b[1] - a[1]) / Self::SIDE_M)
                .ceil()
                .max(1.0);
            let mut step = 0.0;
            while step < steps {
                let part =
                    |share: f64| [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
                let (p, q) = (
                    Self::cell(part(step / steps)),
                    Self::cell(part((step + 1.0) / steps)),
                );
                for x in p.0.min(q.0)..=p.0.max(q.0) {
                    for y in p.1.min(q.1)..=p.1.max(q.1) {
                        let list = cells.entry((x, y)).or_default();
                        if list.last() != Some(&(number as u32)) {
                            list.push(number as u32);
                        }
                    }
                }
                step += 1.0;
            }
        }
        Self { cells }
    }

    /// The nearest stretch within the cap, where on it, and how far; of equals the first read.
    fn nearest(
        &self,
        place: [f64; 2],
        flat: &[[f64; 2]],
        stretches: &[Stretch],
    ) -> Option<(u32, f64, f64)> {
        let (x, y) = Self::cell(place);
        let mut best: Option<(f64, u32, f64)> = None;
        for dx in -2..=2 {
            for dy in -2..=2 {
                for number in self.cells.get(&(x + dx, y + dy)).into_iter().flatten() {
                    let stretch = &stretches[*number as usize];
                    let (share, metres) = foot(
                        flat[stretch.from as usize],
                        flat[stretch.to as usize],
                        place,
                    );
                    let is_nearer = best.is_none_or(|(least, first, _)| {
                        metres < least || (metres == least && *number < first)
                    });
                    if metres <= SNAP_CAP_M && is_nearer {
                        best = Some((metres, *number, share));
                    }
                }
            }
        }
        best.map(|(metres, number, share)| (number, share, metres))
    }
}

/// Where the nearest point of a stretch lies, as a share of it, and how far it is.
pub(crate) fn foot(a: [f64; 2], b: [f64; 2], p: [f64; 2]) -> (f64, f64) {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length_2 = dx * dx + dy * dy;
    let share = if length_2 > 0.0 {
        (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length_2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (
        share,
        (a[0] + dx * share - p[0]).hypot(a[1] + dy * share - p[1]),
    )
}
