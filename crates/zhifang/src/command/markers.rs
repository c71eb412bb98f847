//! `zhifang markers`: numbers along a line, sheets, and lost markers set out again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use zhifang_core::{Collection, DivisionCode, LonLat, Record, Status};
use zhifang_engine::World;
use zhifang_index::{Audience, View};
use zhifang_markers::{
    Ellipse, Errors, Free, North, Patterns, Plan, Series, SetOut, Sheet, Sight, TypeCode,
    accuracy_m, assign, free_at, north_of, on_grid, set_out, sights_of,
};
use zhifang_topology::{bearing_deg, distance_m};

use crate::args::markers::{
    Line, ListFormat, Markers, NorthWord, PlanFormat, SetOut as SetOutArgs, SheetFormat, SheetKind,
    Standing,
};
use crate::command::{Context, now};
use crate::output::{Outcome, print_line, say, write_to};

pub(crate) fn run(context: &Context, args: &Markers) -> anyhow::Result<Outcome> {
    let desk = Desk::open(context)?;
    match args {
        Markers::List { line, format } => list(context, &desk.series(line)?, *format),
        Markers::Course { line } => {
            let series = desk.series(line)?;
            let mut legs = series.course();
            legs.retain(|leg| leg.line == line.boundary);
            for leg in legs {
                print_line(&leg.sentence(context.lang))?;
            }
            Ok(Outcome::Done)
        }
        Markers::Assign {
            line,
            renumber,
            dry_run,
            format,
        } => number(context, &desk.series(line)?, *renumber, *dry_run, *format),
        Markers::Next {
            line,
            at,
            standing,
            format,
        } => {
            let kind = match standing {
                Standing::Single => TypeCode::Q,
                Standing::Pair => TypeCode::A,
                Standing::Three => TypeCode::C,
            };
            let free = free_at(&desk.series(line)?, (*at).into(), kind)?;
            next(context, &free, *format)
        }
        Markers::Sheet {
            line,
            marker,
            kind,
            format,
            output,
        } => {
            let series = desk.series(line)?;
            let names = desk.names(&series);
            let is_wanted = |station: &zhifang_markers::Station<'_>| {
                *station.line.id == *line.boundary
                    && marker
                        .as_ref()
                        .is_none_or(|wanted| is_called(station.marker, wanted))
            };
            let sheet = Sheet::new(&series, is_wanted, &names, now().day());
            if sheet.is_empty() {
                bail!("line `{}`: no such marker on it", line.boundary);
            }
            let lang = context.lang;
            write_to(output.as_deref(), |mut out| {
                match (kind, format) {
                    (SheetKind::Records, SheetFormat::Html) => {
                        sheet.write_records_html(&mut out, lang)?;
                    }
                    (SheetKind::Records, SheetFormat::Csv) => sheet.write_records_csv(&mut out)?,
                    (SheetKind::Results, SheetFormat::Html) => {
                        sheet.write_results_html(&mut out, lang)?;
                    }
                    (SheetKind::Results, SheetFormat::Csv) => {
                        sheet.write_results_csv(&mut out, lang)?;
                    }
                }
                Ok(())
            })?;
            if let Some(path) = output {
                let count = sheet.len();
                let words = lang.pick("座界桩", "markers");
                say(&format!("{}: {count} {words}", path.display()));
            }
            Ok(Outcome::Done)
        }
        Markers::SetOut(args) => put_back(context, desk.marker(&args.marker)?, args),
    }
}

fn is_called(marker: &Record, wanted: &str) -> bool {
    &*marker.id == wanted || marker.fields.text("number") == Some(wanted)
}

/// The register that the questions are about.
struct Desk {
    world: Arc<World>,
}

impl Desk {
    fn open(context: &Context) -> anyhow::Result<Self> {
        let engine = context.engine()?;
        let world = engine.world().context("the register could not be read")?;
        Ok(Self { world })
    }

