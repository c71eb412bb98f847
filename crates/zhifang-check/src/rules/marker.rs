//! MRK: markers against their line, their number, and their keepers.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Coord, Geometry};
use zhifang_core::{Collection, DivisionCode, DivisionLevel, LonLat, Record};
use zhifang_markers::{DEFAULT_ACCURACY_M, MOVED_SIGMAS, Patterns, accuracy_m};

use super::line::line_label;
use super::text;
use crate::finding::{Finding, Severity, Text, metres};
use crate::linework::{Line, LineSide, Linework, OnLine, code, day};
use crate::rule::{Card, Plain, Skip, Tolerance};
use crate::scope::Scope;

const STANDARD: &str = "GB/T 17796-2009";
const KEEPING: &str = "行政区域界线界桩管理办法（民政部2008年）第四、六条";

/// A marker may stand this far off its line beside its own accuracy, metres: the mean error that
/// the standard allows for a marker's position.
const OFF_LINE_M: f64 = 1.0;
/// Reference objects that a marker needs.
const REFERENCES: usize = 3;
/// Years after which a marker must have been seen again.
const SEEN_YEARS: i32 = 5;
/// Degrees that a reference object's azimuth may be off.
const AZIMUTH_DEG: f64 = 1.0;

const OFF_LINE: Option<Tolerance> = Some(Tolerance {
    name: "marker",
    metres: OFF_LINE_M,
    reason: "界桩点位中误差 1 米，另加测量精度",
    reason_en: "mean error of a marker's position, 1 m, and its own accuracy",
});

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
        "MRK-01",
        Severity::Error,
        "界桩偏离界线",
        "marker off its line",
        "行政区域界线管理条例第五条",
        OFF_LINE,
        off_line,
    ),
    rule(
        "MRK-02",
        Severity::Error,
        "界桩号重复或不合规",
        "number repeated or malformed",
        STANDARD,
        None,
        numbers,
    ),
    rule(
        "MRK-03",
        Severity::Warning,
        "编号缺号或顺序不符",
        "number missing or out of order",
        STANDARD,
        None,
        series,
    ),
    rule(
        "MRK-04",
        Severity::Error,
        "所属界线不符",
        "line unknown or retired",
        STANDARD,
        None,
        lines,
    ),
    rule(
        "MRK-05",
        Severity::Error,
        "界桩面数与区划不符",
        "faces do not fit the units",
        STANDARD,
        None,
        faces,
    ),
    rule(
        "MRK-06",
        Severity::Error,
        "三交点界桩偏离或缺失",
        "tri-point marker away or missing",
        "三交点协议书",
        OFF_LINE,
        tri_points,
    ),
    rule(
        "MRK-07",
        Severity::Error,
        "同号界桩不全",
        "pair or triple incomplete",
        STANDARD,
        None,
        partners,
    ),
    rule(
        "MRK-08",
        Severity::Warning,
        "方位物不足或不符",
        "reference objects too few or wrong",
        STANDARD,
        None,
        references,
    ),
    rule(
        "MRK-09",
        Severity::Error,
        "疑似移位",
        "seems to have moved",
        "行政区域界线管理条例第六条",
        Some(Tolerance {
            name: "moved",
            metres: 3.0,
            reason: "两次测量合成中误差的三倍",
            reason_en: "three times the combined standard error of both surveys",
        }),
        moved,
    ),
    rule(
        "MRK-12",
        Severity::Warning,
        "管理方不明或久未检查",
        "keeper unclear, or not seen for years",
        KEEPING,
        None,
        keepers,
    ),
];

fn label(marker: &Record) -> String {
    let number = marker.fields.text("number").unwrap_or(&marker.id);
    format!("{number}号界桩")
}

fn label_en(marker: &Record) -> String {
    format!(
        "marker {}",
        marker.fields.text("number").unwrap_or(&marker.id)
    )
}

