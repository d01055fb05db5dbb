//! The form of a job, new or not: what it is, for whom, when, where its outputs go (J12).

use super::{
    super::here::Here,
    draft::Draft,
    fields::{Choice, Line, Refused, wrong},
    interval::IntervalFields,
    outputs::Outputs,
    preview::PreviewCard,
    saving::{Save, Saving},
};
use crate::{
    components::{
        job::{job_kind_does, job_kind_word, module_word},
        say, word,
    },
    i18n::*,
};
use domain::job::{JobForm, JobKind, Module, Place};
use leptos::prelude::*;
use views::jobs::{Company, JobLine, JobsSetting, KindLine};

/// What the fields of a kind are usually filled with (J23).
fn usual_values(param: &str) -> Vec<String> {
    let values: &[&str] = match param {
        "area" => &[
            "K100–K800",
            "K110 Foreldrebetaling",
            "K240 Husleie",
            "K500 Eiendomsavgifter",
            "K997–K999",
        ],
        "code" => &["PFEL", "PBHG", "PHUS", "P1", "P2", "PWS"],
        "voucher_type" => &["23 Purring og renteberegning", "35 Procasso"],
        _ => &[],
    };
    values.iter().map(|v| (*v).to_owned()).collect()
}

/// What a field of a kind is called.
fn param_word(i18n: I18n, param: &str) -> String {
    match param {
        "integration" => t_string!(i18n, jobs.p_integration),
        "registered_by" => t_string!(i18n, jobs.p_registered_by),
        "area" => t_string!(i18n, jobs.p_area),
        "ledger" => t_string!(i18n, jobs.p_ledger),
        "code" => t_string!(i18n, jobs.p_code),
        "voucher_type" => t_string!(i18n, jobs.p_voucher_type),
        other => return other.replace('_', " "),
    }
    .to_owned()
}

/// A new job: of the kind that the address names, or like another one.
#[component]
pub fn New(
    setting: JobsSetting,
    all: Vec<JobLine>,
    copied: Option<JobForm>,
    kind: Option<String>,
) -> impl IntoView {
    let draft = Draft::new(&setting.zone, setting.hours);
    let of = |code: &str| setting.kinds.iter().map(|k| &k.kind).find(|k| k.code == code);
    match (&copied, kind.as_deref().and_then(of)) {
        (Some(form), _) => draft.load(form, of(&form.kind)),
        (None, Some(kind)) => draft.propose(kind),
        (None, None) => {}
    }
    let saving = Saving {
        draft,
        refused: RwSignal::new(vec![]),
        job: None,
        base: RwSignal::new(None),
    };
    view! { <Context draft kinds=setting.kinds.clone() companies=setting.companies.clone() number=None /><Form saving setting all /> }
}

/// Server, module and company, always in view (J7).
#[component]
pub fn Context(
    draft: Draft,
    kinds: Vec<KindLine>,
    companies: Vec<Company>,
    number: Option<i64>,
) -> impl IntoView {
    let i18n = use_i18n();
    let module = Memo::new(move |_| {
        draft.kind.with(|c| {
            kinds
                .iter()
                .find(|k| k.kind.code == *c)
                .map(|k| (k.kind.module, k.kind.place))
        })
    });
    let module_said = say(move || {
        module
            .get()
            .map_or_else(|| "–".to_owned(), |m| module_word(i18n, m.0))
    });
    let company = say(move || {
        let chosen = draft.companies.get();
        match (module.get(), chosen.as_slice()) {
            (Some((_, Place::List)), _) => t_string!(i18n, jobs.company_list).to_owned(),
            (_, []) => "–".to_owned(),
            (_, [one]) => {
                let name = companies
                    .iter()
                    .find(|c| c.code == *one)
                    .map(|c| c.name.as_str())
                    .unwrap_or_default();
                format!("{one} {name}")
            }
            (_, many) if many.len() == companies.len() => t_string!(i18n, jobs.all_companies).to_owned(),
            (_, many) => t_string!(i18n, jobs.companies_n, count = many.len()).to_string(),
        }
    });
    let server = say(move || match draft.server.get() {
        s if s.is_empty() => t_string!(i18n, jobs.any_server).to_owned(),
        s => s,
    });
    view! {
        <dl class="jobctx" data-testid="context">
            {number.map(|n| view! { <div><dt>{word!(i18n, jobs.number)}</dt><dd class="mono">{n}</dd></div> })}
            <div><dt>{word!(i18n, jobs.module)}</dt><dd>{module_said}</dd></div>
            <div><dt>{word!(i18n, jobs.company)}</dt><dd dir="auto">{company}</dd></div>
            <div><dt>{word!(i18n, jobs.server)}</dt><dd>{server}</dd></div>
        </dl>
    }
}

