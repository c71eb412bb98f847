#![doc = include_str!("../README.md")]

mod style;

use std::borrow::Cow;

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

pub use style::{STYLES, style};

/// The built page (`app/dist`).
#[derive(RustEmbed)]
#[folder = "app/dist"]
#[exclude = ".*"]
struct Dist;

/// Styles, symbols and fonts of the map (`tiles/styles`).
#[derive(RustEmbed)]
#[folder = "../../tiles/styles"]
#[include = "*.json"]
#[include = "sprites/*"]
#[include = "fonts/*"]
struct Symbols;

/// A file of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Asset {
    /// The content.
    pub bytes: Cow<'static, [u8]>,
    /// The media type, for `Content-Type`.
    pub mime: &'static str,
    /// A strong entity tag with its quotes, from the SHA-256 of the content.
    pub etag: String,
    /// The file name carries a hash of its content: it may be cached for ever.
    pub immutable: bool,
}

impl Asset {
    fn new(path: &str, bytes: Cow<'static, [u8]>, hash: &[u8; 32]) -> Self {
        Self {
            bytes,
            mime: mime(path),
            etag: etag(hash),
            immutable: has_hashed_name(path),
        }
    }

    /// The value for `Cache-Control`: a year for hashed names, else always asked again.
    pub fn cache_control(&self) -> &'static str {
        if self.immutable {
            "public, max-age=31536000, immutable"
        } else {
            "public, no-cache"
        }
    }
}

/// The Content-Security-Policy under which the page works: nothing from outside, nothing inline.
///
/// `base-uri 'self'` because the start page carries a `<base>` for deep links; `img-src blob:` for
/// the map's symbols.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
     worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     font-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; \
     frame-ancestors 'none'";

/// A file of the page or of the map's symbols by its path under the base path, without a leading
/// slash: `assets/…`, `favicon.svg`, `sprites/…`, `fonts/…`.
///
/// The start page is [`index`], styles are [`style`]: both depend on the base path.
pub fn assets(path: &str) -> Option<Asset> {
    let path = path.trim_start_matches('/');
    let file = if path.starts_with("sprites/") || path.starts_with("fonts/") {
        Symbols::get(path)
    } else if path == "index.html" {
        None
    } else {
        Dist::get(path)
    }?;
    let hash = file.metadata.sha256_hash();
    Some(Asset::new(path, file.data, &hash))
}

/// The start page, answered for `/` and every deep link (`/place/…`, `/at/…`, `/assist`), with
/// `<base href="{base_path}/">` as the first element of its head so that its relative addresses
/// hold at any depth.
///
/// `base_path` is empty or begins with a slash, as in `/gov/map`; characters that are not allowed in
/// an attribute are escaped.
pub fn index(base_path: &str) -> Option<Asset> {
    let file = Dist::get("index.html")?;
    let text = String::from_utf8_lossy(&file.data);
    let base = base_path.trim_end_matches('/');
    let base = base
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;");
    let page = text.replacen("<head>", &format!("<head><base href=\"{base}/\">"), 1);
    let hash: [u8; 32] = Sha256::digest(page.as_bytes()).into();
    Some(Asset::new(
        "index.html",
        Cow::Owned(page.into_bytes()),
        &hash,
    ))
}

/// Every path that [`assets`] answers, sorted.
pub fn paths() -> Vec<String> {
    let mut paths: Vec<String> = Dist::iter()
        .filter(|path| path != "index.html")
        .chain(Symbols::iter().filter(|path| path.contains('/')))
        .map(Cow::into_owned)
        .collect();
    paths.sort();
    paths
}

fn etag(hash: &[u8; 32]) -> String {
    let mut tag = String::with_capacity(34);
    tag.push('"');
    for byte in &hash[..16] {
        tag.push(char::from(HEX[usize::from(byte >> 4)]));
        tag.push(char::from(HEX[usize::from(byte & 15)]));
    }
    tag.push('"');
    tag
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Hashed names end in a dash and eight letters, digits, dashes or underscores before the
/// extension, and lie in `assets/` or `fonts/`.
fn has_hashed_name(path: &str) -> bool {
    if !(path.starts_with("assets/") || path.starts_with("fonts/")) {
        return false;
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    stem.len() > 9
        && stem.is_ascii()
        && stem.as_bytes()[stem.len() - 9] == b'-'
        && stem[stem.len() - 8..]
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_are_immutable() {
        assert!(has_hashed_name("assets/index-Bx3_k9-Q.js"));
        assert!(has_hashed_name("fonts/zhifang-han-0a1b2c3d.woff2"));
        assert!(!has_hashed_name("fonts/LICENSE.txt"));
        assert!(!has_hashed_name("map-worker.js"));
        assert!(!has_hashed_name("assets/worker.js"));
    }

    #[test]
    fn index_carries_the_base_path() {
        let page = index("/gov/\"map/").unwrap();
        let text = String::from_utf8(page.bytes.into_owned()).unwrap();
        assert!(text.contains("<head><base href=\"/gov/&quot;map/\">"));
        assert_ne!(page.etag, index("").unwrap().etag);
        assert_eq!(page.mime, "text/html; charset=utf-8");
        assert!(!page.immutable);
    }

    #[test]
    fn unknown_and_unsafe_paths_are_absent() {
        assert_eq!(assets("no-such-file.js"), None);
        assert_eq!(assets("../Cargo.toml"), None);
        assert_eq!(assets("fonts/../light.json"), None);
        assert_eq!(assets("index.html"), None);
    }

    #[test]
    fn every_listed_path_is_answered() {
        for path in paths() {
            let asset = assets(&path).unwrap();
            assert_eq!(asset.etag.len(), 34, "{path}");
            assert_ne!(asset.mime, "application/octet-stream", "{path}");
        }
    }

    #[test]
    fn fonts_and_sprites_of_the_styles_are_embedded() {
        let paths = paths();
        for wanted in [
            "sprites/zhifang.json",
            "sprites/zhifang.png",
            "sprites/zhifang@2x.json",
            "sprites/zhifang@2x.png",
        ] {
            assert!(paths.iter().any(|path| path == wanted), "{wanted}");
        }
        let style = style("light", "", None).unwrap();
        let style: serde_json::Value = serde_json::from_str(&style).unwrap();
        let faces = style["font-faces"].as_object().unwrap();
        assert!(!faces.is_empty());
        for file in faces.values().flat_map(|v| v.as_array().unwrap()) {
            let url = file["url"].as_str().unwrap();
            let asset = assets(url).unwrap();
            assert!(asset.immutable, "{url}");
            assert_eq!(asset.mime, "font/woff2");
        }
    }
}
