//! `nachtwacht serve`: opens the desk, serves it, and closes it in order.

use crate::{
    client::Proxies,
    config::Serve,
    connector, demo,
    door::{self, Door},
    mail,
    metrics::{self, Answers},
    router::{self, Manner},
    site::Site,
    stop,
};
use axum::Router;
use engine::{Clock, Engine, Hearts, Options, Quotas, RehearsalClock, SystemClock, people::accounts::Effort};
use lettre::transport::smtp::client::Certificate;
use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};

/// What is under way, an answer or a running connector, gets this long to finish before the server goes.
const GRACE: Duration = Duration::from_secs(3);

/// So many connections read the figures at once.
const WATCHERS: usize = 32;

/// A rehearsal does not wait for a minute until a part hangs.
const REHEARSED_PATIENCE: Duration = Duration::from_secs(2);

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
    let own = format!("http://{}", options.listen);
    let bases = match options.bases.as_slice() {
        [] => {
            if options.secure {
                tracing::warn!("links in mails lead to {own}: say with --base where people reach the desk");
            }
            vec![own.clone()]
        }
        given => given.to_vec(),
    };
    let open = Options {
        dir: options.data.clone(),
        clock,
        effort,
        low_disk: options.low_disk,
        quotas: Quotas::default(),
        bases: bases.clone(),
        mail_inner: options.mail_inner,
        hearts: match options.rehearse {
            Some(_) => Hearts::new(REHEARSED_PATIENCE),
            None => Hearts::default(),
        },
    };
    let engine = Engine::open(open).await.map_err(|e| sentence(&e))?;
    engine::watch::ticker::start(&engine);
    engine::jobs::scheduler::start(&engine);
    if let Some(file) = options.rehearse {
        rehearse(engine.clone(), file);
    }
    let way = mail::Way {
        ca: mail_ca(options.mail_ca.as_deref())?,
        inner: options.mail_inner,
    };
    mail::start(&engine, way);
    let base = own;
    let (stop, stopped) = watch::channel(false);
    let mut homes = vec![];
    if options.demo {
        homes = demo::start(&engine, &options.data, &base, &stopped)
            .await
            .map_err(|e| sentence(&e))?;
    } else if let Some(link) = engine.first_admin_link().await.map_err(|e| sentence(&e))? {
        println!(
            "Nobody can sign in yet. The first admin opens this link once:\n  {}/first-admin/{link}",
            bases.first().unwrap_or(&base)
        );
    }
    let answers = Arc::<Answers>::default();
    let manner = Manner {
        secure: options.secure,
        streams: options.streams,
    };
    let app = router::router(engine.clone(), site, manner, answers.clone())
        .map_err(|e| format!("No threads to paint pages on: {e}."))?;
    if let Some(watched) = watched {
        let figures = metrics::router(engine.clone(), answers);
        // a few ask, and keep no file from the desk
        let door = Door {
            most: WATCHERS,
            of_client: WATCHERS,
            setting: "nothing",
            ..Door::new(Proxies::default(), WATCHERS)
        };
        tokio::spawn(door::serve(watched, figures, door, stopped.clone()));
    }
    println!("Nachtwacht serves {base}");
    let door = Door::new(options.proxies, options.of_client);
    until_asked(engine, listener, app, door, (homes, stop)).await;
    Ok(())
}

/// Serves until it is asked to stop; then what is under way ends, in its time.
async fn until_asked(
    engine: Arc<Engine>,
    listener: TcpListener,
    app: Router,
    door: Door,
    (homes, stop): (Vec<JoinHandle<()>>, watch::Sender<bool>),
) {
    let (close, closing) = watch::channel(false);
    let mut served = tokio::spawn(door::serve(listener, app, door, closing));
    stop::asked_to_stop().await;
    tracing::info!("stopping: nothing new is granted, and what is under way ends");
    let _ = close.send(true);
    let end = async {
        if let Err(e) = engine.drain().await {
            tracing::error!(error = %e, "the desk could not be drained");
        }
        // nobody listens when there are no connectors inside
        let _ = stop.send(true);
        tokio::join!(connector::finish(homes, GRACE), &mut served)
    };
    if timeout(GRACE, end).await.is_err() {
        tracing::warn!("not all that was under way ended in time: it is cut");
    }
}

