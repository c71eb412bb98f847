//! The fields of a record beyond the common ones: few, sorted, compact.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::schema::static_field_name;

/// Field values by name, sorted by name. An absent field and `null` are the same.
///
/// Most of the 665,276 units have no field of their own: an empty set takes no memory.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fields(Vec<(Cow<'static, str>, Value)>);

impl Fields {
    /// No fields.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(key, _)| key.as_ref().cmp(name))
    }

    /// The value stored under the name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.position(name)
            .ok()
            .and_then(|at| self.0.get(at))
            .map(|(_, value)| value)
    }

    /// The text stored under the name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// The number stored under the name.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.get(name).and_then(Value::as_f64)
    }

    /// The truth value stored under the name.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(Value::as_bool)
    }

    /// The texts of a list stored under the name; none when there is no list.
    pub fn texts<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    }

    /// The objects of a list stored under the name; none when there is no list.
    pub fn objects<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
        self.get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
    }

    /// Stores the value; `null` removes the field.
    pub fn set(&mut self, name: &str, value: Value) {
        match (self.position(name), value) {
            (Ok(at), Value::Null) => {
                self.0.remove(at);
            }
            (Err(_), Value::Null) => {}
            (Ok(at), value) => {
                if let Some(slot) = self.0.get_mut(at) {
                    slot.1 = value;
                }
            }
            (Err(at), value) => {
                let key = static_field_name(name)
                    .map_or_else(|| Cow::Owned(name.to_owned()), Cow::Borrowed);
                self.0.insert(at, (key, value));
            }
        }
    }

    /// Takes the field out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.position(name).ok().map(|at| self.0.remove(at).1)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, Value)> for Fields {
    fn from_iter<T: IntoIterator<Item = (String, Value)>>(iter: T) -> Self {
        let mut fields = Self::new();
        for (name, value) in iter {
            fields.set(&name, value);
        }
        fields
    }
}
