//! `zhifang serve`: the HTTP service over one engine.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use zhifang_engine::{Engine, Options, Phase};
use zhifang_http::{AppState, Network};

use crate::args::Serve;
use crate::command::{Context, demo};
use crate::output::{Outcome, print_line, say};

pub(crate) fn run(context: &Context, args: &Serve) -> anyhow::Result<Outcome> {
    let base_path = args.base_path.trim_end_matches('/').to_owned();
    if !base_path.is_empty() && !base_path.starts_with('/') {
        anyhow::bail!("--base-path `{base_path}`: must begin with `/`");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    // The port first: a busy one must be told before minutes of import.
    let listener = runtime
        .block_on(TcpListener::bind(&args.listen))
        .with_context(|| {
            format!(
                "cannot listen at `{}`; choose another with --listen",
                args.listen
            )
        })?;
    let address = listener
        .local_addr()
        .context("the listener has no address")?;

    let register = context.register()?;
    let options = Options {
        snapshot_path: context.snapshot_path(),
        marker_step_deg: args.marker_step_deg,
    };
    let engine = Arc::new(Engine::new(register, options));
    let http = zhifang_http::Options {
        base_path,
        trusted_proxies: match (args.ignore_forwarded, args.trusted_proxy.is_empty()) {
            (true, _) => Vec::new(),
            (false, true) => Network::LOOPBACK.to_vec(),
            (false, false) => args.trusted_proxy.clone(),
        },
        approval_number: args.approval_number.clone(),
        name_rules: crate::command::names::read_rules(args.name_rules.as_deref())?,
    };
    let app = AppState::new(Arc::clone(&engine), http);
    let router = zhifang_http::router(&app);

    runtime.block_on(async move {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = tokio::spawn(zhifang_http::serve(listener, router, async {
            let _ = stopped.await;
        }));
        let standing = Arc::clone(&engine);
        let warm = app.clone();
        let (lang, fill) = (context.lang, args.demo);
        let standing_up = tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
            if fill {
                demo::fill_empty(&standing, lang)?;
            }
            standing.stand_up(&|phase| say(phase_text(lang, phase)))?;
            standing.follow();
            warm.draw_tiles_ahead();
            std::thread::spawn(move || warm.naming().warm());
            Ok(())
        });
        let mut signals = Signals::listen()?;
        tokio::select! {
            done = standing_up => {
                done.context("reading the register ended early")??;
                print_line(&format!("listening on http://{address}"))?;
                signals.wait().await;
            }
            () = signals.wait() => {}
        }
        engine.stop();
        let _ = stop.send(());
        match tokio::time::timeout(Duration::from_secs(15), server).await {
            Ok(joined) => joined
                .context("the service ended early")?
                .context("the service failed")?,
            Err(_) => say(context.lang.pick(
                "仍有请求未结束，强制退出",
                "some requests did not end in time",
            )),
        }
        let keeper = Arc::clone(&engine);
        tokio::task::spawn_blocking(move || keeper.keep_snapshot()).await??;
        anyhow::Ok(())
    })?;
    // Work that cannot be interrupted must not hold the exit.
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(Outcome::Done)
}

fn phase_text(lang: zhifang_core::Lang, phase: Phase) -> &'static str {
    match phase {
        Phase::OpeningSnapshot => lang.pick("正在打开快照…", "opening the snapshot…"),
        Phase::ReadingRegister => lang.pick("正在读取登记库…", "reading the register…"),
        Phase::IndexingNames => lang.pick("正在建立地名索引…", "indexing names…"),
        Phase::BuildingTiles => lang.pick("正在准备地图…", "preparing the map…"),
    }
}

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
