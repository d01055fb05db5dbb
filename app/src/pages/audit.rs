//! `/o/:office/audit`: who did what, when (S3). The address is the filter.

use super::{
    here::Here,
    page::Page,
    profile::{Time, trouble},
    settings::setting_word,
    sign_in::role_word,
};
use crate::components::export::Export;
use crate::components::{say, word};
use crate::{
    api::audit::audit,
    components::{
        icon::{Glyph, Icon},
        job::{job_kind_word, standing_word},
    },
    i18n::*,
};
use domain::{Language, Role, job::Standing};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use views::audit::{AuditAsked, AuditLine, AuditPage, VERBS};

/// A value of more characters than this is folded.
const LONG: usize = 120;

fn read(query: &ParamsMap) -> AuditAsked {
    AuditAsked::read(|name| query.get(name))
}

fn address(asked: &AuditAsked, office: &str) -> String {
    format!("/o/{office}/audit?{}", asked.query())
}

/// A verb in the reader's words; its key for one that has none yet.
fn verb_word(i18n: I18n, what: &str) -> String {
    match what {
        "activate_dossier" => t_string!(i18n, audit.v_activate_dossier),
        "rename_dossier" => t_string!(i18n, audit.v_rename_dossier),
        "archive_dossier" => t_string!(i18n, audit.v_archive_dossier),
        "restore_dossier" => t_string!(i18n, audit.v_restore_dossier),
        "import_dossiers" => t_string!(i18n, audit.v_import_dossiers),
        "restart" => t_string!(i18n, audit.v_restart),
        "undo_restart" => t_string!(i18n, audit.v_undo_restart),
        "cancel" => t_string!(i18n, audit.v_cancel),
        "confirm" => t_string!(i18n, confirm.audit),
        "correct" => t_string!(i18n, audit.v_correct),
        "hand_over" => t_string!(i18n, audit.v_hand_over),
        "urgent" => t_string!(i18n, audit.v_urgent),
        "snooze" => t_string!(i18n, audit.v_snooze),
        "take" => t_string!(i18n, audit.v_take),
        "release" => t_string!(i18n, audit.v_release),
        "solve" => t_string!(i18n, audit.v_solve),
        "instruction" => t_string!(i18n, audit.v_instruction),
        "bulk" => t_string!(i18n, audit.v_bulk),
        "invite" => t_string!(i18n, audit.v_invite),
        "new_link" => t_string!(i18n, audit.v_new_link),
        "role" => t_string!(i18n, audit.v_role),
        "end_access" => t_string!(i18n, audit.v_end_access),
        "give_access" => t_string!(i18n, audit.v_give_access),
        "add_manager" => t_string!(i18n, audit.v_add_manager),
        "remove_manager" => t_string!(i18n, audit.v_remove_manager),
        "managers" => t_string!(i18n, audit.v_managers),
        "settings" => t_string!(i18n, audit.v_settings),
        "sign_in" => t_string!(i18n, audit.v_sign_in),
        "sign_in_failed" => t_string!(i18n, audit.v_sign_in_failed),
        "sign_out" => t_string!(i18n, audit.v_sign_out),
        "sign_in_half" => t_string!(i18n, audit.v_sign_in_half),
        "factor_on" => t_string!(i18n, audit.v_factor_on),
        "factor_off" => t_string!(i18n, audit.v_factor_off),
        "factor_taken_off" => t_string!(i18n, audit.v_factor_taken_off),
        "factor_wrong" => t_string!(i18n, audit.v_factor_wrong),
        "recovery_used" => t_string!(i18n, audit.v_recovery_used),
        "recovery_new" => t_string!(i18n, audit.v_recovery_new),
        "end_session" => t_string!(i18n, audit.v_end_session),
        "end_sessions" => t_string!(i18n, audit.v_end_sessions),
        "password" => t_string!(i18n, audit.v_password),
        "language" => t_string!(i18n, audit.v_language),
        "theme" => t_string!(i18n, audit.v_theme),
        "shortcuts" => t_string!(i18n, audit.v_shortcuts),
        "add_office" => t_string!(i18n, audit.v_add_office),
        "first_admin" => t_string!(i18n, audit.v_first_admin),
        "add_connector" => t_string!(i18n, audit.v_add_connector),
        "add_integration" => t_string!(i18n, audit.v_add_integration),
        "enrol" => t_string!(i18n, audit.v_enrol),
        "rotate" => t_string!(i18n, audit.v_rotate),
        "revoke" => t_string!(i18n, audit.v_revoke),
        "hold" => t_string!(i18n, audit.v_hold),
        "let_go" => t_string!(i18n, audit.v_let_go),
        "rename" => t_string!(i18n, audit.v_rename),
        "new_job" => t_string!(i18n, audit.v_new_job),
        "job" => t_string!(i18n, audit.v_job),
        "job_standing" => t_string!(i18n, audit.v_job_standing),
        "delete_job" => t_string!(i18n, audit.v_delete_job),
        "run_now" => t_string!(i18n, audit.v_run_now),
        "answer_run" => t_string!(i18n, audit.v_answer_run),
        "job_list" => t_string!(i18n, audit.v_job_list),
        "blocked" => t_string!(i18n, audit.v_blocked),
        "remove_blocked" => t_string!(i18n, audit.v_remove_blocked),
        "hours" => t_string!(i18n, audit.v_hours),
        "calendar" => t_string!(i18n, audit.v_calendar),
        "remove_calendar" => t_string!(i18n, audit.v_remove_calendar),
        "despite" => t_string!(i18n, audit.v_despite),
        "procedure" => t_string!(i18n, audit.v_procedure),
        "undo_procedure" => t_string!(i18n, audit.v_undo_procedure),
        "check_twin" => t_string!(i18n, audit.v_check_twin),
        "postpone" => t_string!(i18n, audit.v_postpone),
        "posting" => t_string!(i18n, audit.v_posting),
        "import_jobs" => t_string!(i18n, audit.v_import_jobs),
        "add_system" => t_string!(i18n, audit.v_add_system),
        "system_active" => t_string!(i18n, audit.v_system_active),
        "system_direct" => t_string!(i18n, audit.v_system_direct),
        "announce_downtime" => t_string!(i18n, audit.v_announce_downtime),
        "change_downtime" => t_string!(i18n, audit.v_change_downtime),
        "lift_downtime" => t_string!(i18n, audit.v_lift_downtime),
        "downtime_closed" => t_string!(i18n, audit.v_downtime_closed),
        "exempt" => t_string!(i18n, audit.v_exempt),
        "accept_request" => t_string!(i18n, audit.v_accept_request),
        "decline_request" => t_string!(i18n, audit.v_decline_request),
        "mail_settings" => t_string!(i18n, audit.v_mail_settings),
        "shift_job" => t_string!(i18n, audit.v_shift_job),
        "restore" => t_string!(i18n, audit.v_restore),
        other => return other.replace(['_', '.'], " "),
    }
    .to_owned()
}