/// A finding on a marker, both languages beginning with its number.
fn finding(
    rule: &'static str,
    severity: Severity,
    marker: &Record,
    detail: &str,
    zh: &str,
    en: &str,
) -> Finding {
    let message = Text::new(
        format!("{}{zh}", label(marker)),
        format!("{} {en}", label_en(marker)),
    );
    Finding::new(rule, severity, vec![marker.key()], detail, message).on(marker.point())
}

fn place(marker: &Record) -> Option<Coord<f64>> {
    marker.point().map(Coord::from)
}

fn sides(marker: &Record) -> Vec<DivisionCode> {
    marker
        .fields
        .texts("sides")
        .filter_map(|text| text.parse().ok())
        .collect()
}

fn type_letter(marker: &Record) -> &str {
    marker.fields.text("type").unwrap_or("Q")
}

fn line_of<'w, 'a>(work: &'w Linework<'a>, marker: &Record) -> Option<&'w Line<'a>> {
    work.line(marker.fields.text("boundary")?)
        .filter(|line| !line.is_empty())
}

/// The line and the place on it; of several lines in one series the marker's own.
fn on_line(work: &Linework<'_>, marker: &Record) -> Option<OnLine> {
    line_of(work, marker)?.nearest(place(marker)?)
}

fn need_lines(work: &Linework<'_>) -> Result<(), Skip> {
    if work.lines.is_empty() {
        return Err(Skip::new("没有界线数据", "no boundaries are loaded"));
    }
    Ok(())
}

fn off_line(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let markers = scope.need(Collection::Markers)?;
    let work = scope.linework();
    need_lines(work)?;
    for marker in markers {
        let Some(near) = on_line(work, marker) else {
            continue;
        };
        // Of a pair on both banks the middle is on the line: told under its A.
        let allowed = OFF_LINE_M + accuracy_m(marker);
        let (distance, what) = if type_letter(marker) == "Q" {
            (near.distance_m, None)
        } else {
            let Some(partner) =
                partner_of(scope, marker, "B").filter(|_| type_letter(marker) == "A")
            else {
                continue;
            };
            let Some((a, b)) = place(marker).zip(place(partner)) else {
                continue;
            };
            let Some(middle) = line_of(work, marker).and_then(|line| line.nearest((a + b) / 2.0))
            else {
                continue;
            };
            // The line runs somewhere between the banks: within the middle half of the pair.
            let half = zhifang_topology::distance_m(a, b) / 4.0;
            (middle.distance_m, Some(half.max(allowed)))
        };
        let allowed = what.unwrap_or(allowed);
        if distance <= allowed {
            continue;
        }
        let far = metres(distance);
        let foot = near.place;
        let (zh, en) = if what.is_some() {
            ("与同号 B 桩的中点", "and its B have their middle")
        } else {
            ("", "stands")
        };
        out.push(
            finding(
                "MRK-01",
                Severity::Error,
                marker,
                "",
                &format!("{zh}距界线 {}，超过允许的 {allowed:.1} 米；请复测界桩或核对界线", far.zh),
                &format!("{en} {} off its line, {allowed:.1} m are allowed; measure it again, or check the line", far.en),
            )
            .shown(Geometry::LineString(geo::LineString(vec![place(marker).unwrap_or(foot), foot])))
            .sized(distance, "m")
            .against(allowed),
        );
    }
    Ok(())
}

/// The marker of the same number with another type letter.
fn partner_of<'a>(scope: &Scope<'a>, marker: &Record, letter: &str) -> Option<&'a Record> {
    let number = marker.fields.text("number").unwrap_or(&marker.id);
    let own = type_letter(marker);
    let stem = number.strip_suffix(own)?;
    let wanted = format!("{stem}{letter}");
    scope
        .register
        .record(Collection::Markers, &wanted)
        .or_else(|| {
            scope
                .register
                .live(Collection::Markers)
                .find(|other| other.fields.text("number") == Some(&wanted))
        })
}

