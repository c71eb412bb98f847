//! The nation's units and generated queries whose answer is known by construction.
#![expect(clippy::disallowed_methods, reason = "tests read the shipped data")]

pub(crate) mod bad;
pub(crate) mod foreign;
pub(crate) mod upper;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use zhifang_core::{Day, DivisionCode, DivisionLevel, Validity, is_heading_name};
use zhifang_geocode::{NameAlias, NameEntry, NameKind};
use zhifang_pinyin::{is_standard_character, read_name, standard_form, variants};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/nation")
        .join(name)
}

/// A row of the table: padded code, level, name.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) code: DivisionCode,
    pub(crate) level: DivisionLevel,
    pub(crate) name: String,
}

/// The rows of the division table, headings and twins left out.
pub(crate) fn rows() -> Vec<Row> {
    let file = File::open(data("china_divisions.csv.gz")).unwrap();
    let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
    let mut seen = std::collections::HashSet::new();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.unwrap();
        let code: DivisionCode = record[0].parse().unwrap();
        let level: DivisionLevel = record[1].parse().unwrap();
        let is_heading =
            code.is_heading() || level != DivisionLevel::Village && is_heading_name(&record[2]);
        if !is_heading && seen.insert(code) {
            rows.push(Row {
                code,
                level,
                name: record[2].to_owned(),
            });
        }
    }
    rows
}

/// Former names of units whose code goes on, from the published lists.
pub(crate) fn former_names() -> BTreeMap<DivisionCode, Vec<NameAlias>> {
    let current: HashMap<DivisionCode, String> =
        rows().into_iter().map(|row| (row.code, row.name)).collect();
    let standing: std::collections::HashSet<&String> = current
        .iter()
        .filter(|(code, _)| code.digits() == 6)
        .map(|(_, name)| name)
        .collect();
    let file = File::open(data("china_division_history.csv.gz")).unwrap();
    let mut former: BTreeMap<DivisionCode, Vec<NameAlias>> = BTreeMap::new();
    let day = |text: &str| {
        let number: i32 = text.parse().unwrap();
        Day::from_ymd(number / 100, (number % 100) as u32, 1)
    };
    for record in csv::Reader::from_reader(GzDecoder::new(file)).records() {
        let record = record.unwrap();
        let code: DivisionCode = record[0].parse().unwrap();
        let name = record[2].to_owned();
        // A name that another unit bears today means that unit first.
        let is_former =
            !standing.contains(&name) && current.get(&code).is_some_and(|known| *known != name);
        if is_former && !is_heading_name(&name) && record[4] < *"202306" {
            former.entry(code).or_default().push(NameAlias {
                name,
                kind: NameKind::Former,
                validity: Validity {
                    from: day(&record[3]),
                    to: day(&record[4]),
                },
            });
        }
    }
    former
}

pub(crate) fn entries(rows: &[Row]) -> Vec<NameEntry> {
    let mut former = former_names();
    rows.iter()
        .map(|row| NameEntry {
            level: Some(row.level),
            aliases: former.remove(&row.code).unwrap_or_default(),
            ..NameEntry::division(row.code, row.name.clone())
        })
        .collect()
}

/// A query and the unit that it means.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) class: &'static str,
    pub(crate) q: String,
    pub(crate) code: String,
    /// Other units that are as right.
    pub(crate) also: Vec<String>,
}

impl Case {
    /// Whether the unit is what the query means.
    pub(crate) fn means(&self, code: &str) -> bool {
        self.code == code || self.also.iter().any(|other| other == code)
    }
}

/// splitmix64: small, seeded, the same everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below as u64).unwrap()
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }
}

fn strip(name: &str, suffixes: &[&str], least: usize) -> Option<String> {
    suffixes.iter().find_map(|suffix| {
        let core = name.strip_suffix(suffix)?;
        (core.chars().count() >= least).then(|| core.to_owned())
    })
}

fn county_core(name: &str) -> Option<String> {
    let odd = ["新区", "矿区", "林区", "开发区"];
    if odd.iter().any(|end| name.ends_with(end)) || name.contains('族') || name.contains('（') {
        return None;
    }
    strip(name, &["市", "县", "区", "旗"], 2)
}

fn town_core(name: &str) -> Option<String> {
    if name.contains('族') || name.contains('（') {
        return None;
    }
    strip(name, &["镇", "乡", "街道"], 2)
}