/// What a line is about, in the reader's words.
fn subject_word(i18n: I18n, kind: &str, subject: &str) -> String {
    let kind = match kind {
        "person" => return subject.to_owned(),
        "setting" => return setting_word(i18n, subject),
        "task" => t_string!(i18n, audit.task),
        "dossier" => t_string!(i18n, audit.dossier),
        "connector" => t_string!(i18n, audit.connector),
        "integration" => t_string!(i18n, audit.integration),
        "cause" => t_string!(i18n, audit.cause),
        "instruction" => t_string!(i18n, audit.instruction),
        "office" => t_string!(i18n, audit.office),
        "job" => t_string!(i18n, audit.job),
        "kind" => return format!("{} {}", t_string!(i18n, audit.kind), job_kind_word(i18n, subject)),
        "window" => t_string!(i18n, audit.window),
        "calendar" => t_string!(i18n, audit.calendar),
        "procedure" => t_string!(i18n, audit.procedure),
        "system" => t_string!(i18n, audit.system),
        "downtime" => t_string!(i18n, nav.downtime),
        "request" => t_string!(i18n, audit.request),
        other => other,
    };
    format!("{kind} {subject}")
}

/// A stored value as people call it: states and roles are keys, all else is what somebody typed.
fn value_word(i18n: I18n, what: &str, value: &str) -> String {
    let known = match what {
        "role" => Role::from_key(value).map(|r| role_word(i18n, r)),
        "language" => Language::from_tag(value).map(Language::own_name),
        "theme" => match value {
            "system" => Some(t_string!(i18n, profile.system)),
            "light" => Some(t_string!(i18n, profile.light)),
            "dark" => Some(t_string!(i18n, profile.dark)),
            _ => None,
        },
        "job_standing" => {
            // a reason may follow the word
            let (key, why) = value.split_once(": ").unwrap_or((value, ""));
            return match Standing::from_key(key) {
                Some(s) if why.is_empty() => standing_word(i18n, s),
                Some(s) => format!("{}: {why}", standing_word(i18n, s)),
                None => value.to_owned(),
            };
        }
        _ => match value {
            "queued" => Some(t_string!(i18n, state.queued)),
            "running" => Some(t_string!(i18n, state.running)),
            "action_required" => Some(t_string!(i18n, state.action_required)),
            "failed" => Some(t_string!(i18n, state.failed)),
            "succeeded" => Some(t_string!(i18n, state.succeeded)),
            "cancelled" => Some(t_string!(i18n, state.cancelled)),
            _ => None,
        },
    };
    known.unwrap_or(value).to_owned()
}

