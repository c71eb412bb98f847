//! The three tilesets and their layers.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value, json};
use zhifang_core::{Bbox, Collection, DivisionLevel, Lang};
use zhifang_topology::DETAIL_ZOOM;

use crate::error::Error;

/// Last zoom of every tileset; clients draw closer views from it (TileJSON 3.0 §3.14).
pub const MAX_ZOOM: u8 = DETAIL_ZOOM;

/// First zoom at which divisions of a level are drawn; all levels drawn before stay.
pub const fn first_zoom(level: DivisionLevel) -> u8 {
    match level {
        DivisionLevel::Country | DivisionLevel::Province => 0,
        DivisionLevel::Prefecture => 4,
        DivisionLevel::County => 6,
        DivisionLevel::Township => 9,
        DivisionLevel::Village => 12,
    }
}

/// A set of layers under one address (瓦片集).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tileset {
    /// Divisions, their labels and lines, names, signs.
    Base,
    /// Markers, claims, disputes, findings.
    Boundary,
    /// Services, cemeteries, projects, reach.
    Assistance,
}

/// A layer of a tileset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer {
    /// Name in tiles and styles.
    pub name: &'static str,
    /// What it shows, in Chinese.
    pub zh: &'static str,
    /// What it shows, in English.
    pub en: &'static str,
    /// First zoom that has it.
    pub min_zoom: u8,
    /// Attributes and their TileJSON types (`String`, `Number`, `Boolean`).
    pub fields: &'static [(&'static str, &'static str)],
    /// The collection whose records it draws one by one; `None` where it is made of more.
    pub collection: Option<Collection>,
}

const TEXT: &str = "String";
const NUMBER: &str = "Number";
const FLAG: &str = "Boolean";

const UNIT_FIELDS: &[(&str, &str)] = &[
    ("code", TEXT),
    ("name", TEXT),
    ("name_en", TEXT),
    ("level", TEXT),
    ("levels", TEXT),
    ("parent", TEXT),
];

const BASE: &[Layer] = &[
    Layer {
        name: "divisions",
        zh: "行政区划",
        en: "Administrative divisions",
        min_zoom: 0,
        fields: UNIT_FIELDS,
        collection: None,
    },
    Layer {
        name: "division_labels",
        zh: "行政区划注记",
        en: "Labels of divisions",
        min_zoom: 0,
        fields: &[
            ("code", TEXT),
            ("name", TEXT),
            ("name_en", TEXT),
            ("level", TEXT),
            ("parent", TEXT),
            ("rank", NUMBER),
        ],
        collection: None,
    },
    Layer {
        name: "boundaries",
        zh: "界线",
        en: "Boundary lines",
        min_zoom: 0,
        fields: &[
            ("id", TEXT),
            ("name", TEXT),
            ("level", TEXT),
            ("left", TEXT),
            ("right", TEXT),
            ("line_status", TEXT),
            ("kind", TEXT),
        ],
        collection: None,
    },
    Layer {
        name: "names",
        zh: "标准地名",
        en: "Standard place names",
        min_zoom: 8,
        fields: &[
            ("id", TEXT),
            ("name", TEXT),
            ("name_en", TEXT),
            ("category", NUMBER),
            ("class_code", TEXT),
            ("rank", NUMBER),
        ],
        collection: Some(Collection::Names),
    },
    Layer {
        name: "signs",
        zh: "地名标志",
        en: "Place-name signs",
        min_zoom: 12,
        fields: &[
            ("id", TEXT),
            ("name", TEXT),
            ("name_id", TEXT),
            ("kind", TEXT),
            ("state", TEXT),
        ],
        collection: Some(Collection::Signs),
    },
];

const BOUNDARY: &[Layer] = &[
    Layer {
        name: "markers",
        zh: "界桩",
        en: "Boundary markers",
        min_zoom: 6,
        fields: &[
            ("id", TEXT),
            ("name", TEXT),
            ("number", TEXT),
            ("boundary", TEXT),
            ("type", TEXT),
            ("faces", NUMBER),
            ("state", TEXT),
        ],
        collection: Some(Collection::Markers),
    },
    Layer {
        name: "claims",
        zh: "各方主张",
        en: "Claims",
        min_zoom: 4,
        fields: &[
            ("id", TEXT),
            ("name", TEXT),
            ("dispute", TEXT),
            ("boundary", TEXT),
            ("claimant", TEXT),
            ("side", NUMBER),
        ],
        collection: Some(Collection::Claims),
    },
    Layer {
        name: "disputes",
        zh: "争议",
        en: "Disputes",
        min_zoom: 4,
        fields: &[
            ("id", TEXT),
            ("name", TEXT),
            ("boundary", TEXT),
            ("kind", TEXT),
            ("dispute_state", TEXT),
        ],
        collection: Some(Collection::Disputes),
    },
    Layer {
        name: "findings",
        zh: "检查结果",
        en: "Findings",
        min_zoom: 4,
        fields: &[
            ("id", TEXT),
            ("name", TEXT),
            ("rule", TEXT),
            ("severity", TEXT),
            ("message", TEXT),
            ("message_en", TEXT),
            ("finding_state", TEXT),
        ],
        collection: Some(Collection::Findings),
    },
];