fn numbers(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let markers = scope.need(Collection::Markers)?;
    let mut by_number: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for marker in scope.register.live(Collection::Markers) {
        by_number
            .entry(marker.fields.text("number").unwrap_or(&marker.id))
            .or_default()
            .push(marker);
    }
    for (number, twins) in by_number.iter().filter(|(_, twins)| twins.len() > 1) {
        if !twins.iter().any(|marker| scope.holds(marker)) {
            continue;
        }
        let count = twins.len();
        let message = text!(
            "界桩号 {number} 由 {count} 座界桩使用；请重新编号其余的",
            "number {number} is used by {count} markers; number all but one anew"
        );
        let keys = twins.iter().map(|marker| marker.key()).collect();
        out.push(Finding::new("MRK-02", Severity::Error, keys, "", message).on(twins[0].point()));
    }
    let work = scope.linework();
    let patterns = Patterns::default();
    for marker in markers {
        let level = line_of(work, marker).and_then(|line| line.level);
        let is_province = level == Some(DivisionLevel::Province);
        let pattern = patterns.of(level.unwrap_or(DivisionLevel::County));
        let fits = match pattern.number_of(marker) {
            Some(number) if is_province => {
                let is_whole = number.stem.len() == pattern.line_digits;
                is_whole && number.stem.bytes().all(|byte| byte.is_ascii_digit())
            }
            Some(_) => true,
            // Below, a province writes its own pattern: only what the record itself says counts.
            None => !is_province && marker.fields.get("serial").is_none(),
        };
        if !fits {
            out.push(finding(
                "MRK-02",
                Severity::Error,
                marker,
                "pattern",
                "的编号与序号、类型码不合（省界为 4 位界线号 + 3 位序号 + 类型码）；请改正",
                "has a number that does not fit its serial and type (province lines: 4 digits of the line, 3 of the serial, type letter); correct it",
            ));
        }
    }
    Ok(())
}

/// A marker's number taken apart: its numbering unit and its serial.
fn series_of(marker: &Record) -> Option<(String, u32)> {
    let pattern = Patterns::default().of(DivisionLevel::County);
    let number = pattern.number_of(marker)?;
    Some((number.stem, number.serial))
}

/// Numbers missing in a row beyond which the series is taken as loaded in part.
const LONGEST_HOLE: u32 = 20;

fn series(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    scope.need(Collection::Markers)?;
    let mut by_series: BTreeMap<String, BTreeMap<u32, Vec<&Record>>> = BTreeMap::new();
    for marker in scope.register.live(Collection::Markers) {
        if let Some((stem, serial)) = series_of(marker) {
            by_series
                .entry(stem)
                .or_default()
                .entry(serial)
                .or_default()
                .push(marker);
        }
    }
    let retired: BTreeSet<(String, u32)> = scope
        .register
        .all(Collection::Markers)
        .iter()
        .filter(|marker| marker.status == zhifang_core::Status::Retired)
        .filter_map(|marker| series_of(marker))
        .collect();
    let work = scope.linework();
    for (stem, serials) in &by_series {
        if !serials.values().flatten().any(|marker| scope.holds(marker)) {
            continue;
        }
        let numbers: Vec<u32> = serials.keys().copied().collect();
        for pair in numbers
            .windows(2)
            .filter(|pair| pair[1] - pair[0] <= LONGEST_HOLE)
        {
            for missing in pair[0] + 1..pair[1] {
                if !retired.contains(&(stem.clone(), missing)) {
                    out.push(missing_number(
                        work,
                        stem,
                        missing,
                        serials[&pair[0]][0],
                        serials[&pair[1]][0],
                    ));
                }
            }
        }
        out_of_order(scope, work, stem, serials, out);
    }
    Ok(())
}

