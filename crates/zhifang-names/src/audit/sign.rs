//! Sign registers: what is written on a sign against the name that it stands for.

use zhifang_core::{CodePrefix, Collection, Day, Record, Status};
use zhifang_index::View;

use super::form::owner;
use super::{Auditor, Difference, Hit};
use crate::form::{FormKind, forms, is_in_use, sound_key, written_key};

impl Auditor {
    /// The signs whose text is not the standard name: of the entry that they stand for, or,
    /// where they name none, of any place.
    pub fn signs(&self, view: View<'_>, within: Option<CodePrefix>, day: Day) -> Vec<Hit> {
        let scope = within.map(|within| view.scope(within));
        let mut hits = Vec::new();
        let signs = view
            .records(Collection::Signs)
            .filter(|sign| sign.status == Status::Published)
            .filter(|sign| scope.as_ref().is_none_or(|scope| scope.covers_record(sign)));
        for sign in signs {
            let text = sign.fields.text("text").unwrap_or_default().trim();
            if text.is_empty() || sign.fields.text("state") == Some("missing") {
                continue;
            }
            let name = sign
                .fields
                .text("name_id")
                .and_then(|id| view.record(Collection::Names, id));
            let found = match name {
                Some(name) => against_its_name(view, text, name, day)
                    .into_iter()
                    .collect(),
                None => self.text(text),
            };
            hits.extend(found.into_iter().map(|hit| Hit {
                sign: Some(sign.id.to_string()),
                ..hit
            }));
        }
        hits
    }
}

fn against_its_name(view: View<'_>, text: &str, name: &Record, day: Day) -> Option<Hit> {
    let is_right = text == name.name.trim() && is_in_use(name, day);
    if is_right || name.status == Status::Draft {
        return None;
    }
    let written = written_key(text);
    let form = forms(name)
        .into_iter()
        .find(|form| written_key(form.text) == written);
    let how = match form.map(|form| form.kind) {
        Some(FormKind::Standard) if !is_in_use(name, day) => Difference::Retired,
        Some(FormKind::Former) => Difference::Former,
        Some(FormKind::Alias) => Difference::Alias,
        Some(FormKind::Misspelling) => Difference::Misspelling,
        None if sound_key(text) == sound_key(&name.name) => Difference::Homophone,
        Some(FormKind::Standard) | None => Difference::Other,
    };
    let mut standard = owner(view, name).standard;
    standard.name = if is_in_use(name, day) {
        name.name.to_string()
    } else {
        String::new()
    };
    Some(Hit {
        text: text.to_owned(),
        how,
        standard: vec![standard],
        line: 1,
        column: 1,
        offset: 0,
        field: None,
        sign: None,
    })
}
