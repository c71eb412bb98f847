//! COV: how units lie beside each other and inside the unit above.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Coord, Geometry, LineString, MultiPoint, MultiPolygon, Point, Polygon};
use zhifang_core::{Bbox, DivisionCode, DivisionLevel, LonLat, RecordKey};

use super::text;
use crate::finding::{Finding, Severity, Text, area, metres};
use crate::ground::{Face, FaceKind, Ground, Split, Unit, UnitAt};
use crate::rule::{Card, Plain, Skip, Tolerance};
use crate::scope::Scope;

const DECREE_353_2: &str = "行政区域界线管理条例（国务院令第353号）第二条";

/// The ladder that differences of lines are judged by.
const LADDER: Option<Tolerance> = Some(Tolerance {
    name: "line",
    metres: 10.0,
    reason: "协议书附图上 0.2 毫米：省、地、县级线 1:5万为 10 米，乡级线 1:1万为 2 米；以内为警告，以外为错误",
    reason_en: "0.2 mm on the agreement map: 10 m at 1:50,000 for province to county lines, 2 m at 1:10,000 for township lines; a warning within, an error beyond",
});

pub(crate) const RULES: &[Plain] = &[
    Plain {
        card: Card {
            id: "COV-01",
            severity: Severity::Error,
            zh: "区划重叠",
            en: "units overlap",
            basis: DECREE_353_2,
            tolerance: LADDER,
        },
        check: overlaps,
    },
    Plain {
        card: Card {
            id: "COV-02",
            severity: Severity::Error,
            zh: "区划之间有缝隙",
            en: "gap between units",
            basis: DECREE_353_2,
            tolerance: LADDER,
        },
        check: gaps,
    },
    Plain {
        card: Card {
            id: "COV-03",
            severity: Severity::Warning,
            zh: "公共边点不一致",
            en: "vertices of the shared line differ",
            basis: "GB/T 17796-2009",
            tolerance: None,
        },
        check: vertices,
    },
    Plain {
        card: Card {
            id: "COV-04",
            severity: Severity::Error,
            zh: "三交点不重合",
            en: "tri-point is split",
            basis: "行政区域界线管理条例第二条；三交点协议书",
            tolerance: LADDER,
        },
        check: tri_points,
    },
    Plain {
        card: Card {
            id: "COV-05",
            severity: Severity::Error,
            zh: "缺少区划",
            en: "unit missing",
            basis: "GB/T 2260",
            tolerance: None,
        },
        check: missing,
    },
    Plain {
        card: Card {
            id: "COV-06",
            severity: Severity::Error,
            zh: "图形重复",
            en: "two units of one shape",
            basis: DECREE_353_2,
            tolerance: None,
        },
        check: duplicates,
    },
    Plain {
        card: Card {
            id: "COV-07",
            severity: Severity::Error,
            zh: "一区划的地块落在另一区划之内",
            en: "part of one unit inside another",
            basis: "行政区域界线管理条例第十一条",
            tolerance: None,
        },
        check: inside,
    },
    Plain {
        card: Card {
            id: "COV-08",
            severity: Severity::Error,
            zh: "下级合并范围与上级不符",
            en: "units below do not fill the unit above",
            basis: "行政区域界线管理条例第十九条",
            tolerance: LADDER,
        },
        check: unfilled,
    },
    Plain {
        card: Card {
            id: "COV-09",
            severity: Severity::Warning,
            zh: "面积与登记值不符",
            en: "area differs from the registered one",
            basis: "行政区划管理条例（国务院令第704号）第十三条",
            tolerance: None,
        },
        check: registered_area,
    },
];

/// What a face of the cover is, to the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Narrower than the coordinates can tell.
    Rounding,
    /// The corner of three units stands in two places.
    TriPoint,
    /// As large as a unit.
    Missing,
    Duplicate,
    /// A whole part of one unit on another's ground.
    Inside,
    Overlap,
    Gap,
    Hole,
}