/// Lets parts of the desk fail as a file says, which is read again and again.
fn rehearse(engine: Arc<Engine>, file: PathBuf) {
    tracing::warn!(file = %file.display(), "parts of the desk fail as a file says");
    tokio::spawn(async move {
        loop {
            for part in tokio::fs::read_to_string(&file).await.unwrap_or_default().lines() {
                engine.hearts.pretend(part.trim());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
}

/// What the system holds of an answer that is on its way: little enough that a slow reader is seen to read.
const ON_ITS_WAY: u32 = 128 << 10;

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    socket.set_reuseaddr(true)?;
    // each connection has it of this one
    socket.set_send_buffer_size(ON_ITS_WAY)?;
    socket.bind(address)?;
    socket.listen(1024)
}

async fn listen(address: SocketAddr, option: &str) -> Result<TcpListener, String> {
    bind(address).map_err(|e| match e.kind() {
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

/// What the person at the console reads.
pub fn sentence(e: &engine::Error) -> String {
    match e {
        engine::Error::Storage(s) => s.clone(),
        engine::Error::Refused(r) => r.to_string(),
        engine::Error::Broken { why, .. } => why.clone(),
    }
}

fn start_log(json: bool) {
    let filter =
        tracing_subscriber::EnvFilter::try_from_env("NACHTWACHT_LOG").unwrap_or_else(|_| "info".into());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if json {
        log.json().init();
    } else {
        log.init();
    }
    // a line like any other, and an object where all lines are objects
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let said = engine::alive::said(panic.payload());
        tracing::error!(place, thread = std::thread::current().name(), "panicked: {said}");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        door::tests::{LONG, alone, connect, read_until},
        router::tests::House,
    };
    use rustix::process::{Signal, getpid, kill_process};
    use std::{sync::mpsc, thread, time::Instant};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        runtime::Runtime,
    };

    /// What comes until the other side closes.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut rest = vec![];
        let read = timeout(LONG, stream.read_to_end(&mut rest)).await;
        read.expect("it ends").expect("in order");
        String::from_utf8(rest).unwrap()
    }

    #[tokio::test]
    async fn what_is_under_way_at_sigterm_ends_and_what_would_last_does_not_hold_it_up() {
        // the signal is for a process of its own
        if !alone("serve::tests::what_is_under_way_at_sigterm_ends_and_what_would_last_does_not_hold_it_up") {
            return;
        }
        let house = House::build().await;
        let (engine, app) = (house.desk.engine.clone(), house.app.clone());
        let (tell, told) = mpsc::channel();
        // as the program does it: with the runtime goes whatever is still at work on it
        let desk = thread::spawn(move || {
            Runtime::new().unwrap().block_on(async {
                let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let door = Door::new(Default::default(), 1000);
                let nobody = (vec![], watch::channel(false).0);
                until_asked(engine, listener, app, door, nobody).await;
            });
        });
        let address = told.recv().unwrap();
        let ask = |what: &str, token: &str, more: &str| {
            format!("{what} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{more}")
        };
        let question = r#"{"request_id":"r","max":1,"wait_seconds":50}"#;
        let json = format!(
            "content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            question.len()
        );
        let claim = ask("POST /api/v1/claim", &house.connector, &json) + question;
        let mut claim = connect(address, claim.as_bytes()).await;
        let half = ask(
            "PUT /api/v1/documents",
            &house.integration,
            "content-length: 20\r\n\r\n0123456789",
        );
        let mut slow = connect(address, half.as_bytes()).await;
        let mut idle = connect(address, ask("GET /health/live", "", "\r\n").as_bytes()).await;
        read_until(&mut idle, "live").await;
        let stream = ask("GET /api/v1/events", &house.integration, "\r\n");
        let mut stream = connect(address, stream.as_bytes()).await;
        read_until(&mut stream, "open").await;
        kill_process(getpid(), Signal::TERM).unwrap();
        let began = Instant::now();
        let answer = rest(&mut claim).await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains(r#""tasks":[]"#),
            "{answer}"
        );
        assert!(
            rest(&mut stream).await.ends_with("0\r\n\r\n"),
            "a stream ends, and breaks not off"
        );
        assert_eq!(rest(&mut idle).await, "");
        while TcpStream::connect(address).await.is_ok() {
            assert!(began.elapsed() < GRACE, "somebody is still let in");
        }
        slow.write_all(b"0123456789").await.unwrap();
        let answer = rest(&mut slow).await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("doc_"),
            "{answer}"
        );
        tokio::task::spawn_blocking(|| desk.join())
            .await
            .unwrap()
            .unwrap();
        assert!(began.elapsed() < GRACE, "{:?}", began.elapsed());
    }
}
