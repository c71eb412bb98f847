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
