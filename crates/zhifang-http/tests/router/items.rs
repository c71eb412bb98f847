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
