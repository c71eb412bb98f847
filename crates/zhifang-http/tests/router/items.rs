//! Items as clients read them that ask for no schema.

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
