//! The command line, as typed.

pub(crate) mod disputes;
pub(crate) mod markers;
pub(crate) mod names;
pub(crate) mod publish;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use zhifang_core::{
    CodePrefix, Collection, Crs, Day, DivisionCode, DivisionLevel, Role, Timestamp,
};
use zhifang_http::Network;

/// 职方 Zhifang: the register of place names and administrative boundaries, its map and its crews.
///
/// 地名与行政区域界线登记。Exit status: 0 done; 1 done with findings, rejections or no match;
/// 2 wrong usage or failure, and then nothing was written.
#[derive(Debug, Parser)]
#[command(
    name = "zhifang",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// Register: `sqlite:PATH` or `postgres://…`; made and migrated when it is not there
    #[arg(
        long,
        global = true,
        env = "ZHIFANG_STORE",
        default_value = "sqlite:zhifang.db",
        value_name = "URL",
        hide_env_values = true
    )]
    pub store: String,
    /// Settings (TOML); every flag has a key, every key an environment variable ZHIFANG_…
    #[arg(long, global = true, env = "ZHIFANG_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Form of the log on standard error
    #[arg(
        long,
        global = true,
        env = "ZHIFANG_LOG_FORMAT",
        default_value = "text",
        value_name = "FORM"
    )]
    pub log_format: LogFormat,
    /// Language of what is printed: zh or en
    #[arg(
        long,
        global = true,
        env = "ZHIFANG_LANG",
        default_value = "zh",
        value_name = "LANG"
    )]
    pub lang: zhifang_publish::Words,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// HTTP service and web map 启动服务与地图
    Serve(Serve),
    /// Bring files into the register 导入
    Import(Import),
    /// Write a collection out 导出
    Export(Export),
    /// Check the register, or compare it with a neighbour's submission 检查
    Check(Check),
    /// Boundary lines 界线
    #[command(subcommand)]
    Boundaries(Boundaries),
    /// Disputes: dossier, evidence, dated steps, the agreed line 边界争议
    #[command(subcommand)]
    Disputes(disputes::Disputes),
    /// Boundary markers: numbers along a line, sheets, lost ones set out again 界桩
    #[command(subcommand)]
    Markers(markers::Markers),
    /// Joint inspections and field packs 联合检查与外业数据包
    #[command(subcommand)]
    Inspect(Inspect),
    /// Naming desk: statutory check, applications, audit of texts, report 地名管理
    Names(names::Names),
    /// Words to places 地名查询
    Geocode(Geocode),
    /// Points to places 逆地理编码
    Reverse(Reverse),
    /// Map tiles 地图瓦片
    #[command(subcommand)]
    Tiles(Tiles),
    /// Map sheets, the gazetteer, a static site 出版
    #[command(subcommand)]
    Publish(publish::Publish),
    /// The assistance map's questions 救助地图
    #[command(subcommand)]
    Assist(Assist),
    /// The change log 变更记录
    Changes(Changes),
    /// One record's life 单条记录历史
    History {
        /// `COLLECTION/ID`, or the code of a division
        id: String,
    },
    /// Copy the register while it is in use 备份
    Backup {
        /// File to write; it must not exist
        file: PathBuf,
    },
    /// Make a register from a backup 恢复
    Restore {
        /// File written by `backup`
        file: PathBuf,
    },
    /// Check that the register is whole: log, hash chain, records 校验
    Verify,
    /// Users and their tokens 用户
    #[command(subcommand)]
    User(User),
    /// Reads or writes a file through GDAL in a process of its own
    #[command(name = "__gdal", hide = true)]
    Gdal {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen at; port 0 takes a free one
    #[arg(
        long,
        env = "ZHIFANG_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "HOST:PORT",
        value_parser = parse_listen
    )]
    pub listen: String,
    /// Fill an empty register with all shipped data: the nation to the village, Laohekou in full
    #[arg(long, env = "ZHIFANG_DEMO")]
    pub demo: bool,
    /// Path under which everything stands, e.g. /map
    #[arg(
        long,
        env = "ZHIFANG_BASE_PATH",
        default_value = "",
        value_name = "PATH"
    )]
    pub base_path: String,
    /// Map approval number (审图号) shown on the public map
    #[arg(
        long,
        env = "ZHIFANG_APPROVAL_NUMBER",
        default_value = "",
        value_name = "TEXT"
    )]
    pub approval_number: String,
    /// Whose X-Forwarded-Proto, -Host and -Prefix are believed, as 10.0.0.7 or 10.0.0.0/8
    /// (default: this machine)
    #[arg(
        long,
        env = "ZHIFANG_TRUSTED_PROXIES",
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    pub trusted_proxy: Vec<Network>,
    /// Do not believe X-Forwarded-* (no proxy stands in front)
    #[arg(
        long,
        env = "ZHIFANG_IGNORE_FORWARDED",
        conflicts_with = "trusted_proxy"
    )]
    pub ignore_forwarded: bool,
    /// Folder of rules on names in place of the shipped ones
    #[arg(long, env = "ZHIFANG_NAME_RULES", value_name = "DIR")]
    pub name_rules: Option<PathBuf>,
    /// Step to which public marker positions are rounded, degrees
    #[arg(long, env = "ZHIFANG_MARKER_STEP_DEG", default_value_t = zhifang_core::PUBLIC_MARKER_STEP_DEG, value_name = "DEGREES")]
    pub marker_step_deg: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnError {
    /// Write the good rows
    Skip,
    /// Write nothing when a row is rejected
    Stop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportStatus {
    Published,
    Draft,
}

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line, free of the others"
)]
pub(crate) struct Import {
    /// Collection, e.g. divisions
    pub collection: Collection,
    /// Files: GeoJSON, GeoJSONSeq, CSV, XLSX, FlatGeobuf, Shapefile, GeoPackage, KML, DXF, FileGDB
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Coordinate system of the files: EPSG:n, gcj02, bd09, xian80:ZONE, beijing54:ZONE
    #[arg(long, value_name = "CRS")]
    pub source_crs: Option<Crs>,
    /// Take a column as a field
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    pub maps: Vec<String>,
    /// Layer of a file that has several
    #[arg(long, value_name = "NAME")]
    pub layer: Option<String>,
    /// Report only, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// What a rejected row means for the others
    #[arg(long, default_value = "skip", value_name = "WHAT")]
    pub on_error: OnError,
    /// The files are complete: retire what they no longer hold, of their levels and inside --within
    #[arg(long)]
    pub complete: bool,
    /// The unit for which the files are complete
    #[arg(long, value_name = "CODE")]
    pub within: Option<CodePrefix>,
    /// Take coordinates that look shifted as they are
    #[arg(long)]
    pub accept_shift: bool,
    /// Keep differing polygons of units with shared lines as claims
    #[arg(long)]
    pub as_claim: bool,
    /// Standing of new records (default: published); given, `published` also publishes drafts
    #[arg(long, value_name = "STATUS")]
    pub status: Option<ImportStatus>,
    /// Form of the report on standard output
    #[arg(long, default_value = "text", value_name = "FORM")]
    pub report: ReportFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Collection, e.g. names
    pub collection: Collection,
    /// geojson, geojsonseq, csv, gpkg, shp, kml, fgb or xlsx
    #[arg(long, default_value = "geojson", value_name = "FORMAT")]
    pub format: String,
    /// The unit and everything below it
    #[arg(long, value_name = "CODE")]
    pub within: Option<CodePrefix>,
    /// Records that meet the box
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
    pub bbox: Option<String>,
    /// What was valid on the day, as known now
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Day>,
    /// What the register said at the instant (RFC 3339, or a day)
    #[arg(long, value_name = "TIME", value_parser = parse_instant)]
    pub known_at: Option<Timestamp>,
    /// Drafts and retired records too
    #[arg(long)]
    pub all: bool,
    /// Coordinate system of the output
    #[arg(long, value_name = "CRS")]
    pub crs: Option<Crs>,
    /// CQL2 text filter
    #[arg(long, value_name = "CQL2")]
    pub filter: Option<String>,
    /// File to write; standard output when absent
    #[arg(short = 'o', long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    Text,
    Json,
    Geojson,
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Error,
    Warning,
}

