//! From scored units to answers.

use rustc_hash::FxHashSet;
use zhifang_core::{DivisionCode, DivisionLevel, Lang};
use zhifang_pinyin::{Spelling, spell};

use crate::align::{Aligned, bits};
use crate::base::{Base, CONTEXT, OTHER, RETIRED, UnitId, padded};
use crate::candidate::{
    Candidate, DivisionRef, ExplainStep, Explanation, MatchHow, Matched, SearchQuery,
};
use crate::entry::NameKind;
use crate::generic::place_form;
use crate::matcher::{Matcher, Scored};
use crate::path::Walk;
use crate::query::{Class, Query};
use crate::score::{self, Evidence};

/// What one base found.
pub(crate) struct Ranked<'a> {
    pub(crate) found: Vec<Scored>,
    pub(crate) matcher: Matcher<'a>,
}

/// The best answers of all layers, best first.
pub(crate) fn rank(layers: &[Ranked<'_>], query: &Query, options: &SearchQuery) -> Vec<Candidate> {
    let mut all: Vec<(&Scored, usize)> = layers
        .iter()
        .enumerate()
        .flat_map(|(layer, ranked)| ranked.found.iter().map(move |scored| (scored, layer)))
        .filter(|(scored, _)| scored.score > 0.0)
        .collect();
    let key = |(scored, layer): &(&Scored, usize)| {
        let unit = layers
            .get(*layer)
            .and_then(|ranked| ranked.matcher.base.unit(scored.unit));
        unit.map_or((u8::MAX, 0, 0), |unit| {
            (unit.level, padded(unit.code), unit.flags & RETIRED)
        })
    };
    all.sort_by(|one, other| {
        other
            .0
            .score
            .total_cmp(&one.0.score)
            .then_with(|| key(one).cmp(&key(other)))
            .then_with(|| (one.1, one.0.unit).cmp(&(other.1, other.0.unit)))
    });
    let scores: Vec<f32> = all.iter().map(|(scored, _)| scored.score).collect();
    let mut candidates = Vec::new();
    for (at, (scored, layer)) in all.iter().take(options.limit).enumerate() {
        let Some(ranked) = layers.get(*layer) else {
            continue;
        };
        let equals = scores
            .iter()
            .filter(|other| (**other - scored.score).abs() < score::EQUAL)
            .count();
        let next = scores
            .iter()
            .skip(at + 1)
            .find(|other| **other < scored.score - score::EQUAL);
        let above = if at == 0 {
            0.0
        } else {
            scores.first().map_or(0.0, |first| first - scored.score)
        };
        let margin = match (at, next) {
            (0, Some(next)) => scored.score - next,
            (0, None) => scored.score,
            _ => 0.0,
        };
        let Some(mut candidate) = candidate(&ranked.matcher, scored, query, options) else {
            continue;
        };
        candidate.equals = equals;
        let evidence = evidence(&ranked.matcher, scored, query, margin, equals);
        candidate.confidence = score::confidence(evidence);
        if at > 0 && equals == 1 {
            // What is beaten can at best share what the first leaves.
            let first = candidates
                .first()
                .map_or(0.0, |first: &Candidate| first.confidence);
            candidate.confidence = candidate
                .confidence
                .min((1.0 - first) * f64::from((-2.0 * above).exp()));
        }
        candidates.push(candidate);
    }
    candidates
}

fn evidence(
    matcher: &Matcher<'_>,
    scored: &Scored,
    query: &Query,
    margin: f32,
    equals: usize,
) -> Evidence {
    let parts = || {
        scored
            .parts
            .iter()
            .filter_map(|part| matcher.arena.get(*part as usize))
    };
    let asked = query.han.union(query.latin);
    let outside = asked.count() - asked.count_in(query.beside.union(scored.mask));
    let all = asked.count() - asked.count_in(query.beside) + asked.count_in(query.beside).min(2);
    let coverage = 1.0 - outside as f32 / all.max(1) as f32;
    let is_street = parts().next().is_some_and(|own| own.is_street);
    let means = parts().fold(0, |all, part| all | part.means);
    let level = matcher
        .base
        .unit(scored.unit)
        .map_or(OTHER, |unit| unit.level);
    let tells: f32 = parts().map(score::tells).sum();
    Evidence {
        margin,
        equals,
        coverage: if is_street {
            coverage * 0.5
        } else {
            coverage.max(0.0)
        },
        surplus: tells - score::needed_bits(level, matcher.area()),
        edits: parts().map(|part| part.edits).sum(),
        has_homophone: means & bits::HOMOPHONE != 0,
        has_initial: means & bits::INITIAL != 0,
        letters_left: query.latin.count() - query.latin.count_in(scored.mask),
    }
}

fn candidate(
    matcher: &Matcher<'_>,
    scored: &Scored,
    query: &Query,
    options: &SearchQuery,
) -> Option<Candidate> {
    let own = matcher.arena.get(*scored.parts.first()? as usize)?;
    let mut candidate = describe(matcher.base, scored.unit, options);
    candidate.category = matcher.category(scored.unit);
    candidate.matched = matched(matcher.base, own);
    candidate.score = f64::from(scored.score);
    candidate.rest = query.rest(scored.mask);
    if options.explain {
        let steps = scored
            .parts
            .iter()
            .filter_map(|part| matcher.arena.get(*part as usize));
        let steps = steps.filter_map(|part| {
            let unit = matcher.base.surface(part.surface)?.unit;
            let matched = matched(matcher.base, part);
            Some(ExplainStep {
                id: matcher.base.record_id(unit),
                name: matched.name,
                text: query.text_of(part.mask),
                how: matched.how,
                score: f64::from(part.score),
            })
        });
        candidate.explain = Some(Explanation {
            steps: steps.collect(),
            leftover: f64::from(scored.leftover),
            prior: f64::from(scored.prior),
        });
    }
    Some(candidate)
}

fn matched(base: &Base, aligned: &Aligned) -> Matched {
    let surface = base.surface(aligned.surface);
    let has_tails = surface.is_some_and(|surface| surface.tails != 0);
    let how = score::how(aligned, has_tails);
    let alias = surface.and_then(|surface| surface.alias);
    if let Some(alias) = alias.and_then(|at| base.aliases.get(at as usize)) {
        return Matched {
            name: alias.name.clone(),
            kind: alias.kind,
            how,
            validity: alias.validity,
        };
    }
    let unit = surface.map_or(0, |surface| surface.unit);
    Matched {
        name: base.name(unit).into_owned(),
        kind: NameKind::Official,
        how,
        validity: base.validity(unit),
    }
}

/// The answer whose whole path the words spell.
pub(crate) fn by_path(base: &Base, walk: &Walk, query: &Query, options: &SearchQuery) -> Candidate {
    let mut candidate = describe(base, walk.unit, options);
    candidate.category = candidate.level.map(category_of);
    candidate.matched.kind = NameKind::Official;
    candidate.matched.how = MatchHow::Exact;
    candidate.score = f64::from(walk.score);
    candidate.confidence = f64::from(score::SUREST);
    candidate.rest = query.rest(walk.mask);
    candidate
}

/// Statutory category of divisions: village committees count as 3, what is above them as 2.
fn category_of(level: DivisionLevel) -> u8 {
    if level == DivisionLevel::Village {
        3
    } else {
        2
    }
}

/// The record as an answer, before it is known how it matched.
fn describe(base: &Base, unit: UnitId, options: &SearchQuery) -> Candidate {
    let extra = base.extra(unit).cloned().unwrap_or_default();
    let record = base.unit(unit);
    let is_division = record.is_some_and(|record| record.level != OTHER);
    let mut chain: Vec<UnitId> = base.ancestors(unit).collect();
    chain.reverse();
    if is_division {
        chain.push(unit);
    }
    let published: Vec<String> = chain.iter().map(|id| base.name(*id).into_owned()).collect();
    let names: Vec<String> = chain
        .iter()
        .zip(&published)
        .map(|(id, name)| former_name(base, *id, options).unwrap_or_else(|| name.clone()))
        .collect();
    let name = match names.last().filter(|_| is_division) {
        Some(own) => own.clone(),
        None => name_on(base, unit, options),
    };
    let mut places: Vec<String> = Vec::with_capacity(chain.len() + 1);
    for (at, (id, name)) in chain.iter().zip(&names).enumerate() {
        let (Some(whole), Some(above)) = (published.get(at), published.get(..at)) else {
            continue;
        };
        let own = base.own_part(*id, whole, above);
        // A name of another day is kept whole.
        let kept = if name.ends_with(own) { own } else { name };
        places.push(place_form(kept, base.level(*id)));
    }
    let division = chain
        .iter()
        .zip(names)
        .filter_map(|(id, name)| {
            Some(DivisionRef {
                code: DivisionCode::from_u64(base.unit(*id)?.code)?,
                name,
                level: base.level(*id)?,
            })
        })
        .collect();
    if !is_division {
        places.push(name.clone());
    }
    let label = match options.lang {
        Lang::Zh => places.concat(),
        Lang::En => {
            places.reverse();
            let spelled = places
                .iter()
                .map(|place| spell(place, Spelling::division().toneless()));
            spelled.collect::<Vec<_>>().join(", ")
        }
    };
    Candidate {
        id: base.record_id(unit),
        collection: base.collection(unit),
        label,
        level: base.level(unit),
        category: extra.category,
        division,
        matched: Matched {
            name: name.clone(),
            kind: NameKind::Code,
            how: MatchHow::Code,
            validity: extra.validity,
        },
        name,
        score: 0.0,
        confidence: 0.0,
        equals: 1,
        rest: String::new(),
        place: base.place(unit),
        validity: extra.validity,
        is_retired: record.is_some_and(|record| record.flags & RETIRED != 0),
        replaced_by: extra.replaced_by,
        explain: None,
    }
}

/// The unit's name on the day asked for.
fn name_on(base: &Base, unit: UnitId, options: &SearchQuery) -> String {
    former_name(base, unit, options).unwrap_or_else(|| base.name(unit).into_owned())
}

/// The same where it was another one than today.
fn former_name(base: &Base, unit: UnitId, options: &SearchQuery) -> Option<String> {
    let day = options.as_of?;
    let mut aliases = base.extra(unit)?.aliases.iter();
    let former = aliases.find(|alias| {
        alias.kind == NameKind::Former
            && alias.validity.to.is_some()
            && alias.validity.contains(day)
    });
    former.map(|alias| alias.name.clone())
}

/// Answers to a query that is a code or an id; when completing also to the beginning of a code.
pub(crate) fn by_code(
    layers: &[(&Base, &FxHashSet<UnitId>)],
    query: &Query,
    options: &SearchQuery,
    completes: bool,
) -> Vec<Candidate> {
    let text: String = options
        .q
        .trim()
        .chars()
        .filter(|one| !one.is_whitespace())
        .collect();
    let digits: String = query.positions.iter().map(|one| one.character).collect();
    let is_number = query.positions.iter().all(|one| one.class == Class::Digit);
    let mut found: Vec<(usize, UnitId)> = Vec::new();
    for (layer, (base, hidden)) in layers.iter().enumerate() {
        // Codes of statistics are written out to 12 digits: 441900000000 is 441900.
        let mut code = is_number.then_some(digits.as_str());
        while let Some(text) = code {
            if let Ok(number) = text.parse::<DivisionCode>() {
                let units = base.units_of_code(number.as_u64());
                found.extend(units.map(|unit| (layer, unit)));
            }
            let is_found = found.iter().any(|(of, _)| *of == layer);
            code = text
                .strip_suffix("000")
                .filter(|text| !is_found && text.len() >= 6);
        }
        let start = base.by_id.partition_point(|(id, _)| *id < text);
        let named = base
            .by_id
            .iter()
            .skip(start)
            .take_while(|(id, _)| *id == text);
        found.extend(named.map(|(_, unit)| (layer, *unit)));
        if completes && is_number && found.is_empty() && (3..12).contains(&digits.len()) {
            let range = base.range_of_prefix(digits.parse().unwrap_or(0), digits.len() as u32);
            found.extend(range.take(500).map(|unit| (layer, unit)));
        }
        found.retain(|(of, unit)| {
            *of != layer
                || !hidden.contains(unit)
                    && base
                        .unit(*unit)
                        .is_some_and(|record| record.flags & CONTEXT == 0)
        });
    }
    found.retain(|(layer, unit)| {
        layers
            .get(*layer)
            .is_some_and(|(base, _)| is_asked(base, *unit, options))
    });
    // The life in force first, then levels from above.
    found.sort_by_key(|(layer, unit)| {
        let record = layers.get(*layer).and_then(|(base, _)| base.unit(*unit));
        (
            record.map(|record| (record.flags & RETIRED, record.level, padded(record.code))),
            *layer,
            *unit,
        )
    });
    found.dedup();
    let count = found.len();
    let of_layer = |(layer, unit): &(usize, UnitId)| {
        let (base, _) = layers.get(*layer)?;
        let mut candidate = describe(base, *unit, options);
        candidate.category = candidate.category.or(candidate.level.map(category_of));
        candidate.score = 1.0;
        candidate.equals = count;
        candidate.confidence = if count == 1 || !candidate.is_retired && !completes {
            0.99
        } else {
            0.9 / count as f64
        };
        Some(candidate)
    };
    found
        .iter()
        .take(options.limit)
        .filter_map(of_layer)
        .collect()
}

fn is_asked(base: &Base, unit: UnitId, options: &SearchQuery) -> bool {
    let code = base
        .unit(unit)
        .and_then(|record| DivisionCode::from_u64(record.code));
    options
        .within
        .is_none_or(|prefix| code.is_some_and(|code| prefix.covers(code)))
        && options
            .level
            .is_none_or(|level| base.level(unit) == Some(level))
        && options
            .as_of
            .is_none_or(|day| base.validity(unit).contains(day))
}