pub(crate) fn village_place(name: &str) -> Option<String> {
    if !name
        .chars()
        .all(|one| ('\u{4e00}'..='\u{9fff}').contains(&one))
    {
        return None;
    }
    let place = if let Some(head) = name.strip_suffix("社区居委会") {
        format!("{head}社区")
    } else {
        let head = strip(name, &["村民委员会", "村委会"], 1)?;
        if head.ends_with('村') {
            head
        } else {
            format!("{head}村")
        }
    };
    (place.chars().count() >= 3).then_some(place)
}

pub(crate) fn pinyin(text: &str) -> Vec<String> {
    read_name(text)
        .iter()
        .map(|one| {
            one.map_or_else(String::new, |reading| {
                reading.syllable().as_str().to_owned()
            })
        })
        .collect()
}

fn initials(text: &str) -> String {
    pinyin(text)
        .iter()
        .filter_map(|one| one.chars().next())
        .collect()
}

fn capital(text: &str) -> String {
    let joined = pinyin(text).concat();
    let mut letters = joined.chars();
    letters.next().map_or_else(String::new, |one| {
        one.to_uppercase().chain(letters).collect()
    })
}

fn traditional(text: &str) -> String {
    text.chars()
        .map(|one| {
            variants(one)
                .find(|other| standard_form(*other) == one && !is_standard_character(*other))
                .unwrap_or(one)
        })
        .collect()
}

struct Sample<'a> {
    county: &'a Row,
    county_core: String,
    unit: &'a Row,
    core: String,
    /// Names from the province to the county.
    path: Vec<&'a str>,
    town: Option<&'a str>,
}

pub(crate) struct Corpus {
    rows: Vec<Row>,
    by_code: HashMap<DivisionCode, usize>,
    counties: Vec<usize>,
    towns: Vec<usize>,
    villages: Vec<usize>,
    county_cores: HashMap<String, usize>,
    county_sounds: HashMap<String, usize>,
    /// Units by county and core, for the check that an answer is unique.
    pairs: HashMap<(DivisionCode, String), usize>,
    sound_pairs: HashMap<(DivisionCode, String), usize>,
    common: Vec<char>,
    by_sound: HashMap<String, Vec<char>>,
    names: std::collections::HashSet<String>,
}

impl Corpus {
    pub(crate) fn new(rows: Vec<Row>) -> Self {
        let mut corpus = Self {
            by_code: rows
                .iter()
                .enumerate()
                .map(|(at, row)| (row.code, at))
                .collect(),
            counties: Vec::new(),
            towns: Vec::new(),
            villages: Vec::new(),
            county_cores: HashMap::new(),
            county_sounds: HashMap::new(),
            pairs: HashMap::new(),
            sound_pairs: HashMap::new(),
            common: Vec::new(),
            by_sound: HashMap::new(),
            names: rows.iter().map(|row| row.name.clone()).collect(),
            rows,
        };
        let mut counts: HashMap<char, usize> = HashMap::new();
        for (at, row) in corpus.rows.iter().enumerate() {
            match row.level {
                DivisionLevel::County => {
                    corpus.counties.push(at);
                    if let Some(core) = county_core(&row.name) {
                        *corpus
                            .county_sounds
                            .entry(pinyin(&core).concat())
                            .or_default() += 1;
                        *corpus.county_cores.entry(core).or_default() += 1;
                    }
                }
                DivisionLevel::Prefecture => {
                    if let Some(core) = upper::called(row) {
                        *corpus
                            .county_sounds
                            .entry(pinyin(&core).concat())
                            .or_default() += 1;
                        *corpus.county_cores.entry(core).or_default() += 1;
                    }
                }
                DivisionLevel::Township => {
                    corpus.towns.push(at);
                    if let Some(core) = town_core(&row.name) {
                        let county = row.code.county();
                        let sound = pinyin(&core).concat();
                        *corpus.sound_pairs.entry((county, sound)).or_default() += 1;
                        *corpus.pairs.entry((county, core)).or_default() += 1;
                    }
                }
                DivisionLevel::Village => {
                    corpus.villages.push(at);
                    if let Some(core) = village_place(&row.name) {
                        let sound = pinyin(&core).concat();
                        *corpus
                            .sound_pairs
                            .entry((row.code.county(), sound))
                            .or_default() += 1;
                        *corpus.pairs.entry((row.code.county(), core)).or_default() += 1;
                    }
                }
                _ => {}
            }
            for one in row
                .name
                .chars()
                .filter(|one| ('\u{4e00}'..='\u{9fff}').contains(one))
            {
                *counts.entry(one).or_default() += 1;
            }
        }
        let mut common: Vec<(usize, char)> = counts
            .into_iter()
            .map(|(one, count)| (count, one))
            .collect();
        common.sort_by(|one, other| other.cmp(one));
        corpus.common = common.into_iter().take(1500).map(|(_, one)| one).collect();
        for one in &corpus.common {
            let sound = pinyin(&one.to_string()).concat();
            corpus.by_sound.entry(sound).or_default().push(*one);
        }
        corpus
    }