/// A gap of this share of its neighbours' mean area is a unit that is not there.
const MISSING_SHARE: f64 = 0.1;
/// … or of this share of the smallest of them: a district among large counties …
const MISSING_SHARE_OF_LEAST: f64 = 0.2;
/// … or wider than any slip of drawing, metres.
const MISSING_WIDTH_M: f64 = 2_000.0;
/// Two units are one shape when they share so much of both.
const DUPLICATE_SHARE: f64 = 0.99;
/// A difference below so many units of the last decimal is rounding.
const ROUNDING_UNITS: f64 = 2.0;
/// Faces of the same units nearer than this, degrees (about 500 m), are one finding.
const CLUSTER_DEG: f64 = 0.005;

fn verdict(ground: &Ground<'_>, level: DivisionLevel, face: &Face) -> Verdict {
    match face.kind {
        FaceKind::Vertex => return Verdict::Rounding,
        FaceKind::Hole => return Verdict::Hole,
        FaceKind::Overlap | FaceKind::Gap => {}
    }
    if face.width_m < ROUNDING_UNITS * face.resolution_m {
        return Verdict::Rounding;
    }
    let splits = ground
        .layer(level)
        .map_or(&[][..], |layer| ground.splits(layer));
    if splits.iter().any(|split| split.holds(face)) {
        return Verdict::TriPoint;
    }
    let areas = || {
        face.units
            .iter()
            .map(|unit| ground.units[*unit as usize].area_m2())
    };
    if face.kind == FaceKind::Gap {
        let mean = areas().sum::<f64>() / face.units.len() as f64;
        let least = areas().fold(f64::INFINITY, f64::min);
        if face.area_m2 > MISSING_SHARE * mean
            || face.area_m2 > MISSING_SHARE_OF_LEAST * least
            || face.width_m > MISSING_WIDTH_M
        {
            Verdict::Missing
        } else {
            Verdict::Gap
        }
    } else if face.units.len() == 2 && areas().all(|m2| face.area_m2 > DUPLICATE_SHARE * m2) {
        Verdict::Duplicate
    } else if inner_unit(face).is_some() {
        Verdict::Inside
    } else {
        Verdict::Overlap
    }
}

/// Of two units that overlap the one whose whole ring the face is: the other has no line there.
fn inner_unit(face: &Face) -> Option<UnitAt> {
    let [a, b] = face.units.as_slice() else {
        return None;
    };
    let all = |unit: UnitAt| face.edge_units.iter().all(|units| *units == [unit]);
    [*a, *b]
        .into_iter()
        .find(|unit| !face.edge_units.is_empty() && all(*unit))
}

/// Calls `visit` for every face that concerns the scope, once: a fault that a county and its
/// province share is the county's. Faces of units that are shifted as a whole are left out.
pub(super) fn each_face(
    scope: &Scope<'_>,
    ground: &Ground<'_>,
    visit: &mut dyn FnMut(DivisionLevel, &Face),
) {
    let shifted = ground.shifted();
    let mut seen: Vec<&Face> = Vec::new();
    for layer in (0..ground.layers.len()).rev() {
        let level = ground.layers[layer].level;
        let before = seen.len();
        for face in ground.faces(layer) {
            let is_seen = seen[..before].iter().any(|told| is_same(told, face));
            seen.push(face);
            let is_in = face
                .units
                .iter()
                .any(|unit| scope.covers(ground.units[*unit as usize].code));
            let is_shifted = face.units.iter().any(|unit| {
                shifted
                    .binary_search_by_key(unit, |(shifted, _)| *shifted)
                    .is_ok()
            });
            if is_in && !is_seen && !is_shifted {
                visit(level, face);
            }
        }
    }
}

/// The faces of which a rule speaks between just these units.
pub(crate) fn faces_of(
    scope: &Scope<'_>,
    rule: &str,
    between: &BTreeSet<DivisionCode>,
) -> Vec<Face> {
    let ground = scope.ground();
    let wanted = match rule {
        "COV-01" => Verdict::Overlap,
        "COV-02" => Verdict::Gap,
        "COV-07" => Verdict::Inside,
        _ => Verdict::Rounding,
    };
    let mut faces = Vec::new();
    each_face(scope, ground, &mut |level, face| {
        let codes = face
            .units
            .iter()
            .map(|unit| ground.units[*unit as usize].code);
        if verdict(ground, level, face) == wanted && codes.collect::<BTreeSet<_>>() == *between {
            faces.push(face.clone());
        }
    });
    faces
}