const ASSISTANCE: &[Layer] = &[
    Layer {
        name: "services",
        zh: "服务站点",
        en: "Service points",
        min_zoom: 6,
        fields: &[
            ("id", TEXT),
            ("name", TEXT),
            ("kind", TEXT),
            ("comprehensive", FLAG),
            ("accessible", FLAG),
        ],
        collection: Some(Collection::Services),
    },
    Layer {
        name: "cemeteries",
        zh: "公墓",
        en: "Cemeteries",
        min_zoom: 6,
        fields: &[
            ("id", TEXT),
            ("name", TEXT),
            ("kind", TEXT),
            ("level", TEXT),
        ],
        collection: Some(Collection::Cemeteries),
    },
    Layer {
        name: "projects",
        zh: "建设项目",
        en: "Projects",
        min_zoom: 6,
        fields: &[
            ("id", TEXT),
            ("name", TEXT),
            ("no", TEXT),
            ("category", TEXT),
            ("progress", TEXT),
        ],
        collection: Some(Collection::Projects),
    },
    Layer {
        name: "reach",
        zh: "可达范围",
        en: "Reach",
        min_zoom: 6,
        fields: &[
            ("id", TEXT),
            ("name", TEXT),
            ("kind", TEXT),
            ("minutes", NUMBER),
            ("mode", TEXT),
        ],
        collection: None,
    },
];

impl Tileset {
    /// Every tileset.
    pub const ALL: [Self; 3] = [Self::Base, Self::Boundary, Self::Assistance];

    /// Word used in addresses and commands.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Boundary => "boundary",
            Self::Assistance => "assistance",
        }
    }

    /// Title for people.
    pub fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Base => lang.pick("行政区划与地名", "Divisions and place names"),
            Self::Boundary => lang.pick("界线管理", "Boundary desk"),
            Self::Assistance => lang.pick("民政服务", "Civil-affairs services"),
        }
    }

    /// Its layers, in drawing order.
    pub const fn layers(self) -> &'static [Layer] {
        match self {
            Self::Base => BASE,
            Self::Boundary => BOUNDARY,
            Self::Assistance => ASSISTANCE,
        }
    }

    /// First zoom with any content.
    pub fn min_zoom(self) -> u8 {
        self.layers()
            .iter()
            .map(|layer| layer.min_zoom)
            .min()
            .unwrap_or(0)
    }

    /// TileJSON 3.0 for an audience; `template` is the address with `{z}`, `{x}`, `{y}`, `bounds`
    /// what the map opens on. Layers that the audience may not see are left out.
    pub fn tile_json(
        self,
        template: &str,
        bounds: Bbox,
        is_visible: impl Fn(&Layer) -> bool,
        lang: Lang,
    ) -> Value {
        let layers = self.layers().iter().filter(|layer| is_visible(layer));
        json!({
            "tilejson": "3.0.0",
            "name": self.as_str(),
            "description": self.title(lang),
            "scheme": "xyz",
            "tiles": [template],
            "minzoom": 0,
            "maxzoom": MAX_ZOOM,
            "bounds": [bounds.west, bounds.south, bounds.east, bounds.north],
            "vector_layers": layers.map(|layer| layer.tile_json(lang)).collect::<Vec<_>>(),
        })
    }
}

impl Layer {
    fn tile_json(&self, lang: Lang) -> Value {
        let fields: Map<String, Value> = self
            .fields
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), Value::from(*kind)))
            .collect();
        json!({
            "id": self.name,
            "description": lang.pick(self.zh, self.en),
            "minzoom": self.min_zoom,
            "maxzoom": MAX_ZOOM,
            "fields": fields,
        })
    }
}

impl fmt::Display for Tileset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Tileset {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|tileset| tileset.as_str() == text)
            .ok_or_else(|| Error::UnknownTileset {
                text: text.to_owned(),
            })
    }
}
