//! The harness of the end-to-end tests: the real program in a folder of its own.

#![expect(clippy::panic, reason = "a harness fails its test by panicking")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Longest wait for the program to be ready: a full demonstration in a debug build.
const READY: Duration = Duration::from_mins(5);

/// The files of Laohekou's demonstration, in the order in which they refer to each other.
const LAOHEKOU: [(&str, &str); 16] = [
    ("divisions", "laohekou_and_neighbours"),
    ("divisions", "townships"),
    ("divisions", "villages"),
    ("names", "names"),
    ("signs", "signs"),
    ("boundaries", "boundaries"),
    ("markers", "markers"),
    ("disputes", "disputes"),
    ("claims", "claims"),
    ("structures", "structures"),
    ("inspections", "inspections"),
    ("observations", "observations"),
    ("services", "services"),
    ("cemeteries", "cemeteries"),
    ("projects", "projects"),
    ("roads", "roads"),
];

/// The top folder of the project.
pub fn project_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// A file of the shipped data.
pub fn data(path: &str) -> PathBuf {
    project_root().join("data").join(path)
}

/// The program as built beside this test (`ZHIFANG_BIN` names another).
pub fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("ZHIFANG_BIN") {
        return path.into();
    }
    let mut path = std::env::current_exe().unwrap_or_default();
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    path.join("zhifang")
}

/// Text as it stands in a query: every byte by its percent code.
pub fn percent(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |out, byte| out + &format!("%{byte:02X}"))
}

/// A register of its own in a temporary folder.
#[derive(Debug)]
pub struct Desk {
    folder: TempDir,
    store: String,
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

impl Desk {
    /// An empty register in a file.
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let store = format!("sqlite:{}", folder.path().join("register.db").display());
        Self { folder, store }
    }

    /// The demonstration of Laohekou without the nation behind it: loaded in seconds.
    #[track_caller]
    pub fn laohekou() -> Self {
        let desk = Self::new();
        for (collection, file) in LAOHEKOU {
            let path = data(&format!("laohekou/{file}.geojson"));
            let run = desk.run(&["import", collection, &path.display().to_string()]);
            assert!(run.status() < 2, "{file}: {}", run.stderr());
        }
        desk
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file in the temporary folder");
        path
    }

    /// The store's address.
    pub fn store(&self) -> &str {
        &self.store
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .arg("--store")
            .arg(&self.store)
            .args(arguments)
            .stdin(Stdio::null())
            .current_dir(self.folder.path());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        let output = self
            .command(arguments)
            .output()
            .expect("the program starts");
        Run {
            output,
            arguments: arguments.join(" "),
        }
    }

    /// Starts the service and waits until it is ready.
    pub fn serve(&self, arguments: &[&str]) -> Server {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        Server::start(self.command(&all))
    }
}

/// A finished command.
#[derive(Debug)]
pub struct Run {
    output: Output,
    arguments: String,
}

impl Run {
    /// Standard output as text.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// Standard error as text.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// Exit status; -1 when a signal ended it.
    pub fn status(&self) -> i32 {
        self.output.status.code().unwrap_or(-1)
    }

    /// Standard output as JSON, after the status was seen to be `status`.
    #[track_caller]
    pub fn json(&self, status: i32) -> Value {
        self.expect(status);
        serde_json::from_str(&self.stdout())
            .unwrap_or_else(|error| panic!("`{}`: {error}: {}", self.arguments, self.stdout()))
    }

    /// Fails unless the command ended with this status.
    #[track_caller]
    pub fn expect(&self, status: i32) -> &Self {
        assert_eq!(
            self.status(),
            status,
            "`{}` ended otherwise\nstdout: {}\nstderr: {}",
            self.arguments,
            self.stdout(),
            self.stderr()
        );
        self
    }
}

/// A running service; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// `http://HOST:PORT`.
    pub url: String,
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Header values by lower-case name.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("status {}: {error}: {}", self.status, self.text()))
    }
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the service starts");
        let stdout = child.stdout.take().expect("standard output is piped");
        let stderr = child.stderr.take().expect("standard error is piped");
        let log = std::thread::spawn(move || {
            BufReader::new(stderr)
                .lines()
                .map_while(Result::ok)
                .collect::<Vec<_>>()
                .join("\n")
        });
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        if let Ok(line) = receiver.recv_timeout(READY) {
            let url = line
                .strip_prefix("listening on ")
                .unwrap_or(&line)
                .to_owned();
            return Self { child, url };
        }
        let _ = child.kill();
        let _ = child.wait();
        panic!(
            "the service did not come up: {}",
            log.join().unwrap_or_default()
        );
    }

    /// Process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks for a path.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    /// Asks for JSON, which must come with status 200.
    #[track_caller]
    pub fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.text());
        answer.json()
    }

    /// Sends a request with headers and perhaps a body; every status is an answer.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Answer {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .into();
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(body.unwrap_or_default().to_vec())
            .expect("a well-formed request");
        let mut response = agent
            .run(request)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let body = response
            .body_mut()
            .with_config()
            .limit(1 << 30)
            .read_to_vec()
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        Answer {
            status,
            headers,
            body,
        }
    }

    /// Asks it to stop and waits; its exit status.
    pub fn stop(mut self) -> i32 {
        let _ = Command::new("kill")
            .arg("-TERM")
            .arg(self.child.id().to_string())
            .status();
        self.child
            .wait()
            .ok()
            .and_then(|status| status.code())
            .unwrap_or(-1)
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