fn missing_number(
    work: &Linework<'_>,
    stem: &str,
    serial: u32,
    before: &Record,
    after: &Record,
) -> Finding {
    let message = text!(
        "编号 {stem}{serial:03} 空缺，没有停用记录；请补登或说明",
        "number {stem}{serial:03} is missing without a retired record; record it, or say why"
    );
    // Where it should stand: midway along the line between its neighbours in the series.
    let midway = line_of(work, before)
        .filter(|line| after.fields.text("boundary") == Some(&*line.record.id))
        .and_then(|line| {
            let (a, b) = (line.nearest(place(before)?)?, line.nearest(place(after)?)?);
            line.at(f64::midpoint(a.along_m, b.along_m))
        })
        .map(LonLat::from);
    let keys = vec![before.key(), after.key()];
    Finding::new(
        "MRK-03",
        Severity::Warning,
        keys,
        &format!("missing {serial}"),
        message,
    )
    .on(midway.or_else(|| before.point()))
}

/// A marker set so many days after all of lower number was added to a line that had its numbers.
const ADDED_DAYS: i32 = 365;

/// Whether a marker was added later and so bears the next number after the last, wherever on the
/// line it stands.
fn is_addition(serials: &BTreeMap<u32, Vec<&Record>>, serial: u32, marker: &Record) -> bool {
    let Some(set_on) = day(marker, "set_on") else {
        return false;
    };
    let mut lower = serials
        .range(..serial)
        .flat_map(|(_, markers)| markers)
        .peekable();
    lower.peek().is_some()
        && lower.all(|other| {
            day(other, "set_on").is_some_and(|day| set_on.number() - day.number() > ADDED_DAYS)
        })
}

/// Serials along each line of a series: all ascending, or all descending.
fn out_of_order(
    scope: &Scope<'_>,
    work: &Linework<'_>,
    stem: &str,
    serials: &BTreeMap<u32, Vec<&Record>>,
    out: &mut Vec<Finding>,
) {
    let mut by_line: BTreeMap<&str, Vec<(f64, u32, &Record)>> = BTreeMap::new();
    for (serial, markers) in serials {
        for marker in markers
            .iter()
            .filter(|one| !is_addition(serials, *serial, one))
        {
            if let (Some(line), Some(near)) =
                (marker.fields.text("boundary"), on_line(work, marker))
            {
                by_line
                    .entry(line)
                    .or_default()
                    .push((near.along_m, *serial, marker));
            }
        }
    }
    for along in by_line.values_mut() {
        along.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let up = along
            .windows(2)
            .filter(|pair| pair[1].1 > pair[0].1)
            .count();
        let down = along
            .windows(2)
            .filter(|pair| pair[1].1 < pair[0].1)
            .count();
        let is_ascending = up >= down;
        for pair in along.windows(2) {
            let is_odd = if is_ascending {
                pair[1].1 < pair[0].1
            } else {
                pair[1].1 > pair[0].1
            };
            if !is_odd || !(scope.holds(pair[0].2) || scope.holds(pair[1].2)) {
                continue;
            }
            let (a, b) = (pair[0].1, pair[1].1);
            let message = text!(
                "{stem} 的 {a:03} 号与 {b:03} 号沿界线的次序与编号方向不符；请核对编号",
                "{a:03} and {b:03} of {stem} stand along the line against the order of their numbers; check the numbers"
            );
            let keys = vec![pair[0].2.key(), pair[1].2.key()];
            out.push(
                Finding::new("MRK-03", Severity::Warning, keys, "order", message)
                    .on(pair[1].2.point()),
            );
        }
    }
}