/// The two places of the tri-point of just these units: the one that two share, and the third's.
pub(crate) fn split_of(
    scope: &Scope<'_>,
    between: &BTreeSet<DivisionCode>,
) -> Option<(Coord<f64>, Coord<f64>)> {
    let ground = scope.ground();
    (0..ground.layers.len())
        .flat_map(|layer| ground.splits(layer))
        .find(|split| {
            let codes = split
                .units
                .iter()
                .map(|unit| ground.units[*unit as usize].code);
            codes.collect::<BTreeSet<_>>() == *between
        })
        .map(|split| (split.shared, split.alone))
}

pub(super) fn face_geometry(face: &Face) -> Geometry<f64> {
    match face.rings.split_first() {
        None => Geometry::Point(Point(face.centre)),
        Some((outer, holes)) => Geometry::Polygon(Polygon::new(
            LineString(outer.clone()),
            holes.iter().map(|ring| LineString(ring.clone())).collect(),
        )),
    }
}

fn ground<'s, 'a>(scope: &'s Scope<'a>) -> Result<&'s Ground<'a>, Skip> {
    let ground = scope.ground();
    let is_in = |unit: &Unit<'_>| scope.covers(unit.code);
    if !ground.units.iter().any(is_in) {
        return Err(Skip::new(
            "范围内没有带图形的行政区划",
            "no division with a polygon in the scope",
        ));
    }
    Ok(ground)
}

/// Faces of one verdict that lie near each other between the same units.
struct Cluster {
    level: DivisionLevel,
    units: Vec<UnitAt>,
    faces: Vec<Face>,
}

fn clusters(scope: &Scope<'_>, ground: &Ground<'_>, wanted: Verdict) -> Vec<Cluster> {
    let mut by_units: BTreeMap<(DivisionLevel, Vec<UnitAt>), Vec<Face>> = BTreeMap::new();
    each_face(scope, ground, &mut |level, face| {
        if verdict(ground, level, face) == wanted {
            by_units
                .entry((level, face.units.clone()))
                .or_default()
                .push(face.clone());
        }
    });
    let mut found = Vec::new();
    for ((level, units), faces) in by_units {
        // What two sides have to settle between them is one matter, in however many places.
        if matches!(wanted, Verdict::Overlap | Verdict::Gap) {
            found.push(Cluster {
                level,
                units,
                faces,
            });
            continue;
        }
        let mut groups: Vec<(Bbox, Vec<Face>)> = Vec::new();
        for face in faces {
            let Some(bbox) = Bbox::of_geometry(&face_geometry(&face)) else {
                continue;
            };
            let reach = Bbox {
                west: bbox.west - CLUSTER_DEG,
                south: bbox.south - CLUSTER_DEG,
                east: bbox.east + CLUSTER_DEG,
                north: bbox.north + CLUSTER_DEG,
            };
            let mut merged = (bbox, vec![face]);
            let mut at = 0;
            while at < groups.len() {
                if groups[at].0.intersects(&reach) {
                    let (bbox, mut faces) = groups.swap_remove(at);
                    merged.0 = merged.0.union(&bbox);
                    merged.1.append(&mut faces);
                } else {
                    at += 1;
                }
            }
            groups.push(merged);
        }
        for (_, mut faces) in groups {
            faces.sort_by(|a, b| {
                a.centre
                    .x
                    .total_cmp(&b.centre.x)
                    .then(a.centre.y.total_cmp(&b.centre.y))
            });
            found.push(Cluster {
                level,
                units: units.clone(),
                faces,
            });
        }
    }
    found
}

impl Cluster {
    fn widest(&self) -> &Face {
        self.faces
            .iter()
            .max_by(|a, b| a.width_m.total_cmp(&b.width_m))
            .unwrap_or(&self.faces[0])
    }

    fn area_m2(&self) -> f64 {
        self.faces.iter().map(|face| face.area_m2).sum()
    }

    fn length_m(&self) -> f64 {
        self.faces.iter().map(|face| face.length_m).sum()
    }

