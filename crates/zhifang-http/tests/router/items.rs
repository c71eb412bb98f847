//! Items as clients read them that ask for no schema.

use axum::http::StatusCode;
use serde_json::Value;

use crate::house::House;

#[tokio::test]
async fn the_first_feature_of_a_page_names_every_public_field() {
    let house = House::new();
    let page = house
        .get("/ogc/collections/markers/items", &[])
        .await
        .json();
    let first = &page["features"][0]["properties"];
    for field in ["name", "keeper", "last_inspected", "valid_to"] {
        assert!(first.get(field).is_some(), "{field}: {first}");
    }
    assert_eq!(first["keeper"], Value::Null);
    assert!(first.get("surveys").is_none(), "{first}");
    let few = house
        .get("/ogc/collections/markers/items?properties=name", &[])
        .await
        .json();
    let first = few["features"][0]["properties"].as_object().cloned();
    assert_eq!(first.unwrap_or_default().len(), 1, "{few}");
}

#[tokio::test]
async fn an_item_is_linked_data_too() {
    let house = House::new();
    let own = "/ogc/collections/divisions/items/420682";
    let asked = house.get(&format!("{own}?f=jsonld"), &[]).await;
    let accepted = house.get(own, &[("accept", "application/ld+json")]).await;
    assert_eq!(asked.header("content-type"), "application/ld+json");
    assert_eq!(asked.body, accepted.body);
    let linked = asked.json();
    assert_eq!(linked["@type"], "AdministrativeArea");
    assert!(linked["@id"].as_str().unwrap().ends_with(own));
    assert_eq!(linked["name"]["@value"], "老河口市");
    assert_eq!(linked["identifier"]["value"], "420682");
    assert_eq!(linked["geo"]["latitude"], 32.25);

    // The marker's place is the public's place here too.
    let marker = house
        .get("/ogc/collections/markers/items/4142001Q?f=jsonld", &[])
        .await
        .json();
    assert_eq!(marker["geo"]["longitude"], 111.5);
    assert_eq!(marker["containedInPlace"]["name"]["@value"], "老河口市");

    // The page carries the same, and no name can end the element it stands in.
    let mut record = crate::house::records().remove(2);
    record.name = "</script><b>".into();
    house.write(vec![record], 1);
    let page = house
        .get("/ogc/collections/names/items/n-1?f=html", &[])
        .await;
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    let (_, rest) = page.split_once("application/ld+json\">").unwrap();
    let (linked, _) = rest.split_once("</script>").unwrap();
    let linked: Value = serde_json::from_str(linked).unwrap();
    assert_eq!(linked["name"]["@value"], "</script><b>");

    let wrong = house.get(&format!("{own}?f=csv"), &[]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_unit_is_called_as_it_was_on_the_day_everywhere() {
    let house = House::new();
    let mut county = crate::house::records().remove(0);
    county.fields.set(
        "former_names",
        serde_json::json!([{"name": "光化县", "to": "1983-10-01"}]),
    );
    house.write(vec![county], 1);
    let paths = [
        "/v1/divisions/420682?",
        "/v1/reverse?lon=111.25&lat=32.25&",
        "/ogc/collections/divisions/items/420682?",
        "/ogc/collections/divisions/items?",
        "/ogc/collections/divisions/items?f=csv&",
        "/tiles/base/9/414/207?",
    ];
    for path in paths {
        for (day, wanted, other) in [
            ("1980-01-01", "光化县", "老河口市"),
            ("2020-01-01", "老河口市", "never"),
        ] {
            let answer = house.get(&format!("{path}as_of={day}"), &[]).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            let text = String::from_utf8_lossy(&answer.body);
            assert!(
                text.contains(wanted) && !text.contains(other),
                "{path} {day}"
            );
        }
    }
    let tile = house.get("/tiles/base/9/414/207", &[]).await;
    let text = String::from_utf8_lossy(&tile.body);
    assert!(text.contains("name_en") && text.contains("Lǎohékǒu Shì"));
}

#[tokio::test]
async fn tables_are_in_the_system_that_is_asked_for() {
    let house = House::new();
    let items = "/ogc/collections/names/items?f=csv";
    let plain = house.get(items, &[]).await;
    let text = String::from_utf8(plain.body.to_vec()).unwrap();
    assert!(text.contains("SRID=4490;POINT"), "{text}");
    let grid = "http://www.opengis.net/def/crs/EPSG/0/4546";
    let moved = house.get(&format!("{items}&crs={grid}"), &[]).await;
    assert_eq!(moved.header("content-crs"), format!("<{grid}>"));
    let text = String::from_utf8(moved.body.to_vec()).unwrap();
    let (_, place) = text.split_once("SRID=4546;POINT").unwrap();
    let east: f64 = place
        .trim_start_matches([' ', '('])
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!((500_000.0..530_000.0).contains(&east), "{place}");
}

#[tokio::test]
async fn a_flatgeobuf_holds_as_many_as_the_page_says() {
    let house = House::new();
    let mut bare = crate::house::records().remove(2);
    (bare.id, bare.geometry) = ("n-0".into(), None);
    house.write(vec![bare], 1);
    let grid = "http://www.opengis.net/def/crs/EPSG/0/4546";
    let path = format!("/ogc/collections/names/items?f=fgb&crs={grid}");
    let answer = house.get(&path, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    assert_eq!(answer.header("ogc-numberreturned"), "2");
    assert_eq!(answer.header("content-type"), "application/flatgeobuf");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("names.fgb");
    std::fs::write(&file, &answer.body).unwrap();
    let reader = std::process::Command::new("ogrinfo")
        .args(["-so", "-al"])
        .arg(&file)
        .output();
    if let Ok(told) = reader {
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.contains("Feature Count: 2"), "{told}");
        assert!(told.contains("4546"), "{told}");
    }
}

#[tokio::test]
async fn the_schema_allows_what_the_first_item_says() {
    let house = House::new();
    for collection in ["names", "markers", "divisions"] {
        let path = format!("/ogc/collections/{collection}");
        let schema = house.get(&format!("{path}/schema"), &[]).await.json();
        let page = house.get(&format!("{path}/items"), &[]).await.json();
        for (name, value) in page["features"][0]["properties"].as_object().unwrap() {
            let property = &schema["properties"][name];
            let takes_null = property["type"]
                .as_array()
                .is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
            assert!(
                !value.is_null() || takes_null,
                "{collection} {name} {property}"
            );
            let words = property["enum"].as_array();
            assert!(
                words.is_none_or(|words| words.contains(value)),
                "{name} {property}"
            );
        }
        // Filters and older clients read one type.
        let queryables = house.get(&format!("{path}/queryables"), &[]).await.json();
        assert_eq!(queryables["properties"]["valid_to"]["type"], "string");
        let older = house
            .get(&format!("{path}/schema?of=feature"), &[])
            .await
            .json();
        let property = &older["properties"]["properties"]["properties"]["valid_to"];
        assert_eq!(property["type"], "string");
    }
}

#[tokio::test]
async fn the_nearest_are_the_same_within_a_minute() {
    let house = House::new();
    let path = "/v1/assistance/nearest?lon=111.2&lat=32.2";
    let mut known = false;
    // The minute may turn between two questions, not twice in a row.
    for _ in 0..2 {
        let tag = house.get(path, &[]).await.header("etag").to_owned();
        let again = house.get(path, &[("if-none-match", &tag)]).await;
        known |= again.status == StatusCode::NOT_MODIFIED;
    }
    assert!(known);
}

#[tokio::test]
async fn the_document_of_the_standards_is_of_the_version_that_its_link_says() {
    let house = House::new();
    let landing = house.get("/ogc", &[]).await.json();
    let link = landing["links"]
        .as_array()
        .unwrap()
        .iter()
        .find(|link| link["rel"] == "service-desc")
        .unwrap()
        .clone();
    let answer = house.get("/ogc/api", &[]).await;
    assert_eq!(
        answer.header("content-type"),
        link["type"].as_str().unwrap()
    );
    assert!(link["type"].as_str().unwrap().ends_with("version=3.0"));
    let document = answer.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.0."));
    assert!(!document.to_string().contains("\"null\""));
    let current = house.get("/openapi.json", &[]).await.json();
    assert!(current["openapi"].as_str().unwrap().starts_with("3.1."));
}
