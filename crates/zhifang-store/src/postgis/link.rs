//! Connections to the server: how they are made, kept, watched, and what their faults mean.

use std::error::Error as _;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::timeout;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};
use tokio_postgres::error::SqlState;
use tokio_postgres::{AsyncMessage, Client, Config, Error, NoTls, Transaction};

use crate::error::StoreError;
use crate::pulse::Pulse;

use super::{POLL, WRITER_WAIT, read};

/// Connections kept open.
const MAX_IDLE: usize = 8;

/// A host that swallows packets is given up after this time.
const CONNECT_WAIT: Duration = Duration::from_secs(2);

/// What went wrong on a connection.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server or the network.
    Driver(Error),
    /// Known already for what it is.
    Store(StoreError),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Whether the connection, not the statement, failed: classes 08 and 57P (shutdown, crash), or
/// no answer at all.
fn is_lost(error: &Error) -> bool {
    match error.code() {
        Some(code) => code.code().starts_with("08") || code.code().starts_with("57P"),
        None => {
            error.is_closed()
                || error
                    .source()
                    .is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
        }
    }
}

impl Fault {
    /// Whether the same work may succeed when done again from its beginning. Never so for a
    /// commit that was under way: that is [`StoreError::Unknown`].
    pub(super) fn is_passing(&self) -> bool {
        let Self::Driver(error) = self else {
            return false;
        };
        match error.code() {
            Some(code) => {
                *code == SqlState::T_R_SERIALIZATION_FAILURE
                    || *code == SqlState::T_R_DEADLOCK_DETECTED
                    // A pooled connection may still be to the server that was demoted.
                    || *code == SqlState::READ_ONLY_SQL_TRANSACTION
                    || is_lost(error)
            }
            None => is_lost(error),
        }
    }

    /// The error as told to the outside.
    pub(super) fn told(self, place: &str, doing: &'static str) -> StoreError {
        let error = match self {
            Self::Store(error) => return error,
            Self::Driver(error) => error,
        };
        let place = place.to_owned();
        match error.code() {
            Some(code) if *code == SqlState::LOCK_NOT_AVAILABLE => StoreError::Busy {
                place,
                seconds: WRITER_WAIT.as_secs(),
            },
            Some(code) if *code == SqlState::DISK_FULL => StoreError::DiskFull { place },
            Some(code) if *code == SqlState::READ_ONLY_SQL_TRANSACTION => {
                StoreError::ReadOnly { place }
            }
            Some(code)
                if *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED =>
            {
                StoreError::Corrupt {
                    place,
                    seq: None,
                    reason: error.to_string(),
                }
            }
            None if is_lost(&error) => StoreError::Open {
                place,
                source: Box::new(error),
            },
            _ => StoreError::Database {
                place,
                doing,
                source: Box::new(error),
            },
        }
    }
}

/// How long to pause after the attempt: longer each time, and never two writers alike.
pub(super) fn pause(attempt: u32) -> Duration {
    let jitter = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .subsec_micros();
    Duration::from_millis(u64::from((25 << attempt) + jitter % 40))
}

/// The address, read.
pub(super) fn config(url: &str, place: &str) -> Result<Config, StoreError> {
    let refuse = |reason: String| StoreError::Url {
        url: place.to_owned(),
        reason,
    };
    let mut config: Config = url.parse().map_err(|fault: Error| {
        // The driver's text names the part, never its content.
        refuse(fault.to_string())
    })?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        config.host_path("/var/run/postgresql");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_WAIT);
    }
    if config.get_tcp_user_timeout().is_none() {
        // A dead server would hold its connections for a quarter of an hour.
        config.tcp_user_timeout(Duration::from_secs(15));
    }
    config.keepalives_idle(Duration::from_secs(30));
    if config.get_target_session_attrs() == TargetSessionAttrs::Any {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    if config.get_application_name().is_none() {
        config.application_name("zhifang");
    }
    if config.get_ssl_mode() == SslMode::Require {
        let reason = "`sslmode=require` asks for TLS, which this program does not speak; use a \
                      local socket, a private network or a tunnel";
        return Err(refuse(reason.to_owned()));
    }
    Ok(config)
}

/// A connection.
#[derive(Debug)]
pub(super) struct Link {
    client: Client,
    /// Set when the server warns that a commit may not have reached its standby.
    is_warned: Arc<AtomicBool>,
}

impl Link {
    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    pub(super) const fn client_mut(&mut self) -> &mut Client {
        &mut self.client
    }