    fn geometry(&self) -> Geometry<f64> {
        match self.faces.as_slice() {
            [face] => face_geometry(face),
            faces if faces.iter().all(|face| face.rings.is_empty()) => Geometry::MultiPoint(
                MultiPoint(faces.iter().map(|face| Point(face.centre)).collect()),
            ),
            faces => Geometry::MultiPolygon(MultiPolygon(
                faces
                    .iter()
                    .filter_map(|face| match face_geometry(face) {
                        Geometry::Polygon(polygon) => Some(polygon),
                        _ => None,
                    })
                    .collect(),
            )),
        }
    }

    fn subjects(&self, ground: &Ground<'_>) -> Vec<RecordKey> {
        self.units
            .iter()
            .map(|unit| ground.units[*unit as usize].record.key())
            .collect()
    }

    fn names(&self, scope: &Scope<'_>, ground: &Ground<'_>) -> Vec<String> {
        self.units
            .iter()
            .map(|unit| scope.register.label(ground.units[*unit as usize].code))
            .collect()
    }

    /// Width, length and area in words.
    fn measures(&self) -> Text {
        let (width, length, area) = (
            metres(self.widest().width_m),
            metres(self.length_m()),
            area(self.area_m2()),
        );
        let (zh, en) = match self.faces.len() {
            1 => (String::new(), String::new()),
            count => (format!("共 {count} 处，"), format!("{count} places, ")),
        };
        Text::new(
            format!("{zh}最宽 {}，长 {}，面积 {}", width.zh, length.zh, area.zh),
            format!(
                "{en}{} wide at most, {} long, {} in all",
                width.en, length.en, area.en
            ),
        )
    }

    fn finding(
        &self,
        ground: &Ground<'_>,
        rule: &'static str,
        severity: Severity,
        message: Text,
    ) -> Finding {
        let widest = self.widest();
        Finding::new(
            rule,
            severity,
            self.subjects(ground),
            self.level.as_str(),
            message,
        )
        .at(LonLat::from(widest.centre))
        .shown(self.geometry())
        .measuring(self.faces.iter().map(Face::extent))
    }
}

fn joined(names: &[String]) -> Text {
    let zh = match names {
        [.., last] if names.len() > 1 => {
            format!("{}与{last}", names[..names.len() - 1].join("、"))
        }
        _ => names.join("、"),
    };
    let en = match names {
        [.., last] if names.len() > 1 => {
            format!("{} and {last}", names[..names.len() - 1].join(", "))
        }
        _ => names.join(", "),
    };
    Text { zh, en }
}

fn graded(scope: &Scope<'_>, level: DivisionLevel, width_m: f64) -> (Severity, f64) {
    let tolerance = scope.options.tolerance_m(level);
    (
        if width_m < tolerance {
            Severity::Warning
        } else {
            Severity::Error
        },
        tolerance,
    )
}

fn overlaps(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    for cluster in clusters(scope, ground, Verdict::Overlap) {
        let names = cluster.names(scope, ground);
        let (who, how) = (joined(&names), cluster.measures());
        let (severity, tolerance) = graded(scope, cluster.level, cluster.widest().width_m);
        let message = Text::new(
            format!("{}重叠：{}；请双方核定后由一方让出", who.zh, how.zh),
            format!("{} overlap: {}; agree which side gives way", who.en, how.en),
        );
        let m2 = cluster.area_m2();
        let mut finding = cluster
            .finding(ground, "COV-01", severity, message)
            .sized(m2, "m2")
            .against(tolerance);
        for (unit, name) in cluster.units.iter().zip(&names) {
            finding = finding.propose(
                text!("由{name}让出重叠部分", "{name} gives the overlap up"),
                Some(ground.units[*unit as usize].code),
                Some(-m2),
            );
        }
        out.push(finding);
    }
    Ok(())
}

fn gaps(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    for cluster in clusters(scope, ground, Verdict::Gap) {
        let names = cluster.names(scope, ground);
        let (who, how) = (joined(&names), cluster.measures());
        let (severity, tolerance) = graded(scope, cluster.level, cluster.widest().width_m);
        let message = Text::new(
            format!("{}之间有缝隙：{}；请核定归属后填补", who.zh, how.zh),
            format!(
                "gap between {}: {}; agree whose ground it is",
                who.en, how.en
            ),
        );
        let m2 = cluster.area_m2();
        let mut finding = cluster
            .finding(ground, "COV-02", severity, message)
            .sized(m2, "m2")
            .against(tolerance);
        for (unit, name) in cluster.units.iter().zip(&names) {
            finding = finding.propose(
                text!("缝隙划入{name}", "{name} takes the gap"),
                Some(ground.units[*unit as usize].code),
                Some(m2),
            );
        }
        out.push(finding);
    }
    Ok(())
}

