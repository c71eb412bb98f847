//! The fifteen collections, their natural keys and fields: one table from which validation,
//! import, queryables, exports and documents follow.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::lang::Lang;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// A day, YYYY-MM-DD.
    Day,
    /// An instant, RFC 3339.
    Time,
    /// A division code (6, 9 or 12 digits).
    Code,
    /// A list of division codes.
    CodeList,
    /// A list of texts.
    TextList,
    /// A list of objects.
    ObjectList,
    /// An object.
    Object,
    /// A position: GeoJSON Point, or `[lon, lat]` on input.
    Position,
}

/// A field of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Name in files, over HTTP and in filters.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Title in Chinese.
    pub zh: &'static str,
    /// Title in English.
    pub en: &'static str,
    /// Whether only signed-in readers see it.
    pub restricted: bool,
}

/// Which geometries a collection takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeometryClass {
    /// Polygon or multipolygon, or none.
    Polygon,
    /// Line or multiline.
    Line,
    /// Point.
    Point,
    /// Line or polygon.
    LineOrPolygon,
    /// Point or polygon.
    PointOrPolygon,
    /// Anything, or none.
    Any,
}

/// A collection of records (数据集).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Collection {
    /// 行政区划.
    Divisions,
    /// 标准地名.
    Names,
    /// 地名标志.
    Signs,
    /// 界线.
    Boundaries,
    /// 界桩.
    Markers,
    /// 各方主张.
    Claims,
    /// 跨界设施.
    Structures,
    /// 检查结果.
    Findings,
    /// 争议.
    Disputes,
    /// 联检任务.
    Inspections,
    /// 巡查记录.
    Observations,
    /// 服务站点.
    Services,
    /// 公墓.
    Cemeteries,
    /// 建设项目.
    Projects,
    /// 道路.
    Roads,
}

/// A word that names no collection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "collection `{text}`: wanted one of divisions, names, signs, boundaries, markers, claims, structures, findings, disputes, inspections, observations, services, cemeteries, projects, roads"
)]
pub struct CollectionError {
    /// The word as given.
    pub text: String,
}

impl Collection {
    /// Every collection, in the order of the contract.
    pub const ALL: [Self; 15] = [
        Self::Divisions,
        Self::Names,
        Self::Signs,
        Self::Boundaries,
        Self::Markers,
        Self::Claims,
        Self::Structures,
        Self::Findings,
        Self::Disputes,
        Self::Inspections,
        Self::Observations,
        Self::Services,
        Self::Cemeteries,
        Self::Projects,
        Self::Roads,
    ];

