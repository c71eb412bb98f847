//! The distance of two versions along one of them, as an inline SVG chart.

use std::fmt::Write;

use zhifang_core::Lang;

use crate::compare::Item;

const WIDTH_PX: f64 = 720.0;
const HEIGHT_PX: f64 = 120.0;
/// Room for the axes, pixels.
const EDGE_PX: f64 = 24.0;
/// Columns of the chart: each shows the largest distance in it.
const COLUMNS: usize = 360;

/// The profile; empty where nothing was measured.
pub(super) fn profile(item: &Item, lang: Lang) -> String {
    let points = item.deviation.profile();
    let Some(total) = points.last().map(|(along, _)| *along).filter(|m| *m > 0.0) else {
        return String::new();
    };
    let mut columns = vec![0.0_f64; COLUMNS];
    for (along, distance) in &points {
        let column = ((along / total * COLUMNS as f64) as usize).min(COLUMNS - 1);
        columns[column] = columns[column].max(*distance);
    }
    let top = columns.iter().copied().fold(item.tolerance_m, f64::max);
    let (wide, high) = (WIDTH_PX - 2.0 * EDGE_PX, HEIGHT_PX - 2.0 * EDGE_PX);
    let y = |metres: f64| HEIGHT_PX - EDGE_PX - metres / top * high;
    let mut svg = format!(
        "<svg class=\"profile\" viewBox=\"0 0 {WIDTH_PX} {HEIGHT_PX}\" role=\"img\"><path class=\"line\" d=\""
    );
    for (at, metres) in columns.iter().enumerate() {
        let x = EDGE_PX + wide * (at as f64 + 0.5) / COLUMNS as f64;
        let word = if at == 0 { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = write!(svg, "{word}{x:.1} {:.1}", y(*metres));
    }
    let end = lang.pick("公里", "km");
    let _ = write!(
        svg,
        "\"/><path class=\"tolerance\" d=\"M{EDGE_PX} {t:.1}h{wide}\"/><path class=\"bar\" d=\"M{EDGE_PX} {b}h{wide}\"/>\
         <text x=\"{EDGE_PX}\" y=\"{u}\">0</text><text x=\"{r}\" y=\"{u}\" text-anchor=\"end\">{km:.1} {end}</text>\
         <text x=\"{EDGE_PX}\" y=\"14\">{top:.0} m</text></svg>",
        t = y(item.tolerance_m),
        b = HEIGHT_PX - EDGE_PX,
        u = HEIGHT_PX - 8.0,
        r = WIDTH_PX - EDGE_PX,
        km = total / 1000.0,
    );
    svg
}
