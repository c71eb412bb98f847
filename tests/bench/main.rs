//! Loads the program as a user would and prints its figures: time to be ready, answers' p50 and
//! p99, how soon an edit shows, memory and disk.
//!
//! `ZHIFANG_BIN=target/release/zhifang cargo bench -p zhifang-tests`

#![expect(clippy::print_stdout, reason = "a measurement prints")]
#![expect(
    clippy::panic,
    reason = "a measurement of a service that fails is none"
)]

mod walk;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use zhifang_tests::{Desk, Server, data, percent};

/// Requests of one kind by one client after another.
const REQUESTS: usize = 2_000;

/// Requests of one kind by four clients at once.
const LOAD: usize = 8_000;

fn main() {
    let desk = Desk::new();
    let start = Instant::now();
    let server = desk.serve(&["--demo"]);
    row(
        "first `serve --demo`, ready",
        seconds(start.elapsed()),
        "< 60 s",
    );
    row("resident, the nation loaded", megabytes(&server), "< 1 GiB");
    let size = |name: &str| std::fs::metadata(desk.path(name)).map_or(0, |file| file.len());
    row(
        "register on disk",
        format!(
            "{} MB",
            (size("register.db") + size("register.db-wal")) / 1_000_000
        ),
        "< 250 MB",
    );
    assert_eq!(server.stop(), 0, "the service stops cleanly");

    let start = Instant::now();
    let server = desk.serve(&[]);
    row("later start, ready", seconds(start.elapsed()), "< 3 s");
    row(
        "resident after a later start",
        megabytes(&server),
        "< 1 GiB",
    );

    let units = Units::read();
    let client = Client::new(&server.url);
    let mut random = Random(0x5eed);
    let searches: Vec<String> = (0..REQUESTS)
        .map(|at| format!("/v1/search?q={}", percent(&units.query(at, &mut random))))
        .collect();
    let prefixes: Vec<String> = (0..REQUESTS)
        .map(|_| format!("/v1/autocomplete?q={}", percent(&units.prefix(&mut random))))
        .collect();
    let places: Vec<String> = (0..REQUESTS)
        .map(|_| {
            let (lon, lat) = random.place();
            format!("/v1/reverse?lon={lon:.6}&lat={lat:.6}")
        })
        .collect();
    latency(&client, "search", &searches, "p99 < 10 ms");
    latency(&client, "autocomplete", &prefixes, "");
    latency(&client, "reverse", &places, "p99 < 5 ms");
    for zooms in [0..=4_u8, 5..=8, 9..=12, 13..=16] {
        let tiles: Vec<String> = zooms
            .clone()
            .flat_map(|zoom| cover(zoom, 150, &mut random))
            .map(|(z, x, y)| format!("/tiles/base/{z}/{x}/{y}"))
            .collect();
        let name = format!("tile, first time, z{}–z{}", zooms.start(), zooms.end());
        latency(&client, &name, &tiles, "p99 < 20 ms");
    }
    for (name, paths) in [("search", &searches), ("reverse", &places)] {
        throughput(&server.url, name, paths);
    }
    walk::figures(&server.url, &mut random);
    edits(&desk, &server);
    row("resident at the end", megabytes(&server), "< 1 GiB");
}

fn row(what: &str, figure: impl std::fmt::Display, wanted: &str) {
    println!("| {what} | {figure} | {wanted} |");
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn megabytes(server: &Server) -> String {
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap_or_default();
    let kilobytes: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0);
    format!("{} MB", kilobytes / 1000)
}

/// A client that keeps its connection.
struct Client {
    agent: ureq::Agent,
    url: String,
}

impl Client {
    fn new(url: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        Self {
            agent,
            url: url.to_owned(),
        }
    }

    fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let mut response = self
            .agent
            .get(format!("{}{path}", self.url))
            .call()
            .unwrap_or_else(|error| panic!("GET {path}: {error}"));
        let body = response.body_mut().read_to_vec().unwrap_or_default();
        (response.status().as_u16(), body)
    }
}

fn latency(client: &Client, what: &str, paths: &[String], wanted: &str) {
    let mut times: Vec<Duration> = Vec::with_capacity(paths.len());
    for path in paths {
        let start = Instant::now();
        let (status, _) = client.get(path);
        times.push(start.elapsed());
        assert!(status == 200 || status == 204, "GET {path}: {status}");
    }
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    row(
        &format!("{what} over HTTP, p50 / p99 / longest ({})", times.len()),
        format!(
            "{} / {} / {}",
            milliseconds(at(0.5)),
            milliseconds(at(0.99)),
            milliseconds(at(1.0))
        ),
        wanted,
    );
}

fn throughput(url: &str, what: &str, paths: &[String]) {
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let client = Client::new(url);
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= LOAD {
                        return;
                    }
                    client.get(&paths[at % paths.len()]);
                }
            });
        }
    });
    let rate = LOAD as f64 / start.elapsed().as_secs_f64();
    row(
        &format!("{what}, four clients on the same two cores"),
        format!("{rate:.0} answers/s"),
        "",
    );
}

