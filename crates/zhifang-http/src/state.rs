//! What every handler may reach: the engine, the options, the callers known by token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use axum::http::header::HOST;
use sha2::{Digest, Sha256};
use zhifang_core::{Actor, Timestamp};
use zhifang_engine::naming::NamingDesk;
use zhifang_engine::{Engine, World};
use zhifang_names::Rules;

use crate::compat::PlaceIds;
use crate::error::{ApiError, ApiResult};
use crate::metrics::Metrics;
use crate::ogc::Counts;
use crate::proxy::Network;
use crate::sessions::Sessions;
use crate::tile_cache::TileCache;

/// How long a token look-up is remembered; a revoked token is refused within this time.
const TOKEN_MEMORY: Duration = Duration::from_millis(500);
/// Tokens remembered at most, so that guessing cannot fill the memory.
const TOKENS_REMEMBERED: usize = 10_000;

/// How often the thread that draws tiles looks for a newer world.
const LOOK: Duration = Duration::from_millis(100);

/// What the program sets.
#[derive(Debug, Clone)]
pub struct Options {
    /// Path under which everything stands, without a final slash; empty for the root.
    pub base_path: String,
    /// From whom `X-Forwarded-Proto`, `-Host` and `-Prefix` are believed.
    pub trusted_proxies: Vec<Network>,
    /// Map approval number (审图号) shown on public maps.
    pub approval_number: String,
    /// The rules on names.
    pub name_rules: Arc<Rules>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            base_path: String::new(),
            trusted_proxies: Network::LOOPBACK.to_vec(),
            approval_number: String::new(),
            name_rules: Arc::new(Rules::shipped().clone()),
        }
    }
}

/// Hashes of tokens, when they were looked up, and whose they are.
type Tokens = HashMap<[u8; 32], (Instant, Option<Actor>)>;

struct Inner {
    engine: Arc<Engine>,
    options: Options,
    tokens: Mutex<Tokens>,
    metrics: Metrics,
    naming: NamingDesk,
    tiles: TileCache,
    sessions: Sessions,
    place_ids: PlaceIds,
    counts: Counts,
}

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppState")
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}

impl AppState {
    /// State over an engine.
    pub fn new(engine: Arc<Engine>, options: Options) -> Self {
        let naming = NamingDesk::new(Arc::clone(&engine), Arc::clone(&options.name_rules));
        Self(Arc::new(Inner {
            engine,
            naming,
            options,
            tokens: Mutex::new(HashMap::new()),
            metrics: Metrics::default(),
            tiles: TileCache::default(),
            sessions: Sessions::default(),
            place_ids: PlaceIds::default(),
            counts: Counts::default(),
        }))
    }

    /// The engine.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.0.engine
    }

    /// The naming desk.
    pub fn naming(&self) -> &NamingDesk {
        &self.0.naming
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.0.options
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub(crate) fn tiles(&self) -> &TileCache {
        &self.0.tiles
    }

    /// Keeps the first zooms of the public map drawn for the newest world, on a thread of its own,
    /// until the engine stops.
    pub fn draw_tiles_ahead(&self) {
        let app = self.clone();
        let thread = std::thread::Builder::new().name("tiles".to_owned());
        let started = thread.spawn(move || {
            let engine = app.engine();
            let mut drawn = None;
            while !engine.is_stopped() {
                let world = engine.world();
                let seq = world.as_ref().map(|world| world.snapshot.seq());
                if let Some(world) = world.filter(|_| drawn != seq) {
                    let is_over = || {
                        let newest = engine.world().map(|world| world.snapshot.seq());
                        engine.is_stopped() || newest != seq
                    };
                    app.tiles().draw_ahead(&world, &is_over);
                    drawn = seq;
                }
                std::thread::sleep(LOOK);
            }
        });
        if let Err(error) = started {
            tracing::error!(%error, "tiles are drawn when they are asked for");
        }
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.0.counts
    }

    pub(crate) fn place_ids(&self) -> &PlaceIds {
        &self.0.place_ids
    }

    /// The world as it stands; 503 until the first one stands.
    pub fn world(&self) -> ApiResult<Arc<World>> {
        self.0.engine.world().ok_or_else(|| {
            ApiError::unavailable("the register is being read; try again in a moment", 2)
        })
    }

    /// The world as the register knew it at the instant, or as it stands.
    pub async fn world_at(&self, known_at: Option<Timestamp>) -> ApiResult<Arc<World>> {
        let Some(at) = known_at else {
            return self.world();
        };
        self.world()?;
        let engine = Arc::clone(&self.0.engine);
        self.blocking(move || {
            engine
                .world_at(at)
                .map_err(|error| ApiError::internal(&error))
        })
        .await
    }

    /// Runs work that may block off the request threads.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> ApiResult<T> + Send + 'static,
    ) -> ApiResult<T> {
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| ApiError::internal(&error))?
    }

    /// The user whose token this is.
    pub(crate) async fn user_of_token(&self, token: &str) -> ApiResult<Option<Actor>> {
        self.user_of_hash(Sha256::digest(token.as_bytes()).into())
            .await
    }

    /// The user who is signed in under this name of a session.
    pub(crate) async fn user_of_session(&self, name: &str) -> ApiResult<Option<Actor>> {
        match self.0.sessions.token_of(name) {
            Some(hash) => self.user_of_hash(hash).await,
            None => Ok(None),
        }
    }

    async fn user_of_hash(&self, hash: [u8; 32]) -> ApiResult<Option<Actor>> {
        {
            let tokens = self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((since, actor)) = tokens.get(&hash)
                && since.elapsed() < TOKEN_MEMORY
            {
                return Ok(actor.clone());
            }
        }
        let engine = Arc::clone(&self.0.engine);
        let actor = self
            .blocking(move || {
                engine
                    .actor_of_token(&hash)
                    .map_err(|error| ApiError::internal(&error))
            })
            .await?;
        let mut tokens = self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= TOKENS_REMEMBERED {
            tokens.clear();
        }
        tokens.insert(hash, (Instant::now(), actor.clone()));
        Ok(actor)
    }

    /// Absolute address of the service as the caller reached it, without a final slash.
    pub fn base_url(&self, headers: &HeaderMap) -> String {
        let text = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(|value| value.split(',').next().unwrap_or(value).trim().to_owned())
                .filter(|value| !value.is_empty() && !value.contains(['"', '<', '>', ' ', '\\']))
        };
        let scheme = text("x-forwarded-proto")
            .filter(|scheme| scheme == "http" || scheme == "https")
            .unwrap_or_else(|| "http".to_owned());
        let host = text("x-forwarded-host")
            .or_else(|| text(HOST.as_str()))
            .unwrap_or_else(|| "localhost".to_owned());
        let prefix = text("x-forwarded-prefix")
            .map(|prefix| prefix.trim_end_matches('/').to_owned())
            .filter(|prefix| prefix.is_empty() || prefix.starts_with('/'))
            .unwrap_or_default();
        let base = &self.0.options.base_path;
        let path = if prefix.ends_with(base.as_str()) {
            prefix
        } else {
            format!("{prefix}{base}")
        };
        format!("{scheme}://{host}{path}")
    }
}
