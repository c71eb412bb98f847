//! Rules that look at the other names of the register, through the ledger.

use std::collections::BTreeSet;

use geo::{Distance as _, Geodesic, Point};
use zhifang_core::{Collection, DivisionLevel, LonLat, Record, RecordKey, Status};

use super::Desk;
use crate::application::Application;
use crate::category::Category;
use crate::form::{FormKind, forms, is_in_use, sound_key, written_key};
use crate::rules::Range;
use crate::text::{Text, text};
use crate::verdict::{Evidence, Likeness, Severity};

/// Alternatives named in a proposal.
const ALTERNATIVES: usize = 3;

/// Entries that go by a name, by their standing.
#[derive(Default)]
struct Bearers {
    /// Standard names in use.
    standing: Vec<Evidence>,
    /// Former names and aliases of other places.
    aliases: Vec<Evidence>,
    /// Retired not long ago, near by.
    retired: Vec<Evidence>,
    /// Applied for.
    pending: Vec<Evidence>,
}

impl Desk<'_, '_> {
    pub(super) fn register(&mut self) {
        let name = self.name.clone();
        let keys = self.sources.ledger.written(&name);
        let same = self.bearers(&keys, Likeness::SameCharacters, &written_key(&name));
        let keys = self.sources.ledger.sounding(&name);
        let mut alike = self.bearers(&keys, Likeness::SameSound, &sound_key(&name));
        let written = written_key(&name);
        // What is written alike is alike in sound as well: said once.
        alike
            .standing
            .retain(|evidence| written_key(&evidence.name) != written);
        let ground = self.ground.used(self.sources.view).text;
        let (zh, en) = (ground.zh, ground.en);
        let has_duplicate = !same.standing.is_empty();
        if has_duplicate || !alike.standing.is_empty() {
            let proposal = self.alternatives();
            if has_duplicate {
                let count = same.standing.len();
                let message = text!(
                    "{zh}内已有 {count} 个“{name}”",
                    "{name} exists already {count} time(s) within {en}"
                );
                let weight = Some(self.duplicate_weight());
                self.find_weighing(
                    "NAM-01",
                    weight,
                    &name,
                    message,
                    proposal.clone(),
                    same.standing,
                );
            }
            if !alike.standing.is_empty() {
                let mut words: Vec<&str> = alike.standing.iter().map(|one| &*one.name).collect();
                words.sort_unstable();
                words.dedup();
                words.truncate(ALTERNATIVES);
                let words = words.join("、");
                let message = text!(
                    "{zh}内有读音相同的地名（不计声调）：{words}",
                    "names of the same sound (tones aside) within {en}: {words}"
                );
                let weight = Some(self.duplicate_weight().min(Severity::Warning));
                self.find_weighing("NAM-01", weight, &name, message, proposal, alike.standing);
            }
        }
        self.same_specific(&zh, &en);
        if !same.retired.is_empty() {
            let years = self.rules.limits().retired_years;
            let message = text!(
                "“{name}”是附近停用不满 {years} 年的地名",
                "{name} was retired near by less than {years} years ago"
            );
            let proposal = text!(
                "另拟地名，或待停用满 {years} 年",
                "choose another name, or wait until {years} years have passed"
            );
            self.find_weighing("NAM-16", None, &name, message, proposal, same.retired);
        }
        if !same.aliases.is_empty() {
            let message = text!(
                "“{name}”是另一地的曾用名或别名",
                "{name} is the former name or an alias of another place"
            );
            let proposal = Text::new(
                "另拟地名，以免混淆",
                "choose another name, so that the two are not mixed up",
            );
            self.find_weighing("NAM-18", None, &name, message, proposal, same.aliases);
        }
        same_pending(self, &name, same.pending);
        self.borrowed_from_outside();
        self.local_name();
    }

    fn duplicate_weight(&self) -> Severity {
        let category = self.question.category;
        // Street offices are not listed in art. 9(8).
        if category == Category::DIVISION && self.ground.wanted == Range::County {
            return Severity::Warning;
        }
        self.rules.category(category).duplicate
    }

