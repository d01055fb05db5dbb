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

use crate::{
    failure::{Audience, KEEPS_BEING_RELEASED, OUTCOME_UNKNOWN, Verdict},
    refusal::Refusal,
    task::{KindRules, TaskState},
};

/// Tries before a person is asked.
pub const MAX_TRIES: u8 = 5;
/// Releases in a row before the task counts as failed.
pub const MAX_RELEASES: u8 = 10;
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
    /// Given back unstarted.
    Released,
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
    }
}

fn reported(life: Life, said: Said, jitter: u16) -> Change {
    let settled = Life { releases: 0, ..life };
    match said {
        Said::Succeeded => Change::to(Life {
            state: TaskState::Succeeded,
            ..settled
        }),
        Said::Released => {
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
                Change::to(Life {
                    state: TaskState::Queued,
                    ..life
                })
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
            state: match verdict.audience {
                Audience::Office => TaskState::ActionRequired,
                Audience::Support => TaskState::Failed,
            },
            ..settled
        }),
    }
}

/// 30 s × 2ⁿ after the try number n + 1, at most 30 min, ± 20 % by `jitter` (0 to 1000).
fn backoff_ms(tries: u8, jitter: u16) -> u64 {
    let doubled = FIRST_BACKOFF_MS << u32::from(tries.saturating_sub(1)).min(10);
    let plain = doubled.min(LONGEST_BACKOFF_MS);
    plain * (800 + u64::from(jitter.min(1000)) * 2 / 5) / 1000
}

fn wrong_state(done: &str, state: TaskState) -> Refusal {
    Refusal::WrongState(format!("The task is {} and cannot be {done}.", state.key()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONCE: KindRules = KindRules {
        holds: false,
        repeatable: false,
    };
    const AGAIN: KindRules = KindRules {
        holds: false,
        repeatable: true,
    };
    const RETRY: Verdict = Verdict {
        retry: true,
        audience: Audience::Support,
    };
    const OFFICE: Verdict = Verdict {
        retry: false,
        audience: Audience::Office,
    };

    fn after(rules: KindRules, commands: &[Command]) -> Life {
        commands
            .iter()
            .fold(DELIVERED, |life, c| step(life, rules, *c).expect("allowed").life)
    }

    fn report(attempt: u32, said: Said) -> Command {
        Command::Report {
            attempt,
            said,
            jitter: 500,
        }
    }

    #[test]
    fn five_tries_then_a_person() {
        let mut life = DELIVERED;
        let mut rests = vec![];
        for attempt in 1..=5 {
            life = step(life, ONCE, Command::Claim).unwrap().life;
            let change = step(life, ONCE, report(attempt, Said::Failed(RETRY))).unwrap();
            rests.push(change.backoff_ms / 1000);
            life = change.life;
        }
        assert_eq!(rests, [30, 60, 120, 240, 0]);
        assert_eq!(life.state, TaskState::Failed);
        assert_eq!(
            (backoff_ms(1, 0), backoff_ms(1, 1000), backoff_ms(60, 1000)),
            (24_000, 36_000, 2_160_000)
        );
    }

    #[test]
    fn a_late_report_counts_until_somebody_else_has_the_task() {
        let lost = after(AGAIN, &[Command::Claim, Command::LeaseOver { recovered: false }]);
        assert_eq!(lost.state, TaskState::Queued);
        assert_eq!(
            step(lost, AGAIN, report(1, Said::Succeeded)).unwrap().life.state,
            TaskState::Succeeded
        );
        let taken = step(lost, AGAIN, Command::Claim).unwrap().life;
        assert_eq!(
            step(taken, AGAIN, report(1, Said::Succeeded)),
            Err(Refusal::StaleLease)
        );
        let unknown = after(ONCE, &[Command::Claim, Command::LeaseOver { recovered: false }]);
        assert_eq!(unknown.state, TaskState::Failed);
        assert_eq!(
            step(unknown, ONCE, report(1, Said::Succeeded))
                .unwrap()
                .life
                .state,
            TaskState::Succeeded
        );
        let restarted = step(unknown, ONCE, Command::Restart).unwrap().life;
        assert_eq!(
            step(restarted, ONCE, report(1, Said::Succeeded)),
            Err(Refusal::StaleLease)
        );
    }

    #[test]
    fn ten_releases_in_a_row_are_a_failure() {
        let mut life = DELIVERED;
        for n in 1..=10u32 {
            life = step(life, ONCE, Command::Claim).unwrap().life;
            assert_eq!(life.tries, 1, "a release is not a try");
            let change = step(life, ONCE, report(n, Said::Released)).unwrap();
            assert_eq!(change.own_failure, (n == 10).then_some(KEEPS_BEING_RELEASED));
            life = change.life;
        }
        assert_eq!(life.state, TaskState::Failed);
    }

    #[test]
    fn a_cancel_of_a_running_task_leaves_success_alone() {
        let asked = after(AGAIN, &[Command::Claim, Command::Cancel]);
        assert_eq!((asked.state, asked.cancel_asked), (TaskState::Running, true));
        assert_eq!(
            step(asked, AGAIN, report(1, Said::Succeeded)).unwrap().life.state,
            TaskState::Succeeded
        );
        assert_eq!(
            step(asked, AGAIN, report(1, Said::Failed(OFFICE)))
                .unwrap()
                .life
                .state,
            TaskState::Cancelled
        );
        let over = Command::LeaseOver { recovered: true };
        assert_eq!(step(asked, AGAIN, over).unwrap().life.state, TaskState::Cancelled);
        assert_eq!(step(asked, ONCE, over).unwrap().life.state, TaskState::Failed);
    }

    #[test]
    fn every_state_answers_every_command() {
        for state in TaskState::ALL {
            let life = Life {
                state,
                attempts: 1,
                ..DELIVERED
            };
            let can = |c| step(life, ONCE, c).is_ok();
            assert_eq!(can(Command::Claim), state == TaskState::Queued);
            assert_eq!(can(Command::Restart), state.is_stopped());
            assert_eq!(can(Command::Cancel), state.is_open());
            assert_eq!(
                can(Command::LeaseOver { recovered: true }),
                state == TaskState::Running
            );
            assert!(
                !can(report(1, Said::Succeeded)),
                "a closed attempt takes no report"
            );
        }
    }
}
