//! 边界线走向说明: the line from marker to marker in words, and a given text held against the
//! geometry: its direction words (16 sectors of 22.5° from true north), its azimuths, its lengths.

use std::collections::BTreeMap;

use geo::Coord;
use zhifang_core::{Lang, Record};
use zhifang_topology::{Compass, bearing_deg};

use crate::series::{Series, Station};
use crate::words::Words;

/// A leg of the line from one marker, pair or three to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct CourseLeg<'a> {
    /// Serial or number of the marker where it starts; none at a start of the series without one.
    pub from: Option<&'a str>,
    /// The same where it ends.
    pub to: Option<&'a str>,
    /// The line on which it starts.
    pub line: &'a str,
    /// Where it starts along the series, metres.
    pub start_m: f64,
    /// Its length on the ellipsoid, metres.
    pub length_m: f64,
    /// Azimuth from its start to its end, degrees from true north; none where it closes.
    pub bearing_deg: Option<f64>,
    /// What the line follows, where the register says so.
    pub follows: Option<String>,
}

/// A stop of the course: where the series is entered or left, or its markers of one number.
struct Stop<'a> {
    number: Option<&'a str>,
    serial: Option<u32>,
    along_m: f64,
}

/// Markers nearer to an end of the series than this stand at it, metres.
const END_M: f64 = 1.0;

fn stops<'a>(series: &Series<'a>) -> Vec<Stop<'a>> {
    let mut stops: Vec<Stop<'a>> = Vec::new();
    for station in &series.stations {
        let serial = station.number.as_ref().map(|number| number.serial);
        let is_same = |last: &Stop<'_>| serial.is_some() && last.serial == serial;
        if !stops.last().is_some_and(is_same) {
            stops.push(Stop {
                number: Some(called(station)),
                serial,
                along_m: station.along_m,
            });
        }
    }
    let end = |along_m| Stop {
        number: None,
        serial: None,
        along_m,
    };
    let length_m = series.length_m();
    if stops.first().is_none_or(|first| first.along_m > END_M) {
        stops.insert(0, end(0.0));
    }
    if stops
        .last()
        .is_none_or(|last| last.along_m < length_m - END_M)
    {
        stops.push(end(length_m));
    }
    stops
}

fn called<'a>(station: &Station<'a>) -> &'a str {
    let number = station.marker.fields.text("number");
    number.unwrap_or(&station.marker.id)
}

impl<'a> Series<'a> {
    /// The place so far along the series, and the line that it lies on.
    fn place_at(&self, along_m: f64) -> Option<(Coord<f64>, &'a Record)> {
        let mut at = self.stretches.iter().rev();
        let stretch = at.find(|stretch| stretch.start_m <= along_m)?;
        let walked = along_m - stretch.start_m;
        let along = if stretch.is_turned {
            stretch.track.length_m - walked
        } else {
            walked
        };
        Some((stretch.track.at(along), stretch.line))
    }

    fn leg(&self, from_m: f64, to_m: f64) -> (f64, Option<f64>, Option<&'a Record>) {
        let start = self.place_at(from_m);
        let end = self.place_at(to_m);
        let bearing = start
            .zip(end)
            .filter(|((a, _), (b, _))| a != b)
            .map(|((a, _), (b, _))| bearing_deg(a, b));
        (to_m - from_m, bearing, start.map(|(_, line)| line))
    }

    /// The legs from marker to marker, in numbering order.
    pub fn course(&self) -> Vec<CourseLeg<'a>> {
        let stops = stops(self);
        let legs = stops.windows(2).map(|ends| {
            let (length_m, bearing_deg, line) = self.leg(ends[0].along_m, ends[1].along_m);
            CourseLeg {
                from: ends[0].number,
                to: ends[1].number,
                line: line.map_or("", |line| &line.id),
                start_m: ends[0].along_m,
                length_m,
                bearing_deg,
                follows: line.and_then(followed),
            }
        });
        legs.collect()
    }
}

/// Name of what a line follows (`follows_feature`).
fn followed(line: &Record) -> Option<String> {
    let feature = line.fields.get("follows_feature")?;
    let name = feature.get("name").or_else(|| feature.get("feature"));
    let text = feature.as_str().or_else(|| name?.as_str())?;
    (!text.trim().is_empty()).then(|| text.to_owned())
}

