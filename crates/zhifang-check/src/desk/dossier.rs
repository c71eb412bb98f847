//! All that is known of one dispute, on one page.

use std::io::{self, Write};

use geo::Coord;
use serde_json::{Map, Value, json};
use zhifang_core::{Collection, Day, DivisionCode, Lang, LonLat, Record, RecordKey};

use super::evidence::EvidenceKind;
use super::steps::{Step, last_step, next_steps};
use super::{DeskError, is_open, record};
use crate::compare::{Deviation, deviation};
use crate::finding::{Text, area, metres, rounded};
use crate::ground::polygons;
use crate::linework::{code, day, parts};
use crate::register::Register;
use crate::rules::dispute::{holds, stand};

/// One side's claim.
#[derive(Debug, Clone)]
pub struct ClaimSide<'a> {
    /// The claim.
    pub claim: &'a Record,
    /// The side.
    pub claimant: Option<DivisionCode>,
    /// Red for the first party's, blue for the other's, as claims are drawn.
    pub colour: &'static str,
    /// Its evidence: kind where the law names it, title, day.
    pub evidence: Vec<(Option<EvidenceKind>, &'a str, Option<Day>)>,
}

/// Something that lies on the disputed ground.
#[derive(Debug, Clone)]
pub struct Inside<'a> {
    /// What.
    pub record: &'a Record,
    /// Where.
    pub place: LonLat,
    /// Since when, where that is known.
    pub from: Option<Day>,
    /// Whether it came after the dispute began; `None` where its day is not known.
    pub is_new: Option<bool>,
}

/// A dispute with its claims, its ground and what may follow.
#[derive(Debug)]
pub struct Dossier<'a> {
    /// The dispute.
    pub dispute: &'a Record,
    /// Its parties with their names.
    pub parties: Vec<String>,
    /// The disputed ground, m² on the ellipsoid.
    pub area_m2: Option<f64>,
    /// The claims, in the order of the parties.
    pub claims: Vec<ClaimSide<'a>>,
    /// What the first two claims of different sides differ by.
    pub difference: Option<Deviation>,
    /// What lies on the ground: units' seats, names, signs, facilities, structures, markers.
    pub inside: Vec<Inside<'a>>,
    /// The last step and its day.
    pub last: (Option<Step>, Option<Day>),
    /// Days since the dispute began.
    pub days: Option<i32>,
    /// Steps that may follow.
    pub next: &'static [Step],
    /// With whom its result is filed.
    pub filing: Text,
}

/// Collections whose records are looked for on the ground.
const ON_GROUND: [Collection; 8] = [
    Collection::Divisions,
    Collection::Names,
    Collection::Signs,
    Collection::Services,
    Collection::Cemeteries,
    Collection::Projects,
    Collection::Structures,
    Collection::Markers,
];

/// The day from which something stands there.
pub(crate) fn began(record: &Record) -> Option<Day> {
    ["opened", "start", "set_on"]
        .into_iter()
        .find_map(|field| day(record, field))
        .or(record.valid.from)
}

/// With whom the settled line is filed (第十六条), by the level of the line and the kind of units.
fn filing(register: &Register<'_>, dispute: &Record) -> Text {
    let line = dispute
        .fields
        .text("boundary")
        .and_then(|id| register.record(Collection::Boundaries, id));
    let level = line.and_then(|line| line.fields.text("level"));
    let is_autonomous = dispute.fields.texts("parties").any(|party| {
        let unit = party.parse().ok().and_then(|code| register.unit(code));
        unit.is_some_and(|unit| unit.name.ends_with("自治州") || unit.name.ends_with("自治县"))
    });
    let (zh, en) = match (level, is_autonomous) {
        (Some("province"), _) => ("报国务院备案", "file with the State Council"),
        (_, true) => (
            "逐级上报国务院备案",
            "file step by step with the State Council",
        ),
        (Some("township" | "village"), _) => ("报省级人民政府备案", "file with the province"),
        _ => ("报民政部备案", "file with the Ministry of Civil Affairs"),
    };
    Text::new(zh, en)
}

