//! `nachtwacht serve`: opens the desk, serves it, and closes it in order.

use crate::{
    config::Serve,
    connector, demo, mail,
    metrics::{self, Answers},
    router,
    site::Site,
};
use axum::serve::ListenerExt;
use engine::{Clock, Engine, Options, RehearsalClock, SystemClock, accounts::Effort};
use lettre::transport::smtp::client::Certificate;
use std::{io, net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Running connectors get this long to finish before the server goes.
const GRACE: Duration = Duration::from_secs(3);

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// A sentence for the person at the console.
pub async fn serve(options: Serve) -> Result<(), String> {
    start_log(options.log_json);
    let listener = listen(options.listen, "--listen").await?;
    let watched = match options.metrics {
        Some(address) => Some(listen(address, "--metrics").await?),
        None => None,
    };
    let site = Site::open(options.site.as_deref())?;
    // the demo's password hashes would cost a newcomer's first seconds and protect nothing
    let effort = if options.demo {
        Effort {
            memory: 1024,
            passes: 1,
        }
    } else {
        Effort::default()
    };
    let clock: Arc<dyn Clock> = match options.clock {
        Some(file) => {
            tracing::warn!(file = %file.display(), "the wall clock is moved by what a file says");
            Arc::new(RehearsalClock::new(file))
        }
        None => Arc::new(SystemClock::default()),
    };
    let open = Options {
        dir: options.data.clone(),
        clock,
        effort,
        low_disk: options.low_disk,
    };
    let engine = Engine::open(open).await.map_err(|e| sentence(&e))?;
    engine::ticker::start(&engine);
    engine::scheduler::start(&engine);
    mail::start(&engine, mail_ca(options.mail_ca.as_deref())?);
    let base = format!("http://{}", options.listen);
    let (stop, stopped) = watch::channel(false);
    let mut homes = vec![];
    if options.demo {
        homes = demo::start(&engine, &options.data, &base, &stopped)
            .await
            .map_err(|e| sentence(&e))?;
    } else if let Some(link) = engine.first_admin_link().await.map_err(|e| sentence(&e))? {
        println!(
            "Nobody can sign in yet. The first admin opens this link once:\n  {base}/first-admin/{link}"
        );
    }
    let answers = Arc::<Answers>::default();
    let app = router::router(engine.clone(), site, options.secure, answers.clone())
        .map_err(|e| format!("No threads to paint pages on: {e}."))?;
    if let Some(watched) = watched {
        let figures = metrics::router(engine.clone(), answers);
        tokio::spawn(async move {
            if let Err(e) = axum::serve(watched, figures).await {
                tracing::error!(error = %e, "figures are no longer answered");
            }
        });
    }
    let listener = listener.tap_io(|stream| {
        // a page streams in pieces; waiting for the peer's delayed answer would cost 40 ms each
        let _ = stream.set_nodelay(true);
    });
    println!("Nachtwacht serves {base}");
    let going = engine.clone();
    let shutdown = async move {
        asked_to_stop().await;
        tracing::info!("stopping: nothing new is granted");
        if let Err(e) = going.drain().await {
            tracing::error!(error = %e, "the desk could not be drained");
        }
        // nobody listens when there are no connectors inside
        let _ = stop.send(true);
        connector::finish(homes, GRACE).await;
    };
    // event streams never end by themselves: the grace is also theirs
    tokio::select! {
        served = axum::serve(listener, app).into_future() => served.map_err(|e| format!("Serving ended: {e}.")),
        () = shutdown => Ok(()),
    }
}

async fn listen(address: SocketAddr, option: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|e| match e.kind() {
        io::ErrorKind::AddrInUse => {
            format!("{address} is in use by another program. Choose another with {option}.")
        }
        _ => format!("Nachtwacht cannot listen on {address}: {e}."),
    })
}

/// The certificate of an authority that mail servers are trusted by beside the usual ones.
fn mail_ca(file: Option<&Path>) -> Result<Option<Certificate>, String> {
    let Some(file) = file else { return Ok(None) };
    let name = file.display();
    let pem = std::fs::read(file).map_err(|e| format!("--mail-ca: {name} cannot be read: {e}."))?;
    let certificate =
        Certificate::from_pem(&pem).map_err(|e| format!("--mail-ca: {name} is no certificate: {e}."))?;
    Ok(Some(certificate))
}

/// Returns at SIGTERM or SIGINT.
pub async fn asked_to_stop() {
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! { _ = term.recv() => {} , _ = int.recv() => {} }
}

/// What the person at the console reads.
pub fn sentence(e: &engine::Error) -> String {
    match e {
        engine::Error::Storage(s) => s.clone(),
        engine::Error::Refused(r) => r.to_string(),
    }
}

fn start_log(json: bool) {
    let filter =
        tracing_subscriber::EnvFilter::try_from_env("NACHTWACHT_LOG").unwrap_or_else(|_| "info".into());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if json { log.json().init() } else { log.init() }
}
