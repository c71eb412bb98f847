//! Thirteen townships that divide the county exactly: regions grow over the mesh from their seats,
//! the lines between them are smoothed, each line is kept once and used by both sides.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use geo::{Contains, Coord, LineString, Point, Polygon};

use crate::error::Error;
use crate::mesh::Mesh;
use crate::plane::{distance_m, outline_distance_m, rounded};
use crate::random::Random;
use crate::source::Base;

/// A township-level unit and what the program makes of it.
#[derive(Debug, Clone)]
pub(crate) struct Township {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) seat: Coord,
    /// Whether the seat is GeoNames' and not made.
    pub(crate) is_seat_real: bool,
    pub(crate) outline: Polygon,
}

/// One stretch of line between two townships, in digitising order.
#[derive(Debug, Clone)]
pub(crate) struct TownshipLine {
    pub(crate) left: usize,
    pub(crate) right: usize,
    pub(crate) line: LineString,
}

/// Where and how far a region grows: code's last three digits, the name of the seat in GeoNames or
/// a made place, the pace (metres of ground per unit of time), the largest area in km².
const SEEDS: [(&str, Option<&str>, Coord, f64, f64); 13] = [
    (
        "001",
        None,
        Coord {
            x: 111.684_2,
            y: 32.402_1,
        },
        1.0,
        52.0,
    ),
    (
        "002",
        None,
        Coord {
            x: 111.668_3,
            y: 32.368_4,
        },
        0.8,
        24.0,
    ),
    (
        "100",
        None,
        Coord {
            x: 111.802_5,
            y: 32.502_8,
        },
        1.0,
        f64::INFINITY,
    ),
    (
        "101",
        None,
        Coord {
            x: 111.868_1,
            y: 32.441_6,
        },
        1.0,
        f64::INFINITY,
    ),
    (
        "102",
        None,
        Coord {
            x: 111.936_4,
            y: 32.436_2,
        },
        1.0,
        f64::INFINITY,
    ),
    (
        "103",
        Some("张集"),
        Coord { x: 0.0, y: 0.0 },
        1.1,
        f64::INFINITY,
    ),
    (
        "104",
        Some("仙人渡"),
        Coord { x: 0.0, y: 0.0 },
        1.0,
        f64::INFINITY,
    ),
    (
        "105",
        Some("洪山咀"),
        Coord { x: 0.0, y: 0.0 },
        1.1,
        f64::INFINITY,
    ),
    (
        "106",
        None,
        Coord {
            x: 111.731_9,
            y: 32.338_7,
        },
        1.0,
        f64::INFINITY,
    ),
    (
        "200",
        Some("袁冲"),
        Coord { x: 0.0, y: 0.0 },
        1.1,
        f64::INFINITY,
    ),
    (
        "501",
        None,
        Coord {
            x: 111.741_6,
            y: 32.391_3,
        },
        0.7,
        6.0,
    ),
    (
        "502",
        None,
        Coord {
            x: 111.640_7,
            y: 32.517_5,
        },
        0.7,
        12.0,
    ),
    (
        "503",
        None,
        Coord {
            x: 111.602_4,
            y: 32.576_1,
        },
        0.7,
        10.0,
    ),
];

const SPACING_M: f64 = 850.0;

type Labels = BTreeMap<[usize; 3], usize>;

