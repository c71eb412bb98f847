//! The plan's twenty projects, placed where the plan names a town.

use geo::Point;
use serde_json::Value;

use crate::feature::Feature;
use crate::plane::moved;
use crate::source::{COUNTY, PlanRow};
use crate::township::Township;

/// Indicators of the plan that a project answers, by the project's number.
const INDICATORS: [(&str, &str); 12] = [
    ("1", "每千名老年人口拥有养老床位数"),
    ("5", "志愿服务站点在社区综合服务设施中的覆盖率"),
    ("6", "乡镇(街道)社会工作站覆盖率"),
    ("7", "乡村地名标志设置率"),
    ("8", "一刻钟居家养老服务圈"),
    ("9", "养老机构护理型床位占比"),
    ("10", "乡镇(街道)范围具备综合功能的养老服务机构覆盖率"),
    ("11", "社区日间照料机构覆盖率"),
    ("15", "未成年人保护工作站覆盖率"),
    ("17", "县级公益性安葬(放)设施覆盖率"),
    ("18", "公益性墓地(骨灰堂)覆盖乡镇和村组"),
    ("19", "重度残疾人照护服务站点"),
];

const PLAN: &str = "the city's published 14th five-year civil-affairs plan";

/// The records of `projects`.
pub(crate) fn records(rows: &[PlanRow], townships: &[Township]) -> Vec<Feature> {
    rows.iter()
        .map(|row| {
            let text = |key: &str| row.columns.get(key).cloned().unwrap_or_default();
            let whole = |key: &str| {
                row.columns
                    .get(key)
                    .and_then(|value| value.parse::<u64>().ok())
                    .map_or(Value::Null, Value::from)
            };
            let no = text("no");
            let town = townships.iter().find(|town| town.name == text("place"));
            let mut project =
                Feature::new(&no, text("name"), town.map_or(COUNTY, |town| &town.code))
                    .with("no", no.as_str())
                    .with("category", text("category"))
                    .with("place", text("place"))
                    .with("investment", whole("investment_10k_yuan"))
                    .with("start", whole("start"))
                    .with("end", whole("end"))
                    .with("content", text("content"))
                    .with("progress", text("progress"))
                    .with("lead", text("lead"));
            if let Some((_, indicator)) = INDICATORS.iter().find(|(number, _)| *number == no) {
                project.set("indicator", *indicator);
            }
            project.set("source", PLAN);
            if let Some(town) = town {
                project.set("source", format!("{PLAN}; the point is illustrative"));
                project = project.at(Point(moved(town.seat, 640.0, -380.0)));
            }
            project
        })
        .collect()
}