fn lines(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let markers = scope.need(Collection::Markers)?;
    let work = scope.linework();
    need_lines(work)?;
    for marker in markers {
        let Some(id) = marker.fields.text("boundary") else {
            out.push(finding(
                "MRK-04",
                Severity::Error,
                marker,
                "none",
                "没有写明所在界线；请补登",
                "names no line; record it",
            ));
            continue;
        };
        if let Some(other) = stands_on_another(work, marker) {
            let (own, told) = (line_label(other), id);
            let message = Text::new(
                format!(
                    "{}登记在界线 {told} 上，实际立在界线 {own} 上；请改正所属界线",
                    label(marker)
                ),
                format!(
                    "{} is recorded on line {told} but stands on line {own}; correct its line",
                    label_en(marker)
                ),
            );
            let mut keys = vec![marker.key()];
            keys.extend(work.line(id).map(|line| line.record.key()));
            keys.push(other.record.key());
            out.push(
                Finding::new("MRK-04", Severity::Error, keys, "other", message).on(marker.point()),
            );
        }
        if work.line(id).is_none() {
            let (zh, en) = if scope.register.record(Collection::Boundaries, id).is_some() {
                ("已停用", "is retired")
            } else {
                ("不在登记中", "is not in the register")
            };
            out.push(finding(
                "MRK-04",
                Severity::Error,
                marker,
                "unknown",
                &format!("所属界线 {id} {zh}；请改正"),
                &format!("stands on line {id}, which {en}; correct it"),
            ));
        }
    }
    Ok(())
}

/// How far round a marker other lines are looked for, degrees (about 50 m).
const OTHER_LINE_DEG: f64 = 5e-4;

/// The line on which a marker stands that is recorded on another one, far from it.
fn stands_on_another<'w, 'a>(work: &'w Linework<'a>, marker: &Record) -> Option<&'w Line<'a>> {
    let at = place(marker)?;
    let allowed = OFF_LINE_M + accuracy_m(marker);
    // Of a pair the one on the other bank stands off its line rightly.
    if type_letter(marker) != "Q" || on_line(work, marker)?.distance_m <= 100.0_f64.max(allowed) {
        return None;
    }
    let own = work.number(marker.fields.text("boundary")?)?;
    let (distance, other) = work.nearest_other(own, at, OTHER_LINE_DEG)?;
    let other = &work.lines[other as usize];
    (distance <= allowed).then_some(other)
}

fn faces(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let markers = scope.need(Collection::Markers)?;
    let work = scope.linework();
    for marker in markers {
        let sides = sides(marker);
        let count = sides.len();
        if let Some(faces) = marker.fields.number("faces").map(|faces| faces as usize)
            && count > 0
            && faces != count
        {
            out.push(finding(
                "MRK-05",
                Severity::Error,
                marker,
                "faces",
                &format!("有 {faces} 面，交会的区划却有 {count} 个；请改正"),
                &format!("has {faces} faces where {count} units meet; correct it"),
            ));
        }
        let Some(line) = line_of(work, marker) else {
            continue;
        };
        let absent: Vec<String> = [line.left, line.right]
            .into_iter()
            .flatten()
            .filter(|unit| count > 0 && !sides.contains(unit))
            .map(|unit| scope.register.label(unit))
            .collect();
        if !absent.is_empty() {
            let (who, name) = (absent.join("、"), line_label(line));
            out.push(finding(
                "MRK-05",
                Severity::Error,
                marker,
                "sides",
                &format!("的毗邻区划缺少{who}（界线 {name}）；请改正"),
                &format!("does not name {who} among its sides (line {name}); correct it"),
            ));
        }
    }
    Ok(())
}

/// A marker of three faces this near to a tri-point is its marker, metres …
const NEAR_M: f64 = 100.0;
/// … and lies no farther north or south of it than this, degrees.
const NEAR_DEG: f64 = 0.001;

/// Ends of lines this near to each other, metres, are one tri-point.
const TRI_POINT_M: f64 = 0.2;

