//! A role counts within its division: elsewhere its holder sees what the public sees.

use axum::http::StatusCode;
use zhifang_core::{LonLat, Role, TileId};

use crate::house::House;

const FAR: &str = "zf_far";

fn house() -> House {
    let house = House::new();
    house.add_user("wang", Role::Viewer, Some("11"), FAR);
    house
}

#[tokio::test]
async fn tiles_show_a_role_nothing_restricted_beyond_its_bound() {
    let house = house();
    for zoom in 4..=14 {
        for (lon, lat) in [(111.3, 32.3), (111.5005, 32.2505)] {
            let tile = TileId::containing(LonLat::new(lon, lat), zoom);
            let addresses = [
                format!("/tiles/boundary/{}/{}/{}", tile.z(), tile.x(), tile.y()),
                format!(
                    "/ogc/collections/markers/tiles/WebMercatorQuad/{}/{}/{}",
                    tile.z(),
                    tile.y(),
                    tile.x()
                ),
            ];
            for path in addresses {
                let public = house.get(&path, &[]).await;
                let far = house
                    .get(&path, &[("authorization", &format!("Bearer {FAR}"))])
                    .await;
                assert_eq!(far.status, public.status, "{path}");
                assert_eq!(far.body, public.body, "{path}");
            }
        }
    }
    let near = TileId::containing(LonLat::new(111.3, 32.3), 12);
    let path = format!("/tiles/boundary/{}/{}/{}", near.z(), near.x(), near.y());
    let own = [("authorization", "Bearer zf_editor")];
    assert_eq!(house.get(&path, &own).await.status, StatusCode::OK);
    assert_eq!(house.get(&path, &[]).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_distance_to_a_marker_is_the_public_s_beyond_the_bound() {
    let house = house();
    let path = "/v1/reverse?lon=111.50049&lat=32.25049";
    let distance = |answer: serde_json::Value| answer["marker"]["distance_m"].as_f64().unwrap();
    let ask = async |token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        distance(house.get(path, &headers).await.json())
    };
    let public = distance(house.get(path, &[]).await.json());
    assert!(public > 50.0);
    assert_eq!(ask(FAR).await, public);
    assert_eq!(ask("zf_editor").await, 0.0);
}

#[tokio::test]
async fn what_is_hidden_is_not_told_by_a_conflict() {
    let house = house();
    house.add_user("chen", Role::Editor, Some("420625"), "zf_chen");
    let headers = [
        ("authorization", "Bearer zf_chen"),
        ("content-type", "application/geo+json"),
    ];
    let marker = r#"{"type":"Feature","geometry":null,"properties":{"number":"4142001Q","name":"z","division":"420625","keeper":"420625"}}"#;
    let answer = house
        .ask("POST", "/ogc/collections/markers/items", &headers, marker)
        .await;
    assert_eq!(answer.status, StatusCode::PRECONDITION_FAILED);
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(!text.contains("111.50049"), "{text}");
    let dispute = r#"{"type":"Feature","id":"d-1","geometry":null,"properties":{"name":"z","division":"420625"}}"#;
    let path = "/ogc/collections/disputes/items";
    let answer = house.ask("POST", path, &headers, dispute).await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(!text.contains("争议地段"), "{text}");
    for method in ["PATCH", "DELETE"] {
        let headers = [headers[0], headers[1], ("if-match", "*")];
        let path = format!("{path}/d-1");
        let answer = house.ask(method, &path, &headers, "{}").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method}");
    }
}