impl CourseLeg<'_> {
    /// The leg as a sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        let named = |number: Option<&str>, start: bool| match (number, zh, start) {
            (Some(number), true, _) => format!("{number}号界桩"),
            (Some(number), false, _) => format!("marker {number}"),
            (None, true, true) => "界线起点".to_owned(),
            (None, true, false) => "界线终点".to_owned(),
            (None, false, true) => "the start of the line".to_owned(),
            (None, false, false) => "its end".to_owned(),
        };
        let (from, to) = (named(self.from, true), named(self.to, false));
        let length = self.length_m;
        let follows = self.follows.as_deref();
        match (
            zh,
            self.bearing_deg
                .map(|degrees| (degrees, Compass::from_degrees(degrees))),
        ) {
            (true, Some((degrees, compass))) => format!(
                "从{from}起，{}向{}（方位角{degrees:.1}°）行{length:.1}米，至{to}。",
                follows.map_or_else(String::new, |name| format!("沿{name}")),
                compass.zh()
            ),
            (true, None) => format!("从{from}起，环行{length:.1}米，至{to}。"),
            (false, Some((degrees, compass))) => format!(
                "From {from} {}{} (azimuth {degrees:.1}°) for {length:.1} m to {to}.",
                follows.map_or_else(String::new, |name| format!("along {name} ")),
                compass.en()
            ),
            (false, None) => format!("From {from} round for {length:.1} m to {to}."),
        }
    }
}

/// What a text says of a leg against the geometry.
#[derive(Debug, Clone, PartialEq)]
pub struct CourseFault {
    /// The sentence, from 1.
    pub sentence: usize,
    /// Where the leg starts.
    pub place: Option<Coord<f64>>,
    /// What is wrong.
    pub words: Words,
}

/// A length in a text may be off by this share.
const LENGTH_SHARE: f64 = 0.1;
/// And by this much, for rounded numbers, metres.
const LENGTH_M: f64 = 10.0;
/// An azimuth in a text may be off by half a sector, degrees.
const AZIMUTH_DEG: f64 = 11.25;

/// Holds a text against the geometry of its series, sentence by sentence: a sentence that names
/// two markers, or one that goes on from the last sentence's, is a leg.
pub fn check_course(series: &Series<'_>, text: &str) -> Vec<CourseFault> {
    let mut by_serial: BTreeMap<u32, f64> = BTreeMap::new();
    let mut by_number: BTreeMap<&str, f64> = BTreeMap::new();
    for station in &series.stations {
        by_number.insert(called(station), station.along_m);
        if let Some(number) = &station.number {
            by_serial.entry(number.serial).or_insert(station.along_m);
        }
    }
    let along_of = |word: &str| {
        let serial = || by_serial.get(&word.parse().ok()?).copied();
        by_number.get(word).copied().or_else(serial)
    };
    let mut faults = Vec::new();
    let mut last = None;
    let sentences = text
        .split(['。', '；', ';', '\n'])
        .filter(|sentence| !sentence.trim().is_empty());
    for (at, sentence) in sentences.enumerate() {
        let named: Vec<f64> = markers_in(sentence).filter_map(along_of).collect();
        let ends = match (named.as_slice(), last) {
            ([], _) | ([_], None) => None,
            ([to], Some(from)) => Some((from, *to)),
            ([from, .., to], _) => Some((*from, *to)),
        };
        last = named.last().copied().or(last);
        let Some((from, to)) = ends.filter(|(from, to)| (from - to).abs() > END_M) else {
            continue;
        };
        let (low, high) = (from.min(to), from.max(to));
        let (length_m, bearing, _) = series.leg(low, high);
        let bearing = bearing.map(|degrees| if from > to { degrees + 180.0 } else { degrees });
        let place = series.place_at(from).map(|(place, _)| place);
        let told = Told::of(sentence);
        for words in told.against(length_m, bearing.map(|degrees| degrees.rem_euclid(360.0))) {
            faults.push(CourseFault {
                sentence: at + 1,
                place,
                words,
            });
        }
    }
    faults
}

/// Numbers of markers in a sentence: what stands before 号.
fn markers_in(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.match_indices('号').filter_map(|(at, _)| {
        let before = &sentence[..at];
        let is_part = |c: char| c.is_ascii_alphanumeric();
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, c)| is_part(*c))
            .last()?
            .0;
        Some(&before[start..])
    })
}

/// The numbers and direction words of a sentence.
#[derive(Debug, Default, PartialEq)]
struct Told {
    compass: Option<(usize, Compass)>,
    azimuth_deg: Option<f64>,
    length_m: Option<f64>,
}

impl Told {
    fn of(sentence: &str) -> Self {
        Self {
            compass: directions(sentence),
            azimuth_deg: number_between(sentence, "方位角", &["°", "度"]).map(|(number, _)| number),
            length_m: lengths(sentence),
        }
    }