/// The townships in code order and the lines between them.
pub(crate) fn divide(base: &Base) -> Result<(Vec<Township>, Vec<TownshipLine>), Error> {
    let mut outline = base.outline.0.clone();
    outline.pop();
    // The published ring runs clockwise.
    outline.reverse();
    let county = Polygon::new(LineString(outline.clone()), Vec::new());
    let mesh = Mesh::new(&outline, &inner_points(&county));

    let mut townships = Vec::new();
    for (unit, (suffix, name, made, ..)) in base.townships.iter().zip(SEEDS) {
        if !unit.code.ends_with(suffix) {
            return Err(Error::Missing {
                what: "township",
                key: format!("420682{suffix}"),
            });
        }
        let seat = match name {
            Some(name) => *base.seats.get(name).ok_or_else(|| Error::Missing {
                what: "seat",
                key: name.to_owned(),
            })?,
            None => made,
        };
        townships.push(Township {
            code: unit.code.clone(),
            name: unit.name.clone(),
            seat,
            is_seat_real: name.is_some(),
            outline: county.clone(),
        });
    }

    let seats: Vec<Coord> = townships.iter().map(|township| township.seat).collect();
    let mut labels = grow(&mesh, &seats)?;
    for _ in 0..4 {
        smooth(&mesh, &mut labels);
    }
    let arcs = arcs(&mesh, &labels)?;
    let mut by_edge: BTreeMap<(usize, usize), Vec<Coord>> = BTreeMap::new();
    let mut lines = Vec::new();
    for arc in &arcs {
        let coords = soften(&mesh, arc);
        let (first, last) = ((arc[0], arc[1]), (arc[arc.len() - 1], arc[arc.len() - 2]));
        let owner = |edge: (usize, usize)| owner(&labels, &mesh, edge);
        if let (Some(left), Some(right)) = (owner(first), owner((first.1, first.0))) {
            let (line, is_turned) = crate::line::in_numbering_order(coords.clone());
            let (left, right) = if is_turned {
                (right, left)
            } else {
                (left, right)
            };
            lines.push(TownshipLine { left, right, line });
        }
        by_edge.insert(last, coords.iter().rev().copied().collect());
        by_edge.insert(first, coords);
    }
    for (index, township) in townships.iter_mut().enumerate() {
        township.outline = ring(&mesh, &labels, &by_edge, index)?;
    }
    lines.sort_by(|one, two| {
        (one.left.min(one.right), one.left.max(one.right))
            .cmp(&(two.left.min(two.right), two.left.max(two.right)))
            .then(one.line.0[0].x.total_cmp(&two.line.0[0].x))
    });
    Ok((townships, lines))
}

/// A jittered triangular grid that keeps clear of the county line.
fn inner_points(county: &Polygon) -> Vec<Coord> {
    let mut random = Random::new(1);
    let mut points = Vec::new();
    let corner = Coord { x: 111.5, y: 32.15 };
    for row in 0..80_u32 {
        for column in 0..80_u32 {
            let shift = if row % 2 == 0 { 0.0 } else { 0.5 };
            let place = crate::plane::moved(
                corner,
                (f64::from(column) + shift + random.between(-0.28, 0.28)) * SPACING_M,
                (f64::from(row) * 0.866 + random.between(-0.28, 0.28)) * SPACING_M,
            );
            if county.contains(&Point(place)) && outline_distance_m(place, county) > 0.4 * SPACING_M
            {
                points.push(place);
            }
        }
    }
    points
}

fn middle(mesh: &Mesh, triangle: [usize; 3]) -> Coord {
    let [a, b, c] = triangle.map(|corner| mesh.points[corner]);
    (a + b + c) / 3.0
}

fn area_km2(mesh: &Mesh, triangle: [usize; 3]) -> f64 {
    let [a, b, c] = triangle.map(|corner| mesh.points[corner]);
    let ((bx, by), (cx, cy)) = (crate::plane::offset_m(a, b), crate::plane::offset_m(a, c));
    (bx * cy - by * cx) / 2e6
}

/// The triangle on the left of each directed edge.
fn sides(mesh: &Mesh) -> BTreeMap<(usize, usize), [usize; 3]> {
    mesh.triangles()
        .into_iter()
        .flat_map(|[a, b, c]| [(a, b), (b, c), (c, a)].map(|edge| (edge, [a, b, c])))
        .collect()
}

