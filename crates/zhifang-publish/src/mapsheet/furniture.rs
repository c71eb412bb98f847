//! What stands round the map: title, legend, inset, scale, north, notes.

mod inset;
mod legend;
mod scale;

use geo::Coord;
use zhifang_core::{Collection, DivisionLevel};
use zhifang_index::View;
use zhifang_pinyin::Spelling;

use super::Request;
use super::content::{Drawn, roman};
use super::ground::{Unit, stands};
use super::paper::{Layout, Words};
use super::plane::Plane;
use super::svg::{Anchor, Rect, Svg, ems, number};
use inset::inset;
use legend::legend;
use scale::scale;

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
