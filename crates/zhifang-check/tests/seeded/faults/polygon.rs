//! Faults of polygons.

use std::sync::Arc;

use geo::{Coord, Geometry, MultiPolygon};
use serde_json::json;
use zhifang_core::{DivisionCode, geometry};
use zhifang_datum::gcj02;
use zhifang_topology::distance_m;

use super::base::{Base, Records, bits, polygons, round, unit_key};
use super::edit::{
    Edge, Flat, add_hole, add_part, both, edges, holds, inner_place, insert, is_free, is_free_but,
    left_of, map_rings, replace, rings, square,
};
use super::{Kind, Measure, Planted, Set, change, kind};

const COVER: &[&str] = &["COV-01", "COV-02", "COV-03", "COV-04", "COV-05"];

pub(crate) const KINDS: &[Kind] = &[
    kind("overlap of 0.01 m", Set::Counties, |b, r, u| {
        band(b, r, u, -0.01)
    }),
    kind("overlap of 0.1 m", Set::Counties, |b, r, u| {
        band(b, r, u, -0.1)
    }),
    kind("overlap of 1 m", Set::Counties, |b, r, u| {
        band(b, r, u, -1.0)
    }),
    kind("overlap of 10 m", Set::Counties, |b, r, u| {
        band(b, r, u, -10.0)
    }),
    kind("overlap of 100 m", Set::Counties, |b, r, u| {
        band(b, r, u, -100.0)
    }),
    kind("overlap of 500 m", Set::Counties, |b, r, u| {
        band(b, r, u, -500.0)
    }),
    kind("gap of 0.01 m", Set::Counties, |b, r, u| {
        band(b, r, u, 0.01)
    }),
    kind("gap of 0.1 m", Set::Counties, |b, r, u| band(b, r, u, 0.1)),
    kind("gap of 1 m", Set::Counties, |b, r, u| band(b, r, u, 1.0)),
    kind("gap of 10 m", Set::Counties, |b, r, u| band(b, r, u, 10.0)),
    kind("gap of 100 m", Set::Counties, |b, r, u| {
        band(b, r, u, 100.0)
    }),
    kind("gap of 500 m", Set::Counties, |b, r, u| {
        band(b, r, u, 500.0)
    }),
    kind(
        "sliver overlap of 2 m along many vertices",
        Set::Counties,
        |b, r, u| ribbon(b, r, u, -2.0),
    ),
    kind(
        "sliver gap of 2 m along many vertices",
        Set::Counties,
        |b, r, u| ribbon(b, r, u, 2.0),
    ),
    kind("shared edge shifted by 30 m", Set::Counties, shifted_edge),
    kind(
        "spike of 1 m by 500 m into the neighbour",
        Set::Counties,
        |b, r, u| spike(b, r, u, -500.0, 1.0),
    ),
    kind("spike without width", Set::Counties, |b, r, u| {
        spike(b, r, u, -200.0, 0.0)
    }),
    kind("cut-in of 1 m by 300 m", Set::Counties, |b, r, u| {
        spike(b, r, u, 300.0, 1.0)
    }),
    kind("cut-in without width", Set::Counties, |b, r, u| {
        spike(b, r, u, 200.0, 0.0)
    }),
    kind("duplicate vertex", Set::Counties, |b, r, u| {
        doubled(b, r, u, 0.0)
    }),
    kind("near-duplicate vertex, 1 mm", Set::Counties, |b, r, u| {
        doubled(b, r, u, 0.001)
    }),
    kind(
        "vertex that the neighbour lacks, on the line",
        Set::Counties,
        |b, r, u| t_vertex(b, r, u, 12),
    ),
    kind(
        "vertex that the neighbour lacks, rounded to 6 decimals",
        Set::Counties,
        |b, r, u| t_vertex(b, r, u, 6),
    ),
    kind("tri-point split by 5 m, a gap", Set::Counties, |b, r, u| {
        split(b, r, u, 5.0, true)
    }),
    kind(
        "tri-point split by 5 m, into a neighbour",
        Set::Counties,
        |b, r, u| split(b, r, u, 5.0, false),
    ),
    kind(
        "tri-point split by 60 m, a gap",
        Set::Counties,
        |b, r, u| split(b, r, u, 60.0, true),
    ),
    kind("ring touches itself", Set::Counties, self_touch),
    kind("ring crosses itself", Set::Counties, self_crossing),
    kind("hole of 5 ha", Set::Counties, |b, r, u| {
        hole(b, r, u, 223.607)
    }),
    kind("hole of 20 m²", Set::Counties, |b, r, u| {
        hole(b, r, u, 4.472)
    }),
    kind("part inside the neighbour", Set::Counties, part_inside),
    kind("unit inside another", Set::Counties, swallowed),
    kind("tiny part", Set::Counties, tiny_part),
    kind("missing unit", Set::Counties, missing),
    kind("duplicate unit", Set::Counties, duplicate),
    kind("unit shifted by 585 m", Set::Counties, |b, r, u| {
        shifted(b, r, u, false)
    }),
    kind("unit in GCJ-02", Set::Counties, |b, r, u| {
        shifted(b, r, u, true)
    }),
    kind("axes swapped", Set::Counties, swapped),
    kind("ring turned round", Set::Counties, turned),
    kind("ring of two positions (unclosed)", Set::Counties, unclosed),
    kind("no ring at all", Set::Counties, empty),
    kind("coordinates rounded to 3 decimals", Set::Counties, rounded),
    kind("registered area 5 % off", Set::Counties, wrong_area),
    kind(
        "children leave ground of the parent open",
        Set::Levels,
        |b, r, u| parent(b, r, u, 40.0),
    ),
    kind("children leave the parent", Set::Levels, |b, r, u| {
        parent(b, r, u, -40.0)
    }),
];