/// The page.
#[component]
pub fn Audit() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(read));
    let found = Resource::new_blocking(
        move || (here.office.get(), asked.get()),
        |(office, asked)| audit(office, asked),
    );
    let title = Signal::derive(move || t_string!(i18n, audit.title).to_owned());
    view! {
        <Page title>
            <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(page) => view! { <FilterBar asked people=page.people.clone() /> <Lines page asked /> }.into_any(),
                        Err(e) => trouble(&e),
                    }
                })}
            </Transition>
        </Page>
    }
}

/// A plain form, so that it filters before the page is live, too.
#[component]
fn FilterBar(asked: Memo<AuditAsked>, people: Vec<(i64, String)>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let form = RwSignal::new(AuditAsked {
        before: None,
        ..asked.get_untracked()
    });
    let go = use_navigate();
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let options = NavigateOptions {
            scroll: false,
            ..Default::default()
        };
        let to = address(&form.get_untracked(), &here.office.get_untracked());
        go(&to, options);
    };
    let now = form.get_untracked();
    let filtered = now != AuditAsked::default();
    let who = now.who.clone();
    let chosen = move |value: &str| who == value;
    let what = now.what.clone();
    let strange = (!what.is_empty() && !VERBS.contains(&what.as_str())).then(|| what.clone());
    view! {
        <form class="bar audit-bar" role="search" method="get" aria-label=word!(i18n, audit.filter) on:submit=submit>
            <label class="field search">
                <Glyph icon=Icon::Search />
                <span class="vh">{word!(i18n, audit.search)}</span>
                <input type="search" name="q" maxlength="200" value=now.text placeholder=word!(i18n, audit.search) on:input=move |ev| form.update(|f| f.text = event_target_value(&ev)) />
            </label>
            <label class="field">
                <span class="vh">{word!(i18n, audit.who)}</span>
                <select name="who" on:change=move |ev| form.update(|f| f.who = event_target_value(&ev))>
                    <option value="" selected=chosen("")>{word!(i18n, audit.everybody)}</option>
                    <option value="support" selected=chosen("support")>{word!(i18n, role.support)}</option>
                    {people
                        .into_iter()
                        .map(|(id, name)| {
                            let id = id.to_string();
                            view! { <option value=id.clone() selected=chosen(&id)>{name}</option> }
                        })
                        .collect_view()}
                </select>
            </label>
            <label class="field">
                <span class="vh">{word!(i18n, audit.what)}</span>
                <select name="what" on:change=move |ev| form.update(|f| f.what = event_target_value(&ev))>
                    <option value="" selected=what.is_empty()>{word!(i18n, audit.all_verbs)}</option>
                    {strange.map(|v| view! { <option value=v.clone() selected>{v.clone()}</option> })}
                    {VERBS
                        .into_iter()
                        .map(|v| view! { <option value=v selected=what == v>{say(move || verb_word(i18n, v))}</option> })
                        .collect_view()}
                </select>
            </label>
            <label class="field">
                <span class="muted">{word!(i18n, audit.from)}</span>
                <input type="date" name="from" value=now.from on:change=move |ev| form.update(|f| f.from = event_target_value(&ev)) />
            </label>
            <label class="field">
                <span class="muted">{word!(i18n, audit.to)}</span>
                <input type="date" name="to" value=now.to on:change=move |ev| form.update(|f| f.to = event_target_value(&ev)) />
            </label>
            <button class="btn"><Glyph icon=Icon::Filter /> {word!(i18n, audit.apply)}</button>
            {filtered.then(|| view! { <a class="btn ghost" href=say(move || format!("/o/{}/audit", here.office.get()))>{word!(i18n, audit.clear)}</a> })}
            <span class="sp"></span>
            <Export list="audit" office=here.office filter=Signal::derive(move || asked.with(AuditAsked::query)) />
        </form>
    }
}