fn tri_points(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    scope.need(Collection::Markers)?;
    let work = scope.linework();
    need_lines(work)?;
    let mut ends: Vec<(Coord<f64>, u32)> = work
        .lines
        .iter()
        .enumerate()
        .flat_map(|(at, line)| {
            line.ends()
                .map(move |end| (end, at as u32))
                .collect::<Vec<_>>()
        })
        .collect();
    ends.sort_by(|a, b| {
        a.0.x
            .total_cmp(&b.0.x)
            .then(a.0.y.total_cmp(&b.0.y))
            .then(a.1.cmp(&b.1))
    });
    let marked: BTreeSet<&str> = scope
        .register
        .live(Collection::Markers)
        .filter_map(|marker| marker.fields.text("boundary"))
        .collect();
    let triple: Vec<&Record> = scope
        .register
        .live(Collection::Markers)
        .filter(|marker| sides(marker).len() >= 3)
        .collect();
    for marker in triple.iter().filter(|marker| scope.holds(marker)) {
        let Some(at) = place(marker) else { continue };
        // Its tri-point is an end of its own line.
        let nearest = line_of(work, marker).and_then(|line| {
            line.ends()
                .map(|end| zhifang_topology::distance_m(at, end))
                .min_by(f64::total_cmp)
        });
        let allowed = OFF_LINE_M + accuracy_m(marker);
        if let Some(distance) = nearest.filter(|distance| *distance > allowed) {
            let far = metres(distance);
            out.push(
                finding(
                    "MRK-06",
                    Severity::Error,
                    marker,
                    "away",
                    &format!("是三面型，距三交点 {}；请复测或改正面数", far.zh),
                    &format!("has three faces and stands {} from the tri-point; measure again, or correct its faces", far.en),
                )
                .sized(distance, "m")
                .against(allowed),
            );
        }
    }
    let mut standing: Vec<Coord<f64>> = triple.iter().filter_map(|one| place(one)).collect();
    standing.sort_by(|a, b| a.y.total_cmp(&b.y));
    for group in ends.chunk_by(|a, b| zhifang_topology::distance_m(a.0, b.0) < TRI_POINT_M) {
        let lines: BTreeSet<u32> = group.iter().map(|(_, line)| *line).collect();
        let units: BTreeSet<DivisionCode> = lines
            .iter()
            .map(|line| &work.lines[*line as usize])
            .flat_map(|line| [line.left, line.right])
            .flatten()
            .collect();
        let is_marked_lines = lines.iter().all(|line| {
            let record = work.lines[*line as usize].record;
            marked.contains(&*record.id)
        });
        let at = group[0].0;
        let south = standing.partition_point(|other| other.y < at.y - NEAR_DEG);
        let has_marker = standing[south..]
            .iter()
            .take_while(|other| other.y <= at.y + NEAR_DEG)
            .any(|other| zhifang_topology::distance_m(at, *other) < NEAR_M);
        let is_held = lines
            .iter()
            .any(|line| scope.holds(work.lines[*line as usize].record));
        if lines.len() >= 2 && units.len() >= 3 && is_marked_lines && !has_marker && is_held {
            let names: Vec<String> = units
                .iter()
                .map(|unit| scope.register.label(*unit))
                .collect();
            let who = names.join("、");
            let message = text!(
                "{who}的三交点没有界桩；请补立，或登记三交点协议书",
                "the tri-point of {who} has no marker; set one, or record the tri-point agreement"
            );
            let keys = lines
                .iter()
                .map(|line| work.lines[*line as usize].record.key())
                .collect();
            out.push(
                Finding::new("MRK-06", Severity::Warning, keys, "none", message)
                    .at(LonLat::from(at)),
            );
        }
    }
    Ok(())
}

/// Whether A of a pair stands on the side of the unit with the larger code while B stands on the
/// other: A goes to the smaller one.
fn is_on_wrong_side(work: &Linework<'_>, a: &Record, b: &Record) -> bool {
    let side = |marker: &Record| line_of(work, marker)?.side(place(marker)?);
    let Some((left, right)) = line_of(work, a).and_then(|line| Some((line.left?, line.right?)))
    else {
        return false;
    };
    let (Some(of_a), Some(of_b)) = (side(a), side(b)) else {
        return false;
    };
    let wants_left = left < right;
    of_a != of_b && (of_a == LineSide::Left) != wants_left
}

