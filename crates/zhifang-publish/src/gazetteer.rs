//! The gazetteer (地名志): a book of a unit's names, township by township, with its indexes.
//!
//! It says what the register says and nothing else: where a meaning or an origin is not known, a
//! dash stands in its place.

mod entry;
mod index;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use zhifang_core::{Collection, DivisionCode, DivisionLevel, Record, Status};
use zhifang_index::View;
use zhifang_names::Category;
use zhifang_pinyin::Spelling;

use crate::error::Error;
use crate::mapsheet::{Words, escape, roman};
use entry::Entry;

/// How the book looks on paper and on a screen.
const STYLE: &str = include_str!("gazetteer/book.css");

/// What kind of book is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GazetteerRequest {
    /// Languages of headings and labels; names are Chinese with Roman letters always.
    pub words: Words,
    /// Title in place of the unit's name.
    pub title: Option<String>,
}

/// What was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GazetteerWritten {
    /// Chapters.
    pub chapters: usize,
    /// Entries, units and names together.
    pub entries: usize,
}

/// A unit with the names that lie directly in it or in its villages.
struct Chapter<'a> {
    unit: &'a Record,
    own: Entry<'a>,
    villages: Vec<Entry<'a>>,
    names: BTreeMap<Category, Vec<Entry<'a>>>,
}

impl<'a> Chapter<'a> {
    fn entries(&self) -> impl Iterator<Item = &Entry<'a>> {
        std::iter::once(&self.own)
            .chain(&self.villages)
            .chain(self.names.values().flatten())
    }

    fn id(&self) -> String {
        format!("u{}", self.unit.id)
    }
}

/// Writes the gazetteer of a unit and everything below it as one HTML page without anything from
/// outside, made for paper (`@page`, a running head for each chapter) as much as for a screen.
///
/// The same register gives the same bytes.
///
/// # Errors
/// [`Error::NoUnit`]; [`Error::Write`] from `out`.
pub fn gazetteer(
    view: View<'_>,
    code: DivisionCode,
    request: &GazetteerRequest,
    out: &mut dyn Write,
) -> Result<GazetteerWritten, Error> {
    let unit = view.unit(code, None).ok_or(Error::NoUnit { code })?;
    let chapters = chapters(view, code);
    let written = GazetteerWritten {
        chapters: chapters.len(),
        entries: chapters.iter().map(|one| one.entries().count()).sum(),
    };
    let book = Book {
        view,
        unit,
        words: request.words,
        title: request.title.clone().unwrap_or_else(|| {
            request.words.pick(
                &format!("{}地名志", unit.name),
                &format!("Gazetteer of {}", roman(unit, Spelling::division())),
            )
        }),
        chapters,
    };
    book.write(written, out).map_err(|source| Error::Write {
        path: "gazetteer.html".to_owned(),
        source,
    })?;
    Ok(written)
}

