//! Listening, and stopping gracefully: no new connection, the running answers are finished.

use std::future::{Future, IntoFuture};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

/// How long running answers have after the signal to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until `stop` resolves, then drains.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopped, draining) = tokio::sync::oneshot::channel();
    let signal = async move {
        stop.await;
        let _ = stopped.send(());
    };
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service)
        .with_graceful_shutdown(signal)
        .into_future();
    tokio::select! {
        result = server => result,
        () = async {
            // Streams that never end (event streams) must not hold the program for ever.
            let _ = draining.await;
            tokio::time::sleep(DRAIN).await;
        } => Ok(()),
    }
}