fn vertices(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    let mut by_units: BTreeMap<(DivisionLevel, Vec<UnitAt>), Vec<Face>> = BTreeMap::new();
    each_face(scope, ground, &mut |level, face| {
        if verdict(ground, level, face) == Verdict::Rounding {
            let mut units = face.units.clone();
            units.sort_unstable();
            by_units
                .entry((level, units))
                .or_default()
                .push(face.clone());
        }
    });
    for ((level, units), faces) in by_units {
        let cluster = Cluster {
            level,
            units,
            faces,
        };
        let who = joined(&cluster.names(scope, ground));
        let (count, width) = (cluster.faces.len(), metres(cluster.widest().width_m));
        let at = cluster.widest().centre;
        let place = format!("{:.6}, {:.6}", at.x, at.y);
        let message = Text::new(
            format!(
                "{}的公共边有 {count} 处点不一致（差 {} 以内，如 {place}）；请使两侧顶点相同",
                who.zh, width.zh
            ),
            format!(
                "the shared line of {} has {count} vertices that one side lacks (within {}, e.g. at {place}); give both sides the same vertices",
                who.en, width.en
            ),
        );
        let mut finding = Finding::new(
            "COV-03",
            Severity::Warning,
            cluster.subjects(ground),
            level.as_str(),
            message,
        )
        .on(Some(LonLat::from(at)))
        .shown(Geometry::MultiPoint(MultiPoint(
            cluster
                .faces
                .iter()
                .map(|face| Point(face.centre))
                .collect(),
        )))
        .sized(count as f64, "count")
        .measuring(cluster.faces.iter().map(Face::extent));
        finding.tolerance_m = Some(ROUNDING_UNITS * cluster.widest().resolution_m);
        out.push(finding);
    }
    Ok(())
}

fn tri_points(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    let mut faces: Vec<(DivisionLevel, Face)> = Vec::new();
    each_face(scope, ground, &mut |level, face| {
        if verdict(ground, level, face) == Verdict::TriPoint {
            faces.push((level, face.clone()));
        }
    });
    for (at, layer) in ground.layers.iter().enumerate().rev() {
        for split in ground.splits(at) {
            let of_split =
                |(level, face): &&(DivisionLevel, Face)| *level == layer.level && split.holds(face);
            let faces: Vec<Face> = faces
                .iter()
                .filter(of_split)
                .map(|one| one.1.clone())
                .collect();
            // None where the corner was told of at a lower level, or lies outside the scope.
            if !faces.is_empty() {
                out.push(split_finding(scope, ground, layer.level, split, faces));
            }
        }
    }
    Ok(())
}

fn split_finding(
    scope: &Scope<'_>,
    ground: &Ground<'_>,
    level: DivisionLevel,
    split: &Split,
    faces: Vec<Face>,
) -> Finding {
    let cluster = Cluster {
        level,
        units: split.units.clone(),
        faces,
    };
    let apart = split.apart_m();
    let (who, distance) = (joined(&cluster.names(scope, ground)), metres(apart));
    let (severity, tolerance) = graded(scope, level, apart);
    let message = Text::new(
        format!(
            "{}的三交点不重合，相差 {}；请按三交点协议书统一",
            who.zh, distance.zh
        ),
        format!(
            "the tri-point of {} stands in two places {} apart; take the one of the tri-point agreement",
            who.en, distance.en
        ),
    );
    let mut finding = Finding::new(
        "COV-04",
        severity,
        cluster.subjects(ground),
        level.as_str(),
        message,
    )
    .at(LonLat::from(split.shared))
    .shown(cluster.geometry())
    .measuring(cluster.faces.iter().map(Face::extent))
    .sized(apart, "m")
    .against(tolerance);
    for c in [split.shared, split.alone] {
        let at = format!("{:.6}, {:.6}", c.x, c.y);
        finding = finding.propose(
            text!("统一到 {at}", "use {at} on all sides"),
            None,
            Some(cluster.area_m2()),
        );
    }
    finding
}