    /// Word used in commands, files and paths.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Divisions => "divisions",
            Self::Names => "names",
            Self::Signs => "signs",
            Self::Boundaries => "boundaries",
            Self::Markers => "markers",
            Self::Claims => "claims",
            Self::Structures => "structures",
            Self::Findings => "findings",
            Self::Disputes => "disputes",
            Self::Inspections => "inspections",
            Self::Observations => "observations",
            Self::Services => "services",
            Self::Cemeteries => "cemeteries",
            Self::Projects => "projects",
            Self::Roads => "roads",
        }
    }

    /// Title for people.
    pub fn title(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::Divisions => ("行政区划", "Administrative divisions"),
            Self::Names => ("标准地名", "Standard place names"),
            Self::Signs => ("地名标志", "Place-name signs"),
            Self::Boundaries => ("界线", "Boundary lines"),
            Self::Markers => ("界桩", "Boundary markers"),
            Self::Claims => ("各方主张", "Claims"),
            Self::Structures => ("跨界设施", "Cross-boundary structures"),
            Self::Findings => ("检查结果", "Findings"),
            Self::Disputes => ("争议", "Disputes"),
            Self::Inspections => ("联检任务", "Joint inspections"),
            Self::Observations => ("巡查记录", "Observations"),
            Self::Services => ("服务站点", "Service points"),
            Self::Cemeteries => ("公墓", "Cemeteries"),
            Self::Projects => ("建设项目", "Projects"),
            Self::Roads => ("道路", "Roads"),
        };
        lang.pick(zh, en)
    }

    /// Whether anyone may read its published records.
    pub const fn is_public(self) -> bool {
        !matches!(
            self,
            Self::Claims | Self::Findings | Self::Disputes | Self::Inspections | Self::Observations
        )
    }

    /// The field that tells a record from its sisters where no `id` is given.
    pub const fn natural_key(self) -> &'static str {
        match self {
            Self::Divisions => "code",
            Self::Markers => "number",
            Self::Observations => "uuid",
            Self::Projects => "no",
            _ => "id",
        }
    }

    /// Which geometries it takes.
    pub const fn geometry(self) -> GeometryClass {
        match self {
            Self::Divisions | Self::Disputes => GeometryClass::Polygon,
            Self::Names | Self::Structures | Self::Projects | Self::Findings => GeometryClass::Any,
            Self::Signs | Self::Markers | Self::Observations | Self::Services => {
                GeometryClass::Point
            }
            Self::Boundaries | Self::Inspections | Self::Roads => GeometryClass::Line,
            Self::Claims => GeometryClass::LineOrPolygon,
            Self::Cemeteries => GeometryClass::PointOrPolygon,
        }
    }

    /// Its fields beyond the common ones, in the order in which they are written.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Divisions => DIVISIONS,
            Self::Names => NAMES,
            Self::Signs => SIGNS,
            Self::Boundaries => BOUNDARIES,
            Self::Markers => MARKERS,
            Self::Claims => CLAIMS,
            Self::Structures => STRUCTURES,
            Self::Findings => FINDINGS,
            Self::Disputes => DISPUTES,
            Self::Inspections => INSPECTIONS,
            Self::Observations => OBSERVATIONS,
            Self::Services => SERVICES,
            Self::Cemeteries => CEMETERIES,
            Self::Projects => PROJECTS,
            Self::Roads => ROADS,
        }
    }

    /// The field of this name, common ones included.
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields()
            .iter()
            .chain(COMMON)
            .find(|field| field.name == name)
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Collection {
    type Err = CollectionError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|collection| collection.as_str() == text)
            .ok_or_else(|| CollectionError {
                text: text.to_owned(),
            })
    }
}

/// The field name of the tables below that equals `name`, so that records need not own it.
pub(crate) fn static_field_name(name: &str) -> Option<&'static str> {
    if name == "extra" {
        return Some("extra");
    }
    Collection::ALL
        .iter()
        .flat_map(|collection| collection.fields())
        .chain(COMMON)
        .find(|field| field.name == name)
        .map(|field| field.name)
}

const fn field(name: &'static str, kind: FieldKind, zh: &'static str, en: &'static str) -> Field {
    Field {
        name,
        kind,
        zh,
        en,
        restricted: false,
    }
}

const fn restricted(
    name: &'static str,
    kind: FieldKind,
    zh: &'static str,
    en: &'static str,
) -> Field {
    Field {
        name,
        kind,
        zh,
        en,
        restricted: true,
    }
}

use FieldKind::{
    Choice, Code, CodeList, Day, Flag, Integer, Number, Object, ObjectList, Position, Text,
    TextList, Time,
};

/// States of a record: `draft`, `published`, `retired`.
pub const STATUS_WORDS: &[&str] = &["draft", "published", "retired"];
/// Words of `level` for divisions.
pub const LEVEL_WORDS: &[&str] = &[
    "country",
    "province",
    "prefecture",
    "county",
    "township",
    "village",
];
/// Kinds of service points (服务站点类型).
pub const SERVICE_KINDS: &[&str] = &[
    "assistance_station",
    "assistance_point",
    "social_work_station",
    "social_work_point",
    "elderly_home",
    "day_care",
    "home_care_center",
    "child_protection_station",
    "disability_care_station",
    "volunteer_station",
    "shelter",
    "community_center",
    "hotline",
    "funeral_home",
];
/// Kinds of cemeteries (公墓类型).
pub const CEMETERY_KINDS: &[&str] = &[
    "public_benefit",
    "commercial",
    "columbarium",
    "ecological",
    "martyrs",
    "historic",
];
/// States of a marker (界桩状态).
pub const MARKER_STATES: &[&str] = &["good", "tilted", "damaged", "buried", "moved", "missing"];

