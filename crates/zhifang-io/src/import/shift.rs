//! Do a file's coordinates look shifted, swapped, or out of place? Found before keys are known.

use geo_types::Geometry;
use zhifang_core::{CodePrefix, DivisionCode, Lang, LonLat, geometry::for_each_coord};
use zhifang_datum::{Diagnosis, Likely, diagnose, gcj02, looks_swapped};

use crate::lookup::Lookup;
use crate::report::Warning;

/// Finds what a row's geometry is compared with.
pub(crate) fn reference<'a>(
    lookup: &'a dyn Lookup,
    id: Option<&str>,
    key: Option<&str>,
    code: Option<DivisionCode>,
    name: &str,
    within: Option<CodePrefix>,
    is_divisions: bool,
) -> Option<&'a Geometry<f64>> {
    let by_key = id
        .and_then(|id| lookup.by_id(id))
        .or_else(|| code.and_then(|code| lookup.by_id(&code.to_string())))
        .or_else(|| key.and_then(|key| lookup.by_natural_key(key)));
    let is_keyed = id.is_some() || key.is_some() || code.is_some();
    let record = by_key.or_else(|| {
        if is_keyed || name.trim().is_empty() {
            return None;
        }
        let in_scope = |division: Option<DivisionCode>| {
            within.is_none_or(|within| division.is_some_and(|code| within.covers(code)))
        };
        let mut named = lookup
            .by_name(name)
            .into_iter()
            .filter(|r| in_scope(r.division));
        named.next().filter(|_| named.next().is_none())
    });
    if let Some(geometry) = record.and_then(|record| record.geometry.as_deref()) {
        return Some(geometry);
    }
    if !is_divisions {
        return None;
    }
    let code = code.or_else(|| record.and_then(|record| record.division));
    lookup.county_line(code, name)
}

/// What the pairs `(given, reference)` say about the whole file.
pub(crate) fn of_file(pairs: &[(&Geometry<f64>, &Geometry<f64>)]) -> Option<Diagnosis> {
    let found = diagnose(pairs.iter().copied());
    found.is_shifted().then_some(found)
}

/// What one geometry says by itself: swapped axes, or a place outside China's area.
pub(crate) fn of_row(geometry: &Geometry<f64>) -> Option<Likely> {
    let mut places = Vec::new();
    for_each_coord(geometry, &mut |c| places.push(LonLat::from(c)));
    if looks_swapped(places.iter().copied()) {
        return Some(Likely::Swapped);
    }
    let is_outside = places.iter().any(|place| !gcj02::is_offset(*place));
    is_outside.then_some(Likely::OutsideArea)
}

/// Whether every vertex is a longitude and a latitude.
pub(crate) fn is_geographic(geometry: &Geometry<f64>) -> bool {
    let mut is_good = true;
    for_each_coord(geometry, &mut |c| {
        is_good &= LonLat::try_new(c.x, c.y).is_ok();
    });
    is_good
}

/// The warning about a file whose coordinates look shifted.
pub(crate) fn file_warning(file: &str, found: &Diagnosis, is_taken: bool, lang: Lang) -> Warning {
    let offset = match lang {
        Lang::Zh => format!(
            "与登记位置相比偏东 {:.0} 米、偏北 {:.0} 米",
            found.dx_m, found.dy_m
        ),
        Lang::En => {
            format!(
                "{:.0} m east and {:.0} m north of the register",
                found.dx_m, found.dy_m
            )
        }
    };
    let outcome = if is_taken {
        lang.pick("已按要求接收", "taken as asked")
    } else {
        lang.pick(
            "未写入；请用 --source-crs 说明坐标系，或用 --accept-shift 接收",
            "not written; say which system with --source-crs, or --accept-shift",
        )
    };
    Warning {
        code: "looks_shifted".to_owned(),
        row: None,
        message: format!(
            "{file}: {} ({offset}); {outcome}",
            words(found.likely, lang)
        ),
        dx_m: Some((found.dx_m * 10.0).round() / 10.0),
        dy_m: Some((found.dy_m * 10.0).round() / 10.0),
        likely: Some(found.likely.as_str().to_owned()),
    }
}

/// The warning about rows that are swapped or out of place.
pub(crate) fn row_warning(
    file: &str,
    likely: Likely,
    row: u64,
    count: u64,
    is_taken: bool,
    lang: Lang,
) -> Warning {
    let outcome = if is_taken {
        lang.pick("已按要求接收", "taken as asked")
    } else {
        lang.pick("未写入", "not written")
    };
    let rows = match lang {
        Lang::Zh => format!("{count} 行"),
        Lang::En => format!("{count} rows"),
    };
    Warning {
        code: "looks_shifted".to_owned(),
        row: Some(row),
        message: format!("{file}: {} ({rows}); {outcome}", words(likely, lang)),
        dx_m: Some(0.0),
        dy_m: Some(0.0),
        likely: Some(likely.as_str().to_owned()),
    }
}

/// The explanation in words.
pub(crate) fn words(likely: Likely, lang: Lang) -> &'static str {
    match likely {
        Likely::Gcj02 => lang.pick("坐标像是 GCJ-02", "coordinates look like GCJ-02"),
        Likely::Bd09 => lang.pick("坐标像是 BD-09", "coordinates look like BD-09"),
        Likely::Shift => lang.pick("坐标整体偏移", "coordinates share one offset"),
        Likely::Swapped => lang.pick("经纬度颠倒", "longitude and latitude are swapped"),
        Likely::OutsideArea => lang.pick(
            "坐标在坐标系适用范围之外",
            "coordinates lie outside their system's area",
        ),
        _ => lang.pick("坐标可疑", "coordinates are doubtful"),
    }
}
