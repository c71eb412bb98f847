//! `zhifang names …`, as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use zhifang_core::{CodePrefix, Day};
use zhifang_names::Category;

use super::ReportFormat;

#[derive(Debug, Args)]
pub(crate) struct Names {
    /// Folder of rules (naming.toml, generics.csv, words.csv) in place of the shipped ones
    #[arg(
        long = "rules",
        global = true,
        env = "ZHIFANG_NAME_RULES",
        value_name = "DIR"
    )]
    pub rules: Option<PathBuf>,
    /// Act as this user, with the user's role and division; without it as `cli` with all rights
    #[arg(long = "as", global = true, value_name = "USER")]
    pub as_user: Option<String>,
    #[command(subcommand)]
    pub command: NamesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NamesCommand {
    /// Statutory check of a name; exit 1 on an error or a warning 法定核查
    Check(NamesCheck),
    /// The rules with severity and article 核查规则
    Rules,
    /// Hand in an application to give, change or end a name 申请
    Apply(Box<NamesApply>),
    /// Hand a returned application in again 补正
    Amend {
        /// The application
        id: String,
        /// The form (JSON or a GeoJSON Feature); - for standard input
        file: PathBuf,
    },
    /// Take an application into review, or return it 审核
    Review {
        /// The application
        id: String,
        /// Take it into review
        #[arg(
            long,
            conflicts_with = "return_it",
            required_unless_present = "return_it"
        )]
        accept: bool,
        /// Return it to be amended; --note says why
        #[arg(long = "return", requires = "note")]
        return_it: bool,
        /// What is to be said with it
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Enter the approval 批准
    Approve {
        /// The application
        id: String,
        /// Number of the approval's document
        #[arg(long, value_name = "NO")]
        document: String,
        /// Day of the approval; today when absent
        #[arg(long, value_name = "DATE")]
        on: Option<Day>,
        /// Why it is approved though the check found errors
        #[arg(long, value_name = "TEXT")]
        despite: Option<String>,
        /// What is to be said with it
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Reject an application 不予批准
    Reject {
        /// The application
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Enter the filing 备案
    File {
        /// The application
        id: String,
        /// Day of the filing; today when absent
        #[arg(long, value_name = "DATE")]
        on: Option<Day>,
        /// Number of the filing's document
        #[arg(long, value_name = "NO")]
        document: Option<String>,
    },
    /// Announce: the name enters the public register 公告
    Publish {
        /// The application
        id: String,
        /// Day of the announcement; today when absent
        #[arg(long, value_name = "DATE")]
        on: Option<Day>,
    },
    /// Take an application back 撤回
    Withdraw {
        /// The application
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Retire a name: an application, or at once where the decision's document is given 停用
    Retire {
        /// The entry or unit
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Number of the decision's document: the name ends at once
        #[arg(long, value_name = "NO")]
        document: Option<String>,
        /// Day of the decision; today when absent
        #[arg(long, value_name = "DATE", requires = "document")]
        on: Option<Day>,
        /// Protective measures prepared for a heritage name
        #[arg(long, value_name = "TEXT")]
        protection: Option<String>,
    },
    /// Applications with their clocks; with --overdue exit 1 when there are any 办理队列
    List {
        /// Only in this unit
        #[arg(long, value_name = "CODE")]
        within: Option<CodePrefix>,
        /// applied, returned, `in_review`, approved, published, rejected or withdrawn
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
        /// Only those with a filing or an announcement overdue
        #[arg(long)]
        overdue: bool,
        /// Form of the list
        #[arg(long, default_value = "text", value_name = "FORM")]
        format: ReportFormat,
    },
    /// One application with its file, as JSON 查看申请
    Show {
        /// The application
        id: String,
    },
    /// Find names that are not the standard ones; exit 1 when there are any 不规范地名查找
    Audit {
        /// A text or a CSV file (UTF-8 or GB 18030)
        #[arg(required_unless_present = "signs")]
        file: Option<PathBuf>,
        /// The column of a CSV file that holds the text; every column when absent
        #[arg(long, value_name = "NAME")]
        column: Option<String>,
        /// Look for the names of this unit, villages included
        #[arg(long, value_name = "CODE")]
        within: Option<CodePrefix>,
        /// Look at the register of signs instead of a file
        #[arg(long, conflicts_with_all = ["file", "column"])]
        signs: bool,
        /// Form of the hits
        #[arg(long, default_value = "text", value_name = "FORM")]
        format: AuditFormat,
    },
    /// Coverage and quality of the register of names by township 地名登记情况
    Report {
        /// The unit; every unit with names when absent
        #[arg(long, value_name = "CODE")]
        within: Option<CodePrefix>,
        /// Form of the report
        #[arg(long, default_value = "text", value_name = "FORM")]
        format: PageFormat,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    Text,
    Json,
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageFormat {
    Text,
    Json,
    Html,
}

#[derive(Debug, Args)]
pub(crate) struct NamesCheck {
    /// The whole name, e.g. 友谊路
    pub name: String,
    /// The unit in which it lies or will lie
    #[arg(long, value_name = "CODE")]
    pub within: CodePrefix,
    /// 1 to 8, or natural, division, village, park, street, building, facility, other
    #[arg(long, value_name = "C")]
    pub category: Category,
    /// Class code, GB/T 18521
    #[arg(long, value_name = "CODE")]
    pub class_code: Option<String>,
    /// Roman spelling to compare with the rule
    #[arg(long, value_name = "TEXT")]
    pub pinyin: Option<String>,
    /// Longitude of the place
    #[arg(long, allow_hyphen_values = true, requires = "lat")]
    pub lon: Option<f64>,
    /// Latitude of the place
    #[arg(long, allow_hyphen_values = true, requires = "lon")]
    pub lat: Option<f64>,
    /// Length, metres
    #[arg(long, value_name = "M")]
    pub length: Option<f64>,
    /// Width, metres
    #[arg(long, value_name = "M")]
    pub width: Option<f64>,
    /// Area, square metres
    #[arg(long, value_name = "M2")]
    pub area: Option<f64>,
    /// Storeys
    #[arg(long, value_name = "N")]
    pub storeys: Option<f64>,
    /// The entry that bears the name, or is to be renamed to it
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// Why a hit may stand: no specific link
    #[arg(long = "reason", value_name = "RULE=TEXT")]
    pub reasons: Vec<String>,
    /// Protective measures prepared for a heritage name
    #[arg(long, value_name = "TEXT")]
    pub protection: Option<String>,
    /// Form of the answer
    #[arg(long, default_value = "text", value_name = "FORM")]
    pub format: ReportFormat,
}

#[derive(Debug, Args)]
pub(crate) struct NamesApply {
    /// The form (JSON or a GeoJSON Feature); - for standard input
    #[arg(required_unless_present_any = ["name", "target"])]
    pub file: Option<PathBuf>,
    /// naming, renaming or retirement
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// The name
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// The unit to which the place belongs
    #[arg(long, value_name = "CODE")]
    pub within: Option<String>,
    /// 1 to 8, or a word
    #[arg(long, value_name = "C")]
    pub category: Option<String>,
    /// Entry or unit that is renamed or retired
    #[arg(long, value_name = "ID")]
    pub target: Option<String>,
    /// Who wants it
    #[arg(long, value_name = "TEXT")]
    pub applicant: Option<String>,
    /// Roman spelling; the one by rule when absent
    #[arg(long, value_name = "TEXT")]
    pub pinyin: Option<String>,
    /// Class code, GB/T 18521
    #[arg(long, value_name = "CODE")]
    pub class_code: Option<String>,
    /// 含义
    #[arg(long, value_name = "TEXT")]
    pub meaning: Option<String>,
    /// 来历
    #[arg(long, value_name = "TEXT")]
    pub origin: Option<String>,
    /// 方案
    #[arg(long, value_name = "TEXT")]
    pub plan: Option<String>,
    /// 理由
    #[arg(long, value_name = "TEXT")]
    pub reasons: Option<String>,
    /// 位置, in words
    #[arg(long, value_name = "TEXT")]
    pub position: Option<String>,
    /// 规模
    #[arg(long, value_name = "TEXT")]
    pub scale: Option<String>,
    /// 性质
    #[arg(long, value_name = "TEXT")]
    pub nature: Option<String>,
    /// 保护措施
    #[arg(long, value_name = "TEXT")]
    pub protection: Option<String>,
    /// Longitude of the place
    #[arg(long, allow_hyphen_values = true, requires = "lat")]
    pub lon: Option<f64>,
    /// Latitude of the place
    #[arg(long, allow_hyphen_values = true, requires = "lon")]
    pub lat: Option<f64>,
    /// Why a hit may stand: no specific link
    #[arg(long = "reason", value_name = "RULE=TEXT")]
    pub no_link: Vec<String>,
    /// Form of the answer
    #[arg(long, default_value = "text", value_name = "FORM")]
    pub format: ReportFormat,
}