/// Both units beside an edge.
fn pair(unit: DivisionCode, edge: &Edge) -> [zhifang_core::RecordKey; 2] {
    [unit_key(unit), unit_key(edge.other)]
}

/// A band between three and seven tenths of an edge: inward a gap, outward an overlap. It is as
/// wide as it is deep, for its long side is longer than that.
fn band(base: &Base, records: &mut Records, unit: DivisionCode, inward_m: f64) -> Option<Planted> {
    let edge = edges(base, unit, (inward_m.abs() * 4.0).max(150.0))
        .into_iter()
        .find(|edge| {
            let path = [
                edge.p,
                edge.place(0.25, inward_m),
                edge.place(0.75, inward_m),
                edge.q,
            ];
            let host = both(base, unit, edge.other)[usize::from(inward_m < 0.0)];
            // Not nearer than the band is deep to anything else: then it is one face.
            let far = [
                edge.p,
                edge.place(0.25, inward_m * 1.5),
                edge.place(0.75, inward_m * 1.5),
                edge.q,
            ];
            holds(host, path[1])
                && holds(host, path[2])
                && is_free(both(base, unit, edge.other), &path)
                && is_free(both(base, unit, edge.other), &far)
        })?;
    let extra = [edge.place(0.25, inward_m), edge.place(0.75, inward_m)];
    change(records, &unit_key(unit), |record| {
        insert(record, edge.p, edge.q, &extra);
    });
    let rule = if inward_m > 0.0 { "COV-02" } else { "COV-01" };
    Some(
        Planted::new(rule, pair(unit, &edge))
            .at(edge.place(0.5, inward_m / 2.0), edge.length_m * 0.3 + 1.0)
            .measured(Measure::Width(inward_m.abs()))
            .covering(edge.length_m * 0.75 * inward_m.abs()),
    )
}