    /// The records under the keys that do go by a form with this key, sorted by distance and id.
    fn bearers(&self, keys: &[RecordKey], how: Likeness, wanted: &str) -> Bearers {
        let key_of: fn(&str) -> String = match how {
            Likeness::SameSound => sound_key,
            Likeness::SameCharacters | Likeness::SameSpecific => written_key,
        };
        let mut bearers = Bearers::default();
        // A unit and the entry of its name are one place: the entry is named.
        let mut entries = BTreeSet::new();
        let records: Vec<&Record> = keys
            .iter()
            .filter_map(|key| self.sources.record(key.collection, &key.id))
            .filter(|record| !self.is_own(record) && self.is_comparable(record))
            .collect();
        for record in &records {
            if record.collection == Collection::Names
                && let Some(division) = record.division
            {
                entries.insert((division, written_key(&record.name)));
            }
        }
        for record in records {
            if record.collection == Collection::Divisions
                && record
                    .division
                    .is_some_and(|code| entries.contains(&(code, written_key(&record.name))))
            {
                continue;
            }
            let is_near = self.ground.holds(record);
            let form = forms(record)
                .into_iter()
                .find(|form| key_of(form.text) == wanted);
            let Some(form) = form else { continue };
            let text = (form.kind != FormKind::Standard).then_some(form.text);
            let evidence = || self.evidence_of(record, how, text);
            if record.status == Status::Draft {
                if is_near
                    && Application::from_record(record)
                        .is_some_and(|application| application.state.is_open())
                {
                    bearers.pending.push(evidence());
                }
            } else if is_in_use(record, self.question.day) {
                match form.kind {
                    _ if !is_near => {}
                    FormKind::Standard => bearers.standing.push(evidence()),
                    _ => bearers.aliases.push(evidence()),
                }
            } else if form.kind == FormKind::Standard && self.is_lately_retired(record, is_near) {
                bearers.retired.push(evidence());
            }
        }
        for list in [
            &mut bearers.standing,
            &mut bearers.aliases,
            &mut bearers.retired,
            &mut bearers.pending,
        ] {
            list.sort_by(|a, b| {
                let far = |one: &Evidence| one.distance_m.unwrap_or(f64::INFINITY);
                far(a).total_cmp(&far(b)).then_with(|| a.id.cmp(&b.id))
            });
        }
        bearers
    }

    /// The entry itself, or the unit whose name it is.
    fn is_own(&self, record: &Record) -> bool {
        if self.question.application.as_deref() == Some(&*record.id) {
            return true;
        }
        let Some(own) = self.own else { return false };
        if own.id == record.id {
            return true;
        }
        // The unit of the same code and the entry of its name.
        own.collection != record.collection
            && own.division.is_some()
            && own.division == record.division
            && written_key(&own.name) == written_key(&record.name)
    }

    /// Whether names of the record's kind must differ from names of this one.
    fn is_comparable(&self, record: &Record) -> bool {
        let category = self.question.category;
        if Category::of(record) != Some(category) {
            return false;
        }
        if category != Category::DIVISION || record.collection != Collection::Divisions {
            return true;
        }
        let is_township = record.level() == Some(DivisionLevel::Township);
        let wants_township = self
            .generic
            .is_some_and(|generic| generic.kind == "township");
        is_township == wants_township
    }

    fn is_lately_retired(&self, record: &Record, is_near: bool) -> bool {
        let limits = self.rules.limits();
        let is_late = record
            .valid
            .to
            .is_none_or(|to| self.question.day < to.plus_years(limits.retired_years));
        let is_near = match (self.question.place, place_of(record)) {
            (Some(here), Some(there)) => distance_m(here, there) <= limits.nearby_m,
            _ => is_near,
        };
        is_late && is_near
    }

    pub(super) fn evidence_of(
        &self,
        record: &Record,
        how: Likeness,
        form: Option<&str>,
    ) -> Evidence {
        let distance_m = self
            .question
            .place
            .zip(place_of(record))
            .map(|(here, there)| distance_m(here, there).round());
        let status = match record.status {
            Status::Draft => "applied",
            Status::Published if is_in_use(record, self.question.day) => "published",
            Status::Published | Status::Retired => "retired",
        };
        Evidence {
            collection: record.collection.as_str(),
            id: record.id.clone(),
            name: record.name.clone(),
            form: form.map(str::to_owned),
            how,
            status,
            category: Category::of(record),
            division: record.division,
            place: self.where_it_lies(record),
            distance_m,
            valid_from: record.valid.from,
            valid_to: record.valid.to,
        }
    }

