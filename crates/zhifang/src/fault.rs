//! Faults in the language of the person at the terminal.

use std::error::Error;
use std::io;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use zhifang_core::Lang;
use zhifang_io::Error as FileError;
use zhifang_store::StoreError;

/// The error itself, without its causes.
pub(crate) fn first(error: &anyhow::Error, lang: Lang) -> String {
    error
        .chain()
        .next()
        .map_or_else(|| error.to_string(), |top| words(top, lang))
}

/// One link of the chain: in Chinese where there are words for it, else as it says itself.
pub(crate) fn words(error: &(dyn Error + 'static), lang: Lang) -> String {
    if lang == Lang::En {
        return error.to_string();
    }
    let found = if let Some(error) = error.downcast_ref::<FileError>() {
        file(error)
    } else if let Some(error) = error.downcast_ref::<StoreError>() {
        store(error)
    } else if let Some(error) = error.downcast_ref::<io::Error>() {
        system(error)
    } else {
        None
    };
    found.unwrap_or_else(|| error.to_string())
}

/// How to mend it, where the store knows.
pub(crate) fn hint(error: &anyhow::Error, lang: Lang) -> Option<&'static str> {
    let fault = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<StoreError>())?;
    let english = fault.hint()?;
    if lang == Lang::En {
        return Some(english);
    }
    Some(match fault {
        StoreError::Url { .. } => "用 --store 或 ZHIFANG_STORE 给出这种形式的地址",
        StoreError::WithoutPostgis { .. } => "用 `--features postgis` 重新编译",
        StoreError::Open { .. } => "请确认文件夹或服务器存在、可以访问、可以写入",
        StoreError::NetworkFs { .. } => "请把文件放在本机磁盘上，或改用 postgres:// 登记库",
        StoreError::Foreign { .. } => "请换一个文件或数据库",
        StoreError::Newer { .. } => "请使用较新的程序",
        StoreError::Extension { .. } => {
            "请在服务器上安装 PostGIS，并由管理员在该数据库执行 `CREATE EXTENSION postgis`"
        }
        StoreError::Busy { .. } => "等正在进行的导入或其他长时间写入结束后再试",
        StoreError::DiskFull { .. } => "请腾出空间；本命令什么也没有写入",
        StoreError::ReadOnly { .. } => "请检查文件及其文件夹的所有者和权限",
        StoreError::Conflict { .. } => "请重新读取该记录，在新版本上再改一次",
        StoreError::Corrupt { .. } => "请运行 `zhifang verify`，并恢复最近的备份",
        StoreError::NotEmpty { .. } => "请恢复到一个还不存在的登记库",
        StoreError::BackupExists { .. } => "请换一个文件名",
        StoreError::Unknown { .. } => "重做之前，请先查看登记库里是否已有这次修改",
        StoreError::UserExists { .. } => "请给该用户换新令牌，或换一个用户名",
        StoreError::UserRevoked { .. } => "用 `user restore 用户名` 恢复该用户",
        StoreError::UserActive { .. } => "用 `user token 用户名` 换新令牌",
        _ => english,
    })
}

fn file(error: &FileError) -> Option<String> {
    Some(match error {
        FileError::Io { action, path, .. } => {
            let action = match *action {
                "read" => "读取",
                "write" => "写入",
                "wait for" => "等待",
                _ => "处理",
            };
            format!("无法{action} `{}`", path.display())
        }
        FileError::UnknownFormat { path } => format!(
            "文件 `{}`：不认识的格式；应为 .geojson .json .geojsonl .geojsonseq .csv .xlsx .fgb .shp .zip .gpkg .kml .dxf .gdb，或再加 .gz",
            path.display()
        ),
        FileError::Syntax {
            path,
            line,
            column,
            reason,
        } => format!(
            "文件 `{}`：第 {line} 行第 {column} 列有错：{reason}",
            path.display()
        ),
        FileError::Content { path, reason } => {
            format!("文件 `{}` 的内容有问题：{reason}", path.display())
        }
        FileError::Encoding { path, offset } => format!(
            "文件 `{}`：既不是 UTF-8（第 {offset} 字节起），也不是 GBK；请另存为 UTF-8",
            path.display()
        ),
        FileError::TooLarge { path, what, limit } => {
            format!("文件 `{}` 太大：{what} 超过 {limit}", path.display())
        }
        FileError::MissingSourceCrs { path, row } => format!(
            "文件 `{}`：第 {row} 行有坐标，但没有坐标系；请给出 `--source-crs`（如 EPSG:4490、gcj02）",
            path.display()
        ),
        FileError::Crs { path, .. } | FileError::CrsName { path, .. } => {
            format!("文件 `{}`：无法使用它的坐标系", path.display())
        }
        FileError::Transform { .. } => "无法转换坐标".to_owned(),
        FileError::MapField {
            column,
            field,
            collection,
            known,
        } => format!("--map `{column}={field}`：{collection} 没有字段 `{field}`；可用的有 {known}"),
        FileError::MapColumn { column, found } => {
            format!("--map `{column}`：文件里没有这一列；有 {found}")
        }
        FileError::MapTwice {
            first,
            second,
            field,
        } => format!("--map：`{first}` 和 `{second}` 都对应 `{field}`；只能留一个"),
        FileError::SameField {
            path,
            first,
            second,
            field,
        } => format!(
            "文件 `{}`：`{first}` 列和 `{second}` 列都是 `{field}`；请去掉一列，或用 `--map` 把它对应到别的字段",
            path.display()
        ),
        FileError::CutOff { path, row, line } => format!(
            "文件 `{}`：在引号内的单元格中间结束，该单元格从第 {row} 行记录（文件第 {line} 行）开始；文件可能被截断",
            path.display()
        ),
        FileError::Layer { path, layer, found } => {
            format!("文件 `{}`：没有图层 `{layer}`；有 {found}", path.display())
        }
        FileError::NeedsGdal { format } => {
            format!("格式 `{format}`：本程序编译时未带 `gdal`；用 `--features gdal` 重新编译")
        }
        FileError::Gdal { path, reason } => {
            format!("文件 `{}`：GDAL 报告：{reason}", path.display())
        }
        FileError::Unwritable { id, format, reason } => {
            format!("记录 `{id}` 无法写成 {format}：{reason}")
        }
        _ => return None,
    })
}

