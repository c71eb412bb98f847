//! What a WKT definition (a Shapefile's .prj, a layer's system) names, as far as it can be told
//! without PROJ: the authority's number at its root, or the name by which desktop programs write
//! the Chinese systems.

use zhifang_core::{Crs, OldDatum, Zone};

/// The system that a WKT definition names; `None` when only PROJ could tell.
///
/// ```
/// use zhifang_core::Crs;
/// let prj = r#"GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",
///     SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;
/// assert_eq!(zhifang_crs::crs_of_wkt(prj), Some(Crs::Epsg(4490)));
/// ```
pub fn crs_of_wkt(wkt: &str) -> Option<Crs> {
    let wkt = wkt.trim();
    root_authority(wkt)
        .map(Crs::Epsg)
        .or_else(|| named(wkt.split('"').nth(1)?))
}

/// The EPSG number that stands as the last member of the outermost bracket.
fn root_authority(wkt: &str) -> Option<u32> {
    let tail = wkt.strip_suffix(']')?.trim_end();
    let start = [tail.rfind("AUTHORITY["), tail.rfind("ID[")]
        .into_iter()
        .flatten()
        .max()?;
    let last = tail.get(start..)?;
    let inside = last.split_once('[')?.1.strip_suffix(']')?;
    if inside.contains(['[', ']']) {
        return None;
    }
    let mut members = inside
        .split(',')
        .map(|member| member.trim().trim_matches('"'));
    if members.next()? != "EPSG" {
        return None;
    }
    members.next()?.parse().ok()
}

/// Systems by the names that desktop programs give them.
fn named(name: &str) -> Option<Crs> {
    let name = name.to_ascii_lowercase().replace([' ', '-', '/', '_'], "");
    match name.as_str() {
        "gcschinageodeticcoordinatesystem2000"
        | "chinageodeticcoordinatesystem2000"
        | "cgcs2000" => {
            return Some(Crs::Epsg(4490));
        }
        "gcswgs1984" | "wgs84" | "wgs1984" => return Some(Crs::Epsg(4326)),
        "wgs1984webmercatorauxiliarysphere" | "wgs84pseudomercator" => {
            return Some(Crs::Epsg(3857));
        }
        _ => {}
    }
    let grid = |prefix: &str| {
        let rest = name.strip_prefix(prefix)?;
        let (width_deg, rest) = match rest
            .strip_prefix("3degreegk")
            .or_else(|| rest.strip_prefix("3degreegausskruger"))
        {
            Some(rest) => (3, rest),
            None => (
                6,
                rest.strip_prefix("gk")
                    .or_else(|| rest.strip_prefix("gausskruger"))?,
            ),
        };
        let by_zone = rest
            .strip_prefix("zone")
            .and_then(|digits| digits.parse::<u8>().ok());
        let by_meridian = || {
            let meridian: u8 = rest.strip_prefix("cm")?.strip_suffix('e')?.parse().ok()?;
            Some(if width_deg == 3 {
                meridian / 3
            } else {
                meridian.checked_add(3)? / 6
            })
        };
        let is_prefixed = by_zone.is_some();
        let number = by_zone.or_else(by_meridian)?;
        let range = if width_deg == 3 { 25..=45 } else { 13..=23 };
        range
            .contains(&number)
            .then_some((Zone { width_deg, number }, is_prefixed))
    };
    if let Some((zone, is_prefixed)) = grid("cgcs2000") {
        let (first, low, count) = if zone.width_deg == 3 {
            (4513, 25, 21)
        } else {
            (4491, 13, 11)
        };
        let by_meridian = if is_prefixed { 0 } else { count };
        return Some(Crs::Epsg(
            first + u32::from(zone.number - low) + by_meridian,
        ));
    }
    [
        ("xian1980", OldDatum::Xian80),
        ("beijing1954", OldDatum::Beijing54),
    ]
    .into_iter()
    .find_map(|(prefix, datum)| grid(prefix).map(|(zone, _)| Crs::Old { datum, zone }))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::root(
        r#"GEOGCS["x",DATUM["y",AUTHORITY["EPSG","1043"]],AUTHORITY["EPSG","4490"]]"#,
        Some(Crs::Epsg(4490))
    )]
    #[case::only_inside(
        r#"PROJCS["x",GEOGCS["y",AUTHORITY["EPSG","4490"]],UNIT["m",1]]"#,
        None
    )]
    #[case::wkt2(r#"PROJCRS["x",ID["EPSG",4546]]"#, Some(Crs::Epsg(4546)))]
    #[case::zone(
        r#"PROJCS["CGCS2000_3_Degree_GK_Zone_37",UNIT["Meter",1.0]]"#,
        Some(Crs::Epsg(4525))
    )]
    #[case::meridian(
        r#"PROJCS["CGCS2000_3_Degree_GK_CM_111E",UNIT["Meter",1.0]]"#,
        Some(Crs::Epsg(4546))
    )]
    #[case::six(
        r#"PROJCS["CGCS2000_GK_CM_111E",UNIT["Meter",1.0]]"#,
        Some(Crs::Epsg(4508))
    )]
    #[case::xian(r#"PROJCS["Xian_1980_3_Degree_GK_Zone_38",UNIT["Meter",1.0]]"#,
        Some(Crs::Old { datum: OldDatum::Xian80, zone: Zone { width_deg: 3, number: 38 } }))]
    #[case::unknown(r#"PROJCS["Local grid",UNIT["Meter",1.0]]"#, None)]
    #[case::rubbish("]]]", None)]
    fn definitions_by_root_number_or_name(#[case] wkt: &str, #[case] wanted: Option<Crs>) {
        assert_eq!(crs_of_wkt(wkt), wanted);
    }
}
