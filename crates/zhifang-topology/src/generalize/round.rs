//! Lines on the integer grid that touch each other only at common vertices.

use rustc_hash::FxHashSet;

use super::{Chain, EXTENT, GridPoint};

/// Rounds of repair after which crossings count as unresolved; real data needs two or three.
const MOST_ROUNDS: usize = 12;

/// Side of a cell of the search grid, as a power of two of grid steps: segments of simplified
/// lines are some tens of steps long.
const CELL_SHIFT: u32 = 6;

/// A vertex of a line and where it comes from.
#[derive(Debug, Clone, Copy)]
struct Vertex {
    point: GridPoint,
    /// Position in the chain; `INSERTED` for one that rounding put in.
    source: u32,
    /// Whether all of the chain's vertices between this one and the next are in the line.
    is_entire: bool,
}

const INSERTED: u32 = u32::MAX;

/// A line of the grid by its points.
pub(super) type Line = Vec<GridPoint>;

/// The chains at a zoom, noded: no two segments cross, and no vertex lies inside a segment.
/// The second value counts the crossings that are left.
pub(super) fn rounded_lines(chains: &[Chain], zoom: u8) -> (Vec<Line>, usize) {
    let size = f64::from(EXTENT) * f64::from(1_u32 << zoom);
    let grid = |p: [f64; 2]| [(p[0] * size).round() as i32, (p[1] * size).round() as i32];
    let mut lines: Vec<Vec<Vertex>> = chains
        .iter()
        .map(|chain| {
            let kept = chain
                .from_zoom
                .iter()
                .enumerate()
                .filter(|(_, from)| **from <= zoom);
            thinned(kept.map(|(at, _)| Vertex {
                point: grid(chain.world[at]),
                source: at as u32,
                is_entire: false,
            }))
        })
        .collect();
    let mut changed: Option<FxHashSet<u64>> = None;
    for _ in 0..MOST_ROUNDS {
        let conflicts = conflicts(&lines, changed.as_ref());
        if conflicts.is_empty() {
            return (
                lines
                    .iter()
                    .map(|line| line.iter().map(|v| v.point).collect())
                    .collect(),
                0,
            );
        }
        changed = Some(resolve(chains, &mut lines, &conflicts, &grid));
    }
    let left = conflicts(&lines, None).len();
    (
        lines
            .iter()
            .map(|line| line.iter().map(|v| v.point).collect())
            .collect(),
        left,
    )
}

/// Without repeated points and without points in the middle of a straight stretch.
fn thinned(vertices: impl Iterator<Item = Vertex>) -> Vec<Vertex> {
    let mut line: Vec<Vertex> = Vec::new();
    for vertex in vertices {
        if line.last().is_some_and(|last| last.point == vertex.point) {
            continue;
        }
        if let [.., a, b] = line[..]
            && side(a.point, b.point, vertex.point) == 0
            && dot(a.point, b.point, vertex.point) > 0
        {
            line.pop();
        }
        line.push(vertex);
    }
    line
}

/// Twice the area of the triangle, signed.
fn side(a: GridPoint, b: GridPoint, c: GridPoint) -> i64 {
    let [ax, ay] = a.map(i64::from);
    let [bx, by] = b.map(i64::from);
    let [cx, cy] = c.map(i64::from);
    (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
}

/// Product of the two steps a→b and b→c: positive when the way goes on.
fn dot(a: GridPoint, b: GridPoint, c: GridPoint) -> i64 {
    let [ax, ay] = a.map(i64::from);
    let [bx, by] = b.map(i64::from);
    let [cx, cy] = c.map(i64::from);
    (bx - ax) * (cx - bx) + (by - ay) * (cy - by)
}

/// What a segment (line, position of its first vertex) needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Conflict {
    line: u32,
    at: u32,
    /// A vertex of another segment that lies on it, or the grid point where the two cross.
    point: GridPoint,
    is_crossing: bool,
}

