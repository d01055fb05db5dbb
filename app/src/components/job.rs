//! Jobs and runs in a word: shape, colour and word of a status, kinds, modules, what was counted (J25, C4).
//!
//! The words are asked for by language, so that an export says the same as the page.

use crate::{components::say, i18n::*};
use domain::{
    Language,
    job::{Counted, JobStatus, Module, RunState, Standing},
};
use leptos::prelude::*;

/// Colour class of a job's status.
pub fn job_tone(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Error => "sup",
        JobStatus::Overdue | JobStatus::Asks | JobStatus::FinishedWithErrors => "act",
        JobStatus::Running => "run",
        JobStatus::Planned => "plan",
        JobStatus::OnHold => "hold",
        JobStatus::Queued | JobStatus::Inactive | JobStatus::Finished => "soft",
    }
}

/// Colour class of a run's state.
pub fn run_tone(state: RunState) -> &'static str {
    match state {
        RunState::Error => "sup",
        RunState::FinishedWithErrors | RunState::Missed | RunState::Asks => "act",
        RunState::Running => "run",
        RunState::Planned => "plan",
        RunState::Finished | RunState::Skipped => "soft",
    }
}

/// Shapes that jobs and runs share; each is told from the others without its colour.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Figure {
    Octagon,
    Hourglass,
    Question,
    Diamond,
    Arc,
    Dashed,
    Clock,
    Pause,
    Hollow,
    Tick,
    Struck,
    Passed,
}

fn draw(figure: Figure, tone: &'static str) -> AnyView {
    let shape = match figure {
        Figure::Octagon => view! {
            <path fill="currentColor" d="M5.1.9h5.8l4.2 4.2v5.8l-4.2 4.2H5.1L.9 10.9V5.1z" />
            <path class="cut" d="M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6" />
        }
        .into_any(),
        Figure::Hourglass => view! {
            <path class="line" d="M4 1.8h8M4 14.2h8M4.8 1.8c0 3.6 3.2 4 3.2 6.2s-3.2 2.6-3.2 6.2M11.2 1.8c0 3.6-3.2 4-3.2 6.2s3.2 2.6 3.2 6.2" />
        }
        .into_any(),
        Figure::Question => view! {
            <circle cx="8" cy="8" r="7" fill="currentColor" />
            <path class="cut" d="M6 6.2a2 2 0 1 1 3 1.7c-.7.4-1 .8-1 1.5M8 11.8v.01" />
        }
        .into_any(),
        Figure::Diamond => view! {
            <path fill="currentColor" d="M8 .7L15.3 8 8 15.3.7 8z" />
            <path class="cut" d="M8 4.9v3.5M8 10.9v.01" />
        }
        .into_any(),
        Figure::Arc => view! {
            <circle cx="8" cy="8" r="6" stroke="currentColor" stroke-opacity=".28" stroke-width="2.2" fill="none" />
            <path d="M8 2a6 6 0 0 1 6 6" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" fill="none" />
            <circle cx="8" cy="8" r="2" fill="currentColor" />
        }
        .into_any(),
        Figure::Dashed => view! {
            <circle class="line" cx="8" cy="8" r="6.2" stroke-dasharray="2.2 2.7" />
            <path class="line" d="M8 5v6M5 8h6" />
        }
        .into_any(),
        Figure::Clock => {
            view! { <circle class="line" cx="8" cy="8" r="6.2" /><path class="line" d="M8 4.6V8l2.3 1.5" /> }.into_any()
        }
        Figure::Pause => view! {
            <rect x="1.4" y="1.4" width="13.2" height="13.2" rx="3.4" fill="currentColor" />
            <path class="cut" d="M6 5.2v5.6M10 5.2v5.6" />
        }
        .into_any(),
        Figure::Hollow => view! { <circle class="line" cx="8" cy="8" r="6.2" /> }.into_any(),
        Figure::Tick => {
            view! { <circle class="line" cx="8" cy="8" r="6.2" /><path class="line" d="M5.3 8.2l1.9 1.9 3.6-3.9" /> }.into_any()
        }
        Figure::Struck => {
            view! { <circle class="line" cx="8" cy="8" r="6.2" stroke-dasharray="2.2 2.7" /><path class="line" d="M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2" /> }.into_any()
        }
        Figure::Passed => {
            view! { <circle class="line" cx="8" cy="8" r="6.2" /><path class="line" d="M5.6 5.4L8.2 8l-2.6 2.6M10.4 5.4v5.2" /> }.into_any()
        }
    };
    view! { <svg class=format!("s {tone}") viewBox="0 0 16 16" aria-hidden="true">{shape}</svg> }.into_any()
}

