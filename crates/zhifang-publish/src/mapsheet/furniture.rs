//! What stands round the map: title, legend, inset, scale, north, notes.

use geo::{Coord, MultiPolygon};
use zhifang_core::{Collection, DivisionLevel};
use zhifang_index::View;
use zhifang_pinyin::Spelling;

use super::Request;
use super::content::{Drawn, RoadRank, roman};
use super::ground::{Ground, Unit, polygons, stands};
use super::paper::{Layout, Words};
use super::plane::{Plane, Projection, fitting_scale};
use super::svg::{Anchor, Rect, Svg, ems, number, path_data};
use super::symbol;

/// A point on the paper.
fn at(x: f64, y: f64) -> Coord<f64> {
    Coord { x, y }
}

/// The title over the map, and which sheet of a series it is.
pub(super) fn title(
    request: &Request,
    place: &Unit<'_>,
    view: View<'_>,
    layout: &Layout,
    svg: &mut Svg,
) {
    let k = layout.k;
    let area = layout.title;
    let (zh, en) = title_words(request, place, view);
    let middle = area.centre().x;
    let spaced = |size: f64| format!("class=\"title\" letter-spacing=\"{}\"", number(size * 0.18));
    let fit = |text: &str, size: f64, spacing: f64| {
        size.min(area.width * 0.86 / (ems(text) * (1.0 + spacing)).max(1.0))
    };
    match request.words {
        Words::Zh => {
            let size = fit(&zh, 7.6 * k, 0.2);
            svg.text(
                at(middle, area.y + 9.4 * k),
                size,
                Anchor::Middle,
                &spaced(size),
                &zh,
            );
        }
        Words::En => {
            let size = fit(&en, 6.4 * k, 0.02);
            svg.text(
                at(middle, area.y + 9.0 * k),
                size,
                Anchor::Middle,
                "class=\"title\"",
                &en,
            );
        }
        Words::Both => {
            let size = fit(&zh, 6.8 * k, 0.2);
            svg.text(
                at(middle, area.y + 7.0 * k),
                size,
                Anchor::Middle,
                &spaced(size),
                &zh,
            );
            let size = fit(&en, 3.0 * k, 0.02);
            svg.text(
                at(middle, area.y + 11.6 * k),
                size,
                Anchor::Middle,
                "class=\"note\"",
                &en,
            );
        }
    }
    if let Some((number, count)) = request.page {
        let zh = format!("第 {number} 幅，共 {count} 幅");
        let en = format!("Sheet {number} of {count}");
        let text = match request.words {
            Words::En => en,
            _ => zh,
        };
        svg.text(
            at(area.right(), area.y + 11.6 * k),
            2.2 * k,
            Anchor::End,
            "class=\"note\"",
            &text,
        );
    }
}

fn title_words(request: &Request, place: &Unit<'_>, view: View<'_>) -> (String, String) {
    if let Some(title) = &request.title {
        return (title.clone(), title.clone());
    }
    let above = (place.level >= DivisionLevel::Township)
        .then(|| place.record.parent())
        .flatten()
        .and_then(|code| view.unit(code, None));
    let zh = format!(
        "{}{}行政区划图",
        above.map_or("", |above| &above.name),
        place.record.name
    );
    let en = match above {
        Some(above) => format!(
            "{}, {}: Administrative Map",
            roman(place.record, Spelling::division()),
            roman(above, Spelling::division())
        ),
        None => format!(
            "{}: Administrative Map",
            roman(place.record, Spelling::division())
        ),
    };
    (zh, en)
}

