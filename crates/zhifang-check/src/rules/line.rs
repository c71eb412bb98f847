//! LIN: boundary lines against their units, their agreement, and each other.

use std::collections::{BTreeMap, BTreeSet};

use geo::kernels::{Kernel, Orientation, RobustKernel};
use geo::{Coord, Geometry, LineString, MultiLineString};
use rustc_hash::FxHashMap;
use zhifang_core::{Collection, DivisionCode, DivisionLevel, LonLat};

use super::text;
use crate::finding::{Finding, Severity, Text, metres};
use crate::ground::{Ground, UnitAt, edge_ends, edge_key, is_matched};
use crate::linework::{Line, Linework, nearest_of};
use crate::plane::cross;
use crate::rule::{Card, Plain, Skip, Tolerance};
use crate::scope::{Scope, not_loaded};

const DECREE: &str = "行政区域界线管理条例（国务院令第353号）";

/// A line's end this near to a node is on it, metres: the last decimal of the coordinates.
const NODE_M: f64 = 0.1;
/// Two records may share so much of a line, metres.
const SHARED_M: f64 = 1.0;
/// A line between two units shorter than this needs no record, metres.
const SHORT_LINE_M: f64 = 10.0;
/// Share of a unit's border that must have records before the rest is missed.
const RECORDED_SHARE: f64 = 0.6;
/// Share by which a length may differ from the agreed one.
const LENGTH_SHARE: f64 = 0.02;

