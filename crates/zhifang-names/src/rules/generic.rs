//! Generic terms (通名): which categories they go with, of what kind they are, which sizes fit.

use serde::{Deserialize, Serialize};

use super::{Range, fault};
use crate::category::Category;
use crate::error::Error;

const FILE: &str = "generics.csv";

/// Extent and scale of the thing that is named; absent where unknown.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Measures {
    /// Length, metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_m: Option<f64>,
    /// Width, metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width_m: Option<f64>,
    /// Area, square metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_m2: Option<f64>,
    /// Storeys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storeys: Option<f64>,
}

/// One generic term.
#[derive(Debug, Clone, PartialEq)]
pub struct Generic {
    /// The term.
    pub term: String,
    /// Categories that it fits.
    pub categories: Vec<Category>,
    /// What kind of thing: two of a kind in a row are one too many.
    pub kind: String,
    /// Range in which names must differ, where it is not the category's.
    pub scope: Option<Range>,
    /// Smallest size that fits.
    pub least: Measures,
    /// Largest size that fits.
    pub most: Measures,
}

/// All generic terms, the longest first.
#[derive(Debug, Clone)]
pub struct Generics(Vec<Generic>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    term: String,
    categories: String,
    kind: String,
    scope: String,
    min_length_m: Option<f64>,
    max_length_m: Option<f64>,
    min_width_m: Option<f64>,
    max_width_m: Option<f64>,
    min_area_m2: Option<f64>,
    max_area_m2: Option<f64>,
    min_storeys: Option<f64>,
    #[serde(rename = "note")]
    _note: String,
}

impl Generics {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut generics = Vec::new();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for (number, row) in reader.deserialize::<Row>().enumerate() {
            let row = row.map_err(|error| fault(FILE, error.to_string()))?;
            let line = number + 2;
            let categories: Result<Vec<Category>, Error> =
                row.categories.split(';').map(str::parse).collect();
            let categories =
                categories.map_err(|error| fault(FILE, format!("line {line}: {error}")))?;
            let scope = match row.scope.as_str() {
                "" => None,
                word => Some(Range::parse(word).ok_or_else(|| {
                    fault(FILE, format!("line {line}: scope `{word}`: wanted nation, province, county or built_up"))
                })?),
            };
            if row.term.is_empty() {
                return Err(fault(FILE, format!("line {line}: the term is empty")));
            }
            generics.push(Generic {
                term: row.term,
                categories,
                kind: row.kind,
                scope,
                least: Measures {
                    length_m: row.min_length_m,
                    width_m: row.min_width_m,
                    area_m2: row.min_area_m2,
                    storeys: row.min_storeys,
                },
                most: Measures {
                    length_m: row.max_length_m,
                    width_m: row.max_width_m,
                    area_m2: row.max_area_m2,
                    storeys: None,
                },
            });
        }
        // Longest first, so that 大道 is found before 道.
        generics.sort_by(|a, b| {
            let length = |one: &Generic| std::cmp::Reverse(one.term.chars().count());
            (length(a), &a.term).cmp(&(length(b), &b.term))
        });
        Ok(Self(generics))
    }

    /// The terms that fit a category, the longest first.
    pub fn of(&self, category: Category) -> impl Iterator<Item = &Generic> {
        self.0
            .iter()
            .filter(move |one| one.categories.contains(&category))
    }

    /// The longest term of the category that the name ends with; of whatever category when
    /// `category` is `None`. A name that is nothing but the term has none.
    pub fn ending(&self, name: &str, category: Option<Category>) -> Option<&Generic> {
        self.0.iter().find(|one| {
            category.is_none_or(|category| one.categories.contains(&category))
                && name.len() > one.term.len()
                && name.ends_with(one.term.as_str())
        })
    }

    /// The same among the terms of one kind in a category.
    pub(crate) fn ending_of_kind(
        &self,
        name: &str,
        category: Category,
        kind: &str,
    ) -> Option<&Generic> {
        self.of(category).find(|one| {
            one.kind == kind && name.len() > one.term.len() && name.ends_with(&one.term)
        })
    }
}
