//! The table of the protocol, move by move.

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

const GIVEN_BACK: Said = Said::Released { rest_ms: None };

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
    // also when each asks for no more than a second
    for rest_ms in [None, Some(1_000)] {
        let (mut life, mut rested) = (DELIVERED, 0);
        for n in 1..=10u32 {
            life = step(life, ONCE, Command::Claim).unwrap().life;
            assert_eq!(life.tries, 1, "a release is not a try");
            let change = step(life, ONCE, report(n, Said::Released { rest_ms })).unwrap();
            assert_eq!(change.own_failure, (n == 10).then_some(KEEPS_BEING_RELEASED));
            rested += change.backoff_ms;
            life = change.life;
        }
        assert_eq!(life.state, TaskState::Failed);
        assert!(rested > 60 * 60_000, "ten of them take hours, not {rested} ms");
    }
}

#[test]
fn what_is_given_back_rests_as_after_a_failure_or_as_long_as_was_asked() {
    let running = step(DELIVERED, ONCE, Command::Claim).unwrap().life;
    let rest = |rest_ms| {
        let said = Said::Released { rest_ms };
        step(running, ONCE, report(1, said)).unwrap().backoff_ms
    };
    assert!((24_000..=36_000).contains(&rest(None)), "{}", rest(None));
    assert_eq!(rest(Some(600_000)), 600_000);
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
fn a_restart_is_undone_until_a_connector_has_had_the_task() {
    let red = Command::Undo {
        to: TaskState::Failed,
    };
    let orange = Command::Undo {
        to: TaskState::ActionRequired,
    };
    let restarted = after(
        ONCE,
        &[Command::Claim, report(1, Said::Failed(OFFICE)), Command::Restart],
    );
    for (undo, to) in [(red, TaskState::Failed), (orange, TaskState::ActionRequired)] {
        let undone = step(restarted, ONCE, undo).unwrap();
        assert_eq!((undone.backoff_ms, undone.own_failure), (0, None));
        assert_eq!(
            undone.life,
            Life {
                state: to,
                ..restarted
            },
            "only where it stands"
        );
        assert!(step(undone.life, ONCE, undo).is_err(), "not twice");
        assert_eq!(
            step(undone.life, ONCE, report(1, Said::Succeeded)),
            Err(Refusal::StaleLease),
            "the restart closed the attempt"
        );
        assert_eq!(step(undone.life, ONCE, Command::Restart).unwrap().life, restarted);
    }
    let running = step(restarted, ONCE, Command::Claim).unwrap().life;
    let given_back = step(running, ONCE, report(2, GIVEN_BACK)).unwrap().life;
    let tried = step(running, ONCE, report(2, Said::Failed(RETRY))).unwrap().life;
    let lost = step(running, AGAIN, Command::LeaseOver { recovered: false })
        .unwrap()
        .life;
    for life in [running, given_back, tried, lost] {
        assert!(
            matches!(step(life, ONCE, orange), Err(Refusal::WrongState(_))),
            "{life:?}"
        );
    }
    for to in TaskState::ALL {
        assert_eq!(
            step(restarted, ONCE, Command::Undo { to }).is_ok(),
            to.is_stopped(),
            "{to:?}"
        );
    }
}

#[test]
fn a_task_that_changes_hands_changes_nothing_else() {
    let asked = after(ONCE, &[Command::Claim, Command::LeaseOver { recovered: false }]);
    assert!(asked.open && asked.state == TaskState::Failed);
    let office = Command::HandOver { to: Audience::Office };
    let support = Command::HandOver {
        to: Audience::Support,
    };
    let given = step(asked, ONCE, office).unwrap();
    assert_eq!(
        given.life,
        Life {
            state: TaskState::ActionRequired,
            ..asked
        }
    );
    assert!(step(given.life, ONCE, office).is_err(), "theirs already");
    assert_eq!(step(given.life, ONCE, support).unwrap().life, asked);
    assert_eq!(
        step(given.life, ONCE, report(1, Said::Succeeded))
            .unwrap()
            .life
            .state,
        TaskState::Succeeded,
        "a late report still counts"
    );
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
        let to_support = Command::HandOver {
            to: Audience::Support,
        };
        let to_office = Command::HandOver { to: Audience::Office };
        assert_eq!(can(to_support), state == TaskState::ActionRequired);
        assert_eq!(can(to_office), state == TaskState::Failed);
        let undo = Command::Undo {
            to: TaskState::Failed,
        };
        assert_eq!(can(undo), state == TaskState::Queued);
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
