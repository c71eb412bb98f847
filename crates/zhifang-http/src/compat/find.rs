//! The engine's answers to words and positions, as places that can be drawn.

use zhifang_core::{Collection, Lang, LonLat, Meters, Record};
use zhifang_engine::{World, units_here};
use zhifang_geocode::{Candidate, SearchQuery};
use zhifang_index::NearQuery;

use super::place::Place;
use crate::visible::Visible;

/// Answers looked through when a client wants only some kinds of them.
const LOOKED_THROUGH: usize = 100;

/// Which places a client wants.
pub(super) struct Wanted<'f> {
    /// Most places.
    pub(super) limit: usize,
    /// Language of the names.
    pub(super) lang: Lang,
    /// Whether some kinds are left out; then more answers are looked through.
    pub(super) is_picky: bool,
    /// The kinds.
    pub(super) keeps: &'f dyn Fn(&Place<'_>) -> bool,
}

/// The places that the words mean, best first, none twice. A unit that has ended stands for the
/// units that took its place: these clients have no word for what is no more.
pub(super) fn by_words<'a>(
    world: &World,
    visible: &Visible<'a>,
    mut query: SearchQuery,
    completes: bool,
    wanted: &Wanted<'_>,
) -> Vec<Place<'a>> {
    query.limit = if wanted.is_picky {
        LOOKED_THROUGH
    } else {
        wanted.limit
    };
    query.lang = wanted.lang;
    let mut candidates = world.names.search(&query);
    if completes {
        candidates = more_probable_first(world.names.autocomplete(&query), candidates);
    }
    let records = candidates
        .iter()
        .flat_map(|candidate| standing_records(visible, candidate));
    keep(visible, records, wanted)
}

/// Both readings of words that may still be typed, the half-typed and the complete: the one of
/// which the engine is surer, then what else the other holds.
fn more_probable_first(typed: Vec<Candidate>, complete: Vec<Candidate>) -> Vec<Candidate> {
    let lead = |list: &[Candidate]| list.first().map_or(0.0, |first| first.confidence);
    let (mut first, second) = if lead(&typed) >= lead(&complete) {
        (typed, complete)
    } else {
        (complete, typed)
    };
    first.extend(second);
    first
}

fn standing_records<'a>(visible: &Visible<'a>, candidate: &Candidate) -> Vec<&'a Record> {
    if !candidate.is_retired {
        let record = visible.record(candidate.collection, &candidate.id);
        return record.into_iter().collect();
    }
    let successors = candidate.replaced_by.iter();
    successors
        .filter_map(|code| visible.widest().unit(*code, None))
        .collect()
}

/// The places at a position, nearest first: names within the radius, then the units that cover
/// it from below. Outside every unit there is nothing.
pub(super) fn by_position<'a>(
    visible: &Visible<'a>,
    place: LonLat,
    radius: Meters,
    wanted: &Wanted<'_>,
) -> Vec<Place<'a>> {
    let view = visible.widest();
    let units = units_here(view, place, None);
    if units.is_empty() {
        return Vec::new();
    }
    let looked_at = if wanted.is_picky {
        LOOKED_THROUGH
    } else {
        wanted.limit
    };
    let near = NearQuery::first(looked_at).within(radius);
    let names = view
        .nearest(Collection::Names, place, near, |_| true)
        .into_iter()
        .map(|near| near.record);
    let units = units
        .iter()
        .rev()
        .filter_map(|unit| view.unit(unit.code, None));
    keep(visible, names.chain(units), wanted)
}

fn keep<'a>(
    visible: &Visible<'a>,
    records: impl Iterator<Item = &'a Record>,
    wanted: &Wanted<'_>,
) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'a>> = Vec::new();
    for record in records {
        if places.len() == wanted.limit {
            break;
        }
        let is_known = places
            .iter()
            .any(|place| std::ptr::eq(place.record, record));
        if is_known {
            continue;
        }
        let place = Place::new(visible.widest(), record, wanted.lang);
        places.extend(place.filter(|place| (wanted.keeps)(place)));
    }
    places
}
