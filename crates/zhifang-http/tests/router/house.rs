//! A small world and how it is asked.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use geo_types::{Geometry, LineString, MultiPolygon, Point, Polygon};
use http_body_util::BodyExt as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tower::ServiceExt as _;
use zhifang_core::{Collection, Record, Role, Timestamp};
use zhifang_engine::Engine;
use zhifang_http::{AppState, Options, router};
use zhifang_store::{Expect, Write};

/// The editor's token.
pub(crate) const TOKEN: &str = "zf_editor";

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The service over two counties side by side, a bridge, a marker and a dispute.
pub(crate) struct House {
    pub(crate) router: Router,
    pub(crate) engine: Arc<Engine>,
    _folder: TempDir,
}

fn square(west: f64, south: f64) -> Geometry<f64> {
    let (east, north) = (west + 0.5, south + 0.5);
    let ring = vec![(west, south), (east, south), (east, north), (west, north)];
    let polygon = Polygon::new(LineString::from(ring), vec![]);
    Geometry::MultiPolygon(MultiPolygon(vec![polygon]))
}

pub(crate) fn record(
    collection: Collection,
    id: &str,
    name: &str,
    geometry: Geometry<f64>,
) -> Record {
    let mut record = Record::new(collection, id, name);
    record.division = Some("420682".parse().unwrap());
    record.geometry = Some(Arc::new(geometry));
    record
}

pub(crate) fn records() -> Vec<Record> {
    let point = |lon: f64, lat: f64| Geometry::Point(Point::new(lon, lat));
    let mut east = record(
        Collection::Divisions,
        "411381",
        "邓州市",
        square(111.5, 32.0),
    );
    east.division = Some("411381".parse().unwrap());
    vec![
        record(
            Collection::Divisions,
            "420682",
            "老河口市",
            square(111.0, 32.0),
        ),
        east,
        record(Collection::Names, "n-1", "示例桥", point(111.2, 32.2)),
        record(
            Collection::Markers,
            "4142001Q",
            "1号界桩",
            point(111.500_49, 32.250_49),
        ),
        record(Collection::Disputes, "d-1", "争议地段", square(111.1, 32.1)),
    ]
}

/// An instant of the tests' calendar.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(1_780_000_000_000_000 + second * 1_000_000)
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("register.db");
        let register = zhifang_store::open(&format!("sqlite:{}", path.display())).unwrap();
        let engine = Arc::new(Engine::new(register, zhifang_engine::Options::default()));
        engine.stand_up(&|_| ()).unwrap();
        let house = Self {
            router: router(&AppState::new(Arc::clone(&engine), options)),
            engine,
            _folder: folder,
        };
        house.add_user("zhang", Role::Editor, Some("420682"), TOKEN);
        house.write(records(), 0);
        house
    }

    pub(crate) fn add_user(&self, name: &str, role: Role, bound: Option<&str>, token: &str) {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let bound = bound.map(|bound| bound.parse().unwrap());
        self.engine
            .register()
            .add_user(name, role, bound, &hash)
            .unwrap();
    }

    pub(crate) fn write(&self, records: Vec<Record>, second: i64) {
        let batch = records.into_iter().map(|record| Write {
            record,
            expect: Expect::Any,
        });
        self.engine
            .commit(batch.collect(), "cli", at(second))
            .unwrap();
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, Body::empty()).await
    }
}