/// Legend, inset, scale and notes in the panel below or beside the map.
pub(super) fn panel(
    request: &Request,
    view: View<'_>,
    place: &Unit<'_>,
    plane: &Plane,
    layout: &Layout,
    drawn: &Drawn,
    svg: &mut Svg,
) {
    let k = layout.k;
    let area = layout.panel;
    let border = format!(
        "fill=\"none\" stroke=\"#1a1a1a\" stroke-width=\"{}\"",
        number(0.18 * k)
    );
    svg.rect(area, &border);
    let pad = 2.5 * k;
    if layout.is_broad {
        let inset_area = Rect::new(area.x + pad, area.y + pad, area.width - 2.0 * pad, 44.0 * k);
        let has_inset = inset(request, view, place, layout, inset_area, svg);
        let top = if has_inset {
            inset_area.bottom() + pad
        } else {
            area.y + pad
        };
        let foot = 44.0 * k;
        let legend_area = Rect::new(
            area.x + pad,
            top,
            area.width - 2.0 * pad,
            (area.bottom() - foot - top).max(10.0),
        );
        legend(request.words, drawn, layout, legend_area, svg);
        let scale_area = Rect::new(
            area.x + pad,
            area.bottom() - foot,
            area.width - 2.0 * pad,
            foot - pad,
        );
        scale(request, plane, layout, scale_area, svg);
    } else {
        let inset_area = Rect::new(
            area.x + pad,
            area.y + pad,
            48.0 * k,
            area.height - 2.0 * pad,
        );
        let has_inset = inset(request, view, place, layout, inset_area, svg);
        let scale_width = 60.0 * k;
        let scale_area = Rect::new(
            area.right() - scale_width - pad,
            area.y + pad,
            scale_width,
            area.height - 2.0 * pad,
        );
        let left = if has_inset {
            inset_area.right() + 2.0 * pad
        } else {
            area.x + pad
        };
        let legend_area = Rect::new(
            left,
            area.y + pad,
            scale_area.x - left - pad,
            area.height - 2.0 * pad,
        );
        legend(request.words, drawn, layout, legend_area, svg);
        scale(request, plane, layout, scale_area, svg);
    }
}

/// A sample in the legend.
enum Sample {
    Line(DivisionLevel),
    Road(RoadRank),
    Seat(DivisionLevel),
    Marker,
    Water,
    Park,
    Band,
}

fn legend(words: Words, drawn: &Drawn, layout: &Layout, area: Rect, svg: &mut Svg) {
    let k = layout.k;
    let heading = words.pick("图例", "Legend");
    svg.text(
        at(area.x, area.y + 3.2 * k),
        3.2 * k,
        Anchor::Start,
        "class=\"head\"",
        &heading,
    );
    let mut entries: Vec<(Sample, (&str, &str))> = Vec::new();
    entries.extend(
        drawn
            .seats
            .iter()
            .map(|&level| (Sample::Seat(level), symbol::seat_name(level))),
    );
    entries.extend(
        drawn
            .lines
            .iter()
            .map(|&level| (Sample::Line(level), symbol::line_name(level))),
    );
    entries.push((Sample::Band, ("本图范围", "Extent of this map")));
    entries.extend(drawn.roads.iter().map(|&rank| {
        let name = match rank {
            RoadRank::Major => ("国道、省道", "National, provincial road"),
            RoadRank::Middle => ("县道、乡道", "County, township road"),
            RoadRank::Lane => ("村道、街道", "Village road, street"),
        };
        (Sample::Road(rank), name)
    }));
    if drawn.has_water {
        entries.push((Sample::Water, ("河流、水库", "River, reservoir")));
    }
    if drawn.has_park {
        entries.push((Sample::Park, ("公园", "Park")));
    }
    if drawn.has_markers {
        entries.push((
            Sample::Marker,
            ("界桩（概略位置）", "Boundary marker (rounded)"),
        ));
    }
    let row = 4.7 * k;
    let top = area.y + 7.2 * k;
    let rows = (((area.bottom() - top) / row).floor() as usize).max(1);
    let columns = entries.len().div_ceil(rows).max(1);
    let rows = entries.len().div_ceil(columns);
    let breadth = area.width / columns as f64;
    for (number, (sample, (zh, en))) in entries.iter().enumerate() {
        let x = area.x + breadth * (number / rows) as f64;
        let y = top + row * (number % rows) as f64;
        draw_sample(sample, x, y, k, svg);
        let text_at = x + 12.5 * k;
        let room = breadth - 13.0 * k;
        let size = |text: &str, size: f64| size.min(room / ems(text).max(1.0));
        match words {
            Words::Zh => svg.text(
                at(text_at, y + 0.9 * k),
                size(zh, 2.4 * k),
                Anchor::Start,
                "class=\"note\"",
                zh,
            ),
            Words::En => svg.text(
                at(text_at, y + 0.9 * k),
                size(en, 2.2 * k),
                Anchor::Start,
                "class=\"note\"",
                en,
            ),
            Words::Both => {
                svg.text(
                    at(text_at, y + 0.1 * k),
                    size(zh, 2.2 * k),
                    Anchor::Start,
                    "class=\"note\"",
                    zh,
                );
                svg.text(
                    at(text_at, y + 2.0 * k),
                    size(en, 1.5 * k),
                    Anchor::Start,
                    "class=\"note\"",
                    en,
                );
            }
        }
    }
}

