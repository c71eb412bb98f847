//! What the made data promises, checked on what came out.

use std::fmt::Write as _;

use geo::{
    Contains, Coord, Covers, GeodesicArea, Line, LineIntersection, LineString, Point, Polygon,
};

use crate::error::Error;
use crate::feature::Feature;
use crate::township::{Township, TownshipLine};

fn broken(what: &'static str, wanted: &str, found: &str) -> Error {
    Error::Broken {
        what,
        wanted: wanted.to_owned(),
        found: found.to_owned(),
    }
}

/// Fails unless the townships divide the county exactly; otherwise says in figures how.
///
/// Exactly means: every line is in two outlines vertex by vertex, every county edge in one, no two
/// pieces cross, and the areas sum up to the county's.
pub(crate) fn partition(
    county: &LineString,
    townships: &[Township],
    lines: &[TownshipLine],
) -> Result<String, Error> {
    let mut pieces: Vec<Line> = county.lines().collect();
    for line in lines {
        pieces.extend(line.line.lines());
    }
    for (index, one) in pieces.iter().enumerate() {
        for two in &pieces[index + 1..] {
            if crosses(one, two) {
                return Err(broken(
                    "no two lines cross",
                    "none",
                    &format!("{one:?} and {two:?}"),
                ));
            }
        }
    }
    let key =
        |from: Coord, to: Coord| [from, to].map(|place| (place.x.to_bits(), place.y.to_bits()));
    let mut directed = std::collections::BTreeSet::new();
    for township in townships {
        for piece in township.outline.exterior().lines() {
            if !directed.insert(key(piece.start, piece.end)) {
                return Err(broken(
                    "an edge has one owner a side",
                    "one",
                    &format!("{piece:?}"),
                ));
            }
        }
        if !township.outline.contains(&Point(township.seat)) {
            return Err(broken(
                "a seat lies in its township",
                &township.name,
                "outside",
            ));
        }
    }
    for piece in &pieces {
        let (ahead, back) = (key(piece.start, piece.end), key(piece.end, piece.start));
        let owners = usize::from(directed.remove(&ahead)) + usize::from(directed.remove(&back));
        let wanted = if county.lines().any(|edge| edge == *piece) {
            1
        } else {
            2
        };
        if owners != wanted {
            return Err(broken(
                "owners of an edge",
                &wanted.to_string(),
                &format!("{owners}: {piece:?}"),
            ));
        }
    }
    if let Some(edge) = directed.first() {
        return Err(broken(
            "edges that are in no line",
            "none",
            &format!("{edge:?}"),
        ));
    }
    // The published ring runs clockwise, which the geodesic area takes for the rest of the globe.
    let ring = LineString(county.0.iter().rev().copied().collect());
    let whole = Polygon::new(ring, Vec::new()).geodesic_area_unsigned();
    let parts: f64 = townships
        .iter()
        .map(|township| township.outline.geodesic_area_unsigned())
        .sum();
    if (whole - parts).abs() > 1.0 {
        return Err(broken(
            "sum of the areas in m²",
            &whole.to_string(),
            &parts.to_string(),
        ));
    }
    let mut text = format!(
        "county {:.3} km², sum of {} townships differs by {:.4} m²; {} lines, {} edges, none crosses",
        whole / 1e6,
        townships.len(),
        parts - whole,
        lines.len(),
        pieces.len()
    );
    for township in townships {
        let area = township.outline.geodesic_area_unsigned() / 1e6;
        let vertices = township.outline.exterior().0.len() - 1;
        let _ = write!(
            text,
            "\n  {} {} {area:.2} km², {vertices} vertices",
            township.code, township.name
        );
    }
    Ok(text)
}

/// Whether the pieces meet anywhere but at an end of both.
fn crosses(one: &Line, two: &Line) -> bool {
    match geo::line_intersection::line_intersection(*one, *two) {
        None => false,
        Some(LineIntersection::Collinear { intersection }) => {
            intersection.start != intersection.end
        }
        Some(LineIntersection::SinglePoint {
            intersection,
            is_proper,
        }) => {
            let is_end = |line: &Line| intersection == line.start || intersection == line.end;
            is_proper || !(is_end(one) && is_end(two))
        }
    }
}

/// Fails unless every id is there once and everything lies where it may; else counts.
///
/// Markers of the other bank, works that cross a line and the claims are the only things outside.
pub(crate) fn features(
    name: &str,
    features: &[Feature],
    county: &Polygon,
) -> Result<String, Error> {
    let mut ids = std::collections::BTreeSet::new();
    let (mut placed, mut outside) = (0, Vec::new());
    for feature in features {
        if !ids.insert(feature.text("id")) {
            return Err(broken("an id stands once", feature.text("id"), name));
        }
        if let Some(geometry) = &feature.geometry {
            placed += 1;
            if !county.covers(geometry) {
                outside.push(feature.text("id"));
            }
        }
    }
    let may_be_outside = matches!(
        name,
        "markers" | "claims" | "disputes" | "structures" | "observations"
    );
    if !outside.is_empty() && !may_be_outside {
        return Err(broken(
            "everything lies in the county",
            name,
            &outside.join(" "),
        ));
    }
    Ok(format!(
        "\n{name}: {} records, {placed} with geometry, {} partly or wholly outside the county",
        features.len(),
        outside.len()
    ))
}