    fn against(&self, length_m: f64, bearing_deg: Option<f64>) -> Vec<Words> {
        let mut faults = Vec::new();
        if let (Some((_, told)), Some(degrees)) = (self.compass, bearing_deg) {
            let is = Compass::from_degrees(degrees);
            if told.apart(is) > 1 {
                faults.push(Words::new(
                    format!(
                        "说明“向{}”，按图形为{}（{degrees:.1}°）",
                        told.zh(),
                        is.zh()
                    ),
                    format!(
                        "the text says {}, the geometry {} ({degrees:.1}°)",
                        told.en(),
                        is.en()
                    ),
                ));
            }
        }
        if let (Some(told), Some(degrees)) = (self.azimuth_deg, bearing_deg) {
            let off = (told - degrees + 180.0).rem_euclid(360.0) - 180.0;
            if off.abs() > AZIMUTH_DEG {
                faults.push(Words::new(
                    format!("说明方位角 {told}°，按图形为 {degrees:.1}°"),
                    format!("the text says azimuth {told}°, the geometry {degrees:.1}°"),
                ));
            }
        }
        if let Some(told) = self.length_m
            && (told - length_m).abs() > (LENGTH_SHARE * length_m).max(LENGTH_M)
        {
            faults.push(Words::new(
                format!("说明长 {told:.0} 米，按图形为 {length_m:.0} 米"),
                format!("the text says {told:.0} m, the geometry {length_m:.0} m"),
            ));
        }
        faults
    }
}

/// The direction word of a sentence; none where it has several, for then it turns on the way.
fn directions(sentence: &str) -> Option<(usize, Compass)> {
    let mut found: Option<(usize, Compass)> = None;
    let mut rest = 0;
    while let Some(at) = sentence.get(rest..)?.find(['向', '往', '朝']) {
        let start = rest + at + '向'.len_utf8();
        let tail = &sentence[start..];
        let sector = (0..16)
            .map(|sector| Compass::from_degrees(f64::from(sector) * 22.5))
            .filter(|compass| tail.starts_with(compass.zh()))
            .max_by_key(|compass| compass.zh().len());
        if let Some(compass) = sector {
            if found.is_some_and(|(_, before)| before != compass) {
                return None;
            }
            found = Some((start, compass));
        }
        rest = start;
    }
    found
}

/// The number that follows a word and stands before one of the units; and where it ends.
fn number_between(text: &str, word: &str, units: &[&str]) -> Option<(f64, usize)> {
    let start = text.find(word)? + word.len();
    let tail = text[start..].trim_start_matches(['为', '约', '：', ' ']);
    let end = tail.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let number = tail[..end].parse().ok()?;
    let is_unit = units.iter().any(|unit| tail[end..].starts_with(unit));
    is_unit.then_some((number, start + end))
}

/// The one length in metres or kilometres of a sentence; none where it has several.
fn lengths(sentence: &str) -> Option<f64> {
    let mut found = Vec::new();
    for (unit, metres) in [("公里", 1000.0), ("千米", 1000.0), ("米", 1.0)] {
        for (at, _) in sentence.match_indices(unit) {
            // 千米 and 平方米 hold 米 too.
            let before = &sentence[..at];
            if unit == "米" && before.ends_with(['千', '方', '厘', '毫']) {
                continue;
            }
            let digits = before
                .char_indices()
                .rev()
                .take_while(|(_, c)| c.is_ascii_digit() || *c == '.')
                .last();
            let number = digits.and_then(|(start, _)| before[start..].parse::<f64>().ok());
            found.extend(number.map(|number| number * metres));
        }
    }
    match found.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_taken_apart() {
        let told = Told::of("从3号界桩起，沿山脊向东偏东北（方位角67.5°）行1.25公里至4号界桩");
        assert_eq!(
            told.compass.map(|(_, compass)| compass.zh()),
            Some("东偏东北")
        );
        assert_eq!(
            (told.azimuth_deg, told.length_m),
            (Some(67.5), Some(1250.0))
        );
        let numbers: Vec<&str> = markers_in("从4142003Q号界桩至4号").collect();
        assert_eq!(numbers, ["4142003Q", "4"]);
        // It turns on the way, has two lengths, or areas: nothing to hold against the leg.
        let told = Told::of("先向东行100米，再向北行200米，面积5平方米");
        assert_eq!(told, Told::default());
        assert_eq!(lengths("约3千米"), Some(3000.0));
        assert_eq!(lengths("米"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*", noise in "[从至号界桩向东西南北米公里方位角0-9.°。；]*") {
            for text in [text, noise] {
                let _ = Told::of(&text);
                let _ = markers_in(&text).count();
            }
        }
    }
}
