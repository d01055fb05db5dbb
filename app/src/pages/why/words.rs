//! The checklist in the reader's words: questions, answers, advice, and the report for IT.

use crate::{
    components::{
        fleet::word as life_word,
        job::{job_kind_word, status_word},
        language::reading,
    },
    i18n::*,
};
use domain::{job::Standing, moment::span};
use views::{
    jobs::Company,
    stuck::{Advice, Alarm, BusyRun, Check, Mark, WaitFor, Why as Found},
};

pub(super) fn mark_word(i18n: I18n, m: Mark) -> &'static str {
    match m {
        Mark::Good => t_string!(i18n, stuck.good),
        Mark::Explains => t_string!(i18n, stuck.explains),
        Mark::Bad => t_string!(i18n, stuck.bad),
    }
}

pub(super) fn question(i18n: I18n, check: &Check) -> &'static str {
    match check {
        Check::Server(_) => t_string!(i18n, stuck.q_server),
        Check::Blocked(_) => t_string!(i18n, stuck.q_blocked),
        Check::Queue { .. } => t_string!(i18n, stuck.q_queue),
        Check::Start { .. } => t_string!(i18n, stuck.q_start),
        Check::Held { .. } => t_string!(i18n, stuck.q_held),
        Check::Requeued(_) => t_string!(i18n, stuck.q_requeued),
        Check::Posting(_) => t_string!(i18n, stuck.q_posting),
    }
}

fn codes(companies: &[Company]) -> String {
    let codes: Vec<&str> = companies.iter().map(|c| c.code.as_str()).collect();
    codes.join(", ")
}

fn busy_words(i18n: I18n, b: &BusyRun) -> String {
    let l = reading(i18n);
    let usual = span(i64::from(b.usual) * 60_000, l);
    match b.started {
        Some(_) => {
            let took = span(i64::from(b.seconds) * 1000, l);
            t_string!(
                i18n,
                stuck.runs,
                name = b.description.clone(),
                job = b.job,
                took = took,
                usual = usual
            )
            .to_string()
        }
        None => t_string!(
            i18n,
            stuck.waits,
            name = b.description.clone(),
            job = b.job,
            usual = usual
        )
        .to_string(),
    }
}

pub(super) fn answer(i18n: I18n, check: &Check) -> String {
    let l = reading(i18n);
    match check {
        Check::Server(servers) if servers.is_empty() => t_string!(i18n, stuck.no_server).to_owned(),
        Check::Server(servers) => {
            let each = servers.iter().map(|s| {
                let word = life_word(i18n, s.liveness);
                match s.ago {
                    Some(ago) => {
                        let ago = span(i64::from(ago) * 1000, l);
                        t_string!(i18n, stuck.server, name = s.name.clone(), word = word, ago = ago)
                            .to_string()
                    }
                    None => format!("{}: {word}.", s.name),
                }
            });
            each.collect::<Vec<_>>().join(" ")
        }
        Check::Blocked(None) => t_string!(i18n, stuck.not_blocked).to_owned(),
        Check::Blocked(Some((why, until))) => {
            t_string!(i18n, stuck.blocked, why = why.clone(), until = until.clock()).to_string()
        }
        Check::Queue { own, before } => {
            let mut said: Vec<String> = own
                .iter()
                .map(|o| t_string!(i18n, stuck.own, run = busy_words(i18n, o)).to_string())
                .collect();
            said.extend(before.iter().map(|b| {
                t_string!(
                    i18n,
                    stuck.before,
                    companies = codes(&b.companies),
                    run = busy_words(i18n, b)
                )
                .to_string()
            }));
            if said.is_empty() {
                t_string!(i18n, stuck.nothing_before).to_owned()
            } else {
                said.join(" ")
            }
        }
        Check::Start { at: None, .. } => t_string!(i18n, stuck.no_start).to_owned(),
        Check::Start {
            at: Some(at),
            late_ms,
            begun,
        } => {
            let at = at.full(l);
            match (*begun, *late_ms) {
                (true, _) => t_string!(i18n, stuck.begun, at = at).to_string(),
                (_, 1..) => t_string!(i18n, stuck.passed, at = at, ago = span(*late_ms, l)).to_string(),
                _ => t_string!(i18n, stuck.to_come, at = at).to_string(),
            }
        }
        Check::Held {
            standing,
            did,
            system_off,
        } => {
            let (by, at, why) = did
                .as_ref()
                .map(|d| (d.by.clone(), d.at.full(l), d.why.clone().unwrap_or_default()))
                .unwrap_or_default();
            let words = match standing {
                _ if *system_off => t_string!(i18n, stuck.system_off).to_owned(),
                Standing::Active => t_string!(i18n, stuck.not_held).to_owned(),
                Standing::Inactive => t_string!(i18n, stuck.inactive).to_owned(),
                Standing::OnHold => t_string!(i18n, stuck.held, by = by, at = at).to_string(),
                Standing::Stopped => t_string!(i18n, stuck.stopped, at = at).to_string(),
            };
            if *standing == Standing::OnHold && !why.is_empty() {
                format!("{words} “{why}”")
            } else {
                words
            }
        }
        Check::Requeued(0) => t_string!(i18n, stuck.not_requeued).to_owned(),
        Check::Requeued(n) => t_string!(i18n, stuck.requeued, count = *n).to_string(),
        Check::Posting(none) if none.is_empty() => t_string!(i18n, stuck.posting_ok).to_owned(),
        Check::Posting(some) => {
            let each = some.iter().map(|(c, since)| match since {
                Some(at) => {
                    t_string!(i18n, stuck.po_since, company = c.code.clone(), at = at.full(l)).to_string()
                }
                None => t_string!(i18n, stuck.po, company = c.code.clone()).to_string(),
            });
            each.collect::<Vec<_>>().join(" ")
        }
    }
}