/// A job's status: shape and word.
#[component]
pub fn JobState(#[prop(into)] status: Signal<JobStatus>) -> impl IntoView {
    let i18n = use_i18n();
    move || {
        let s = status.get();
        let figure = match s {
            JobStatus::Error => Figure::Octagon,
            JobStatus::Overdue => Figure::Hourglass,
            JobStatus::Asks => Figure::Question,
            JobStatus::FinishedWithErrors => Figure::Diamond,
            JobStatus::Running => Figure::Arc,
            JobStatus::Planned => Figure::Dashed,
            JobStatus::Queued => Figure::Clock,
            JobStatus::OnHold => Figure::Pause,
            JobStatus::Inactive => Figure::Hollow,
            JobStatus::Finished => Figure::Tick,
        };
        view! {
            <span class=format!("st {}", job_tone(s)) data-testid="job-status" data-status=s.key()>
                {draw(figure, job_tone(s))}
                {say(move || status_word(i18n, s))}
            </span>
        }
    }
}

/// A run's state: shape and word.
#[component]
pub fn RunMark(#[prop(into)] state: Signal<RunState>) -> impl IntoView {
    let i18n = use_i18n();
    move || {
        let s = state.get();
        let figure = match s {
            RunState::Error => Figure::Octagon,
            RunState::Asks => Figure::Question,
            RunState::FinishedWithErrors => Figure::Diamond,
            RunState::Running => Figure::Arc,
            RunState::Planned => Figure::Dashed,
            RunState::Finished => Figure::Tick,
            RunState::Missed => Figure::Struck,
            RunState::Skipped => Figure::Passed,
        };
        view! {
            <span class=format!("st {}", run_tone(s)) data-testid="run-state" data-state=s.key()>
                {draw(figure, run_tone(s))}
                {say(move || run_word(i18n, s))}
            </span>
        }
    }
}

/// The word for a job's status.
pub fn status_word(i18n: I18n, status: JobStatus) -> String {
    status_in(i18n.language(), status)
}

/// The same in a language.
pub fn status_in(l: Language, status: JobStatus) -> String {
    match status {
        JobStatus::Error => td_string!(l, job.s_error),
        JobStatus::Overdue => td_string!(l, job.s_overdue),
        JobStatus::Asks => td_string!(l, job.s_asks),
        JobStatus::FinishedWithErrors => td_string!(l, job.s_finished_with_errors),
        JobStatus::Running => td_string!(l, job.s_running),
        JobStatus::Planned => td_string!(l, job.s_planned),
        JobStatus::Queued => td_string!(l, job.s_queued),
        JobStatus::OnHold => td_string!(l, job.s_on_hold),
        JobStatus::Inactive => td_string!(l, job.s_inactive),
        JobStatus::Finished => td_string!(l, job.s_finished),
    }
    .to_owned()
}

/// What a status means and what to do about it, in a sentence or two (J25).
pub fn advice(i18n: I18n, status: JobStatus) -> String {
    let l = i18n.language();
    match status {
        JobStatus::Error => td_string!(l, jobs.t_error),
        JobStatus::Overdue => td_string!(l, jobs.t_overdue),
        JobStatus::Asks => td_string!(l, jobs.t_asks),
        JobStatus::FinishedWithErrors => td_string!(l, jobs.t_finished_with_errors),
        JobStatus::Running => td_string!(l, jobs.t_running),
        JobStatus::Planned => td_string!(l, jobs.t_planned),
        JobStatus::Queued => td_string!(l, jobs.t_queued),
        JobStatus::OnHold => td_string!(l, jobs.t_on_hold),
        JobStatus::Inactive => td_string!(l, jobs.t_inactive),
        JobStatus::Finished => td_string!(l, jobs.t_finished),
    }
    .to_owned()
}

/// The word for a run's state.
pub fn run_word(i18n: I18n, state: RunState) -> String {
    run_in(i18n.language(), state)
}

/// The same in a language.
pub fn run_in(l: Language, state: RunState) -> String {
    match state {
        RunState::Planned => td_string!(l, job.s_planned),
        RunState::Running => td_string!(l, job.s_running),
        RunState::Finished => td_string!(l, job.s_finished),
        RunState::FinishedWithErrors => td_string!(l, job.s_finished_with_errors),
        RunState::Error => td_string!(l, job.s_error),
        RunState::Missed => td_string!(l, job.s_missed),
        RunState::Asks => td_string!(l, job.s_asks),
        RunState::Skipped => td_string!(l, job.s_skipped),
    }
    .to_owned()
}

