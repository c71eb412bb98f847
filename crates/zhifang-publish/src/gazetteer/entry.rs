//! One entry: name, reading, category, place, meaning, history, former names, signs, heritage.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::Value;
use zhifang_core::{Collection, DivisionCode, Record, Status};
use zhifang_index::View;
use zhifang_pinyin::{NameClass, Spelling, read_name, strip_tones};

use crate::mapsheet::{Words, escape, roman};

/// Signs of each name: how many stand, how many are not as they should be.
pub(super) type Signs = BTreeMap<String, (usize, usize)>;

/// The signs that stand for names below a unit.
pub(super) fn signs(view: View<'_>, code: DivisionCode) -> Signs {
    let mut signs = Signs::new();
    for sign in view.within(Collection::Signs, code.prefix()) {
        if let (Some(name), Status::Published) = (sign.fields.text("name_id"), sign.status) {
            let (all, faulty) = signs.entry(name.to_owned()).or_default();
            *all += 1;
            *faulty += usize::from(
                sign.fields
                    .text("state")
                    .is_some_and(|state| state != "good"),
            );
        }
    }
    signs
}

/// A record with its number in the book.
pub(super) struct Entry<'a> {
    pub(super) record: &'a Record,
    pub(super) number: usize,
    pub(super) roman: String,
    /// Names of the units above, within the book and over it.
    whereabouts: String,
    signs: (usize, usize),
}

impl<'a> Entry<'a> {
    pub(super) fn new(view: View<'a>, record: &'a Record, number: usize, signs: &Signs) -> Self {
        let is_division = record.collection == Collection::Divisions;
        let spelling = if is_division {
            Spelling::division()
        } else {
            match record.fields.number("category") {
                Some(3.0) => Spelling::settlement(),
                Some(5.0) => Spelling {
                    class: NameClass::Road,
                    ..Spelling::settlement()
                },
                _ => Spelling::feature(),
            }
        };
        let mut above: Vec<&Record> = record
            .division
            .map(|code| view.ancestors(code))
            .unwrap_or_default();
        if !is_division && let Some(own) = record.division {
            above.extend(view.unit(own, None));
        }
        Self {
            record,
            number,
            roman: roman(record, spelling),
            whereabouts: above.iter().map(|unit| &*unit.name).collect(),
            signs: signs.get(&*record.id).copied().unwrap_or_default(),
        }
    }

    pub(super) fn id(&self) -> String {
        format!("n{}", self.number)
    }

    /// The name with a reading over each character, where the readings agree with the spelling.
    fn ruby(&self) -> String {
        let name = &*self.record.name;
        let readings = read_name(name);
        let letters = |text: &str| -> String {
            strip_tones(text)
                .to_lowercase()
                .chars()
                .filter(char::is_ascii_alphabetic)
                .collect()
        };
        let spoken: String = readings.iter().flatten().map(|one| one.marked()).collect();
        if letters(&spoken) != letters(&self.roman) || readings.iter().any(Option::is_none) {
            return escape(name);
        }
        let characters = name.chars().zip(&readings).map(|(character, reading)| {
            let reading = reading.map_or("", |one| one.marked());
            format!("{}<rt>{reading}</rt>", escape(&character.to_string()))
        });
        format!("<ruby>{}</ruby>", characters.collect::<String>())
    }