/// A ribbon of even width along several vertices that turn little.
fn ribbon(
    base: &Base,
    records: &mut Records,
    unit: DivisionCode,
    inward_m: f64,
) -> Option<Planted> {
    const VERTICES: usize = 4;
    let lines: Vec<_> = base.lines_of(unit).cloned().collect();
    for line in &lines {
        let sign = if line.left == unit { 1.0 } else { -1.0 };
        for run in line.coords.windows(VERTICES + 2).skip(1) {
            if run[VERTICES + 1] == line.coords[line.coords.len() - 1] {
                continue;
            }
            let flat = Flat::at(run[2]);
            let step = |at: usize| flat.step(run[at], run[at + 1]);
            let is_smooth = (0..=VERTICES).all(|at| {
                let long = step(at).x.hypot(step(at).y);
                (60.0..4_000.0).contains(&long)
            }) && (0..VERTICES).all(|at| {
                let (a, b) = (step(at), step(at + 1));
                let cos = (a.x * b.x + a.y * b.y) / (a.x.hypot(a.y) * b.x.hypot(b.y));
                cos > 0.87
            });
            if !is_smooth {
                continue;
            }
            let moved: Vec<Coord<f64>> = (1..=VERTICES)
                .map(|at| {
                    let (a, b) = (left_of(step(at - 1)), left_of(step(at)));
                    let mean = a + b;
                    let half = mean.x.hypot(mean.y) / 2.0;
                    let miter = mean / (2.0 * half * half) * (sign * inward_m);
                    flat.moved(run[at], miter.x, miter.y)
                })
                .collect();
            let key = unit_key(unit);
            change(records, &key, |record| {
                for (from, to) in run[1..=VERTICES].iter().zip(&moved) {
                    replace(record, *from, *to);
                }
            });
            let rule = if inward_m > 0.0 { "COV-02" } else { "COV-01" };
            let long: f64 = run
                .windows(2)
                .map(|ends| distance_m(ends[0], ends[1]))
                .sum();
            return Some(
                Planted::new(rule, [key, unit_key(line.other(unit))])
                    .at(run[VERTICES / 2], long)
                    .measured(Measure::Width(inward_m.abs())),
            );
        }
    }
    None
}

/// One side's copy of three vertices moved outward: the neighbour is overlapped.
fn shifted_edge(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let lines: Vec<_> = base.lines_of(unit).cloned().collect();
    for line in &lines {
        let sign = if line.left == unit { -1.0 } else { 1.0 };
        for run in line.coords.windows(5).skip(1) {
            if run[4] == line.coords[line.coords.len() - 1] {
                continue;
            }
            let flat = Flat::at(run[2]);
            let course = flat.step(run[0], run[4]);
            let is_straight = run.windows(2).all(|ends| {
                let step = flat.step(ends[0], ends[1]);
                let cos = (course.x * step.x + course.y * step.y)
                    / (course.x.hypot(course.y) * step.x.hypot(step.y));
                step.x.hypot(step.y) > 100.0 && cos > 0.8
            });
            if !is_straight {
                continue;
            }
            let out = left_of(course) * (sign * 30.0);
            let moved = [1, 2, 3].map(|at| flat.moved(run[at], out.x, out.y));
            let path = [run[0], moved[0], moved[1], moved[2], run[4]];
            let neighbour = both(base, unit, line.other(unit))[1];
            if !moved.iter().all(|c| holds(neighbour, *c))
                || !is_free(both(base, unit, line.other(unit)), &path)
            {
                continue;
            }
            let key = unit_key(unit);
            change(records, &key, |record| {
                for (from, to) in run[1..4].iter().zip(moved) {
                    replace(record, *from, to);
                }
            });
            let long: f64 = run
                .windows(2)
                .map(|ends| distance_m(ends[0], ends[1]))
                .sum();
            return Some(
                Planted::new("COV-01", [key, unit_key(line.other(unit))]).at(run[2], long),
            );
        }
    }
    None
}

/// A spike across an edge: outward where `inward_m` is negative; without width where `base_m`
/// is zero.
fn spike(
    base: &Base,
    records: &mut Records,
    unit: DivisionCode,
    inward_m: f64,
    base_m: f64,
) -> Option<Planted> {
    let edge = edges(base, unit, 300.0).into_iter().find(|edge| {
        let path = [
            edge.p,
            edge.place(0.5, 0.0),
            edge.place(0.5, inward_m * 1.2),
        ];
        let host = both(base, unit, edge.other)[usize::from(inward_m < 0.0)];
        holds(host, path[2]) && is_free(both(base, unit, edge.other), &path[1..])
    })?;
    let half = base_m / 2.0 / edge.length_m;
    let tip = edge.place(0.5, inward_m);
    // Feet a hair off the edge, so that they are no vertices that the neighbour lacks.
    let extra = if base_m > 0.0 {
        vec![
            edge.place(0.5 - half, 0.0),
            tip,
            edge.place(0.5 + half, 0.0),
        ]
    } else {
        vec![edge.place(0.5, 0.0), tip, edge.place(0.5, 0.0)]
    };
    change(records, &unit_key(unit), |record| {
        insert(record, edge.p, edge.q, &extra);
    });
    let rule = if inward_m > 0.0 && base_m > 0.0 {
        "GEO-06"
    } else {
        "GEO-05"
    };
    // Without width there is no telling outward from inward.
    Some(
        Planted::new(rule, [unit_key(unit)])
            .at(tip, 1.0)
            .measured(Measure::Size(inward_m.abs()))
            .also(COVER),
    )
}

