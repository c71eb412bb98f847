//! Tiles are kept where a change does not touch them, and nowhere else.

use axum::body::Bytes;
use axum::http::StatusCode;
use geo_types::{Geometry, Point};
use zhifang_core::{Collection, LonLat, Record, Status, TileId};

use crate::house::{House, record};

fn paths() -> Vec<String> {
    let places = [(111.2, 32.2), (111.21, 32.2), (111.8, 32.3), (111.5, 32.25)];
    let mut paths: Vec<String> = places
        .into_iter()
        .flat_map(|(lon, lat)| (0..=16).map(move |z| TileId::containing(LonLat::new(lon, lat), z)))
        .flat_map(|tile| {
            ["base", "boundary", "assistance"]
                .map(|set| format!("/tiles/{set}/{}/{}/{}", tile.z(), tile.x(), tile.y()))
        })
        .collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

async fn all(house: &House) -> Vec<(StatusCode, Bytes)> {
    let mut answers = Vec::new();
    for path in paths() {
        let answer = house.get(&path, &[]).await;
        answers.push((answer.status, answer.body));
    }
    answers
}

fn edits() -> Vec<Record> {
    let point = |lon: f64, lat: f64| Geometry::Point(Point::new(lon, lat));
    let mut renamed = record(Collection::Names, "n-1", "示例大桥", point(111.2, 32.2));
    let moved = record(Collection::Names, "n-1", "示例大桥", point(111.8, 32.3));
    renamed.fields.set("population", serde_json::json!(7));
    let mut gone = moved.clone();
    gone.status = Status::Retired;
    let mut county = house_county();
    county.name = "老河口".into();
    vec![
        renamed,
        moved,
        record(Collection::Services, "s-1", "示例站", point(111.21, 32.2)),
        county,
        gone,
    ]
}

fn house_county() -> Record {
    crate::house::records().remove(0)
}

#[tokio::test]
async fn a_service_that_keeps_tiles_answers_as_one_that_never_drew_before() {
    let keeping = House::new();
    let mut before = all(&keeping).await;
    let edits = edits();
    for number in 1..=edits.len() {
        let second = i64::try_from(number).unwrap();
        keeping.write(vec![edits[number - 1].clone()], second);
        let fresh = House::new();
        for (second, edit) in (1..).zip(&edits[..number]) {
            fresh.write(vec![edit.clone()], second);
        }
        let now = all(&keeping).await;
        assert_eq!(now, all(&fresh).await, "after edit {number}");
        assert_ne!(now, before, "edit {number} shows nowhere");
        before = now;
    }
}