    pub(super) fn write(&self, words: Words, out: &mut dyn Write) -> io::Result<()> {
        let record = self.record;
        writeln!(
            out,
            "<article id=\"{}\"><h4><span class=\"number\">{}</span> {} \
             <span class=\"roman\">{}</span></h4>\n<p class=\"place\">{}</p>\n<dl>",
            self.id(),
            self.number,
            self.ruby(),
            escape(&self.roman),
            escape(&self.place(words))
        )?;
        let mut rows: Vec<(String, String)> = Vec::new();
        let mut row = |zh: &str, en: &str, text: Option<String>| {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                rows.push((words.pick(zh, en), text));
            }
        };
        if record.collection == Collection::Names {
            // Always there: a book shows what is not known as well.
            let known = |field: &str| {
                let text = record.fields.text(field).filter(|text| !text.is_empty());
                Some(text.unwrap_or("—").to_owned())
            };
            row("含义", "Meaning", known("meaning"));
            row("来历", "Origin", known("origin"));
        }
        let named = |field: &str| -> Option<String> {
            let mut parts: Vec<String> = record.fields.texts(field).map(str::to_owned).collect();
            parts.extend(record.fields.objects(field).filter_map(|object| {
                let name = object.get("name").and_then(Value::as_str)?;
                let year = |key: &str| {
                    let text = object.get(key).and_then(Value::as_str).unwrap_or_default();
                    text.chars().take(4).collect::<String>()
                };
                let (from, to) = (year("from"), year("to"));
                Some(if from.is_empty() && to.is_empty() {
                    name.to_owned()
                } else {
                    format!("{name}（{from}–{to}）")
                })
            }));
            Some(parts.join("、"))
        };
        row("曾用名", "Former names", named("former_names"));
        row("别名", "Other names", named("aliases"));
        row("简称", "Short names", named("short_names"));
        let lives: Vec<&str> = ["replaces", "replaced_by"]
            .iter()
            .flat_map(|field| record.fields.texts(field))
            .collect();
        row("沿革", "History", Some(lives.join("、")));
        let count = |field: &str| record.fields.number(field).map(|n| format!("{n:.0}"));
        row("人口", "Population", count("population"));
        row("标志", "Signs", self.signs(words));
        row(
            "地名文化遗产",
            "Heritage",
            record.fields.get("heritage").map(plain),
        );
        let published = record.fields.text("published_on");
        row("公布", "Published", published.map(str::to_owned));
        row(
            "启用",
            "In use since",
            record.valid.from.map(|day| day.to_string()),
        );
        if record.source.starts_with("illustrative") {
            row("来源", "Source", Some(words.pick("示意", "illustrative")));
        }
        for (label, text) in rows {
            writeln!(
                out,
                "<div><dt>{}</dt><dd>{}</dd></div>",
                escape(&label),
                escape(&text)
            )?;
        }
        writeln!(out, "</dl></article>")
    }

    /// Where it lies: units, code, position.
    fn place(&self, words: Words) -> String {
        let record = self.record;
        let mut parts = Vec::new();
        if !self.whereabouts.is_empty() {
            parts.push(self.whereabouts.clone());
        }
        if record.collection == Collection::Divisions {
            parts.push(format!("{} {}", words.pick("代码", "code"), record.id));
        }
        let position = record.anchor().or_else(|| Some(record.bbox()?.centre()));
        if let Some(at) = position {
            parts.push(format!("{}°E {}°N", round(at.lon), round(at.lat)));
        }
        parts.join("　")
    }

    fn signs(&self, words: Words) -> Option<String> {
        let (all, faulty) = self.signs;
        (all > 0).then(|| {
            if faulty == 0 {
                words.pick(&format!("{all} 处"), &format!("{all}"))
            } else {
                words.pick(
                    &format!("{all} 处（{faulty} 处待修）"),
                    &format!("{all} ({faulty} to be repaired)"),
                )
            }
        })
    }
}

/// Four decimals, about ten metres.
fn round(degrees: f64) -> f64 {
    (degrees * 1e4).round() / 1e4
}

/// A small object's values in words.
fn plain(value: &Value) -> String {
    match value {
        Value::Object(map) => map.values().map(plain).collect::<Vec<_>>().join("，"),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join("、"),
        Value::String(text) => match text.as_str() {
            "national" => "国家级".to_owned(),
            "province" | "provincial" => "省级".to_owned(),
            "prefecture" => "地级".to_owned(),
            "county" => "县级".to_owned(),
            _ => text.clone(),
        },
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
