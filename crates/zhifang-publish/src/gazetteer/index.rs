//! The two indexes: by sound (音序) and by strokes (笔画).

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io::{self, Write};

use zhifang_core::Record;
use zhifang_pinyin::{read_name, strokes};

use super::entry::Entry;
use crate::mapsheet::{Words, escape};

/// The syllable, tone and character of each place of a name: the order of a dictionary.
fn sound_key(name: &str) -> Vec<(&'static str, u8, char)> {
    name.chars()
        .zip(read_name(name))
        .map(|(character, reading)| match reading {
            Some(reading) => (reading.syllable().as_str(), reading.tone(), character),
            None => ("", 0, character),
        })
        .collect()
}

/// Strokes of each character; those whose number is not known come last.
fn stroke_key(name: &str) -> Vec<(u8, char)> {
    name.chars()
        .map(|character| (strokes(character).unwrap_or(u8::MAX), character))
        .collect()
}

/// The order of names by sound.
pub(super) fn order(a: &Record, b: &Record) -> Ordering {
    sound_key(&a.name)
        .cmp(&sound_key(&b.name))
        .then_with(|| a.id.cmp(&b.id))
}

/// Writes both indexes; entries are referred to by their numbers.
pub(super) fn write(entries: &[&Entry<'_>], words: Words, out: &mut dyn Write) -> io::Result<()> {
    let mut by_sound: Vec<_> = entries
        .iter()
        .map(|entry| (sound_key(&entry.record.name), entry.number, *entry))
        .collect();
    by_sound.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let mut letters: BTreeMap<String, Vec<&Entry<'_>>> = BTreeMap::new();
    for (key, _, entry) in by_sound {
        let letter = key
            .first()
            .and_then(|(syllable, ..)| syllable.chars().next())
            .map_or_else(|| "#".to_owned(), |first| first.to_uppercase().to_string());
        letters.entry(letter).or_default().push(entry);
    }
    let heading = words.pick("音序索引", "Index by sound");
    group("pinyin", &heading, letters.into_iter(), out)?;

    let mut by_strokes: Vec<_> = entries
        .iter()
        .map(|entry| (stroke_key(&entry.record.name), entry.number, *entry))
        .collect();
    by_strokes.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let mut counts: BTreeMap<u8, Vec<&Entry<'_>>> = BTreeMap::new();
    for (key, _, entry) in by_strokes {
        let count = key.first().map_or(u8::MAX, |(count, _)| *count);
        counts.entry(count).or_default().push(entry);
    }
    let heading = words.pick("笔画索引", "Index by strokes");
    let counts = counts.into_iter().map(|(count, entries)| {
        let name = if count == u8::MAX {
            words.pick("其他", "Others")
        } else {
            words.pick(&format!("{count} 画"), &format!("{count} strokes"))
        };
        (name, entries)
    });
    group("strokes", &heading, counts, out)
}

fn group<'a, 'b: 'a>(
    id: &str,
    heading: &str,
    groups: impl Iterator<Item = (String, Vec<&'a Entry<'b>>)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<section class=\"index\" id=\"{id}\"><h2>{heading}</h2>"
    )?;
    for (name, entries) in groups {
        writeln!(out, "<h3>{name}</h3><ul>")?;
        for entry in entries {
            writeln!(
                out,
                "<li><a href=\"#{}\">{} <span class=\"roman\">{}</span> <b>{}</b></a></li>",
                entry.id(),
                escape(&entry.record.name),
                escape(&entry.roman),
                entry.number
            )?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</section>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_by_sound_and_by_strokes() {
        let sorted = |mut names: Vec<&'static str>, by_sound: bool| {
            if by_sound {
                names.sort_by_key(|name| sound_key(name));
            } else {
                names.sort_by_key(|name| stroke_key(name));
            }
            names
        };
        let names = || vec!["张集镇", "光化街道", "酂阳街道", "丁家营"];
        assert_eq!(
            sorted(names(), true),
            ["丁家营", "光化街道", "酂阳街道", "张集镇"],
            "酂 is read zàn"
        );
        assert_eq!(
            sorted(names(), false),
            ["丁家营", "光化街道", "张集镇", "酂阳街道"]
        );
    }
}
