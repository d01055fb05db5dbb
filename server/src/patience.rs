//! How long a task may run before the connector stops it: an adapter that hangs must not keep its dossier for ever.

use domain::job::RUN_JOB;
use std::time::Duration;

/// Ordinary tasks, in minutes.
const ORDINARY: u64 = 240;
/// A night's job, in minutes.
const JOB: u64 = 24 * 60;
/// Longest that may be asked for: a week, in minutes.
const LONGEST: u64 = 7 * 24 * 60;

/// The longest run of each kind of task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    any: Duration,
    kinds: Vec<(String, Duration)>,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            any: minutes(ORDINARY),
            kinds: vec![(RUN_JOB.into(), minutes(JOB))],
        }
    }
}

impl Patience {
    /// Reads `60` or `60,run_job=600`: minutes for all kinds but those that are named.
    ///
    /// # Errors
    /// A sentence.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut patience = Self::default();
        for word in text.split(',') {
            let (kind, number) = word.split_once('=').map_or((None, word), |(k, n)| (Some(k), n));
            let limit = number.trim().parse().ok().filter(|n| (1..=LONGEST).contains(n));
            let limit = minutes(limit.ok_or(format!(
                "must be minutes from 1 to {LONGEST}, such as 60 or 60,run_job=600, not {text:?}"
            ))?);
            match kind.map(str::trim) {
                None => patience.any = limit,
                Some(kind) if domain::failure::is_code(kind) => {
                    patience.kinds.retain(|(k, _)| k != kind);
                    patience.kinds.push((kind.to_owned(), limit));
                }
                Some(kind) => return Err(format!("names {kind:?}, which is no kind of task")),
            }
        }
        Ok(patience)
    }

    /// The same for every kind.
    #[cfg(test)]
    pub fn of_all(any: Duration) -> Self {
        Self { any, kinds: vec![] }
    }

    /// How long a task of this kind may run.
    pub fn of(&self, kind: &str) -> Duration {
        let named = self.kinds.iter().find(|(k, _)| k == kind);
        named.map_or(self.any, |(_, limit)| *limit)
    }
}

fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_for_all_and_a_kind_for_itself() {
        let p = Patience::read("30,synchronise_dossier=5").unwrap();
        assert_eq!(p.of("process_booking_proposal"), minutes(30));
        assert_eq!(p.of("synchronise_dossier"), minutes(5));
        assert_eq!(
            p.of(RUN_JOB),
            minutes(JOB),
            "a night's job is not cut by accident"
        );
        for wrong in ["", "0", "x", "10081", "run_job", "Run=5", "5,,6"] {
            assert!(Patience::read(wrong).is_err(), "{wrong:?}");
        }
    }
}
