//! The inset: where the unit lies.

use geo::MultiPolygon;
use zhifang_core::DivisionLevel;
use zhifang_index::View;
use zhifang_pinyin::Spelling;

use super::at;
use crate::mapsheet::Request;
use crate::mapsheet::content::roman;
use crate::mapsheet::ground::{Ground, Unit, polygons};
use crate::mapsheet::paper::{Layout, Words};
use crate::mapsheet::plane::{Plane, Projection, fitting_scale};
use crate::mapsheet::svg::{Anchor, Rect, Svg, number, path_data};

/// Where the unit lies: in its province, or a township in its county. A province has none.
pub(super) fn inset(
    request: &Request,
    view: View<'_>,
    place: &Unit<'_>,
    layout: &Layout,
    area: Rect,
    svg: &mut Svg,
) -> bool {
    let k = layout.k;
    let around_level = match place.level {
        DivisionLevel::Prefecture | DivisionLevel::County => DivisionLevel::Province,
        DivisionLevel::Township => DivisionLevel::County,
        DivisionLevel::Village => DivisionLevel::Township,
        DivisionLevel::Country | DivisionLevel::Province => return false,
    };
    let Some(around) = place
        .at(around_level)
        .and_then(|code| view.unit(code, None))
    else {
        return false;
    };
    let Some(shape) = around.geometry.as_deref().and_then(polygons) else {
        return false;
    };
    let Some(bbox) = around.bbox() else {
        return false;
    };
    let projection = Projection::of(bbox);
    let Some(extent) = projection.extent(&shape) else {
        return false;
    };
    let drawing = Rect::new(area.x, area.y + 4.6 * k, area.width, area.height - 4.6 * k);
    let room = drawing.grown(-1.5 * k);
    let exact = (extent[1].x - extent[0].x) / room.width;
    let exact = exact.max((extent[1].y - extent[0].y) / room.height) * 1000.0;
    let denominator = (exact.ceil() as u32).min(fitting_scale(extent, room));
    let plane = Plane::new(projection, extent, drawing, denominator.max(1));

    let heading = match request.words {
        Words::En => format!("Location in {}", roman(around, Spelling::division())),
        Words::Zh | Words::Both => format!("在{}的位置", around.name),
    };
    svg.text(
        at(area.x, area.y + 3.2 * k),
        2.6 * k,
        Anchor::Start,
        "class=\"head\"",
        &heading,
    );
    svg.clip("inset", drawing);
    svg.rect(drawing, "fill=\"#fbfaf7\"");
    let outline = |shape: &MultiPolygon<f64>| -> String {
        plane
            .polygons(shape)
            .iter()
            .flat_map(|one| std::iter::once(one.exterior()).chain(one.interiors()))
            .map(|ring| path_data(&ring.0, true))
            .collect()
    };
    let thin = number(0.12 * k);
    svg.path(
        &outline(&shape),
        &format!(
            "fill=\"#efe9d9\" stroke=\"#6a6258\" stroke-width=\"{}\"",
            number(0.3 * k)
        ),
    );
    // The units of the level in between, so that the eye finds its way.
    let between = match around_level {
        DivisionLevel::Province => DivisionLevel::Prefecture,
        DivisionLevel::County => DivisionLevel::Township,
        _ => DivisionLevel::Village,
    };
    let ground = Ground::read(view, bbox, between);
    let data: String = ground
        .lines
        .get(&between)
        .into_iter()
        .flatten()
        .map(|line| path_data(&plane.line(line), false))
        .collect();
    svg.path(
        &data,
        &format!("fill=\"none\" stroke=\"#a09682\" stroke-width=\"{thin}\""),
    );
    svg.path(
        &outline(&place.polygons),
        &format!(
            "fill=\"#c8375f\" fill-opacity=\"0.85\" stroke=\"#8e1f42\" stroke-width=\"{thin}\""
        ),
    );
    svg.close();
    svg.rect(
        drawing,
        &format!("fill=\"none\" stroke=\"#6a6258\" stroke-width=\"{thin}\""),
    );
    true
}