/// Fields that every record has.
pub const COMMON: &[Field] = &[
    field("id", Text, "标识", "Identifier"),
    field("name", Text, "名称", "Name"),
    field("division", Code, "所属区划", "Division"),
    field("status", Choice(STATUS_WORDS), "状态", "Status"),
    field("valid_from", Day, "生效日期", "Valid from"),
    field("valid_to", Day, "失效日期", "Valid to"),
    field("version", Integer, "版本", "Version"),
    field("updated_at", Time, "更新时间", "Updated at"),
    field("updated_by", Text, "更新人", "Updated by"),
    field("source", Text, "来源", "Source"),
];

const DIVISIONS: &[Field] = &[
    field("code", Code, "区划代码", "Code"),
    field("level", Choice(LEVEL_WORDS), "级别", "Level"),
    field("kind", Text, "类别", "Kind"),
    field("parent", Code, "上级区划", "Parent"),
    field("pinyin", Text, "罗马字母拼写", "Roman spelling"),
    field("short_names", TextList, "简称", "Short names"),
    field("former_names", ObjectList, "曾用名", "Former names"),
    field("seat", Position, "驻地", "Seat"),
    field("area_km2", Number, "面积（平方公里）", "Area, km²"),
    field("population", Integer, "人口", "Population"),
    field(
        "population_60",
        Integer,
        "60岁以上人口",
        "Population of 60 and over",
    ),
    field("households", Integer, "户数", "Households"),
    field("replaces", TextList, "前身", "Replaces"),
    field("replaced_by", TextList, "后继", "Replaced by"),
    field(
        "geometry_state",
        Choice(&["given", "lines"]),
        "几何来源",
        "Origin of the geometry",
    ),
];

const NAMES: &[Field] = &[
    field("pinyin", Text, "罗马字母拼写", "Roman spelling"),
    field(
        "category",
        Integer,
        "地名类别（1-8）",
        "Statutory category, 1-8",
    ),
    field(
        "class_code",
        Text,
        "分类代码（GB/T 18521）",
        "Class code, GB/T 18521",
    ),
    field("generic", Text, "通名", "Generic term"),
    field("specific", Text, "专名", "Specific term"),
    field("meaning", Text, "含义", "Meaning"),
    field("origin", Text, "来历", "Origin"),
    field("aliases", ObjectList, "别名", "Aliases"),
    field("population", Integer, "人口", "Population"),
    field(
        "population_60",
        Integer,
        "60岁以上人口",
        "Population of 60 and over",
    ),
    field(
        "name_status",
        Choice(&[
            "applied",
            "in_review",
            "approved",
            "published",
            "retired",
            "rejected",
        ]),
        "地名状态",
        "Naming status",
    ),
    field("heritage", Object, "地名文化遗产", "Heritage"),
    field("announcement", Object, "公告", "Announcement"),
    field("sign_ids", TextList, "标志", "Signs"),
    field("published_on", Day, "公布日期", "Published on"),
    field("document", Text, "文号", "Document"),
];

const SIGNS: &[Field] = &[
    field("name_id", Text, "地名标识", "Name"),
    field("kind", Text, "标志类型", "Kind"),
    field("text", Text, "标志文字", "Text"),
    field("pinyin", Text, "标志拼写", "Spelling on the sign"),
    field(
        "state",
        Choice(&["good", "damaged", "faulty", "missing"]),
        "完好状态",
        "State",
    ),
    field("set_on", Day, "设置日期", "Set on"),
    field("material", Text, "材质", "Material"),
    field("keeper", Text, "管理单位", "Keeper"),
];

const BOUNDARIES: &[Field] = &[
    field("level", Choice(LEVEL_WORDS), "界线级别", "Level"),
    field("left", Code, "左侧区划", "Left unit"),
    field("right", Code, "右侧区划", "Right unit"),
    field(
        "line_status",
        Choice(&[
            "agreed",
            "surveyed",
            "decided",
            "provisional",
            "management",
            "given",
        ]),
        "界线状态",
        "Line status",
    ),
    field("agreement", Object, "协议书", "Agreement"),
    field("basis", Text, "划界依据", "Basis"),
    field("follows_feature", Object, "依附地物", "Feature followed"),
    field(
        "length_agreed_m",
        Number,
        "协议长度（米）",
        "Agreed length, m",
    ),
    field("inspected_on", Day, "上次联检", "Last inspected"),
    restricted("course", Text, "界线走向说明", "Course description"),
];

