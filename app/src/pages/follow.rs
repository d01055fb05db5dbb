//! What a page has read is read again in place when jobs of the office changed: what is on the screen stays until the
//! new picture is there.

use super::{day_plan::names::clash_words, error_words, office::Here};
use crate::{api::ApiError, i18n::*};
use domain::{Language, NotNow};
use leptos::{prelude::*, task::spawn_local};
use std::future::Future;

/// Reads again when what is asked for changes, when jobs or runs change, when the stream asks for it, and when `again`
/// rises; also for what was told while the page was being read. One question at a time: whatever happens meanwhile is
/// asked for together afterwards. What cannot be read now is read the next time.
pub fn keep_up<K, T, F>(
    asked: impl Fn() -> K + Send + Sync + 'static,
    again: RwSignal<u32>,
    read: impl Fn(K) -> F + Clone + 'static,
    take: impl Fn(K, T) + Clone + 'static,
) where
    K: Clone + PartialEq + Send + Sync + 'static,
    T: 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let here = expect_context::<Here>();
    let asked = Memo::new(move |_| asked());
    let busy = StoredValue::new(false);
    let wanted = StoredValue::new(false);
    Effect::new(move |before: Option<()>| {
        let _ = (
            asked.get(),
            here.live.jobs.get(),
            here.live.stale.get(),
            again.get(),
        );
        if before.is_none() && !here.live.told_since() {
            return;
        }
        wanted.set_value(true);
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        let (read, take) = (read.clone(), take.clone());
        spawn_local(async move {
            // the page may be left while an answer is on its way
            while wanted.try_get_value() == Some(true) {
                wanted.set_value(false);
                let Some(key) = asked.try_get_untracked() else {
                    return;
                };
                let answer = read(key.clone()).await;
                if asked.try_get_untracked().as_ref() != Some(&key) {
                    continue;
                }
                if let Ok(found) = answer {
                    take(key, found);
                }
            }
            let _ = busy.try_set_value(false);
        });
    });
}

/// Keeps what is read of an office as the server has it. The picture of before stays until the new one is there.
pub fn follow_jobs<T, F>(
    data: RwSignal<T>,
    again: RwSignal<u32>,
    read: impl Fn(String) -> F + Clone + 'static,
) where
    T: Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let here = expect_context::<Here>();
    keep_up(
        move || here.office.get(),
        again,
        read,
        move |_, new| data.set(new),
    );
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
