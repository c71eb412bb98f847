//! Codes and names through time: former names, earlier lives, units that have ended.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};
use zhifang_core::{Collection, Day, DivisionCode, DivisionLevel, Record, Status, Validity};

use crate::import::run::{Outcome, Run};
pub(crate) use crate::import::series::Month;
use crate::import::series::Series;

/// A code and name, and the lists between which they stood.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) file: Arc<str>,
    pub(crate) number: u64,
    pub(crate) code: DivisionCode,
    pub(crate) level: DivisionLevel,
    pub(crate) name: String,
    pub(crate) first: Month,
    pub(crate) last: Month,
}

/// One life of a code: without a gap, or with gaps but under one name.
#[derive(Debug)]
struct Life<'r> {
    rows: Vec<&'r Row>,
    last: Month,
}

impl<'r> Life<'r> {
    /// The row whose name held at the end.
    fn closing(&self) -> Option<&'r Row> {
        self.rows
            .iter()
            .copied()
            .max_by_key(|row| (row.last, row.first))
    }

    fn first(&self) -> Option<Month> {
        self.rows.iter().map(|row| row.first).min()
    }
}

/// Lives of a code out of its rows, oldest first.
fn lives<'r>(rows: &[&'r Row], series: &Series) -> Vec<Life<'r>> {
    let mut sorted = rows.to_vec();
    sorted.sort_by_key(|row| (row.first, row.last));
    let mut found: Vec<Life<'r>> = Vec::new();
    for row in sorted {
        if let Some(life) = found.last_mut() {
            let next = series.next(row.level, life.last);
            let has_gap = next.is_some_and(|next| row.first > next);
            let is_same = life
                .closing()
                .is_some_and(|closing| closing.name == row.name);
            if !has_gap || is_same {
                life.last = life.last.max(row.last);
                life.rows.push(row);
                continue;
            }
        }
        found.push(Life {
            rows: vec![row],
            last: row.last,
        });
    }
    found
}

/// Lays the history over the register: what each row brings is counted as its row.
pub(crate) fn apply(run: &mut Run<'_>, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let series = Series::of(rows.iter().map(|row| (row.level, row.first, row.last)));
    let mut by_code: FxHashMap<DivisionCode, Vec<&Row>> = FxHashMap::default();
    for row in rows {
        by_code.entry(row.code).or_default().push(row);
    }
    let mut codes: Vec<DivisionCode> = by_code.keys().copied().collect();
    codes.sort_unstable();
    let successions = Successions::new(rows, &series);
    for code in codes {
        let rows = by_code.get(&code).map(Vec::as_slice).unwrap_or_default();
        of_code(run, code, &lives(rows, &series), &series, &successions);
    }
}

