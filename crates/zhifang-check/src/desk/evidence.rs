//! What counts as evidence: five kinds of document that are the basis of a decision, four that
//! are for reference (行政区域边界争议处理条例第七至九条).

use serde_json::{Value, json};
use zhifang_core::{Day, Lang, Record};

use super::DeskError;

/// A kind of evidence that the law names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceKind {
    /// 国务院批准的行政区划文件和边界线地图.
    StateCouncilDocument,
    /// 省级人民政府批准的不涉及毗邻省的行政区划文件和边界线地图.
    ProvincialDocument,
    /// 争议双方的上级人民政府解决边界争议的文件和所附地图.
    SettlementDocument,
    /// 争议双方解决边界争议的协议和所附地图.
    BilateralAgreement,
    /// 发生边界争议之前，经双方人民政府核定一致的边界线文件或盖章的地图.
    EarlierLineDocument,
    /// 有关自然资源权属证书.
    ResourceTitle,
    /// 有关人民政府在争议地区行使行政管辖的文件、材料.
    AdministrationEvidence,
    /// 有关人民政府开发争议地区自然资源的决定或者协议.
    DevelopmentDecision,
    /// 根据有关政策的规定，确定土地权属的材料.
    LandTitleMaterial,
}

impl EvidenceKind {
    /// Every kind: the five, then the four.
    pub const ALL: [Self; 9] = [
        Self::StateCouncilDocument,
        Self::ProvincialDocument,
        Self::SettlementDocument,
        Self::BilateralAgreement,
        Self::EarlierLineDocument,
        Self::ResourceTitle,
        Self::AdministrationEvidence,
        Self::DevelopmentDecision,
        Self::LandTitleMaterial,
    ];

    /// Word in files and over HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StateCouncilDocument => "state_council_document",
            Self::ProvincialDocument => "provincial_document",
            Self::SettlementDocument => "settlement_document",
            Self::BilateralAgreement => "bilateral_agreement",
            Self::EarlierLineDocument => "earlier_line_document",
            Self::ResourceTitle => "resource_title",
            Self::AdministrationEvidence => "administration_evidence",
            Self::DevelopmentDecision => "development_decision",
            Self::LandTitleMaterial => "land_title_material",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// In words.
    pub fn title(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::StateCouncilDocument => {
                ("国务院批准的文件和地图", "State Council document and map")
            }
            Self::ProvincialDocument => (
                "省级人民政府批准的文件和地图",
                "provincial document and map",
            ),
            Self::SettlementDocument => {
                ("上级解决争议的文件和地图", "superior's settlement and map")
            }
            Self::BilateralAgreement => ("双方协议和地图", "agreement of both sides and map"),
            Self::EarlierLineDocument => (
                "争议前双方核定的界线文件或地图",
                "line agreed before the dispute",
            ),
            Self::ResourceTitle => ("自然资源权属证书", "title to natural resources"),
            Self::AdministrationEvidence => ("行使行政管辖的材料", "evidence of administration"),
            Self::DevelopmentDecision => {
                ("开发自然资源的决定或协议", "decision to develop resources")
            }
            Self::LandTitleMaterial => ("确定土地权属的材料", "material on land title"),
        };
        lang.pick(zh, en)
    }

    /// Article 7 (依据) or 8 (参考).
    pub const fn article(self) -> u8 {
        match self {
            Self::StateCouncilDocument
            | Self::ProvincialDocument
            | Self::SettlementDocument
            | Self::BilateralAgreement
            | Self::EarlierLineDocument => 7,
            Self::ResourceTitle
            | Self::AdministrationEvidence
            | Self::DevelopmentDecision
            | Self::LandTitleMaterial => 8,
        }
    }
}

/// A claim with one more document.
///
/// # Errors
/// [`DeskError::Kind`] for a kind that the law does not name, [`DeskError::Missing`] for a document
/// without a title.
pub fn with_evidence(
    claim: &Record,
    kind: &str,
    document: &str,
    date: Option<Day>,
) -> Result<Record, DeskError> {
    let known = EvidenceKind::of(kind).ok_or_else(|| DeskError::Kind {
        kind: kind.to_owned(),
        wanted: EvidenceKind::ALL.map(EvidenceKind::as_str).join(", "),
    })?;
    if document.trim().is_empty() {
        return Err(DeskError::Missing {
            field: "document",
            wanted: "title and number of the document",
        });
    }
    let mut record = claim.clone();
    let mut papers: Vec<Value> = record
        .fields
        .objects("evidence")
        .cloned()
        .map(Value::Object)
        .collect();
    let mut paper = json!({"kind": known.as_str(), "document": document.trim()});
    if let Some(date) = date {
        paper["date"] = json!(date.to_string());
    }
    if !papers.contains(&paper) {
        papers.push(paper);
    }
    record.fields.set("evidence", Value::Array(papers));
    Ok(record)
}
