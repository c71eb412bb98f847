//! Forms of names: which words a record goes by, and what makes two of them alike.

use zhifang_core::{Collection, Day, Record, Status};
use zhifang_pinyin::{fold, read_name, simplify, strip_tones};

/// What kind of form a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FormKind {
    /// 标准地名.
    Standard,
    /// 曾用名.
    Former,
    /// 别名, 俗称, 简称.
    Alias,
    /// 误写.
    Misspelling,
}

impl FormKind {
    /// Word in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Former => "former",
            Self::Alias => "alias",
            Self::Misspelling => "misspelling",
        }
    }
}

/// One word that a record goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form<'r> {
    /// The word as stored.
    pub text: &'r str,
    /// What it is.
    pub kind: FormKind,
    /// First day on which it counted no more.
    pub to: Option<Day>,
}

/// Every word that the record goes by, the standard name first.
pub fn forms(record: &Record) -> Vec<Form<'_>> {
    let standard = Form {
        text: &record.name,
        kind: FormKind::Standard,
        to: record.valid.to,
    };
    let mut forms = vec![standard];
    let fields = &record.fields;
    if fields.is_empty() {
        return forms;
    }
    for (field, otherwise) in [
        ("former_names", FormKind::Former),
        ("aliases", FormKind::Alias),
    ] {
        forms.extend(fields.texts(field).map(|text| Form {
            text,
            kind: otherwise,
            to: None,
        }));
        for alias in fields.objects(field) {
            let word = |name: &str| alias.get(name).and_then(serde_json::Value::as_str);
            let Some(text) = word("name") else { continue };
            let kind = match word("kind") {
                Some("former") => FormKind::Former,
                Some("misspelling") => FormKind::Misspelling,
                Some(_) => FormKind::Alias,
                None => otherwise,
            };
            let to = word("to").and_then(|day| day.parse().ok());
            forms.push(Form { text, kind, to });
        }
    }
    forms.retain(|form| !form.text.trim().is_empty());
    forms
}

/// A village committee's name as the place's: 李楼村民委员会 → 李楼村, 某某社区居委会 →
/// 某某社区; anything else as it is.
pub fn place_form(name: &str) -> String {
    for (ending, place) in [
        ("社区居民委员会", "社区"),
        ("社区居委会", "社区"),
        ("村村民委员会", "村"),
        ("村村委会", "村"),
        ("村民委员会", "村"),
        ("村委会", "村"),
        ("居民委员会", "社区"),
        ("居委会", "社区"),
    ] {
        if let Some(stem) = name.strip_suffix(ending).filter(|stem| !stem.is_empty()) {
            return format!("{stem}{place}");
        }
    }
    name.to_owned()
}

/// What is equal for two names of the same characters: spaces, width, traditional and variant
/// forms do not count.
pub fn written_key(name: &str) -> String {
    let mut key = simplify(&fold(&place_form(name.trim())));
    key.retain(|character| !character.is_whitespace());
    key
}

/// What is equal for two names of the same sound, tones aside, as place names are read.
pub fn sound_key(name: &str) -> String {
    let written = written_key(name);
    let mut key = String::with_capacity(written.len() * 2);
    for (character, reading) in written.chars().zip(read_name(&written)) {
        match reading {
            Some(reading) => key.push_str(reading.syllable().as_str()),
            None => key.push(character),
        }
        // Syllables stay apart: 西安 xi an is no 先 xian.
        key.push(' ');
    }
    key
}

/// The letters of a Roman spelling, tones, spaces, apostrophes and case aside.
pub fn letters(pinyin: &str) -> String {
    let mut letters = fold(&strip_tones(pinyin));
    letters.retain(char::is_alphanumeric);
    letters
}

/// Whether the record is an application, not an entry of the register.
pub fn is_application(record: &Record) -> bool {
    record.collection == Collection::Names
        && record
            .fields
            .get("extra")
            .and_then(|extra| extra.get(crate::application::KEY))
            .is_some()
}

/// Whether the record bears its name on the day: published and valid.
pub fn is_in_use(record: &Record, day: Day) -> bool {
    record.status == Status::Published && record.valid.to.is_none_or(|to| day < to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn villages_go_by_their_places_names() {
        for (name, place) in [
            ("李楼村民委员会", "李楼村"),
            ("李楼村村民委员会", "李楼村"),
            ("小东门社区居委会", "小东门社区"),
            ("小东门居委会", "小东门社区"),
            ("村民委员会", "村民委员会"),
            ("友谊路", "友谊路"),
        ] {
            assert_eq!(place_form(name), place);
        }
    }

    #[test]
    fn width_forms_and_tones_do_not_count() {
        assert_eq!(written_key(" 廈門 路"), written_key("厦门路"));
        assert_eq!(sound_key("友谊路"), sound_key("友宜路"));
        assert_ne!(sound_key("西安"), sound_key("先"));
        assert_eq!(letters("Lǎohékǒu Shì"), letters("laohekou shi"));
        assert_eq!(letters("Lǜ’ān"), "lvan");
    }
}