/// The form.
#[component]
pub fn Form(saving: Saving, setting: JobsSetting, all: Vec<JobLine>) -> impl IntoView {
    let i18n = use_i18n();
    let Saving {
        draft, refused, job, ..
    } = saving;
    let is_new = job.is_none();
    let kinds = StoredValue::new(setting.kinds.clone());
    let kind = Memo::new(move |_| {
        let code = draft.kind.get();
        kinds.with_value(|k| k.iter().find(|k| k.kind.code == code).cloned())
    });
    // until somebody writes their own, the description is what such a job is usually called
    Effect::new(move |_| {
        if let Some(k) = kind.get()
            && !draft.own_words.get()
        {
            draft.description.set(draft.usual(&k.kind));
        }
    });
    let text = |w: fn(I18n) -> String| Signal::derive(move || w(i18n));
    let chosen = move || kind.with(Option::is_some);
    let me = job.map(|j| j.0);
    let others: Vec<(i64, String)> = all
        .iter()
        .filter(|l| Some(l.id) != me)
        .map(|l| (l.id, l.description.clone()))
        .collect();
    let after = others.into_iter().map(|(id, name)| {
        let is = move || draft.after.with(|a| a.parse() == Ok(id));
        view! { <option value=id.to_string() selected=is>{format!("{id} · {name}")}</option> }
    });
    let after = after.collect_view();
    let servers = setting.servers.iter().map(|s| {
        let is = {
            let s = s.clone();
            move || draft.server.with(|x| *x == s)
        };
        view! { <option value=s.clone() selected=is>{s.clone()}</option> }
    });
    let servers = servers.collect_view();
    let (companies, calendars) = (setting.companies.clone(), setting.calendars.clone());
    let rest = view! {
        {move || kind.get().filter(|k| !k.kind.params.is_empty()).map(|k| view! { <Params draft refused kind=k.kind /> })}
        <section class="card" aria-labelledby="h-interval">
            <header><h2 id="h-interval">{word!(i18n, jobs.f_interval)}</h2></header>
            <div class="pad twocol">
                <div class="form"><IntervalFields draft refused calendars /></div>
                <PreviewCard draft />
            </div>
        </section>
        {move || kind.get().filter(|k| !k.kind.outputs.is_empty()).map(|k| view! {
            <section class="card" aria-labelledby="h-outputs">
                <header><h2 id="h-outputs">{word!(i18n, jobs.f_outputs)}</h2></header>
                <div class="pad form"><Outputs draft refused kind=k.kind /></div>
            </section>
        })}
        <section class="card" aria-labelledby="h-planning">
            <header><h2 id="h-planning">{word!(i18n, jobs.f_planning)}</h2></header>
            <div class="pad form">
                <div class="cols">
                    <Line id="estimate" kind="number" value=draft.estimate on_input=move |t| draft.estimate.set(t) label=text(|i| t_string!(i, jobs.f_estimate).to_owned()) error=wrong(i18n, refused, "estimate_minutes", false) />
                    <Line id="gap" kind="number" value=draft.gap on_input=move |t| draft.gap.set(t) label=text(|i| t_string!(i, jobs.f_gap).to_owned()) hint=text(|i| t_string!(i, jobs.f_gap_hint).to_owned()) error=wrong(i18n, refused, "gap_minutes", false) />
                </div>
                <label class="tick">
                    <input type="checkbox" id="pinned" checked=draft.pinned.get_untracked() prop:checked=draft.pinned on:change=move |ev| draft.pinned.set(event_target_checked(&ev)) />
                    <span>{word!(i18n, jobs.f_pinned)}</span>
                </label>
                <Choice id="after" value=draft.after on_change=move |t| draft.after.set(t) label=text(|i| t_string!(i, jobs.f_after).to_owned()) hint=text(|i| t_string!(i, jobs.f_after_hint).to_owned()) error=wrong(i18n, refused, "after", false)>
                    <option value="" selected=move || draft.after.with(String::is_empty)>{word!(i18n, jobs.f_no_after)}</option>
                    {after}
                </Choice>
            </div>
        </section>
        <Save saving />
    };
    view! {
        <form class="jobform" novalidate on:submit=|ev| ev.prevent_default()>
            <section class="card" aria-labelledby="h-form">
                <header><h2 id="h-form">{word!(i18n, jobs.form)}</h2></header>
                <div class="pad form">
                    {is_new.then(|| view! { <KindChoice draft refused kinds=setting.kinds.clone() /> })}
                    <div class="form" hidden=move || !chosen()>
                        <Description draft refused kind />
                        <Companies draft refused kind companies />
                        <div class="cols">
                            <Choice id="server" value=draft.server on_change=move |t| draft.server.set(t) label=text(|i| t_string!(i, jobs.f_server).to_owned()) error=wrong(i18n, refused, "server", false)>
                                <option value="" selected=move || draft.server.with(String::is_empty)>{word!(i18n, jobs.f_any_server)}</option>
                                {servers}
                            </Choice>
                            <Line id="run-as" value=draft.run_as on_input=move |t| draft.run_as.set(t) label=text(|i| t_string!(i, jobs.f_run_as).to_owned()) hint=text(|i| t_string!(i, jobs.f_run_as_hint).to_owned()) error=wrong(i18n, refused, "run_as", false) options=service_users(&setting.kinds) />
                        </div>
                    </div>
                </div>
            </section>
            <div class="sections" hidden=move || !chosen()>{rest}</div>
        </form>
    }
}