fn draw_sample(sample: &Sample, x: f64, y: f64, k: f64, svg: &mut Svg) {
    let (from, to) = (at(x, y), at(x + 11.0 * k, y));
    let middle = at(x + 5.5 * k, y);
    match sample {
        Sample::Line(level) => svg.line(from, to, &symbol::line(*level).attributes(k)),
        Sample::Seat(level) => symbol::seat(svg, middle, *level, k),
        Sample::Marker => symbol::marker(svg, middle, k),
        Sample::Road(rank) => {
            for (colour, width) in rank.strokes() {
                if width > 0.0 {
                    let width = number(width * k);
                    svg.line(
                        from,
                        to,
                        &format!("stroke=\"{colour}\" stroke-width=\"{width}\""),
                    );
                }
            }
        }
        Sample::Water => {
            let area = Rect::new(x + 6.4 * k, y - 1.1 * k, 4.2 * k, 2.2 * k);
            let wave = format!(
                "M{} {}q{} {} {} 0t{} 0",
                number(x),
                number(y),
                number(1.3 * k),
                number(-1.6 * k),
                number(2.6 * k),
                number(2.6 * k)
            );
            let width = number(0.4 * k);
            svg.path(
                &wave,
                &format!("fill=\"none\" stroke=\"#6db0d6\" stroke-width=\"{width}\""),
            );
            let attributes = format!(
                "rx=\"{}\" fill=\"#bfe0f1\" stroke=\"#5b9fc8\" stroke-width=\"{}\"",
                number(0.9 * k),
                number(0.14 * k)
            );
            svg.rect(area, &attributes);
        }
        Sample::Park => {
            let area = Rect::new(x + 3.0 * k, y - 1.2 * k, 5.0 * k, 2.4 * k);
            svg.rect(
                area,
                "fill=\"#cfe5bd\" stroke=\"#8fb573\" stroke-width=\"0.14\"",
            );
        }
        Sample::Band => {
            let width = number(2.6 * k);
            svg.line(
                from,
                to,
                &format!("stroke=\"#b06a9c\" stroke-opacity=\"0.32\" stroke-width=\"{width}\""),
            );
        }
    }
}