    /// The divisions above a record in words: 湖北省襄阳市老河口市李楼镇.
    fn where_it_lies(&self, record: &Record) -> String {
        let view = self.sources.view;
        let Some(code) = record.division else {
            return String::new();
        };
        let mut words: Vec<&str> = view
            .ancestors(code)
            .iter()
            .map(|unit| &*unit.name)
            .collect();
        if record.collection != Collection::Divisions
            && let Some(unit) = view.unit(code, None).filter(|unit| {
                // A village's own name would say the same twice.
                written_key(&unit.name) != written_key(&record.name)
            })
        {
            words.push(&unit.name);
        }
        words.concat()
    }

    /// The same specific part with another generic term: no breach, worth knowing.
    fn same_specific(&mut self, zh: &str, en: &str) {
        let Some(own) = self.generic else { return };
        let mut found = Vec::new();
        for other in self.rules.generics.of(self.question.category) {
            // 王营 beside 王岗 is no matter; 李楼村 beside 李楼社区 is.
            let is_other = other.term != own.term
                && other.kind == own.kind
                && other.scope == own.scope
                && own.kind != "settlement";
            if !is_other {
                continue;
            }
            let name = format!("{}{}", self.specific, other.term);
            let keys = self.sources.ledger.written(&name);
            // 李楼村民委员会 is 李楼村.
            if !keys.is_empty() && written_key(&name) != written_key(&self.name) {
                let bearers = self.bearers(&keys, Likeness::SameSpecific, &written_key(&name));
                found.extend(bearers.standing);
            }
        }
        if found.is_empty() {
            return;
        }
        found.sort_by(|a, b| (a.collection, &a.id).cmp(&(b.collection, &b.id)));
        found.dedup_by(|a, b| (a.collection, &a.id) == (b.collection, &b.id));
        let mut words: Vec<&str> = found.iter().map(|one| &*one.name).collect();
        words.dedup();
        words.truncate(ALTERNATIVES);
        let words = words.join("、");
        let specific = self.specific.clone();
        let message = text!(
            "{zh}内有专名相同的地名：{words}",
            "names with the same specific part within {en}: {words}"
        );
        self.find_weighing(
            "NAM-01",
            Some(Severity::Info),
            &specific,
            message,
            Text::new(
                "如指同一地，请核对通名",
                "check the generic term where the same place is meant",
            ),
            found,
        );
    }

    /// Names of the same kind near by that nobody bears, in writing or in sound.
    fn alternatives(&self) -> Text {
        let generic = self.generic.map_or("", |generic| generic.term.as_str());
        let most = self.rules.limits().specific_max;
        let stem = &self.specific;
        let local: Vec<String> = self
            .local_words()
            .into_iter()
            .filter(|word| !stem.contains(word.as_str()))
            .collect();
        let before = ["东", "西", "南", "北", "新"].map(str::to_owned);
        let tries = local
            .iter()
            .rev()
            .chain(&before)
            .map(|word| format!("{word}{stem}"))
            .filter(|specific| specific.chars().count() <= most)
            .map(|specific| format!("{specific}{generic}"));
        let mut free = Vec::new();
        for name in tries {
            let written = self.sources.ledger.written(&name);
            let sounding = self.sources.ledger.sounding(&name);
            let is_free = self
                .bearers(&written, Likeness::SameCharacters, &written_key(&name))
                .standing
                .is_empty()
                && self
                    .bearers(&sounding, Likeness::SameSound, &sound_key(&name))
                    .standing
                    .is_empty();
            if is_free {
                free.push(name);
            }
            if free.len() == ALTERNATIVES {
                break;
            }
        }
        if free.is_empty() {
            return Text::new("另拟专名", "choose another specific part");
        }
        let names = free.join("、");
        text!(
            "另拟专名；范围内尚无人用的如 {names}",
            "choose another specific part; free in range are e.g. {names}"
        )
    }