/// The users that the kinds usually run as.
fn service_users(kinds: &[KindLine]) -> Vec<String> {
    let mut users: Vec<String> = kinds.iter().map(|k| k.kind.run_as.clone()).collect();
    users.sort();
    users.dedup();
    users
}

/// The kind of a new job, by module.
#[component]
fn KindChoice(draft: Draft, refused: Refused, kinds: Vec<KindLine>) -> impl IntoView {
    let i18n = use_i18n();
    let all = StoredValue::new(kinds);
    let label = Signal::derive(move || t_string!(i18n, jobs.f_kind).to_owned());
    let does = Signal::derive(move || draft.kind.with(|k| job_kind_does(i18n, k)));
    let choose = move |code: String| {
        let found = all.with_value(|k| k.iter().find(|k| k.kind.code == code).map(|k| k.kind.clone()));
        match found {
            Some(kind) => draft.propose(&kind),
            None => draft.kind.set(String::new()),
        }
    };
    let option = move |code: String| {
        let (of, is) = (code.clone(), code.clone());
        view! { <option value=code selected=move || draft.kind.with(|k| *k == is)>{say(move || job_kind_word(i18n, &of))}</option> }
    };
    let group = move |module: Module| {
        // an entry of a collection system is set up there
        let codes = all.with_value(|k| {
            let of = k.iter().filter(|k| k.kind.module == module && !k.kind.is_entry());
            of.map(|k| k.kind.code.clone()).collect::<Vec<_>>()
        });
        (!codes.is_empty()).then(|| view! { <optgroup label=say(move || module_word(i18n, module))>{codes.into_iter().map(option).collect_view()}</optgroup> })
    };
    view! {
        <Choice id="kind" value=draft.kind on_change=choose label hint=does error=wrong(i18n, refused, "kind", false)>
            <option value="" selected=move || draft.kind.with(String::is_empty)>{word!(i18n, jobs.f_choose)}</option>
            {Module::ALL.map(group).collect_view()}
        </Choice>
    }
}

/// What it is called; what such a job is usually called can be taken.
#[component]
fn Description(draft: Draft, refused: Refused, kind: Memo<Option<KindLine>>) -> impl IntoView {
    let i18n = use_i18n();
    let label = Signal::derive(move || t_string!(i18n, jobs.f_description).to_owned());
    let usual =
        Memo::new(move |_| kind.with(|k| k.as_ref().map(|k| draft.usual(&k.kind)).unwrap_or_default()));
    let typed = move |t: String| {
        draft.own_words.set(usual.with_untracked(|u| *u != t));
        draft.description.set(t);
    };
    let other = move || {
        draft.own_words.get()
            && usual.with(|u| !u.is_empty())
            && draft.description.with(|d| usual.with(|u| d != u))
    };
    view! {
        <div>
            <Line id="description" value=draft.description on_input=typed label error=wrong(i18n, refused, "description", false) />
            {move || other().then(|| view! {
                <p class="soft usual">
                    {word!(i18n, jobs.f_usual, text = usual.get())} " "
                    <button type="button" class="link" on:click=move |_| draft.own_words.set(false)>{word!(i18n, jobs.f_use)}</button>
                </p>
            })}
        </div>
    }
}

/// One company, several, or the list that the module rules keep.
#[component]
fn Companies(
    draft: Draft,
    refused: Refused,
    kind: Memo<Option<KindLine>>,
    companies: Vec<Company>,
) -> impl IntoView {
    let all = StoredValue::new(companies);
    let place = Memo::new(move |_| kind.with(|k| k.as_ref().map(|k| k.kind.place)));
    move || match place.get() {
        Some(Place::Company) => view! { <OneCompany draft refused all /> }.into_any(),
        Some(Place::Companies) => view! { <SomeCompanies draft refused all /> }.into_any(),
        Some(Place::List) => view! { <Listed kind /> }.into_any(),
        None => ().into_any(),
    }
}

