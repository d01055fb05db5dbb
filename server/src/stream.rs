//! Event streams: changed lines for browsers, numbered events for integrations. Both resume by number; one that
//! is too slow for its buffer is told to start over.

use crate::{gate, router::Reach};
use app::ssr::viewer_of;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, header, request::Parts},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use domain::{
    Caller, OfficeId, Refusal, Viewer,
    downtime::Door,
    event::{self, fold},
    moment::rfc3339_utc,
    view::OfficeView,
};
use engine::{
    Engine,
    downtime::AtDoor,
    events::{LiveBatch, Mark},
    reading::Zone,
};
use futures::stream;
use serde::Deserialize;
use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};

/// More than this many events behind, a fresh read is cheaper.
const REPLAY: u32 = 1000;
/// A browser's session and rights are looked at again this often.
const CHECK: Duration = Duration::from_secs(15);

/// What a browser asks for.
#[derive(Deserialize)]
pub struct Asked {
    office: String,
    after: Option<i64>,
    /// The last notice of jobs and downtimes that the browser knows of.
    notice: Option<u64>,
}

/// Changed lines of an office, for the person who is signed in.
pub async fn live(State(reach): State<Reach>, Query(asked): Query<Asked>, parts: Parts) -> Response {
    let viewer = match viewer_of(&parts, &reach.engine).await {
        Ok(Some(viewer)) => viewer,
        Ok(None) => return gate::problem(&Refusal::Unauthenticated),
        Err(_) => return gate::problem(&Refusal::StorageUnavailable),
    };
    let office = match reach.engine.office(&viewer, &asked.office).await {
        Ok(office) => office,
        Err(e) => return gate::problem(&e.refusal()),
    };
    let after = last_event_id(&parts.headers).or(asked.after).unwrap_or(i64::MAX);
    // watch first, then read what was missed: nothing falls between
    let watch = reach.engine.live.watch();
    let mark = reach.engine.live.mark();
    let missed = asked
        .notice
        .map(|notice| reach.engine.live.missed(office.id, notice));
    match Browser::new(reach.engine, viewer, parts, office, after, watch).await {
        Ok(mut browser) => {
            if let Some((jobs, downtime)) = missed {
                browser.notify(jobs, downtime, mark);
            }
            sse(browser, Browser::next)
        }
        Err(e) => gate::problem(&e.refusal()),
    }
}

/// Every event of the integration's office.
pub async fn events(State(reach): State<Reach>, headers: HeaderMap) -> Response {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "));
    let Ok(Caller::Integration { id, office }) = reach.engine.caller(bearer.unwrap_or_default().trim())
    else {
        return gate::problem(&Refusal::Unauthenticated);
    };
    let watch = reach.engine.live.watch();
    let (last, ready) = match resume(&reach.engine, last_event_id(&headers)).await {
        Ok(found) => found,
        Err(e) => return gate::problem(&e.refusal()),
    };
    let start = Outside {
        engine: reach.engine,
        id,
        office,
        last,
        missed: true,
        ready,
        watch,
    };
    sse(start, Outside::next)
}

/// Behind which event an integration is told, and what it is told first: who knows of an event that this desk does not
/// has seen what came after the backup that the desk began from, and reads afresh.
async fn resume(engine: &Engine, asked: Option<i64>) -> engine::Result<(i64, VecDeque<Event>)> {
    match asked {
        Some(last) if engine.knows_event(last).await? => Ok((last, VecDeque::new())),
        asked => {
            let last = engine.last_seq().await?;
            let strange = asked.map(|_| reset().id(last.to_string()));
            Ok((last, strange.into_iter().collect()))
        }
    }
}

fn last_event_id(headers: &HeaderMap) -> Option<i64> {
    headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.trim().parse().ok())
}

/// Turns "state to next event" into an HTTP answer.
fn sse<S: Send + 'static, F: Future<Output = Option<(Event, S)>> + Send + 'static>(
    start: S,
    next: impl Fn(S) -> F + Send + 'static,
) -> Response {
    let events = stream::unfold(start, move |s| {
        let next = next(s);
        async move { next.await.map(|(e, s)| (Ok::<_, Infallible>(e), s)) }
    });
    Sse::new(events)
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
        .into_response()
}

struct Browser {
    engine: Arc<Engine>,
    viewer: Viewer,
    /// The request, to see whether its session still says the same.
    parts: Parts,
    office: OfficeView,
    zone: Zone,
    managed: Vec<i64>,
    ready: VecDeque<Event>,
    watch: Receiver<LiveBatch>,
    check: Interval,
}