/// The chapters: each unit down to the township, by code, with numbered entries.
fn chapters(view: View<'_>, code: DivisionCode) -> Vec<Chapter<'_>> {
    let signs = entry::signs(view, code);
    let mut units: Vec<&Record> = view
        .within(Collection::Divisions, code.prefix())
        .filter(|record| {
            record.status == Status::Published && !record.is_heading() && !record.id.contains('@')
        })
        .collect();
    units.sort_by_key(|record| record.division);
    let is_chapter = |record: &Record| {
        record.division == Some(code) || record.level() != Some(DivisionLevel::Village)
    };
    let with_chapter: BTreeSet<DivisionCode> = units
        .iter()
        .filter(|record| is_chapter(record))
        .filter_map(|record| record.division)
        .collect();
    // The nearest unit with a chapter, the place's own included.
    let home = |code: DivisionCode| -> Option<DivisionCode> {
        let above = view.ancestors(code);
        std::iter::once(code)
            .chain(above.iter().rev().filter_map(|unit| unit.division))
            .find(|code| with_chapter.contains(code))
    };
    let mut homes: BTreeMap<DivisionCode, Option<DivisionCode>> = BTreeMap::new();
    let mut villages: BTreeMap<DivisionCode, Vec<&Record>> = BTreeMap::new();
    let mut names: BTreeMap<DivisionCode, Vec<&Record>> = BTreeMap::new();
    for record in units.iter().copied().filter(|record| !is_chapter(record)) {
        let found = record
            .division
            .and_then(|own| *homes.entry(own).or_insert_with(|| home(own)));
        if let Some(found) = found {
            villages.entry(found).or_default().push(record);
        }
    }
    for record in view.within(Collection::Names, code.prefix()) {
        let found = record
            .division
            .and_then(|own| *homes.entry(own).or_insert_with(|| home(own)));
        if let (Some(found), Status::Published) = (found, record.status) {
            names.entry(found).or_default().push(record);
        }
    }
    let mut number = 0;
    let mut next = |record| {
        number += 1;
        Entry::new(view, record, number, &signs)
    };
    let mut chapters = Vec::new();
    for unit in units.iter().copied().filter(|record| is_chapter(record)) {
        let Some(own) = unit.division else { continue };
        let mut by_category: BTreeMap<Category, Vec<&Record>> = BTreeMap::new();
        for record in names.remove(&own).unwrap_or_default() {
            let category = Category::of(record).unwrap_or(Category::ALL[7]);
            by_category.entry(category).or_default().push(record);
        }
        let chapter = Chapter {
            unit,
            own: next(unit),
            villages: villages
                .remove(&own)
                .unwrap_or_default()
                .into_iter()
                .map(&mut next)
                .collect(),
            names: by_category
                .into_iter()
                .map(|(category, mut records)| {
                    records.sort_by(|a, b| index::order(a, b));
                    (category, records.into_iter().map(&mut next).collect())
                })
                .collect(),
        };
        chapters.push(chapter);
    }
    chapters
}

/// The statutory categories (地名管理条例 art. 3), as headings.
fn category_words(category: Category) -> (&'static str, &'static str) {
    match category.number() {
        1 => ("自然地理实体", "Natural features"),
        2 => ("行政区划", "Divisions"),
        3 => (
            "村民委员会、居民委员会所在地及居民点",
            "Villages and settlements",
        ),
        4 => ("城市公园、自然保护地", "Parks and reserves"),
        5 => ("街路巷", "Streets"),
        6 => ("住宅区、楼宇", "Estates and buildings"),
        7 => ("交通、水利等设施", "Transport, water and other works"),
        _ => ("其他", "Others"),
    }
}

struct Book<'a> {
    view: View<'a>,
    unit: &'a Record,
    words: Words,
    title: String,
    chapters: Vec<Chapter<'a>>,
}