const fn rule(
    id: &'static str,
    severity: Severity,
    zh: &'static str,
    en: &'static str,
    basis: &'static str,
    tolerance: Option<Tolerance>,
    check: fn(&Scope<'_>, &mut Vec<Finding>) -> Result<(), Skip>,
) -> Plain {
    Plain {
        card: Card {
            id,
            severity,
            zh,
            en,
            basis,
            tolerance,
        },
        check,
    }
}

pub(crate) const RULES: &[Plain] = &[
    rule(
        "LIN-01",
        Severity::Error,
        "界线端点悬空",
        "line end not at a node",
        DECREE,
        Some(Tolerance {
            name: "node",
            metres: NODE_M,
            reason: "坐标末位",
            reason_en: "the last decimal of the coordinates",
        }),
        dangling,
    ),
    rule(
        "LIN-02",
        Severity::Error,
        "界线偏离公共边",
        "line leaves the common edge of its units",
        "行政区域界线管理条例第十四条",
        Some(Tolerance {
            name: "line",
            metres: 10.0,
            reason: "协议书附图上 0.2 毫米（县级以上线 10 米，乡级线 2 米）",
            reason_en: "0.2 mm on the agreement map (10 m, township lines 2 m)",
        }),
        off_edge,
    ),
    rule(
        "LIN-03",
        Severity::Error,
        "左右区划颠倒",
        "left and right exchanged",
        DECREE,
        None,
        sides,
    ),
    rule(
        "LIN-04",
        Severity::Error,
        "界线重复",
        "two records on one stretch",
        DECREE,
        Some(Tolerance {
            name: "shared",
            metres: SHARED_M,
            reason: "坐标误差",
            reason_en: "error of the coordinates",
        }),
        repeated,
    ),
    rule(
        "LIN-05",
        Severity::Error,
        "缺少界线",
        "neighbours without a line record",
        "行政区域界线管理条例第四条",
        Some(Tolerance {
            name: "short_line",
            metres: SHORT_LINE_M,
            reason: "短于此值的接触不单独立线",
            reason_en: "shorter contacts need no line of their own",
        }),
        unrecorded,
    ),
    rule(
        "LIN-06",
        Severity::Error,
        "界线等级不符",
        "level does not fit the units",
        "行政区域界线管理条例第四条",
        None,
        levels,
    ),
    rule(
        "LIN-07",
        Severity::Info,
        "走向与编号方向不一致",
        "drawn against the direction of numbering",
        "GB/T 17796-2009",
        None,
        direction,
    ),
    rule(
        "LIN-08",
        Severity::Warning,
        "缺批准文件或协议书",
        "no agreement or approval",
        "行政区域界线管理条例第二、六条",
        None,
        agreements,
    ),
    rule(
        "LIN-09",
        Severity::Warning,
        "长度与协议不符",
        "length differs from the agreed one",
        "GB/T 17796-2009",
        None,
        lengths,
    ),
    rule(
        "LIN-12",
        Severity::Error,
        "界线相交",
        "lines cross",
        DECREE,
        None,
        crossings,
    ),
];

/// The linework, or the reason why a rule on lines cannot look.
pub(super) fn linework<'s, 'a>(scope: &'s Scope<'a>) -> Result<&'s Linework<'a>, Skip> {
    let work = scope.linework();
    if work.lines.iter().any(|line| scope.holds(line.record)) {
        Ok(work)
    } else {
        Err(not_loaded(Collection::Boundaries))
    }
}

fn in_scope<'s, 'a>(
    scope: &'s Scope<'a>,
    work: &'s Linework<'a>,
) -> impl Iterator<Item = (u32, &'s Line<'a>)> {
    work.lines
        .iter()
        .enumerate()
        .map(|(at, line)| (at as u32, line))
        .filter(|(_, line)| scope.holds(line.record))
}

/// Name of a line for messages.
pub(super) fn line_label(line: &Line<'_>) -> String {
    let (id, name) = (&line.record.id, &line.record.name);
    if name.trim().is_empty() || **name == **id {
        id.to_string()
    } else {
        format!("{name}（{id}）")
    }
}

fn middle(line: &Line<'_>) -> Option<LonLat> {
    line.at(line.length_m() / 2.0).map(LonLat::from)
}

fn shown(parts: Vec<Vec<Coord<f64>>>) -> Geometry<f64> {
    Geometry::MultiLineString(MultiLineString(parts.into_iter().map(LineString).collect()))
}

fn whole(line: &Line<'_>) -> Geometry<f64> {
    shown(line.parts.iter().map(|part| part.to_vec()).collect())
}

fn finding(
    rule: &'static str,
    severity: Severity,
    line: &Line<'_>,
    detail: &str,
    message: Text,
) -> Finding {
    Finding::new(rule, severity, vec![line.record.key()], detail, message)
        .on(middle(line))
        .shown(whole(line))
}

fn unit_at(ground: &Ground<'_>, code: Option<DivisionCode>) -> Option<UnitAt> {
    let at = ground
        .units
        .binary_search_by_key(&code?, |unit| unit.code)
        .ok()?;
    Some(at as UnitAt)
}

/// How far round an end other lines are looked for, degrees (about 2 km).
const END_REACH_DEG: f64 = 0.02;

fn dangling(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let work = linework(scope)?;
    let ground = scope.ground();
    let ends: Vec<Coord<f64>> = in_scope(scope, work)
        .flat_map(|(_, line)| line.ends().collect::<Vec<_>>())
        .collect();
    let nodes = ground.nodes_among(&ends);
    for (at, line) in in_scope(scope, work) {
        let is_drawn = [line.left, line.right]
            .iter()
            .any(|code| unit_at(ground, *code).is_some());
        for (number, end) in line.ends().enumerate() {
            if nodes.contains(&(end.x.to_bits(), end.y.to_bits())) {
                continue;
            }
            let near = work.nearest_other(at, end, END_REACH_DEG);
            // A line that stands alone, without polygons or other lines near, hangs on nothing
            // that is loaded.
            let Some(distance) = near
                .map(|(distance, _)| distance)
                .or(is_drawn.then_some(f64::INFINITY))
            else {
                continue;
            };
            if distance <= NODE_M {
                continue;
            }
            let name = line_label(line);
            let place = format!("{:.6}, {:.6}", end.x, end.y);
            let message = if distance.is_finite() {
                let gap = metres(distance);
                Text::new(
                    format!(
                        "界线 {name} 的端点（{place}）悬空，距最近界线 {}；请接到节点上",
                        gap.zh
                    ),
                    format!(
                        "an end of line {name} ({place}) hangs free, {} from the nearest line; join it to a node",
                        gap.en
                    ),
                )
            } else {
                text!(
                    "界线 {name} 的端点（{place}）悬空，附近没有节点；请接到节点上",
                    "an end of line {name} ({place}) hangs free with no node near; join it to a node"
                )
            };
            let mut one = Finding::new(
                "LIN-01",
                Severity::Error,
                vec![line.record.key()],
                &format!("end {number}"),
                message,
            )
            .on(Some(LonLat::from(end)))
            .shown(Geometry::Point(end.into()))
            .against(NODE_M);
            if distance.is_finite() {
                one = one.sized(distance, "m");
            }
            out.push(one);
        }
    }
    Ok(())
}

/// How the pieces of a line lie to the polygons of its units.
struct Fit {
    /// Length with the units on the recorded sides, and on the wrong ones, metres.
    right_m: f64,
    wrong_m: f64,
    /// Pieces that are no common edge.
    off: Vec<[Coord<f64>; 2]>,
}

fn fit(ground: &Ground<'_>, line: &Line<'_>) -> Option<Fit> {
    let (left, right) = (unit_at(ground, line.left), unit_at(ground, line.right));
    let drawn = left.or(right)?;
    let unit = &ground.units[drawn as usize];
    let layer = ground.layer(unit.record.level().unwrap_or(unit.code.level()))?;
    let table = ground.table(layer);
    let mut fit = Fit {
        right_m: 0.0,
        wrong_m: 0.0,
        off: Vec::new(),
    };
    for ends in line.parts.iter().flat_map(|part| part.windows(2)) {
        let length = zhifang_topology::distance_m(ends[0], ends[1]);
        let owners = match (ground.vertex(ends[0]), ground.vertex(ends[1])) {
            (Some(a), Some(b)) if a != b => {
                let is_turned = a > b;
                table
                    .owners(edge_key(a, b))
                    .iter()
                    .map(|owner| (owner.unit(), owner.is_right() != is_turned))
                    .collect::<Vec<_>>()
            }
            _ => Vec::new(),
        };
        // Which side each unit lies on, seen along the line: `true` is right.
        let side = |unit: Option<UnitAt>| {
            let unit = unit?;
            owners
                .iter()
                .find(|(owner, _)| *owner == unit)
                .map(|(_, is_right)| *is_right)
        };
        let (of_left, of_right) = (side(left), side(right));
        let is_on =
            (left.is_none() || of_left.is_some()) && (right.is_none() || of_right.is_some());
        if !is_on {
            fit.off.push([ends[0], ends[1]]);
        } else if of_left == Some(true) || of_right == Some(false) {
            fit.wrong_m += length;
        } else {
            fit.right_m += length;
        }
    }
    Some(fit)
}

/// Edges that both units have; those of the one that is drawn where the other is not.
fn common_edges(ground: &Ground<'_>, line: &Line<'_>) -> Vec<[Coord<f64>; 2]> {
    let wanted: Vec<UnitAt> = [line.left, line.right]
        .iter()
        .filter_map(|code| unit_at(ground, *code))
        .collect();
    let mut edges = ground.owned_edges(wanted.iter().copied());
    edges.sort_unstable();
    let coord = |vertex: u32| ground.coords[vertex as usize];
    let edge = |key: u64| {
        let (a, b) = edge_ends(key);
        [coord(a), coord(b)]
    };
    let both: Vec<_> = edges
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|run| {
            wanted
                .iter()
                .all(|unit| run.iter().any(|(_, owner)| owner.unit() == *unit))
        })
        .map(|run| edge(run[0].0))
        .collect();
    if both.is_empty() {
        edges.iter().map(|(key, _)| edge(*key)).collect()
    } else {
        both
    }
}

