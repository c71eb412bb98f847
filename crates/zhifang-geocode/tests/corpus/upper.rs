//! Every prefecture and county by what it is called in short, and nothing else.

use std::collections::BTreeMap;

use zhifang_core::DivisionLevel;
use zhifang_pinyin::trailing_people;

use super::{Case, Row, pinyin, strip};

/// What a unit above the townships is called: 襄阳, 恩施, 浚县.
pub(crate) fn called(row: &Row) -> Option<String> {
    let name = &row.name;
    if name.contains('（') {
        return None;
    }
    match row.level {
        DivisionLevel::Province => strip(name, &["省", "市"], 2),
        DivisionLevel::Prefecture => {
            strip(name, &["市", "地区", "盟"], 2).or_else(|| without_peoples(name, "自治州"))
        }
        DivisionLevel::County => {
            let odd = ["新区", "矿区", "林区", "开发区", "园区"];
            if odd.iter().any(|end| name.ends_with(end)) {
                return None;
            }
            if let Some(core) = ["自治县", "自治旗"]
                .iter()
                .find_map(|generic| without_peoples(name, generic))
            {
                return Some(core);
            }
            if name.contains("族") {
                return None;
            }
            strip(name, &["市", "县", "区", "旗"], 2)
        }
        _ => None,
    }
}

/// 临夏 of 临夏回族自治州.
fn without_peoples(name: &str, generic: &str) -> Option<String> {
    let mut core: Vec<char> = name.strip_suffix(generic)?.chars().collect();
    loop {
        let length = trailing_people(&core);
        if length == 0 || core.len() < length + 2 {
            break;
        }
        core.truncate(core.len() - length);
    }
    (core.last() != Some(&'族')).then(|| core.into_iter().collect())
}

/// One case a name. Of several units that are called so, those of the highest level are meant.
pub(crate) fn cases(rows: &[Row], in_letters: bool) -> Vec<Case> {
    let mut meant: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    let mut asked: BTreeMap<String, bool> = BTreeMap::new();
    for row in rows {
        let own = match row.level {
            DivisionLevel::Province | DivisionLevel::Prefecture | DivisionLevel::County => {
                called(row)
            }
            _ => None,
        };
        let form = |text: &str| {
            if in_letters {
                pinyin(text).concat()
            } else {
                text.to_owned()
            }
        };
        // 凤县 is meant by fengxian as well as 奉贤 is.
        let is_upper = row.code.digits() <= 6;
        if is_upper {
            meant.entry(form(&row.name)).or_default().push(row);
        }
        if let Some(own) = own {
            let is_asked = row.level != DivisionLevel::Province;
            *asked.entry(form(&own)).or_default() |= is_asked;
            meant.entry(form(&own)).or_default().push(row);
        }
    }
    let class = if in_letters {
        "34 bare prefecture or county in Pinyin"
    } else {
        "35 bare prefecture or county in Hanzi"
    };
    let mut cases = Vec::new();
    for (q, is_asked) in asked {
        let units = meant.remove(&q).unwrap_or_default();
        let Some(highest) = units.iter().map(|row| row.level).min().filter(|_| is_asked) else {
            continue;
        };
        let mut codes: Vec<String> = units
            .iter()
            .filter(|row| row.level == highest)
            .map(|row| row.code.to_string())
            .collect();
        codes.dedup();
        let code = codes.remove(0);
        cases.push(Case {
            class,
            q,
            code,
            also: codes,
        });
    }
    cases
}
