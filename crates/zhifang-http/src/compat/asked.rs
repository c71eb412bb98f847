//! Parameters as existing clients send them: in any number and order, unknown ones beside.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use zhifang_core::Lang;

use super::flaw::Flaw;

/// Parameters read of one request; what is beyond can only be noise.
const MOST_PARAMETERS: usize = 100;

/// The parameters of a request, percent-decoded; bytes that are not UTF-8 become U+FFFD.
#[derive(Debug, Default)]
pub(super) struct Asked(Vec<(String, String)>);

impl Asked {
    /// What the address asks, and what a form in the body asks.
    pub(super) fn new(query: Option<&str>, form: &[u8]) -> Self {
        let query = query.unwrap_or_default().as_bytes();
        let pairs = form_urlencoded::parse(query).chain(form_urlencoded::parse(form));
        Self(pairs.take(MOST_PARAMETERS).map(own).collect())
    }

    /// The first value under this name, which may be empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let named = self.0.iter().find(|(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// Every value under this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The first value under this name, trimmed; `None` where it is blank.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// A finite number; `None` where the parameter is missing or blank.
    pub(super) fn number(&self, name: &str) -> Result<Option<f64>, Flaw> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.map(Some).ok_or_else(|| {
            Flaw::bad(format!(
                "Parameter '{name}' must be a number, not '{}'.",
                shown(text)
            ))
        })
    }

    /// A whole number; `None` where the parameter is missing or blank.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Flaw> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            Flaw::bad(format!(
                "Parameter '{name}' must be a number, not '{}'.",
                shown(text)
            ))
        })
    }

    /// A number of results: at least 1 is wanted, and more than `most` gives `most`.
    pub(super) fn limit(&self, default: usize, most: usize) -> Result<usize, Flaw> {
        match self.integer("limit")? {
            None => Ok(default),
            Some(limit) if limit < 0 => {
                Err(Flaw::bad("Parameter 'limit' must be a positive number."))
            }
            Some(limit) => Ok(usize::try_from(limit).unwrap_or(most).clamp(1, most)),
        }
    }

    /// A switch: everything but `0`, `false` and nothing is on.
    pub(super) fn flag(&self, name: &str, default: bool) -> bool {
        self.get(name)
            .map_or(default, |text| !matches!(text.trim(), "0" | "false" | ""))
    }
}

fn own((name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)) -> (String, String) {
    (name.into_owned(), value.into_owned())
}

/// The beginning of a faulty value, fit to be repeated in a message.
pub(super) fn shown(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(40)
        .collect()
}

/// The language of a tag (BCP 47); `None` for what is neither Chinese nor English.
pub(super) fn lang_of_tag(tag: &str) -> Option<Lang> {
    let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
    match primary.to_ascii_lowercase().as_str() {
        "zh" | "cmn" => Some(Lang::Zh),
        "en" => Some(Lang::En),
        _ => None,
    }
}

/// The best of a list of languages as `Accept-Language` writes it (RFC 9110 §12.5.4); Chinese
/// where none of ours is in it.
pub(super) fn lang_of_list(list: &str) -> Lang {
    let mut best: Option<(f64, Lang)> = None;
    for entry in list.split(',').take(20) {
        let mut parts = entry.split(';');
        let Some(lang) = parts.next().and_then(lang_of_tag) else {
            continue;
        };
        let weight = parts
            .find_map(|part| part.trim().strip_prefix("q="))
            .map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        if weight > best.map_or(0.0, |(best, _)| best) {
            best = Some((weight, lang));
        }
    }
    best.map_or(Lang::Zh, |(_, lang)| lang)
}

/// The language that the headers ask for.
pub(super) fn lang_of_headers(headers: &HeaderMap) -> Lang {
    let list = headers.get(ACCEPT_LANGUAGE);
    lang_of_list(list.and_then(|list| list.to_str().ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_faults_name_the_parameter() {
        let asked = Asked::new(
            Some("q=%E8%80%81%E6%B2%B3+%F0%28&lat=north&limit=1000&q=b"),
            b"f=1",
        );
        assert_eq!(asked.get("q"), Some("老河 \u{fffd}("));
        assert_eq!(asked.all("q").count(), 2);
        assert!(asked.number("lat").unwrap_err().message.contains("'lat'"));
        assert_eq!(asked.limit(10, 50).unwrap(), 50);
        assert!(asked.flag("f", false) && !asked.flag("g", false));
        assert!(Asked::new(Some("limit=-1"), b"").limit(10, 50).is_err());
        assert!(Asked::new(Some("lat=NaN"), b"").number("lat").is_err());
    }

    #[test]
    fn the_heaviest_language_wins_and_chinese_is_the_default() {
        assert_eq!(lang_of_list("fr, en-GB;q=0.8, zh;q=0.5"), Lang::En);
        assert_eq!(lang_of_list("zh-Hans-CN, en;q=0.9"), Lang::Zh);
        assert_eq!(lang_of_list("de"), Lang::Zh);
        assert_eq!(lang_of_list("en;q=0"), Lang::Zh);
    }
}