    /// Specific parts of the units above, from the county down.
    fn local_words(&self) -> Vec<String> {
        let view = self.sources.view;
        let unit = self.question.within.unit();
        let own = view.unit(unit, None);
        view.ancestors(unit)
            .into_iter()
            .chain(own)
            .filter(|unit| unit.level() >= Some(DivisionLevel::County))
            .filter_map(|unit| {
                let name = crate::form::place_form(&unit.name);
                let generic = self.rules.generics.ending(&name, None)?;
                name.strip_suffix(generic.term.as_str()).map(str::to_owned)
            })
            .filter(|word| word.chars().count() >= 2)
            .collect()
    }

    /// A division does not borrow the name of a feature that lies outside of it.
    fn borrowed_from_outside(&mut self) {
        if self.question.category != Category::DIVISION || self.specific.is_empty() {
            return;
        }
        let specific = self.specific.clone();
        let inside = self.sources.view.scope(self.question.within);
        let wanted = written_key(&specific);
        let mut outside = Vec::new();
        for key in self.sources.ledger.written(&specific) {
            let Some(record) = self.sources.record(key.collection, &key.id) else {
                continue;
            };
            let is_feature = Category::of(record) == Some(Category::NATURAL)
                && is_in_use(record, self.question.day)
                && written_key(&record.name) == wanted;
            if !is_feature {
                continue;
            }
            if inside.covers_record(record) {
                return;
            }
            outside.push(self.evidence_of(record, Likeness::SameCharacters, None));
        }
        if outside.is_empty() {
            return;
        }
        let message = text!(
            "“{specific}”是本行政区域以外的自然地理实体",
            "{specific} is a natural feature outside the division"
        );
        let proposal = Text::new(
            "以本行政区域内的地名作专名",
            "take a name that lies inside the division",
        );
        self.find_weighing(
            "NAM-06",
            Some(Severity::Warning),
            &specific,
            message,
            proposal,
            outside,
        );
    }

    /// Facilities generally take the local place's name.
    fn local_name(&mut self) {
        if self.question.category != Category::FACILITY || self.generic.is_none() {
            return;
        }
        let specific = self.specific.clone();
        let is_of_unit = self
            .local_words()
            .iter()
            .any(|word| specific.contains(word.as_str()));
        if is_of_unit || self.is_local_place(&specific) {
            return;
        }
        let words = self.local_words().join("、");
        let message = text!(
            "专名“{specific}”不是当地登记的地名",
            "the specific part {specific} is no place name registered here"
        );
        let proposal = text!(
            "以当地地名作专名，如 {words}",
            "take a local place name, e.g. {words}"
        );
        self.find("NAM-15", &specific, message, proposal);
    }

    /// Whether a place of the county bears the word, alone or with a generic term.
    fn is_local_place(&self, word: &str) -> bool {
        let county = self.sources.view.scope(self.county().prefix());
        let bears = |name: &str| {
            self.sources.ledger.written(name).iter().any(|key| {
                self.sources
                    .record(key.collection, &key.id)
                    .is_some_and(|record| {
                        is_in_use(record, self.question.day)
                            && county.covers_record(record)
                            && forms(record)
                                .iter()
                                .any(|form| written_key(form.text) == written_key(name))
                    })
            })
        };
        bears(word)
            || [Category::NATURAL, Category::DIVISION, Category::VILLAGE]
                .into_iter()
                .flat_map(|category| self.rules.generics.of(category))
                .any(|generic| bears(&format!("{word}{}", generic.term)))
    }
}

fn same_pending(desk: &mut Desk<'_, '_>, name: &str, pending: Vec<Evidence>) {
    if pending.is_empty() {
        return;
    }
    let message = text!(
        "“{name}”另有申请在办",
        "another application for {name} is under way"
    );
    let proposal = Text::new("与该申请一并办理", "deal with both applications together");
    desk.find_weighing("NAM-19", None, name, message, proposal, pending);
}

/// Where a record lies: its anchor, or the middle of its box.
pub(crate) fn place_of(record: &Record) -> Option<LonLat> {
    record.anchor().or_else(|| {
        let bbox = record.bbox()?;
        Some(LonLat::new(
            f64::midpoint(bbox.west, bbox.east),
            f64::midpoint(bbox.south, bbox.north),
        ))
    })
}

/// Geodesic distance, metres.
pub(crate) fn distance_m(a: LonLat, b: LonLat) -> f64 {
    Geodesic.distance(Point::from(a), Point::from(b))
}