fn of_code(
    run: &mut Run<'_>,
    code: DivisionCode,
    lives: &[Life<'_>],
    series: &Series,
    successions: &Successions,
) {
    let id = code.to_string();
    let held = run.current(&id).cloned();
    let is_active = held
        .as_ref()
        .is_some_and(|record| record.status != Status::Retired);
    let Some((latest, earlier)) = lives.split_last() else {
        return;
    };
    for life in earlier {
        let Some(first) = life.first() else { continue };
        let from = first
            .first_day()
            .map(|day| day.to_string())
            .unwrap_or_default();
        let to = life
            .closing()
            .and_then(|row| series.next(row.level, life.last));
        let id = format!("{code}@{from}");
        store(
            run,
            &id,
            life,
            series,
            Ending::At(to.and_then(Month::first_day)),
            &[],
            None,
        );
    }
    let level = latest
        .closing()
        .map_or_else(|| code.level(), |row| row.level);
    let is_in_newest = series
        .newest(level)
        .is_none_or(|newest| latest.last >= newest);
    if is_active || is_in_newest {
        store(
            run,
            &id,
            latest,
            series,
            Ending::None,
            &[],
            held.as_ref().filter(|_| is_active),
        );
    } else {
        let to = series.next(level, latest.last).and_then(Month::first_day);
        let heirs = successions.heirs(run, latest, to);
        store(run, &id, latest, series, Ending::At(to), &heirs, None);
    }
}

/// How a life ends.
#[derive(Clone, Copy)]
enum Ending {
    /// It goes on.
    None,
    /// On this day, where known.
    At(Option<Day>),
}

/// Plans the record of one life and counts its rows.
fn store(
    run: &mut Run<'_>,
    id: &str,
    life: &Life<'_>,
    series: &Series,
    ending: Ending,
    heirs: &[String],
    holder: Option<&Record>,
) {
    let Some(closing) = life.closing() else {
        return;
    };
    let before = run.current(id).cloned();
    let mut after = before.clone().unwrap_or_else(|| {
        let mut fresh = Record::new(Collection::Divisions, id, &closing.name);
        fresh.source = Arc::from(file_name(&closing.file));
        fresh
    });
    // The record that holds the code keeps the name that the register has.
    let name = holder.map_or_else(|| closing.name.clone(), |record| record.name.to_string());
    after.name = name.as_str().into();
    let since = life.first().and_then(Series::since);
    let until = match ending {
        Ending::None => after.valid.to,
        Ending::At(day) => day,
    };
    after.valid = Validity {
        from: after.valid.from.or(since),
        to: until,
    };
    if matches!(ending, Ending::At(_)) {
        after.status = Status::Retired;
    }
    if !heirs.is_empty() && after.fields.get("replaced_by").is_none() {
        after
            .fields
            .set("replaced_by", heirs.iter().map(String::as_str).collect());
    }
    let dates_before = before.as_ref().map(|record| record.valid);
    let mut outcomes: Vec<(&Row, bool)> = Vec::new();
    for row in &life.rows {
        let is_news = if row.name == name {
            false
        } else {
            let to = series.next(row.level, row.last).and_then(Month::first_day);
            add_former_name(&mut after, &row.name, Series::since(row.first), to)
        };
        outcomes.push((row, is_news));
    }
    let dates_moved = dates_before != Some(after.valid);
    let outcome = run.plan(id, before.as_ref(), after, closing.number);
    let mut is_counted = false;
    for (row, is_news) in outcomes {
        // The closing row stands for the record itself; the others for the names they bring.
        let stands_for_record = std::ptr::eq(row, closing) && !is_counted;
        is_counted |= stands_for_record;
        let counts_as = match outcome {
            Outcome::New if stands_for_record => Outcome::New,
            _ if is_news => Outcome::Changed,
            Outcome::Changed if stands_for_record && dates_moved => Outcome::Changed,
            _ => Outcome::Unchanged,
        };
        match counts_as {
            Outcome::New => run.report.accepted += 1,
            Outcome::Changed => run.report.changed += 1,
            Outcome::Unchanged => run.report.unchanged += 1,
        }
    }
    let is_ended =
        matches!(ending, Ending::At(_)) && before.is_none_or(|r| r.status != Status::Retired);
    if is_ended && outcome != Outcome::Unchanged {
        run.report.retired += 1;
    }
}

/// Adds a former name unless the record has it; tells whether it was added.
fn add_former_name(record: &mut Record, name: &str, from: Option<Day>, to: Option<Day>) -> bool {
    let mut list: Vec<Value> = record
        .fields
        .get("former_names")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let day = |day: Option<Day>| day.map_or(Value::Null, |day| Value::from(day.to_string()));
    let is_known = list.iter().any(|entry| {
        let same = |key: &str, wanted: &Value| entry.get(key).unwrap_or(&Value::Null) == wanted;
        same("name", &Value::from(name)) && same("from", &day(from)) && same("to", &day(to))
    });
    if is_known {
        return false;
    }
    let mut entry = Map::new();
    entry.insert("name".to_owned(), Value::from(name));
    if from.is_some() {
        entry.insert("from".to_owned(), day(from));
    }
    if to.is_some() {
        entry.insert("to".to_owned(), day(to));
    }
    list.push(Value::Object(entry));
    list.sort_by(|a, b| {
        let start = |entry: &Value| entry.get("from").and_then(Value::as_str).map(str::to_owned);
        start(a).cmp(&start(b))
    });
    record.fields.set("former_names", Value::Array(list));
    true
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Which unit took the place of one that ended, as far as the lists show it.
struct Successions {
    /// Codes by the list in which they first stood, with their names.
    starts: FxHashMap<Month, Vec<(DivisionCode, String)>>,
    /// First list of each code.
    first: FxHashMap<DivisionCode, Month>,
    series_next: FxHashMap<(DivisionLevel, Month), Option<Month>>,
}

impl Successions {
    fn new(rows: &[Row], series: &Series) -> Self {
        let mut first: FxHashMap<DivisionCode, Month> = FxHashMap::default();
        let mut series_next = FxHashMap::default();
        for row in rows {
            let month = first.entry(row.code).or_insert(row.first);
            *month = row.first.min(*month);
            series_next
                .entry((row.level, row.last))
                .or_insert_with(|| series.next(row.level, row.last));
        }
        let mut starts: FxHashMap<Month, Vec<(DivisionCode, String)>> = FxHashMap::default();
        for row in rows
            .iter()
            .filter(|row| first.get(&row.code) == Some(&row.first))
        {
            starts
                .entry(row.first)
                .or_default()
                .push((row.code, row.name.clone()));
        }
        Self {
            starts,
            first,
            series_next,
        }
    }

    /// Heirs of an ended life: a published succession; else the only unit of the same proper
    /// name in its prefecture or province that begins with the list in which the ended one is
    /// missing; else, for a township, the unit of its name that its county has.
    fn heirs(&self, run: &Run<'_>, life: &Life<'_>, to: Option<Day>) -> Vec<String> {
        let Some(closing) = life.closing() else {
            return Vec::new();
        };
        if let (Some(known), Some(_)) = (published(closing.code), to) {
            return vec![known.to_string()];
        }
        let next = self
            .series_next
            .get(&(closing.level, life.last))
            .copied()
            .flatten();
        let stem = proper_part(&closing.name);
        let begun = next.and_then(|month| self.starts.get(&month));
        let mut same: Vec<DivisionCode> = begun
            .into_iter()
            .flatten()
            .filter(|(code, name)| {
                code.digits() == closing.code.digits()
                    && code.province() == closing.code.province()
                    && *code != closing.code
                    && proper_part(name) == stem
            })
            .map(|(code, _)| *code)
            .collect();
        same.sort_unstable();
        same.dedup();
        if let [only] = same.as_slice() {
            return vec![only.to_string()];
        }
        if closing.code.digits() == 9 {
            let county = closing.code.county();
            let named = run.lookup.township_named(county, &closing.name);
            if let Some(code) = named.filter(|code| !self.first.contains_key(code)) {
                return vec![code.to_string()];
            }
        }
        Vec::new()
    }
}

/// The proper part of a name: what is left without its kind, e.g. 密云 of 密云县 and 密云区.
fn proper_part(name: &str) -> &str {
    let kinds = [
        "自治县",
        "自治旗",
        "街道办事处",
        "街道",
        "地区",
        "县",
        "区",
        "市",
        "旗",
        "镇",
        "乡",
    ];
    kinds
        .iter()
        .find_map(|kind| name.strip_suffix(kind))
        .filter(|stem| stem.chars().count() >= 2)
        .unwrap_or(name)
}

/// Successions of county-level units that were published and that the lists alone do not show:
/// mergers, and changes of name and code at once.
fn published(code: DivisionCode) -> Option<DivisionCode> {
    let heir: u64 = match code.as_u64() {
        // 崇文区 into 东城区, 宣武区 into 西城区 (2010).
        110_103 => 110_101,
        110_104 => 110_102,
        // 南汇区 into 浦东新区 (2009); 卢湾区 into 黄浦区 (2011); 闸北区 into 静安区 (2015).
        310_119 => 310_115,
        310_103 => 310_101,
        310_108 => 310_106,
        // 滦县 became 滦州市 (2018).
        130_223 => 130_284,
        _ => return None,
    };
    DivisionCode::from_u64(heir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proper_parts() {
        assert_eq!(proper_part("密云县"), proper_part("密云区"));
        assert_eq!(proper_part("滦县"), "滦县");
        assert_eq!(proper_part("老河口市"), "老河口");
    }
}
