//! ATT: codes, names and dates of divisions, against each other and against the ground.

use std::collections::BTreeMap;

use geo::Coord;
use rustc_hash::FxHashMap;
use zhifang_core::{Collection, Day, DivisionCode, DivisionLevel, LonLat, Record};

use super::text;
use crate::finding::{Finding, Severity, Text};
use crate::ground::{Facts, Ground, Unit, UnitAt, is_matched};
use crate::rule::{Card, Plain, Skip};
use crate::scope::{Scope, not_loaded};

const fn card(
    id: &'static str,
    severity: Severity,
    zh: &'static str,
    en: &'static str,
    basis: &'static str,
) -> Card {
    Card {
        id,
        severity,
        zh,
        en,
        basis,
        tolerance: None,
    }
}

pub(crate) const RULES: &[Plain] = &[
    Plain {
        card: card(
            "ATT-01",
            Severity::Error,
            "代码不合规",
            "code not in order",
            "GB/T 2260；GB/T 10114",
        ),
        check: codes,
    },
    Plain {
        card: card(
            "ATT-02",
            Severity::Error,
            "代码重复",
            "code held twice at one time",
            "行政区划代码管理办法",
        ),
        check: held_twice,
    },
    Plain {
        card: card(
            "ATT-03",
            Severity::Error,
            "代码所属与位置不符",
            "the code's parent is not where the polygon lies",
            "GB/T 2260",
        ),
        check: |scope, out| misplaced(scope, out, false),
    },
    Plain {
        card: card(
            "ATT-04",
            Severity::Error,
            "同一上级下重名",
            "two units of one name under one parent",
            "地名管理条例（国务院令第753号）第九条第七、八项",
        ),
        check: same_name,
    },
    Plain {
        card: card(
            "ATT-05",
            Severity::Error,
            "名称为空或含杂字符",
            "name blank or with stray characters",
            "地名管理条例第九条第三项",
        ),
        check: blank_names,
    },
    Plain {
        card: card(
            "ATT-06",
            Severity::Error,
            "疑似代码互换",
            "codes look exchanged",
            "GB/T 2260",
        ),
        check: |scope, out| misplaced(scope, out, true),
    },
    Plain {
        card: card(
            "ATT-07",
            Severity::Error,
            "同一代码有效期重叠",
            "lives of one code overlap",
            "行政区划代码管理办法",
        ),
        check: overlapping_lives,
    },
    Plain {
        card: card(
            "ATT-09",
            Severity::Warning,
            "代码区段与名称不符",
            "range of the code does not fit the name",
            "GB/T 10114",
        ),
        check: ranges,
    },
    Plain {
        card: card(
            "ATT-10",
            Severity::Error,
            "停用代码重新启用",
            "retired code in use again",
            "行政区划代码管理办法（2025年9月1日起施行）",
        ),
        check: reused,
    },
];

/// The province numbers of GB/T 2260.
const PROVINCES: [u64; 34] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82,
];

