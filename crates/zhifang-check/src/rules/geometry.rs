//! GEO: rings as such.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use geo::kernels::{Kernel, Orientation, RobustKernel};
use geo::{Coord, Geometry, LineString, Point};
use zhifang_core::{Collection, DivisionLevel, Lang, LonLat, RecordKey};
use zhifang_topology::{Unsound, first_unsound};

use crate::finding::{Finding, Severity, Text, area, metres};
use crate::ground::{EdgeTable, FaceKind, Facts, Ground, Ring, Unit, edge_key};
use crate::plane::{Plane, cross, dot, norm};
use crate::rule::{Card, Plain, Skip, Tolerance};
use crate::scope::{Scope, not_loaded};

const SFA: &str = "OGC 06-103r4 §6.1.11";
const RFC: &str = "RFC 7946 §3.1.6";
const DECREE_353_2: &str = "行政区域界线管理条例（国务院令第353号）第二条";

/// Nearer than this two vertices of a ring are one, metres: half of the last digit of
/// coordinates with six decimals.
pub(crate) const NEAR_VERTEX_M: f64 = 0.05;
/// A spike is sharper than this, degrees.
const SPIKE_ANGLE_DEG: f64 = 1.0;
/// … and its foot narrower than this, metres.
const SPIKE_BASE_M: f64 = 2.0;
/// … and longer than this, metres: shorter ones are rounding.
const SPIKE_LENGTH_M: f64 = 5.0;
/// A stretch between two vertices longer than this is told, metres.
const LONG_SEGMENT_M: f64 = 20_000.0;
/// Edges shorter than this on both axes, degrees, are not measured: none reaches 20 km.
const SURELY_SHORT_DEG: f64 = 0.12;
/// A part of a unit smaller than this is asked about, m².
const TINY_PART_M2: f64 = 10_000.0;

/// China's extent with the southern sea, degrees.
const EXTENT: [f64; 4] = [73.0, 3.0, 135.5, 54.0];

const fn tolerance(
    name: &'static str,
    metres: f64,
    reason: &'static str,
    reason_en: &'static str,
) -> Tolerance {
    Tolerance {
        name,
        metres,
        reason,
        reason_en,
    }
}

