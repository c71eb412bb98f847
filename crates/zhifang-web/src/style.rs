//! Map styles with their addresses filled in.

use serde_json::{Value, json};

use crate::Symbols;

/// The ids of the styles, in the order in which they are offered.
pub const STYLES: [&str; 4] = ["light", "dark", "print", "assistance"];

/// The MapLibre style `id` (one of [`STYLES`]) as JSON text.
///
/// `base_url` is put before every address of the style: an absolute one with base path
/// (`https://example.cn/map`) for foreign clients, or the base path alone (empty at the root). With
/// `lang` `en` the labels prefer the Roman name (`name_en`) and fall back to the Chinese one; a layer
/// that spells names out itself carries its Roman form in `metadata`.
pub fn style(id: &str, base_url: &str, lang: Option<&str>) -> Option<String> {
    if !STYLES.contains(&id) {
        return None;
    }
    let file = Symbols::get(&format!("{id}.json"))?;
    let mut style: Value = serde_json::from_slice(&file.data).ok()?;
    let base = base_url.trim_end_matches('/');

    if let Some(sources) = style.get_mut("sources").and_then(Value::as_object_mut) {
        for source in sources.values_mut() {
            prefix(source, "/url", base);
        }
    }
    prefix(&mut style, "/sprite", base);
    if let Some(faces) = style.get_mut("font-faces").and_then(Value::as_object_mut) {
        for file in faces.values_mut().filter_map(Value::as_array_mut).flatten() {
            prefix(file, "/url", base);
        }
    }
    if lang.is_some_and(|lang| lang.starts_with("en"))
        && let Some(layers) = style.get_mut("layers").and_then(Value::as_array_mut)
    {
        for layer in layers {
            let roman = layer.pointer("/metadata/zhifang:text-field-en").cloned();
            if let Some(text) = layer.pointer_mut("/layout/text-field") {
                if let Some(roman) = roman {
                    *text = roman;
                }
                prefer_roman(text);
            }
        }
    }
    Some(style.to_string())
}

fn prefix(holder: &mut Value, pointer: &str, base: &str) {
    if let Some(Value::String(url)) = holder.pointer_mut(pointer) {
        url.insert(0, '/');
        url.insert_str(0, base);
    }
}

/// Replaces `["get", "name"]`, at any depth of the expression, by one that takes `name_en` first.
fn prefer_roman(expression: &mut Value) {
    if *expression == json!(["get", "name"]) {
        *expression = json!(["coalesce", ["get", "name_en"], ["get", "name"]]);
    } else if let Value::Array(parts) = expression {
        parts.iter_mut().for_each(prefer_roman);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(id: &str, base_url: &str, lang: Option<&str>) -> Value {
        serde_json::from_str(&style(id, base_url, lang).unwrap()).unwrap()
    }

    #[test]
    fn every_style_is_there_and_needs_nothing_from_outside() {
        for id in STYLES {
            let style = parsed(id, "https://example.cn/map", None);
            assert_eq!(style["version"], 8, "{id}");
            assert!(style.get("glyphs").is_none(), "{id}");
            for (name, source) in style["sources"].as_object().unwrap() {
                let url = source["url"].as_str().unwrap();
                assert_eq!(
                    url,
                    format!("https://example.cn/map/tiles/{name}.json"),
                    "{id}"
                );
            }
            assert_eq!(
                style["sprite"], "https://example.cn/map/sprites/zhifang",
                "{id}"
            );
        }
    }

    #[test]
    fn root_addresses_begin_with_a_slash() {
        let style = parsed("light", "", None);
        assert_eq!(style["sources"]["base"]["url"], "/tiles/base.json");
    }

    #[test]
    fn english_labels_prefer_the_roman_name() {
        let chinese = style("light", "", Some("zh")).unwrap();
        let english = style("light", "", Some("en")).unwrap();
        assert!(!chinese.contains("name_en"));
        assert!(english.contains(r#"["coalesce",["get","name_en"],["get","name"]]"#));
    }

    #[test]
    fn unknown_styles_are_absent() {
        assert_eq!(style("../light", "", None), None);
        assert_eq!(style("", "", None), None);
    }

    #[test]
    fn no_polygon_outline_and_lines_only_from_the_boundaries_layer() {
        for id in STYLES {
            let style = parsed(id, "", None);
            for layer in style["layers"].as_array().unwrap() {
                assert!(
                    layer.pointer("/paint/fill-outline-color").is_none(),
                    "{id}: {}",
                    layer["id"]
                );
                if layer["type"] == "line" && layer["source"] == "base" {
                    assert_eq!(layer["source-layer"], "boundaries", "{id}: {}", layer["id"]);
                }
            }
        }
    }
}
