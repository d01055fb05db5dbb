//! A connection whose other side does not let it wait for ever.

use futures::task::AtomicWaker;
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// How long a client is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// A question must be whole so long after it began; the first one so long after the connection.
    pub head: Duration,
    /// So long may a connection stay open between questions.
    pub idle: Duration,
    /// What is written must move on within this.
    pub stalled: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            // longer than clients and proxies keep theirs, or a question would meet a connection that is just closed
            idle: Duration::from_secs(75),
            stalled: Duration::from_secs(60),
        }
    }
}

/// Whose turn it is: the client's to ask, or ours to answer.
#[derive(Clone, Debug, Default)]
pub struct Turn(Arc<Turns>);

#[derive(Debug, Default)]
struct Turns {
    /// Rises with each, so that none is mistaken for another.
    number: AtomicU32,
    /// Who waits for the client's.
    reader: AtomicWaker,
}

impl Turn {
    /// Ours, until what is given back is dropped.
    pub fn take(&self) -> Ours {
        self.0.number.fetch_add(1, Ordering::AcqRel);
        Ours(self.clone())
    }

    fn now(&self) -> u32 {
        self.0.number.load(Ordering::Acquire)
    }
}

/// It is our turn.
#[derive(Debug)]
pub struct Ours(Turn);

impl Drop for Ours {
    fn drop(&mut self) {
        let Turn(turns) = &self.0;
        turns.number.fetch_add(1, Ordering::AcqRel);
        // from now on it is waited for a question
        turns.reader.wake();
    }
}

/// How long has been waited for one thing.
#[derive(Debug, Default)]
struct Wait(Option<Pin<Box<Sleep>>>);

impl Wait {
    /// Waits on; an error once it was too long.
    fn poll<T>(&mut self, cx: &mut Context<'_>, most: Duration) -> Poll<io::Result<T>> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep(most)));
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn end(&mut self) {
        self.0 = None;
    }
}

/// A stream that ends when its client is too slow.
#[derive(Debug)]
pub struct Patient {
    stream: TcpStream,
    patience: Patience,
    turn: Turn,
    /// The turn in which it was read last.
    seen: u32,
    /// A question has begun.
    begun: bool,
    reading: Wait,
    writing: Wait,
    /// What was answered is still on its way.
    blocked: bool,
}

impl Patient {
    /// A connection that was just made.
    pub fn new(stream: TcpStream, patience: Patience, turn: Turn) -> Self {
        Self {
            stream,
            patience,
            seen: turn.now(),
            turn,
            begun: true,
            reading: Wait::default(),
            writing: Wait::default(),
            blocked: false,
        }
    }

    fn written<T>(&mut self, cx: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.blocked = done.is_pending();
        if self.blocked {
            return self.writing.poll(cx, self.patience.stalled);
        }
        self.writing.end();
        done
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.turn.0.reader.register(cx.waker());
        let turn = this.turn.now();
        if turn != this.seen {
            (this.seen, this.begun) = (turn, false);
            this.reading.end();
        }
        let theirs = turn.is_multiple_of(2);
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        if read.is_pending() && theirs {
            if this.blocked {
                // nobody asks who still reads: `writing` has an eye on them
                this.reading.end();
                return Poll::Pending;
            }
            let Patience { head, idle, .. } = this.patience;
            return this.reading.poll(cx, if this.begun { head } else { idle });
        }
        if read.is_ready() && theirs && !this.begun {
            this.begun = true;
            this.reading.end();
        }
        read
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(cx, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