/// The word for what was decided about a job.
pub fn standing_word(i18n: I18n, standing: Standing) -> String {
    let status = match standing {
        Standing::Inactive => JobStatus::Inactive,
        Standing::Active => JobStatus::Queued,
        Standing::OnHold => JobStatus::OnHold,
        Standing::Stopped => JobStatus::Error,
    };
    status_word(i18n, status)
}

/// The word for a module.
pub fn module_word(i18n: I18n, module: Module) -> String {
    module_in(i18n.language(), module)
}

/// The same in a language.
pub fn module_in(l: Language, module: Module) -> String {
    match module {
        Module::Economy => td_string!(l, job.m_economy),
        Module::Invoicing => td_string!(l, job.m_invoicing),
        Module::Collection => td_string!(l, job.m_collection),
    }
    .to_owned()
}

/// The word for a kind of job; its key for one that has none yet.
pub fn job_kind_word(i18n: I18n, kind: &str) -> String {
    job_kind_in(i18n.language(), kind)
}

/// The same in a language.
pub fn job_kind_in(l: Language, kind: &str) -> String {
    match kind {
        "incoming_invoices" => td_string!(l, job.k_incoming_invoices),
        "outgoing_invoices" => td_string!(l, job.k_outgoing_invoices),
        "outgoing_invoice_status" => td_string!(l, job.k_outgoing_invoice_status),
        "nets_integration" => td_string!(l, job.k_nets_integration),
        "transfer_invoices" => td_string!(l, job.k_transfer_invoices),
        "post_vouchers" => td_string!(l, job.k_post_vouchers),
        "exchange_rates" => td_string!(l, job.k_exchange_rates),
        "autopay_remittance" => td_string!(l, job.k_autopay_remittance),
        "settlement_returns" => td_string!(l, job.k_settlement_returns),
        "dunning_p1" => td_string!(l, job.k_dunning_p1),
        "dunning_p2" => td_string!(l, job.k_dunning_p2),
        "debt_collection" => td_string!(l, job.k_debt_collection),
        "ccm_send_agreements" => td_string!(l, job.k_ccm_send_agreements),
        "ccm_import_agreements" => td_string!(l, job.k_ccm_import_agreements),
        "ccm_send_collections" => td_string!(l, job.k_ccm_send_collections),
        "ccm_status" => td_string!(l, job.k_ccm_status),
        "ccm_import_payments" => td_string!(l, job.k_ccm_import_payments),
        "ccm_post_journal" => td_string!(l, job.k_ccm_post_journal),
        other => return other.replace('_', " "),
    }
    .to_owned()
}

/// What an output is.
pub fn output_word(i18n: I18n, what: &str) -> String {
    match what {
        "report" => t_string!(i18n, jobs.o_report),
        "proposal" => t_string!(i18n, jobs.o_proposal),
        "notice" => t_string!(i18n, jobs.o_notice),
        "approval" => t_string!(i18n, jobs.o_approval),
        other => return other.replace('_', " "),
    }
    .to_owned()
}

/// What a kind of job does, in one sentence (J1, C4); nothing for one that has none yet.
pub fn job_kind_does(i18n: I18n, kind: &str) -> String {
    let l = i18n.language();
    match kind {
        "incoming_invoices" => td_string!(l, jobs.w_incoming_invoices),
        "outgoing_invoices" => td_string!(l, jobs.w_outgoing_invoices),
        "outgoing_invoice_status" => td_string!(l, jobs.w_outgoing_invoice_status),
        "nets_integration" => td_string!(l, jobs.w_nets_integration),
        "transfer_invoices" => td_string!(l, jobs.w_transfer_invoices),
        "post_vouchers" => td_string!(l, jobs.w_post_vouchers),
        "exchange_rates" => td_string!(l, jobs.w_exchange_rates),
        "autopay_remittance" => td_string!(l, jobs.w_autopay_remittance),
        "settlement_returns" => td_string!(l, jobs.w_settlement_returns),
        "dunning_p1" => td_string!(l, jobs.w_dunning_p1),
        "dunning_p2" => td_string!(l, jobs.w_dunning_p2),
        "debt_collection" => td_string!(l, jobs.w_debt_collection),
        "ccm_send_agreements" => td_string!(l, jobs.w_ccm_send_agreements),
        "ccm_import_agreements" => td_string!(l, jobs.w_ccm_import_agreements),
        "ccm_send_collections" => td_string!(l, jobs.w_ccm_send_collections),
        "ccm_status" => td_string!(l, jobs.w_ccm_status),
        "ccm_import_payments" => td_string!(l, jobs.w_ccm_import_payments),
        "ccm_post_journal" => td_string!(l, jobs.w_ccm_post_journal),
        _ => "",
    }
    .to_owned()
}

