//! A dossier's heading: what it is, how it stands, who manages it.

use super::{Around, care::Care};
use crate::{
    api::clients::set_manager,
    components::{
        bars::Bars,
        client_row::{ago, follow_up, initials},
        icon::{Glyph, Icon},
        say,
        standing::{StandingShape, standing_word},
        word,
    },
    i18n::*,
    pages::here::Here,
};
use leptos::prelude::*;
use views::clients::{ClientLine, Colleague, DossierPage, Standing};

/// When a task of the dossier last succeeded, as far as the page or the stream knows.
pub(super) fn last_done(line: &ClientLine) -> impl Fn() -> Option<i64> + Clone + Send + Sync + use<> {
    let here = expect_context::<Here>();
    let (read, code) = (line.done.map(|d| d.at), line.code.clone());
    move || {
        let told = here.live.rows.with(|rows| {
            let done =
                |r: &&views::TaskRow| r.dossier_code == code && r.state == domain::TaskState::Succeeded;
            rows.values().filter(done).map(|r| r.since.at).max()
        });
        read.max(told)
    }
}

/// The heading.
#[component]
pub(super) fn Head(p: DossierPage, around: Around) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let line = p.line;
    let standing = line.standing;
    let class = match standing {
        Standing::Act => "pill act",
        Standing::Sup => "pill sup",
        Standing::Flow => "pill flow",
        Standing::Starting | Standing::Off | Standing::Archived => "pill",
    };
    let read_at = p.now;
    let done = last_done(&line);
    let last = say(move || ago(i18n, done(), here.live.now.get().max(read_at)));
    let (code, name, runs_office) = (line.code.clone(), line.name.clone(), !p.people.is_empty());
    let whole = line.clone();
    view! {
        <header class="head">
            <h2><bdi>{line.name}</bdi></h2>
            <div class="facts">
                <span class=class data-testid="standing">
                    <StandingShape standing />
                    {say(move || standing_word(i18n, standing))}
                </span>
                {(line.off && !standing.is_calm()).then(|| view! { <span class="pill" data-testid="off">{word!(i18n, dossiers.off)}</span> })}
                <span class="code">{line.code}</span>
                <span>{line.package}</span>
                <span>{word!(i18n, clients.last)} ": " {last}</span>
                <Bars line=Signal::derive(move || whole.clone()) />
                <a href=say(move || follow_up(&here.office.get(), &code))>{word!(i18n, dossier.follow_up)}</a>
            </div>
        </header>
        <Managers dossier=line.id managers=line.managers people=p.people around />
        {runs_office.then(|| view! { <Care id=line.id name standing around /> })}
    }
}

/// Who manages the dossier. Those who run the office may change it.
#[component]
fn Managers(dossier: i64, managers: Vec<Colleague>, people: Vec<Colleague>, around: Around) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let may = !people.is_empty();
    let chosen = around.chosen;
    let changing = Action::new(move |(person, manages): &(Colleague, bool)| {
        let (person, manages) = (person.clone(), *manages);
        async move {
            let done = set_manager(here.office.get_untracked(), vec![dossier], person.id, manages).await;
            let name = person.name;
            if done.is_ok() {
                chosen.set(0);
            }
            around.said.set(Some(done.map(|_| {
                if manages {
                    t_string!(i18n, dossier.added, name = name).to_string()
                } else {
                    t_string!(i18n, dossier.removed, name = name).to_string()
                }
            })));
            around.again.update(|n| *n += 1);
        }
    });
    let man = |m: Colleague| {
        let (name, label) = (m.name.clone(), m.name.clone());
        let remove = may.then(|| {
            view! {
                <button
                    type="button"
                    aria-label=say(move || t_string!(i18n, dossier.remove, name = label.clone()).to_string())
                    disabled=changing.pending()
                    on:click=move |_| { changing.dispatch((m.clone(), false)); }
                >
                    <Glyph icon=Icon::Cancel />
                </button>
            }
        });
        view! {
            <li class="man">
                <span class="av" aria-hidden="true">{initials(&name)}</span>
                <bdi>{name}</bdi>
                {remove}
            </li>
        }
    };
    let none = managers
        .is_empty()
        .then(|| view! { <p class="muted">{word!(i18n, dossier.no_managers)}</p> });
    let others: Vec<Colleague> = people.into_iter().filter(|p| !managers.contains(p)).collect();
    let add = may.then(|| {
        let options = StoredValue::new(others.clone());
        let submit = move |ev: leptos::ev::SubmitEvent| {
            ev.prevent_default();
            let id = chosen.get_untracked();
            if let Some(person) = options.with_value(|o| o.iter().find(|p| p.id == id).cloned()) {
                changing.dispatch((person, true));
            }
        };
        view! {
            <form on:submit=submit>
                <label class="field">
                    <span class="vh">{word!(i18n, clients.choose_manager)}</span>
                    <select on:change=move |ev| chosen.set(event_target_value(&ev).parse().unwrap_or(0))>
                        <option value="0" prop:selected=move || chosen.get() == 0>{word!(i18n, clients.choose_manager)}</option>
                        {others.into_iter().map(|p| view! { <option value=p.id.to_string() prop:selected=move || chosen.get() == p.id>{p.name}</option> }).collect_view()}
                    </select>
                </label>
                <button class="btn" disabled=move || chosen.get() == 0 || changing.pending().get()>{word!(i18n, dossier.add)}</button>
            </form>
        }
    });
    view! {
        <section class="managers" aria-labelledby="managers">
            <h3 id="managers">{word!(i18n, dossier.managers)}</h3>
            {none}
            <ul class="managers">{managers.into_iter().map(man).collect_view()}</ul>
            {add}
        </section>
    }
}
