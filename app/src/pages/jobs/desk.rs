//! What is done to a job from the console: at once, or after one question (J12, J26).

use super::super::{error_words, here::Here};
use crate::components::plan::clash_words;
use crate::{
    api::{ApiError, jobs::do_job},
    components::{
        dialog::{DialogRef, close, show},
        say, word,
    },
    i18n::*,
};
use domain::{Language, NotNow, job::JobId};
use leptos::{prelude::*, task::spawn_local};
use views::jobs::{JobVerb, JobsPage};

/// A job to which something is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its number.
    pub id: JobId,
    /// As it was when the person decided.
    pub version: i64,
    /// What people recognise it by.
    pub name: String,
}

/// What is asked before a job is deleted, held, or put where it is in the way of others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Question {
    job: Chosen,
    verb: JobVerb,
    /// In whose way it would be: the sentence.
    clash: Option<String>,
}

/// What a page with jobs and its dialog share.
#[derive(Clone, Copy)]
pub struct Desk {
    /// What became of the last thing done.
    pub said: RwSignal<Option<Result<String, String>>>,
    /// Must be read again: rises each time.
    pub again: RwSignal<u32>,
    /// The list as last read; none on a job's own page.
    pub page: RwSignal<Option<JobsPage>>,
    /// Something is on its way.
    pub busy: RwSignal<bool>,
    /// What the dialog asks about.
    asked: RwSignal<Option<Question>>,
    /// Told when a job was deleted.
    pub gone: RwSignal<Option<JobId>>,
}

impl Desk {
    /// Nothing done yet.
    pub fn new() -> Self {
        Self {
            said: RwSignal::new(None),
            again: RwSignal::new(0),
            page: RwSignal::new(None),
            busy: RwSignal::new(false),
            asked: RwSignal::new(None),
            gone: RwSignal::new(None),
        }
    }

    /// Asks first.
    pub fn ask(self, job: Chosen, verb: JobVerb) {
        self.said.set(None);
        self.asked.set(Some(Question {
            job,
            verb,
            clash: None,
        }));
    }
}

/// Does it, once: a second press before the answer does nothing.
pub fn act(desk: Desk, here: Here, i18n: I18n, job: Chosen, verb: JobVerb, why: Option<String>) {
    if desk.busy.get_untracked() {
        return;
    }
    desk.busy.set(true);
    desk.said.set(None);
    spawn_local(async move {
        let answer = do_job(here.office.get_untracked(), job.id, job.version, verb, why).await;
        let said = match &answer {
            Ok(()) => Some(Ok(did(i18n, verb, job.id))),
            Err(e) if e.code() == "clash" => {
                let clash = Some(clash_words(i18n, e));
                let _ = desk.asked.try_set(Some(Question {
                    job: job.clone(),
                    verb,
                    clash,
                }));
                None
            }
            Err(e) => Some(Err(verb_words(i18n, e))),
        };
        if verb == JobVerb::Delete && answer.is_ok() {
            let _ = desk.gone.try_set(Some(job.id));
        }
        let _ = desk.said.try_set(said);
        let _ = desk.busy.try_set(false);
        let _ = desk.again.try_update(|n| *n += 1);
    });
}

fn did(i18n: I18n, verb: JobVerb, id: JobId) -> String {
    match verb {
        JobVerb::Activate => t_string!(i18n, jobs.did_activate, id = id).to_string(),
        JobVerb::Hold => t_string!(i18n, jobs.did_hold, id = id).to_string(),
        JobVerb::Queue => t_string!(i18n, jobs.did_queue, id = id).to_string(),
        JobVerb::RunNow => t_string!(i18n, jobs.did_run_now, id = id).to_string(),
        JobVerb::Delete => t_string!(i18n, jobs.did_delete, id = id).to_string(),
    }
}

/// Why something could not be done to a job: the desk's own sentence where it has one for this very case.
pub fn verb_words(i18n: I18n, e: &ApiError) -> String {
    match &e.0.not_now {
        Some(reason) => verb_in(i18n.language_untracked(), reason),
        None if e.code() == "wrong_state" => t_string!(i18n, jobs.e_state).to_owned(),
        None => error_words(i18n, e),
    }
}