/// Step at which pieces off the common edge are measured, metres.
const PROBE_M: f64 = 25.0;

fn off_edge(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let work = linework(scope)?;
    let ground = scope.ground();
    let mut looked = false;
    for (_, line) in in_scope(scope, work) {
        let Some(fit) = fit(ground, line) else {
            continue;
        };
        looked = true;
        if fit.off.is_empty() {
            continue;
        }
        let edges = common_edges(ground, line);
        let edges: Vec<&[Coord<f64>]> = edges.iter().map(<[_; 2]>::as_slice).collect();
        let mut worst: Option<(f64, Coord<f64>)> = None;
        for piece in &fit.off {
            let length = zhifang_topology::distance_m(piece[0], piece[1]);
            let steps = (length / PROBE_M).ceil().clamp(1.0, 200.0) as usize;
            for step in 0..=steps {
                let place = piece[0] + (piece[1] - piece[0]) * (step as f64 / steps as f64);
                let Some(near) = nearest_of(&edges, place) else {
                    continue;
                };
                if worst.is_none_or(|(distance, _)| near.distance_m > distance) {
                    worst = Some((near.distance_m, place));
                }
            }
        }
        let Some((distance, place)) = worst.filter(|(distance, _)| *distance > NODE_M) else {
            continue;
        };
        let length: f64 = fit
            .off
            .iter()
            .map(|piece| zhifang_topology::distance_m(piece[0], piece[1]))
            .sum();
        let level = line.level.unwrap_or(DivisionLevel::County);
        let tolerance = scope.options.tolerance_m(level);
        let severity = if distance < tolerance {
            Severity::Warning
        } else {
            Severity::Error
        };
        let (name, far, long) = (line_label(line), metres(distance), metres(length));
        let message = Text::new(
            format!(
                "界线 {name} 有 {} 偏离两侧区划的公共边，最大 {}；请统一界线与区划图形",
                long.zh, far.zh
            ),
            format!(
                "{} of line {name} leaves the common edge of its units, by {} at most; make line and polygons agree",
                long.en, far.en
            ),
        );
        out.push(
            Finding::new("LIN-02", severity, vec![line.record.key()], "", message)
                .on(Some(LonLat::from(place)))
                .shown(shown(fit.off.iter().map(|piece| piece.to_vec()).collect()))
                .sized(distance, "m")
                .against(tolerance)
                .propose(
                    text!("以界线为准改区划图形", "change the polygons to the line"),
                    None,
                    None,
                )
                .propose(
                    text!("以区划图形为准改界线", "change the line to the polygons"),
                    None,
                    None,
                ),
        );
    }
    if looked { Ok(()) } else { Err(no_polygons()) }
}