fn missing(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    let undrawn = |near: &[UnitAt], level: DivisionLevel| -> Vec<String> {
        let parents: Vec<_> = near
            .iter()
            .filter_map(|unit| ground.units[*unit as usize].record.parent())
            .collect();
        scope
            .register
            .units()
            .iter()
            .filter(|(code, record)| {
                record.geometry.is_none()
                    && record.level().unwrap_or(code.level()) == level
                    && record
                        .parent()
                        .is_some_and(|parent| parents.contains(&parent))
            })
            .map(|(code, _)| scope.register.label(*code))
            .take(5)
            .collect()
    };
    for cluster in clusters(scope, ground, Verdict::Missing) {
        let who = joined(&cluster.names(scope, ground));
        let size = area(cluster.area_m2());
        let candidates = undrawn(&cluster.units, cluster.level);
        let (hint_zh, hint_en) = if candidates.is_empty() {
            (String::new(), String::new())
        } else {
            (
                format!("，可能是没有图形的{}", candidates.join("、")),
                format!(", perhaps {} which has no polygon", candidates.join(", ")),
            )
        };
        let message = Text::new(
            format!(
                "{}之间缺少一个{}区划，面积 {}{hint_zh}；请补充图形",
                who.zh,
                cluster.level.zh(),
                size.zh
            ),
            format!(
                "a unit of level {} is missing between {}, {}{hint_en}; supply its polygon",
                cluster.level, who.en, size.en
            ),
        );
        out.push(
            cluster
                .finding(ground, "COV-05", Severity::Error, message)
                .sized(cluster.area_m2(), "m2"),
        );
    }
    Ok(())
}

fn duplicates(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    let mut pairs = Vec::new();
    for cluster in clusters(scope, ground, Verdict::Duplicate) {
        if pairs.contains(&cluster.units) {
            continue;
        }
        pairs.push(cluster.units.clone());
        let names = cluster.names(scope, ground);
        let (who, size) = (joined(&names), area(cluster.area_m2()));
        let message = Text::new(
            format!("{}图形重复，面积 {}；请删除或改正其中一个", who.zh, size.zh),
            format!(
                "{} have the same shape, {}; retire or correct one of them",
                who.en, size.en
            ),
        );
        let mut finding = cluster
            .finding(ground, "COV-06", Severity::Error, message)
            .sized(cluster.area_m2(), "m2");
        for (unit, name) in cluster.units.iter().zip(&names) {
            finding = finding.propose(
                text!("改正{name}的图形", "correct the shape of {name}"),
                Some(ground.units[*unit as usize].code),
                None,
            );
        }
        out.push(finding);
    }
    Ok(())
}

fn inside(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    for cluster in clusters(scope, ground, Verdict::Inside) {
        let Some(inner) = inner_unit(cluster.widest()) else {
            continue;
        };
        let label = |unit: UnitAt| scope.register.label(ground.units[unit as usize].code);
        let Some(outer) = cluster.units.iter().copied().find(|unit| *unit != inner) else {
            continue;
        };
        let (inside, around, how) = (label(inner), label(outer), cluster.measures());
        let message = Text::new(
            format!(
                "{inside}有地块落在{around}之内，{around}没有让出：{}；若为飞地，请在{around}中留出并登记，否则删除",
                how.zh
            ),
            format!(
                "part of {inside} lies inside {around}, which does not leave it out: {}; cut it out of {around} and record it if it is an exclave, else take it away",
                how.en
            ),
        );
        let m2 = cluster.area_m2();
        let mut finding = cluster
            .finding(ground, "COV-07", Severity::Error, message)
            .sized(m2, "m2");
        for (unit, name) in [(outer, &around), (inner, &inside)] {
            finding = finding.propose(
                text!("由{name}让出该地块", "{name} gives the ground up"),
                Some(ground.units[unit as usize].code),
                Some(-m2),
            );
        }
        out.push(finding);
    }
    Ok(())
}

/// Where more of a unit than this lies open while units below it have no polygon, the level is
/// not loaded in full and nothing is wrong.
const LOADED_SHARE: f64 = 0.05;