    fn view(&self) -> View<'_> {
        self.world.snapshot.view(Audience::Staff)
    }

    fn series(&self, line: &Line) -> anyhow::Result<Series<'_>> {
        let mut patterns = Patterns::default();
        for text in &line.pattern {
            patterns.set(text)?;
        }
        let lines: Vec<&Record> = self.view().records(Collection::Boundaries).collect();
        let markers: Vec<&Record> = self.view().records(Collection::Markers).collect();
        Ok(Series::of(&lines, &markers, &line.boundary, &patterns)?)
    }

    fn marker(&self, wanted: &str) -> anyhow::Result<&Record> {
        let markers: Vec<&Record> = self.view().records(Collection::Markers).collect();
        let mut called = markers.into_iter().filter(|one| is_called(one, wanted));
        let live = called
            .clone()
            .find(|marker| marker.status != Status::Retired);
        live.or_else(|| called.next())
            .with_context(|| format!("marker `{wanted}`: not in the register"))
    }

    /// Names of the units on the sides of markers, and of their keepers, ascending by code.
    fn names<'d>(&'d self, series: &Series<'_>) -> Vec<(DivisionCode, &'d str)> {
        let codes: BTreeSet<DivisionCode> = series
            .stations
            .iter()
            .flat_map(|station| {
                let fields = &station.marker.fields;
                fields.texts("sides").chain(fields.text("keeper"))
            })
            .filter_map(|code| code.parse().ok())
            .collect();
        let name = |code| Some((code, &*self.view().unit(code, None)?.name));
        codes.into_iter().filter_map(name).collect()
    }
}

fn list(context: &Context, series: &Series<'_>, format: ListFormat) -> anyhow::Result<Outcome> {
    let lang = context.lang;
    let mut last_m = 0.0;
    let mut rows = Vec::new();
    for station in &series.stations {
        rows.push((station, station.along_m - last_m));
        last_m = station.along_m;
    }
    match format {
        ListFormat::Json => {
            print_line(&serde_json::to_string_pretty(&series.to_json())?)?;
        }
        ListFormat::Csv => {
            print_line("number,boundary,type,along_m,from_last_m,off_m,side")?;
            for (station, step_m) in rows {
                print_line(&format!(
                    "{},{},{},{:.1},{step_m:.1},{:.2},{}",
                    called(station.marker),
                    station.line.id,
                    station.kind.letter(),
                    station.along_m,
                    station.off_m,
                    side(station.side),
                ))?;
            }
        }
        ListFormat::Text => {
            print_line(&format!(
                "{} {} · {} {} · {:.1} m",
                lang.pick("编号单元", "series"),
                series.stem,
                rows.len(),
                lang.pick("座界桩", "markers"),
                series.length_m()
            ))?;
            for (station, step_m) in rows {
                print_line(&format!(
                    "{:>11.1} m  {:<18} +{step_m:.1} m  {} {:.2} m  {}",
                    station.along_m,
                    called(station.marker),
                    lang.pick("偏", "off"),
                    station.off_m,
                    side(station.side),
                ))?;
            }
        }
    }
    Ok(Outcome::Done)
}

fn called(marker: &Record) -> &str {
    marker.fields.text("number").unwrap_or(&marker.id)
}

fn side(side: Option<DivisionCode>) -> String {
    side.map_or_else(|| "-".to_owned(), |side| side.to_string())
}

/// To a millimetre.
fn rounded(metres: f64) -> f64 {
    (metres * 1000.0).round() / 1000.0
}

fn number(
    context: &Context,
    series: &Series<'_>,
    is_anew: bool,
    is_dry_run: bool,
    format: PlanFormat,
) -> anyhow::Result<Outcome> {
    let plan = assign(series, is_anew)?;
    if !is_dry_run {
        context.commit(plan.writes())?;
    }
    match format {
        PlanFormat::Json => print_line(&serde_json::to_string_pretty(&plan_json(&plan))?)?,
        PlanFormat::Text => {
            let lang = context.lang;
            for given in &plan.given {
                print_line(&format!(
                    "{:>11.1} m  {}  {}  {}",
                    given.along_m,
                    given.number,
                    given.marker.id,
                    given.how.words().pick(lang)
                ))?;
            }
            for (key, why) in &plan.left {
                say(&format!("{key}: {}", why.pick(lang)));
            }
            say(&format!(
                "{} {}，{} {}，{} {}",
                lang.pick("新编", "numbered"),
                plan.given.len(),
                lang.pick("保留", "kept"),
                plan.kept,
                lang.pick("未编", "left"),
                plan.left.len()
            ));
        }
    }
    Ok(if plan.left.is_empty() {
        Outcome::Done
    } else {
        Outcome::Findings
    })
}

