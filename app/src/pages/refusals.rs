//! What was refused, in the reader's words.

use crate::{
    api::ApiError,
    components::{plan::clash_words, typed::rule_in},
    i18n::*,
};
use domain::{Language, NotNow};

/// What went wrong, in the reader's words.
pub fn error_words(i18n: I18n, e: &ApiError) -> String {
    error_in(i18n.language(), e)
}

/// What went wrong, in a language.
pub(crate) fn error_in(l: Language, e: &ApiError) -> String {
    match e.code() {
        "not_found" => td_string!(l, error.not_found).to_owned(),
        "offline" => td_string!(l, error.offline).to_owned(),
        "temporarily_out_of_service" => td_string!(l, error.out_of_service).to_owned(),
        "storage_unavailable" | "draining" => td_string!(l, error.storage).to_owned(),
        "wrong_state" => td_string!(l, error.stale).to_owned(),
        "unauthenticated" => td_string!(l, sign_in.signed_out).to_owned(),
        "forbidden" => td_string!(l, error.forbidden).to_owned(),
        "too_large" => td_string!(l, error.too_large).to_owned(),
        "clash" => td_string!(l, error.clash).to_owned(),
        "unconfirmed" => td_string!(l, error.unconfirmed).to_owned(),
        "full" => td_string!(l, forms.full).to_owned(),
        "busy" => td_string!(l, error.busy).to_owned(),
        "too_many_requests" => td_string!(l, sign_in.too_often).to_owned(),
        "invalid" => {
            let said = e.0.errors.iter();
            let said: Vec<String> = said.map(|e| rule_in(l, e)).collect();
            said.join(" ")
        }
        _ => td_string!(l, error.internal).to_owned(),
    }
}

/// Why something about jobs was not done, in the reader's words.
pub fn why_not(i18n: I18n, e: &ApiError) -> String {
    if e.code() == "wrong_state" {
        return not_now_words(i18n, e.0.not_now.as_ref(), &e.0.detail);
    }
    if e.code() == "clash" {
        return clash_words(i18n, e);
    }
    if e.code() == "forbidden" {
        return t_string!(i18n, procedures.forbidden).to_owned();
    }
    error_words(i18n, e)
}

/// What a state does not allow, in the reader's words; `said` is it in the API's.
pub fn not_now_words(i18n: I18n, reason: Option<&NotNow>, said: &str) -> String {
    not_now_in(i18n.language_untracked(), reason, said)
}

/// The same in a language.
pub(crate) fn not_now_in(l: Language, reason: Option<&NotNow>, said: &str) -> String {
    reason
        .and_then(|reason| words(l, reason))
        .unwrap_or_else(|| match l {
            Language::En => said.to_owned(),
            _ => td_string!(l, procedures.no_else).to_owned(),
        })
}

/// The words of procedures and of systems; `None` for what neither is refused for.
fn words(l: Language, reason: &NotNow) -> Option<String> {
    Some(match reason {
        NotNow::JobChanged
        | NotNow::WindowChanged
        | NotNow::HoursChanged
        | NotNow::CalendarChanged
        | NotNow::SystemChanged
        | NotNow::DowntimeChanged
        | NotNow::SettingsChanged
        | NotNow::DowntimeLifted
        | NotNow::RequestDecided
        | NotNow::RunJustStarted => td_string!(l, procedures.no_stale).to_owned(),
        NotNow::RunNotOver => td_string!(l, procedures.no_running).to_owned(),
        NotNow::CompanyBusy { job } => td_string!(l, procedures.no_busy, job = job.to_string()).to_string(),
        NotNow::BeingPosted { job, .. } => {
            td_string!(l, procedures.no_large, job = job.to_string()).to_string()
        }
        NotNow::SystemNotActive => td_string!(l, collection.gate_active).to_owned(),
        NotNow::SystemNotDirect => td_string!(l, collection.gate_direct).to_owned(),
        NotNow::RivalActive { name } => td_string!(l, collection.gate_rival, name = name.clone()).to_string(),
        NotNow::ProcedureOver => td_string!(l, procedures.no_over).to_owned(),
        NotNow::TwinGone => td_string!(l, procedures.no_twin).to_owned(),
        NotNow::NoCompany => td_string!(l, jobs.y_no_company).to_owned(),
        NotNow::Followers { jobs } => td_string!(l, jobs.e_followers, ids = jobs.clone()).to_string(),
        NotNow::TwinActive { job } => td_string!(l, jobs.e_twin, id = job.to_string()).to_string(),
        NotNow::RunAnswered => td_string!(l, jobs.e_answered).to_owned(),
        NotNow::JobOnAlready
        | NotNow::JobHeldAlready
        | NotNow::JobNotOn
        | NotNow::JobQueuedAlready
        | NotNow::JobOff
        | NotNow::CalendarUsed { .. }
        | NotNow::TimeFixed { .. }
        | NotNow::NotAtThatTime { .. }
        | NotNow::WindowsAlready
        | NotNow::DowntimePlanned
        | NotNow::DocumentsFull { .. }
        | NotNow::AccessEnded
        | NotNow::LastAdmin
        | NotNow::NotHeld
        | NotNow::MailNotSetUp
        | NotNow::FormSent
        | NotNow::NotToActivate
        | NotNow::TaskIs { .. }
        | NotNow::TaskIsAlready { .. }
        | NotNow::TaskCannot { .. }
        | NotNow::KeyUsed { .. }
        | NotNow::NothingToConfirm
        | NotNow::NotRestarted
        | NotNow::NoStoppedActivation
        | NotNow::InstructionWritten { .. }
        | NotNow::StartedAgain
        | NotNow::NoSuchSteps
        | NotNow::PostingOk
        | NotNow::NothingToDo
        | NotNow::TasksChanged
        | NotNow::OverAlready
        | NotNow::CauseTaken
        | NotNow::CauseSolved
        | NotNow::CauseWithoutTask
        | NotNow::NoCodeAsked
        | NotNow::FactorAlready
        | NotNow::NoFactor
        | NotNow::TheyHaveNoFactor
        | NotNow::NothingToActivate => return None,
    })
}
