//! Runs, kinds and problems in the reader's words.

use crate::components::job::job_kind_word;
use crate::{api::ApiError, components::language::reading, i18n::*};
use domain::{planner::Rule, schedule::Clock};
use views::{
    jobs::Company,
    plan::{Fix, InTheWay, Other, Problem, Side, day_words},
};

/// `company 2`, `all companies`, `12 companies`.
pub fn who(i18n: I18n, company: Option<&Company>, companies: u32) -> String {
    match (company, companies) {
        (Some(c), _) => t_string!(i18n, plan.company, code = c.code.clone()).to_string(),
        (None, 0) => t_string!(i18n, plan.all_companies).to_owned(),
        (None, n) => t_string!(i18n, plan.companies, count = n as usize).to_string(),
    }
}

fn side_who(i18n: I18n, s: &Side) -> String {
    who(i18n, s.company.as_ref(), s.companies)
}

/// `Nets integration, company 2`.
pub fn side_name(i18n: I18n, s: &Side) -> String {
    let kind = job_kind_word(i18n, &s.kind);
    t_string!(i18n, plan.name_of, kind = kind, who = side_who(i18n, s)).to_string()
}

/// Minutes from one clock time to another, around midnight.
fn minutes_between(from: &str, to: &str) -> i32 {
    let read = |t: &str| Clock::read(t).map_or(0, |c| i32::from(c.minutes()));
    (read(to) - read(from)).rem_euclid(1440)
}

/// What is wrong, in two or three words.
pub fn problem_title(i18n: I18n, p: &Problem) -> String {
    if p.jobs > 0 {
        let count = p.jobs as usize;
        return match &p.fix {
            Some(Fix::Spread { answer, .. }) if !answer.left_out.is_empty() => {
                t_string!(i18n, plan.t_full, count = count).to_string()
            }
            _ => t_string!(i18n, plan.t_crowd, count = count).to_string(),
        };
    }
    match (p.rule, &p.with) {
        (Rule::Blocked, Other::Blocked { reason, .. }) => {
            return t_string!(i18n, plan.t_blocked, reason = reason.clone()).to_string();
        }
        (Rule::SameTime, _) => t_string!(i18n, plan.t_same),
        (Rule::Overlap, _) => t_string!(i18n, plan.t_overlap),
        (Rule::TooClose, _) => t_string!(i18n, plan.t_close),
        (Rule::Early, _) => t_string!(i18n, plan.t_early),
        (Rule::WithoutPredecessor, _) => t_string!(i18n, plan.t_alone),
        (Rule::Pinned, _) => t_string!(i18n, plan.t_pinned),
        (Rule::Outside | Rule::Blocked, _) => t_string!(i18n, plan.t_outside),
    }
    .to_owned()
}

/// What stands in the way of a job's times, and a free time, in the reader's words.
pub fn clash_words(i18n: I18n, e: &ApiError) -> String {
    let clash = e.0.clash.as_deref();
    let Some(found) = clash.and_then(|c| serde_json::from_str::<InTheWay>(c).ok()) else {
        return e.0.detail.clone();
    };
    let day = day_words(found.day, reading(i18n));
    let what = problem_text(i18n, &found.problem);
    let said = t_string!(i18n, plan.clash_on, day = day, what = what).to_string();
    let free = match &found.problem.fix {
        Some(Fix::Move { change, .. }) => {
            t_string!(i18n, plan.clash_free, time = change.to.to_string()).to_string()
        }
        _ => t_string!(i18n, plan.clash_full).to_owned(),
    };
    format!("{said} {free}")
}

/// What is wrong, in a sentence.
pub fn problem_text(i18n: I18n, p: &Problem) -> String {
    let clock = p.run.clock.clone();
    let alike = |o: &Side| o.kind == p.run.kind;
    // of two runs of one kind the kind is said once; where that says nothing, what people called them
    let names = |o: &Side| {
        if alike(o) && side_who(i18n, o) == side_who(i18n, &p.run) {
            (p.run.description.clone(), o.description.clone())
        } else if alike(o) {
            (side_who(i18n, &p.run), side_name(i18n, o))
        } else {
            (side_name(i18n, &p.run), side_name(i18n, o))
        }
    };
    let said = match (&p.with, p.rule) {
        _ if p.jobs > 0 => return crowd_text(i18n, p),
        (
            Other::Blocked {
                owner, from, until, ..
            },
            _,
        ) => t_string!(
            i18n,
            plan.p_blocked,
            run = side_name(i18n, &p.run),
            clock = clock,
            from = from.clone(),
            until = until.clone(),
            owner = owner.clone()
        )
        .to_string(),
        (Other::Run(o), Rule::SameTime) => {
            let (run, other) = names(o);
            t_string!(i18n, plan.p_same, run = run, other = other, clock = clock).to_string()
        }
        (Other::Run(o), Rule::TooClose) => {
            let (run, other) = names(o);
            t_string!(
                i18n,
                plan.p_close,
                run = run,
                other = other,
                clock = clock,
                n = p.minutes
            )
            .to_string()
        }
        (Other::Run(o), Rule::Early) => {
            let (run, other) = names(o);
            t_string!(i18n, plan.p_early, run = run, other = other, clock = clock).to_string()
        }
        (Other::Run(o), _) => {
            let (run, other) = names(o);
            let n = minutes_between(&o.clock, &p.run.clock);
            let (usual, length) = (o.usual, o.length);
            if usual == length {
                t_string!(
                    i18n,
                    plan.p_overlaps,
                    run = run,
                    other = other,
                    length = length,
                    n = n
                )
                .to_string()
            } else {
                t_string!(
                    i18n,
                    plan.p_overlap,
                    run = run,
                    other = other,
                    usual = usual,
                    length = length,
                    n = n
                )
                .to_string()
            }
        }
        (Other::Job(job), _) => {
            t_string!(i18n, plan.p_alone, run = side_name(i18n, &p.run), job = *job).to_string()
        }
        (Other::Nothing, _) => {
            t_string!(i18n, plan.p_outside, run = side_name(i18n, &p.run), clock = clock).to_string()
        }
    };
    match p.times {
        0 | 1 => said,
        n => format!("{said}. {}", t_string!(i18n, plan.times, count = n as usize)),
    }
}

fn crowd_text(i18n: I18n, p: &Problem) -> String {
    let kind = job_kind_word(i18n, &p.run.kind);
    if let Some(Fix::Spread { ask, answer }) = &p.fix
        && !answer.left_out.is_empty()
    {
        return t_string!(
            i18n,
            plan.p_full,
            kind = kind,
            from = ask.from.to_string(),
            to = ask.to.to_string(),
            needs = answer.needs,
            has = answer.has,
            ends = answer.ends.clone().unwrap_or_default()
        )
        .to_string();
    }
    let other = match &p.with {
        Other::Run(o) => side_who(i18n, o),
        _ => String::new(),
    };
    t_string!(
        i18n,
        plan.p_crowd,
        kind = kind,
        run = side_who(i18n, &p.run),
        other = other,
        n = p.minutes
    )
    .to_string()
}