/// How soon an acknowledged edit shows in search, items and tiles.
fn edits(desk: &Desk, server: &Server) {
    let added = desk.run(&[
        "user",
        "add",
        "bench",
        "--role",
        "editor",
        "--division",
        "420682",
    ]);
    let token = added.stdout().trim().to_owned();
    let bearer = format!("Bearer {token}");
    let mut longest: BTreeMap<&str, Duration> = BTreeMap::new();
    for number in 0..10 {
        let name = format!("测速湾{number}");
        let (lon, lat) = (111.67 + f64::from(number) * 1e-4, 32.385);
        // At the last zoom every name is drawn, however near others are.
        let (z, x, y) = tile_at(16, lon, lat);
        let tile = format!("/tiles/base/{z}/{x}/{y}");
        let feature = serde_json::json!({
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {"name": name, "division": "420682", "category": 6,
                "class_code": "22100", "status": "published"},
        });
        let before = server.get(&tile).body;
        let start = Instant::now();
        let answer = server.send(
            "POST",
            "/ogc/collections/names/items",
            &[
                ("authorization", &bearer),
                ("content-type", "application/geo+json"),
            ],
            Some(feature.to_string().as_bytes()),
        );
        assert_eq!(answer.status, 201, "{}", answer.text());
        let id = answer
            .header("location")
            .and_then(|place| place.rsplit('/').next())
            .unwrap_or_default()
            .to_owned();
        let mut waiting = vec![
            ("search", format!("/v1/search?q={}&limit=1", percent(&name))),
            ("items", format!("/ogc/collections/names/items/{id}")),
            ("tiles", tile.clone()),
        ];
        while !waiting.is_empty() {
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "{waiting:?} never showed"
            );
            waiting.retain(|(what, path)| {
                let answer = server.get(path);
                let shows = match *what {
                    "search" => answer.text().contains(&name),
                    "items" => answer.status == 200,
                    _ => answer.body != before,
                };
                if shows {
                    let time = longest.entry(what).or_default();
                    *time = (*time).max(start.elapsed());
                }
                !shows
            });
        }
    }
    for (what, time) in longest {
        row(
            &format!("an edit shows in {what}, longest of ten, the write included"),
            milliseconds(time),
            "< 1 s",
        );
    }
}

/// The tile of a zoom that holds a place.
fn tile_at(zoom: u8, lon: f64, lat: f64) -> (u8, u32, u32) {
    let side = f64::from(1_u32 << zoom);
    let x = (lon + 180.0) / 360.0 * side;
    let y = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0 * side;
    (zoom, x as u32, y as u32)
}

/// Tiles of a zoom over the nation, at most so many.
fn cover(zoom: u8, most: usize, random: &mut Random) -> Vec<(u8, u32, u32)> {
    let mut tiles: Vec<(u8, u32, u32)> = (0..most)
        .map(|_| {
            let (lon, lat) = random.place();
            tile_at(zoom, lon, lat)
        })
        .collect();
    tiles.sort_unstable();
    tiles.dedup();
    tiles
}

/// The nation's units, from which queries are made.
struct Units(Vec<(String, String)>);

impl Units {
    fn read() -> Self {
        let file = std::fs::File::open(data("nation/china_divisions.csv.gz"))
            .expect("the shipped table of divisions");
        let mut text = String::new();
        GzDecoder::new(file)
            .read_to_string(&mut text)
            .expect("the table is UTF-8");
        Self(
            text.lines()
                .skip(1)
                .filter_map(|line| {
                    let mut cells = line.splitn(3, ',');
                    let code = cells.next()?.to_owned();
                    Some((code, cells.nth(1)?.to_owned()))
                })
                .collect(),
        )
    }

    fn pick(&self, random: &mut Random) -> &(String, String) {
        &self.0[(random.unit() * self.0.len() as f64) as usize]
    }

    fn named(&self, code: &str) -> &str {
        self.0
            .binary_search_by(|unit| unit.0.as_str().cmp(code))
            .map_or("", |at| &self.0[at].1)
    }

    /// A whole name, a name after its county, one with a character missing, two swapped, or with
    /// a house number behind.
    fn query(&self, at: usize, random: &mut Random) -> String {
        let (code, name) = self.pick(random);
        let mut letters: Vec<char> = name.chars().collect();
        let place = (random.unit() * letters.len() as f64) as usize;
        match at % 5 {
            0 => name.clone(),
            1 => format!("{}{name}", self.named(code.get(..6).unwrap_or_default())),
            2 if letters.len() > 3 => {
                letters.remove(place);
                letters.into_iter().collect()
            }
            3 if place + 1 < letters.len() => {
                letters.swap(place, place + 1);
                letters.into_iter().collect()
            }
            _ => format!("{name}{}号", place + 1),
        }
    }

    fn prefix(&self, random: &mut Random) -> String {
        let (_, name) = self.pick(random);
        let most = name.chars().count().min(4);
        name.chars()
            .take(1 + (random.unit() * most as f64) as usize)
            .collect()
    }
}

/// Xorshift: the same questions every time.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A place in the settled half of the nation.
    fn place(&mut self) -> (f64, f64) {
        (100.0 + 18.0 * self.unit(), 24.0 + 16.0 * self.unit())
    }
}
