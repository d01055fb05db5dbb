//! Event streams: changed lines for browsers, numbered events for integrations. Both resume by number; one that
//! is too slow for its buffer is told to start over.

use crate::{
    admission::Admission,
    caller::bearer,
    door::Seat,
    problem::problem,
    reach::{Holder, Reach},
};
use app::ssr::{Desk, viewer_of};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, request::Parts},
    response::{IntoResponse, Response, Sse, sse::Event},
};
use domain::{
    Caller, OfficeId, Refusal, Viewer,
    downtime::Door,
    event::{self, fold},
    moment::rfc3339_utc,
};
use engine::{
    Engine, Zone,
    desk::events::{LiveBatch, Mark, Watch},
};
use futures::stream;
use serde::Deserialize;
use std::{collections::VecDeque, convert::Infallible, sync::Arc};
use tokio::sync::broadcast::error::RecvError;
use views::OfficeView;

/// More than this many events behind, a fresh read is cheaper.
const REPLAY: u32 = 1000;
/// Who has as many streams as they may have asks again after so many seconds.
const FULL: u32 = 15;

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
    let viewer = match viewer_of(&parts, &reach.desk).await {
        Ok(Some(viewer)) => viewer,
        Ok(None) => return problem(&Refusal::Unauthenticated),
        Err(_) => return problem(&Refusal::StorageUnavailable),
    };
    let office = match reach.engine.office(&viewer, &asked.office).await {
        Ok(office) => office,
        Err(e) => return problem(&e.refusal()),
    };
    let Some(seat) = reach.streams.take(Holder::Person(viewer.person)) else {
        return problem(&Refusal::TooManyRequests(FULL));
    };
    let after = last_event_id(&parts.headers).or(asked.after).unwrap_or(i64::MAX);
    // watch first, then read what was missed: nothing falls between
    let watch = reach.engine.live.watch();
    let mark = reach.engine.live.mark();
    let missed = asked
        .notice
        .map(|notice| reach.engine.live.missed(office.id, notice));
    match Browser::new(reach.desk.clone(), viewer, parts, office, after, watch, seat).await {
        Ok(mut browser) => {
            if let Some((jobs, downtime)) = missed {
                browser.notify(jobs, downtime, mark);
            }
            sse(browser, Browser::next)
        }
        Err(e) => problem(&e.refusal()),
    }
}

/// Every event of the integration's office.
pub async fn events(State(reach): State<Reach>, headers: HeaderMap) -> Response {
    let pass = reach.engine.pass(bearer(&headers));
    let Some((pass, office)) = pass.ok().and_then(|pass| match pass.caller {
        Caller::Integration { office, .. } => Some((pass, office)),
        Caller::Connector { .. } => None,
    }) else {
        return problem(&Refusal::Unauthenticated);
    };
    let Some(seat) = reach.streams.take(Holder::Program(pass.caller)) else {
        return problem(&Refusal::TooManyRequests(FULL));
    };
    let watch = reach.engine.live.watch();
    let (last, ready) = match resume(&reach.engine, last_event_id(&headers)).await {
        Ok(found) => found,
        Err(e) => return problem(&e.refusal()),
    };
    let start = Outside {
        admission: Admission::of_program(reach.engine.clone(), pass, Door::Stream),
        engine: reach.engine.clone(),
        office,
        last,
        missed: true,
        ready,
        watch,
        _seat: seat,
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

/// The event that was seen last. One that is no number of ours is one that this desk does not know.
fn last_event_id(headers: &HeaderMap) -> Option<i64> {
    let said = headers.get("last-event-id")?;
    let number = said.to_str().ok().map(str::trim);
    (number != Some("")).then(|| number.and_then(|n| n.parse().ok()).unwrap_or(i64::MAX))
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
    // a proxy that collects what it passes on would keep each event until there are many
    let unbuffered = (
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    ([unbuffered], Sse::new(events)).into_response()
}

struct Browser {
    engine: Arc<Engine>,
    admission: Admission,
    viewer: Viewer,
    office: OfficeId,
    zone: Zone,
    managed: Vec<i64>,
    ready: VecDeque<Event>,
    watch: Watch,
    _seat: Seat<Holder>,
}

impl Browser {
    async fn new(
        desk: Desk,
        viewer: Viewer,
        parts: Parts,
        office: OfficeView,
        after: i64,
        watch: Watch,
        seat: Seat<Holder>,
    ) -> engine::Result<Self> {
        let engine = desk.engine.clone();
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
        let door = Door::Stream;
        Ok(Self {
            admission: Admission::of_person(desk, parts, viewer.clone(), managed.clone(), door),
            engine,
            viewer,
            zone: Zone::of(&office.zone),
            office: office.id,
            managed,
            ready,
            watch,
            _seat: seat,
        })
    }

    async fn next(mut self) -> Option<(Event, Self)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some((event, self));
            }
            // the page learns it with its next call
            if !self.admission.is_open() {
                return None;
            }
            let heard = tokio::select! {
                heard = self.watch.recv() => heard,
                _ = self.admission.due() => {
                    if !self.admission.holds().await {
                        return None;
                    }
                    // a sign of life that the page can see: a stream that is silent for longer is dead
                    self.ready.push_back(clock(&self.engine));
                    continue;
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
        let changed = batch.changed();
        if batch.lost || changed.is_none() {
            self.ready.push_back(reset());
        }
        self.notify(batch.jobs_of.contains(&self.office), batch.downtime, batch.mark);
        let everything = self.viewer.sees_every_dossier();
        for row in changed
            .iter()
            .flat_map(|c| &c.rows)
            .filter(|r| r.office == self.office)
        {
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
    admission: Admission,
    office: OfficeId,
    /// Number of the last event that was sent.
    last: i64,
    /// There may be older events on disk that were not sent yet.
    missed: bool,
    ready: VecDeque<Event>,
    watch: Watch,
    _seat: Seat<Holder>,
}

impl Outside {
    async fn next(mut self) -> Option<(Event, Self)> {
        loop {
            // shut out, or the desk has closed for it: it is told so when it comes again
            if !self.admission.is_open() {
                return None;
            }
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
            let heard = tokio::select! {
                heard = self.watch.recv() => heard,
                by_clock = self.admission.due() => {
                    if by_clock {
                        self.ready.push_back(Event::default().comment(""));
                    }
                    continue;
                }
            };
            match heard {
                Ok(batch) => match batch.changed() {
                    Some(changed) if !batch.lost => self.take(&changed.events),
                    // they are on disk
                    _ => self.missed = true,
                },
                Err(RecvError::Lagged(_)) => self.ready.push_back(reset()),
                Err(RecvError::Closed) => return None,
            }
        }
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