pub(crate) const RULES: &[Plain] = &[
    Plain {
        card: Card {
            id: "GEO-01",
            severity: Severity::Error,
            zh: "边界环自相交或自接触",
            en: "ring crosses or touches itself",
            basis: SFA,
            tolerance: None,
        },
        check: self_crossing,
    },
    Plain {
        card: Card {
            id: "GEO-02",
            severity: Severity::Error,
            zh: "环不足四个点或为空",
            en: "ring with fewer than four positions, or empty",
            basis: RFC,
            tolerance: None,
        },
        check: short_ring,
    },
    Plain {
        card: Card {
            id: "GEO-03",
            severity: Severity::Warning,
            zh: "环方向与众不同",
            en: "ring winds the other way round",
            basis: RFC,
            tolerance: None,
        },
        check: winding,
    },
    Plain {
        card: Card {
            id: "GEO-04",
            severity: Severity::Warning,
            zh: "重复点",
            en: "repeated vertex",
            basis: SFA,
            tolerance: Some(tolerance(
                "near_vertex",
                NEAR_VERTEX_M,
                "六位小数坐标末位的一半",
                "half of the last of six decimals",
            )),
        },
        check: repeated_vertex,
    },
    Plain {
        card: Card {
            id: "GEO-05",
            severity: Severity::Error,
            zh: "尖刺",
            en: "spike",
            basis: DECREE_353_2,
            tolerance: Some(tolerance(
                "spike_base",
                SPIKE_BASE_M,
                "两边夹角小于1度、底宽不足2米的折返不是界线走向",
                "a turn back within 1° and 2 m is no course of a line",
            )),
        },
        check: |scope, out| spikes(scope, out, "GEO-05", true),
    },
    Plain {
        card: Card {
            id: "GEO-06",
            severity: Severity::Error,
            zh: "内凹尖刺",
            en: "cut-in spike",
            basis: DECREE_353_2,
            tolerance: Some(tolerance(
                "spike_base",
                SPIKE_BASE_M,
                "两边夹角小于1度、底宽不足2米的折返不是界线走向",
                "a turn back within 1° and 2 m is no course of a line",
            )),
        },
        check: |scope, out| spikes(scope, out, "GEO-06", false),
    },
    Plain {
        card: Card {
            id: "GEO-07",
            severity: Severity::Error,
            zh: "没有区划填充的空洞",
            en: "hole that no unit fills",
            basis: DECREE_353_2,
            tolerance: None,
        },
        check: holes,
    },
    Plain {
        card: Card {
            id: "GEO-08",
            severity: Severity::Warning,
            zh: "细碎图斑",
            en: "tiny part",
            basis: "行政区域界线管理条例第十一条",
            tolerance: None,
        },
        check: tiny_parts,
    },
    Plain {
        card: Card {
            id: "GEO-09",
            severity: Severity::Info,
            zh: "线段过长",
            en: "long stretch without a vertex",
            basis: "",
            tolerance: Some(tolerance(
                "segment",
                LONG_SEGMENT_M,
                "两点间一般不超过 20 公里",
                "vertices stand closer than 20 km as a rule",
            )),
        },
        check: long_segments,
    },
    Plain {
        card: Card {
            id: "GEO-10",
            severity: Severity::Warning,
            zh: "坐标位数少于邻区",
            en: "fewer decimals than the neighbours",
            basis: "GB/T 17796-2009",
            tolerance: None,
        },
        check: few_decimals,
    },
    Plain {
        card: Card {
            id: "GEO-11",
            severity: Severity::Error,
            zh: "坐标超出范围或经纬度颠倒",
            en: "outside the country, or axes swapped",
            basis: "EPSG:4490",
            tolerance: None,
        },
        check: outside,
    },
    Plain {
        card: Card {
            id: "GEO-12",
            severity: Severity::Error,
            zh: "坐标整体偏移",
            en: "shifted as a whole",
            basis: "EPSG:4490",
            tolerance: Some(tolerance(
                "shift",
                100.0,
                "不同来源的图形本来就相差约百米",
                "honest sources differ by about a hundred metres",
            )),
        },
        check: shifted,
    },
    Plain {
        card: Card {
            id: "GEO-13",
            severity: Severity::Error,
            zh: "其他要素图形无效",
            en: "shape of another record not sound",
            basis: SFA,
            tolerance: None,
        },
        check: unsound,
    },
];

/// The ground, or the reason why a rule on polygons cannot look.
fn ground<'s, 'a>(scope: &'s Scope<'a>) -> Result<&'s Ground<'a>, Skip> {
    let ground = scope.ground();
    if ground.units.iter().any(|unit| scope.covers(unit.code)) {
        Ok(ground)
    } else {
        Err(no_polygons())
    }
}

/// Every drawn unit in a few numbers, or why a rule on polygons cannot look.
fn facts<'s>(scope: &'s Scope<'_>) -> Result<&'s [Facts], Skip> {
    let facts = scope.facts();
    if facts.iter().any(|unit| scope.covers(unit.code)) {
        Ok(facts)
    } else {
        Err(no_polygons())
    }
}

fn no_polygons() -> Skip {
    Skip::new(
        "范围内没有带图形的行政区划",
        "no division with a polygon in the scope",
    )
}

fn in_scope<'s, 'a>(
    scope: &'s Scope<'a>,
    ground: &'s Ground<'a>,
) -> impl Iterator<Item = &'s Unit<'a>> {
    ground.units.iter().filter(|unit| scope.covers(unit.code))
}

/// All units, villages before townships and so on, with whether each lies in the scope: a fault
/// that a county and its province share is the county's, whichever of them is asked for.
fn lowest_first<'s, 'a>(scope: &'s Scope<'a>, ground: &'s Ground<'a>) -> Vec<(&'s Unit<'a>, bool)> {
    let covered = |unit: &'s Unit<'a>| (unit, scope.covers(unit.code));
    let mut units: Vec<_> = ground.units.iter().map(covered).collect();
    units.sort_by_key(|(unit, _)| Reverse(unit.record.level().unwrap_or(unit.code.level())));
    units
}

/// Places at which something was told, with the level of the unit of which it was told first.
#[derive(Default)]
struct Told(BTreeMap<[(u64, u64); 2], DivisionLevel>);