/// What is done about one finding.
#[derive(Debug, Subcommand)]
pub(crate) enum CheckAction {
    /// Say that a finding is so 确认
    Confirm {
        /// Its id
        finding: String,
        /// A remark
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Let a finding stay, for a reason and perhaps for a time 接受
    Accept {
        /// Its id
        finding: String,
        /// Why it may stay
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The last day on which it may
        #[arg(long, value_name = "DATE")]
        until: Option<Day>,
    },
    /// Repair a finding at the side of one unit, and change nothing else 修复
    Repair {
        /// Its id
        finding: String,
        /// The unit that changes
        #[arg(long, value_name = "CODE")]
        side: DivisionCode,
        /// Say what would change, write nothing
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Check {
    #[command(subcommand)]
    pub action: Option<CheckAction>,
    /// The unit to check, and everything below it
    #[arg(long, value_name = "CODE")]
    pub within: Option<CodePrefix>,
    /// Only these rules
    #[arg(long, value_name = "RULE,…", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Compare with a neighbour's submission
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
    /// Coordinate system of the submission
    #[arg(long, value_name = "CRS")]
    pub source_crs: Option<Crs>,
    /// Form of the findings on standard output
    #[arg(long, default_value = "text", value_name = "FORM")]
    pub format: CheckFormat,
    /// Exit 1 from this severity on (default: error)
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Keep what is found in the collection `findings`, with what was decided about it before
    #[arg(long, conflicts_with = "against")]
    pub save: bool,
    /// Print the rules with severity, tolerance and source
    #[arg(long)]
    pub list: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Boundaries {
    /// Turn given polygons into shared lines 由面生成公共界线
    Adopt {
        /// The unit whose children become lines
        #[arg(long, value_name = "CODE")]
        within: CodePrefix,
        /// Two copies of a line that differ by no more are one, metres
        #[arg(long, default_value_t = zhifang_topology::ADOPT_TOLERANCE_M, value_name = "M")]
        tolerance: f64,
        /// Report only, write nothing
        #[arg(long)]
        dry_run: bool,
        /// Form of the report on standard output
        #[arg(long, default_value = "text", value_name = "FORM")]
        report: ReportFormat,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InspectFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InspectionReportFormat {
    Text,
    Json,
    Html,
    Geojson,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Inspect {
    /// Plan the inspections that are due, most overdue first; prints their ids 制定联检计划
    Plan {
        /// Lines that touch this unit or one below it
        #[arg(long, value_name = "CODE", required_unless_present = "boundary")]
        within: Option<CodePrefix>,
        /// Only this line, due or not
        #[arg(long, value_name = "ID")]
        boundary: Option<String>,
        /// Year of the round; this year when absent
        #[arg(long, value_name = "Y")]
        year: Option<i32>,
        /// Levels of lines; all but the management lines of villages when absent
        #[arg(long, value_name = "LEVEL,…", value_delimiter = ',')]
        level: Vec<DivisionLevel>,
        /// Print only, write nothing
        #[arg(long)]
        dry_run: bool,
        /// Form of the plan on standard output
        #[arg(long, default_value = "text", value_name = "FORM")]
        format: InspectFormat,
    },
    /// Write all that a crew needs for a line as one GeoJSON file 制作外业数据包
    Pack {
        /// Inspection
        id: String,
        /// File to write; standard output when absent
        #[arg(short = 'o', long, value_name = "FILE.geojson")]
        output: Option<PathBuf>,
    },
    /// Take in what crews bring back; the same again changes nothing 合并巡查记录
    Merge {
        /// Inspection
        id: String,
        /// GeoJSON files of observations
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Form of the report on standard output
        #[arg(long, default_value = "text", value_name = "FORM")]
        report: ReportFormat,
    },
    /// How far inspections have come, and what is to be decided 联检进度
    Status {
        /// Inspection; all when absent
        id: Option<String>,
        /// Form on standard output
        #[arg(long, default_value = "text", value_name = "FORM")]
        format: InspectFormat,
    },
    /// The joint inspection report, with room for both signatures 联检报告
    Report {
        /// Inspection
        id: String,
        /// Form of the report
        #[arg(long, default_value = "text", value_name = "FORM")]
        format: InspectionReportFormat,
        /// File to write; standard output when absent
        #[arg(short = 'o', long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Close an inspection: what both sides agreed on becomes what the register says 结束联检
    Close {
        /// Inspection
        id: String,
        /// Units that have signed the report; both are needed
        #[arg(long, value_name = "CODE,…", value_delimiter = ',')]
        signed: Vec<DivisionCode>,
        /// What the report says in a sentence
        #[arg(long, value_name = "TEXT")]
        text: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Geocode {
    /// What to look for
    #[arg(required_unless_present = "file")]
    pub text: Option<String>,
    /// A CSV file of texts
    #[arg(long, value_name = "CSV", conflicts_with = "text")]
    pub file: Option<PathBuf>,
    /// Its column that holds the text
    #[arg(long, default_value = "q", value_name = "NAME")]
    pub column: String,
    /// Results at most
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub limit: usize,
    /// Only in this unit
    #[arg(long, value_name = "CODE")]
    pub within: Option<CodePrefix>,
    /// What was valid on the day
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Day>,
    /// Say how each part matched
    #[arg(long)]
    pub explain: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Reverse {
    /// Longitude, degrees (easting first in other systems)
    #[arg(required_unless_present = "file", allow_hyphen_values = true)]
    pub lon: Option<f64>,
    /// Latitude, degrees
    #[arg(required_unless_present = "file", allow_hyphen_values = true)]
    pub lat: Option<f64>,
    /// A CSV file with columns lon, lat and perhaps crs
    #[arg(long, value_name = "CSV", conflicts_with_all = ["lon", "lat"])]
    pub file: Option<PathBuf>,
    /// Coordinate system of the point
    #[arg(long, value_name = "CRS")]
    pub crs: Option<Crs>,
    /// Names within so many metres
    #[arg(long, default_value_t = 2000.0, value_name = "M")]
    pub radius: f64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Tiles {
    /// Write a tileset as one PMTiles file 导出瓦片包
    Export {
        /// File to write
        #[arg(short = 'o', long, value_name = "FILE.pmtiles")]
        output: PathBuf,
        /// base, boundary or assistance; the public's content
        #[arg(long, default_value = "base", value_name = "T")]
        tileset: String,
        /// First zoom
        #[arg(long, default_value_t = 0, value_name = "Z")]
        minzoom: u8,
        /// Last zoom
        #[arg(long, default_value_t = 12, value_name = "Z")]
        maxzoom: u8,
        /// Only tiles that meet the box
        #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
        bbox: Option<String>,
        /// Only this layer of the tileset; may be given more than once (default: all)
        #[arg(long, value_name = "LAYER")]
        layer: Vec<String>,
    },
    /// Sizes by zoom and layer 瓦片大小统计
    Stat {
        /// base, boundary or assistance
        #[arg(long, default_value = "base", value_name = "T")]
        tileset: String,
        /// Last zoom
        #[arg(long, default_value_t = 8, value_name = "Z")]
        maxzoom: u8,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Changes {
    /// After this sequence number
    #[arg(long, default_value_t = 0, value_name = "SEQ")]
    pub since: u64,
    /// Go on with what happens next
    #[arg(long)]
    pub follow: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add a user; prints the token once 新增用户
    Add {
        /// Login name
        name: String,
        /// viewer, inspector, editor, reviewer or admin
        #[arg(long, value_name = "ROLE")]
        role: Role,
        /// The unit within which the role counts; the whole register when absent
        #[arg(long, value_name = "CODE")]
        division: Option<CodePrefix>,
    },
    /// Give a new token; the old one is refused from then on 更换令牌
    Token {
        /// Login name
        name: String,
    },
    /// Let a revoked user in again, with a new token 恢复用户
    Restore {
        /// Login name
        name: String,
    },
    /// List users 列出用户
    List,
    /// Take a user's rights away 撤销用户
    Revoke {
        /// Login name
        name: String,
    },
}

/// `HOST:PORT`, where the host is a name or an address; which one it is shows when it is bound.
fn parse_listen(text: &str) -> Result<String, String> {
    let is_well = text
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if is_well {
        Ok(text.to_owned())
    } else {
        Err("wanted HOST:PORT, as 127.0.0.1:8080, localhost:0 or [::1]:8080".to_owned())
    }
}

fn parse_instant(text: &str) -> Result<Timestamp, String> {
    text.parse::<Timestamp>().or_else(|fault| {
        text.parse::<Day>()
            .map_err(|_| fault.to_string())
            .and_then(|day| {
                format!("{}T00:00:00+08:00", day.plus_days(1))
                    .parse()
                    .map_err(|_| fault.to_string())
            })
    })
}

#[derive(Debug, Subcommand)]
pub(crate) enum Assist {
    /// The nearest services 最近的服务站点
    Nearest {
        /// Longitude
        #[arg(allow_hyphen_values = true)]
        lon: f64,
        /// Latitude
        #[arg(allow_hyphen_values = true)]
        lat: f64,
        /// Kind of service or cemetery, e.g. `day_care`
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
        /// Results at most
        #[arg(long, default_value_t = 5, value_name = "N")]
        limit: usize,
        /// Only what is open at this time (RFC 3339)
        #[arg(long, value_name = "TIME")]
        open_at: Option<Timestamp>,
        /// walk, elder, ebike, drive or line
        #[arg(long, default_value = "walk", value_name = "MODE")]
        mode: String,
    },
    /// The plan's indicators: stated, computed, still to be built 规划指标
    Coverage {
        /// The unit
        #[arg(long, value_name = "CODE")]
        within: CodePrefix,
        /// One indicator: its number, id or a part of its wording
        #[arg(long, value_name = "NO")]
        indicator: Option<String>,
        /// The day; today when absent
        #[arg(long, value_name = "DATE")]
        as_of: Option<Day>,
    },
    /// Settlements without a service within reach, most people first 服务空白
    Gaps {
        /// The unit
        #[arg(long, value_name = "CODE")]
        within: CodePrefix,
        /// Kind of service or cemetery
        #[arg(long, value_name = "KIND")]
        kind: String,
        /// Limit in minutes
        #[arg(
            long,
            value_name = "MIN",
            conflicts_with = "metres",
            required_unless_present = "metres"
        )]
        minutes: Option<f64>,
        /// Limit in metres of the way
        #[arg(long, value_name = "M")]
        metres: Option<f64>,
        /// walk, elder, ebike, drive or line
        #[arg(long, default_value = "walk", value_name = "MODE")]
        mode: String,
        /// The day; today when absent
        #[arg(long, value_name = "DATE")]
        as_of: Option<Day>,
    },
    /// What can be reached in some minutes, as a GeoJSON Feature 可达范围
    Reach {
        /// A service, cemetery, name or division to start from
        #[arg(
            value_name = "ID",
            required_unless_present = "lon",
            conflicts_with = "lon"
        )]
        id: Option<String>,
        /// Longitude of the start
        #[arg(long, allow_hyphen_values = true, requires = "lat")]
        lon: Option<f64>,
        /// Latitude of the start
        #[arg(long, allow_hyphen_values = true, requires = "lon")]
        lat: Option<f64>,
        /// How long
        #[arg(long, default_value_t = 15.0, value_name = "MIN")]
        minutes: f64,
        /// walk, elder, ebike, drive or line
        #[arg(long, default_value = "walk", value_name = "MODE")]
        mode: String,
        /// The day; today when absent
        #[arg(long, value_name = "DATE")]
        as_of: Option<Day>,
    },
    /// Where the next ones should go, with proof 选址
    Site {
        /// The unit
        #[arg(long, value_name = "CODE")]
        within: CodePrefix,
        /// Kind of service or cemetery; those that stand are kept
        #[arg(long, value_name = "KIND")]
        kind: String,
        /// How many new ones; `lscp` finds the number itself
        #[arg(long, default_value_t = 1, value_name = "N")]
        count: usize,
        /// mclp, p-median, p-center or lscp
        #[arg(long, default_value = "mclp", value_name = "MODEL")]
        model: String,
        /// Reach in metres
        #[arg(long, value_name = "M", conflicts_with = "minutes")]
        metres: Option<f64>,
        /// Reach in minutes
        #[arg(long, value_name = "MIN")]
        minutes: Option<f64>,
        /// walk, elder, ebike, drive or line
        #[arg(long, default_value = "walk", value_name = "MODE")]
        mode: String,
        /// The day; today when absent
        #[arg(long, value_name = "DATE")]
        as_of: Option<Day>,
    },
    /// How long cemeteries last, against 20 and 30 years 公墓可用年限
    Horizon {
        /// The unit
        #[arg(long, value_name = "CODE")]
        within: CodePrefix,
        /// Deaths a year per thousand people
        #[arg(long, value_name = "RATE")]
        deaths_per_thousand: Option<f64>,
        /// Cremations per hundred deaths
        #[arg(long, value_name = "PERCENT")]
        cremation_percent: Option<f64>,
        /// Share of the urns that go to public cemeteries
        #[arg(long, value_name = "PERCENT")]
        share_percent: Option<f64>,
        /// The day; today when absent
        #[arg(long, value_name = "DATE")]
        as_of: Option<Day>,
    },
}