    fn row(&self, code: DivisionCode) -> Option<&Row> {
        self.by_code.get(&code).map(|at| &self.rows[*at])
    }

    fn path(&self, code: DivisionCode) -> Vec<&str> {
        let mut path: Vec<&str> = code
            .ancestors()
            .filter_map(|up| self.row(up))
            .map(|row| row.name.as_str())
            .collect();
        path.reverse();
        path
    }

    /// A township or village in a county with a unique core.
    fn sample(&self, dice: &mut Dice, village: bool, by_sound: bool) -> Sample<'_> {
        loop {
            let at = *dice.pick(if village { &self.villages } else { &self.towns });
            let unit = &self.rows[at];
            let Some(county) = self.row(unit.code.county()) else {
                continue;
            };
            if county.level != DivisionLevel::County {
                continue;
            }
            let Some(core_of_county) = county_core(&county.name) else {
                continue;
            };
            let core = if village {
                village_place(&unit.name)
            } else {
                town_core(&unit.name)
            };
            let Some(core) = core else { continue };
            let sound = pinyin(&core).concat();
            let is_unique = self.county_cores.get(&core_of_county) == Some(&1)
                && self.pairs.get(&(county.code, core.clone())) == Some(&1)
                && (!by_sound
                    || self.sound_pairs.get(&(county.code, sound)) == Some(&1)
                        && self.county_sounds.get(&pinyin(&core_of_county).concat()) == Some(&1));
            if !is_unique {
                continue;
            }
            let town = village
                .then(|| unit.code.parent().and_then(|up| self.row(up)))
                .flatten()
                .filter(|town| town.level == DivisionLevel::Township)
                .map(|town| town.name.as_str());
            let mut path = self.path(county.code);
            path.push(&county.name);
            return Sample {
                county,
                county_core: core_of_county,
                unit,
                core,
                path,
                town,
            };
        }
    }

    fn wrong(&self, dice: &mut Dice, text: &str, homophone: bool) -> Option<String> {
        let characters: Vec<char> = text.chars().collect();
        let at = dice.roll(characters.len());
        let one = characters[at];
        let other = if homophone {
            let same = self.by_sound.get(&pinyin(&one.to_string()).concat())?;
            *dice.pick(same)
        } else {
            *dice.pick(&self.common)
        };
        if other == one {
            return None;
        }
        let mut changed = characters;
        changed[at] = other;
        let changed: String = changed.into_iter().collect();
        (!self.names.contains(&changed)).then_some(changed)
    }

    /// `count` cases of each class.
    pub(crate) fn cases(&self, seed: u64, count: usize) -> Vec<Case> {
        const STREETS: [&str; 10] = [
            "北京路",
            "重庆路",
            "山西南路",
            "中山东路",
            "河南中路",
            "朝阳街",
            "广东大道",
            "西藏路",
            "海南街",
            "人民路",
        ];
        let mut dice = Dice(seed);
        let mut cases = Vec::new();
        let classes: [&'static str; 35] = [
            "01 full path county",
            "02 full path township",
            "03 full path village",
            "04 township + street tail",
            "05 suffixes dropped, township",
            "06 county core + village",
            "07 county core + township core",
            "08 bare unique county core",
            "09 one wrong character",
            "10 one homophone, full path",
            "11 homophone in county core",
            "12 one character missing",
            "13 Pinyin, Western order",
            "14 Pinyin run together",
            "15 initials",
            "16 Hanzi + Pinyin",
            "17 prefix",
            "18 Pinyin prefix",
            "19 order permuted",
            "20 traditional",
            "21 former names",
            "22 swapped characters",
            "23 doubled character",
            "24 full width, radicals, blanks",
            "25 Pinyin spaced with tones",
            "26 English",
            "27 codes",
            "28 short province + county + township",
            "29 Hanzi + initials",
            "30 township alone, unique",
            "31 village + township",
            "32 Pinyin with generic parts",
            "33 village in Pinyin",
            "36 village alone, unique or not",
            "37 township alone, unique or not",
        ];
        for class in classes {
            let number: u32 = class[..2].parse().unwrap();
            let mut made = 0;
            let mut tries = 0;
            while made < count && tries < count * 400 {
                tries += 1;
                if let Some((q, code)) = self.one(number, &mut dice, &STREETS) {
                    cases.push(Case {
                        class,
                        q,
                        code: code.to_string(),
                        also: Vec::new(),
                    });
                    made += 1;
                }
            }
        }
        cases
    }

    fn one(&self, class: u32, dice: &mut Dice, streets: &[&str]) -> Option<(String, DivisionCode)> {
        let join = |parts: &[&str]| parts.concat();
        match class {
            1 => {
                let row = &self.rows[*dice.pick(&self.counties)];
                let mut path = self.path(row.code);
                path.push(&row.name);
                Some((join(&path), row.code))
            }
            8 => {
                let row = &self.rows[*dice.pick(&self.counties)];
                let core = county_core(&row.name)?;
                (self.county_cores.get(&core) == Some(&1)).then_some((core, row.code))
            }
            21 => {
                let former = former_cases();
                let (code, name) = dice.pick(&former).clone();
                let mut path = self.path(code);
                path.push(&name);
                Some((if dice.roll(2) == 0 { name } else { join(&path) }, code))
            }
            27 => {
                let row = dice.pick(&self.rows);
                Some((row.code.to_string(), row.code))
            }
            30 => {
                let row = &self.rows[*dice.pick(&self.towns)];
                let same = self
                    .rows
                    .iter()
                    .filter(|other| other.name == row.name)
                    .count();
                (same == 1 && row.name.chars().count() > 2).then(|| (row.name.clone(), row.code))
            }
            36 => {
                let row = &self.rows[*dice.pick(&self.villages)];
                Some((village_place(&row.name)?, row.code))
            }
            37 => {
                let row = &self.rows[*dice.pick(&self.towns)];
                Some((row.name.clone(), row.code))
            }
            _ => self.of_sample(class, dice, streets),
        }
    }

    /// The commonest characters of names.
    pub(crate) fn common(&self) -> &[char] {
        &self.common
    }

    /// The rows that the queries are made from.
    pub(crate) fn all_rows(&self) -> &[Row] {
        &self.rows
    }

    fn of_sample(
        &self,
        class: u32,
        dice: &mut Dice,
        streets: &[&str],
    ) -> Option<(String, DivisionCode)> {
        let village = matches!(class, 3 | 6 | 31 | 33);
        let by_sound = matches!(class, 13 | 14 | 15 | 16 | 18 | 25 | 26 | 29 | 32 | 33);
        let sample = self.sample(dice, village, by_sound);
        let Sample {
            county,
            county_core,
            unit,
            core,
            path,
            town,
        } = &sample;
        let province = path.first().copied().unwrap_or_default();
        let short = strip(province, &["省", "市"], 2).unwrap_or_else(|| province.to_owned());
        let full = [&path.concat(), town.unwrap_or_default(), &unit.name].concat();
        let pair = format!("{county_core}{core}");
        let q = match class {
            2 => full,
            3 => [&path.concat(), town.unwrap_or_default(), core].concat(),
            4 => {
                let street = dice.pick(streets);
                format!("{full}{street}{}号", dice.roll(300) + 1)
            }
            5 => {
                let mut parts: Vec<String> = path
                    .iter()
                    .take(path.len() - 1)
                    .map(|name| {
                        strip(name, &["省", "市", "地区", "自治州"], 2)
                            .unwrap_or_else(|| (*name).to_owned())
                    })
                    .collect();
                parts.push(county_core.clone());
                parts.push(core.clone());
                parts.concat()
            }
            6 | 7 => pair,
            9 => self
                .wrong(dice, &unit.name, false)
                .map(|wrong| path.concat() + &wrong)?,
            10 => self.wrong(dice, core, true).map(|wrong| {
                let suffix = unit.name.strip_prefix(core.as_str()).unwrap_or_default();
                path.concat() + &wrong + suffix
            })?,
            11 => {
                let wrong = self.wrong(dice, county_core, true)?;
                if self.county_cores.contains_key(&wrong) {
                    return None;
                }
                wrong + &unit.name
            }
            12 => {
                let mut characters: Vec<char> = core.chars().collect();
                if characters.len() < 3 {
                    return None;
                }
                characters.remove(dice.roll(characters.len()));
                let missing: String = characters.into_iter().collect();
                if self.pairs.contains_key(&(county.code, missing.clone())) {
                    return None;
                }
                let suffix = unit.name.strip_prefix(core.as_str()).unwrap_or_default();
                path.concat() + &missing + suffix
            }
            13 => format!(
                "{}, {}, {}",
                capital(core),
                capital(county_core),
                capital(&short)
            ),
            14 | 33 => pinyin(&pair).concat(),
            15 => {
                let letters = initials(&pair);
                if letters.len() < 5 {
                    return None;
                }
                letters
            }
            16 => format!("{county_core}{}", pinyin(core).concat()),
            17 => {
                let length = core.chars().count();
                if length < 3 {
                    return None;
                }
                let start: String = core.chars().take(length - 1).collect();
                let siblings =
                    self.towns.iter().map(|at| &self.rows[*at]).filter(|row| {
                        row.code.county() == county.code && row.name.starts_with(&start)
                    });
                if siblings.count() != 1 {
                    return None;
                }
                format!("{county_core}{start}")
            }
            18 => {
                let syllables = pinyin(core);
                if syllables.len() < 3 {
                    return None;
                }
                let start = syllables[..syllables.len() - 1].concat();
                let siblings = self.towns.iter().map(|at| &self.rows[*at]).filter(|row| {
                    row.code.county() == county.code
                        && pinyin(&row.name).concat().starts_with(&start)
                });
                if siblings.count() != 1 {
                    return None;
                }
                format!("{}{start}", pinyin(county_core).concat())
            }
            19 => format!("{} {} {province}", unit.name, county.name),
            20 => {
                let changed = traditional(&pair);
                if changed == pair {
                    return None;
                }
                changed
            }
            22 => {
                let mut characters: Vec<char> = county_core.chars().collect();
                if characters.len() < 3 {
                    return None;
                }
                let at = dice.roll(characters.len() - 1);
                characters.swap(at, at + 1);
                characters.into_iter().collect::<String>() + &unit.name
            }
            23 => {
                let mut characters: Vec<char> = full.chars().collect();
                let at = dice.roll(characters.len());
                characters.insert(at, characters[at]);
                characters.into_iter().collect()
            }
            24 => {
                let spaced: Vec<String> =
                    [path.join("　"), unit.name.clone()].into_iter().collect();
                spaced
                    .join("，")
                    .replace('西', "⻄")
                    .replace('长', "⻓")
                    .replace('山', "⼭")
            }
            25 => {
                let marked = |text: &str| {
                    let read = read_name(text);
                    read.iter()
                        .flatten()
                        .map(|one| one.marked())
                        .collect::<Vec<_>>()
                        .join(" ")
                };
                format!("{} {}", marked(county_core), marked(core))
            }
            26 => {
                let generic = |name: &str| match name.chars().last() {
                    Some('市') => "City",
                    Some('县' | '旗') => "County",
                    Some('区') => "District",
                    Some('镇' | '乡') => "Town",
                    _ => "Subdistrict",
                };
                format!(
                    "{} {}, {} {}, {} Province",
                    capital(core),
                    generic(&unit.name),
                    capital(county_core),
                    generic(&county.name),
                    capital(&short)
                )
            }
            28 => {
                let letter = SHORT.iter().find(|(name, _)| *name == short)?.1;
                format!("{letter}{county_core}{core}")
            }
            29 => {
                let letters = initials(core);
                if letters.len() < 3 {
                    return None;
                }
                let same = self.towns.iter().map(|at| &self.rows[*at]).filter(|row| {
                    row.code.county() == county.code && initials(&row.name).starts_with(&letters)
                });
                if same.count() != 1 {
                    return None;
                }
                format!("{county_core}{letters}")
            }
            31 => format!("{core} {} {}", town.unwrap_or_default(), county.name),
            32 => {
                let spaced = |name: &str, core: &str| {
                    let suffix = name.strip_prefix(core).unwrap_or_default();
                    format!("{} {}", capital(core), capital(suffix))
                };
                format!(
                    "{} {}",
                    spaced(&county.name, county_core),
                    spaced(&unit.name, core)
                )
            }
            _ => return None,
        };
        Some((q, unit.code))
    }
}

const SHORT: [(&str, &str); 12] = [
    ("湖北", "鄂"),
    ("湖南", "湘"),
    ("河南", "豫"),
    ("河北", "冀"),
    ("山东", "鲁"),
    ("山西", "晋"),
    ("江苏", "苏"),
    ("浙江", "浙"),
    ("安徽", "皖"),
    ("江西", "赣"),
    ("广东", "粤"),
    ("福建", "闽"),
];

fn former_cases() -> Vec<(DivisionCode, String)> {
    static CASES: std::sync::OnceLock<Vec<(DivisionCode, String)>> = std::sync::OnceLock::new();
    CASES
        .get_or_init(|| {
            let all = former_names().into_iter();
            all.flat_map(|(code, names)| names.into_iter().map(move |alias| (code, alias.name)))
                .collect()
        })
        .clone()
}