impl Told {
    /// Whether nothing was told of the place, or only of units of the same level.
    fn is_first(&mut self, unit: &Unit<'_>, a: Coord<f64>, b: Coord<f64>) -> bool {
        let level = unit.record.level().unwrap_or(unit.code.level());
        let mut key = [a, b].map(|c| (c.x.to_bits(), c.y.to_bits()));
        key.sort_unstable();
        *self.0.entry(key).or_insert(level) == level
    }
}

/// Whether a part shares an edge with another unit.
fn has_neighbour(ground: &Ground<'_>, table: &EdgeTable, ring: &Ring<'_>) -> bool {
    ground.vertices[ring.vertices.clone()]
        .windows(2)
        .any(|ends| table.owners(edge_key(ends[0], ends[1])).len() > 1)
}

fn key(unit: &Unit<'_>) -> Vec<RecordKey> {
    vec![unit.record.key()]
}

fn fact_key(scope: &Scope<'_>, unit: &Facts) -> Vec<RecordKey> {
    let record = scope.register.unit(unit.code);
    record.map(zhifang_core::Record::key).into_iter().collect()
}

fn place(c: Coord<f64>) -> LonLat {
    LonLat::from(c)
}

fn where_(c: Coord<f64>) -> String {
    format!("{:.6}, {:.6}", c.x, c.y)
}

fn self_crossing(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    for unit in in_scope(scope, ground) {
        let mut faults: Vec<(Coord<f64>, bool)> = self_touches(ground, unit);
        faults.extend(crossings(ground, unit).into_iter().map(|c| (c, true)));
        faults.sort_by(|a, b| a.0.x.total_cmp(&b.0.x).then(a.0.y.total_cmp(&b.0.y)));
        faults.dedup_by(|a, b| a.0 == b.0);
        let Some(&(first, is_crossing)) = faults.first() else {
            continue;
        };
        let name = scope.register.label(unit.code);
        let (more_zh, more_en) = if faults.len() > 1 {
            (
                format!("等 {} 处", faults.len()),
                format!(" and {} more", faults.len() - 1),
            )
        } else {
            (String::new(), String::new())
        };
        let at = where_(first);
        let message = if is_crossing {
            Text::new(
                format!("{name}边界环在 {at} {more_zh}自相交；请核对该处顶点次序"),
                format!(
                    "the ring of {name} crosses itself at {at}{more_en}; check the order of the vertices there"
                ),
            )
        } else {
            Text::new(
                format!("{name}边界环在 {at} {more_zh}自接触；请拆成两个部分或改为内环"),
                format!(
                    "the ring of {name} touches itself at {at}{more_en}; make it two parts, or a hole"
                ),
            )
        };
        let points = faults.iter().map(|(c, _)| Point(*c)).collect();
        out.push(
            Finding::new("GEO-01", Severity::Error, key(unit), "", message)
                .on(Some(place(first)))
                .shown(Geometry::MultiPoint(geo::MultiPoint(points)))
                .sized(faults.len() as f64, "count"),
        );
    }
    Ok(())
}

/// Vertices that a ring passes twice, spikes aside.
fn self_touches(ground: &Ground<'_>, unit: &Unit<'_>) -> Vec<(Coord<f64>, bool)> {
    let mut found = Vec::new();
    let mut seen: Vec<(u32, usize)> = Vec::new();
    for ring in &unit.rings {
        let vertices = &ground.vertices[ring.vertices.clone()];
        let open = &vertices[..vertices.len().saturating_sub(1)];
        seen.clear();
        seen.extend(open.iter().enumerate().map(|(at, vertex)| (*vertex, at)));
        seen.sort_unstable();
        for pair in seen.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let apart = pair[1].1 - pair[0].1;
            let apart = apart.min(open.len() - apart);
            // Neighbours are a repeated vertex, next but one the foot of a spike.
            if apart > 2 {
                found.push((ground.coords[pair[0].0 as usize], false));
            }
        }
    }
    found
}

