use std::error::Error as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use tokio_postgres::NoTls;

use super::*;
use crate::contract::{self, Fresh, at, write_any};
use crate::register::Expect;
use crate::verify::VerifyFaultKind;

/// Databases on the server that the tests are given; dropped at the end.
struct Server {
    url: String,
    prefix: String,
    made: std::sync::Mutex<Vec<String>>,
}

impl Server {
    /// The server, or a line that tells why the test is skipped.
    fn find() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(url) = std::env::var("ZHIFANG_TEST_POSTGRES") else {
            eprintln!("skipped: no PostgreSQL (run under scripts/with-postgres)");
            return None;
        };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("zhifang_test_{}_{count}", std::process::id());
        let server = Self {
            url,
            prefix,
            made: std::sync::Mutex::default(),
        };
        let template = server.database("template");
        server.sql(
            "postgres",
            &format!("CREATE DATABASE {template} TEMPLATE template0"),
        );
        server.sql(&template, "CREATE EXTENSION postgis");
        Some(server)
    }

    fn database(&self, name: &str) -> String {
        let database = format!("{}_{name}", self.prefix);
        let mut made = self.made.lock().unwrap();
        if !made.contains(&database) {
            made.push(database.clone());
        }
        database
    }

    fn url(&self, database: &str) -> String {
        let (server, _) = self.url.rsplit_once('/').unwrap();
        format!("{server}/{database}")
    }

    fn sql(&self, database: &str, sql: &str) -> Vec<Option<String>> {
        let url = self.url(database);
        Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(async {
                let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
                tokio::spawn(connection);
                let mut column = Vec::new();
                for message in client.simple_query(sql).await.unwrap() {
                    if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
                        column.push(row.get(0).map(str::to_owned));
                    }
                }
                column
            })
    }

    fn open(&self, name: &str) -> PostgisRegister {
        let template = self.database("template");
        let database = self.database(name);
        let exists = format!("SELECT 1 FROM pg_database WHERE datname = '{database}'");
        if self.sql("postgres", &exists).is_empty() {
            self.sql(
                "postgres",
                &format!("CREATE DATABASE {database} TEMPLATE {template}"),
            );
        }
        PostgisRegister::open(&self.url(&database)).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for database in self.made.lock().unwrap().iter() {
            self.sql(
                "postgres",
                &format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"),
            );
        }
    }
}

impl Fresh for Server {
    fn store(&self, name: &str) -> Arc<dyn Register> {
        Arc::new(self.open(name))
    }
}

#[test]
fn postgis_keeps_the_contract_of_registers() {
    let Some(server) = Server::find() else { return };
    contract::run(&server);
}

#[test]
fn a_missing_database_is_made_once_by_many_at_once() {
    let Some(server) = Server::find() else { return };
    let url = server.url(&server.database("made"));
    std::thread::scope(|scope| {
        let opened: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| PostgisRegister::open(&url).map(|_| ())))
            .collect();
        for one in opened {
            one.join().unwrap().unwrap();
        }
    });
    assert_eq!(PostgisRegister::open(&url).unwrap().head().unwrap(), 0);
}

#[test]
fn a_desktop_gis_sees_the_geometries() {
    let Some(server) = Server::find() else { return };
    let register = server.open("gis");
    let mut batch = vec![write_any("n1", "汉江"), write_any("n2", "老河口")];
    let place = geo_types::Geometry::Point((111.67, 32.385).into());
    batch[1].record.geometry = Some(Arc::new(place));
    register.commit(batch.clone(), "cli", at(0)).unwrap();
    batch[1].record.name = "老河口站".into();
    register.commit(batch, "cli", at(1)).unwrap();
    let seen = server.sql(
        &server.database("gis"),
        "SELECT concat_ws('|', collection, id, name, version, updated_by, is_retired, \
         ST_AsEWKT(geometry)) FROM zhifang.current_record ORDER BY id",
    );
    let seen: Vec<&str> = seen.iter().map(|row| row.as_deref().unwrap()).collect();
    let wanted = [
        "names|n1|汉江|1|cli|f",
        "names|n2|老河口站|2|cli|f|SRID=4490;POINT(111.67 32.385)",
    ];
    assert_eq!(seen, wanted);
}

#[test]
fn verification_names_the_first_entry_that_was_tampered_with() {
    let Some(server) = Server::find() else { return };
    let register = server.open("tampered");
    for commit in 0..4 {
        let batch = (0..5)
            .map(|row| write_any(&format!("n{commit}-{row}"), "汉江"))
            .collect();
        register.commit(batch, "cli", at(commit)).unwrap();
    }
    let first = |sql: &str, undo: &str| {
        server.sql(&server.database("tampered"), sql);
        let fault = register.verify().unwrap().faults.first().cloned().unwrap();
        server.sql(&server.database("tampered"), undo);
        assert!(register.verify().unwrap().is_sound());
        (fault.seq, fault.kind)
    };
    let rename = |name: &str| format!("UPDATE zhifang.version SET name = '{name}' WHERE seq = 8");
    assert_eq!(
        first(&rename("长江"), &rename("汉江")),
        (8, VerifyFaultKind::Altered)
    );
    let author = |by: &str| format!("UPDATE zhifang.batch SET by = '{by}' WHERE last_seq = 15");
    assert_eq!(
        first(&author("x"), &author("cli")),
        (11, VerifyFaultKind::BrokenSeal)
    );
    let (seq, kind) = first(
        "UPDATE zhifang.counter SET last_seq = 9",
        "UPDATE zhifang.counter SET last_seq = 20",
    );
    assert!(seq == 20 && matches!(kind, VerifyFaultKind::Database(_)));
}