fn doubled(
    base: &Base,
    records: &mut Records,
    unit: DivisionCode,
    apart_m: f64,
) -> Option<Planted> {
    let edge = edges(base, unit, 200.0).into_iter().next()?;
    let extra = if apart_m > 0.0 {
        // Along the edge, or the neighbour is overlapped by a millimetre.
        edge.p + (edge.q - edge.p) * (apart_m / edge.length_m)
    } else {
        edge.p
    };
    change(records, &unit_key(unit), |record| {
        insert(record, edge.p, edge.q, &[extra]);
    });
    Some(
        Planted::new("GEO-04", [unit_key(unit)])
            .at(edge.p, 0.1)
            .also(&["COV-03"]),
    )
}

fn t_vertex(
    base: &Base,
    records: &mut Records,
    unit: DivisionCode,
    decimals: i32,
) -> Option<Planted> {
    let edge = edges(base, unit, 200.0).into_iter().next()?;
    let place = round(edge.p + (edge.q - edge.p) * 0.4, decimals);
    change(records, &unit_key(unit), |record| {
        insert(record, edge.p, edge.q, &[place]);
    });
    Some(Planted::new("COV-03", pair(unit, &edge)).at(place, edge.length_m))
}

/// The county's own corner at a tri-point moved: inward, which opens a gap, or into a neighbour.
fn split(
    base: &Base,
    records: &mut Records,
    unit: DivisionCode,
    metres: f64,
    is_gap: bool,
) -> Option<Planted> {
    let own = &base.counties[&unit_key(unit)];
    for (place, units) in &base.tri_points {
        if !units.contains(&unit) || !units.iter().all(|other| base.inner.contains(other)) {
            continue;
        }
        let flat = Flat::at(*place);
        let found = (0..16).map(|sector| {
            let angle = f64::from(sector) / 16.0 * std::f64::consts::TAU;
            flat.moved(*place, metres * angle.cos(), metres * angle.sin())
        });
        let others = || units.iter().map(|other| &base.counties[&unit_key(*other)]);
        let near = own_neighbours(own, *place);
        let moved = found.into_iter().find(|moved| {
            let is_right = if is_gap {
                holds(own, *moved)
            } else {
                others().any(|other| other.id != own.id && holds(other, *moved))
            };
            // Far enough from the edges at the corner that the corner is what moves, and no edge
            // is crossed by the edges to the new corner.
            let is_clear = near.iter().all(|end| {
                let (a, b) = (flat.step(*place, *end), flat.step(*place, *moved));
                let long = a.x.hypot(a.y);
                let sin = ((a.x * b.y - a.y * b.x) / (long * b.x.hypot(b.y))).abs();
                sin > 0.35 && long > metres * 2.5
            });
            is_right
                && is_clear
                && near
                    .iter()
                    .all(|end| is_free_but(others(), &[*end, *moved], *place))
        });
        let Some(moved) = moved else { continue };
        change(records, &unit_key(unit), |record| {
            replace(record, *place, moved);
        });
        return Some(
            Planted::new("COV-04", units.iter().map(|unit| unit_key(*unit)))
                .at(*place, metres + 1.0)
                .measured(Measure::Size(metres))
                .also(&["COV-01", "COV-02"]),
        );
    }
    None
}