/// All that is known of a dispute on a day.
///
/// # Errors
/// [`DeskError::Unknown`].
pub fn dossier<'a>(register: &Register<'a>, id: &str) -> Result<Dossier<'a>, DeskError> {
    let dispute = record(register, Collection::Disputes, id)?;
    let parties: Vec<DivisionCode> = dispute
        .fields
        .texts("parties")
        .filter_map(|party| party.parse().ok())
        .collect();
    let mut claims: Vec<ClaimSide<'a>> = register
        .live(Collection::Claims)
        .filter(|claim| claim.fields.text("dispute") == Some(id))
        .map(|claim| ClaimSide {
            claim,
            claimant: code(claim, "claimant"),
            colour: "",
            evidence: claim.fields.objects("evidence").map(paper).collect(),
        })
        .collect();
    let rank = |side: &ClaimSide<'_>| parties.iter().position(|one| Some(*one) == side.claimant);
    claims.sort_by_key(|side| (rank(side).unwrap_or(usize::MAX), side.claim.id.clone()));
    for side in &mut claims {
        side.colour = if rank(side) == Some(0) { "red" } else { "blue" };
    }
    let lines: Vec<&ClaimSide<'_>> = claims
        .iter()
        .filter(|side| !parts(side.claim).is_empty())
        .collect();
    let difference = lines.first().and_then(|one| {
        let other = lines.iter().find(|other| other.claimant != one.claimant)?;
        Some(deviation(&parts(one.claim), &parts(other.claim)))
    });
    let since = day(dispute, "since");
    Ok(Dossier {
        dispute,
        parties: parties.iter().map(|party| register.label(*party)).collect(),
        area_m2: polygons(dispute)
            .map(|shape| zhifang_topology::area_m2(&geo::MultiPolygon(shape.to_vec()))),
        claims,
        difference,
        inside: inside(register, dispute, since),
        last: last_step(dispute),
        days: since
            .zip(register.day())
            .map(|(since, today)| today.number() - since.number()),
        next: next_steps(dispute),
        filing: filing(register, dispute),
    })
}

fn paper(paper: &Map<String, Value>) -> (Option<EvidenceKind>, &str, Option<Day>) {
    let text = |name: &str| paper.get(name).and_then(Value::as_str);
    (
        text("kind").and_then(EvidenceKind::of),
        text("document").unwrap_or_default(),
        text("date").and_then(|date| date.parse().ok()),
    )
}

/// Where a record meets the disputed ground: its place, else a vertex of its shape.
pub(crate) fn place_inside(dispute: &Record, record: &Record) -> Option<LonLat> {
    let is_in = |place: &LonLat| holds(dispute, Coord::from(*place));
    let seat = if record.collection == Collection::Divisions {
        return record.position("seat").filter(is_in);
    } else {
        stand(record).filter(is_in)
    };
    seat.or_else(|| {
        let mut found = None;
        zhifang_core::geometry::for_each_coord(record.geometry.as_deref()?, &mut |c| {
            let place = LonLat::from(c);
            if found.is_none() && is_in(&place) {
                found = Some(place);
            }
        });
        found
    })
}

fn inside<'a>(register: &Register<'a>, dispute: &Record, since: Option<Day>) -> Vec<Inside<'a>> {
    let Some(box_) = dispute.bbox() else {
        return Vec::new();
    };
    let is_near = |record: &Record| {
        let seat = record.position("seat");
        let near = |b: zhifang_core::Bbox| {
            b.west <= box_.east
                && b.east >= box_.west
                && b.south <= box_.north
                && b.north >= box_.south
        };
        seat.is_some() || record.bbox().is_some_and(near)
    };
    ON_GROUND
        .into_iter()
        .flat_map(|collection| register.live(collection))
        .filter(|record| is_near(record))
        .filter_map(|record| {
            let place = place_inside(dispute, record)?;
            let from = began(record);
            Some(Inside {
                record,
                place,
                from,
                is_new: from.zip(since).map(|(from, since)| from >= since),
            })
        })
        .collect()
}