/// The word for what is counted.
pub fn counted_word(l: Language, key: &str) -> String {
    match key {
        "received" => td_string!(l, jobs.c_received),
        "rejected" => td_string!(l, jobs.c_rejected),
        "sent" => td_string!(l, jobs.c_sent),
        "channel_fetched" => td_string!(l, jobs.c_channel_fetched),
        "returned_post" => td_string!(l, jobs.c_returned_post),
        "returned_email" => td_string!(l, jobs.c_returned_email),
        "transferred" => td_string!(l, jobs.c_transferred),
        "posted" => td_string!(l, jobs.c_posted),
        "left" => td_string!(l, jobs.c_left),
        "rates" => td_string!(l, jobs.c_rates),
        "paid" => td_string!(l, jobs.c_paid),
        "returns" => td_string!(l, jobs.c_returns),
        "proposed" => td_string!(l, jobs.c_proposed),
        "notices" => td_string!(l, jobs.c_notices),
        "not_distributed" => td_string!(l, jobs.c_not_distributed),
        "returned" => td_string!(l, jobs.c_returned),
        "mandates_sent" => td_string!(l, jobs.c_mandates_sent),
        "mandates_read" => td_string!(l, jobs.c_mandates_read),
        "agreements_created" => td_string!(l, jobs.c_agreements_created),
        "agreements_updated" => td_string!(l, jobs.c_agreements_updated),
        "without_customer" => td_string!(l, jobs.c_without_customer),
        "lines_sent" => td_string!(l, jobs.c_lines_sent),
        "messages" => td_string!(l, jobs.c_messages),
        "lines_updated" => td_string!(l, jobs.c_lines_updated),
        "payments" => td_string!(l, jobs.c_payments),
        "collections" => td_string!(l, jobs.c_collections),
        other => return other.replace('_', " "),
    }
    .to_owned()
}

/// What is left to somebody, when it was counted (J23).
pub const TO_FOLLOW_UP: [&str; 6] = [
    "not_distributed",
    "returned",
    "returned_post",
    "returned_email",
    "rejected",
    "without_customer",
];

/// What a run did; what is left to somebody stands out.
#[component]
pub fn Counts(counted: Counted) -> impl IntoView {
    let i18n = use_i18n();
    let many = counted.len();
    let one = move |(i, (key, n)): (usize, (String, i64))| {
        let left = n > 0 && TO_FOLLOW_UP.contains(&key.as_str());
        let comma = if i + 1 < many { ", " } else { "" };
        let what = key.clone();
        view! { <span class="cnt" class:act=left data-count=what>{say(move || format!("{n} {}", counted_word(i18n.language(), &key)))}</span>{comma} }
    };
    counted.into_iter().enumerate().map(one).collect_view()
}

/// Why a run is as it is; a person's name for one that they skipped.
pub fn note_in(l: Language, state: RunState, note: &str) -> String {
    match note {
        "late" => td_string!(l, jobs.n_late),
        "busy" => td_string!(l, jobs.n_busy),
        "by_hand" => td_string!(l, jobs.n_by_hand),
        "system_off" => td_string!(l, jobs.n_system_off),
        "after_failed" => td_string!(l, jobs.n_after_failed),
        "long_away" => td_string!(l, jobs.n_long_away),
        "requeued" => td_string!(l, jobs.n_requeued),
        "no_company" => td_string!(l, jobs.n_no_company),
        who if state == RunState::Skipped => {
            return td_string!(l, jobs.n_skipped_by, who = who.to_owned()).to_string();
        }
        other => other,
    }
    .to_owned()
}

/// Why a job stands as it does: a key of the desk's, or somebody's own words.
pub fn stood_word(i18n: I18n, why: &str) -> String {
    let l = i18n.language();
    match why {
        "error" => td_string!(l, jobs.y_error),
        "no_company" => td_string!(l, jobs.y_no_company),
        "schedule" => td_string!(l, jobs.y_schedule),
        "unknown_kind" => td_string!(l, jobs.y_unknown_kind),
        other => other,
    }
    .to_owned()
}

/// What the program server's users are called begins with this; a narrow column leaves it to screen readers.
const SERVICE: &str = "PROGRAMSERVERBRUKER ";

/// The user that runs show.
#[component]
pub fn RunAs(user: String) -> impl IntoView {
    match user.strip_prefix(SERVICE) {
        Some(rest) => {
            view! { <span title=user.clone()><span class="vh">{SERVICE}</span>{rest.to_owned()}</span> }
                .into_any()
        }
        None => view! { <span dir="auto">{user}</span> }.into_any(),
    }
}
