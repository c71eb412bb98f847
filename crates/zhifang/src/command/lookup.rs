//! `geocode` and `reverse`: one look-up, or a file of them.

use std::fs::File;
use std::io::Write as _;

use anyhow::Context as _;
use serde_json::{Value, json};
use zhifang_core::Meters;
use zhifang_engine::batch::{self, Question, Tally, place_of};
use zhifang_engine::{ReverseQuery, candidate_properties};
use zhifang_geocode::SearchQuery;
use zhifang_index::Audience;

use crate::args::{Geocode, Reverse};
use crate::command::Context;
use crate::output::{Outcome, print_line, say, stdout};

/// Results at most.
const MOST: usize = 50;

pub(crate) fn geocode(context: &Context, args: &Geocode) -> anyhow::Result<Outcome> {
    let engine = context.engine()?;
    let world = engine.world().context("the register could not be read")?;
    if let Some(file) = &args.file {
        let input =
            File::open(file).with_context(|| format!("cannot read `{}`", file.display()))?;
        let question = Question::Geocode {
            column: args.column.clone(),
            within: args.within,
        };
        let tally = batch::csv(&world, &question, args.as_of, input, stdout())
            .with_context(|| format!("cannot look up `{}`", file.display()))?;
        return Ok(tallied(context, tally));
    }
    let mut query = SearchQuery::new(args.text.clone().unwrap_or_default());
    query.limit = args.limit.clamp(1, MOST);
    query.within = args.within;
    query.as_of = args.as_of;
    query.lang = context.lang;
    query.explain = args.explain;
    let found = world.names.search(&query);
    for candidate in &found {
        let mut properties = candidate_properties(candidate);
        let place = candidate.place.map(|place| json!([place.lon, place.lat]));
        properties.insert("lonlat".to_owned(), place.unwrap_or(Value::Null));
        print_line(&Value::Object(properties).to_string())?;
    }
    if found.is_empty() {
        say(context.lang.pick("没有匹配的地名", "no match"));
        return Ok(Outcome::Findings);
    }
    Ok(Outcome::Done)
}

pub(crate) fn reverse(context: &Context, args: &Reverse) -> anyhow::Result<Outcome> {
    let engine = context.engine()?;
    let world = engine.world().context("the register could not be read")?;
    // The command line on a local store has all rights.
    let audience = Audience::Staff;
    if let Some(file) = &args.file {
        let input =
            File::open(file).with_context(|| format!("cannot read `{}`", file.display()))?;
        let question = Question::Reverse { audience };
        let tally = batch::csv(&world, &question, None, input, stdout())
            .with_context(|| format!("cannot look up `{}`", file.display()))?;
        return Ok(tallied(context, tally));
    }
    let (lon, lat) = (args.lon.unwrap_or(f64::NAN), args.lat.unwrap_or(f64::NAN));
    let crs = args.crs.map(|crs| crs.to_string());
    let (place, crs) = place_of(lon, lat, crs.as_deref()).map_err(anyhow::Error::msg)?;
    let query = ReverseQuery {
        place,
        radius: Meters(args.radius),
        day: None,
        lang: context.lang,
    };
    let here = zhifang_engine::reverse(&world, world.snapshot.view(audience), &query);
    let mut answer = json!({"lon": lon, "lat": lat, "crs": crs.to_string()});
    if let (Some(answer), Value::Object(here)) =
        (answer.as_object_mut(), serde_json::to_value(&here)?)
    {
        answer.extend(here);
    }
    let mut out = stdout();
    writeln!(out, "{answer}")?;
    out.flush()?;
    Ok(if here.divisions.is_empty() {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}

fn tallied(context: &Context, tally: Tally) -> Outcome {
    say(&format!(
        "{} {}, {} {}, {} {}",
        context.lang.pick("行数", "rows"),
        tally.rows,
        context.lang.pick("无结果", "without a match"),
        tally.unanswered,
        context.lang.pick("出错", "faulty"),
        tally.faulty
    ));
    if tally.unanswered + tally.faulty > 0 {
        Outcome::Findings
    } else {
        Outcome::Done
    }
}