/// Where edges of a unit cross each other or lie on each other, ends apart.
fn crossings(ground: &Ground<'_>, unit: &Unit<'_>) -> Vec<Coord<f64>> {
    struct Span {
        west: f64,
        east: f64,
        south: f64,
        north: f64,
        ends: [u32; 2],
        ring: u32,
    }
    let mut spans = Vec::new();
    for (at, ring) in unit.rings.iter().enumerate() {
        for ends in ground.vertices[ring.vertices.clone()].windows(2) {
            let (a, b) = (
                ground.coords[ends[0] as usize],
                ground.coords[ends[1] as usize],
            );
            if ends[0] != ends[1] {
                spans.push(Span {
                    west: a.x.min(b.x),
                    east: a.x.max(b.x),
                    south: a.y.min(b.y),
                    north: a.y.max(b.y),
                    ends: [ends[0], ends[1]],
                    ring: at as u32,
                });
            }
        }
    }
    spans.sort_unstable_by(|a, b| a.west.total_cmp(&b.west));
    let mut found = Vec::new();
    for (at, one) in spans.iter().enumerate() {
        for other in spans[at + 1..]
            .iter()
            .take_while(|other| other.west <= one.east)
        {
            if other.south > one.north
                || one.south > other.north
                || one.ends.iter().any(|end| other.ends.contains(end))
            {
                continue;
            }
            let at = |vertex: u32| ground.coords[vertex as usize];
            let [a, b] = one.ends.map(at);
            let [c, d] = other.ends.map(at);
            let (oc, od) = (
                RobustKernel::orient2d(a, b, c),
                RobustKernel::orient2d(a, b, d),
            );
            if oc == od {
                continue;
            }
            let (oa, ob) = (
                RobustKernel::orient2d(c, d, a),
                RobustKernel::orient2d(c, d, b),
            );
            if oa == ob {
                continue;
            }
            let is_touch = [oa, ob, oc, od].contains(&Orientation::Collinear);
            // A hole may touch its shell in a point; a ring may not touch itself.
            if is_touch && one.ring != other.ring {
                continue;
            }
            let share = cross(c - a, d - c) / cross(b - a, d - c);
            found.push(a + (b - a) * share.clamp(0.0, 1.0));
        }
    }
    found
}

fn short_ring(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let drawn: Vec<_> = scope
        .register
        .units()
        .iter()
        .filter(|(code, record)| scope.covers(*code) && record.geometry.is_some())
        .collect();
    if drawn.is_empty() {
        return Err(not_loaded(Collection::Divisions));
    }
    for (code, record) in drawn {
        let Some(geometry) = record.geometry.as_deref() else {
            continue;
        };
        let name = scope.register.label(*code);
        let mut finding = |detail: &str, message: Text, at: Option<Coord<f64>>| {
            out.push(
                Finding::new(
                    "GEO-02",
                    Severity::Error,
                    vec![record.key()],
                    detail,
                    message,
                )
                .on(at.map(place)),
            );
        };
        let parts: Vec<&geo::Polygon<f64>> = match geometry {
            Geometry::Polygon(polygon) => vec![polygon],
            Geometry::MultiPolygon(polygons) => polygons.iter().collect(),
            _ => {
                finding(
                    "kind",
                    Text::new(
                        format!("{name}的图形不是面；请提供面状图形"),
                        format!("the geometry of {name} is no polygon; supply one"),
                    ),
                    None,
                );
                continue;
            }
        };
        if parts.is_empty() || parts.iter().all(|part| part.exterior().0.is_empty()) {
            finding(
                "empty",
                Text::new(
                    format!("{name}的图形为空；请重新提供"),
                    format!("the geometry of {name} is empty; supply it again"),
                ),
                None,
            );
            continue;
        }
        let rings = parts
            .iter()
            .flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
        for (at, ring) in rings.enumerate() {
            let mut distinct: Vec<(u64, u64)> = ring
                .0
                .iter()
                .map(|c| (c.x.to_bits(), c.y.to_bits()))
                .collect();
            distinct.sort_unstable();
            distinct.dedup();
            if distinct.len() < 3 {
                let number = at + 1;
                finding(
                    &format!("ring {at}"),
                    Text::new(
                        format!("{name}第 {number} 个环不足三个不同的点；请删除或补全"),
                        format!(
                            "ring {number} of {name} has fewer than three different positions; remove or complete it"
                        ),
                    ),
                    ring.0.first().copied(),
                );
            }
        }
    }
    Ok(())
}

/// Share of units that may wind otherwise before it is taken for the habit of the file.
const ODD_WINDING_SHARE: f64 = 0.05;