/// The vertices before and after a vertex.
fn own_neighbours(record: &zhifang_core::Record, place: Coord<f64>) -> Vec<Coord<f64>> {
    let mut found = Vec::new();
    for ring in rings(polygons(record)) {
        for ends in ring.0.windows(2) {
            if ends[0] == place {
                found.push(ends[1]);
            } else if ends[1] == place {
                found.push(ends[0]);
            }
        }
    }
    found
}

/// A loop into the unit that begins and ends at one vertex.
fn self_touch(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let edge = edges(base, unit, 400.0).into_iter().find(|edge| {
        let (y, z) = (edge.place(0.2, 60.0), edge.place(0.4, 60.0));
        is_free(both(base, unit, edge.other), &[edge.p, y, z, edge.p])
            && holds(both(base, unit, edge.other)[0], y)
    })?;
    let (y, z) = (edge.place(0.2, 60.0), edge.place(0.4, 60.0));
    change(records, &unit_key(unit), |record| {
        insert(record, edge.p, edge.q, &[y, z, edge.p]);
    });
    Some(
        Planted::new("GEO-01", [unit_key(unit)])
            .at(edge.p, 1.0)
            .also(&["GEO-07", "COV-01", "COV-02"]),
    )
}

/// Two neighbouring vertices exchanged where the edges then cross.
fn self_crossing(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let lines: Vec<_> = base.lines_of(unit).cloned().collect();
    for line in &lines {
        for run in line.coords.windows(4).skip(1) {
            if run[3] == line.coords[line.coords.len() - 1] {
                continue;
            }
            let (a, b, c, d) = (run[0], run[1], run[2], run[3]);
            // The walk is then a, c, b, d.
            let crosses = super::edit::crosses(a, c, b, d);
            let is_large = distance_m(b, c) > 100.0;
            let others = both(base, unit, line.other(unit));
            if !crosses || !is_large || !is_free(others, &[a, c]) || !is_free(others, &[b, d]) {
                continue;
            }
            change(records, &unit_key(unit), |record| {
                map_rings(record, &|ring| {
                    for at in 1..ring.len() - 1 {
                        if (ring[at] == b && ring[at + 1] == c)
                            || (ring[at] == c && ring[at + 1] == b)
                        {
                            ring.swap(at, at + 1);
                            return;
                        }
                    }
                });
            });
            let far = distance_m(a, d) + distance_m(b, c);
            return Some(
                Planted::new("GEO-01", [unit_key(unit)])
                    .at((b + c) / 2.0, far)
                    .also(&[
                        "COV-01", "COV-02", "COV-03", "COV-05", "GEO-05", "GEO-06", "GEO-07",
                    ]),
            );
        }
    }
    None
}

fn hole(base: &Base, records: &mut Records, unit: DivisionCode, side_m: f64) -> Option<Planted> {
    let middle = inner_place(base, unit, side_m)?;
    let mut ring = square(middle, side_m);
    ring.reverse();
    change(records, &unit_key(unit), |record| add_hole(record, &ring));
    Some(
        Planted::new("GEO-07", [unit_key(unit)])
            .at(middle, side_m)
            .measured(Measure::Width(side_m))
            .covering(side_m * side_m),
    )
}

/// An unrecorded part of the county on a neighbour's ground.
fn part_inside(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let other = base.lines_of(unit).next()?.other(unit);
    let middle = inner_place(base, other, 400.0)?;
    change(records, &unit_key(unit), |record| {
        add_part(record, square(middle, 300.0));
    });
    Some(
        Planted::new("COV-07", [unit_key(unit), unit_key(other)])
            .at(middle, 300.0)
            .measured(Measure::Width(300.0)),
    )
}

/// A new unit drawn on another's ground.
fn swallowed(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let middle = inner_place(base, unit, 900.0)?;
    let code = spare(records, unit)?;
    let mut record = zhifang_core::Record::new(
        zhifang_core::Collection::Divisions,
        &code.to_string(),
        &format!("新设区{code}"),
    );
    record.geometry = Some(Arc::new(Geometry::MultiPolygon(MultiPolygon(Vec::new()))));
    add_part(&mut record, square(middle, 700.0));
    records.insert(record.key(), record);
    Some(
        Planted::new("COV-07", [unit_key(unit), unit_key(code)])
            .at(middle, 700.0)
            .measured(Measure::Width(700.0)),
    )
}

