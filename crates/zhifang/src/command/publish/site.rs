//! `publish site`: the folder is made beside its place and put there when it is whole.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use zhifang_engine::World;
use zhifang_index::Audience;
use zhifang_publish::SiteRequest;

use crate::args::publish::Site;
use crate::command::Context;
use crate::output::{Outcome, say};

/// The file by which a folder is known as a site of ours.
const MANIFEST: &str = "manifest.json";

pub(super) fn run(context: &Context, world: &World, args: &Site) -> anyhow::Result<Outcome> {
    let target = &args.output;
    if target.exists() && !may_be_replaced(target) {
        bail!(
            "`{}` holds something else: wanted a new folder, an empty one, or an earlier site",
            target.display()
        );
    }
    let part = beside(target)?;
    if part.exists() {
        fs::remove_dir_all(&part).with_context(|| format!("cannot clear `{}`", part.display()))?;
    }
    let request = SiteRequest {
        max_zoom: args.maxzoom,
        base_url: args.base_url.clone(),
        approval_number: args.approval_number.clone(),
    };
    let written = zhifang_publish::site(
        world.snapshot.view(Audience::Public),
        &world.tiles(Audience::Public),
        &|code| world.neighbours(code),
        args.within.unit(),
        &request,
        &mut |path, bytes| {
            let path = part.join(path);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(path, bytes)
        },
    );
    let placed = written.map_err(anyhow::Error::from).and_then(|written| {
        if target.exists() {
            fs::remove_dir_all(target)
                .with_context(|| format!("cannot replace `{}`", target.display()))?;
        }
        fs::rename(&part, target)
            .with_context(|| format!("cannot put `{}` in place", target.display()))?;
        Ok(written)
    });
    match placed {
        Ok(written) => {
            say(&format!(
                "{}: {} {}, {} {}",
                target.display(),
                written.files,
                context.lang.pick("个文件", "files"),
                written.bytes,
                context.lang.pick("字节", "bytes"),
            ));
            Ok(Outcome::Done)
        }
        Err(error) => {
            let _ = fs::remove_dir_all(&part);
            Err(error).context("cannot publish the site")
        }
    }
}

/// An earlier site or an empty folder; nothing else is ever removed.
fn may_be_replaced(folder: &Path) -> bool {
    let is_empty = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    let is_site = fs::read_to_string(folder.join(MANIFEST))
        .is_ok_and(|text| text.contains("\"format\": \"zhifang-site "));
    is_empty || is_site
}

fn beside(target: &Path) -> anyhow::Result<PathBuf> {
    let name = target
        .file_name()
        .with_context(|| format!("`{}`: wanted the name of a folder", target.display()))?;
    let mut part = name.to_owned();
    part.push(".part");
    Ok(target.with_file_name(part))
}