fn winding(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let facts = facts(scope)?;
    let mut by_level: BTreeMap<_, Vec<(&Facts, bool)>> = BTreeMap::new();
    for unit in facts {
        by_level
            .entry(unit.level)
            .or_default()
            .push((unit, unit.is_left_handed));
    }
    for (level, units) in by_level {
        let good = units.iter().filter(|(_, is_good)| *is_good).count();
        let is_habit_good = good * 2 >= units.len();
        let odd = if is_habit_good {
            units.len() - good
        } else {
            good
        };
        let is_few = odd as f64 <= (units.len() as f64 * ODD_WINDING_SHARE).max(1.0);
        if is_few {
            for (unit, _) in units
                .iter()
                .filter(|(unit, is_good)| *is_good != is_habit_good && scope.covers(unit.code))
            {
                let name = scope.register.label(unit.code);
                let message = Text::new(
                    format!("{name}的环方向与同级其他区划相反；导出时会按 RFC 7946 自动改正"),
                    format!(
                        "the rings of {name} wind the other way than those of its level; exports write them as RFC 7946 asks"
                    ),
                );
                out.push(
                    Finding::new(
                        "GEO-03",
                        Severity::Warning,
                        fact_key(scope, unit),
                        "",
                        message,
                    )
                    .on(unit.corner),
                );
            }
        }
        if !is_habit_good && units.iter().any(|(unit, _)| scope.covers(unit.code)) {
            let count = units.len() - good;
            let message = Text::new(
                format!(
                    "{}区划有 {count} 个按顺时针方向记录外环；导出时会按 RFC 7946 改正，无需处理",
                    level.zh()
                ),
                format!(
                    "{count} units of level {level} have clockwise outer rings; exports write them as RFC 7946 asks, nothing to do"
                ),
            );
            out.push(
                Finding::new(
                    "GEO-03",
                    Severity::Info,
                    Vec::new(),
                    level.as_str(),
                    message,
                )
                .sized(count as f64, "count"),
            );
        }
    }
    Ok(())
}

fn first_corner(unit: &Unit<'_>) -> Option<LonLat> {
    unit.rings
        .first()
        .and_then(|ring| ring.coords.first())
        .map(|c| place(*c))
}

fn repeated_vertex(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    let mut told = Told::default();
    for (unit, is_covered) in lowest_first(scope, ground) {
        let mut repeated = Vec::new();
        for ring in &unit.rings {
            let plane = Plane::at(ring.coords.first().copied().unwrap_or_default());
            for ends in ring.coords.windows(2) {
                // A quick look in degrees first: 0.05 m is less than a millionth of a degree.
                let step = ends[1] - ends[0];
                if step.x.abs() < 2e-6
                    && step.y.abs() < 2e-6
                    && norm(plane.metres(ends[1]) - plane.metres(ends[0])) < NEAR_VERTEX_M
                    && told.is_first(unit, ends[0], ends[1])
                {
                    repeated.push(ends[1]);
                }
            }
        }
        let Some(&first) = repeated.first().filter(|_| is_covered) else {
            continue;
        };
        let name = scope.register.label(unit.code);
        let (count, at) = (repeated.len(), where_(first));
        let message = Text::new(
            format!(
                "{name}有 {count} 个重复点（间距小于 {NEAR_VERTEX_M} 米），首个在 {at}；请删除多余的点"
            ),
            format!(
                "{name} has {count} repeated vertices (nearer than {NEAR_VERTEX_M} m), the first at {at}; take them out"
            ),
        );
        out.push(
            Finding::new("GEO-04", Severity::Warning, key(unit), "", message)
                .on(Some(place(first)))
                .shown(Geometry::MultiPoint(geo::MultiPoint(
                    repeated.into_iter().map(Point).collect(),
                )))
                .sized(count as f64, "count")
                .against(NEAR_VERTEX_M),
        );
    }
    Ok(())
}