fn unfilled(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    let mut looked = 0;
    for layer in 0..ground.layers.len() {
        for (above, faces) in ground.unfilled(layer) {
            let parent = &ground.units[*above as usize];
            if !scope.covers(parent.code) {
                continue;
            }
            let open: f64 = faces
                .iter()
                .filter(|face| face.kind == FaceKind::Gap)
                .map(|face| face.area_m2)
                .sum();
            let is_open = open > LOADED_SHARE * parent.area_m2();
            let level = ground.layers[layer].level;
            if is_open && has_undrawn_child(scope, parent, level) {
                continue;
            }
            for kind in [FaceKind::Gap, FaceKind::Overlap] {
                // Ground that both levels cover once, under another unit, is a matter of
                // attribution; it is told of the unit that is drawn with it.
                let faces = faces.iter().filter(|face| {
                    face.kind == kind
                        && face.width_m >= ROUNDING_UNITS * face.resolution_m
                        // A gap between the units below is told as such.
                        && !ground.faces(layer).iter().any(|told| is_same(told, face))
                });
                let (moved, faces): (Vec<_>, Vec<_>) = faces
                    .map(|face| (elsewhere(ground, *above, layer, face), face.clone()))
                    .partition(|(other, _)| other.is_some());
                let mut by_other: BTreeMap<UnitAt, Vec<Face>> = BTreeMap::new();
                for (other, face) in moved {
                    by_other
                        .entry(other.unwrap_or_default())
                        .or_default()
                        .push(face);
                }
                for (other, faces) in by_other {
                    if kind == FaceKind::Gap {
                        let other = Some(&ground.units[other as usize]);
                        let group = Unfilled {
                            parent,
                            level,
                            kind,
                            other,
                        };
                        out.push(group.finding(scope, ground, faces));
                    }
                }
                let faces: Vec<Face> = faces.into_iter().map(|(_, face)| face).collect();
                if !faces.is_empty() {
                    let group = Unfilled {
                        parent,
                        level,
                        kind,
                        other: None,
                    };
                    out.push(group.finding(scope, ground, faces));
                }
            }
        }
        looked += usize::from(layer > 0);
    }
    if looked == 0 {
        return Err(Skip::new(
            "范围内只有一级区划有图形",
            "only one level has polygons in the scope",
        ));
    }
    Ok(())
}

fn has_undrawn_child(scope: &Scope<'_>, parent: &Unit<'_>, level: DivisionLevel) -> bool {
    scope.register.units().iter().any(|(code, record)| {
        record.geometry.is_none()
            && record.level().unwrap_or(code.level()) == level
            && std::iter::successors(record.parent(), |up| up.parent()).any(|up| up == parent.code)
    })
}

/// Whether two faces are one and the same piece of ground.
fn is_same(a: &Face, b: &Face) -> bool {
    (a.centre.x - b.centre.x).abs() < 1e-5
        && (a.centre.y - b.centre.y).abs() < 1e-5
        && (a.area_m2 - b.area_m2).abs() <= 0.01 * a.area_m2.max(1.0)
}

/// The unit that has the ground of a face at the other level: for a gap the one below, under
/// another unit; for what lies beyond the one beside.
fn elsewhere(ground: &Ground<'_>, above: UnitAt, layer: usize, face: &Face) -> Option<UnitAt> {
    let covering = |layer: &crate::ground::Layer| {
        layer
            .units
            .iter()
            .copied()
            .find(|unit| ground.is_inside(*unit, face.centre))
    };
    if face.kind == FaceKind::Gap {
        return covering(&ground.layers[layer]);
    }
    let record = ground.units[above as usize].record;
    let level = record
        .level()
        .unwrap_or(ground.units[above as usize].code.level());
    covering(&ground.layers[ground.layer(level)?]).filter(|other| *other != above)
}

/// Places in which the units below one unit do not fill it, or leave it.
struct Unfilled<'u, 'a> {
    parent: &'u Unit<'a>,
    level: DivisionLevel,
    kind: FaceKind,
    /// The unit below that has the ground, where it belongs to another unit above.
    other: Option<&'u Unit<'a>>,
}