const MARKERS: &[Field] = &[
    field("number", Text, "界桩号", "Number"),
    field("boundary", Text, "所在界线", "Boundary"),
    field("sides", CodeList, "毗邻区划", "Sides"),
    field("serial", Integer, "序号", "Serial"),
    field(
        "type",
        Choice(&["Q", "A", "B", "C", "D", "E"]),
        "类型码",
        "Type",
    ),
    field("faces", Integer, "面数", "Faces"),
    field("material", Text, "材质", "Material"),
    field("state", Choice(MARKER_STATES), "状态", "State"),
    field("keeper", Code, "管理方", "Keeper"),
    restricted("references", ObjectList, "方位物", "Reference objects"),
    restricted("surveys", ObjectList, "测量记录", "Surveys"),
    field("set_on", Day, "埋设日期", "Set on"),
    field("last_inspected", Day, "上次联检", "Last inspected"),
];

const CLAIMS: &[Field] = &[
    field("dispute", Text, "争议", "Dispute"),
    field("boundary", Text, "界线", "Boundary"),
    field("claimant", Code, "主张方", "Claimant"),
    field("evidence", ObjectList, "依据", "Evidence"),
];

const STRUCTURES: &[Field] = &[
    field("kind", Text, "设施类型", "Kind"),
    field("boundary", Text, "界线", "Boundary"),
    field("owner", Text, "权属单位", "Owner"),
    field("consents", ObjectList, "双方同意", "Consents"),
    field("filed_on", Day, "备案日期", "Filed on"),
];

const FINDINGS: &[Field] = &[
    field("rule", Text, "规则", "Rule"),
    field(
        "severity",
        Choice(&["error", "warning", "info"]),
        "严重程度",
        "Severity",
    ),
    field("message", Text, "说明", "Message"),
    field("message_en", Text, "英文说明", "Message in English"),
    field("subjects", TextList, "对象", "Subjects"),
    field(
        "finding_state",
        Choice(&["open", "confirmed", "accepted", "repaired", "gone", "back"]),
        "处理状态",
        "State",
    ),
    field("size", Number, "大小", "Size"),
    field("size_unit", Text, "单位", "Unit of size"),
    field("tolerance_m", Number, "容差（米）", "Tolerance, m"),
    field("basis", Text, "依据", "Basis"),
    field("reason", Text, "接受理由", "Why it may stay"),
    field("until", Day, "接受至", "Accepted until"),
    field("log", ObjectList, "经过", "Log of steps"),
];

const DISPUTES: &[Field] = &[
    field("boundary", Text, "界线", "Boundary"),
    field("parties", CodeList, "当事方", "Parties"),
    field(
        "kind",
        Choice(&["forest", "land", "mine", "water", "works"]),
        "争议类型",
        "Kind",
    ),
    field(
        "dispute_state",
        Choice(&[
            "reported",
            "open",
            "consulting",
            "mediated",
            "decided",
            "closed",
        ]),
        "争议状态",
        "State",
    ),
    field("log", ObjectList, "处理记录", "Log"),
    field("since", Day, "发生日期", "Since"),
];

const INSPECTIONS: &[Field] = &[
    field("round", Integer, "轮次（年份）", "Round, year"),
    field("boundary", Text, "界线", "Boundary"),
    field("lead", Code, "牵头方", "Lead"),
    field("other", Code, "配合方", "Other side"),
    field(
        "state",
        Choice(&["planned", "open", "closed", "filed"]),
        "状态",
        "State",
    ),
    field("due", Day, "期限", "Due"),
    field("crews", ObjectList, "巡查组", "Crews"),
    field("report", Object, "报告", "Report"),
];

