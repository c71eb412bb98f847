//! North, scale and projection.

use geo::Coord;

use super::at;
use crate::mapsheet::Request;
use crate::mapsheet::paper::{Layout, Words};
use crate::mapsheet::plane::Plane;
use crate::mapsheet::svg::{Anchor, Rect, Svg, ems, number, path_data};

/// North, scale bar, numeric scale, projection.
pub(super) fn scale(request: &Request, plane: &Plane, layout: &Layout, area: Rect, svg: &mut Svg) {
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