impl Unfilled<'_, '_> {
    fn message(&self, scope: &Scope<'_>, count: usize, how: &Text) -> Text {
        let (level, name) = (self.level, scope.register.label(self.parent.code));
        if let Some(other) = self.other {
            let other = scope.register.label(other.code);
            return Text::new(
                format!(
                    "{name}的图形含有 {count} 处属于{other}的地块：{}；请登记飞地，或统一两级图形的归属",
                    how.zh
                ),
                format!(
                    "{name} is drawn with {count} pieces of {other}: {}; record them as exclaves, or agree where they belong",
                    how.en
                ),
            );
        }
        if self.kind == FaceKind::Gap {
            Text::new(
                format!(
                    "{name}有 {count} 处未被{}区划填满：{}；请改正下级图形或上级图形",
                    level.zh(),
                    how.zh
                ),
                format!(
                    "units of level {level} leave {count} places of {name} open: {}; correct them, or {name}",
                    how.en
                ),
            )
        } else {
            Text::new(
                format!(
                    "{}区划有 {count} 处超出{name}：{}；请改正下级图形或上级图形",
                    level.zh(),
                    how.zh
                ),
                format!(
                    "units of level {level} leave {name} in {count} places: {}; correct them, or {name}",
                    how.en
                ),
            )
        }
    }

    fn finding(&self, scope: &Scope<'_>, ground: &Ground<'_>, faces: Vec<Face>) -> Finding {
        let mut units: Vec<UnitAt> = faces
            .iter()
            .flat_map(|face| face.units.iter().copied())
            .collect();
        units.sort_unstable();
        units.dedup();
        let cluster = Cluster {
            level: self.level,
            units,
            faces,
        };
        let name = scope.register.label(self.parent.code);
        let message = self.message(scope, cluster.faces.len(), &cluster.measures());
        let (severity, tolerance) = if self.other.is_some() {
            (Severity::Warning, scope.options.tolerance_m(self.level))
        } else {
            graded(scope, self.level, cluster.widest().width_m)
        };
        let mut subjects = vec![self.parent.record.key()];
        match self.other {
            Some(other) => subjects.push(other.record.key()),
            None => subjects.extend(cluster.subjects(ground).into_iter().take(8)),
        }
        let is_gap = self.kind == FaceKind::Gap;
        let detail = if is_gap { "open" } else { "beyond" };
        let m2 = cluster.area_m2();
        let won = if is_gap { -m2 } else { m2 };
        Finding::new("COV-08", severity, subjects, detail, message)
            .at(LonLat::from(cluster.widest().centre))
            .shown(cluster.geometry())
            .measuring(cluster.faces.iter().map(Face::extent))
            .sized(m2, "m2")
            .against(tolerance)
            .propose(
                text!("按下级改{name}", "change {name} to what lies below it"),
                Some(self.parent.code),
                Some(won),
            )
            .propose(
                text!("按{name}改下级", "change the units below to {name}"),
                None,
                Some(-won),
            )
    }
}

/// Share by which an area may differ from the registered one.
const AREA_SHARE: f64 = 0.01;

fn registered_area(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let ground = ground(scope)?;
    let given: Vec<(&Unit<'_>, f64)> = ground
        .units
        .iter()
        .filter(|unit| scope.covers(unit.code))
        .filter_map(|unit| unit.record.fields.number("area_km2").map(|km2| (unit, km2)))
        .collect();
    if given.is_empty() {
        return Err(Skip::new(
            "范围内的区划都没有登记面积",
            "no unit has a registered area",
        ));
    }
    for (unit, registered) in given {
        let measured = unit.area_m2() / 1e6;
        let share = (measured - registered).abs() / registered.max(1e-9);
        if share > AREA_SHARE {
            let (name, percent) = (scope.register.label(unit.code), share * 100.0);
            let message = text!(
                "{name}图形面积 {measured:.2} 平方公里，登记 {registered:.2}，相差 {percent:.1}%；请核对",
                "{name} measures {measured:.2} km², registered are {registered:.2}: {percent:.1} % apart; check which is right"
            );
            out.push(
                Finding::new(
                    "COV-09",
                    Severity::Warning,
                    vec![unit.record.key()],
                    "",
                    message,
                )
                .on(unit.record.anchor())
                .sized(percent, "%"),
            );
        }
    }
    Ok(())
}