/// Why the state of a job does not allow it, in a language.
pub(crate) fn verb_in(l: Language, reason: &NotNow) -> String {
    match reason {
        NotNow::RunNotOver => td_string!(l, jobs.e_not_over).to_owned(),
        NotNow::JobChanged => td_string!(l, jobs.e_changed).to_owned(),
        NotNow::SystemNotActive | NotNow::SystemNotDirect => td_string!(l, jobs.e_system).to_owned(),
        NotNow::NoCompany => td_string!(l, jobs.y_no_company).to_owned(),
        NotNow::RunAnswered => td_string!(l, jobs.e_answered).to_owned(),
        NotNow::Followers { jobs } => td_string!(l, jobs.e_followers, ids = jobs.clone()).to_string(),
        NotNow::TwinActive { job } => td_string!(l, jobs.e_twin, id = job.to_string()).to_string(),
        NotNow::RunJustStarted
        | NotNow::JobOnAlready
        | NotNow::JobHeldAlready
        | NotNow::JobNotOn
        | NotNow::JobQueuedAlready
        | NotNow::JobOff
        | NotNow::CompanyBusy { .. }
        | NotNow::WindowChanged
        | NotNow::HoursChanged
        | NotNow::CalendarChanged
        | NotNow::SystemChanged
        | NotNow::DowntimeChanged
        | NotNow::SettingsChanged
        | NotNow::CalendarUsed { .. }
        | NotNow::TimeFixed { .. }
        | NotNow::NotAtThatTime { .. }
        | NotNow::WindowsAlready
        | NotNow::RivalActive { .. }
        | NotNow::DowntimeLifted
        | NotNow::DowntimePlanned
        | NotNow::DocumentsFull { .. }
        | NotNow::AccessEnded
        | NotNow::LastAdmin
        | NotNow::NotHeld
        | NotNow::RequestDecided
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
        | NotNow::ProcedureOver
        | NotNow::TwinGone
        | NotNow::NoSuchSteps
        | NotNow::PostingOk
        | NotNow::BeingPosted { .. }
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
        | NotNow::NothingToActivate => td_string!(l, jobs.e_state).to_owned(),
    }
}

/// The question before a job is put on hold, deleted, or put where it is in the way of others.
#[component]
pub fn Verbs() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let dialog = DialogRef::new();
    let why = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let (Some(_), Some(_)) = (desk.asked.get(), dialog.get()) {
            why.set(String::new());
            show(dialog);
        }
    });
    let close = move || {
        close(dialog);
        desk.asked.set(None);
    };
    let deletes = Memo::new(move |_| {
        desk.asked
            .with(|a| a.as_ref().is_some_and(|a| a.verb == JobVerb::Delete))
    });
    let clash = Memo::new(move |_| desk.asked.with(|a| a.as_ref()?.clash.clone()));
    let id = move || desk.asked.with(|a| a.as_ref().map_or(0, |a| a.job.id));
    let name = move || {
        desk.asked
            .with(|a| a.as_ref().map(|a| a.job.name.clone()).unwrap_or_default())
    };
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let question = desk.asked.get_untracked();
        close();
        if let Some(Question { job, verb, .. }) = question {
            let why = why.with_untracked(|w| w.trim().to_owned());
            let why = Some(why).filter(|w| verb != JobVerb::Delete && !w.is_empty());
            act(desk, here, i18n, job, verb, why);
        }
    };
    let title = say(move || match (clash.get(), deletes.get()) {
        (Some(_), _) => t_string!(i18n, jobs.clash_title).to_owned(),
        (_, true) => t_string!(i18n, jobs.delete_title, id = id()).to_string(),
        _ => format!("{}: {}", t_string!(i18n, jobs.v_hold), name()),
    });
    let lead = say(move || match (clash.get(), deletes.get()) {
        (Some(sentence), _) => sentence,
        (_, true) => t_string!(i18n, jobs.delete_lead, name = name()).to_string(),
        _ => t_string!(i18n, jobs.hold_lead).to_owned(),
    });
    let go = say(move || match desk.asked.with(|a| a.as_ref().map(|a| a.verb)) {
        Some(JobVerb::Delete) => t_string!(i18n, jobs.v_delete).to_owned(),
        Some(JobVerb::Activate) => t_string!(i18n, jobs.v_activate).to_owned(),
        Some(JobVerb::Queue) => t_string!(i18n, jobs.v_queue).to_owned(),
        _ => t_string!(i18n, jobs.v_hold).to_owned(),
    });
    view! {
        <dialog node_ref=dialog class="verb" aria-labelledby="job-verb" on:close=move |_| desk.asked.set(None)>
            <form on:submit=submit>
                <h2 id="job-verb">{title}</h2>
                <p class="soft">{lead}</p>
                {move || (!deletes.get()).then(|| view! {
                    <div class="line-field">
                        <label for="job-why">{say(move || match clash.get() {
                            Some(_) => t_string!(i18n, jobs.clash_reason).to_owned(),
                            None => t_string!(i18n, jobs.why_field).to_owned(),
                        })}</label>
                        <span class="field"><input id="job-why" type="text" maxlength="500" autocomplete="off" dir="auto" required=move || clash.with(Option::is_some) prop:value=why on:input=move |ev| why.set(event_target_value(&ev)) /></span>
                    </div>
                })}
                <div class="acts">
                    <button class="btn pri lg" data-testid="confirm">{go}</button>
                    <button type="button" class="btn lg" on:click=move |_| close()>{word!(i18n, jobs.keep)}</button>
                </div>
            </form>
        </dialog>
    }
}