impl Book<'_> {
    fn write(&self, written: GazetteerWritten, out: &mut dyn Write) -> io::Result<()> {
        let lang = match self.words {
            Words::En => "en",
            Words::Zh | Words::Both => "zh-CN",
        };
        let title = escape(&self.title);
        writeln!(
            out,
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>\n{STYLE}"
        )?;
        // Running heads: a named page for each chapter, since few printers know `string-set`.
        for chapter in &self.chapters {
            let (id, name) = (chapter.id(), css_text(&chapter.unit.name));
            writeln!(
                out,
                "@page {id} {{ @top-left {{ content: \"{}\" }} @top-right {{ content: \"{name}\" }} }}\n\
                 #{id} {{ page: {id} }}",
                css_text(&self.title)
            )?;
        }
        for (id, name) in [("pinyin", "音序索引"), ("strokes", "笔画索引")] {
            writeln!(
                out,
                "@page {id} {{ @top-left {{ content: \"{}\" }} @top-right {{ content: \"{name}\" }} }}\n\
                 #{id} {{ page: {id} }}",
                css_text(&self.title)
            )?;
        }
        writeln!(out, "</style>\n</head>\n<body>")?;
        self.front(written, out)?;
        self.contents(out)?;
        writeln!(out, "<main>")?;
        for chapter in &self.chapters {
            self.chapter(chapter, out)?;
        }
        writeln!(out, "</main>")?;
        let entries: Vec<&Entry<'_>> = self.chapters.iter().flat_map(Chapter::entries).collect();
        index::write(&entries, self.words, out)?;
        writeln!(out, "</body>\n</html>")
    }

    /// Title page and how the book is to be read.
    fn front(&self, written: GazetteerWritten, out: &mut dyn Write) -> io::Result<()> {
        let newest = self
            .chapters
            .iter()
            .flat_map(Chapter::entries)
            .map(|entry| entry.record.updated_at)
            .fold(self.unit.updated_at, Ord::max);
        let roman = escape(&roman(self.unit, Spelling::division()));
        let seq = self.view.snapshot().seq();
        let day = newest.day();
        let is_illustrative = self
            .chapters
            .iter()
            .flat_map(Chapter::entries)
            .any(|entry| entry.record.source.starts_with("illustrative"));
        writeln!(
            out,
            "<header class=\"front\"><h1>{}</h1><p class=\"roman\">{roman}</p>\
             <p>{}</p><p class=\"imprint\">{}</p></header>",
            escape(&self.title),
            self.words.pick(
                &format!("{} 章　{} 条", written.chapters, written.entries),
                &format!("{} chapters, {} entries", written.chapters, written.entries)
            ),
            self.words.pick(
                &format!("据登记库变更序号 {seq} 编成，资料截至 {day}"),
                &format!("From the register at change {seq}, as of {day}")
            ),
        )?;
        writeln!(
            out,
            "<section class=\"guide\"><h2>{}</h2><ul>",
            self.words.pick("凡例", "How to read this book")
        )?;
        let mut notes = vec![
            self.words.pick(
                "按行政区划代码分章；章内先列区划，再按法定类别、音序列地名，各条连续编号。",
                "Chapters follow the division codes; within each, units come first, then names by \
                 statutory category and sound, numbered throughout.",
            ),
            self.words.pick(
                "注音依登记的罗马字母拼写；位置为经度、纬度（CGCS2000）。",
                "Readings follow the registered spelling; positions are longitude and latitude \
                 (CGCS2000).",
            ),
            self.words.pick(
                "含义、来历未登记的记“—”，不作推测。",
                "Where no meaning or origin is registered a dash stands; nothing is guessed.",
            ),
        ];
        if is_illustrative {
            notes.push(self.words.pick(
                "来源标为“示意”的条目是演示数据，不是真实登记。",
                "Entries marked illustrative are demonstration data, not real registrations.",
            ));
        }
        for note in notes {
            writeln!(out, "<li>{}</li>", escape(&note))?;
        }
        writeln!(out, "</ul></section>")
    }

    fn contents(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "<nav class=\"contents\"><h2>{}</h2><ol>",
            self.words.pick("目录", "Contents")
        )?;
        for chapter in &self.chapters {
            writeln!(
                out,
                "<li class=\"{}\"><a href=\"#{}\"><span>{}</span> <span class=\"roman\">{}</span>\
                 <span class=\"count\">{}</span></a></li>",
                chapter.unit.level().map_or("", DivisionLevel::as_str),
                chapter.id(),
                escape(&chapter.unit.name),
                escape(&roman(chapter.unit, Spelling::division())),
                chapter.entries().count()
            )?;
        }
        for (id, zh, en) in [
            ("pinyin", "音序索引", "Index by sound"),
            ("strokes", "笔画索引", "Index by strokes"),
        ] {
            let words = self.words.pick(zh, en);
            writeln!(out, "<li><a href=\"#{id}\"><span>{words}</span></a></li>")?;
        }
        writeln!(out, "</ol></nav>")
    }

    fn chapter(&self, chapter: &Chapter<'_>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "<section class=\"chapter\" id=\"{}\"><h2>{}</h2>",
            chapter.id(),
            escape(&chapter.unit.name)
        )?;
        chapter.own.write(self.words, out)?;
        if !chapter.villages.is_empty() {
            let heading = self.words.pick("村、社区", "Villages and communities");
            writeln!(out, "<h3>{heading}</h3>")?;
            for entry in &chapter.villages {
                entry.write(self.words, out)?;
            }
        }
        for (category, entries) in &chapter.names {
            let (zh, en) = category_words(*category);
            writeln!(out, "<h3>{}</h3>", self.words.pick(zh, en))?;
            for entry in entries {
                entry.write(self.words, out)?;
            }
        }
        writeln!(out, "</section>")
    }
}

/// Text as it may stand in a string of a style sheet inside a page.
fn css_text(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '"' | '\\' | '<' | '>' | '\n'))
        .collect()
}
