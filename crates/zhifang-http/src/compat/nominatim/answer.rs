//! Places in Nominatim's formats.

use serde_json::{Map, Value, json};
use zhifang_core::{Bbox, Collection, Lang, geometry::to_geojson};

use super::super::asked::Asked;
use super::super::place::Place;
use super::detail::{address, admin, extratags, names};
use super::xml::{Element, HEAD};

/// Degrees round a point that has no box of its own.
const POINT_BOX_DEG: f64 = 0.000_05;
const ATTRIBUTION: &str = "职方 Zhifang";

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Xml,
    Json,
    JsonV2,
    GeoJson,
    GeocodeJson,
}

impl Form {
    pub(super) fn of_word(word: &str) -> Option<Self> {
        match word {
            "xml" => Some(Self::Xml),
            "json" => Some(Self::Json),
            "jsonv2" => Some(Self::JsonV2),
            "geojson" => Some(Self::GeoJson),
            "geocodejson" => Some(Self::GeocodeJson),
            _ => None,
        }
    }
}

/// What is shown of each place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    pub(super) form: Form,
    pub(super) lang: Lang,
    address: Option<bool>,
    extratags: bool,
    namedetails: bool,
    geometry: bool,
}

impl Shown {
    pub(super) fn new(asked: &Asked, form: Form, lang: Lang) -> Self {
        Self {
            form,
            lang,
            address: asked
                .get("addressdetails")
                .map(|_| asked.flag("addressdetails", true)),
            extratags: asked.flag("extratags", false),
            namedetails: asked.flag("namedetails", false),
            geometry: asked.flag("polygon_geojson", false),
        }
    }
}

/// What was found, and for which question.
#[derive(Debug)]
pub(super) struct Answer {
    places: Vec<Written>,
    /// The words asked for, or the position.
    question: String,
    /// Whether one place is the answer (reverse) rather than a list.
    is_single: bool,
    /// XML only: where the next places are.
    more: Option<String>,
}

