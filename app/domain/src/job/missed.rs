//! What becomes of a run whose time has passed before the desk came to it (J29).

/// What is known of a run that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Late {
    /// By how many milliseconds its time has passed.
    pub by_ms: i64,
    /// Up to so many minutes it runs all the same, whatever else.
    pub grace_minutes: u32,
    /// It belongs to a grid of minutes whose window is still open.
    pub in_window: bool,
    /// It moves money.
    pub moves_money: bool,
    /// An earlier run of the job is not over.
    pub busy: bool,
}

/// What becomes of it. Never nothing: each is a run that people see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It runs.
    Run,
    /// It does not run, because its time is over.
    Miss,
    /// It does not run, because the one before it still does: a job never runs beside itself.
    MissBusy,
    /// A person is asked: run now, or skip.
    Ask,
}

/// A run is on time for so long.
const ON_TIME_MS: i64 = 90_000;

/// Decides. A run that is on time, or late within its grace, runs; later than that, one that moves money asks, one whose
/// window is open runs once, and any other is missed.
pub fn verdict(late: Late) -> Verdict {
    let within_grace = late.by_ms <= i64::from(late.grace_minutes) * 60_000;
    match late {
        _ if late.busy => Verdict::MissBusy,
        _ if late.by_ms <= ON_TIME_MS => Verdict::Run,
        Late {
            moves_money: true, ..
        } => Verdict::Ask,
        _ if within_grace || late.in_window => Verdict::Run,
        _ => Verdict::Miss,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    #[test]
    fn no_run_is_lost_without_a_word() {
        let late = |by_ms, in_window, moves_money| Late {
            by_ms,
            grace_minutes: 15,
            in_window,
            moves_money,
            busy: false,
        };
        for (run, verdict_of) in [
            (late(0, false, false), Verdict::Run),
            (late(MINUTE, false, true), Verdict::Run),
            (late(15 * MINUTE, false, false), Verdict::Run),
            (late(16 * MINUTE, false, false), Verdict::Miss),
            (late(16 * MINUTE, true, false), Verdict::Run),
            (late(5 * MINUTE, true, true), Verdict::Ask),
            (late(600 * MINUTE, false, true), Verdict::Ask),
        ] {
            assert_eq!(verdict(run), verdict_of, "{run:?}");
        }
        let busy = Late {
            busy: true,
            ..late(0, true, false)
        };
        assert_eq!(verdict(busy), Verdict::MissBusy);
    }
}