fn no_polygons() -> Skip {
    Skip::new(
        "界线两侧的区划都没有图形",
        "no unit beside the lines has a polygon",
    )
}

fn sides(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let work = linework(scope)?;
    let ground = scope.ground();
    for (_, line) in in_scope(scope, work) {
        let name = line_label(line);
        if line.left.is_none() || line.right.is_none() || line.left == line.right {
            let message = text!(
                "界线 {name} 没有写明两个不同的左右区划；请补全",
                "line {name} does not name two different units, left and right; complete it"
            );
            out.push(finding("LIN-03", Severity::Error, line, "none", message));
            continue;
        }
        let Some(fit) = fit(ground, line) else {
            continue;
        };
        if fit.wrong_m > fit.right_m {
            let label = |code: Option<DivisionCode>| {
                code.map_or_else(String::new, |code| scope.register.label(code))
            };
            let (left, right) = (label(line.left), label(line.right));
            let message = text!(
                "界线 {name} 左右区划颠倒：登记左{left}、右{right}，图形相反；请对调",
                "left and right of line {name} are exchanged: recorded are {left} left and {right} right, the polygons say the opposite; exchange them"
            );
            out.push(
                finding("LIN-03", Severity::Error, line, "turned", message)
                    .propose(text!("对调左右区划", "exchange left and right"), None, None)
                    .propose(text!("反转界线方向", "turn the line round"), None, None),
            );
        }
    }
    Ok(())
}

type Bits = (u64, u64);

fn bits(c: Coord<f64>) -> Bits {
    (c.x.to_bits(), c.y.to_bits())
}