#[component]
fn OneCompany(draft: Draft, refused: Refused, all: StoredValue<Vec<Company>>) -> impl IntoView {
    let i18n = use_i18n();
    let label = Signal::derive(move || t_string!(i18n, jobs.f_company).to_owned());
    let value = Signal::derive(move || draft.companies.with(|c| c.first().cloned().unwrap_or_default()));
    let choose = move |code: String| {
        draft
            .companies
            .set(if code.is_empty() { vec![] } else { vec![code] });
    };
    let options = all.get_value().into_iter().map(|c| {
        let is = {
            let code = c.code.clone();
            move || value.with(|v| *v == code)
        };
        view! { <option value=c.code.clone() selected=is>{format!("{} {}", c.code, c.name)}</option> }
    });
    let options = options.collect_view();
    view! {
        <Choice id="company" value on_change=choose label error=wrong(i18n, refused, "companies", true)>
            <option value="" selected=move || value.with(String::is_empty)>{word!(i18n, jobs.f_choose_company)}</option>
            {options}
        </Choice>
    }
}

#[component]
fn SomeCompanies(draft: Draft, refused: Refused, all: StoredValue<Vec<Company>>) -> impl IntoView {
    let i18n = use_i18n();
    let error = wrong(i18n, refused, "companies", true);
    view! {
        <fieldset class="choice companies" aria-describedby="companies-note">
            <legend>{word!(i18n, jobs.f_companies)}</legend>
            <div class="bar">
                <button type="button" class="btn sm" on:click=move |_| draft.companies.set(all.with_value(|a| a.iter().map(|c| c.code.clone()).collect()))>{word!(i18n, jobs.f_all)}</button>
                <button type="button" class="btn sm" on:click=move |_| draft.companies.set(vec![])>{word!(i18n, jobs.f_none)}</button>
                <span class="muted" role="status">{word!(i18n, jobs.companies_n, count = draft.companies.with(Vec::len))}</span>
            </div>
            <Ticks chosen=draft.companies all />
            <small id="companies-note" class="error">{say(move || error.get().unwrap_or_default())}</small>
        </fieldset>
    }
}

/// Companies to tick.
#[component]
pub fn Ticks(
    /// Codes of those that are ticked.
    chosen: RwSignal<Vec<String>>,
    /// Every company.
    all: StoredValue<Vec<Company>>,
) -> impl IntoView {
    let line = move |c: Company| {
        let code = StoredValue::new(c.code.clone());
        let on = move || chosen.with(|x| code.with_value(|c| x.contains(c)));
        let set = move |on: bool| {
            chosen.update(|x| {
                code.with_value(|c| x.retain(|y| y != c));
                if on {
                    x.push(code.get_value());
                }
            });
        };
        view! {
            <li>
                <label>
                    <input type="checkbox" name="company" value=c.code.clone() checked=untrack(on) prop:checked=on on:change=move |ev| set(event_target_checked(&ev)) />
                    <span dir="auto">{c.name}</span>
                    <span class="code">{c.code}</span>
                </label>
            </li>
        }
    };
    view! { <ul class="ticks">{all.get_value().into_iter().map(line).collect_view()}</ul> }
}

/// The kind keeps a list (J20, J22).
#[component]
fn Listed(kind: Memo<Option<KindLine>>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let n = move || kind.with(|k| k.as_ref().map_or(0, |k| k.listed as usize));
    let href = say(move || {
        let code = kind.with(|k| k.as_ref().map(|k| k.kind.code.clone()).unwrap_or_default());
        format!("/o/{}/jobs/kinds?list={code}", here.office.get())
    });
    view! {
        <div class="line-field" data-testid="listed">
            <b>{word!(i18n, jobs.f_companies)}</b>
            <p class:act=move || n() == 0>{word!(i18n, jobs.f_listed, count = n())} " " <a href=href>{word!(i18n, jobs.f_edit_list)}</a></p>
        </div>
    }
}

/// The kind's own fields.
#[component]
fn Params(draft: Draft, refused: Refused, kind: JobKind) -> impl IntoView {
    let i18n = use_i18n();
    let one = move |param: String| {
        let key = StoredValue::new(param.clone());
        let label = Signal::derive(move || key.with_value(|k| param_word(i18n, k)));
        let value = Signal::derive(move || {
            draft
                .params
                .with(|p| key.with_value(|k| p.get(k).cloned().unwrap_or_default()))
        });
        let set = move |text: String| draft.params.update(|p| _ = p.insert(key.get_value(), text));
        let error = wrong(i18n, refused, format!("params.{param}"), false);
        view! { <Line id=format!("param-{param}") label value on_input=set error options=usual_values(&param) /> }
    };
    view! {
        <section class="card" aria-labelledby="h-params">
            <header><h2 id="h-params">{word!(i18n, jobs.f_params)}</h2></header>
            <div class="pad form"><div class="cols">{kind.params.into_iter().map(one).collect_view()}</div></div>
        </section>
    }
}