fn plan_json(plan: &Plan<'_>) -> Value {
    let given = plan.given.iter().map(|given| {
        json!({
            "id": &*given.marker.id,
            "number": given.number,
            "serial": given.serial,
            "type": given.kind.letter(),
            "along_m": rounded(given.along_m),
            "how": given.how.as_str(),
        })
    });
    let left = plan
        .left
        .iter()
        .map(|(key, why)| json!({"id": &*key.id, "reason": why.zh, "reason_en": why.en}));
    json!({
        "given": given.collect::<Vec<_>>(),
        "kept": plan.kept,
        "left": left.collect::<Vec<_>>(),
    })
}

fn next(context: &Context, free: &Free, format: PlanFormat) -> anyhow::Result<Outcome> {
    match format {
        PlanFormat::Json => {
            let document = json!({
                "numbers": free.numbers,
                "how": free.how.as_str(),
                "along_m": rounded(free.along_m),
                "off_m": rounded(free.off_m),
                "before": free.before,
                "after": free.after,
            });
            print_line(&serde_json::to_string_pretty(&document)?)?;
        }
        PlanFormat::Text => {
            let lang = context.lang;
            for number in &free.numbers {
                print_line(number)?;
            }
            say(&format!(
                "{:.1} m，{} {:.1} m，{} – {}：{}",
                free.along_m,
                lang.pick("偏", "off"),
                free.off_m,
                free.before.as_deref().unwrap_or("·"),
                free.after.as_deref().unwrap_or("·"),
                free.how.words().pick(lang)
            ));
        }
    }
    Ok(Outcome::Done)
}

