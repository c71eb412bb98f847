//! The page that lists every address, in Chinese and English, readable without scripts.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

use super::escape;
use crate::ogc::page::html;
use crate::state::AppState;

/// What each operation does, in Chinese; the English is the document's own summary.
const WORDS: &[(&str, &str)] = &[
    (
        "geocode_forward",
        "按文字查地名，最好的在前；没有匹配时列表为空",
    ),
    (
        "autocomplete",
        "边输入边提示：汉字、拼音、首字母及其混写的前缀",
    ),
    (
        "geocode_reverse",
        "查某点所在：各级区划、附近地名、最近的界线和界桩",
    ),
    (
        "geocode_batch",
        "批量查地名，一行一个（CSV 或 NDJSON，流式）",
    ),
    (
        "reverse_batch",
        "批量查坐标所在区划，一行一个（CSV 或 NDJSON，流式）",
    ),
    (
        "find_division",
        "一个区划：本级、上级、下级、相邻区划和界线",
    ),
    ("find_name", "一条标准地名及其地名标志"),
    (
        "check_name",
        "地名的法定审查：逐条规则的结论、依据和改法；未登录时只与公开地名比较",
    ),
    ("list_applications", "可见的地名申请及其时限，未办结的在前"),
    ("create_application", "提交地名申请，并随即作法定审查"),
    ("find_application", "一件申请的卷宗、时限和当日审查结论"),
    (
        "advance_application",
        "办理一步：审查、批准、驳回、备案、公告、撤回、补正",
    ),
    (
        "list_changes",
        "变更日志，按提交顺序，一行一条（NDJSON 或 SSE）",
    ),
    ("find_boundary", "一条界线及其界桩"),
    ("find_marker", "一个界桩；对公众取整位置"),
    ("run_check", "检查结果，重的在前，编号每次相同"),
    ("save_check", "执行检查并留存结果，保留以往的处理"),
    ("confirm_finding", "确认检查结果属实"),
    (
        "accept_finding",
        "接受检查结果：写明理由，可定期限；须由辖及各方的审核员作出",
    ),
    (
        "repair_finding",
        "在指定一方修复检查结果，其他各方不变；可只试算",
    ),
    ("list_rules", "检查规则：等级、容差、依据"),
    ("list_disputes", "可见的争议"),
    ("find_dispute", "一件争议及各方主张"),
    (
        "read_dossier",
        "争议卷宗：主张与依据、争议地段内的事物、经过、可办理的步骤",
    ),
    (
        "take_step",
        "办理一步：立案、协商、调解、裁决、勘测、备案、结案，写明日期",
    ),
    ("add_evidence", "为主张补充依据，只收法定九种"),
    (
        "list_line_markers",
        "界线的界桩，沿线排列，附里程和走向说明",
    ),
    ("list_inspections", "可见的联检任务"),
    ("find_inspection", "一次联检及其进度"),
    (
        "add_observations",
        "上交巡查记录，按 uuid 合并，重复上交不变",
    ),
    ("get_pack", "外业数据包：一个不需要网络的 GeoJSON 文件"),
    ("get_report", "联检报告：双方意见、待修界桩、签字栏"),
    (
        "find_nearest",
        "最近的服务：电话、时间、是否开放、路线和各地图应用的导航链接",
    ),
    (
        "read_coverage",
        "规划指标的覆盖：分子、分母及其口径，分乡镇",
    ),
    ("list_gaps", "限定距离或时间内没有服务的居民点，人多的在前"),
    ("draw_reach", "若干分钟内可达的范围和人口"),
    (
        "choose_sites",
        "下一处设在哪里：保留已有的，证明最优或给出与界的差距",
    ),
    ("read_horizon", "公墓还能用多少年，对照 20 年和 30 年"),
    (
        "get_tilejson",
        "瓦片集说明（TileJSON 3.0）：base、boundary、assistance",
    ),
    ("get_tile", "矢量瓦片（MVT 2.1）；空瓦片为 204"),
    ("get_style", "地图样式：light、dark、print、assistance"),
    ("get_landing_page", "入口"),
    ("get_conformance", "符合的标准条款"),
    ("get_api", "OGC 接口的 OpenAPI 文档"),
    ("list_functions", "过滤条件可用的函数"),
    ("list_tile_matrix_sets", "瓦片矩阵集"),
    ("find_tile_matrix_set", "一个瓦片矩阵集"),
    ("list_tilesets", "整幅地图的瓦片集"),
    ("find_tileset", "整幅地图的一个瓦片集"),
    ("get_map_tile", "地图的一块瓦片"),
    ("list_collection_tilesets", "一个数据集的瓦片集"),
    ("find_collection_tileset", "一个数据集的一个瓦片集"),
    ("get_collection_tile", "一个数据集的一块瓦片"),
    ("list_collections", "可见的数据集"),
    ("find_collection", "一个数据集"),
    ("get_queryables", "过滤条件可用的属性"),
    ("get_sortables", "可排序的属性"),
    ("get_schema", "属性的模式（JSON Schema）"),
    ("list_items", "一页要素；可过滤、排序、投影、分页"),
    ("create_item", "新增要素"),
    ("find_item", "按编号取一个要素"),
    ("replace_item", "整体替换要素；If-Match 写明所改的版本"),
    ("update_item", "局部修改要素（RFC 7396）；null 表示清除"),
    ("retire_item", "停用要素：保留在登记库，当日失效"),
    ("photon_search", "与 Photon 相同的查询"),
    ("photon_reverse", "与 Photon 相同的逆查询"),
    ("nominatim_search", "与 Nominatim 相同的查询"),
    ("nominatim_reverse", "与 Nominatim 相同的逆查询"),
    ("nominatim_lookup", "与 Nominatim 相同的按编号查询"),
    ("nominatim_status", "与 Nominatim 相同的状态"),
    (
        "reconcile",
        "W3C 实体对齐 0.2：服务说明；带 queries 时给候选",
    ),
    ("reconcile_post", "W3C 实体对齐：成批对齐或扩展数据"),
    ("preview_entity", "实体预览页"),
    ("view_entity", "转到实体的页面"),
    ("suggest_entity", "提示实体"),
    ("suggest_type", "提示类型"),
    ("suggest_property", "提示属性"),
    ("flyout_entity", "实体的浮窗说明"),
    ("flyout_type", "类型的浮窗说明"),
    ("flyout_property", "属性的浮窗说明"),
    ("propose_properties", "某类型可扩展的属性"),
    ("get_openapi", "OpenAPI 3.1 文档；限额见 x-limits"),
    ("get_docs", "本页：全部地址"),
    ("get_page", "网页应用"),
    ("get_sprite", "样式的符号：索引和图片"),
    ("get_font", "网页的字体"),
    ("check_health", "进程在运行"),
    ("check_ready", "快照已就绪；未就绪为 503"),
    ("read_metrics", "Prometheus 指标"),
    ("open_session", "登录：设置会话 Cookie"),
    ("close_session", "退出登录"),
    ("who_am_i", "当前登录者"),
];

