//! The table of layers and the layers of the program say the same.

use std::collections::BTreeMap;

use toml::{Table, Value};
use zhifang_core::{DivisionLevel, Lang};
use zhifang_tiles::{Atlas, MAX_ZOOM, Tileset, first_zoom};

const TABLE: &str = include_str!("../../../tiles/layers.toml");

#[test]
fn the_table_of_layers_is_what_the_program_draws() {
    let table: Table = TABLE.parse().unwrap();
    assert_eq!(table["max_zoom"].as_integer(), Some(i64::from(MAX_ZOOM)));
    for level in DivisionLevel::ALL {
        let zoom = table["levels"][level.as_str()].as_integer();
        assert_eq!(zoom, Some(i64::from(first_zoom(level))));
    }
    for tileset in Tileset::ALL {
        let listed = table[tileset.as_str()].as_table().unwrap();
        let names: Vec<&str> = tileset.layers().iter().map(|layer| layer.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        let mut keys: Vec<&String> = listed.keys().collect();
        keys.sort_unstable();
        assert_eq!(sorted, keys);
        for layer in tileset.layers() {
            let entry = &listed[layer.name];
            assert_eq!(
                entry["min_zoom"].as_integer(),
                Some(i64::from(layer.min_zoom))
            );
            let fields: BTreeMap<&str, &str> = layer.fields.iter().copied().collect();
            let listed = entry["fields"].as_table().unwrap().iter();
            let listed: BTreeMap<&str, &str> = listed
                .map(|(name, kind)| (name.as_str(), kind.as_str().unwrap()))
                .collect();
            assert_eq!(fields, listed, "{}", layer.name);
        }
    }
    assert!(matches!(table["extent"], Value::Integer(4096)));
}

#[test]
fn tile_json_lists_only_what_the_audience_may_see() {
    use zhifang_index::{Audience, Options, Snapshot};
    let snapshot = Snapshot::empty(&Options::default());
    let atlas = Atlas::build(&snapshot, None);
    let layers = |audience| {
        let tiles = atlas.tiles(snapshot.view(audience));
        let json = tiles.tile_json(Tileset::Boundary, "https://e.example/{z}/{x}/{y}", Lang::En);
        assert_eq!(json["tilejson"], "3.0.0");
        assert_eq!(json["maxzoom"], MAX_ZOOM);
        let layers = json["vector_layers"].as_array().unwrap().iter();
        layers
            .map(|layer| layer["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(layers(Audience::Public), ["markers"]);
    assert_eq!(
        layers(Audience::Staff),
        ["markers", "claims", "disputes", "findings"]
    );
}
