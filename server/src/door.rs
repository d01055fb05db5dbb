//! The way in: accepts connections, as many as the system bears, and serves what is asked over them.

mod body;
mod files;
mod memory;
mod patience;
mod seats;
#[cfg(test)]
pub(crate) mod tests;

pub use body::{Pace, timely};
pub use seats::{Seat, Seats};

use crate::{client::Proxies, problem};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{Version, header::HOST},
};
use engine::seldom::Seldom;
use hyper::{
    body::{Body as HttpBody, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use patience::{Ours, Patience, Patient, Turn};
use std::{
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::sleep,
};
use tower::Service;

/// What is read of a question's head, or waits to be written, at most.
const BUFFER: usize = 64 * 1024;
/// Of one client's address at once, unless it is a trusted proxy: a centre behind one address, with a thousand connectors.
pub const OF_CLIENT: usize = 2048;

/// Whom to let in.
#[derive(Clone, Debug)]
pub struct Door {
    /// Whose word on a client's address is believed; they connect for many.
    pub proxies: Proxies,
    /// How long clients are waited for.
    pub patience: Patience,
    /// Connections at once.
    pub most: usize,
    /// Connections of one client at once.
    pub of_client: usize,
    /// What allows one client more.
    pub setting: &'static str,
}

impl Door {
    /// As many as the system lets this program open; of one client at once `of_client`, but never all.
    pub fn new(proxies: Proxies, of_client: usize) -> Self {
        let most = files::connections();
        let bound = most_of_client(most);
        Self {
            proxies,
            patience: Patience::default(),
            most,
            of_client: of_client.min(bound),
            setting: if bound < of_client {
                "more open files (LimitNOFILE=, ulimit -n)"
            } else {
                "--of-client"
            },
        }
    }
}

/// A quarter is always left to others.
fn most_of_client(most: usize) -> usize {
    (most - most / 4).max(1)
}

/// Serves `app` to whoever connects until `closing` turns true: then nobody is let in any more, each connection ends
/// with the answer that is under way over it, and this ends with the last of them.
pub async fn serve(listener: TcpListener, app: Router, door: Door, mut closing: watch::Receiver<bool>) {
    let free = Arc::new(Semaphore::new(door.most));
    let tidied = tokio::spawn(memory::give_back_after(free.clone(), door.most));
    let of_client = Seats::new(door.of_client);
    let told = closing.clone();
    loop {
        let came = async { (place(&free, door.most).await, accept(&listener).await) };
        let (place, (stream, peer)) = tokio::select! {
            biased;
            () = closed(&mut closing) => break,
            came = came => came,
        };
        let exempt = door.proxies.contains(peer.ip());
        let seat = (!exempt).then(|| of_client.take(key(peer)));
        if let Some(None) = seat {
            static FULL: Seldom = Seldom::new();
            FULL.say(|unsaid| {
                tracing::warn!(client = %peer.ip(), connections = door.of_client, unsaid, "one client has as many connections as \
                    it may, and gets no other: {} allows more, --trusted-proxy as many as there are", door.setting);
            });
            continue;
        }
        let (app, door, told) = (app.clone(), door.clone(), told.clone());
        tokio::spawn(async move {
            converse(stream, peer, app, door, told).await;
            drop((place, seat));
        });
    }
    drop(listener);
    tidied.abort();
    // all places are free again: nobody is here
    let _ = free.acquire_many(door.most as u32).await;
}

/// A place for one more. Who comes while all are taken waits in the system's queue.
async fn place(free: &Arc<Semaphore>, most: usize) -> OwnedSemaphorePermit {
    if free.available_permits() == 0 {
        static FULL: Seldom = Seldom::new();
        FULL.say(|unsaid| {
            tracing::warn!(
                connections = most,
                unsaid,
                "all connections are taken, and whoever comes waits: more open \
                files (LimitNOFILE=, ulimit -n) allow more"
            );
        });
    }
    match free.clone().acquire_owned().await {
        Ok(place) => place,
        // never: nobody closes it
        Err(_) => std::future::pending().await,
    }
}

/// Until it turns true.
async fn closed(closing: &mut watch::Receiver<bool>) {
    if closing.wait_for(|closed| *closed).await.is_err() {
        // nobody is left who could say so
        std::future::pending::<()>().await;
    }
}

fn key(peer: SocketAddr) -> IpAddr {
    domain::ClientAddress::new(peer.ip()).key()
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // the client has left already
            Err(e) if is_clients(&e) => {}
            Err(e) => {
                tracing::error!(error = %e, "no connection can be accepted");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_clients(e: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(e.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// One connection, until one side ends it.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    door: Door,
    mut closing: watch::Receiver<bool>,
) {
    // a page streams in pieces; waiting for the peer's delayed answer would cost 40 ms each
    let _ = stream.set_nodelay(true);
    let turn = Turn::default();
    let stream = TokioIo::new(Patient::new(stream, door.patience, turn.clone()));
    let answer = service_fn(move |request: Request<Incoming>| {
        let ours = turn.take();
        let mut request = request.map(Body::new);
        let client = door.proxies.client(peer.ip(), request.headers());
        let host = door.proxies.host(peer.ip(), request.headers());
        let known = request.extensions_mut();
        known.insert(client);
        if let Some(host) = host {
            known.insert(host);
        }
        // to which of two hosts it speaks is not guessed (RFC 9112, 3.2)
        let doubtful =
            request.version() == Version::HTTP_11 && request.headers().get_all(HOST).iter().count() != 1;
        // the routes are shared: to build them anew for a connection costs megabytes
        let answering = (!doubtful).then(|| app.clone().call(request));
        async move {
            let answer = match answering {
                Some(answering) => answering.await?,
                None => problem::no_host(),
            };
            Ok::<_, Infallible>(answer.map(|body| Answered { body, _ours: ours }))
        }
    });
    let mut served = pin!(
        http1::Builder::new()
            .max_buf_size(BUFFER)
            .serve_connection(stream, answer)
    );
    let done = tokio::select! {
        done = &mut served => done,
        () = closed(&mut closing) => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(e) = done {
        tracing::trace!(error = %e, "a connection broke");
    }
}

/// An answer: until it is written it is our turn.
struct Answered {
    body: Body,
    _ours: Ours,
}

impl HttpBody for Answered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