fn units<'s, 'a>(
    scope: &'s Scope<'a>,
) -> Result<impl Iterator<Item = (DivisionCode, &'a Record)> + 's, Skip> {
    let is_loaded = scope
        .register
        .units()
        .iter()
        .any(|(code, _)| scope.covers(*code))
        || scope.live(Collection::Divisions).next().is_some();
    if !is_loaded {
        return Err(not_loaded(Collection::Divisions));
    }
    Ok(scope
        .register
        .units()
        .iter()
        .copied()
        .filter(|(code, _)| scope.covers(*code)))
}

fn finding(
    rule: &'static str,
    severity: Severity,
    record: &Record,
    detail: &str,
    message: Text,
) -> Finding {
    let place = record.anchor().or_else(|| corner(record));
    Finding::new(rule, severity, vec![record.key()], detail, message).on(place)
}

fn corner(record: &Record) -> Option<LonLat> {
    let b = record.bbox()?;
    Some(LonLat::new(
        f64::midpoint(b.west, b.east),
        f64::midpoint(b.south, b.north),
    ))
}

fn codes(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    // Where a tenth of the units have no parent, the level above is not loaded.
    let (mut orphans, mut all) = ([0_usize; 6], [0_usize; 6]);
    for (_, record) in scope.register.units() {
        if let Some(parent) = record.parent() {
            let rank = usize::from(parent.level().rank());
            all[rank] += 1;
            orphans[rank] += usize::from(scope.register.unit(parent).is_none());
        }
    }
    let is_loaded = |level: DivisionLevel| {
        let rank = usize::from(level.rank());
        orphans[rank] * 10 < all[rank]
    };
    for record in scope
        .live(Collection::Divisions)
        .filter(|record| record.division.is_none())
    {
        let (id, name) = (&record.id, &record.name);
        let message = text!(
            "{name}的代码“{id}”不合规：应为6、9或12位数字；请改正",
            "code `{id}` of {name}: wanted 6, 9 or 12 digits; correct it"
        );
        out.push(finding("ATT-01", Severity::Error, record, "form", message));
    }
    for (code, record) in units(scope)? {
        let level = record.level().unwrap_or(code.level());
        if !PROVINCES.contains(&(code.province().as_u64() / 10_000)) {
            let name = scope.register.label(code);
            let message = text!(
                "{name}的代码不以省级代码开头；请按 GB/T 2260 改正",
                "the code of {name} begins with no province number of GB/T 2260; correct it"
            );
            out.push(finding(
                "ATT-01",
                Severity::Error,
                record,
                "province",
                message,
            ));
        } else if level != code.level() {
            let name = scope.register.label(code);
            let (has, wants) = (level.zh(), code.level().zh());
            let (has_en, wants_en) = (level, code.level());
            let message = Text::new(
                format!("{name}登记为{has}，代码却是{wants}的长度和样式；请改正其一"),
                format!(
                    "{name} is recorded as {has_en}, its code is one of a {wants_en}; correct one of them"
                ),
            );
            out.push(finding("ATT-01", Severity::Error, record, "level", message));
        }
        let Some(parent) = record.parent() else {
            continue;
        };
        if let Some((kind, message)) = wrong_parent(scope, code, record, parent) {
            out.push(finding("ATT-01", Severity::Error, record, kind, message));
        }
        if is_loaded(parent.level()) && scope.register.unit(parent).is_none() {
            let name = scope.register.label(code);
            let message = text!(
                "{name}的上级 {parent} 不在登记中；请补登上级，或改正代码",
                "parent {parent} of {name} is not in the register; record it, or correct the code"
            );
            out.push(finding(
                "ATT-01",
                Severity::Error,
                record,
                "parent",
                message,
            ));
        }
    }
    Ok(())
}

/// What is wrong with the parent that a record states, whose code tells its parents too: a circle,
/// a unit whose digits the code does not begin with, or one beyond a unit that stands between.
fn wrong_parent(
    scope: &Scope<'_>,
    code: DivisionCode,
    record: &Record,
    parent: DivisionCode,
) -> Option<(&'static str, Text)> {
    record.fields.text("parent")?;
    let (name, above) = (scope.register.label(code), scope.register.label(parent));
    if scope.register.codes_above(record).contains(&code) {
        let message = text!(
            "{name}的上级沿 {above} 又回到它自己；请改正上级",
            "the parents of {name}, by way of {above}, lead back to it; correct them"
        );
        return Some(("circle", message));
    }
    let between = code
        .ancestors()
        .take_while(|up| *up != parent)
        .find(|up| scope.register.unit(*up).is_some());
    if !code.ancestors().any(|up| up == parent) {
        let message = text!(
            "{name}的上级登记为{above}，与代码前几位不符；请核对代码或上级",
            "the parent of {name} is recorded as {above}, which its code does not begin with; \
             correct one of them"
        );
        return Some(("prefix", message));
    }
    between.map(|unit| {
        let unit = scope.register.label(unit);
        let message = text!(
            "{name}的上级登记为{above}，越过了{unit}；请改正上级",
            "the parent of {name} is recorded as {above}, past {unit}; correct the parent"
        );
        ("skip", message)
    })
}

fn held_twice(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    drop(units(scope)?);
    for run in scope.register.units().chunk_by(|a, b| a.0 == b.0) {
        if run.len() < 2 || !scope.covers(run[0].0) {
            continue;
        }
        let code = run[0].0;
        let names: Vec<&str> = run.iter().map(|(_, record)| &*record.name).collect();
        let (count, names) = (run.len(), names.join("、"));
        let message = text!(
            "代码 {code} 同时由 {count} 条记录持有：{names}；请停用其余的",
            "code {code} is held by {count} records at one time: {names}; retire all but one"
        );
        let keys = run.iter().map(|(_, record)| record.key()).collect();
        out.push(
            Finding::new("ATT-02", Severity::Error, keys, "", message)
                .on(run[0].1.anchor().or_else(|| corner(run[0].1))),
        );
    }
    Ok(())
}

fn same_name(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let mut by_name: BTreeMap<(Option<DivisionCode>, DivisionLevel, &str), Vec<&Record>> =
        BTreeMap::new();
    for (code, record) in units(scope)? {
        let level = record.level().unwrap_or(code.level());
        if level <= DivisionLevel::County && !record.name.trim().is_empty() {
            by_name
                .entry((record.parent(), level, &record.name))
                .or_default()
                .push(record);
        }
    }
    for ((_, _, name), records) in by_name.into_iter().filter(|(_, records)| records.len() > 1) {
        let codes: Vec<String> = records
            .iter()
            .filter_map(|record| record.division)
            .map(|c| c.to_string())
            .collect();
        let codes = codes.join("、");
        // One with a polygon beside one without is a unit whose polygon still has its old code.
        let drawn = records
            .iter()
            .filter(|record| record.geometry.is_some())
            .count();
        let is_old_code = drawn == 1 && records.len() == 2;
        let (severity, message) = if is_old_code {
            let message = text!(
                "“{name}”有两个代码：{codes}，其中只有一个有图形；图形疑似仍用旧代码，请改用现行代码",
                "{name} has two codes, {codes}, only one of them with a polygon; the polygon seems to keep an old code, give it the present one"
            );
            (Severity::Warning, message)
        } else {
            let message = text!(
                "同一上级下有多个“{name}”：{codes}；请核对代码表并改正名称",
                "several units are called {name} under one parent: {codes}; compare with the code table and correct the name"
            );
            (Severity::Error, message)
        };
        let keys = records.iter().map(|record| record.key()).collect();
        out.push(
            Finding::new("ATT-04", severity, keys, "", message)
                .on(records[0].anchor().or_else(|| corner(records[0]))),
        );
    }
    Ok(())
}

/// What is wrong with the characters of a name; `None` where nothing is.
pub(super) fn name_fault(name: &str) -> Option<(Severity, Text)> {
    if name.trim().is_empty() {
        return Some((
            Severity::Error,
            Text::new(
                "名称为空；请补登标准名称",
                "its name is blank; record the standard name",
            ),
        ));
    }
    let is_stray = |c: char| {
        c.is_control()
            || c == '\u{feff}'
            || ('\u{ff01}'..='\u{ff5e}').contains(&c) && !matches!(c, '（' | '）' | '，' | '－')
            || c == '\u{fffd}'
            || ('\u{e000}'..='\u{f8ff}').contains(&c)
    };
    let stray: String = name.chars().filter(|c| is_stray(*c)).collect();
    if !stray.is_empty() {
        let shown = stray.escape_unicode().to_string();
        return Some((
            Severity::Warning,
            text!(
                "名称“{name}”含杂字符 {shown}；请改正",
                "its name `{name}` has stray characters {shown}; correct it"
            ),
        ));
    }
    if name.trim() != name || name.chars().any(|c| c.is_whitespace() && c != ' ') {
        return Some((
            Severity::Warning,
            text!(
                "名称“{name}”前后或中间有空白；请删除",
                "its name `{name}` has stray blanks; take them out"
            ),
        ));
    }
    None
}

fn blank_names(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    drop(units(scope)?);
    for collection in [Collection::Divisions, Collection::Names] {
        for record in scope.live(collection) {
            if let Some((severity, fault)) = name_fault(&record.name) {
                let (id, title) = (&record.id, collection.title(zhifang_core::Lang::Zh));
                let message = Text::new(
                    format!("{title} {id}：{}", fault.zh),
                    format!("{collection} {id}: {}", fault.en),
                );
                out.push(finding("ATT-05", severity, record, "", message));
            }
        }
    }
    Ok(())
}

fn lives<'a>(scope: &Scope<'a>) -> BTreeMap<DivisionCode, Vec<&'a Record>> {
    // Only codes with several records are of interest; an id with `@` tells that there are some.
    let mut by_code: BTreeMap<DivisionCode, Vec<&Record>> = BTreeMap::new();
    let all = scope.register.all(Collection::Divisions);
    for record in all.iter().filter(|record| record.id.contains('@')) {
        if let Some(code) = record.division.filter(|code| scope.covers(*code)) {
            by_code.entry(code).or_default().push(record);
        }
    }
    for (code, lives) in &mut by_code {
        lives.extend(
            scope
                .register
                .record(Collection::Divisions, &code.to_string()),
        );
        lives.sort_by_key(|record| {
            (
                record.valid.from,
                record.valid.to.is_none(),
                record.valid.to,
            )
        });
    }
    by_code
}