/// A code of the same prefecture that nobody holds.
pub(crate) fn spare(records: &Records, unit: DivisionCode) -> Option<DivisionCode> {
    let stem = unit.as_u64() / 100 * 100;
    (60..99)
        .filter_map(|number| DivisionCode::from_u64(stem + number))
        .find(|code| !records.contains_key(&unit_key(*code)))
}

/// A bit of ground beside the county's own, cut out of the neighbour.
fn tiny_part(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let other = base.lines_of(unit).next()?.other(unit);
    let middle = inner_place(base, other, 300.0)?;
    let ring = square(middle, 60.0);
    let mut hole = ring.clone();
    hole.reverse();
    change(records, &unit_key(other), |record| add_hole(record, &hole));
    change(records, &unit_key(unit), |record| add_part(record, ring));
    Some(
        Planted::new("GEO-08", [unit_key(unit)])
            .at(middle, 100.0)
            .measured(Measure::Size(3_600.0)),
    )
}

fn missing(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let neighbours = &base.neighbours[&unit];
    // One that lies in a hole of a neighbour is a hole when it is gone.
    if neighbours.len() < 3 || polygons(&base.counties[&unit_key(unit)]).0.len() > 1 {
        return None;
    }
    let m2 = zhifang_topology::area_m2(polygons(&base.counties[&unit_key(unit)]));
    change(records, &unit_key(unit), |record| record.geometry = None);
    let name = base.counties[&unit_key(unit)].name.to_string();
    Some(
        Planted::new("COV-05", neighbours.iter().map(|unit| unit_key(*unit)))
            .covering(m2)
            .saying(name),
    )
}

fn duplicate(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let code = spare(records, unit)?;
    let mut record = base.counties[&unit_key(unit)].clone();
    record.id = code.to_string().into();
    record.division = Some(code);
    record.name = format!("重复区{code}").into();
    records.insert(record.key(), record);
    Some(Planted::new("COV-06", [unit_key(unit), unit_key(code)]).also(&["COV-01", "COV-07"]))
}

fn shifted(
    base: &Base,
    records: &mut Records,
    unit: DivisionCode,
    is_gcj: bool,
) -> Option<Planted> {
    let key = unit_key(unit);
    let given = base.counties[&key].geometry.clone()?;
    let first = polygons(&base.counties[&key]).0[0].exterior().0[0];
    let flat = Flat::at(first);
    let moved = geometry::map_coords(&given, &mut |c| {
        if is_gcj {
            round(Coord::from(gcj02::forward(c.into())), 6)
        } else {
            round(flat.moved(c, 520.0, -268.0), 6)
        }
    });
    // The offset of GCJ-02 differs from place to place: its mean over the vertices is meant.
    let mut sum = (0.0, 0.0, 0.0);
    for c in rings(polygons(&base.counties[&key])).flat_map(|ring| &ring.0) {
        let step = if is_gcj {
            flat.step(*c, gcj02::forward((*c).into()).into())
        } else {
            Coord {
                x: 520.0,
                y: -268.0,
            }
        };
        sum = (sum.0 + step.x, sum.1 + step.y, sum.2 + 1.0);
    }
    let (dx, dy) = (sum.0 / sum.2, sum.1 / sum.2);
    change(records, &key, |record| {
        record.geometry = Some(Arc::new(moved));
    });
    let planted = Planted::new("GEO-12", [key])
        .measured(Measure::Size(dx.hypot(dy)))
        .also(&["COV-01", "COV-02", "COV-05"]);
    Some(if is_gcj {
        planted.saying("GCJ-02")
    } else {
        planted
    })
}

fn swapped(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let key = unit_key(unit);
    let given = base.counties[&key].geometry.clone()?;
    let moved = geometry::map_coords(&given, &mut |c| Coord { x: c.y, y: c.x });
    change(records, &key, |record| {
        record.geometry = Some(Arc::new(moved));
    });
    Some(
        Planted::new("GEO-11", [key])
            .saying("颠倒")
            .also(&["COV-05", "COV-02", "GEO-07"]),
    )
}