/// Heading and sentence of the recommendation.
pub(super) fn advice_words(i18n: I18n, found: &Found) -> (String, String) {
    let l = reading(i18n);
    let clock = found.clock.clone().unwrap_or_default();
    let own = |s: &'static str| s.to_owned();
    match &found.advice {
        Advice::Wait(what, until, place) => {
            let until = until.map(|u| u.full(l));
            let text = match (what, until) {
                (WaitFor::Itself, Some(at)) => t_string!(i18n, stuck.w_itself, at = at).to_string(),
                (WaitFor::Queue, Some(at)) => {
                    t_string!(i18n, stuck.w_queue, place = place + 1, at = at).to_string()
                }
                (WaitFor::Window, Some(at)) => t_string!(i18n, stuck.w_window, at = at).to_string(),
                (WaitFor::Time, Some(at)) => t_string!(i18n, stuck.w_time, at = at).to_string(),
                (WaitFor::Posting, _) => own(t_string!(i18n, stuck.w_posting)),
                (WaitFor::Time, None) => own(t_string!(i18n, stuck.w_no_time)),
                _ => own(t_string!(i18n, stuck.w_visit)),
            };
            let head = match what {
                WaitFor::Time => t_string!(i18n, stuck.h_fine),
                _ => t_string!(i18n, stuck.h_wait),
            };
            (own(head), text)
        }
        Advice::QueueAgain { needs_reason: false } => (
            own(t_string!(i18n, stuck.h_queue)),
            t_string!(i18n, stuck.a_queue, clock = clock).to_string(),
        ),
        Advice::QueueAgain { needs_reason: true } => (
            own(t_string!(i18n, stuck.h_wait)),
            own(t_string!(i18n, stuck.a_queue_busy)),
        ),
        Advice::SetPosting(companies) => (
            own(t_string!(i18n, stuck.h_posting)),
            t_string!(i18n, stuck.a_posting, companies = codes(companies)).to_string(),
        ),
        Advice::Report(alarm) => (
            own(t_string!(i18n, stuck.h_report)),
            own(match alarm {
                Alarm::Server => t_string!(i18n, stuck.a_server),
                Alarm::Overdue => t_string!(i18n, stuck.a_overdue),
                Alarm::Tries => t_string!(i18n, stuck.a_tries),
                Alarm::Long => t_string!(i18n, stuck.a_long),
            }),
        ),
        Advice::Leave => (
            own(t_string!(i18n, stuck.h_leave)),
            own(t_string!(i18n, stuck.a_leave)),
        ),
        Advice::SwitchOn => (own(t_string!(i18n, stuck.h_on)), own(t_string!(i18n, stuck.a_on))),
        Advice::OpenSystem(_) => (
            own(t_string!(i18n, stuck.h_system)),
            own(t_string!(i18n, stuck.a_system)),
        ),
        Advice::Answer(_) => (
            own(t_string!(i18n, stuck.h_answer)),
            own(t_string!(i18n, stuck.a_answer)),
        ),
    }
}

/// What IT is told: all facts, as text.
pub(super) fn report(i18n: I18n, found: &Found, office: &str) -> String {
    let mut lines = vec![
        t_string!(
            i18n,
            stuck.r_title,
            name = found.description.clone(),
            job = found.job
        )
        .to_string(),
        format!(
            "{}: {} · {}: {} · {}",
            t_string!(i18n, stuck.r_office),
            office,
            t_string!(i18n, stuck.r_kind),
            job_kind_word(i18n, &found.kind),
            status_word(i18n, found.status)
        ),
        format!(
            "{}: {} · {}: {}",
            t_string!(i18n, stuck.r_companies),
            codes(&found.companies),
            t_string!(i18n, stuck.r_user),
            found.run_as
        ),
        format!(
            "{}: {}",
            t_string!(i18n, stuck.r_now),
            found.now.full(reading(i18n))
        ),
    ];
    for c in &found.checks {
        lines.push(format!(
            "- {} {}",
            question(i18n, &c.check),
            answer(i18n, &c.check)
        ));
    }
    if let Some(said) = &found.last_error {
        lines.push(format!("{}: {said}", t_string!(i18n, stuck.r_error)));
    }
    lines.join("\n")
}