/// A place in all that any format needs, free of the register.
#[derive(Debug)]
struct Written {
    id: u64,
    osm_type: &'static str,
    lon: f64,
    lat: f64,
    bbox: Bbox,
    class: &'static str,
    kind: &'static str,
    rank: u8,
    address_type: &'static str,
    layer: &'static str,
    name: String,
    display_name: String,
    /// Keys and names from below.
    address: Vec<(&'static str, String)>,
    /// Levels of OpenStreetMap's `admin_level` with names.
    admin: Vec<(u8, String)>,
    extratags: Option<Map<String, Value>>,
    names: Option<Map<String, Value>>,
    geometry: Option<Value>,
}

impl Answer {
    /// A list, with addresses only where they are asked for (search) or by default (lookup).
    pub(super) fn list(
        places: &[Place<'_>],
        shown: Shown,
        question: String,
        with_address: bool,
    ) -> Self {
        Self {
            places: places
                .iter()
                .map(|place| Written::new(place, shown, with_address))
                .collect(),
            question,
            is_single: false,
            more: None,
        }
    }

    /// One place, or none.
    pub(super) fn single(place: Option<&Place<'_>>, shown: Shown, question: String) -> Self {
        Self {
            places: place
                .map(|place| Written::new(place, shown, true))
                .into_iter()
                .collect(),
            question,
            is_single: true,
            more: None,
        }
    }

    /// The same with the address of what comes next.
    pub(super) fn with_more(mut self, more: String) -> Self {
        self.more = Some(more);
        self
    }

    /// The numbers of its places.
    pub(super) fn ids(&self) -> impl Iterator<Item = u64> {
        self.places.iter().map(|place| place.id)
    }

    pub(super) fn json(&self, shown: Shown) -> Value {
        if self.is_single && self.places.is_empty() {
            return json!({"error": "Unable to geocode"});
        }
        match shown.form {
            Form::GeoJson => {
                let features: Vec<Value> = self.places.iter().map(Written::feature).collect();
                json!({"type": "FeatureCollection", "licence": ATTRIBUTION, "features": features})
            }
            Form::GeocodeJson => {
                let features: Vec<Value> = self.places.iter().map(Written::geocoding).collect();
                let mut geocoding =
                    json!({"version": "0.1.0", "attribution": ATTRIBUTION, "licence": ATTRIBUTION});
                if !self.is_single {
                    geocoding["query"] = json!(self.question);
                }
                json!({"type": "FeatureCollection", "geocoding": geocoding, "features": features})
            }
            form => {
                let mut places = self.places.iter().map(|place| place.object(form));
                if self.is_single {
                    places.next().unwrap_or_default()
                } else {
                    Value::from(places.collect::<Vec<_>>())
                }
            }
        }
    }

    pub(super) fn xml(&self) -> String {
        let name = if self.is_single {
            "reversegeocode"
        } else {
            "searchresults"
        };
        let mut root = Element::new(name)
            .with("attribution", ATTRIBUTION)
            .with("querystring", &self.question);
        if let Some(more) = &self.more {
            root = root.with("more_url", more);
        }
        for place in &self.places {
            place.write_xml(&mut root, self.is_single);
        }
        if self.is_single && self.places.is_empty() {
            root.push_text("error", "Unable to geocode");
        }
        let mut out = HEAD.to_owned();
        root.write(&mut out);
        out
    }
}

impl Written {
    fn new(place: &Place<'_>, shown: Shown, with_address: bool) -> Self {
        let at = place.position;
        let is_division = place.record.collection == Collection::Divisions;
        let (class, kind) = if is_division {
            ("boundary", "administrative")
        } else {
            place.kind.tag
        };
        let wants_address = shown.address.unwrap_or(with_address);
        Self {
            id: place.id,
            osm_type: place.osm_type(),
            lon: at.lon,
            lat: at.lat,
            bbox: place.bbox.filter(has_extent).unwrap_or(Bbox {
                west: at.lon - POINT_BOX_DEG,
                south: at.lat - POINT_BOX_DEG,
                east: at.lon + POINT_BOX_DEG,
                north: at.lat + POINT_BOX_DEG,
            }),
            class,
            kind,
            rank: place.kind.rank,
            address_type: place.kind.address,
            layer: place.kind.layer,
            name: place.name.clone(),
            display_name: place.display_name(),
            address: if wants_address {
                address(place)
            } else {
                Vec::new()
            },
            admin: if wants_address {
                admin(place)
            } else {
                Vec::new()
            },
            extratags: shown.extratags.then(|| extratags(place)),
            names: shown.namedetails.then(|| names(place)),
            geometry: shown
                .geometry
                .then(|| place.record.geometry.as_deref().map(to_geojson))
                .flatten(),
        }
    }

    /// Where no other measure is known, Nominatim takes the rank for the importance, so do we.
    fn importance(&self) -> f64 {
        (0.75 - f64::from(self.rank) / 40.0).max(0.000_01)
    }

    fn address_object(&self) -> Value {
        let parts = self.address.iter();
        let parts = parts.map(|(key, name)| ((*key).to_owned(), json!(name)));
        Value::Object(parts.collect())
    }

    /// What all JSON formats but GeocodeJSON have.
    fn common(&self) -> Map<String, Value> {
        let mut map = Map::new();
        let mut put = |key: &str, value: Value| {
            map.insert(key.to_owned(), value);
        };
        put("place_id", json!(self.id));
        put("osm_type", json!(self.osm_type));
        put("osm_id", json!(self.id));
        put("place_rank", json!(self.rank));
        put("type", json!(self.kind));
        put("importance", json!(self.importance()));
        put("addresstype", json!(self.address_type));
        put("name", json!(self.name));
        put("display_name", json!(self.display_name));
        if !self.address.is_empty() {
            put("address", self.address_object());
        }
        if let Some(tags) = &self.extratags {
            put("extratags", json!(tags));
        }
        if let Some(names) = &self.names {
            put("namedetails", json!(names));
        }
        map
    }

    fn corners(&self) -> [String; 4] {
        let Bbox {
            west,
            south,
            east,
            north,
        } = self.bbox;
        [south, north, west, east].map(|degrees| format!("{degrees:.7}"))
    }