fn repeated(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let work = linework(scope)?;
    let mut by_piece: FxHashMap<(Bits, Bits), Vec<u32>> = FxHashMap::default();
    for (at, line) in work.lines.iter().enumerate() {
        for ends in line.parts.iter().flat_map(|part| part.windows(2)) {
            let (a, b) = (bits(ends[0]), bits(ends[1]));
            by_piece
                .entry((a.min(b), a.max(b)))
                .or_default()
                .push(at as u32);
        }
    }
    let mut pairs: BTreeMap<(u32, u32), Vec<Vec<Coord<f64>>>> = BTreeMap::new();
    let place = |bits: Bits| Coord {
        x: f64::from_bits(bits.0),
        y: f64::from_bits(bits.1),
    };
    for ((a, b), lines) in by_piece.into_iter().filter(|(_, lines)| lines.len() > 1) {
        pairs
            .entry((lines[0], lines[1]))
            .or_default()
            .push(vec![place(a), place(b)]);
    }
    for ((one, other), mut pieces) in pairs {
        let (one, other) = (&work.lines[one as usize], &work.lines[other as usize]);
        let length: f64 = pieces
            .iter()
            .map(|piece| zhifang_topology::distance_m(piece[0], piece[1]))
            .sum();
        if length <= SHARED_M || !(scope.holds(one.record) || scope.holds(other.record)) {
            continue;
        }
        pieces.sort_by(|a, b| a[0].x.total_cmp(&b[0].x).then(a[0].y.total_cmp(&b[0].y)));
        let (a, b, long) = (line_label(one), line_label(other), metres(length));
        let first = LonLat::from(pieces[0][0]);
        let message = Text::new(
            format!("界线 {a} 与 {b} 有 {} 重复；请停用或截短其一", long.zh),
            format!(
                "lines {a} and {b} share {}; retire or shorten one of them",
                long.en
            ),
        );
        let mut keys = vec![one.record.key(), other.record.key()];
        keys.dedup();
        out.push(
            Finding::new("LIN-04", Severity::Error, keys, "", message)
                .on(Some(first))
                .shown(shown(pieces))
                .sized(length, "m")
                .against(SHARED_M),
        );
    }
    Ok(())
}

fn unrecorded(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let work = linework(scope)?;
    let ground = scope.ground();
    let recorded: BTreeSet<[DivisionCode; 2]> = work
        .lines
        .iter()
        .filter_map(|line| Some([line.left?.min(line.right?), line.left?.max(line.right?)]))
        .collect();
    for layer in 0..ground.layers.len() {
        let mut shared: BTreeMap<[UnitAt; 2], Vec<u64>> = BTreeMap::new();
        let level = ground.layers[layer].level;
        let is_own = |unit: UnitAt| {
            let unit = &ground.units[unit as usize];
            unit.record.level().unwrap_or(unit.code.level()) == level
        };
        // Only units that have a record at all are of interest: most of a nation has none.
        let has_record: BTreeSet<UnitAt> = recorded
            .iter()
            .flatten()
            .filter_map(|code| unit_at(ground, Some(*code)))
            .filter(|unit| is_own(*unit))
            .collect();
        if has_record.is_empty() {
            continue;
        }
        for (key, owners) in ground
            .table(layer)
            .iter()
            .filter(|(_, owners)| is_matched(owners))
        {
            let (a, b) = (owners[0].unit(), owners[1].unit());
            if has_record.contains(&a) || has_record.contains(&b) {
                shared.entry([a.min(b), a.max(b)]).or_default().push(key);
            }
        }
        let code = |unit: UnitAt| ground.units[unit as usize].code;
        let edge = |key: u64| {
            let (a, b) = edge_ends(key);
            vec![ground.coords[a as usize], ground.coords[b as usize]]
        };
        let length = |keys: &[u64]| -> f64 {
            keys.iter()
                .map(|key| edge(*key))
                .map(|e| zhifang_topology::distance_m(e[0], e[1]))
                .sum()
        };
        let is_recorded = |pair: &[UnitAt; 2]| {
            let [a, b] = pair.map(code);
            recorded.contains(&[a.min(b), a.max(b)])
        };
        let mut border: BTreeMap<UnitAt, (f64, f64)> = BTreeMap::new();
        for (pair, keys) in &shared {
            let metres = length(keys);
            for unit in pair {
                let (with, all) = border.entry(*unit).or_default();
                *with += if is_recorded(pair) { metres } else { 0.0 };
                *all += metres;
            }
        }
        // Of the rest of its border, this line aside.
        let is_full = |unit: &UnitAt, own: f64| {
            has_record.contains(unit)
                && border
                    .get(unit)
                    .is_some_and(|(with, all)| *with >= RECORDED_SHARE * (*all - own))
        };
        for (pair, keys) in shared.iter().filter(|(pair, _)| !is_recorded(pair)) {
            let metres_shared = length(keys);
            if metres_shared <= SHORT_LINE_M
                || !pair.iter().any(|unit| is_full(unit, metres_shared))
                || !pair.iter().any(|unit| scope.covers(code(*unit)))
            {
                continue;
            }
            let [a, b] = pair.map(|unit| scope.register.label(code(unit)));
            let long = metres(metres_shared);
            let message = Text::new(
                format!("{a}与{b}相邻 {}，没有界线记录；请补登", long.zh),
                format!(
                    "{a} and {b} share {} and have no line record; record it",
                    long.en
                ),
            );
            let units = pair.map(|unit| ground.units[unit as usize].record.key());
            let pieces: Vec<_> = keys.iter().map(|key| edge(*key)).collect();
            let place = LonLat::from(pieces[pieces.len() / 2][0]);
            out.push(
                Finding::new("LIN-05", Severity::Error, units.to_vec(), "", message)
                    .on(Some(place))
                    .shown(shown(pieces))
                    .sized(metres_shared, "m")
                    .against(SHORT_LINE_M),
            );
        }
    }
    Ok(())
}