/// Where the unit lies: in its province, or a township in its county. A province has none.
fn inset(
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

/// North, scale bar, numeric scale, projection.
fn scale(request: &Request, plane: &Plane, layout: &Layout, area: Rect, svg: &mut Svg) {
    let k = layout.k;
    let words = request.words;
    north(at(area.right() - 4.5 * k, area.y + 1.0 * k), words, k, svg);

    let heading = format!(
        "{} 1:{}",
        words.pick("比例尺", "Scale"),
        grouped(plane.denominator)
    );
    svg.text(
        at(area.x, area.y + 3.2 * k),
        3.0 * k,
        Anchor::Start,
        "class=\"head\"",
        &heading,
    );
    bar(
        plane,
        Rect::new(area.x, area.y + 8.0 * k, area.width - 14.0 * k, 2.0 * k),
        words,
        k,
        svg,
    );

    let projection = plane.projection;
    let meridian = projection.central_meridian_deg;
    let (zh, en) = match projection.zone {
        Some(zone) => (
            format!("高斯-克吕格投影，3度带第{zone}带"),
            format!("Gauss-Krüger, 3-degree zone {zone}"),
        ),
        None => ("高斯-克吕格投影".to_owned(), "Gauss-Krüger".to_owned()),
    };
    let mut lines = Vec::new();
    if words != Words::En {
        lines.push("2000国家大地坐标系（CGCS2000）".to_owned());
        lines.push(format!("{zh}，中央经线{meridian}°E"));
        let zone = if projection.zone.is_some() {
            "，横坐标含带号"
        } else {
            ""
        };
        lines.push(format!("方里网数字为千米{zone}；图上方向为坐标北"));
        lines.push("本图界线不作为划定行政区域界线的依据".to_owned());
    }
    if words != Words::Zh {
        lines.push(format!("CGCS2000; {en}, central meridian {meridian}°E"));
        let zone = if projection.zone.is_some() {
            ", eastings with zone"
        } else {
            ""
        };
        lines.push(format!("Grid in kilometres{zone}; grid north up"));
        lines.push("Lines on this map are no basis for delimiting boundaries".to_owned());
    }
    let row = if words == Words::Both { 2.9 } else { 3.7 } * k;
    let mut y = area.y + 18.5 * k;
    for line in lines {
        let size = (if words == Words::Both { 1.75 } else { 2.0 } * k)
            .min(area.width / ems(&line).max(1.0));
        svg.text(at(area.x, y), size, Anchor::Start, "class=\"note\"", &line);
        y += row;
    }
}

fn north(top: Coord<f64>, words: Words, k: f64, svg: &mut Svg) {
    let arrow = |dx: f64| {
        path_data(
            &[
                at(top.x, top.y + 3.0 * k),
                at(top.x + dx * k, top.y + 11.5 * k),
                at(top.x, top.y + 9.6 * k),
            ],
            true,
        )
    };
    let width = number(0.16 * k);
    svg.path(&arrow(-2.1), "fill=\"#1a1a1a\"");
    svg.path(
        &arrow(2.1),
        &format!("fill=\"#ffffff\" stroke=\"#1a1a1a\" stroke-width=\"{width}\""),
    );
    let text = match words {
        Words::Zh => "北",
        Words::En | Words::Both => "N",
    };
    svg.text(
        at(top.x, top.y + 2.2 * k),
        2.7 * k,
        Anchor::Middle,
        "class=\"head\"",
        text,
    );
}

/// `200 000`.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// A bar of alternating fields over a round length.
fn bar(plane: &Plane, area: Rect, words: Words, k: f64, svg: &mut Svg) {
    let metres_per_mm = f64::from(plane.denominator) / 1000.0;
    let longest = area.width * 0.92 * metres_per_mm;
    let power = 10_f64.powf(longest.log10().floor());
    let length = [8.0, 6.0, 4.0, 2.0, 1.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|length| *length <= longest)
        .unwrap_or(power);
    let (unit, zh, en) = if length >= 1000.0 {
        (1000.0, "千米", "km")
    } else {
        (1.0, "米", "m")
    };
    let fields = 4;
    let step = length / f64::from(fields) / metres_per_mm;
    let stroke = number(0.14 * k);
    for field in 0..fields {
        let x = area.x + step * f64::from(field);
        let fill = if field % 2 == 0 { "#1a1a1a" } else { "#ffffff" };
        svg.rect(
            Rect::new(x, area.y, step, 1.1 * k),
            &format!("fill=\"{fill}\" stroke=\"#1a1a1a\" stroke-width=\"{stroke}\""),
        );
    }
    for field in [0, 2, 4] {
        let value = length * f64::from(field) / f64::from(fields) / unit;
        let mut text = format!("{value}");
        if field == fields {
            text = format!("{text} {}", if words == Words::En { en } else { zh });
        }
        let x = area.x + step * f64::from(field);
        let anchor = if field == 0 {
            Anchor::Start
        } else {
            Anchor::Middle
        };
        svg.text(
            at(x, area.y + 3.6 * k),
            2.0 * k,
            anchor,
            "class=\"note\"",
            &text,
        );
    }
}

/// Approval number, source and date under the frame.
pub(super) fn foot(
    request: &Request,
    view: View<'_>,
    place: &Unit<'_>,
    layout: &Layout,
    svg: &mut Svg,
) {
    let k = layout.k;
    let y = layout.page.height - 8.0 * 0.8 * k - 1.6 * k;
    let words = request.words;
    // The field stands on every sheet: empty until the map has been approved.
    let number = match request.approval_number.as_deref() {
        Some(number) if !number.is_empty() => number.to_owned(),
        _ => "____________".to_owned(),
    };
    let approval = format!("{}{number}", words.pick("审图号：", "Approval no.: "));
    svg.text(
        at(layout.title.x, y),
        2.2 * k,
        Anchor::Start,
        "class=\"note\"",
        &approval,
    );

    let mut newest = place.record.updated_at;
    let mut is_illustrative = false;
    let scope = view.within(Collection::Divisions, place.code.prefix());
    for record in scope.filter(|record| stands(record)) {
        newest = newest.max(record.updated_at);
        is_illustrative |= record.source.starts_with("illustrative");
    }
    let seq = view.snapshot().seq();
    let day = newest.day();
    let mut parts = Vec::new();
    if words != Words::En {
        let note = if is_illustrative {
            "；含示意数据，不可用于划界"
        } else {
            ""
        };
        parts.push(format!(
            "资料来源：职方登记库（变更序号 {seq}{note}）　资料截至 {day}"
        ));
    }
    if words != Words::Zh {
        let note = if is_illustrative {
            "; partly illustrative"
        } else {
            ""
        };
        parts.push(format!(
            "Source: Zhifang register (change {seq}{note}), as of {day}"
        ));
    }
    let text = parts.join("　");
    let room = layout.title.width - ems(&approval) * 2.2 * k - 6.0 * k;
    let size = (2.2 * k).min(room / ems(&text).max(1.0));
    svg.text(
        at(layout.title.right(), y),
        size,
        Anchor::End,
        "class=\"note\"",
        &text,
    );
}