impl Dossier<'_> {
    /// As JSON.
    pub fn to_json(&self) -> Value {
        let claims = self.claims.iter().map(|side| {
            let papers = side.evidence.iter().map(|(kind, document, date)| {
                json!({
                    "kind": kind.map(EvidenceKind::as_str),
                    "article": kind.map(EvidenceKind::article),
                    "document": document,
                    "date": date.map(|date| date.to_string()),
                })
            });
            json!({
                "id": &*side.claim.id,
                "claimant": side.claimant.map(|unit| unit.to_string()),
                "colour": side.colour,
                "evidence": papers.collect::<Vec<_>>(),
            })
        });
        let inside = self.inside.iter().map(|one| {
            json!({
                "collection": one.record.collection.as_str(),
                "id": &*one.record.id,
                "name": &*one.record.name,
                "place": [one.place.lon, one.place.lat],
                "from": one.from.map(|from| from.to_string()),
                "after_the_dispute": one.is_new,
            })
        });
        let difference = self.difference.as_ref().map(|found| {
            json!({
                "max_m": rounded(found.max_m),
                "mean_m": rounded(found.mean_m),
                "p95_m": rounded(found.p95_m),
                "left_m2": rounded(found.left_m2),
                "right_m2": rounded(found.right_m2),
            })
        });
        let log: Vec<&Map<String, Value>> = self.dispute.fields.objects("log").collect();
        json!({
            "dispute": RecordKey::new(Collection::Disputes, &self.dispute.id).to_string(),
            "name": &*self.dispute.name,
            "parties": self.parties,
            "boundary": self.dispute.fields.text("boundary"),
            "state": self.dispute.fields.text("dispute_state"),
            "open": is_open(self.dispute),
            "days": self.days,
            "area_m2": self.area_m2.map(rounded),
            "claims": claims.collect::<Vec<_>>(),
            "difference": difference,
            "inside": inside.collect::<Vec<_>>(),
            "log": log,
            "next": self.next.iter().map(|step| step.as_str()).collect::<Vec<_>>(),
            "filing": self.filing.zh,
            "filing_en": self.filing.en,
        })
    }

    /// Plain text for a terminal.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_text(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        let name = &self.dispute.name;
        writeln!(out, "{} {name}", self.dispute.id)?;
        writeln!(
            out,
            "  {} {}",
            lang.pick("当事方", "parties"),
            self.parties.join(lang.pick("、", ", "))
        )?;
        if let Some(square_metres) = self.area_m2 {
            let words = area(square_metres);
            writeln!(
                out,
                "  {} {} ({square_metres:.0} m²)",
                lang.pick("争议面积", "disputed ground"),
                words.pick(lang)
            )?;
        }
        if let Some(days) = self.days {
            let words = lang.pick("争议发生至今（天）", "days since it began");
            writeln!(out, "  {words} {days}")?;
        }
        self.write_claims(out, lang)?;
        self.write_ground(out, lang)?;
        self.write_steps(out, lang)
    }

    fn write_claims(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        for side in &self.claims {
            let colour = match side.colour {
                "red" => lang.pick("红线", "red"),
                _ => lang.pick("蓝线", "blue"),
            };
            writeln!(
                out,
                "\n{} {} {} ({colour})",
                lang.pick("主张", "claim"),
                side.claim.id,
                side.claim.name
            )?;
            for (kind, document, date) in &side.evidence {
                let kind = match kind {
                    Some(kind) => format!(
                        "{} · {}",
                        match (lang, kind.article()) {
                            (Lang::Zh, 7) => "依据（第七条）".to_owned(),
                            (Lang::Zh, article) =>
                                format!("参考（第{article}条）").replace('8', "八"),
                            (Lang::En, 7) => "basis (art. 7)".to_owned(),
                            (Lang::En, article) => format!("reference (art. {article})"),
                        },
                        kind.title(lang)
                    ),
                    None => lang
                        .pick("不能作为依据（第九条）", "does not count (art. 9)")
                        .to_owned(),
                };
                let date = date.map_or_else(String::new, |date| date.to_string());
                writeln!(out, "  {kind} · {document} {date}")?;
            }
        }
        if let Some(found) = &self.difference {
            writeln!(
                out,
                "\n{} {}，{} {}，95 % {}；{} {} / {}",
                lang.pick("两线最大相差", "the claims differ by up to"),
                metres(found.max_m).pick(lang),
                lang.pick("平均", "mean"),
                metres(found.mean_m).pick(lang),
                metres(found.p95_m).pick(lang),
                lang.pick("各侧面积", "ground each way"),
                area(found.left_m2).pick(lang),
                area(found.right_m2).pick(lang)
            )?;
        }
        Ok(())
    }

    fn write_ground(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        writeln!(
            out,
            "\n{} {}",
            lang.pick("争议地段内", "on the disputed ground:"),
            self.inside.len()
        )?;
        for one in &self.inside {
            let note = match one.is_new {
                Some(true) => lang.pick(
                    "争议后设立，第十条禁止",
                    "after the dispute began: forbidden (art. 10)",
                ),
                Some(false) => lang.pick("早于争议", "older than the dispute"),
                None => lang.pick("设立日期不详", "its day is not known"),
            };
            writeln!(
                out,
                "  {} {} {} · {note}",
                one.record.collection.title(lang),
                one.record.id,
                one.record.name
            )?;
        }
        if is_open(self.dispute) {
            writeln!(
                out,
                "  {}",
                lang.pick(
                    "解决前任何一方不得迁居、设置政权机构、破坏自然资源（第十条）",
                    "until it is settled nobody may move people in, set up offices or harm resources there (art. 10)"
                )
            )?;
        }
        Ok(())
    }

    fn write_steps(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        writeln!(out, "\n{}", lang.pick("经过", "steps"))?;
        for step in self.dispute.fields.objects("log") {
            let text = |name: &str| step.get(name).and_then(Value::as_str).unwrap_or_default();
            let word = text("step");
            let title = word.parse::<Step>().map_or(word, |step| step.title(lang));
            let said = [text("document"), text("note")];
            let said: Vec<&str> = said.into_iter().filter(|text| !text.is_empty()).collect();
            writeln!(out, "  {} {title} {}", text("date"), said.join(" · "))?;
        }
        let next: Vec<&str> = self.next.iter().map(|step| step.as_str()).collect();
        if next.is_empty() {
            return Ok(());
        }
        let words = lang.pick("可办理", "may follow");
        writeln!(
            out,
            "  {words}: {}；{}",
            next.join(", "),
            self.filing.pick(lang)
        )
    }
}