fn overlapping_lives(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    drop(units(scope)?);
    for (code, lives) in lives(scope) {
        for pair in lives.windows(2) {
            let (one, other) = (pair[0], pair[1]);
            let overlap = match (one.valid.to, other.valid.from) {
                (Some(to), Some(from)) => from < to,
                (Some(_), None) | (None, _) => true,
            };
            if !overlap || !one.valid.is_ordered() || !other.valid.is_ordered() {
                continue;
            }
            let day = |day: Option<Day>| day.map_or_else(|| "…".to_owned(), |day| day.to_string());
            let (a, b) = (&one.name, &other.name);
            let (to, from) = (day(one.valid.to), day(other.valid.from));
            let message = text!(
                "代码 {code} 的两段有效期重叠：{a}至 {to}，{b}自 {from}；请改正日期",
                "two lives of code {code} overlap: {a} until {to}, {b} from {from}; correct the dates"
            );
            let keys = vec![one.key(), other.key()];
            out.push(Finding::new("ATT-07", Severity::Error, keys, "", message).on(other.anchor()));
        }
    }
    Ok(())
}

fn reused(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    drop(units(scope)?);
    let in_force = Day::from_ymd(2025, 9, 1);
    for (code, lives) in lives(scope) {
        for pair in lives.windows(2) {
            let (old, new) = (pair[0], pair[1]);
            let is_again = old.valid.to.is_some()
                && new.valid.from >= old.valid.to
                && new.valid.from >= in_force
                && old.name != new.name;
            if is_again {
                let (a, b) = (&old.name, &new.name);
                let message = text!(
                    "代码 {code} 曾属{a}，停用后又给了{b}；停用的代码不得再用",
                    "code {code} was that of {a} and was given again to {b}; a retired code is never used again"
                );
                let keys = vec![new.key(), old.key()];
                out.push(
                    Finding::new("ATT-10", Severity::Error, keys, "", message).on(new.anchor()),
                );
            }
        }
    }
    Ok(())
}

