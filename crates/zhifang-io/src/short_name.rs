//! Field names that a Shapefile's table can hold: ten bytes of ASCII.

use zhifang_core::{Collection, Field};

/// Longest name in a DBF table.
const LONGEST: usize = 10;

/// Fields of the collection whose names are too long, each with its short name. Vowels go from
/// the end of the name until it fits, as a surveyor would cut it; names that still collide are
/// numbered.
pub(crate) fn all(collection: Collection) -> Vec<(String, &'static Field)> {
    let fields = || {
        collection
            .fields()
            .iter()
            .chain(zhifang_core::schema::COMMON)
    };
    let mut taken: Vec<String> = fields()
        .filter(|f| f.name.len() <= LONGEST)
        .map(|f| f.name.to_owned())
        .collect();
    let mut found = Vec::new();
    for field in fields().filter(|field| field.name.len() > LONGEST) {
        let short = free_name(field.name, &taken);
        taken.push(short.clone());
        found.push((short, field));
    }
    found
}

/// A name of at most ten bytes that is not taken yet.
pub(crate) fn free_name(name: &str, taken: &[String]) -> String {
    let mut letters: Vec<char> = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    while letters.len() > LONGEST {
        match letters
            .iter()
            .rposition(|c| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | '_'))
        {
            Some(at) if at > 0 => {
                letters.remove(at);
            }
            _ => letters.truncate(LONGEST),
        }
    }
    let plain: String = letters.into_iter().collect();
    let is_free = |name: &str| !taken.iter().any(|other| other.eq_ignore_ascii_case(name));
    if is_free(&plain) {
        return plain;
    }
    let stem: String = plain.chars().take(LONGEST - 3).collect();
    (1..1000)
        .map(|n| format!("{stem}{n}"))
        .find(|name| is_free(name))
        .unwrap_or(plain)
}

/// The short name of a field, or its own where that fits.
#[cfg(any(feature = "gdal", test))]
pub(crate) fn of(collection: Collection, name: &str) -> String {
    all(collection)
        .into_iter()
        .find(|(_, field)| field.name == name)
        .map_or_else(|| name.to_owned(), |(short, _)| short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_fit_and_differ() {
        for collection in Collection::ALL {
            let mut names: Vec<String> = collection
                .fields()
                .iter()
                .chain(zhifang_core::schema::COMMON)
                .map(|field| of(collection, field.name))
                .collect();
            assert!(names.iter().all(|name| name.len() <= LONGEST), "{names:?}");
            let count = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), count);
        }
    }
}