const OBSERVATIONS: &[Field] = &[
    field("uuid", Text, "唯一标识", "UUID"),
    field("inspection", Text, "联检任务", "Inspection"),
    field("marker", Text, "界桩", "Marker"),
    field("state", Choice(MARKER_STATES), "状态", "State"),
    field("observed_at", Time, "观测时间", "Observed at"),
    field("observer", Text, "观测人", "Observer"),
    field("side", Code, "代表方", "Side"),
    field("accuracy_m", Number, "精度（米）", "Accuracy, m"),
    field("photos", ObjectList, "照片", "Photos"),
    field("note", Text, "备注", "Note"),
    field("marker_version", Integer, "界桩版本", "Marker version"),
    field("conflict", TextList, "冲突", "In conflict with"),
    field("device", Text, "设备", "Device"),
];

const SERVICES: &[Field] = &[
    field("kind", Choice(SERVICE_KINDS), "类型", "Kind"),
    field("address", Text, "地址", "Address"),
    field("phone", Text, "电话", "Phone"),
    field("hours", Text, "开放时间", "Hours"),
    field("beds", Integer, "床位", "Beds"),
    field("nursing_beds", Integer, "护理型床位", "Nursing beds"),
    field("capacity", Integer, "容量", "Capacity"),
    field("staff", Integer, "人员", "Staff"),
    field(
        "floor_area_m2",
        Number,
        "建筑面积（平方米）",
        "Floor area, m²",
    ),
    field(
        "operator",
        Choice(&["public", "private", "contracted"]),
        "运营方式",
        "Operator",
    ),
    field("comprehensive", Flag, "综合功能", "Comprehensive"),
    field("accessible", Flag, "无障碍", "Accessible"),
    field("host", Text, "所在设施", "Host facility"),
    field("serves", CodeList, "服务范围", "Serves"),
    field("entrance", Position, "入口", "Entrance"),
    field("opened", Day, "开办日期", "Opened"),
    field("closed", Day, "停办日期", "Closed"),
];

const CEMETERIES: &[Field] = &[
    field("kind", Choice(CEMETERY_KINDS), "类型", "Kind"),
    field(
        "level",
        Choice(&["county", "township", "village"]),
        "级别",
        "Level",
    ),
    field("area_m2", Number, "面积（平方米）", "Area, m²"),
    field("plots_planned", Integer, "规划穴位", "Plots planned"),
    field("plots_used", Integer, "已用穴位", "Plots used"),
    field(
        "plot_area_m2",
        Number,
        "单穴面积（平方米）",
        "Area of a plot, m²",
    ),
    field("annual_use", Number, "年用量", "Used a year"),
    field("burial_types", ObjectList, "葬式", "Burial types"),
    field("serves", CodeList, "服务范围", "Serves"),
    field("address", Text, "地址", "Address"),
    field("phone", Text, "电话", "Phone"),
    field("hours", Text, "开放时间", "Hours"),
    field("opened", Day, "启用日期", "Opened"),
    field("closed", Day, "停用日期", "Closed"),
];

const PROJECTS: &[Field] = &[
    field("no", Text, "序号", "Number"),
    field("category", Text, "类别", "Category"),
    field("place", Text, "建设地点", "Place"),
    field(
        "investment",
        Number,
        "总投资（万元）",
        "Investment, 10,000 yuan",
    ),
    field("start", Integer, "起始年", "First year"),
    field("end", Integer, "结束年", "Last year"),
    field("content", Text, "建设内容", "Content"),
    field("progress", Text, "进展", "Progress"),
    field("indicator", Text, "对应指标", "Indicator"),
    field("lead", Text, "责任单位", "Lead"),
];

const ROADS: &[Field] = &[
    field("class", Text, "等级", "Class"),
    field("oneway", Flag, "单行", "One way"),
    field("speed_kmh", Number, "车速（公里/小时）", "Speed, km/h"),
    field("walk", Flag, "可步行", "Walkable"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_collection_reads_back_and_has_its_key() {
        for collection in Collection::ALL {
            assert_eq!(
                collection.as_str().parse::<Collection>().unwrap(),
                collection
            );
            assert!(collection.field(collection.natural_key()).is_some());
        }
    }
}