fn spikes(
    scope: &Scope<'_>,
    out: &mut Vec<Finding>,
    rule: &'static str,
    is_outward: bool,
) -> Result<(), Skip> {
    let ground = ground(scope)?;
    let sharp_cos = SPIKE_ANGLE_DEG.to_radians().cos();
    let mut told = Told::default();
    for (unit, is_covered) in lowest_first(scope, ground) {
        for ring in &unit.rings {
            let coords = ring.coords;
            if coords.len() < 4 {
                continue;
            }
            let plane = Plane::at(coords[0]);
            let open = coords.len() - 1;
            for at in 0..open {
                let tip = coords[at];
                let (before, after) = (coords[(at + open - 1) % open], coords[(at + 1) % open]);
                let (u, v) = (
                    plane.metres(before) - plane.metres(tip),
                    plane.metres(after) - plane.metres(tip),
                );
                // Longitudes shrink with latitude away from the ring's first vertex, but an
                // angle of 1° stays near 1° within a unit.
                let (long_u, long_v) = (norm(u), norm(v));
                let product = dot(u, v);
                if product < sharp_cos * long_u * long_v {
                    continue;
                }
                let length = long_u.min(long_v);
                let base = cross(u, v).abs() / long_u.max(long_v);
                if length < SPIKE_LENGTH_M || base > SPIKE_BASE_M {
                    continue;
                }
                // Convex at the tip where the ring turns towards its interior; a retraced spike
                // turns neither way and counts as outward.
                let turn = cross(-u, v);
                let is_interior_left = ring.is_counter_clockwise != ring.is_hole;
                let is_convex = turn == 0.0 || (turn > 0.0) == is_interior_left;
                if is_convex != is_outward || !told.is_first(unit, tip, tip) || !is_covered {
                    continue;
                }
                let name = scope.register.label(unit.code);
                let size = metres(length);
                let foot = metres(base);
                let at_text = where_(tip);
                let message = if is_outward {
                    Text::new(
                        format!(
                            "{name}在 {at_text} 有尖刺，长 {}，底宽 {}；请删除尖端的点",
                            size.zh, foot.zh
                        ),
                        format!(
                            "{name} has a spike at {at_text}, {} long, {} wide at its foot; take its tip out",
                            size.en, foot.en
                        ),
                    )
                } else {
                    Text::new(
                        format!(
                            "{name}在 {at_text} 有内凹尖刺，长 {}，底宽 {}；请删除尖端的点",
                            size.zh, foot.zh
                        ),
                        format!(
                            "{name} has a cut-in spike at {at_text}, {} long, {} wide at its foot; take its tip out",
                            size.en, foot.en
                        ),
                    )
                };
                out.push(
                    Finding::new(rule, Severity::Error, key(unit), "", message)
                        .at(place(tip))
                        .shown(Geometry::LineString(LineString(vec![before, tip, after])))
                        .sized(length, "m")
                        .against(SPIKE_BASE_M),
                );
            }
        }
    }
    Ok(())
}

fn holes(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    super::coverage::each_face(scope, ground, &mut |level, face| {
        if face.kind != FaceKind::Hole {
            return;
        }
        let unit = &ground.units[face.units[0] as usize];
        let name = scope.register.label(unit.code);
        // A hole in a part that has neighbours on land is ground that nobody has; one in an
        // island or between islands is mostly water.
        let table = ground.layer(level).map(|layer| ground.table(layer));
        let drawn = unit
            .rings
            .iter()
            .find(|ring| ring.is_hole && ring.coords.contains(&face.rings[0][0]))
            .map(|ring| ring.part);
        let is_drawn = unit.rings.iter().any(|ring| {
            Some(ring.part) == drawn
                && !ring.is_hole
                && table.is_some_and(|table| has_neighbour(ground, table, ring))
        });
        let (size, width) = (area(face.area_m2), metres(face.width_m));
        let at = where_(face.centre);
        let message = if is_drawn {
            Text::new(
                format!(
                    "{name}在 {at} 有空洞，面积 {}，最宽 {}，没有区划填充；请填补，或登记为水域",
                    size.zh, width.zh
                ),
                format!(
                    "{name} has a hole at {at} of {}, {} wide, that no unit fills; fill it, or record it as water",
                    size.en, width.en
                ),
            )
        } else {
            Text::new(
                format!(
                    "{name}的岛屿在 {at} 围出 {}（最宽 {}）；多为水域",
                    size.zh, width.zh
                ),
                format!(
                    "islands of {name} enclose {} at {at} ({} wide); mostly water",
                    size.en, width.en
                ),
            )
        };
        let severity = if is_drawn {
            Severity::Error
        } else {
            Severity::Info
        };
        let finding = Finding::new("GEO-07", severity, key(unit), level.as_str(), message)
            .at(place(face.centre))
            .shown(super::coverage::face_geometry(face))
            .measuring([face.extent()])
            .sized(face.area_m2, "m2");
        out.push(if is_drawn {
            finding.propose(
                super::text!("由{name}填补", "fill it with {name}"),
                Some(unit.code),
                Some(face.area_m2),
            )
        } else {
            finding
        });
    });
    Ok(())
}

