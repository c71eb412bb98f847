use std::error::Error as _;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, Once};
use std::time::Instant;

use tokio_postgres::NoTls;

use super::*;
use crate::contract::{self, Fresh, at, write_any};
use crate::register::Expect;
use crate::verify::VerifyFaultKind;

/// The database that the others are copied from.
const TEMPLATE_NAME: &str = "zhifang_test_template";

/// Databases on the server that the tests are given; dropped at the end.
struct Server {
    url: String,
    prefix: String,
    made: Mutex<Vec<String>>,
}

impl Server {
    /// The server, or a line that tells why the test is skipped.
    fn find() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        // Making the extension takes a second: once for all tests, and kept.
        static TEMPLATE: Mutex<()> = Mutex::new(());
        let Ok(url) = std::env::var("ZHIFANG_TEST_POSTGRES") else {
            // Past the test harness, which keeps what passing tests print to itself.
            static TOLD: Once = Once::new();
            let line = b"skipped: no PostgreSQL (run under scripts/with-postgres)\n";
            TOLD.call_once(|| std::io::stderr().write_all(line).unwrap());
            return None;
        };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("zhifang_test_{}_{count}", std::process::id());
        let server = Self {
            url,
            prefix,
            made: Mutex::default(),
        };
        let turn = TEMPLATE.lock().unwrap();
        let exists = format!("SELECT 1 FROM pg_database WHERE datname = '{TEMPLATE_NAME}'");
        if server.sql("postgres", &exists).is_empty() {
            server.sql(
                "postgres",
                &format!("CREATE DATABASE {TEMPLATE_NAME} TEMPLATE template0"),
            );
            server.sql(TEMPLATE_NAME, "CREATE EXTENSION postgis");
        }
        drop(turn);
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
        let database = self.database(name);
        let exists = format!("SELECT 1 FROM pg_database WHERE datname = '{database}'");
        if self.sql("postgres", &exists).is_empty() {
            let make =
                format!("CREATE DATABASE {database} TEMPLATE {TEMPLATE_NAME} STRATEGY file_copy");
            self.sql("postgres", &make);
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

/// Stands between client and server, and on demand cuts the connection right after the server
/// was told to commit, before the client hears of it.
fn cutting_proxy(server: String, is_armed: Arc<AtomicBool>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, is_armed) = (client.unwrap(), Arc::clone(&is_armed));
            let mut upstream = TcpStream::connect(&server).unwrap();
            let (mut back, mut to_client) =
                (upstream.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut back, &mut to_client));
            std::thread::spawn(move || {
                let mut buffer = vec![0; 65_536];
                while let Ok(count @ 1..) = client.read(&mut buffer) {
                    let sent = &buffer[..count];
                    let is_commit = sent.windows(7).any(|word| word == b"COMMIT\0");
                    if is_commit && is_armed.swap(false, Ordering::SeqCst) {
                        let _ = client.shutdown(Shutdown::Both);
                        upstream.write_all(sent).unwrap();
                        std::thread::sleep(Duration::from_millis(100));
                        break;
                    }
                    if upstream.write_all(sent).is_err() {
                        break;
                    }
                }
                let _ = upstream.shutdown(Shutdown::Both);
            });
        }
    });
    port
}

#[test]
fn a_commit_whose_answer_was_lost_is_told_as_unknown_and_not_repeated() {
    let Some(server) = Server::find() else { return };
    let direct = server.open("lost");
    let is_armed = Arc::new(AtomicBool::new(false));
    let (user, rest) = server.url.split_once('@').unwrap();
    let (host, _) = rest.split_once('/').unwrap();
    let port = cutting_proxy(host.to_owned(), Arc::clone(&is_armed));
    let url = format!("{user}@127.0.0.1:{port}/{}", server.database("lost"));
    let register = PostgisRegister::open(&url).unwrap();
    register
        .commit(vec![write_any("n1", "1")], "cli", at(0))
        .unwrap();
    is_armed.store(true, Ordering::SeqCst);
    let error = register
        .commit(vec![write_any("n1", "2")], "cli", at(0))
        .unwrap_err();
    assert!(matches!(error, StoreError::Unknown { .. }), "{error:?}");
    // Here the server did commit, once.
    assert_eq!(direct.wait(1, Duration::from_secs(5)).unwrap(), 2);
    let receipt = register
        .commit(vec![write_any("n1", "2")], "cli", at(0))
        .unwrap();
    assert_eq!((receipt.changed(), receipt.unchanged.len()), (0, 1));
    assert!(register.verify().unwrap().is_sound());
}