    /// What tells whether a commit was warned of.
    pub(super) fn warning(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_warned)
    }
}

/// Commits. From the moment that the server was asked to, only its answer tells what happened.
pub(super) async fn commit(
    transaction: Transaction<'_>,
    warning: &AtomicBool,
    place: &str,
) -> Result<(), Fault> {
    let unknown = |source: Box<dyn std::error::Error + Send + Sync>| {
        Fault::Store(StoreError::Unknown {
            place: place.to_owned(),
            source,
        })
    };
    warning.store(false, Ordering::SeqCst);
    match timeout(WRITER_WAIT, transaction.commit()).await {
        Ok(Ok(())) if warning.load(Ordering::SeqCst) => Err(unknown(
            "the server warned that the standby may not have it".into(),
        )),
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) if error.code().is_some() && !is_lost(&error) => Err(Fault::Driver(error)),
        Ok(Err(error)) => Err(unknown(Box::new(error))),
        Err(elapsed) => Err(unknown(Box::new(elapsed))),
    }
}

/// All connections of a register.
#[derive(Debug)]
pub(super) struct Links {
    config: Config,
    idle: Mutex<Vec<Link>>,
    pulse: Arc<Pulse>,
    /// What a new connection is told first.
    greeting: OnceLock<String>,
}

impl Links {
    pub(super) const fn new(config: Config, pulse: Arc<Pulse>) -> Self {
        Self {
            config,
            idle: Mutex::new(Vec::new()),
            pulse,
            greeting: OnceLock::new(),
        }
    }

    pub(super) const fn config(&self) -> &Config {
        &self.config
    }

    /// Sets the schema in which the extension lives, from which on connections find it.
    pub(super) fn greet(&self, extension_schema: &str) {
        let schema = extension_schema.replace('"', "\"\"");
        let _ = self.greeting.set(format!(
            "SET search_path TO pg_catalog, \"{schema}\"; SET client_min_messages TO warning; \
             SELECT set_config('synchronous_commit', 'on', false) \
             WHERE current_setting('synchronous_commit') = 'off'"
        ));
    }

    /// A connection that nobody uses, else a new one.
    pub(super) async fn take(&self) -> Result<Link, Fault> {
        loop {
            let idle = self
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop();
            match idle {
                Some(link) if link.client.is_closed() => {}
                Some(link) => return Ok(link),
                None => return self.connect(&self.config).await,
            }
        }
    }

    /// Takes the connection back, unless it may be broken or in the middle of something.
    pub(super) fn give_back<T>(&self, link: Link, outcome: &Result<T, Fault>) {
        let is_whole = match outcome {
            Ok(_) => true,
            Err(Fault::Store(error)) => !matches!(error, StoreError::Unknown { .. }),
            Err(Fault::Driver(_)) => false,
        };
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if is_whole && !link.client.is_closed() && idle.len() < MAX_IDLE {
            idle.push(link);
        }
    }

    /// A new connection, driven by a task of its own.
    pub(super) async fn connect(&self, config: &Config) -> Result<Link, Fault> {
        let (client, mut connection) = config.connect(NoTls).await?;
        let is_warned = Arc::new(AtomicBool::new(false));
        let (pulse, warned) = (Arc::clone(&self.pulse), Arc::clone(&is_warned));
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|task| connection.poll_message(task)).await {
                match message {
                    AsyncMessage::Notification(notification) => {
                        if let Ok(seq) = notification.payload().parse() {
                            pulse.raise(seq);
                        }
                    }
                    AsyncMessage::Notice(notice) if *notice.code() == SqlState::WARNING => {
                        warned.store(true, Ordering::SeqCst);
                    }
                    _ => {}
                }
            }
        });
        if let Some(greeting) = self.greeting.get() {
            client.batch_execute(greeting).await?;
        }
        Ok(Link { client, is_warned })
    }
}

/// Follows the commits of others for ever: by notification, and by looking in case one was lost.
pub(super) async fn listen(links: &Links, pulse: &Pulse) {
    loop {
        if let Ok(link) = links.connect(links.config()).await
            && link.client.batch_execute("LISTEN zhifang").await.is_ok()
        {
            // Listening comes first, so that nothing falls between the two.
            while let Ok(Ok(head)) = timeout(WRITER_WAIT, read::head(&link.client)).await {
                pulse.raise(head);
                tokio::time::sleep(POLL).await;
            }
        }
        tokio::time::sleep(POLL).await;
    }
}