fn ranges(scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
    let townships: Vec<_> = units(scope)?
        .filter(|(code, record)| record.level().unwrap_or(code.level()) == DivisionLevel::Township)
        .collect();
    if townships.is_empty() {
        return Err(Skip::new("范围内没有乡级区划", "no township in the scope"));
    }
    for (code, record) in townships {
        let number = code.as_u64() % 1_000;
        let name = &record.name;
        let wanted = if name.ends_with('镇') {
            (100..200, "100-199")
        } else if name.ends_with('乡') || name.ends_with("苏木") {
            (200..400, "200-399")
        } else {
            continue;
        };
        if wanted.0.contains(&number) || number >= 400 {
            continue;
        }
        let range = wanted.1;
        let label = scope.register.label(code);
        let message = text!(
            "{label}的代码尾号 {number:03} 不在该类单位的区段 {range}；请核对代码或名称",
            "the last digits {number:03} of {label} lie outside the range {range} of its kind; check code and name"
        );
        out.push(finding("ATT-09", Severity::Warning, record, "", message));
    }
    Ok(())
}

/// Share of a unit's ground that must lie in its parent.
const PARENT_SHARE: f64 = 0.5;
/// Lines across a unit on which its ground is sampled.
const SCAN_LINES: usize = 7;

/// A unit that lies elsewhere than its code says, and in which parent it lies.
struct Misplaced {
    unit: UnitAt,
    /// What its code says.
    parent: DivisionCode,
    /// Where it lies, if that is known.
    lies_in: Option<DivisionCode>,
    /// Where it may lie, `lies_in` among them.
    candidates: Vec<DivisionCode>,
    share: Option<f64>,
    /// Worth a finding only if another unit lies the other way round.
    is_hint: bool,
}