fn neighbours(
    sides: &BTreeMap<(usize, usize), [usize; 3]>,
    [a, b, c]: [usize; 3],
) -> impl Iterator<Item = [usize; 3]> {
    [(b, a), (c, b), (a, c)]
        .into_iter()
        .filter_map(|edge| sides.get(&edge).copied())
}

/// Every triangle's region: the first that reaches it (Dijkstra from all seats at once).
fn grow(mesh: &Mesh, seats: &[Coord]) -> Result<Labels, Error> {
    let sides = sides(mesh);
    let mut queue = BinaryHeap::new();
    for (index, seat) in seats.iter().enumerate() {
        let home = mesh
            .triangles()
            .into_iter()
            .min_by(|one, two| {
                distance_m(middle(mesh, *one), *seat)
                    .total_cmp(&distance_m(middle(mesh, *two), *seat))
            })
            .ok_or_else(|| Error::Missing {
                what: "triangle",
                key: index.to_string(),
            })?;
        queue.push((Reverse(0_u64), index, home));
    }
    let mut labels = Labels::new();
    let mut grown = vec![0.0; seats.len()];
    while let Some((Reverse(time), label, triangle)) = queue.pop() {
        let (.., pace, largest) = SEEDS[label];
        if labels.contains_key(&triangle) || grown[label] >= largest {
            continue;
        }
        labels.insert(triangle, label);
        grown[label] += area_km2(mesh, triangle);
        for next in neighbours(&sides, triangle) {
            if !labels.contains_key(&next) {
                let metres = distance_m(middle(mesh, triangle), middle(mesh, next));
                queue.push((Reverse(time + (metres / pace * 1000.0) as u64), label, next));
            }
        }
    }
    Ok(labels)
}

/// Gives a triangle that juts out into one neighbour to that neighbour, if its region stays whole.
fn smooth(mesh: &Mesh, labels: &mut Labels) {
    let sides = sides(mesh);
    for triangle in mesh.triangles() {
        let around: Vec<usize> = neighbours(&sides, triangle)
            .filter_map(|next| labels.get(&next).copied())
            .collect();
        let own = labels[&triangle];
        let other = around.iter().copied().find(|label| {
            *label != own && around.iter().filter(|other| *other == label).count() >= 2
        });
        if let Some(other) = other {
            labels.insert(triangle, other);
            if !is_whole(&sides, labels, own) {
                labels.insert(triangle, own);
            }
        }
    }
}

fn is_whole(sides: &BTreeMap<(usize, usize), [usize; 3]>, labels: &Labels, label: usize) -> bool {
    let all: BTreeSet<_> = labels
        .iter()
        .filter(|(_, own)| **own == label)
        .map(|(triangle, _)| *triangle)
        .collect();
    let mut seen = BTreeSet::new();
    let mut open: Vec<_> = all.iter().next().copied().into_iter().collect();
    while let Some(triangle) = open.pop() {
        if seen.insert(triangle) {
            open.extend(neighbours(sides, triangle).filter(|next| all.contains(next)));
        }
    }
    !all.is_empty() && seen.len() == all.len()
}

fn owner(labels: &Labels, mesh: &Mesh, edge: (usize, usize)) -> Option<usize> {
    mesh.left_of(edge)
        .and_then(|triangle| labels.get(&triangle).copied())
}

