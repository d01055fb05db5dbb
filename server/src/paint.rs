//! Pages are painted on threads of their own, each from beginning to end on one.
//!
//! The framework keeps what a page may read with the thread that paints it, and works on the parts of a page beside each
//! other. On the threads that everything shares, a part would now and then find another page's things, or none, and the
//! page would never be finished. So a page has one thread and takes its scope along whenever it goes on; and a page that
//! is long to paint keeps no connector waiting.

use crate::problem::problem;
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use domain::Refusal;
use engine::downtime;
use leptos::prelude::Owner;
use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    thread,
};
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::AbortHandle,
};

/// The threads that paint. They end when the last copy is dropped.
#[derive(Clone)]
pub struct Painters(Arc<Threads>);

struct Threads {
    all: Vec<Thread>,
    next: AtomicUsize,
}

struct Thread {
    handle: Handle,
    /// Dropped to end it.
    _until: oneshot::Sender<()>,
}

impl Painters {
    /// As many as the machine does things beside each other.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn new() -> io::Result<Self> {
        let n = thread::available_parallelism().map_or(1, usize::from);
        let all = (0..n).map(|_| Thread::start()).collect::<io::Result<_>>()?;
        Ok(Self(Arc::new(Threads {
            all,
            next: AtomicUsize::new(0),
        })))
    }

    /// Does what the framework does outside a page on a thread of its own. What it leaves to be done is dropped.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn apart<T: Send>(job: impl FnOnce() -> T + Send) -> io::Result<T> {
        let apart = || {
            let runtime = Builder::new_current_thread().build()?;
            Ok(runtime.block_on(async { job() }))
        };
        let done = thread::scope(|s| s.spawn(apart).join());
        done.unwrap_or_else(|_| Err(io::Error::other("the framework panicked")))
    }

    /// Paints a page. A page that cannot be painted is answered as what went wrong here.
    pub async fn paint(&self, page: impl Future<Output = Response> + Send + 'static) -> Response {
        let turn = self.0.next.fetch_add(1, Ordering::Relaxed);
        let thread = &self.0.all[turn % self.0.all.len()];
        // what a page asks for is judged by the door its reader came by, on this thread too
        let here = downtime::here();
        let painting = thread.handle.spawn(async move {
            let page = Scoped {
                page: Box::pin(page),
                scope: None,
            };
            let page = match here {
                Some(at) => downtime::at_door(at, page).await,
                None => page.await,
            };
            let (parts, body) = page.into_parts();
            // to its end: what is left of it would be painted elsewhere
            let body = to_bytes(body, usize::MAX).await?;
            Ok::<_, axum::Error>(Response::from_parts(parts, Body::from(body)))
        });
        // nobody waits for the page of a reader who went away
        let _gone = Abort(painting.abort_handle());
        match painting.await {
            Ok(Ok(page)) => page,
            failed => {
                tracing::error!(?failed, "a page could not be painted");
                problem(&Refusal::Internal)
            }
        }
    }
}

impl Thread {
    fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (_until, end) = oneshot::channel();
        thread::Builder::new()
            .name("painter".into())
            // an error says that the other end is dropped, which is what is waited for
            .spawn(move || _ = runtime.block_on(end))?;
        Ok(Self { handle, _until })
    }
}

struct Abort(AbortHandle);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Paints what the routes below answer with, as far as it is a page.
pub async fn pages(State(painters): State<Painters>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        // a page reads no body, and one that stays here is let in
        painters.paint(next.run(request.map(|_| Body::empty()))).await
    } else {
        next.run(request).await
    }
}

/// Pages take turns on a thread; each finds its scope there again.
struct Scoped<F> {
    page: Pin<Box<F>>,
    /// As the page left it.
    scope: Option<Owner>,
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(scope) = &self.scope {
            scope.set();
        }
        let polled = self.page.as_mut().poll(cx);
        self.scope = Owner::current();
        if let Some(scope) = self.scope.clone() {
            scope.unset();
        }
        polled
    }
}