/// All conflicts, sorted; with `only`, those in the given cells.
fn conflicts(lines: &[Vec<Vertex>], only: Option<&FxHashSet<u64>>) -> Vec<Conflict> {
    let mut entries: Vec<(u64, u32, u32)> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        for (at, pair) in line.windows(2).enumerate() {
            for_each_cell(pair[0].point, pair[1].point, |cell| {
                if only.is_none_or(|cells| cells.contains(&cell)) {
                    entries.push((cell, number as u32, at as u32));
                }
            });
        }
    }
    entries.sort_unstable();
    let mut found = Vec::new();
    for group in entries.chunk_by(|a, b| a.0 == b.0) {
        for (at, one) in group.iter().enumerate() {
            for other in &group[at + 1..] {
                compare_segments(lines, *one, *other, &mut found);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn compare_segments(
    lines: &[Vec<Vertex>],
    one: (u64, u32, u32),
    other: (u64, u32, u32),
    found: &mut Vec<Conflict>,
) {
    let segment = |(_, line, at): (u64, u32, u32)| {
        let line = &lines[line as usize];
        (line[at as usize].point, line[at as usize + 1].point)
    };
    let ((a, b), (c, d)) = (segment(one), segment(other));
    for axis in 0..2 {
        if a[axis].max(b[axis]) < c[axis].min(d[axis])
            || c[axis].max(d[axis]) < a[axis].min(b[axis])
        {
            return;
        }
    }
    let (to_c, to_d) = (side(a, b, c), side(a, b, d));
    let (to_a, to_b) = (side(c, d, a), side(c, d, b));
    let mut put = |(_, line, at): (u64, u32, u32), point, is_crossing| {
        found.push(Conflict {
            line,
            at,
            point,
            is_crossing,
        });
    };
    if to_c.signum() * to_d.signum() < 0 && to_a.signum() * to_b.signum() < 0 {
        let along = to_a as f64 / (to_a - to_b) as f64;
        let at = |axis: usize| {
            let (from, to) = (f64::from(a[axis]), f64::from(b[axis]));
            (from + (to - from) * along).round() as i32
        };
        let crossing = [at(0), at(1)];
        put(one, crossing, true);
        put(other, crossing, true);
        return;
    }
    for (vertex, offset) in [(c, to_c), (d, to_d)] {
        if offset == 0 && is_strictly_between(a, b, vertex) {
            put(one, vertex, false);
        }
    }
    for (vertex, offset) in [(a, to_a), (b, to_b)] {
        if offset == 0 && is_strictly_between(c, d, vertex) {
            put(other, vertex, false);
        }
    }
}

/// For a point on the segment's straight line: whether it lies inside the segment.
fn is_strictly_between(a: GridPoint, b: GridPoint, p: GridPoint) -> bool {
    p != a
        && p != b
        && (0..2).all(|axis| a[axis].min(b[axis]) <= p[axis] && p[axis] <= a[axis].max(b[axis]))
}

/// Puts vertices back or in; returns the cells that need another look.
fn resolve(
    chains: &[Chain],
    lines: &mut [Vec<Vertex>],
    conflicts: &[Conflict],
    grid: &impl Fn([f64; 2]) -> GridPoint,
) -> FxHashSet<u64> {
    let mut touched = FxHashSet::default();
    let hidden = |lines: &[Vec<Vertex>], conflict: &Conflict| {
        let line = &lines[conflict.line as usize];
        is_hiding(&line[conflict.at as usize], &line[conflict.at as usize + 1])
    };
    // Cut corners come back first; only where all detail is there are lines joined on the grid.
    let any_hidden = conflicts
        .iter()
        .any(|conflict| conflict.is_crossing && hidden(lines, conflict));
    for group in conflicts.chunk_by(|a, b| a.line == b.line).rev() {
        let number = group[0].line as usize;
        let old = std::mem::take(&mut lines[number]);
        let mut fresh: Vec<Vertex> = Vec::with_capacity(old.len() + group.len());
        let mut next = 0;
        for (at, vertex) in old.iter().enumerate() {
            push(&mut fresh, *vertex);
            let first = next;
            while group
                .get(next)
                .is_some_and(|conflict| conflict.at as usize == at)
            {
                next += 1;
            }
            let here = &group[first..next];
            let (false, Some(end)) = (here.is_empty(), old.get(at + 1)) else {
                continue;
            };
            let is_crossed = here.iter().any(|conflict| conflict.is_crossing);
            if any_hidden && is_crossed {
                if is_hiding(vertex, end) {
                    fresh
                        .last_mut()
                        .into_iter()
                        .for_each(|last| last.is_entire = true);
                    for source in vertex.source + 1..end.source {
                        let point = grid(chains[number].world[source as usize]);
                        mark(&mut touched, fresh.last().map_or(point, |v| v.point), point);
                        push(
                            &mut fresh,
                            Vertex {
                                point,
                                source,
                                is_entire: true,
                            },
                        );
                    }
                    mark(
                        &mut touched,
                        fresh.last().map_or(end.point, |v| v.point),
                        end.point,
                    );
                } else {
                    mark(&mut touched, vertex.point, end.point);
                }
                continue;
            }
            let mut points: Vec<GridPoint> = here.iter().map(|conflict| conflict.point).collect();
            points.sort_by_key(|p| {
                let [dx, dy] =
                    [0, 1].map(|axis| i64::from(p[axis]) - i64::from(vertex.point[axis]));
                dx * dx + dy * dy
            });
            points.dedup();
            for point in points {
                mark(&mut touched, fresh.last().map_or(point, |v| v.point), point);
                push(
                    &mut fresh,
                    Vertex {
                        point,
                        source: INSERTED,
                        is_entire: true,
                    },
                );
            }
            mark(
                &mut touched,
                fresh.last().map_or(end.point, |v| v.point),
                end.point,
            );
        }
        lines[number] = fresh;
    }
    touched
}

/// Whether the chain has vertices between the two that are not in the line.
fn is_hiding(vertex: &Vertex, next: &Vertex) -> bool {
    !vertex.is_entire
        && vertex.source != INSERTED
        && next.source != INSERTED
        && next.source > vertex.source + 1
}

fn push(line: &mut Vec<Vertex>, vertex: Vertex) {
    match line.last_mut() {
        // The way onwards is that of the later one.
        Some(last) if last.point == vertex.point => *last = vertex,
        _ => line.push(vertex),
    }
}

fn mark(touched: &mut FxHashSet<u64>, a: GridPoint, b: GridPoint) {
    for_each_cell(a, b, |cell| {
        touched.insert(cell);
    });
}

/// Calls `visit` for every cell that the segment may pass through, each once.
fn for_each_cell(a: GridPoint, b: GridPoint, mut visit: impl FnMut(u64)) {
    let cell = |p: GridPoint| [p[0] >> CELL_SHIFT, p[1] >> CELL_SHIFT];
    let (ca, cb) = (cell(a), cell(b));
    let key = |x: i32, y: i32| u64::from(x as u32) << 32 | u64::from(y as u32);
    let (west, east) = (ca[0].min(cb[0]), ca[0].max(cb[0]));
    let (north, south) = (ca[1].min(cb[1]), ca[1].max(cb[1]));
    if west == east || north == south {
        for x in west..=east {
            for y in north..=south {
                visit(key(x, y));
            }
        }
        return;
    }
    // Row by row: the stretch of the segment within the row, one step wider on either side.
    let slope = f64::from(b[0] - a[0]) / f64::from(b[1] - a[1]);
    for y in north..=south {
        let at = |edge: i32| f64::from(a[0]) + (f64::from(edge) - f64::from(a[1])) * slope;
        let (top, bottom) = (at(y << CELL_SHIFT), at((y + 1) << CELL_SHIFT));
        let from = ((top.min(bottom) - 1.0).floor() as i32 >> CELL_SHIFT).max(west);
        let to = ((top.max(bottom) + 1.0).ceil() as i32 >> CELL_SHIFT).min(east);
        for x in from..=to {
            visit(key(x, y));
        }
    }
}