    fn object(&self, form: Form) -> Value {
        let mut map = self.common();
        let class = if form == Form::Json {
            "class"
        } else {
            "category"
        };
        map.insert("licence".to_owned(), json!(ATTRIBUTION));
        map.insert(class.to_owned(), json!(self.class));
        map.insert("lat".to_owned(), json!(format!("{:.7}", self.lat)));
        map.insert("lon".to_owned(), json!(format!("{:.7}", self.lon)));
        map.insert("boundingbox".to_owned(), json!(self.corners()));
        if let Some(geometry) = &self.geometry {
            map.insert("geojson".to_owned(), geometry.clone());
        }
        Value::Object(map)
    }

    fn drawn(&self) -> Value {
        let point = || json!({"type": "Point", "coordinates": [self.lon, self.lat]});
        self.geometry.clone().unwrap_or_else(point)
    }

    fn feature(&self) -> Value {
        let mut properties = self.common();
        properties.insert("category".to_owned(), json!(self.class));
        let Bbox {
            west,
            south,
            east,
            north,
        } = self.bbox;
        json!({"type": "Feature", "properties": properties, "bbox": [west, south, east, north],
            "geometry": self.drawn()})
    }

    fn geocoding(&self) -> Value {
        let mut geocoding = json!({
            "place_id": self.id, "osm_type": self.osm_type, "osm_id": self.id,
            "osm_key": self.class, "osm_value": self.kind, "type": self.layer,
            "label": self.display_name, "name": self.name,
        });
        if let Some(map) = geocoding.as_object_mut() {
            for (key, name) in &self.address {
                let key = match *key {
                    "country" | "country_code" | "state" | "city" | "county" => *key,
                    "town" => "district",
                    "village" => "locality",
                    _ => continue,
                };
                if key != self.layer {
                    map.insert(key.to_owned(), json!(name));
                }
            }
            if !self.address.is_empty() {
                let admin = self.admin.iter();
                let admin = admin.map(|(level, name)| (format!("level{level}"), json!(name)));
                map.insert("admin".to_owned(), Value::Object(admin.collect()));
            }
            if let Some(tags) = &self.extratags {
                map.insert("extra".to_owned(), json!(tags));
            }
        }
        json!({"type": "Feature", "properties": {"geocoding": geocoding}, "geometry": self.drawn()})
    }

    fn write_xml(&self, root: &mut Element, is_single: bool) {
        let name = if is_single { "result" } else { "place" };
        let mut place = Element::new(name)
            .with("place_id", self.id)
            .with("osm_type", self.osm_type)
            .with("osm_id", self.id)
            .with("ref", &self.name)
            .with("lat", format_args!("{:.7}", self.lat))
            .with("lon", format_args!("{:.7}", self.lon))
            .with("boundingbox", self.corners().join(","))
            .with("place_rank", self.rank)
            .with("address_rank", self.rank);
        if let Some(geometry) = &self.geometry {
            place = place.with("geojson", geometry);
        }
        place = if is_single {
            place.text(&self.display_name)
        } else {
            place
                .with("display_name", &self.display_name)
                .with("class", self.class)
                .with("type", self.kind)
                .with("importance", self.importance())
        };
        let mut details: Vec<Element> = Vec::new();
        if let Some(tags) = &self.extratags {
            let mut all = Element::new("extratags");
            for (key, value) in tags {
                let value = value.as_str().unwrap_or_default();
                all.push(&Element::new("tag").with("key", key).with("value", value));
            }
            details.push(all);
        }
        if let Some(names) = &self.names {
            let mut all = Element::new("namedetails");
            for (key, value) in names {
                let value = value.as_str().unwrap_or_default();
                all.push(&Element::new("name").with("desc", key).text(value));
            }
            details.push(all);
        }
        if is_single {
            root.push(&place);
            let mut parts = Element::new("addressparts");
            for (key, value) in &self.address {
                parts.push_text(key, value);
            }
            if !self.address.is_empty() {
                root.push(&parts);
            }
            for element in &details {
                root.push(element);
            }
        } else {
            for (key, value) in &self.address {
                place.push_text(key, value);
            }
            for element in &details {
                place.push(element);
            }
            root.push(&place);
        }
    }
}

/// Whether the box is more than a point.
fn has_extent(bbox: &Bbox) -> bool {
    bbox.west != bbox.east || bbox.south != bbox.north
}
