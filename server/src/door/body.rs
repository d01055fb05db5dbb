//! A question's body comes within its time; and all of it comes, also when the answer was known before it was read.

use crate::problem;
use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

/// How quickly a body has to come.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Whatever its size.
    grace: Duration,
    /// And a second for so many bytes.
    bytes: u64,
    /// So many bytes are let in after an answer that did not ask for them.
    forgotten: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(30),
            bytes: 10_000,
            forgotten: 64 << 20,
        }
    }
}

/// Answers 408 to whoever sends a body too slowly, whatever has been made of what came. What an answer did not need is
/// let in and forgotten, up to a point: who is still sending reads no answer, and would take the closed connection for
/// a desk that is not there.
pub async fn timely<F: Future<Output = Response>>(
    pace: Pace,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    if request.body().is_end_stream() {
        return next(request).await;
    }
    let asks_first = asks_first(request.headers());
    let left = Arc::new(Mutex::default());
    let back = left.clone();
    let request = request.map(|body| {
        let coming = Some(Coming::new(body, pace));
        Body::new(Timely { coming, back })
    });
    let mut answer = next(request).await;
    // who reads it still sends it on
    let left = left.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(mut coming) = left else { return answer };
    if coming.late {
        answer = problem::too_slow();
        answer
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    } else if !(coming.over || asks_first && !coming.begun) {
        // whoever takes longer is answered while they send
        let _ = timeout(pace.grace, coming.forget(pace.forgotten)).await;
    }
    answer
}