fn misplaced(scope: &Scope<'_>, out: &mut Vec<Finding>, is_exchange: bool) -> Result<(), Skip> {
    let ground = scope.ground();
    if !ground.units.iter().any(|unit| scope.covers(unit.code)) {
        return Err(Skip::new(
            "范围内没有带图形的行政区划",
            "no division with a polygon in the scope",
        ));
    }
    let mut found = by_parent_polygons(ground);
    found.extend(by_neighbours(ground, scope.facts(), &found));
    found.sort_by_key(|one| one.unit);
    let is_swap = |a: &Misplaced, b: &Misplaced| {
        a.unit != b.unit && a.candidates.contains(&b.parent) && b.candidates.contains(&a.parent)
    };
    for one in &found {
        let unit = &ground.units[one.unit as usize];
        let partner = found.iter().find(|other| is_swap(one, other));
        match (is_exchange, partner) {
            (true, Some(other)) if one.unit < other.unit => {
                let other = &ground.units[other.unit as usize];
                if !scope.covers(unit.code) && !scope.covers(other.code) {
                    continue;
                }
                let (a, b) = (
                    scope.register.label(unit.code),
                    scope.register.label(other.code),
                );
                let message = text!(
                    "{a}与{b}的代码疑似互换：各自位于对方所属的上级之内；请核对后对调",
                    "the codes of {a} and {b} look exchanged: each lies where the other's code belongs; check and exchange them"
                );
                let keys = vec![unit.record.key(), other.record.key()];
                out.push(
                    Finding::new("ATT-06", Severity::Error, keys, "", message)
                        .on(corner(unit.record)),
                );
            }
            (false, None) if scope.covers(unit.code) && !one.is_hint => {
                out.push(misplaced_finding(scope, unit, one));
            }
            _ => {}
        }
    }
    Ok(())
}

fn misplaced_finding(scope: &Scope<'_>, unit: &Unit<'_>, one: &Misplaced) -> Finding {
    let name = scope.register.label(unit.code);
    let parent = scope.register.label(one.parent);
    let (zh, en) = one.lies_in.map_or_else(
        || (String::new(), String::new()),
        |code| {
            let other = scope.register.label(code);
            (format!("，而位于{other}"), format!(" but in {other}"))
        },
    );
    let percent = one.share.map(|share| share * 100.0);
    let (share_zh, share_en) = percent.map_or_else(
        || (String::new(), String::new()),
        |percent| {
            (
                format!("（仅 {percent:.0}% 面积在内）"),
                format!(" ({percent:.0} % of it is)"),
            )
        },
    );
    let message = Text::new(
        format!("{name}的代码属于{parent}，图形却不在其内{share_zh}{zh}；请核对代码或图形"),
        format!(
            "{name} belongs to {parent} by its code but does not lie there{share_en}{en}; check code and polygon"
        ),
    );
    // Without the polygon of the unit above, neighbours are a sign only.
    let severity = if one.share.is_some() {
        Severity::Error
    } else {
        Severity::Warning
    };
    let finding = finding("ATT-03", severity, unit.record, "", message);
    match percent {
        Some(percent) => finding.sized(percent, "%"),
        None => finding,
    }
}

/// Units of which less than half lies in the polygon of the nearest drawn unit above.
fn by_parent_polygons(ground: &Ground<'_>) -> Vec<Misplaced> {
    let mut found = Vec::new();
    for (at, unit) in ground.units.iter().enumerate() {
        let mut up = unit.record.parent();
        let above = loop {
            let Some(code) = up else { break None };
            match ground.units.binary_search_by_key(&code, |other| other.code) {
                Ok(above) => break Some(above),
                Err(_) => up = code.parent(),
            }
        };
        let Some(above) = above else { continue };
        let chords = chords(unit);
        let total: f64 = chords.iter().map(|(_, length)| length).sum();
        let inside: f64 = chords
            .iter()
            .filter(|(middle, _)| ground.is_inside(above as UnitAt, *middle))
            .map(|(_, length)| length)
            .sum();
        let share = inside / total.max(f64::MIN_POSITIVE);
        if total > 0.0 && share < PARENT_SHARE {
            let level = |unit: &Unit<'_>| unit.record.level().unwrap_or(unit.code.level());
            let parent = &ground.units[above];
            let lies_in = chords.first().and_then(|(middle, _)| {
                ground
                    .units
                    .iter()
                    .enumerate()
                    .filter(|(_, other)| level(other) == level(parent))
                    .find(|(other, _)| ground.is_inside(*other as UnitAt, *middle))
                    .map(|(_, other)| other.code)
            });
            let parent = parent.code;
            let unit = at as UnitAt;
            found.push(Misplaced {
                unit,
                parent,
                candidates: lies_in.into_iter().collect(),
                lies_in,
                share: Some(share),
                is_hint: false,
            });
        }
    }
    found
}

