//! The life of a task: one pure function, [`step`]. The table it follows stands in the connector protocol.
//!
//! ```text
//!            claim                report succeeded
//!  queued ───────────▶ running ─────────────────────▶ succeeded
//!    ▲  ▲  retry, released, │  │ report failed
//!    │  └───── lease over ──┘  ├──────▶ action_required (orange) ─┐
//!    │                         └──────▶ failed (red) ─────────────┤ cancel ▶ cancelled
//!    └────────────────────── restart ─────────────────────────────┘
//! ```
//! A stopped task may also change hands (orange ⇄ red), and a restart may be undone until a connector has the task.

use crate::{
    failure::{Audience, KEEPS_BEING_RELEASED, OUTCOME_UNKNOWN, Verdict},
    refusal::Refusal,
    rule::NotNow,
    task::{KindRules, TaskState},
};

/// Tries before a person is asked.
pub const MAX_TRIES: u8 = 5;
/// Releases in a row before the task counts as failed.
pub const MAX_RELEASES: u8 = 10;
/// So many of them rest only as long as was asked.
const ASKED_RELEASES: u8 = 3;
const FIRST_BACKOFF_MS: u64 = 30_000;
const LONGEST_BACKOFF_MS: u64 = 30 * 60_000;

/// What the machine must know of a task to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Where it stands.
    pub state: TaskState,
    /// Tries since delivery or the last restart.
    pub tries: u8,
    /// Attempts ever; the number of the last one is the fencing token.
    pub attempts: u32,
    /// Releases in a row.
    pub releases: u8,
    /// The last attempt may still be reported: its lease was neither used nor closed.
    pub open: bool,
    /// Somebody cancelled it while it ran.
    pub cancel_asked: bool,
}

/// A task just delivered.
pub const DELIVERED: Life = Life {
    state: TaskState::Queued,
    tries: 0,
    attempts: 0,
    releases: 0,
    open: false,
    cancel_asked: false,
};

/// What a report says, with the catalogue's verdict already looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Done.
    Succeeded,
    /// Not done, and why not decides what follows.
    Failed(Verdict),
    /// Given back unstarted; the connector may say for how many milliseconds.
    Released { rest_ms: Option<u64> },
}

/// What happens to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// A connector takes it. The lane has already said that it may start.
    Claim,
    /// A connector says how `attempt` ended. `jitter` (0 to 1000) spreads the back-off over ± 20 %.
    Report { attempt: u32, said: Said, jitter: u16 },
    /// No sign of life within the lease. `recovered`: a connector is enrolled that looks before it repeats.
    LeaseOver { recovered: bool },
    /// A person did what was asked.
    Restart,
    /// A person takes a restart back before any connector has the task; `to` is where it stood.
    Undo { to: TaskState },
    /// A stopped task changes hands: the other side must act now.
    HandOver { to: Audience },
    /// A person or an integration calls it off.
    Cancel,
}

/// What follows from a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The task afterwards.
    pub life: Life,
    /// How long it must rest before the next claim, in milliseconds.
    pub backoff_ms: u64,
    /// A failure that the machine itself found.
    pub own_failure: Option<&'static str>,
}

impl Change {
    fn to(life: Life) -> Self {
        Self {
            life,
            backoff_ms: 0,
            own_failure: None,
        }
    }

    fn failed(life: Life, code: &'static str) -> Self {
        Self {
            life: Life {
                state: TaskState::Failed,
                ..life
            },
            backoff_ms: 0,
            own_failure: Some(code),
        }
    }
}

