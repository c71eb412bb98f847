//! Map sheets (地图): a unit on paper, in its Gauss-Krüger zone, to scale.

mod content;
mod frame;
mod furniture;
mod ground;
mod label;
mod paper;
mod pdf;
mod plane;
mod svg;
mod symbol;

use zhifang_core::{DivisionCode, DivisionLevel};
use zhifang_index::View;

pub(crate) use content::{place_name, roman};
pub(crate) use ground::polygons;
pub use paper::{Paper, Scale, Words};
pub use pdf::{Fonts, to_pdf};
pub(crate) use svg::escape;

use content::Inside;
use ground::Ground;
use paper::Layout;
use plane::{Plane, Projection, fitting_scale};
use svg::Svg;

use crate::error::Error;

/// Paper round the unit at the fitting scale, as a part of the map's width and height.
const MARGIN: f64 = 0.05;

/// What kind of sheet is wanted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// Scale.
    pub scale: Scale,
    /// Paper.
    pub paper: Paper,
    /// Broad instead of upright; the legend then stands beside the map.
    pub is_landscape: bool,
    /// Languages of what is written.
    pub words: Words,
    /// Title in place of the unit's name.
    pub title: Option<String>,
    /// Approval number (审图号); the field stays empty without one.
    pub approval_number: Option<String>,
    /// Which sheet of how many.
    pub page: Option<(usize, usize)>,
}

/// The sheets of a series: the unit itself and each unit directly below it that has an area.
///
/// # Errors
/// [`Error::NoUnit`].
pub fn series(view: View<'_>, code: DivisionCode) -> Result<Vec<DivisionCode>, Error> {
    view.unit(code, None).ok_or(Error::NoUnit { code })?;
    let has_area = |code: &DivisionCode| {
        view.unit(*code, None)
            .and_then(|record| record.geometry.as_deref())
            .is_some_and(|geometry| polygons(geometry).is_some())
    };
    Ok(std::iter::once(code)
        .chain(view.children(code).filter(has_area))
        .collect())
}

/// Draws a unit as an SVG sheet whose lengths are millimetres on the paper.
///
/// What is drawn is what the view's audience may see: for the public, markers stand at their
/// rounded positions. The same register gives the same bytes.
///
/// # Errors
/// [`Error::NoUnit`], [`Error::NoPolygon`]; [`Error::TooLarge`] where the unit does not fit on the
/// paper at the scale asked for.
pub fn draw(view: View<'_>, code: DivisionCode, request: &Request) -> Result<String, Error> {
    let record = view.unit(code, None).ok_or(Error::NoUnit { code })?;
    let no_polygon = || Error::NoPolygon {
        code,
        name: record.name.to_string(),
    };
    let area = record
        .geometry
        .as_deref()
        .and_then(polygons)
        .ok_or_else(no_polygon)?;
    let bbox = record.bbox().ok_or_else(no_polygon)?;
    let projection = Projection::of(bbox);
    let extent = projection.extent(&area).ok_or_else(no_polygon)?;
    let layout = Layout::new(request.paper, request.is_landscape);
    let denominator = denominator(code, request, extent, &layout)?;
    let plane = Plane::new(projection, extent, layout.map, denominator);
    let lowest = record
        .level()
        .and_then(|level| DivisionLevel::from_rank(level.rank() + 1))
        .unwrap_or(DivisionLevel::Village);
    let ground = Ground::read(view, plane.bbox(), lowest);
    let place = ground.unit(code).ok_or_else(no_polygon)?;

    let mut svg = Svg::new(layout.page.width, layout.page.height, &style(layout.k));
    furniture::title(request, place, view, &layout, &mut svg);
    let inside = Inside {
        view,
        ground: &ground,
        place,
        plane: &plane,
        words: request.words,
        k: layout.k,
    };
    let drawn = inside.draw(&mut svg);
    frame::frame(&plane, &layout, &mut svg);
    furniture::panel(request, view, place, &plane, &layout, &drawn, &mut svg);
    furniture::foot(request, view, place, &layout, &mut svg);
    Ok(svg.finish())
}

