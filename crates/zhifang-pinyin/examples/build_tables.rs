//! Makes `tables/hanzi.bin` from the raw character and place-reading tables of the repository.
//!
//! Run from the repository: `cargo run -p zhifang-pinyin --example build_tables`.
#![expect(
    clippy::disallowed_methods,
    reason = "a generator reads and writes files"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use flate2::read::GzDecoder;

type Fallible<T> = Result<T, Box<dyn Error>>;

struct Character {
    tier: u8,
    readings: Vec<String>,
    simplified: Vec<char>,
    variants: Vec<char>,
    strokes: u8,
}

fn main() -> Fallible<()> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = own.join("../../data");
    let mut characters = read_characters(&fs::read(data.join("hanzi.csv.gz"))?)?;
    // The numeral 〇 is no ideograph of the raw table, yet stands in 43 unit names.
    characters.entry('〇').or_insert_with(|| Character {
        tier: 0,
        readings: vec!["líng".to_owned()],
        simplified: Vec::new(),
        variants: vec!['零'],
        strokes: 1,
    });
    for row in csv::Reader::from_path(own.join("tables/character_readings.csv"))?.records() {
        let row = row?;
        let (character, reading) = (first(&row[0])?, &row[1]);
        let entry = characters.get_mut(&character).ok_or("unknown character")?;
        entry.readings.retain(|known| known != reading);
        entry.readings.insert(0, reading.to_owned());
    }
    // Readings of old or of other words; in names they only make homophones of what no one confuses.
    for row in csv::Reader::from_path(own.join("tables/unused_readings.csv"))?.records() {
        let row = row?;
        let entry = characters
            .get_mut(&first(&row[0])?)
            .ok_or("unknown character")?;
        if entry.readings.len() > 1 {
            entry.readings.retain(|known| *known != row[1]);
        }
    }
    let mut places = BTreeMap::new();
    for file in [
        own.join("tables/place_readings_more.csv"),
        data.join("place_readings.csv"),
    ] {
        for row in csv::Reader::from_path(file)?.records() {
            let row = row?;
            let readings: Vec<String> = row[1].split(' ').map(str::to_owned).collect();
            if readings.len() != row[0].chars().count() {
                return Err(format!("`{}`: one reading a character wanted", &row[0]).into());
            }
            places.insert(row[0].to_owned(), readings);
        }
    }
    fs::write(own.join("tables/hanzi.bin"), encode(&characters, &places)?)?;
    Ok(())
}

fn first(text: &str) -> Fallible<char> {
    text.chars().next().ok_or_else(|| "empty cell".into())
}

fn read_characters(packed: &[u8]) -> Fallible<BTreeMap<char, Character>> {
    let mut characters = BTreeMap::new();
    for row in csv::Reader::from_reader(GzDecoder::new(packed)).records() {
        let row = row?;
        let tier = match row[2].parse::<u16>() {
            Ok(1..=3500) => 1,
            Ok(3501..=6500) => 2,
            Ok(_) => 3,
            Err(_) => 0,
        };
        let readings = row[3].split_whitespace().filter(|text| is_syllable(text));
        characters.insert(
            first(&row[0])?,
            Character {
                tier,
                readings: readings.map(str::to_owned).collect(),
                simplified: row[4].chars().collect(),
                variants: row[6].chars().collect(),
                strokes: row[7].parse().unwrap_or(0),
            },
        );
    }
    Ok(characters)
}

/// Interjections without a vowel (`m`, `ng`, `hm`) and the bare `r` are no syllables of names.
fn is_syllable(text: &str) -> bool {
    let plain = split_tone(text).0;
    plain.contains(['a', 'e', 'i', 'o', 'u', 'v']) && plain.is_ascii()
}

/// The toneless spelling with `v` for ü, and the tone: 1 to 4, 0 for the neutral one.
fn split_tone(marked: &str) -> (String, u8) {
    const MARKS: [(&str, char); 6] = [
        ("āáǎà", 'a'),
        ("ēéěè", 'e'),
        ("īíǐì", 'i'),
        ("ōóǒò", 'o'),
        ("ūúǔù", 'u'),
        ("ǖǘǚǜ", 'v'),
    ];
    let mut tone = 0;
    let mut plain = String::new();
    for letter in marked.chars() {
        let found = MARKS.iter().find_map(|(row, base)| {
            row.chars()
                .position(|mark| mark == letter)
                .map(|at| (at, *base))
        });
        match found {
            Some((at, base)) => {
                tone = u8::try_from(at + 1).unwrap_or(0);
                plain.push(base);
            }
            None if letter == 'ü' => plain.push('v'),
            None => plain.push(letter),
        }
    }
    (plain, tone)
}