fn put_back(context: &Context, marker: &Record, args: &SetOutArgs) -> anyhow::Result<Outcome> {
    let measured: BTreeMap<usize, LonLat> = args.object.iter().copied().collect();
    let count = marker.fields.objects("references").count();
    if let Some((last, _)) = measured.last_key_value()
        && *last > count
    {
        bail!(
            "--object {last}: marker `{}` has {count} reference objects",
            called(marker)
        );
    }
    let errors = Errors {
        bearing_deg: args.bearing_error,
        distance_m: args.distance_error,
        object_m: args.object_error,
        ..Errors::default()
    };
    for (flag, error) in [
        ("--bearing-error", errors.bearing_deg),
        ("--distance-error", errors.distance_m),
        ("--object-error", errors.object_m),
    ] {
        if !(error.is_finite() && error > 0.0) {
            bail!("{flag} {error}: wanted a number above 0");
        }
    }
    let north = match args.north {
        Some(NorthWord::True) => North::True,
        Some(NorthWord::Grid) => North::Grid,
        Some(NorthWord::Magnetic) => North::Magnetic {
            declination_deg: args.declination,
        },
        None => marker
            .fields
            .objects("references")
            .next()
            .map_or(North::True, north_of),
    };
    let sights = sights_of(marker, &measured);
    let registered = marker.point().map(|place| (place, accuracy_m(marker)));
    let found = set_out(&sights, registered, north, &errors).with_context(|| {
        format!(
            "marker `{}`: give where its objects were found today with --object N=LON,LAT",
            called(marker)
        )
    })?;
    match args.format {
        PlanFormat::Json => {
            let document = found_json(marker, &found, &sights);
            print_line(&serde_json::to_string_pretty(&document)?)?;
        }
        PlanFormat::Text => print_found(context, marker, &found, &sights)?,
    }
    let is_suspect = found.residuals.iter().any(|residual| residual.is_suspect);
    let is_elsewhere = found.agrees_with_registered == Some(false);
    Ok(if is_suspect || is_elsewhere {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}

/// From an object to the place: azimuth from true north and distance, to be staked out.
fn stake(sight: &Sight, found: &SetOut) -> (f64, f64) {
    let place = found.place.into();
    (
        bearing_deg(sight.object, place),
        distance_m(sight.object, place),
    )
}

fn found_json(marker: &Record, found: &SetOut, sights: &[Sight]) -> Value {
    let objects = sights
        .iter()
        .zip(&found.residuals)
        .map(|(sight, residual)| {
            let (bearing, distance) = stake(sight, found);
            json!({
                "number": sight.number,
                "what": sight.what,
                "object": [sight.object.x, sight.object.y],
                "stake_out": {"bearing_deg": rounded(bearing), "distance_m": rounded(distance)},
                "residual_bearing_deg": residual.bearing_deg.map(rounded),
                "residual_distance_m": residual.distance_m.map(rounded),
                "suspect": residual.is_suspect,
            })
        });
    let plane = on_grid(found.place);
    json!({
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [found.place.lon, found.place.lat]},
        "properties": {
            "marker": called(marker),
            "x_m": plane.map(|plane| rounded(plane.x_m)),
            "y_m": plane.map(|plane| rounded(plane.y_m)),
            "ellipse": {
                "major_m": rounded(found.ellipse.major_m),
                "minor_m": rounded(found.ellipse.minor_m),
                "azimuth_deg": rounded(found.ellipse.azimuth_deg),
                "scale_95": Ellipse::OF_95,
            },
            "redundancy": found.redundancy,
            "turned_deg": rounded(found.turned_deg),
            "turn_found": found.is_turn_found,
            "from_registered_m": found.from_registered_m.map(rounded),
            "agrees_with_registered": found.agrees_with_registered,
            "objects": objects.collect::<Vec<_>>(),
        },
    })
}

fn print_found(
    context: &Context,
    marker: &Record,
    found: &SetOut,
    sights: &[Sight],
) -> anyhow::Result<()> {
    let lang = context.lang;
    let LonLat { lon, lat } = found.place;
    print_line(&format!(
        "{} {} {lon:.8} {lat:.8}",
        called(marker),
        lang.pick("恢复点位", "stands at")
    ))?;
    if let Some(plane) = on_grid(found.place) {
        print_line(&format!(
            "  X {:.3}  Y {:.3}  ({:.0}°E)",
            plane.x_m, plane.y_m, plane.central_meridian_deg
        ))?;
    }
    let ellipse = found.ellipse;
    print_line(&format!(
        "  {} {:.2} × {:.2} m, {:.0}° (95 %: {:.2} × {:.2} m)",
        lang.pick("误差椭圆", "error ellipse"),
        ellipse.major_m,
        ellipse.minor_m,
        ellipse.azimuth_deg,
        ellipse.major_m * Ellipse::OF_95,
        ellipse.minor_m * Ellipse::OF_95,
    ))?;
    if found.turned_deg != 0.0 {
        let words = if found.is_turn_found {
            lang.pick(
                "方位角改正（由方位物求得）",
                "azimuths turned (found from the objects)",
            )
        } else {
            lang.pick("方位角改正", "azimuths turned")
        };
        print_line(&format!("  {words} {:+.3}°", found.turned_deg))?;
    }
    if let (Some(away), Some(agrees)) = (found.from_registered_m, found.agrees_with_registered) {
        let words = if agrees {
            lang.pick("在误差内", "within what both may be off by")
        } else {
            lang.pick("超过误差，请核对", "beyond what both may be off by: check")
        };
        let what = lang.pick("与登记位置相差", "from the registered place");
        print_line(&format!("  {what} {away:.2} m: {words}"))?;
    }
    for (sight, residual) in sights.iter().zip(&found.residuals) {
        let (bearing, distance) = stake(sight, found);
        let gaps = [
            residual.bearing_deg.map(|gap| format!("{gap:+.2}°")),
            residual.distance_m.map(|gap| format!("{gap:+.2} m")),
        ];
        let gaps: Vec<String> = gaps.into_iter().flatten().collect();
        let note = if residual.is_suspect {
            lang.pick("  可疑，请核对该方位物", "  suspect: check this object")
        } else {
            ""
        };
        print_line(&format!(
            "  {} {}: {} {bearing:.2}° {distance:.2} m, {} {}{note}",
            sight.number,
            sight.what,
            lang.pick("由此放样", "from there stake out"),
            lang.pick("残差", "residuals"),
            gaps.join(" "),
        ))?;
    }
    Ok(())
}