fn tiny_parts(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    let mut told = Told::default();
    for (unit, is_covered) in lowest_first(scope, ground)
        .into_iter()
        .filter(|(unit, _)| unit.parts > 1)
    {
        let level = unit.record.level().unwrap_or(unit.code.level());
        let Some(layer) = ground.layer(level) else {
            continue;
        };
        let table = ground.table(layer);
        for ring in unit.rings.iter().filter(|ring| !ring.is_hole) {
            let plane = Plane::at(ring.coords.first().copied().unwrap_or_default());
            let flat: Vec<_> = ring.coords.iter().map(|c| plane.metres(*c)).collect();
            if crate::ground::width::ring_area(&flat) >= TINY_PART_M2 {
                continue;
            }
            // Islands are as small as they are; a part that has a neighbour on land is asked
            // about, once for all levels.
            let first = ring.coords.first().copied().unwrap_or_default();
            let is_told = !has_neighbour(ground, table, ring) || !told.is_first(unit, first, first);
            if is_told || !is_covered {
                continue;
            }
            let m2 = zhifang_topology::ring_area_m2(&LineString(ring.coords.to_vec()));
            let (name, size) = (scope.register.label(unit.code), area(m2));
            let at = where_(first);
            let message = Text::new(
                format!(
                    "{name}在 {at} 有一块仅 {} 的细碎图斑；若为飞地请登记原因，否则并入邻区",
                    size.zh
                ),
                format!(
                    "{name} has a part of only {} at {at}; record the reason if it is an exclave, else merge it",
                    size.en
                ),
            );
            out.push(
                Finding::new("GEO-08", Severity::Warning, key(unit), "", message)
                    .at(place(first))
                    .shown(Geometry::Polygon(geo::Polygon::new(
                        LineString(ring.coords.to_vec()),
                        Vec::new(),
                    )))
                    .sized(m2, "m2"),
            );
        }
    }
    Ok(())
}

fn long_segments(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    for unit in in_scope(scope, ground) {
        let edges = unit.rings.iter().flat_map(|ring| ring.coords.windows(2));
        let longest = edges
            .filter(|ends| {
                let step = ends[1] - ends[0];
                step.x.abs() > SURELY_SHORT_DEG || step.y.abs() > SURELY_SHORT_DEG
            })
            .map(|ends| (zhifang_topology::distance_m(ends[0], ends[1]), ends))
            .filter(|(length, _)| *length > LONG_SEGMENT_M && length.is_finite())
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((length, ends)) = longest else {
            continue;
        };
        let (name, far) = (scope.register.label(unit.code), metres(length));
        let at = (ends[0] + ends[1]) / 2.0;
        let message = Text::new(
            format!("{name}的边界有 {} 没有中间点；请核对是否漏点", far.zh),
            format!(
                "the outline of {name} runs {} without a vertex; check whether some are missing",
                far.en
            ),
        );
        out.push(
            Finding::new("GEO-09", Severity::Info, key(unit), "", message)
                .on(Some(place(at)))
                .sized(length, "m")
                .against(LONG_SEGMENT_M),
        );
    }
    Ok(())
}

/// So many decimals fewer than the others is a finding.
const FEWER_DECIMALS: i32 = 2;

fn few_decimals(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let facts = facts(scope)?;
    let mut sorted: Vec<i32> = facts.iter().map(|unit| unit.decimals).collect();
    sorted.sort_unstable();
    let usual = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    for unit in facts {
        let few = unit.decimals;
        if few + FEWER_DECIMALS > usual || !scope.covers(unit.code) {
            continue;
        }
        let name = scope.register.label(unit.code);
        let message = super::text!(
            "{name}的坐标只有 {few} 位小数，其他区划有 {usual} 位；请换用未取整的坐标",
            "coordinates of {name} have {few} decimals, those of the others {usual}; use coordinates that were not rounded"
        );
        out.push(
            Finding::new(
                "GEO-10",
                Severity::Warning,
                fact_key(scope, unit),
                "",
                message,
            )
            .on(unit.corner)
            .sized(f64::from(few), "count"),
        );
    }
    Ok(())
}