impl Browser {
    async fn new(
        engine: Arc<Engine>,
        viewer: Viewer,
        parts: Parts,
        office: OfficeView,
        after: i64,
        watch: Receiver<LiveBatch>,
    ) -> engine::Result<Self> {
        let managed = if viewer.sees_every_dossier() {
            vec![]
        } else {
            engine.managed(viewer.person).await?
        };
        // an answer at once: the browser then knows that the stream is open
        let mut ready = VecDeque::from([Event::default().comment("open"), clock(&engine)]);
        match engine.changes_after(&viewer, &office, after, REPLAY).await? {
            Some(changes) => ready.extend(changes.iter().filter_map(|c| {
                let json = serde_json::to_string(c).ok()?;
                Some(
                    Event::default()
                        .event("task")
                        .id(c.row.seq.to_string())
                        .data(json),
                )
            })),
            None => ready.push_back(reset()),
        }
        let zone = Zone::of(&office.zone);
        let mut check = interval_at(Instant::now() + CHECK, CHECK);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            engine,
            viewer,
            parts,
            office,
            zone,
            managed,
            ready,
            watch,
            check,
        })
    }

    async fn next(mut self) -> Option<(Event, Self)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some((event, self));
            }
            if self.is_shut_out() {
                return None;
            }
            let heard = tokio::select! {
                heard = self.watch.recv() => heard,
                _ = self.check.tick() => {
                    if self.may_go_on().await {
                        continue;
                    }
                    return None;
                }
            };
            match heard {
                Ok(batch) => self.take(&batch),
                Err(RecvError::Lagged(_)) => {
                    self.ready.push_back(reset());
                    self.notify(true, true, self.engine.live.mark());
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// The session and the rights are still those that the stream began with. When they cannot be read, the
    /// stream goes on: it tells nothing that was not allowed a moment ago.
    async fn may_go_on(&self) -> bool {
        let viewer = match viewer_of(&self.parts, &self.engine).await {
            Ok(Some(viewer)) => viewer,
            Ok(None) => return false,
            Err(_) => return true,
        };
        if (viewer.role, viewer.office) != (self.viewer.role, self.viewer.office) {
            return false;
        }
        let everything = viewer.sees_every_dossier();
        everything
            || self
                .engine
                .managed(viewer.person)
                .await
                .map_or(true, |m| m == self.managed)
    }

    /// The desk has closed for this person: the page learns it with its next call.
    fn is_shut_out(&self) -> bool {
        let at = AtDoor {
            who: self.viewer.role.into(),
            door: Door::Stream,
            office: self.viewer.office,
        };
        self.engine.verdict(at).0.is_no()
    }

    /// Says that jobs of the office or a downtime changed. The number of the notice lets a browser that comes back
    /// say which it knows of.
    fn notify(&mut self, jobs: bool, downtime: bool, mark: Mark) {
        let notice = |name: &str| Event::default().event(name).data(mark.notice.to_string());
        if downtime {
            self.ready.extend([clock(&self.engine), notice("downtime")]);
        }
        if jobs && self.viewer.sees_every_dossier() {
            self.ready.push_back(notice("jobs"));
        }
    }

    fn take(&mut self, batch: &LiveBatch) {
        if batch.lost {
            self.ready.push_back(reset());
        }
        self.notify(
            batch.jobs_of.contains(&self.office.id),
            batch.downtime,
            batch.mark,
        );
        let everything = self.viewer.sees_every_dossier();
        for row in batch.rows.iter().filter(|r| r.office == self.office.id) {
            if everything || self.managed.contains(&row.dossier) {
                let json = self.engine.dress(row, &self.viewer, self.zone);
                self.ready.push_back(
                    Event::default()
                        .event("task")
                        .id(row.raw.seq.to_string())
                        .data(json.as_ref()),
                );
            }
        }
    }
}

/// More was missed than is told one by one.
fn reset() -> Event {
    Event::default().event("reset").data("read again")
}

/// The server's clock, for countdowns.
fn clock(engine: &Engine) -> Event {
    Event::default().event("clock").data(engine.now().to_string())
}

struct Outside {
    engine: Arc<Engine>,
    id: i64,
    office: OfficeId,
    /// Number of the last event that was sent.
    last: i64,
    /// There may be older events on disk that were not sent yet.
    missed: bool,
    ready: VecDeque<Event>,
    watch: Receiver<LiveBatch>,
}

impl Outside {
    async fn next(mut self) -> Option<(Event, Self)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some((event, self));
            }
            if self.missed {
                let missed = self
                    .engine
                    .events_after(self.office, self.last, REPLAY)
                    .await
                    .ok()?;
                self.missed = missed.len() == REPLAY as usize;
                self.take(&missed);
                if self.ready.is_empty() {
                    self.ready.push_back(Event::default().comment("open"));
                }
                continue;
            }
            if self.is_shut_out() {
                return None;
            }
            match self.watch.recv().await {
                // they are on disk
                Ok(batch) if batch.lost => self.missed = true,
                Ok(batch) => self.take(&batch.events),
                Err(RecvError::Lagged(_)) => self.ready.push_back(reset()),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// The desk has closed for this integration: it is told so when it comes again.
    fn is_shut_out(&self) -> bool {
        let at = gate::integration_at(&self.engine, self.id, self.office, Door::Stream);
        self.engine.verdict(at).0.is_no()
    }

    fn take(&mut self, events: &[event::Event]) {
        for e in events {
            if e.office != self.office || e.seq <= self.last {
                continue;
            }
            let mut data = serde_json::json!({
                "task": e.task,
                "what": e.happened.name(),
                "at": rfc3339_utc(e.at),
            });
            if let Some(status) = fold([&e.happened]) {
                data["status"] = status.key().into();
            }
            self.last = e.seq;
            self.ready.push_back(
                Event::default()
                    .event(e.happened.name())
                    .id(e.seq.to_string())
                    .data(data.to_string()),
            );
        }
    }
}
