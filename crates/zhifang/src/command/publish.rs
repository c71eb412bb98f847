//! `zhifang publish …`: what the public may see, on paper or as a folder.

mod fonts;
mod site;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use zhifang_core::DivisionCode;
use zhifang_index::{Audience, View};
use zhifang_publish::{
    Fonts, GazetteerRequest, GazetteerWritten, Request, Words, draw, gazetteer, series, to_pdf,
};

use crate::args::publish::{BookFormat, Gazetteer, Mapsheet, Publish, SheetFormat};
use crate::command::Context;
use crate::output::{Outcome, say, write_to};

pub(crate) fn run(context: &Context, args: &Publish, words: Words) -> anyhow::Result<Outcome> {
    let engine = context.engine()?;
    let world = engine.world().context("the register could not be read")?;
    let view = world.snapshot.view(Audience::Public);
    match args {
        Publish::Mapsheet(args) => mapsheet(view, args, words),
        Publish::Gazetteer(args) => book(context, view, args, words),
        Publish::Site(args) => site::run(context, &world, args),
    }
}

fn mapsheet(view: View<'_>, args: &Mapsheet, words: Words) -> anyhow::Result<Outcome> {
    let code = args.within.unit();
    let format = args
        .format
        .or_else(|| {
            let extension = args.output.as_deref()?.extension()?;
            extension
                .eq_ignore_ascii_case("pdf")
                .then_some(SheetFormat::Pdf)
        })
        .unwrap_or(SheetFormat::Svg);
    let fonts = match format {
        SheetFormat::Svg => None,
        SheetFormat::Pdf => Some(fonts::read(&args.fonts)?),
    };
    let request = Request {
        scale: args.scale,
        paper: args.size,
        is_landscape: args.landscape,
        words,
        title: args.title.clone(),
        approval_number: args.approval_number.clone(),
        page: None,
    };
    if !args.series {
        let bytes = sheet(view, code, &request, fonts.as_ref())?;
        write_to(args.output.as_deref(), |out| Ok(out.write_all(&bytes)?))?;
        return Ok(Outcome::Done);
    }
    let Some(folder) = &args.output else {
        bail!("--series: wanted a folder with -o");
    };
    let codes = series(view, code)?;
    let mut sheets: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for (number, &code) in codes.iter().enumerate() {
        let request = Request {
            page: Some((number + 1, codes.len())),
            // A title of one's own is the whole series'; its parts keep their names.
            title: request.title.clone().filter(|_| number == 0),
            ..request.clone()
        };
        let bytes = sheet(view, code, &request, fonts.as_ref())?;
        let extension = if fonts.is_some() { "pdf" } else { "svg" };
        sheets.push((folder.join(format!("{code}.{extension}")), bytes));
    }
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    for (path, bytes) in &sheets {
        write(path, bytes)?;
        say(&path.display().to_string());
    }
    Ok(Outcome::Done)
}

fn book(
    context: &Context,
    view: View<'_>,
    args: &Gazetteer,
    words: Words,
) -> anyhow::Result<Outcome> {
    let BookFormat::Html = args.format;
    let request = GazetteerRequest {
        words,
        title: args.title.clone(),
    };
    let mut written = GazetteerWritten::default();
    write_to(args.output.as_deref(), |out| {
        written = gazetteer(view, args.within.unit(), &request, out)?;
        Ok(())
    })?;
    if let Some(path) = &args.output {
        say(&format!(
            "{}: {} {}",
            path.display(),
            written.entries,
            context.lang.pick("条", "entries")
        ));
    }
    Ok(Outcome::Done)
}

fn sheet(
    view: View<'_>,
    code: DivisionCode,
    request: &Request,
    fonts: Option<&Fonts>,
) -> anyhow::Result<Vec<u8>> {
    let svg = draw(view, code, request)?;
    Ok(match fonts {
        Some(fonts) => to_pdf(&svg, fonts)?,
        None => svg.into_bytes(),
    })
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write `{}`", path.display()))
}
