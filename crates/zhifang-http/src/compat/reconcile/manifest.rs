//! The service manifest.

use serde_json::{Value, json};

use super::vocabulary::EntityType;
use crate::limits::RECONCILE_BATCH;

/// Identifiers and types are the same wherever this register is served.
const IDENTIFIER_SPACE: &str = "urn:zhifang:entity:";
const SCHEMA_SPACE: &str = "urn:zhifang:type:";

/// Width and height of a preview, pixels.
const PREVIEW: (u32, u32) = (400, 220);

pub(super) fn manifest(base: &str) -> Value {
    let service = format!("{base}/reconcile");
    let suggest = |what: &str| {
        json!({
            "service_url": service,
            "service_path": format!("/suggest/{what}"),
            "flyout_service_url": service,
            "flyout_service_path": format!("/flyout/{what}?id=${{id}}"),
        })
    };
    let defaults = [EntityType::AnyDivision, EntityType::AnyName];
    json!({
        "versions": ["0.1", "0.2"],
        "name": "职方 Zhifang",
        "identifierSpace": IDENTIFIER_SPACE,
        "schemaSpace": SCHEMA_SPACE,
        "documentation": format!("{base}/docs"),
        "serviceVersion": env!("CARGO_PKG_VERSION"),
        "defaultTypes": defaults.map(EntityType::described),
        "batchSize": RECONCILE_BATCH,
        "view": {"url": format!("{service}/view?id={{{{id}}}}")},
        "preview": {
            "url": format!("{service}/preview?id={{{{id}}}}"),
            "width": PREVIEW.0,
            "height": PREVIEW.1,
        },
        "suggest": {
            "entity": suggest("entity"),
            "type": suggest("type"),
            "property": suggest("property"),
        },
        "extend": {
            "propose_properties": {"service_url": service, "service_path": "/extend/propose"},
            "property_settings": [
                {
                    "name": "limit",
                    "label": "最多取几个值 Values at most",
                    "type": "number",
                    "default": 0,
                    "help_text": "0 = 全部 all",
                },
                {
                    "name": "lang",
                    "label": "语言 Language",
                    "type": "select",
                    "default": "zh",
                    "help_text": "名称的语言 Language of names",
                    "choices": [
                        {"value": "zh", "name": "中文"},
                        {"value": "en", "name": "English"},
                    ],
                },
            ],
        },
    })
}
