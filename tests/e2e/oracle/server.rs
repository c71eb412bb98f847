//! PostGIS, in a database of its own that goes when the test ends.

use std::collections::BTreeMap;
use std::io::Write as _;

use geo_types::{Coord, LineString};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls};

use super::Nearest;
use super::nation::County;

pub(super) struct Server {
    runtime: Runtime,
    url: String,
    database: String,
    client: Option<Client>,
}

/// What the server says of an answer, metres: how far the nearest line is, and the point that was said to be
/// nearest; how far that point is off the line that it was said to be on.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) line: f64,
    pub(super) foot: f64,
    pub(super) off_line: f64,
}

fn connect(runtime: &Runtime, url: &str) -> Client {
    let (client, connection) = runtime
        .block_on(tokio_postgres::connect(url, NoTls))
        .expect("the server that ZHIFANG_TEST_POSTGRES names");
    runtime.spawn(connection);
    client
}

impl Server {
    /// A fresh database, or a line that tells why the test is skipped.
    pub(super) fn find(name: &str) -> Option<Self> {
        let Ok(url) = std::env::var("ZHIFANG_TEST_POSTGRES") else {
            // Past the test harness, which keeps what passing tests print to itself.
            let line =
                b"skipped: no PostGIS to judge the geometry (run under scripts/with-postgres)\n";
            std::io::stderr().write_all(line).expect("standard error");
            return None;
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let database = format!("zhifang_{name}_{}", std::process::id());
        let make = format!("CREATE DATABASE {database} TEMPLATE template0");
        runtime
            .block_on(connect(&runtime, &url).batch_execute(&make))
            .expect("a database");
        let (server, _) = url.rsplit_once('/').expect("an address with a database");
        let client = connect(&runtime, &format!("{server}/{database}"));
        let server = Self {
            runtime,
            url,
            database,
            client: Some(client),
        };
        server.run("CREATE EXTENSION postgis");
        Some(server)
    }

    fn client(&self) -> &Client {
        self.client.as_ref().expect("connected until dropped")
    }

    fn run(&self, sql: &str) {
        self.runtime
            .block_on(self.client().batch_execute(sql))
            .expect(sql);
    }

    fn rows(
        &self,
        sql: &str,
        values: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Vec<tokio_postgres::Row> {
        self.runtime
            .block_on(self.client().query(sql, values))
            .expect(sql)
    }

    pub(super) fn load_counties(&self, counties: &[County]) {
        self.run("CREATE TABLE county (code text PRIMARY KEY, shape geometry NOT NULL)");
        let codes: Vec<&str> = counties.iter().map(|county| county.code.as_str()).collect();
        let shapes: Vec<&str> = counties.iter().map(|county| county.json.as_str()).collect();
        self.rows(
            "INSERT INTO county SELECT code, ST_SetSRID(ST_GeomFromGeoJSON(shape), 4490)
             FROM unnest($1::text[], $2::text[]) AS given (code, shape)",
            &[&codes, &shapes],
        );
        self.run("CREATE INDEX ON county USING gist (shape); ANALYZE county");
    }

    /// Codes of the counties that cover each point, sorted.
    pub(super) fn covering(&self, points: &[Coord<f64>]) -> Vec<Vec<String>> {
        let (lon, lat) = columns(points);
        let rows = self.rows(
            "SELECT array_remove(array_agg(code ORDER BY code), NULL)
             FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS asked (lon, lat, number)
             LEFT JOIN county ON ST_Covers(shape, ST_SetSRID(ST_MakePoint(lon, lat), 4490))
             GROUP BY number ORDER BY number",
            &[&lon, &lat],
        );
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Metres from each place to the nearest of the points.
    pub(super) fn nearest_points(&self, points: &[Coord<f64>], places: &[Coord<f64>]) -> Vec<f64> {
        let (lon, lat) = columns(points);
        let (from_lon, from_lat) = columns(places);
        let rows = self.rows(
            "WITH service AS MATERIALIZED (
                 SELECT ST_SetSRID(ST_MakePoint(lon, lat), 4490)::geography AS at
                 FROM unnest($1::float8[], $2::float8[]) AS given (lon, lat))
             SELECT min(ST_Distance(ST_SetSRID(ST_MakePoint(lon, lat), 4490)::geography, at))
             FROM unnest($3::float8[], $4::float8[]) WITH ORDINALITY AS asked (lon, lat, number), service
             GROUP BY number ORDER BY number",
            &[&lon, &lat, &from_lon, &from_lat],
        );
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// What the server makes of each answer.
    pub(super) fn nearest_lines(
        &self,
        lines: &[LineString<f64>],
        places: &[Coord<f64>],
        said: &[Nearest],
    ) -> Vec<Judged> {
        let texts: Vec<String> = lines.iter().map(well_known).collect();
        self.run("CREATE TABLE piece (line bigint NOT NULL, shape geography NOT NULL)");
        self.rows(
            "INSERT INTO piece
             SELECT number - 1, (ST_DumpSegments(ST_Segmentize(ST_GeomFromText(shape, 4490), 0.001))).geom
             FROM unnest($1::text[]) WITH ORDINALITY AS given (shape, number)",
            &[&texts],
        );
        self.run(
            "CREATE INDEX ON piece USING gist (shape); CREATE INDEX ON piece (line); ANALYZE piece",
        );
        let (lon, lat) = columns(places);
        let which: Vec<i64> = said
            .iter()
            .map(|near| i64::try_from(near.line).expect("a count"))
            .collect();
        let metres: Vec<f64> = said.iter().map(|near| near.metres).collect();
        let feet: Vec<Coord<f64>> = said.iter().map(|near| near.foot).collect();
        let (foot_lon, foot_lat) = columns(&feet);
        let rows = self.rows(
            "WITH asked AS MATERIALIZED (
                 SELECT number, which, metres, ST_SetSRID(ST_MakePoint(lon, lat), 4490)::geography AS at,
                     ST_SetSRID(ST_MakePoint(foot_lon, foot_lat), 4490)::geography AS foot
                 FROM unnest($1::float8[], $2::float8[], $3::bigint[], $4::float8[], $5::float8[], $6::float8[])
                     WITH ORDINALITY AS given (lon, lat, which, metres, foot_lon, foot_lat, number))
             SELECT (SELECT min(ST_Distance(at, shape)) FROM piece WHERE ST_DWithin(at, shape, metres * 1.01 + 1)),
                 ST_Distance(at, foot),
                 (SELECT min(ST_Distance(foot, shape)) FROM piece WHERE line = which)
             FROM asked ORDER BY number",
            &[&lon, &lat, &which, &metres, &foot_lon, &foot_lat],
        );
        rows.iter()
            .map(|row| Judged {
                line: row.get(0),
                foot: row.get(1),
                off_line: row.get(2),
            })
            .collect()
    }

    /// Square metres and metres of outline of each county.
    pub(super) fn measures(&self) -> BTreeMap<String, (f64, f64)> {
        let rows = self.rows(
            "SELECT code, ST_Area(shape::geography), ST_Perimeter(shape::geography) FROM county",
            &[],
        );
        rows.iter()
            .map(|row| (row.get(0), (row.get(1), row.get(2))))
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.client = None;
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.database);
        let client = connect(&self.runtime, &self.url);
        let _ = self.runtime.block_on(client.batch_execute(&drop));
    }
}

fn columns(points: &[Coord<f64>]) -> (Vec<f64>, Vec<f64>) {
    points.iter().map(|at| (at.x, at.y)).unzip()
}

fn well_known(line: &LineString<f64>) -> String {
    let vertices: Vec<String> = line
        .0
        .iter()
        .map(|at| format!("{} {}", at.x, at.y))
        .collect();
    format!("LINESTRING({})", vertices.join(","))
}