/// The lines between regions as chains of mesh vertices from node to node.
fn arcs(mesh: &Mesh, labels: &Labels) -> Result<Vec<Vec<usize>>, Error> {
    let mut around: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for [a, b, c] in mesh.triangles() {
        for (from, to) in [(a, b), (b, c), (c, a)] {
            let (left, right) = (
                owner(labels, mesh, (from, to)),
                owner(labels, mesh, (to, from)),
            );
            if right.is_some() && left != right {
                around.entry(from).or_default().insert(to);
                around.entry(to).or_default().insert(from);
            }
        }
    }
    let is_node = |vertex: usize| vertex < mesh.outline || around[&vertex].len() != 2;
    let mut used = BTreeSet::new();
    let mut arcs = Vec::new();
    for (start, nexts) in around.iter().filter(|(vertex, _)| is_node(**vertex)) {
        for next in nexts {
            if used.contains(&(*start, *next)) {
                continue;
            }
            let mut arc = vec![*start, *next];
            used.insert((*start, *next));
            while !is_node(arc[arc.len() - 1]) {
                let (last, before) = (arc[arc.len() - 1], arc[arc.len() - 2]);
                let Some(step) = around[&last].iter().find(|vertex| **vertex != before) else {
                    break;
                };
                arc.push(*step);
            }
            used.insert((arc[arc.len() - 1], arc[arc.len() - 2]));
            arcs.push(arc);
        }
    }
    let walked: usize = arcs.iter().map(|arc| arc.len() - 1).sum();
    let edges: usize = around.values().map(BTreeSet::len).sum::<usize>() / 2;
    if walked == edges {
        Ok(arcs)
    } else {
        Err(Error::Broken {
            what: "township lines from node to node",
            wanted: edges.to_string(),
            found: walked.to_string(),
        })
    }
}

/// The chain with its corners cut twice (Chaikin 1974); its ends stay.
fn soften(mesh: &Mesh, arc: &[usize]) -> Vec<Coord> {
    let mut coords: Vec<Coord> = arc.iter().map(|vertex| mesh.points[*vertex]).collect();
    for _ in 0..2 {
        let mut cut = vec![coords[0]];
        for (index, pair) in coords.windows(2).enumerate() {
            if index > 0 {
                cut.push(pair[0] * 0.75 + pair[1] * 0.25);
            }
            if index + 2 < coords.len() {
                cut.push(pair[0] * 0.25 + pair[1] * 0.75);
            }
        }
        cut.push(coords[coords.len() - 1]);
        coords = cut;
    }
    coords.into_iter().map(rounded).collect()
}

/// The outline of one region: county edges as published, lines as softened.
fn ring(
    mesh: &Mesh,
    labels: &Labels,
    arcs: &BTreeMap<(usize, usize), Vec<Coord>>,
    label: usize,
) -> Result<Polygon, Error> {
    let mut next = BTreeMap::new();
    for [a, b, c] in mesh.triangles() {
        for edge in [(a, b), (b, c), (c, a)] {
            if owner(labels, mesh, edge) == Some(label)
                && owner(labels, mesh, (edge.1, edge.0)) != Some(label)
                && next.insert(edge.0, edge.1).is_some()
            {
                return Err(Error::Broken {
                    what: "a township touches itself nowhere",
                    wanted: "one way on".to_owned(),
                    found: format!("two at {:?}", mesh.points[edge.0]),
                });
            }
        }
    }
    // Start where a line or a county edge starts, not in the middle of a line.
    let start = next
        .iter()
        .find(|(from, to)| {
            arcs.contains_key(&(**from, **to)) || mesh.left_of((**to, **from)).is_none()
        })
        .map(|(from, _)| *from)
        .ok_or_else(|| Error::Missing {
            what: "outline",
            key: label.to_string(),
        })?;
    let mut coords = Vec::new();
    let mut walked = 0;
    let mut at = start;
    loop {
        let to = next[&at];
        if let Some(arc) = arcs.get(&(at, to)) {
            coords.extend_from_slice(&arc[..arc.len() - 1]);
        } else if mesh.left_of((to, at)).is_none() {
            coords.push(mesh.points[at]);
        }
        walked += 1;
        at = to;
        if at == start {
            break;
        }
    }
    if walked != next.len() {
        return Err(Error::Broken {
            what: "a township has one outline",
            wanted: next.len().to_string(),
            found: format!("{walked} for township {label}"),
        });
    }
    coords.push(coords[0]);
    Ok(Polygon::new(LineString(coords), Vec::new()))
}