fn store(error: &StoreError) -> Option<String> {
    Some(match error {
        StoreError::Url { url, reason } => format!(
            "登记库地址 `{url}`：{reason}；应为 `sqlite:路径` 或 `postgres://用户@主机/数据库`"
        ),
        StoreError::WithoutPostgis { url } => {
            format!("登记库 `{url}`：本程序编译时未带 `postgis`")
        }
        StoreError::Open { place, .. } => format!("登记库 `{place}` 打不开"),
        StoreError::NetworkFs { path, kind } => {
            format!("登记库 `{}` 在网络文件系统（`{kind}`）上", path.display())
        }
        StoreError::Foreign { place, reason } => format!("`{place}` 不是登记库：{reason}"),
        StoreError::Newer {
            place,
            found,
            known,
        } => format!("登记库 `{place}` 的格式是 {found}，本程序只认识到 {known}"),
        StoreError::Extension { place, .. } => {
            format!("登记库 `{place}`：缺少 `postgis` 扩展，也无法创建")
        }
        StoreError::Busy { place, seconds } => {
            format!("登记库 `{place}` 正忙：另一个写入者占用了 {seconds} 秒")
        }
        StoreError::DiskFull { place } => format!("登记库 `{place}`：磁盘已满"),
        StoreError::ReadOnly { place } => format!("登记库 `{place}` 是只读的"),
        StoreError::Conflict { key, .. } => format!("记录 `{key}` 已被别人改动，版本对不上"),
        StoreError::Unstorable { key, reason } => format!("记录 `{key}` 无法保存：{reason}"),
        StoreError::Corrupt { place, reason, .. } => format!("登记库 `{place}` 已损坏：{reason}"),
        StoreError::UserExists { name } => format!("用户 `{name}` 已经存在"),
        StoreError::UserUnknown { name } => format!("没有用户 `{name}`"),
        StoreError::UserRevoked { name } => format!("用户 `{name}` 已被撤销，不发给令牌"),
        StoreError::UserActive { name } => format!("用户 `{name}` 没有被撤销"),
        StoreError::TokenTaken { name } => format!("用户 `{name}`：该令牌属于另一个用户"),
        StoreError::NotEmpty { place, head } => {
            format!("登记库 `{place}` 不是空的：已有 {head} 条变更")
        }
        StoreError::BackupExists { path } => format!("备份 `{}`：文件已经存在", path.display()),
        StoreError::Backup { path, .. } => format!("备份 `{}` 无法写入", path.display()),
        StoreError::Unknown { place, .. } => {
            format!("登记库 `{place}`：提交时连接中断，结果未知")
        }
        StoreError::Database { place, .. } => format!("登记库 `{place}`：数据库操作失败"),
        _ => return None,
    })
}

fn system(error: &io::Error) -> Option<String> {
    let text = match error.kind() {
        io::ErrorKind::NotFound => "文件或文件夹不存在",
        io::ErrorKind::PermissionDenied => "没有权限",
        io::ErrorKind::AlreadyExists => "已经存在",
        io::ErrorKind::StorageFull => "磁盘已满",
        io::ErrorKind::ReadOnlyFilesystem => "文件系统是只读的",
        io::ErrorKind::IsADirectory => "是文件夹，不是文件",
        io::ErrorKind::NotADirectory => "路径中有一段不是文件夹",
        io::ErrorKind::FileTooLarge => "文件超过允许的大小",
        io::ErrorKind::AddrInUse => "地址已被占用",
        io::ErrorKind::AddrNotAvailable => "本机没有这个地址",
        io::ErrorKind::ConnectionRefused => "连接被拒绝",
        io::ErrorKind::TimedOut => "超时",
        _ => return None,
    };
    Some(format!("{text}（{error}）"))
}

/// Wrong usage in a sentence; what the parser says stands below it.
pub(crate) fn usage(error: &clap::Error) -> String {
    let said = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        _ => String::new(),
    };
    let argument = said(ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!(
            "参数 `{argument}` 的值 `{}` 不对",
            said(ContextKind::InvalidValue)
        ),
        ErrorKind::UnknownArgument => format!("没有参数 `{argument}`"),
        ErrorKind::InvalidSubcommand => {
            format!("没有命令 `{}`", said(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("缺少参数 {argument}"),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "缺少命令".to_owned()
        }
        ErrorKind::ArgumentConflict => format!("参数 `{argument}` 不能与其他参数同时使用"),
        ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("参数 `{argument}` 的值不够")
        }
        ErrorKind::TooManyValues => format!("参数 `{argument}` 的值太多"),
        ErrorKind::InvalidUtf8 => "参数不是 UTF-8".to_owned(),
        _ => "用法不对".to_owned(),
    }
}