fn words(operation: &str) -> &'static str {
    WORDS
        .iter()
        .find(|(id, _)| *id == operation)
        .map_or("", |(_, zh)| zh)
}

/// The page that lists every address.
#[utoipa::path(get, path = "/docs", tag = "service", responses((status = 200, description = "the page", body = String, content_type = "text/html")))]
pub(crate) async fn get_docs(State(app): State<AppState>, headers: HeaderMap) -> Response {
    html(
        "职方接口 Zhifang API",
        &body(&super::openapi(), &app.base_url(&headers)),
    )
}

fn body(document: &Value, base: &str) -> String {
    let base = escape(base);
    let mut out = format!(
        "<p>地名查询、区划登记、界线、救助地图和地图瓦片的接口。公开数据无须登录；写入和未公开的数据要带 \
         <code>Authorization: Bearer</code>。<br><span class=\"en\">Place names, divisions, boundaries, \
         the assistance map and tiles. Public data needs no token; writing and what is not public does.</span></p>\
         <p><a href=\"{base}/openapi.json\">OpenAPI 3.1</a> · <a href=\"{base}/ogc\">OGC API</a></p>\
         <pre>curl '{base}/v1/search?q=老河口'\ncurl '{base}/v1/reverse?lon=111.67&amp;lat=32.385'\n\
         ogrinfo OAPIF:{base}/ogc</pre>\n"
    );
    let mut sections = String::new();
    out.push_str("<nav><ul>");
    for tag in document["tags"].as_array().into_iter().flatten() {
        let name = tag["name"].as_str().unwrap_or_default();
        let title = escape(tag["description"].as_str().unwrap_or(name));
        let rows = rows(document, name);
        if !rows.is_empty() {
            let _ = write!(out, "<li><a href=\"#{name}\">{title}</a></li>");
            let _ = writeln!(
                sections,
                "<h2 id=\"{name}\">{title}</h2>\n<div class=\"wide\"><table><thead><tr><th>方法 Method</th>\
                 <th>地址 Path</th><th>说明 What it does</th><th>参数 Parameters</th></tr></thead>\
                 <tbody>\n{rows}</tbody></table></div>"
            );
        }
    }
    out.push_str("</ul></nav>\n");
    out + &sections
}

/// The operations of a tag, a row each.
fn rows(document: &Value, tag: &str) -> String {
    let mut rows = String::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            if operation["tags"][0] != tag {
                continue;
            }
            let id = operation["operationId"].as_str().unwrap_or_default();
            let parameters: Vec<String> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|parameter| {
                    let name = escape(parameter["name"].as_str()?);
                    let about = escape(parameter["description"].as_str().unwrap_or_default());
                    Some(format!("<code title=\"{about}\">{name}</code>"))
                })
                .collect();
            let _ = writeln!(
                rows,
                "<tr id=\"{}\"><td class=\"method\">{}</td><td><code>{}</code></td>\
                 <td>{}<br><span class=\"en\">{}</span></td><td>{}</td></tr>",
                escape(id),
                escape(&method.to_uppercase()),
                escape(path),
                words(id),
                escape(operation["summary"].as_str().unwrap_or_default()),
                parameters.join(" ")
            );
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_is_told_in_chinese_and_none_that_is_gone() {
        let document = crate::routes::openapi();
        let operations: BTreeSet<&str> = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|methods| methods.as_object().unwrap().values())
            .map(|operation| operation["operationId"].as_str().unwrap())
            .collect();
        let told: BTreeSet<&str> = WORDS.iter().map(|(id, _)| *id).collect();
        assert_eq!(told, operations);
        assert_eq!(told.len(), WORDS.len());
    }

    #[test]
    fn every_tag_has_a_section() {
        let document = crate::routes::openapi();
        let page = body(&document, "http://127.0.0.1:8080");
        for tag in document["tags"].as_array().unwrap() {
            let id = format!("<h2 id={}>", tag["name"]);
            assert!(page.contains(&id), "{id}");
        }
        let paths = document["paths"].as_object().unwrap().len();
        assert!(page.matches("<tr id=").count() >= paths);
    }
}