fn outside(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    let [west, south, east, north] = EXTENT;
    for unit in in_scope(scope, ground) {
        let b = &unit.bbox;
        // An empty geometry lies nowhere.
        if unit.rings.iter().all(|ring| ring.coords.is_empty()) {
            continue;
        }
        if b.west >= west && b.east <= east && b.south >= south && b.north <= north {
            continue;
        }
        let is_swapped = b.south >= west && b.north <= east && b.west >= south && b.east <= north;
        let name = scope.register.label(unit.code);
        let at = first_corner(unit).map_or_else(String::new, |p| where_(p.into()));
        let message = if is_swapped {
            super::text!(
                "{name}的经纬度疑似颠倒（{at}）；请交换两列后重新导入",
                "longitude and latitude of {name} look swapped ({at}); exchange them and import again"
            )
        } else {
            super::text!(
                "{name}有坐标超出全国范围（{at}）；请核对坐标系",
                "{name} has coordinates outside the country ({at}); check the coordinate system"
            )
        };
        out.push(
            Finding::new("GEO-11", Severity::Error, key(unit), "", message).on(first_corner(unit)),
        );
    }
    Ok(())
}

fn shifted(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    for (unit, found) in ground.shifted() {
        let unit = &ground.units[*unit as usize];
        if !scope.covers(unit.code) {
            continue;
        }
        let name = scope.register.label(unit.code);
        let length = found.dx_m.hypot(found.dy_m);
        let distance = metres(length);
        let course =
            zhifang_topology::Compass::from_degrees(found.dx_m.atan2(found.dy_m).to_degrees());
        let datum = |lang: Lang| match found.likely {
            zhifang_datum::Likely::Gcj02 => lang.pick("，疑似 GCJ-02 坐标", ", like GCJ-02"),
            zhifang_datum::Likely::Bd09 => lang.pick("，疑似 BD-09 坐标", ", like BD-09"),
            _ => "",
        };
        let message = Text::new(
            format!(
                "{name}相对邻区整体向{}偏移 {}{}；请声明坐标系后重新导入",
                course.zh(),
                distance.zh,
                datum(Lang::Zh)
            ),
            format!(
                "{name} lies {} {} of where its neighbours have it{}; import it again with its coordinate system declared",
                distance.en,
                course.en(),
                datum(Lang::En)
            ),
        );
        out.push(
            Finding::new("GEO-12", Severity::Error, key(unit), "", message)
                .on(first_corner(unit))
                .sized(length, "m")
                .against(100.0),
        );
    }
    Ok(())
}

/// Shapes of all records but divisions, whose rings the other rules look at one by one.
fn unsound(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let mut has_shapes = false;
    let collections = Collection::ALL
        .into_iter()
        .filter(|collection| *collection != Collection::Divisions);
    for record in collections.flat_map(|collection| scope.live(collection)) {
        let Some(geometry) = record.geometry.as_deref() else {
            continue;
        };
        has_shapes = true;
        let Some(fault) = first_unsound(geometry) else {
            continue;
        };
        let called = if record.name.trim().is_empty() {
            record.key().to_string()
        } else {
            format!("{}（{}）", record.name, record.key())
        };
        let message = Text::new(
            format!(
                "{called}的图形无效：{}；请改正后重新导入",
                fault.message(Lang::Zh)
            ),
            format!(
                "the shape of {called} is not sound: {}; correct it and import it again",
                fault.message(Lang::En)
            ),
        );
        let at = match fault {
            Unsound::Crossing(place) => Some(LonLat::from(place)),
            _ => record
                .anchor()
                .or_else(|| record.bbox().map(|bbox| bbox.centre())),
        };
        out.push(Finding::new("GEO-13", Severity::Error, vec![record.key()], "", message).on(at));
    }
    if has_shapes {
        Ok(())
    } else {
        Err(Skip::new(
            "范围内除行政区划外没有带图形的记录",
            "no record but divisions has a shape there",
        ))
    }
}