fn partners(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let work = scope.linework();
    for marker in scope.need(Collection::Markers)? {
        if type_letter(marker) == "A"
            && let Some(partner) = partner_of(scope, marker, "B")
            && is_on_wrong_side(work, marker, partner)
        {
            let message = Text::new(
                format!(
                    "{}与同号 B 桩的位置颠倒：A 桩应在代码较小一侧；请核对编号或位置",
                    label(marker)
                ),
                format!(
                    "{} and its B stand on each other's side: A belongs to the unit with the smaller code; check numbers and places",
                    label_en(marker)
                ),
            );
            let keys = vec![marker.key(), partner.key()];
            out.push(
                Finding::new("MRK-07", Severity::Error, keys, "side", message).on(marker.point()),
            );
        }
        let wanted: &[&str] = match type_letter(marker) {
            "A" => &["B"],
            "B" => &["A"],
            "C" => &["D", "E"],
            "D" => &["C", "E"],
            "E" => &["C", "D"],
            _ => continue,
        };
        let absent: Vec<&str> = wanted
            .iter()
            .copied()
            .filter(|letter| partner_of(scope, marker, letter).is_none())
            .collect();
        if absent.is_empty() {
            continue;
        }
        let letters = absent.join("、");
        out.push(finding(
            "MRK-07",
            Severity::Error,
            marker,
            "",
            &format!("是同号界桩，缺 {letters} 桩；请补登或改正类型码"),
            &format!("is one of several of its number, {letters} is missing; record it, or correct the type letter"),
        ));
    }
    Ok(())
}

fn references(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    for marker in scope.need(Collection::Markers)? {
        let objects: Vec<_> = marker.fields.objects("references").collect();
        let count = objects.len();
        if count < REFERENCES {
            out.push(
                finding(
                    "MRK-08",
                    Severity::Warning,
                    marker,
                    "few",
                    &format!("的方位物只有 {count} 个，不足三个；请补测"),
                    &format!("has {count} reference objects, three are wanted; measure more"),
                )
                .sized(count as f64, "count"),
            );
        }
        let Some(at) = place(marker) else { continue };
        for (number, object) in objects.iter().enumerate() {
            let field = |name: &str| object.get(name).and_then(serde_json::Value::as_f64);
            let Some((lon, lat)) = field("lon").zip(field("lat")) else {
                continue;
            };
            let there = Coord { x: lon, y: lat };
            let (away, course) = (
                zhifang_topology::distance_m(at, there),
                zhifang_topology::bearing_deg(at, there),
            );
            let north = zhifang_markers::north_of(object);
            let off = field("bearing_deg").zip(north.turn_deg(at.into()));
            let off = off.map_or(0.0, |(bearing, turned)| {
                let turn = (bearing + turned - course).rem_euclid(360.0);
                turn.min(360.0 - turn)
            });
            let gap = field("distance_m").map_or(0.0, |distance| (distance - away).abs());
            if off > AZIMUTH_DEG || gap > 0.5 + 0.01 * away {
                let number = number + 1;
                out.push(finding(
                    "MRK-08",
                    Severity::Warning,
                    marker,
                    &format!("wrong {number}"),
                    &format!("第 {number} 个方位物按坐标应为方位角 {course:.1}°、{away:.1} 米，登记相差 {off:.1}°、{gap:.1} 米；请核对（是否为磁方位角）"),
                    &format!("has its reference object {number} at {course:.1}° and {away:.1} m by coordinates, recorded are {off:.1}° and {gap:.1} m off; check (magnetic azimuth?)"),
                ));
            }
        }
    }
    Ok(())
}