/// Middles and lengths of chords through a unit, the longest first: a sample of its ground.
fn chords(unit: &Unit<'_>) -> Vec<(Coord<f64>, f64)> {
    let b = &unit.bbox;
    let mut found = Vec::new();
    let mut cuts = Vec::new();
    for line in 0..SCAN_LINES {
        let y = b.south + (b.north - b.south) * (line as f64 + 0.5) / SCAN_LINES as f64;
        cuts.clear();
        for ring in &unit.rings {
            for ends in ring.coords.windows(2) {
                let (p, q) = (ends[0], ends[1]);
                if (p.y > y) != (q.y > y) {
                    cuts.push(p.x + (q.x - p.x) * (y - p.y) / (q.y - p.y));
                }
            }
        }
        cuts.sort_by(f64::total_cmp);
        for pair in cuts.chunks_exact(2) {
            found.push((
                Coord {
                    x: f64::midpoint(pair[0], pair[1]),
                    y,
                },
                pair[1] - pair[0],
            ));
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found
}

/// A province with this many drawn units is known well enough to say who lies in it.
const KNOWN_UNITS: usize = 3;

/// Units without a drawn unit above, none of whose neighbours (two at least) has their parent
/// while one other parent has most of them.
fn by_neighbours(ground: &Ground<'_>, facts: &[Facts], known: &[Misplaced]) -> Vec<Misplaced> {
    let mut found = Vec::new();
    for layer in 0..ground.layers.len() {
        let level = ground.layers[layer].level;
        if level == DivisionLevel::Province {
            continue;
        }
        let mut neighbours: FxHashMap<UnitAt, Vec<UnitAt>> = FxHashMap::default();
        for (_, owners) in ground
            .table(layer)
            .iter()
            .filter(|(_, owners)| is_matched(owners))
        {
            let (a, b) = (owners[0].unit(), owners[1].unit());
            neighbours.entry(a).or_default().push(b);
            neighbours.entry(b).or_default().push(a);
        }
        let parent = |unit: UnitAt| ground.units[unit as usize].code.parent();
        let mut children: BTreeMap<DivisionCode, usize> = BTreeMap::new();
        for parent in facts
            .iter()
            .filter(|one| one.is_in(level))
            .filter_map(|one| one.code.parent())
        {
            *children.entry(parent).or_default() += 1;
        }
        for (&unit, others) in &mut neighbours {
            others.sort_unstable();
            others.dedup();
            let one = &ground.units[unit as usize];
            let Some(own) = parent(unit) else { continue };
            let is_drawn = std::iter::successors(Some(own), |code| code.parent()).any(|code| {
                ground
                    .units
                    .binary_search_by_key(&code, |other| other.code)
                    .is_ok()
            });
            if others.len() < 2
                || is_drawn
                || one.record.level().unwrap_or(one.code.level()) != level
                || children.get(&own).copied().unwrap_or_default() < KNOWN_UNITS
                || known.iter().any(|other| other.unit == unit)
                || others.iter().any(|other| parent(*other) == Some(own))
            {
                continue;
            }
            let mut counts: BTreeMap<DivisionCode, usize> = BTreeMap::new();
            for parent in others.iter().filter_map(|other| parent(*other)) {
                *counts.entry(parent).or_default() += 1;
            }
            let most = counts.iter().max_by_key(|(_, count)| **count);
            let Some((&other, _)) = most else {
                continue;
            };
            // One that lies among units of another province says something by itself; one among
            // those of other parents is a hint, told only where another unit lies the other way
            // round.
            let is_foreign = others.iter().all(|neighbour| {
                ground.units[*neighbour as usize].code.province() != one.code.province()
            });
            let candidates = counts
                .iter()
                .filter(|(_, count)| **count >= 2)
                .map(|(parent, _)| *parent)
                .collect();
            found.push(Misplaced {
                unit,
                parent: own,
                lies_in: Some(other),
                candidates,
                share: None,
                is_hint: !is_foreign,
            });
        }
    }
    found
}