/// Decides what `command` does to a task, or why it does nothing.
///
/// # Errors
/// [`Refusal::StaleLease`] for a report of an attempt that is not the last or is closed,
/// [`Refusal::WrongState`] for a command that the state does not know.
pub fn step(life: Life, rules: KindRules, command: Command) -> Result<Change, Refusal> {
    use TaskState::{ActionRequired, Cancelled, Failed, Queued, Running, Succeeded};
    match command {
        Command::Claim if life.state == Queued => Ok(Change::to(Life {
            state: Running,
            tries: life.tries.saturating_add(1),
            attempts: life.attempts + 1,
            open: true,
            ..life
        })),
        Command::Report {
            attempt,
            said,
            jitter,
        } => {
            if attempt != life.attempts || !life.open {
                return Err(Refusal::StaleLease);
            }
            Ok(reported(Life { open: false, ..life }, said, jitter))
        }
        Command::LeaseOver { recovered } if life.state == Running => {
            Ok(match (life.cancel_asked, rules.repeatable) {
                (true, true) => Change::to(Life {
                    state: Cancelled,
                    open: false,
                    ..life
                }),
                (false, true) => Change::to(Life {
                    state: Queued,
                    ..life
                }),
                (false, false) if recovered => Change::to(Life {
                    state: Queued,
                    ..life
                }),
                _ => Change::failed(life, OUTCOME_UNKNOWN),
            })
        }
        Command::Restart if life.state.is_stopped() => Ok(Change::to(Life {
            state: Queued,
            tries: 0,
            releases: 0,
            open: false,
            cancel_asked: false,
            ..life
        })),
        // a released attempt is no try, but a connector had the task
        Command::Undo { to }
            if life.state == Queued && life.tries == 0 && life.releases == 0 && to.is_stopped() =>
        {
            Ok(Change::to(Life { state: to, ..life }))
        }
        Command::HandOver { to } if life.state.is_stopped() && life.state != to.state() => {
            Ok(Change::to(Life {
                state: to.state(),
                ..life
            }))
        }
        Command::Cancel => match life.state {
            Queued | ActionRequired | Failed => Ok(Change::to(Life {
                state: Cancelled,
                open: false,
                ..life
            })),
            Running => Ok(Change::to(Life {
                cancel_asked: true,
                ..life
            })),
            Succeeded | Cancelled => Err(wrong_state("cancelled", life.state)),
        },
        Command::Claim => Err(wrong_state("claimed", life.state)),
        Command::LeaseOver { .. } => Err(wrong_state("taken back", life.state)),
        Command::Restart => Err(wrong_state("restarted", life.state)),
        Command::Undo { .. } => Err(wrong_state("put back", life.state)),
        Command::HandOver { .. } => Err(wrong_state("handed over", life.state)),
    }
}

fn reported(life: Life, said: Said, jitter: u16) -> Change {
    let settled = Life { releases: 0, ..life };
    match said {
        Said::Succeeded => Change::to(Life {
            state: TaskState::Succeeded,
            ..settled
        }),
        Said::Released { rest_ms } => {
            let life = Life {
                releases: life.releases + 1,
                tries: life.tries.saturating_sub(1),
                ..life
            };
            if life.cancel_asked {
                Change::to(Life {
                    state: TaskState::Cancelled,
                    ..life
                })
            } else if life.releases >= MAX_RELEASES {
                Change::failed(life, KEEPS_BEING_RELEASED)
            } else {
                Change {
                    backoff_ms: rest(life.releases, rest_ms, jitter),
                    ..Change::to(Life {
                        state: TaskState::Queued,
                        ..life
                    })
                }
            }
        }
        Said::Failed(_) if life.cancel_asked => Change::to(Life {
            state: TaskState::Cancelled,
            ..settled
        }),
        Said::Failed(verdict) if verdict.retry && life.tries < MAX_TRIES => Change {
            backoff_ms: backoff_ms(life.tries, jitter),
            ..Change::to(Life {
                state: TaskState::Queued,
                ..settled
            })
        },
        Said::Failed(verdict) => Change::to(Life {
            state: verdict.audience.state(),
            ..settled
        }),
    }
}

/// As long as the connector asks; but one that asks for little again and again would be through with its releases, and the
/// task red, in seconds.
fn rest(releases: u8, asked: Option<u64>, jitter: u16) -> u64 {
    let own = backoff_ms(releases, jitter);
    match asked {
        Some(asked) if releases <= ASKED_RELEASES => asked,
        Some(asked) => asked.max(own),
        None => own,
    }
}

/// 30 s × 2ⁿ after the try or release number n + 1, at most 30 min, ± 20 % by `jitter` (0 to 1000).
fn backoff_ms(n: u8, jitter: u16) -> u64 {
    let doubled = FIRST_BACKOFF_MS << u32::from(n.saturating_sub(1)).min(10);
    let plain = doubled.min(LONGEST_BACKOFF_MS);
    plain * (800 + u64::from(jitter.min(1000)) * 2 / 5) / 1000
}

fn wrong_state(done: &str, state: TaskState) -> Refusal {
    Refusal::WrongState(NotNow::TaskCannot {
        state: state.key().into(),
        done: done.into(),
    })
}

#[cfg(test)]
mod tests;
