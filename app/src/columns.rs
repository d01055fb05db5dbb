//! What an export says in the reader's language: columns, values, the file's name (S8).

use crate::components::{job, schedule_words::schedule_in, standing::standing_in};
use crate::i18n::td_string;
use domain::{
    Language, Role, TaskState,
    job::{Counted, JobStatus, Module, RunState},
    schedule::Summary,
};
use engine::export::List;
use views::clients::Standing;

/// The columns of a list, in the order of its cells.
pub fn header(list: List, language: Language) -> Vec<&'static str> {
    let l = language;
    match list {
        List::Tasks => vec![
            td_string!(l, search.col_number),
            td_string!(l, search.col_status),
            td_string!(l, search.col_kind),
            td_string!(l, search.col_subject),
            td_string!(l, search.col_code),
            td_string!(l, search.col_dossier),
            td_string!(l, search.col_package),
            td_string!(l, search.col_delivered),
            td_string!(l, search.col_since),
            td_string!(l, search.col_cause),
        ],
        List::Clients => vec![
            td_string!(l, search.col_code),
            td_string!(l, search.col_dossier),
            td_string!(l, search.col_status),
            td_string!(l, search.col_package),
            td_string!(l, search.col_managers),
            td_string!(l, search.col_action),
            td_string!(l, search.col_failed),
            td_string!(l, search.col_waiting),
            td_string!(l, search.col_done),
        ],
        List::Audit => vec![
            td_string!(l, search.col_at),
            td_string!(l, search.col_person),
            td_string!(l, search.col_what),
            td_string!(l, search.col_on),
            td_string!(l, search.col_before),
            td_string!(l, search.col_after),
        ],
        List::Connectors => vec![
            td_string!(l, search.col_name),
            td_string!(l, search.col_version),
            td_string!(l, search.col_takes),
            td_string!(l, search.col_heard),
            td_string!(l, search.col_held),
            td_string!(l, search.col_revoked),
        ],
        List::Users => vec![
            td_string!(l, search.col_name),
            td_string!(l, search.col_email),
            td_string!(l, search.col_role),
            td_string!(l, search.col_language),
            td_string!(l, search.col_created),
            td_string!(l, search.col_left),
        ],
        List::Causes => vec![
            td_string!(l, search.col_package),
            td_string!(l, search.col_code_of),
            td_string!(l, search.col_cause_code),
            td_string!(l, search.col_tasks),
            td_string!(l, search.col_times),
            td_string!(l, search.col_first),
            td_string!(l, search.col_last),
            td_string!(l, search.col_taken),
            td_string!(l, search.col_solved),
        ],
        List::Jobs => vec![
            td_string!(l, search.col_number),
            td_string!(l, search.col_status),
            td_string!(l, search.col_module),
            td_string!(l, search.col_kind),
            td_string!(l, search.col_description),
            td_string!(l, search.col_companies),
            td_string!(l, search.col_schedule),
            td_string!(l, search.col_run_as),
            td_string!(l, search.col_server),
            td_string!(l, search.col_last_run),
            td_string!(l, search.col_next_run),
        ],
        List::Runs => vec![
            td_string!(l, search.col_number),
            td_string!(l, search.col_status),
            td_string!(l, search.col_job),
            td_string!(l, search.col_kind),
            td_string!(l, search.col_description),
            td_string!(l, search.col_due),
            td_string!(l, search.col_started),
            td_string!(l, search.col_ended),
            td_string!(l, search.col_done_n),
            td_string!(l, search.col_failed_n),
            td_string!(l, search.col_counts),
            td_string!(l, search.col_note),
            td_string!(l, search.col_run_as),
        ],
    }
}

/// What a list's file is called, without the office and the day.
pub fn file(list: List, language: Language) -> &'static str {
    let l = language;
    match list {
        List::Tasks => td_string!(l, search.file_tasks),
        List::Clients => td_string!(l, search.file_clients),
        List::Audit => td_string!(l, search.file_audit),
        List::Connectors => td_string!(l, search.file_connectors),
        List::Users => td_string!(l, search.file_users),
        List::Causes => td_string!(l, search.file_causes),
        List::Jobs => td_string!(l, search.file_jobs),
        List::Runs => td_string!(l, search.file_runs),
    }
}

/// The word for a state, as the list shows it.
pub fn state(state: TaskState, language: Language) -> &'static str {
    let l = language;
    match state {
        TaskState::Queued => td_string!(l, state.queued),
        TaskState::Running => td_string!(l, state.running),
        TaskState::ActionRequired => td_string!(l, state.action_required),
        TaskState::Failed => td_string!(l, state.failed),
        TaskState::Succeeded => td_string!(l, state.succeeded),
        TaskState::Cancelled => td_string!(l, state.cancelled),
    }
}

/// The word for a kind of task; its key for one that has no word.
pub fn kind(key: &str, language: Language) -> &str {
    let l = language;
    match key {
        "process_booking_proposal" => td_string!(l, kind.process_booking_proposal),
        "delete_booking_proposal" => td_string!(l, kind.delete_booking_proposal),
        "synchronise_dossier" => td_string!(l, kind.synchronise_dossier),
        "activate_dossier" => td_string!(l, kind.activate_dossier),
        "run_job" => td_string!(l, kind.run_job),
        other => other,
    }
}

/// The word for how a dossier stands.
pub fn standing(standing: Standing, language: Language) -> String {
    standing_in(language, standing).to_owned()
}

/// The word for a job's status.
pub fn job_status(status: JobStatus, language: Language) -> String {
    job::status_in(language, status)
}

/// The word for a run's state.
pub fn run_state(state: RunState, language: Language) -> String {
    job::run_in(language, state)
}

/// The word for a kind of job.
pub fn job_kind(key: &str, language: Language) -> String {
    job::job_kind_in(language, key)
}

/// The word for a module.
pub fn module(module: Module, language: Language) -> String {
    job::module_in(language, module)
}

/// When a job runs, in words.
pub fn schedule(schedule: Option<&Summary>, language: Language) -> String {
    let said = schedule.map(|s| schedule_in(language, s));
    match said {
        Some((times, rest)) if rest.is_empty() => times,
        Some((times, rest)) => format!("{times}, {rest}"),
        None => String::new(),
    }
}

/// What a run did, in words.
pub fn counted(counted: &Counted, language: Language) -> String {
    let l = language;
    let said: Vec<String> = counted
        .iter()
        .map(|(key, n)| format!("{n} {}", job::counted_word(l, key)))
        .collect();
    said.join(", ")
}

/// Why a run is as it is, in words.
pub fn note(state: RunState, note: &str, language: Language) -> String {
    job::note_in(language, state, note)
}

/// The word for a role; its key for one that has no word.
pub fn role(key: &str, language: Language) -> &str {
    let l = language;
    match Role::from_key(key) {
        Some(Role::Support) => td_string!(l, role.support),
        Some(Role::Admin) => td_string!(l, role.admin),
        Some(Role::Operator) => td_string!(l, role.operator),
        Some(Role::Employee) => td_string!(l, role.employee),
        Some(Role::Client) => td_string!(l, role.client),
        Some(Role::Candidate) => td_string!(l, role.candidate),
        None => key,
    }
}

/// Said in the last line of a list that is longer than its export.
pub fn cut(n: u32, language: Language) -> String {
    let l = language;
    td_string!(l, search.cut, n = n).to_string()
}