fn turned(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let key = unit_key(unit);
    if rings(polygons(&base.counties[&key])).count() != 1 {
        return None;
    }
    change(records, &key, |record| {
        map_rings(record, &|ring| ring.reverse());
    });
    Some(Planted::new("GEO-03", [key]))
}

/// A part whose ring never closes: two positions, and back.
fn unclosed(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let middle = inner_place(base, unit, 300.0)?;
    let ring = square(middle, 50.0);
    change(records, &unit_key(unit), |record| {
        add_part(record, vec![ring[0], ring[1]]);
    });
    Some(
        Planted::new("GEO-02", [unit_key(unit)])
            .at(middle, 100.0)
            .also(&["GEO-05"]),
    )
}

fn empty(_: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    change(records, &unit_key(unit), |record| {
        record.geometry = Some(Arc::new(Geometry::MultiPolygon(MultiPolygon(Vec::new()))));
    });
    Some(
        Planted::new("GEO-02", [unit_key(unit)])
            .saying("为空")
            .also(&["COV-05", "COV-02", "GEO-07"]),
    )
}

fn rounded(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let key = unit_key(unit);
    let given = base.counties[&key].geometry.clone()?;
    let moved = geometry::map_coords(&given, &mut |c| round(c, 3));
    change(records, &key, |record| {
        record.geometry = Some(Arc::new(moved));
    });
    Some(Planted::new("GEO-10", [key]).also(&[
        "COV-01", "COV-02", "COV-03", "COV-04", "GEO-01", "GEO-04", "GEO-05", "GEO-06", "GEO-07",
        "GEO-08", "COV-07",
    ]))
}

fn wrong_area(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let key = unit_key(unit);
    let km2 = zhifang_topology::area_m2(polygons(&base.counties[&key])) / 1e6;
    change(records, &key, |record| {
        record.fields.set("area_km2", json!(km2 * 1.05));
    });
    Some(Planted::new("COV-09", [key]).measured(Measure::Size(5.0 / 1.05)))
}

/// Two neighbours of different prefectures keep their common line, which both move off that of
/// the prefectures: open on the one side, beyond on the other.
fn parent(
    base: &Base,
    records: &mut Records,
    unit: DivisionCode,
    inward_m: f64,
) -> Option<Planted> {
    let up = |code: DivisionCode| DivisionCode::from_u64(code.as_u64() / 100 * 100).map(unit_key);
    let own = up(unit).filter(|key| base.prefectures.contains_key(key))?;
    let edge = edges(base, unit, 400.0).into_iter().find(|edge| {
        let host = both(base, unit, edge.other)[usize::from(inward_m < 0.0)];
        let path = [
            edge.p,
            edge.place(0.25, inward_m),
            edge.place(0.75, inward_m),
            edge.q,
        ];
        up(edge.other).is_some_and(|other| other != own && base.prefectures.contains_key(&other))
            && holds(host, path[1])
            && holds(host, path[2])
            && is_free(both(base, unit, edge.other), &path)
            // The prefectures share this very edge.
            && has_edge(&base.prefectures[&own], edge.p, edge.q)
    })?;
    let extra = [edge.place(0.25, inward_m), edge.place(0.75, inward_m)];
    for key in [unit_key(unit), unit_key(edge.other)] {
        change(records, &key, |record| {
            insert(record, edge.p, edge.q, &extra);
        });
    }
    let other = up(edge.other)?;
    // Told of the prefecture that loses ground, with the county that has it.
    let (loser, holder) = if inward_m > 0.0 {
        (own, unit_key(edge.other))
    } else {
        (other, unit_key(unit))
    };
    Some(
        Planted::new("COV-08", [loser, holder])
            .at(edge.place(0.5, inward_m / 2.0), edge.length_m * 0.3 + 1.0)
            .measured(Measure::Width(inward_m.abs()))
            .also(&["COV-08"]),
    )
}

fn has_edge(record: &zhifang_core::Record, p: Coord<f64>, q: Coord<f64>) -> bool {
    let wanted = [bits(p), bits(q)];
    rings(polygons(record))
        .flat_map(|ring| ring.0.windows(2))
        .any(|ends| {
            wanted == [bits(ends[0]), bits(ends[1])] || wanted == [bits(ends[1]), bits(ends[0])]
        })
}