#[test]
fn work_goes_on_after_the_server_cut_all_connections() {
    let Some(server) = Server::find() else { return };
    let register = server.open("cut");
    let cut = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
        server.database("cut")
    );
    for round in 1..=5_u64 {
        register
            .commit(vec![write_any("n1", &round.to_string())], "cli", at(0))
            .unwrap();
        server.sql("postgres", &cut);
        assert_eq!(register.head().unwrap(), round);
    }
    // The listener comes back too.
    let other = server.open("cut");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| register.wait(5, Duration::from_secs(10)).unwrap());
        other
            .commit(vec![write_any("n1", "6")], "cli", at(0))
            .unwrap();
        assert_eq!(waiting.join().unwrap(), 6);
    });
    assert!(register.verify().unwrap().is_sound());
}

#[test]
fn a_locked_counter_makes_writers_wait_and_readers_not() {
    let Some(server) = Server::find() else { return };
    let register = server.open("locked");
    register
        .commit(vec![write_any("n1", "1")], "cli", at(0))
        .unwrap();
    let database = server.database("locked");
    std::thread::scope(|scope| {
        let server = &server;
        let hold = scope.spawn(move || {
            let hold =
                "BEGIN; SELECT 1 FROM zhifang.counter FOR UPDATE; SELECT pg_sleep(0.8); COMMIT";
            server.sql(&database, hold)
        });
        std::thread::sleep(Duration::from_millis(300));
        let start = Instant::now();
        assert_eq!(register.changes(0, 10).unwrap().len(), 1);
        assert!(start.elapsed() < Duration::from_millis(300));
        register
            .commit(vec![write_any("n1", "2")], "cli", at(0))
            .unwrap();
        assert!(start.elapsed() > Duration::from_millis(300));
        hold.join().unwrap();
    });
}

#[test]
fn the_first_host_that_takes_writes_is_used() {
    let Some(server) = Server::find() else { return };
    server
        .open("hosts")
        .commit(vec![write_any("n1", "1")], "cli", at(0))
        .unwrap();
    let url = server.url(&server.database("hosts"));
    let (scheme, rest) = url.split_once('@').unwrap();
    // Port 1 refuses connections.
    let several = format!("{scheme}@127.0.0.1:1,{rest}?target_session_attrs=read-write");
    assert_eq!(PostgisRegister::open(&several).unwrap().head().unwrap(), 1);
}

#[test]
fn a_user_who_may_not_make_the_extension_is_told_so() {
    let Some(server) = Server::find() else { return };
    let (database, role) = (server.database("plain"), format!("{}_role", server.prefix));
    server.sql("postgres", &format!("CREATE ROLE {role} LOGIN"));
    server.sql(
        "postgres",
        &format!("CREATE DATABASE {database} OWNER {role} TEMPLATE template0"),
    );
    let (_, host) = server.url.split_once('@').unwrap();
    let (host, _) = host.split_once('/').unwrap();
    let url = format!("postgres://{role}@{host}/{database}");
    let error = PostgisRegister::open(&url).unwrap_err();
    assert!(matches!(error, StoreError::Extension { .. }), "{error:?}");
    assert!(error.hint().is_some());
    server.sql("postgres", &format!("DROP DATABASE {database}"));
    server.sql("postgres", &format!("DROP ROLE {role}"));
}

#[test]
fn a_transaction_as_large_as_a_province_loses_no_race() {
    let Some(server) = Server::find() else { return };
    let (register, other) = (server.open("race"), server.open("race"));
    std::thread::scope(|scope| {
        let large = scope.spawn(|| {
            let batch = (0..6_000)
                .map(|number| write_any(&format!("n{number}"), "大"))
                .collect();
            register.commit(batch, "large", at(0)).unwrap()
        });
        for number in 0..40 {
            let batch = vec![write_any(&format!("n{number}"), &format!("小{number}"))];
            other.commit(batch, "small", at(0)).unwrap();
        }
        assert_eq!(large.join().unwrap().changed(), 6_000);
    });
    let report = register.verify().unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!(report.head, 6_040);
    let expect = Expect::Version(3);
    let write = Write {
        expect,
        ..write_any("n7", "x")
    };
    assert!(matches!(
        register.commit(vec![write], "x", at(0)),
        Err(StoreError::Conflict { .. })
    ));
}

#[test]
fn no_message_tells_a_password() {
    let urls = [
        "postgres://zhang:geheim@127.0.0.1:1/register",
        "postgres://zhang:geheim@127.0.0.1:nonsense/register",
        "postgres://zhang@127.0.0.1:1/register?password=geheim",
        "postgres://zhang:geheim@127.0.0.1:1/register?sslmode=require",
        "postgres://zhang:ge?geheim@127.0.0.1:1/register",
    ];
    for url in urls {
        let error = PostgisRegister::open(url).unwrap_err();
        let mut told = format!("{error} {error:?} {:?}", error.hint());
        let mut cause = error.source();
        while let Some(error) = cause {
            told.push_str(&error.to_string());
            cause = error.source();
        }
        assert!(!told.contains("geheim"), "{told}");
    }
}