/// Whether a client sends its body only when it is asked to.
fn asks_first(headers: &HeaderMap) -> bool {
    let expects = headers.get(header::EXPECT);
    expects.is_some_and(|e| e.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// A body on its way. Only the time in which it was waited for counts: not what is done with it meanwhile.
struct Coming {
    body: Body,
    pace: Pace,
    bytes: u64,
    waited: Duration,
    /// Since when it is waited for, and until when.
    wait: Option<(Instant, Pin<Box<Sleep>>)>,
    begun: bool,
    over: bool,
    late: bool,
}

impl Coming {
    fn new(body: Body, pace: Pace) -> Self {
        Self {
            body,
            pace,
            bytes: 0,
            waited: Duration::ZERO,
            wait: None,
            begun: false,
            over: false,
            late: false,
        }
    }

    /// How much longer it may be waited for.
    fn patience(&self) -> Duration {
        let earned = Duration::from_secs_f64(self.bytes as f64 / self.pace.bytes as f64);
        (self.pace.grace + earned).saturating_sub(self.waited)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.begun = true;
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            if let Some((since, _)) = self.wait.take() {
                self.waited += since.elapsed();
            }
            match &frame {
                Some(Ok(frame)) => self.bytes += frame.data_ref().map_or(0, Bytes::len) as u64,
                _ => self.over = true,
            }
            return Poll::Ready(frame);
        }
        let patience = self.patience();
        let (_, wait) = self.wait.get_or_insert_with(|| {
            let now = Instant::now();
            (now, Box::pin(sleep_until(now + patience)))
        });
        ready!(wait.as_mut().poll(cx));
        self.late = true;
        let slow = io::Error::new(io::ErrorKind::TimedOut, "the body came too slowly");
        Poll::Ready(Some(Err(axum::Error::new(slow))))
    }

    /// Lets the rest come, at most so many bytes.
    async fn forget(&mut self, most: u64) {
        let most = self.bytes + most;
        while self.bytes <= most && matches!(poll_fn(|cx| self.poll(cx)).await, Some(Ok(_))) {}
    }
}

/// A body that fails when it comes too slowly. Whoever reads it may leave some of it: that goes back.
struct Timely {
    coming: Option<Coming>,
    back: Arc<Mutex<Option<Coming>>>,
}

impl Drop for Timely {
    fn drop(&mut self) {
        *self.back.lock().unwrap_or_else(PoisonError::into_inner) = self.coming.take();
    }
}

impl HttpBody for Timely {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.coming.as_mut().map_or(Poll::Ready(None), |c| c.poll(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.coming.as_ref().is_none_or(|c| c.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.coming
            .as_ref()
            .map_or_else(SizeHint::default, |c| c.body.size_hint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        Router,
        body::to_bytes,
        http::StatusCode,
        middleware::{self, Next},
        routing::post,
    };
    use futures::{StreamExt, stream};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tower::ServiceExt;

    const QUICK: Pace = Pace {
        grace: Duration::from_millis(200),
        bytes: 100,
        forgotten: 1000,
    };

    async fn quick(request: Request, next: Next) -> Response {
        timely(QUICK, request, |request| next.run(request)).await
    }

    /// What is answered to pieces of `size` bytes that come `apart`.
    async fn answered(pieces: usize, size: usize, apart: Duration) -> StatusCode {
        let reads = post(async |body: Body| match to_bytes(body, 1 << 20).await {
            Ok(_) => StatusCode::OK,
            // as a reader does that does not know of time
            Err(_) => StatusCode::BAD_REQUEST,
        });
        let app = Router::new().route("/", reads).layer(middleware::from_fn(quick));
        let body = stream::unfold(0, move |n| async move {
            tokio::time::sleep(apart).await;
            (n < pieces).then(|| (Ok::<_, io::Error>(Bytes::from(vec![b'x'; size])), n + 1))
        });
        let request = Request::post("/").body(Body::from_stream(body)).unwrap();
        app.oneshot(request).await.unwrap().status()
    }

    /// What is answered at once to a body without end, and how much of it is let in.
    async fn let_in(asks_first: bool) -> (StatusCode, usize) {
        let app = Router::new()
            .route("/", post(async || StatusCode::NOT_FOUND))
            .layer(middleware::from_fn(quick));
        let asked = Arc::new(AtomicUsize::new(0));
        let told = asked.clone();
        let body = stream::repeat_with(move || {
            told.fetch_add(10, Ordering::Relaxed);
            Ok::<_, io::Error>(Bytes::from_static(b"0123456789"))
        });
        let mut request = Request::post("/").body(Body::from_stream(body)).unwrap();
        if asks_first {
            let expects = HeaderValue::from_static("100-continue");
            request.headers_mut().insert(header::EXPECT, expects);
        }
        let answer = app.oneshot(request).await.unwrap();
        (answer.status(), asked.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn what_an_answer_did_not_ask_for_is_let_in_up_to_a_point() {
        let (status, bytes) = let_in(false).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!((1000..1100).contains(&bytes), "{bytes}");
        assert_eq!(let_in(true).await, (StatusCode::NOT_FOUND, 0), "nobody sends it");
    }

    #[tokio::test]
    async fn what_the_desk_does_meanwhile_is_not_the_callers_time() {
        let works = post(async |body: Body| {
            let mut pieces = body.into_data_stream();
            let mut all = 0;
            while let Some(Ok(piece)) = pieces.next().await {
                all += piece.len();
                // longer than the whole body may be waited for
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
            all.to_string()
        });
        let app = Router::new().route("/", works).layer(middleware::from_fn(quick));
        let body = stream::unfold(0, |n| async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            (n < 5).then(|| (Ok::<_, io::Error>(Bytes::from_static(b"x")), n + 1))
        });
        let request = Request::post("/").body(Body::from_stream(body)).unwrap();
        let answer = app.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(to_bytes(answer.into_body(), 9).await.unwrap(), "5");
    }

    #[tokio::test]
    async fn a_body_that_crawls_is_answered_408_and_one_that_walks_is_read() {
        let apart = Duration::from_millis(40);
        assert_eq!(answered(20, 1, apart).await, StatusCode::REQUEST_TIMEOUT);
        // twenty times forty milliseconds is more than the grace, but each piece earns sixty
        assert_eq!(answered(20, 6, apart).await, StatusCode::OK);
        assert_eq!(
            answered(0, 0, Duration::from_secs(9)).await,
            StatusCode::REQUEST_TIMEOUT
        );
    }
}