fn moved(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let markers = scope.need(Collection::Markers)?;
    let mut seen: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for observation in scope.register.live(Collection::Observations) {
        if let Some(marker) = observation.fields.text("marker") {
            seen.entry(marker).or_default().push(observation);
        }
    }
    for marker in markers {
        let Some(at) = place(marker) else { continue };
        let own = accuracy_m(marker);
        let mut measured: Vec<(Coord<f64>, f64, String)> = Vec::new();
        for survey in marker.fields.objects("surveys") {
            let number = |name: &str| survey.get(name).and_then(serde_json::Value::as_f64);
            if let Some((lon, lat)) = number("lon").zip(number("lat")) {
                let accuracy = number("accuracy_m").unwrap_or(DEFAULT_ACCURACY_M);
                let when = survey
                    .get("date")
                    .and_then(|date| date.as_str())
                    .unwrap_or_default();
                measured.push((Coord { x: lon, y: lat }, accuracy, when.to_owned()));
            }
        }
        let number = marker.fields.text("number").unwrap_or(&marker.id);
        for observation in seen.get(number).into_iter().flatten() {
            if let Some(point) = observation.point() {
                let accuracy = observation.fields.number("accuracy_m").unwrap_or(5.0);
                let when = observation.fields.text("observed_at").unwrap_or_default();
                measured.push((point.into(), accuracy, when.to_owned()));
            }
        }
        let worst = measured
            .into_iter()
            .map(|(there, accuracy, when)| {
                let allowed = MOVED_SIGMAS * own.hypot(accuracy);
                (zhifang_topology::distance_m(at, there), allowed, when)
            })
            .filter(|(distance, allowed, _)| distance > allowed)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((distance, allowed, when)) = worst {
            let far = metres(distance);
            let foot = on_line(scope.linework(), marker).map(|near| near.distance_m);
            // A marker that was mapped off its line has MRK-01 already, for the same reason.
            let severity = if foot.is_some_and(|foot| foot > OFF_LINE_M + own) {
                Severity::Warning
            } else {
                Severity::Error
            };
            out.push(
                finding(
                    "MRK-09",
                    severity,
                    marker,
                    "",
                    &format!("疑似移位：{when} 的测量与登记位置相差 {}；违法移动无效，原位有效，请复测", far.zh),
                    &format!("seems to have moved: measured {} from its registered position ({when}); an unlawful move has no effect, measure again", far.en),
                )
                .sized(distance, "m")
                .against(allowed),
            );
        } else if matches!(marker.fields.text("state"), Some("moved" | "missing")) {
            let is_missing = marker.fields.text("state") == Some("missing");
            let (zh, en) = if is_missing {
                (
                    "状态为丢失；请按登记位置会同毗邻方恢复",
                    "is missing; put it back where it is registered, with the neighbour present",
                )
            } else {
                (
                    "状态为移位；原位有效，请会同毗邻方恢复",
                    "is moved; the registered position stands, put it back with the neighbour present",
                )
            };
            out.push(finding(
                "MRK-09",
                Severity::Warning,
                marker,
                "state",
                zh,
                en,
            ));
        }
    }
    Ok(())
}

fn keepers(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let today = scope.day();
    for marker in scope.need(Collection::Markers)? {
        let sides = sides(marker);
        match code(marker, "keeper") {
            None => out.push(finding(
                "MRK-12",
                Severity::Warning,
                marker,
                "keeper",
                "管理方未明确；请由双方商定并登记",
                "has no keeper; agree on one and record it",
            )),
            Some(keeper) if !sides.is_empty() && !sides.contains(&keeper) => {
                let name = scope.register.label(keeper);
                out.push(finding(
                    "MRK-12",
                    Severity::Warning,
                    marker,
                    "keeper",
                    &format!("的管理方{name}不是毗邻各方之一；请改正"),
                    &format!("is kept by {name}, which is none of its sides; correct it"),
                ));
            }
            Some(_) => {}
        }
        if let Some(seen) = day(marker, "last_inspected")
            && seen.plus_years(SEEN_YEARS) < today
        {
            let days = today.number() - seen.plus_years(SEEN_YEARS).number();
            out.push(
                finding(
                    "MRK-12",
                    Severity::Warning,
                    marker,
                    "seen",
                    &format!("自 {seen} 起超过五年未检查；请列入联检"),
                    &format!(
                        "was last inspected on {seen}, more than five years ago; plan an inspection"
                    ),
                )
                .sized(f64::from(days), "days"),
            );
        }
    }
    Ok(())
}
