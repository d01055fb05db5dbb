//! What the desk measures of itself, for the people who keep it running (S6).

use crate::{
    Engine,
    desk::{probe, room::space},
};
use domain::{downtime::Phase, fleet::Liveness};
use std::{fs, path::Path, sync::atomic::Ordering, time::Duration};
use store::{Error, Result, alert, mail, writer::Work};
use tokio::time::timeout;
use views::{Counts, alerts::AlertKind};

/// Whoever asks gives up after ten seconds, and would then know nothing at all.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the writer has done since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Writes {
    /// Commits that are on disk.
    pub commits: u64,
    /// The time they took, in microseconds.
    pub micros: u64,
    pub operations: u64,
    /// Groups that could not be committed.
    pub undone: u64,
}

/// The desk at one moment, as a whole: no office, dossier or person is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// A write went through: the rest is of now, and not only what memory knows.
    pub ready: bool,
    /// Tasks by state.
    pub tasks: Counts,
    /// Number of the last event.
    pub last_event: i64,
    /// Connectors by liveness, in the order of [`Liveness::ALL`].
    pub connectors: [u64; Liveness::ALL.len()],
    /// Alerts that stand, in the order of [`AlertKind::ALL`].
    pub alerts: [u64; AlertKind::ALL.len()],
    /// Mails that wait to be sent, and that are left to a person; `None` where they cannot be read.
    pub mails: Option<(u64, u64)>,
    /// Downtimes that close something now.
    pub closed: u64,
    /// The writer.
    pub writes: Writes,
    /// Event streams of browsers and integrations.
    pub streams: usize,
    /// Bytes of the database file, and of its log.
    pub file_bytes: (u64, u64),
    /// Free bytes on its disk, and all; `None` where the file system does not say.
    pub disk_bytes: Option<(u64, u64)>,
}

impl Engine {
    /// Measures. What only the disk knows is left out where it does not answer.
    pub async fn figures(&self) -> Figures {
        let asked = timeout(PATIENCE, self.writer.run(of_writer)).await;
        let asked = asked.unwrap_or(Err(Error::Storage("the writer does not answer in time".into())));
        let meter = self.writer.meter();
        let bytes = |path: &Path| fs::metadata(path).map_or(0, |m| m.len());
        let mails = mail::unsent(&self.readers).await.ok();
        let log = self.path().with_extension("db-wal");
        let now = self.now();
        Figures {
            ready: asked.is_ok(),
            tasks: self.writer.all_counts(),
            mails,
            closed: self
                .downtimes()
                .iter()
                .filter(|d| d.phase(now) == Phase::Closed)
                .count() as u64,
            writes: Writes {
                commits: meter.commits.load(Ordering::Relaxed),
                micros: meter.micros.load(Ordering::Relaxed),
                operations: meter.operations.load(Ordering::Relaxed),
                undone: meter.undone.load(Ordering::Relaxed),
            },
            streams: self.live.watchers(),
            file_bytes: (bytes(self.path()), bytes(&log)),
            disk_bytes: space(self.path()),
            ..asked.unwrap_or_default()
        }
    }
}

fn of_writer(w: &mut Work<'_>) -> Result<Figures> {
    probe(w)?;
    let mut figures = Figures {
        last_event: w.state.seq,
        ..Figures::default()
    };
    for m in w.state.fleet.all() {
        if let Some(office) = w.state.offices.get(&m.row.office) {
            let alive = w.state.fleet.liveness(m, office, w.now, w.mono);
            count(&mut figures.connectors, &Liveness::ALL, alive);
        }
    }
    for standing in alert::standing(w.db)? {
        if let Some(kind) = AlertKind::from_key(&standing.kind) {
            count(&mut figures.alerts, &AlertKind::ALL, kind);
        }
    }
    Ok(figures)
}

fn count<T: PartialEq>(counts: &mut [u64], all: &[T], one: T) {
    if let Some(at) = all.iter().position(|a| *a == one) {
        counts[at] += 1;
    }
}