#[component]
fn Lines(page: AuditPage, asked: Memo<AuditAsked>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let to = move |before: Option<i64>| {
        say(move || {
            address(
                &AuditAsked {
                    before,
                    ..asked.get()
                },
                &here.office.get(),
            )
        })
    };
    let older = page.lines.last().map(|l| l.id).filter(|_| page.more);
    let newest = asked.get_untracked().before.is_some();
    if page.lines.is_empty() {
        return view! { <div class="empty"><p class="soft">{word!(i18n, audit.none)}</p></div> }.into_any();
    }
    view! {
        <div class="card">
            <div class="tw">
                <table class="stack log" role="table" aria-label=word!(i18n, audit.title)>
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader" scope="col">{word!(i18n, audit.when)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, audit.who)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, audit.what)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, audit.subject)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, audit.change)}</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{page.lines.into_iter().map(|line| view! { <Row line /> }).collect_view()}</tbody>
                </table>
            </div>
        </div>
        <p class="bar">
            {newest.then(|| view! { <a class="btn" href=to(None)>{word!(i18n, audit.newest)}</a> })}
            {older.map(|id| view! { <a class="btn" href=to(Some(id))>{word!(i18n, audit.older)}</a> })}
        </p>
    }
    .into_any()
}

#[component]
fn Row(line: AuditLine) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let what = StoredValue::new(line.what);
    let role = line.role;
    let who = match line.who {
        Some(name) => view! { <span dir="auto">{name}</span> }.into_any(),
        None => word!(i18n, audit.program).into_any(),
    };
    let support = (role == Some(Role::Support))
        .then(|| view! { " " <span class="muted">{word!(i18n, role.support)}</span> });
    let (kind, name) = (line.kind, line.subject);
    let subject = say(move || subject_word(i18n, &kind, &name));
    let subject = match line.path {
        Some(path) => {
            view! { <a href=say(move || format!("/o/{}/{path}", here.office.get()))>{subject}</a> }.into_any()
        }
        None => subject.into_any(),
    };
    let value = move |v: Option<String>, class: &'static str| {
        v.filter(|v| !v.is_empty()).map(|v| {
            let v = StoredValue::new(v);
            let shown = say(move || value_word(i18n, &what.get_value(), &v.get_value()));
            if v.with_value(|v| v.chars().count() > LONG) {
                let start: String = v.with_value(|v| v.chars().take(LONG).chain(['…']).collect());
                view! { <details class=class><summary dir="auto">{start}</summary><span dir="auto" class="wrap">{shown}</span></details> }.into_any()
            } else {
                view! { <span class=class dir="auto">{shown}</span> }.into_any()
            }
        })
    };
    let both = line.before.is_some() && line.after.is_some();
    view! {
        <tr role="row" data-what=what.get_value()>
            <td role="cell" class="muted nowrap"><Time at=line.at /></td>
            <td role="cell" class="wrap">{who}{support}</td>
            <th role="rowheader" scope="row">
                {say(move || verb_word(i18n, &what.get_value()))}
                {line.platform.then(|| view! { " " <span class="pill soft">{word!(i18n, audit.platform)}</span> })}
            </th>
            <td role="cell" class="wrap">{subject}</td>
            <td role="cell" class="wrap change">
                <span class="vh">{word!(i18n, audit.was)} " "</span>
                {value(line.before, "was")}
                {both.then(|| view! { <span aria-hidden="true">" → "</span> })}
                <span class="vh">{word!(i18n, audit.is)} " "</span>
                {value(line.after, "is")}
            </td>
        </tr>
    }
}