/// The scale asked for if the unit fits, or the fitting one.
fn denominator(
    code: DivisionCode,
    request: &Request,
    extent: [geo::Coord<f64>; 2],
    layout: &Layout,
) -> Result<u32, Error> {
    let map = layout.map;
    let edge = map.width.min(map.height) * MARGIN;
    let fitting = fitting_scale(extent, map.grown(-edge));
    let Scale::One(denominator) = request.scale else {
        return Ok(fitting);
    };
    let mm = |metres: f64| metres * 1000.0 / f64::from(denominator);
    let (width_mm, height_mm) = (mm(extent[1].x - extent[0].x), mm(extent[1].y - extent[0].y));
    if width_mm > map.width || height_mm > map.height {
        return Err(Error::TooLarge {
            code,
            denominator,
            width_mm,
            height_mm,
            paper: request.paper.as_str(),
            room_width_mm: map.width,
            room_height_mm: map.height,
            fitting,
        });
    }
    Ok(denominator)
}

/// Classes of the writing.
fn style(k: f64) -> String {
    let halo = |mm: f64| {
        format!(
            "paint-order:stroke;stroke:#ffffff;stroke-opacity:0.85;stroke-linejoin:round;\
             stroke-width:{}",
            svg::number(mm * k)
        )
    };
    format!(
        "text{{font-family:{fonts}}}\
         .title{{font-weight:bold;fill:#1a1a1a}}.head{{font-weight:bold;fill:#1a1a1a}}\
         .note{{fill:#333333}}\
         .city{{font-weight:bold;fill:#8e1f42;{wide}}}.town{{fill:#1a1a1a;{wide}}}\
         .village{{fill:#4a4a4a;{slim}}}.far{{fill:#6b645b;{slim}}}\
         .outside{{fill:#8b8375;letter-spacing:0.3em;{slim}}}\
         .water{{fill:#1f6f9f;font-style:italic;{slim}}}.park{{fill:#3f7a34;{slim}}}\
         .road{{fill:#8a5a22;{slim}}}.marker{{fill:#a3262a;{slim}}}",
        fonts = symbol::FONTS,
        wide = halo(0.7),
        slim = halo(0.45),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use geo::{Geometry, MultiPolygon, Point, polygon};
    use zhifang_core::{Collection, Record};
    use zhifang_index::{Audience, Options, Snapshot};

    use super::*;

    fn unit(code: &str, name: &str, west: f64, east: f64) -> Record {
        let mut record = Record::new(Collection::Divisions, code, name);
        let area = polygon![
            (x: west, y: 32.2), (x: east, y: 32.2), (x: east, y: 32.6), (x: west, y: 32.6),
        ];
        record.geometry = Some(Arc::new(Geometry::MultiPolygon(MultiPolygon(vec![area]))));
        record
    }

    fn sheet(marker: Point<f64>, request: &Request) -> String {
        let mut record = Record::new(Collection::Markers, "4142001Q", "1号界桩");
        record.geometry = Some(Arc::new(marker.into()));
        let records = [
            unit("420682", "老河口市", 111.5, 111.9),
            unit("411381", "邓州市", 111.9, 112.4),
            record,
        ];
        let snapshot = Snapshot::build(records, 7, &Options::default());
        let code = "420682".parse().unwrap();
        draw(snapshot.view(Audience::Public), code, request).unwrap()
    }

    #[test]
    fn the_public_sees_markers_at_their_rounded_positions() {
        let request = Request::default();
        let exact = sheet(Point::new(111.823_456, 32.345_678), &request);
        let rounded = sheet(Point::new(111.823, 32.346), &request);
        assert_eq!(exact, rounded);
        assert_ne!(exact, sheet(Point::new(111.823, 32.356), &request));
    }

    #[test]
    fn a_kilometre_is_as_long_as_the_scale_says() {
        let request = Request {
            scale: Scale::One(300_000),
            paper: Paper::A3,
            ..Request::default()
        };
        let sheet = sheet(Point::new(111.8, 32.4), &request);
        assert!(sheet.contains("1:300\u{2009}000"));
        // The grid has a line every 10 km, which are 33.33 mm.
        let grid = sheet.split("stroke=\"#4c7da6\"").nth(1).unwrap();
        let xs: Vec<f64> = grid
            .split("<path d=\"M")
            .skip(1)
            .take(3)
            .map(|path| path.split(' ').next().unwrap().parse().unwrap())
            .collect();
        assert!((xs[1] - xs[0] - 33.33).abs() < 0.02, "{xs:?}");
        assert!((xs[2] - xs[1] - 33.33).abs() < 0.02, "{xs:?}");
    }

    #[test]
    fn neighbours_are_named_outside_the_line() {
        let sheet = sheet(Point::new(111.8, 32.4), &Request::default());
        assert!(sheet.contains("class=\"outside\" >") || sheet.contains("class=\"outside\">"));
        assert!(sheet.contains("邓州市"));
    }
}