/// What a character folds to for searching: a standard character is its own form.
fn standard_form(character: char, all: &BTreeMap<char, Character>) -> Option<char> {
    let entry = all.get(&character)?;
    if entry.tier > 0 {
        return None;
    }
    let is_standard = |other: &char| all.get(other).is_some_and(|known| known.tier > 0);
    let by_variant = || {
        entry
            .variants
            .iter()
            .copied()
            .find(is_standard)
            .or_else(|| {
                let simplified = entry.variants.iter().filter_map(|variant| all.get(variant));
                simplified
                    .flat_map(|variant| &variant.simplified)
                    .copied()
                    .find(is_standard)
            })
    };
    let mut direct = entry.simplified.iter().copied();
    direct
        .find(is_standard)
        .or_else(by_variant)
        .or_else(|| entry.simplified.first().copied())
}

fn encode(
    characters: &BTreeMap<char, Character>,
    places: &BTreeMap<String, Vec<String>>,
) -> Fallible<Vec<u8>> {
    let mut marked: BTreeSet<(String, u8, &str)> = BTreeSet::new();
    let of_characters = characters
        .values()
        .flat_map(|character| &character.readings);
    for reading in of_characters.chain(places.values().flatten()) {
        let (plain, tone) = split_tone(reading);
        marked.insert((plain, tone, reading));
    }
    let plain: Vec<&String> = marked
        .iter()
        .map(|(plain, ..)| plain)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let ids: BTreeMap<&str, u16> = marked
        .iter()
        .enumerate()
        .map(|(id, (.., text))| Ok((*text, u16::try_from(id)?)))
        .collect::<Fallible<_>>()?;

    let mut body = Vec::new();
    push_u16(&mut body, plain.len())?;
    for text in &plain {
        push_text(&mut body, text)?;
    }
    push_u16(&mut body, marked.len())?;
    for (text, tone, full) in &marked {
        push_u16(
            &mut body,
            plain.binary_search(&text).map_err(|_| "syllable lost")?,
        )?;
        body.push(*tone);
        push_text(&mut body, full)?;
    }
    push_u16(&mut body, characters.len())?;
    for character in characters.keys() {
        push_char(&mut body, *character);
    }
    for character in characters.values() {
        body.push(character.tier);
    }
    for character in characters.values() {
        body.push(character.strokes);
    }
    let mut offset = 0;
    for character in characters.values() {
        push_u16(&mut body, offset)?;
        offset += character.readings.len();
    }
    push_u16(&mut body, offset)?;
    for reading in characters
        .values()
        .flat_map(|character| &character.readings)
    {
        push_u16(&mut body, usize::from(ids[reading.as_str()]))?;
    }
    let forms: Vec<(char, char)> = characters
        .keys()
        .filter_map(|character| Some((*character, standard_form(*character, characters)?)))
        .collect();
    push_pairs(&mut body, &forms)?;
    let mut variants = BTreeSet::new();
    for (character, entry) in characters {
        for other in entry.variants.iter().chain(&entry.simplified) {
            variants.insert((*character, *other));
            variants.insert((*other, *character));
        }
    }
    push_pairs(&mut body, &variants.into_iter().collect::<Vec<_>>())?;
    push_u16(&mut body, places.len())?;
    for (name, readings) in places {
        body.push(u8::try_from(readings.len())?);
        for (character, reading) in name.chars().zip(readings) {
            push_char(&mut body, character);
            push_u16(&mut body, usize::from(ids[reading.as_str()]))?;
        }
    }
    let mut file = b"ZFPY\x01".to_vec();
    file.extend(checksum(&body).to_le_bytes());
    file.extend(body);
    Ok(file)
}

/// FNV-1a over 32 bits: enough to notice a truncated or edited file.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(16_777_619)
    })
}

fn push_u16(body: &mut Vec<u8>, number: usize) -> Fallible<()> {
    body.extend(u16::try_from(number)?.to_le_bytes());
    Ok(())
}

fn push_char(body: &mut Vec<u8>, character: char) {
    body.extend(&u32::from(character).to_le_bytes()[..3]);
}

fn push_text(body: &mut Vec<u8>, text: &str) -> Fallible<()> {
    body.push(u8::try_from(text.len())?);
    body.extend(text.as_bytes());
    Ok(())
}

fn push_pairs(body: &mut Vec<u8>, pairs: &[(char, char)]) -> Fallible<()> {
    push_u16(body, pairs.len())?;
    for (from, to) in pairs {
        push_char(body, *from);
        push_char(body, *to);
    }
    Ok(())
}
