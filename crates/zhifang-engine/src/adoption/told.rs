//! What does not fit, in the words of both languages.

use geo_types::{Coord, Geometry, LineString, Point};
use serde_json::Value;
use zhifang_core::DivisionCode;
use zhifang_topology::{Error, Irregularity, LeftoverKind, distance_m};

use super::{Difference, code};

/// Chinese and English.
pub(super) type Words = (String, String);

fn both(zh: &str, en: &str) -> Words {
    (zh.to_owned(), en.to_owned())
}

/// A part of the ground, or of a line, that is left over.
pub(super) fn leftover(kind: LeftoverKind) -> (&'static str, Words) {
    match kind {
        LeftoverKind::Gap => ("gap", both("缝隙：没有区划", "ground that no unit has")),
        LeftoverKind::Overlap => ("overlap", both("重叠", "ground that several units have")),
        LeftoverKind::SameSide => (
            "same_side",
            both("同侧使用", "a stretch used from the same side"),
        ),
    }
}

/// A registered line that is not the common edge.
pub(super) fn line_differs(id: &str) -> Words {
    (
        format!("登记的界线 {id} 与公共边不一致"),
        format!("the registered line `{id}` differs from the common edge"),
    )
}

fn difference(kind: &'static str, units: &[u64], words: Words) -> Difference {
    Difference {
        kind,
        units: units
            .iter()
            .copied()
            .filter_map(code)
            .collect::<Vec<DivisionCode>>(),
        area_m2: 0.0,
        length_m: 0.0,
        message: words.1,
        message_zh: words.0,
        geometry: Value::Null,
    }
}

fn at(place: Coord<f64>) -> Value {
    zhifang_core::geometry::to_geojson(&Geometry::Point(Point(place)))
}

/// A fault of a given polygon.
pub(super) fn irregular(fault: &Irregularity) -> Difference {
    let (units, words, place, stretch) = match fault {
        Irregularity::RepeatedUnit { unit } => (
            vec![*unit],
            both(
                "单位重复出现，后面的多边形没有采用",
                "the unit comes twice; its later polygons were left out",
            ),
            None,
            None,
        ),
        Irregularity::NotFinite { unit } => (
            vec![*unit],
            both(
                "坐标不是有限的数，该环没有采用",
                "a coordinate is no finite number; the ring was left out",
            ),
            None,
            None,
        ),
        Irregularity::ShortRing { unit, at } => (
            vec![*unit],
            both(
                "环不足三个不同的点，没有采用",
                "a ring of fewer than three different positions was left out",
            ),
            *at,
            None,
        ),
        Irregularity::RepeatedVertex { unit, at } => (
            vec![*unit],
            both(
                "相邻两个点相同，去掉了一个",
                "two equal positions follow each other; one was left out",
            ),
            Some(*at),
            None,
        ),
        Irregularity::Spike { unit, at } => (
            vec![*unit],
            both(
                "边线折返，形成尖刺",
                "the ring turns back on itself (a spike)",
            ),
            Some(*at),
            None,
        ),
        Irregularity::SelfTouch { unit, at } => (
            vec![*unit],
            both("环两次经过同一点", "a ring passes a position twice"),
            Some(*at),
            None,
        ),
        Irregularity::RepeatedSegment { unit, from, to } => (
            vec![*unit],
            both(
                "同一单位多次使用同一段边线",
                "one unit uses a segment more than once",
            ),
            None,
            Some((*from, *to)),
        ),
        Irregularity::SameSide {
            units, from, to, ..
        } => (
            units.to_vec(),
            both(
                "两个单位在同一段边线的同一侧",
                "two units lie on the same side of a stretch",
            ),
            None,
            Some((*from, *to)),
        ),
        other => {
            let words = both("多边形有错", &format!("a fault of the polygon: {other:?}"));
            (Vec::new(), words, None, None)
        }
    };
    let mut told = difference("polygon", &units, words);
    if let Some(place) = place {
        told.geometry = at(place);
    }
    if let Some((from, to)) = stretch {
        told.length_m = distance_m(from, to);
        let line = LineString::new(vec![from, to]);
        told.geometry = zhifang_core::geometry::to_geojson(&Geometry::LineString(line));
    }
    told
}

/// Lines that do not bound their units.
pub(super) fn unclosed(fault: &Error) -> Difference {
    let english = fault.to_string();
    let (units, chinese, place) = match fault {
        Error::Dangling { unit, at } => (vec![*unit], "界线没有闭合", Some(*at)),
        Error::HoleOutside { unit, at } => (
            vec![*unit],
            "有一个环把本单位放在外侧，又不在它的任何部分之内；左右可能颠倒",
            Some(*at),
        ),
        Error::SameSides { unit, .. } => (
            unit.iter().copied().collect(),
            "界线两侧是同一单位，或两侧都没有单位",
            None,
        ),
        _ => (Vec::new(), "界线不足两个不同的点", None),
    };
    let mut told = difference("not_closed", &units, (chinese.to_owned(), english));
    if let Some(place) = place {
        told.geometry = at(place);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_is_told_with_its_unit_and_place_in_both_languages() {
        let told = irregular(&Irregularity::Spike {
            unit: 420_682_001,
            at: Coord { x: 111.5, y: 32.5 },
        });
        assert_eq!(told.units.len(), 1);
        assert_eq!(told.geometry["coordinates"][0], 111.5);
        assert!(told.message_zh.contains("尖刺") && told.message.contains("spike"));
        assert!(!told.message.contains('{'), "{}", told.message);
        let told = irregular(&Irregularity::RepeatedSegment {
            unit: 420_682_001,
            from: Coord { x: 111.5, y: 32.5 },
            to: Coord {
                x: 111.5,
                y: 32.501,
            },
        });
        assert!((told.length_m - 111.0).abs() < 1.0, "{}", told.length_m);
    }
}