/// The highest level that the line between two units separates: their ancestors differ there.
/// Where a unit has no ancestor at a level it stands in for it.
pub(super) fn separated_level(left: DivisionCode, right: DivisionCode) -> DivisionLevel {
    let at = |code: DivisionCode, level: DivisionLevel| {
        std::iter::once(code)
            .chain(code.ancestors())
            .find(|unit| unit.level() <= level)
    };
    let own = left.level().max(right.level());
    DivisionLevel::ALL
        .into_iter()
        .filter(|level| *level >= DivisionLevel::Province && *level <= own)
        .find(|level| at(left, *level) != at(right, *level))
        .unwrap_or(own)
}

fn levels(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let work = linework(scope)?;
    for (_, line) in in_scope(scope, work) {
        let (Some(left), Some(right)) = (line.left, line.right) else {
            continue;
        };
        let wanted = separated_level(left, right);
        // Two units that stand directly under a province may be recorded as counties.
        let is_direct = |code: DivisionCode| {
            code.level() == DivisionLevel::County
                && code
                    .parent()
                    .is_some_and(|up| up.level() == DivisionLevel::Province)
        };
        let is_right = line.level == Some(wanted)
            || (line.level == Some(DivisionLevel::County)
                && left.province() == right.province()
                && (is_direct(left) || is_direct(right)));
        if is_right {
            continue;
        }
        let name = line_label(line);
        let (has, wants) = (line.level.map_or("未登记", DivisionLevel::zh), wanted.zh());
        let has_en = line.level.map_or("not recorded", DivisionLevel::as_str);
        let (left, right) = (scope.register.label(left), scope.register.label(right));
        let message = Text::new(
            format!("界线 {name} 的等级登记为{has}，按{left}与{right}应为{wants}；请改正"),
            format!(
                "the level of line {name} is {has_en}, between {left} and {right} it should be {wanted}; correct it"
            ),
        );
        out.push(finding("LIN-06", Severity::Error, line, "", message));
    }
    Ok(())
}

fn direction(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let work = linework(scope)?;
    for (_, line) in in_scope(scope, work).filter(|(_, line)| line.parts.len() == 1) {
        let Some((first, last)) = line.parts[0].first().zip(line.parts[0].last()) else {
            continue;
        };
        let step = crate::plane::Plane::at(*first).metres(*last);
        let is_turned = if step.x.abs() >= step.y.abs() {
            step.x < 0.0
        } else {
            step.y > 0.0
        };
        if is_turned && first != last {
            let name = line_label(line);
            let message = text!(
                "界线 {name} 的走向与编号方向（由西向东、由北向南）相反",
                "line {name} is drawn against the direction of numbering (west to east, north to south)"
            );
            out.push(finding("LIN-07", Severity::Info, line, "", message));
        }
    }
    Ok(())
}

fn agreements(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let work = linework(scope)?;
    for (_, line) in in_scope(scope, work) {
        let is_exempt = line.level == Some(DivisionLevel::Village)
            || matches!(
                line.record.fields.text("line_status"),
                Some("provisional" | "management" | "given")
            );
        let has = |field: &str| {
            line.record
                .fields
                .get(field)
                .is_some_and(|value| match value {
                    serde_json::Value::Object(map) => !map.is_empty(),
                    serde_json::Value::String(text) => !text.trim().is_empty(),
                    _ => false,
                })
        };
        if !is_exempt && !has("agreement") {
            let name = line_label(line);
            let message = text!(
                "界线 {name} 缺批准文件或协议书；请补登文号和日期",
                "line {name} has no agreement or approval; record its document and date"
            );
            out.push(finding("LIN-08", Severity::Warning, line, "", message));
        }
    }
    Ok(())
}

fn lengths(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let work = linework(scope)?;
    for (_, line) in in_scope(scope, work).filter(|(_, line)| !line.is_empty()) {
        let Some(agreed) = line
            .record
            .fields
            .number("length_agreed_m")
            .filter(|m| *m > 0.0)
        else {
            continue;
        };
        let measured = line.length_m();
        let percent = (measured - agreed) / agreed * 100.0;
        if percent.abs() > LENGTH_SHARE * 100.0 {
            let name = line_label(line);
            let message = text!(
                "界线 {name} 图上长 {measured:.0} 米，协议长度 {agreed:.0} 米，相差 {percent:+.1}%；请核对",
                "line {name} measures {measured:.0} m, agreed are {agreed:.0} m: {percent:+.1} %; check which is right"
            );
            out.push(finding("LIN-09", Severity::Warning, line, "", message).sized(percent, "%"));
        }
    }
    Ok(())
}

fn crossings(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let work = linework(scope)?;
    let mut found: BTreeMap<(u32, u32), Vec<Coord<f64>>> = BTreeMap::new();
    for (at, line) in in_scope(scope, work) {
        for (part, coords) in line.parts.iter().enumerate() {
            for (step, ends) in coords.windows(2).enumerate() {
                for piece in work.pieces_near(ends[0], ends[1], 0.0) {
                    let own = (at, part as u32, step as u32);
                    let other = (piece.line, piece.part, piece.at);
                    // Each pair once; a line outside the scope is only ever the other one.
                    let is_turned =
                        other < own && scope.holds(work.lines[piece.line as usize].record);
                    if own == other || is_turned {
                        continue;
                    }
                    if let Some(place) = proper_crossing(ends[0], ends[1], piece.a, piece.b) {
                        found
                            .entry((at.min(piece.line), at.max(piece.line)))
                            .or_default()
                            .push(place);
                    }
                }
            }
        }
    }
    for ((one, other), places) in found {
        let (one, other) = (&work.lines[one as usize], &work.lines[other as usize]);
        let first = places[0];
        let (a, count) = (line_label(one), places.len());
        let at = format!("{:.6}, {:.6}", first.x, first.y);
        let message = if one.record.id == other.record.id {
            text!(
                "界线 {a} 在 {at} 自相交（共 {count} 处）；请改正顶点次序",
                "line {a} crosses itself at {at} ({count} places); correct the order of its vertices"
            )
        } else {
            let b = line_label(other);
            text!(
                "界线 {a} 与 {b} 在 {at} 相交（共 {count} 处）；界线只应在节点相接",
                "lines {a} and {b} cross at {at} ({count} places); lines meet at nodes only"
            )
        };
        let mut keys = vec![one.record.key(), other.record.key()];
        keys.dedup();
        let points = places.iter().map(|c| (*c).into()).collect();
        out.push(
            Finding::new("LIN-12", Severity::Error, keys, "", message)
                .on(Some(LonLat::from(first)))
                .shown(Geometry::MultiPoint(geo::MultiPoint(points)))
                .sized(count as f64, "count"),
        );
    }
    Ok(())
}

/// Where two pieces cross with all four ends apart from the other.
fn proper_crossing(
    a: Coord<f64>,
    b: Coord<f64>,
    c: Coord<f64>,
    d: Coord<f64>,
) -> Option<Coord<f64>> {
    let turn = RobustKernel::orient2d;
    let (oc, od, oa, ob) = (turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b));
    let is_proper = oc != od && oa != ob && ![oa, ob, oc, od].contains(&Orientation::Collinear);
    is_proper.then(|| a + (b - a) * (cross(c - a, d - c) / cross(b - a, d - c)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_highest_level_that_it_separates() {
        let level = |a: &str, b: &str| separated_level(a.parse().unwrap(), b.parse().unwrap());
        assert_eq!(level("411326", "420682"), DivisionLevel::Province);
        assert_eq!(level("420381", "420682"), DivisionLevel::Prefecture);
        assert_eq!(level("420606", "420682"), DivisionLevel::County);
        assert_eq!(level("429004", "421022"), DivisionLevel::Prefecture);
        assert_eq!(level("420682101", "420682102"), DivisionLevel::Township);
        assert_eq!(level("420682101", "420606100"), DivisionLevel::County);
    }
}
