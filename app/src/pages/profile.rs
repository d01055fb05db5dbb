//! `/o/:office/profile`: language, theme, shortcuts, password, sessions (S1).

use super::{error_words, here::Here, page::Page, sign_in::role_word};
use crate::components::{say, word};
use crate::{
    api::{
        ApiError,
        accounts::{SignOut, set_language},
        mail::{choose_mail, mail_choices},
        people::{change_password, end_session, profile, set_taste},
    },
    browser,
    components::{
        language::{LanguageChoice, reading},
        typed::{Typed, wrong_with},
    },
    i18n::*,
};
use domain::{Moment, mail::Choice};
use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use views::people::{Profile as Person, SessionLine, Taste, Theme};

/// What became of the last thing that was done.
pub(super) type Said = RwSignal<Option<Result<String, String>>>;

/// Why a page cannot be read; who is not signed in any more is led to where they can.
pub(super) fn trouble(e: &ApiError) -> AnyView {
    let i18n = use_i18n();
    crate::ssr::page_status(e.0.status);
    match e.code() {
        "unauthenticated" => view! { <super::sign_in::ToSignIn /> }.into_any(),
        "not_found" => view! { <super::not_found::Missing /> }.into_any(),
        _ => view! { <p role="alert" class="wrong">{error_words(i18n, e)}</p> }.into_any(),
    }
}

/// What was done, or why not.
#[component]
pub(super) fn SaidLine(said: Said) -> impl IntoView {
    view! {
        <p class="said" role="status" class:wrong=move || said.with(|s| matches!(s, Some(Err(_))))>
            {move || said.get().map(|s| s.unwrap_or_else(|e| e))}
        </p>
    }
}

/// An instant in the office's zone and the reader's words.
#[component]
pub fn Time(at: Moment) -> impl IntoView {
    let i18n = use_i18n();
    view! { <time datetime=at.rfc3339()>{say(move || at.full(reading(i18n)))}</time> }
}

/// The page.
#[component]
pub fn Profile() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let said = Said::default();
    let reload = RwSignal::new(0u32);
    let found = Resource::new_blocking(
        move || (here.office.get(), reload.get()),
        |(office, _)| async move { Ok::<_, ApiError>((profile(office).await?, mail_choices().await?)) },
    );
    let title = Signal::derive(move || t_string!(i18n, profile.title).to_owned());
    view! {
        <Page title>
            <div class="narrow">
                <SaidLine said />
                <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                    {move || Suspend::new(async move {
                        match found.await {
                            Ok((p, choices)) => view! { <Known p choices said reload /> }.into_any(),
                            Err(e) => trouble(&e),
                        }
                    })}
                </Transition>
            </div>
        </Page>
    }
}

#[component]
fn Known(p: Person, choices: Vec<(Choice, bool)>, said: Said, reload: RwSignal<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let role = p.role;
    view! {
        <section class="card">
            <header>
                <div class="grow">
                    <h2>{p.name.clone()}</h2>
                    <p class="muted wrap">{p.email.clone()} " · " {say(move || role_word(i18n, role).to_owned())}</p>
                </div>
                <form method="post" action=SignOut::url() class="r">
                    <button class="btn">{word!(i18n, app.sign_out)}</button>
                </form>
            </header>
        </section>
        <Look taste=p.taste said />
        <Password has=p.has_password said reload />
        <Factor on=p.has_factor left=p.codes_left must=role.must_have_factor() />
        <Mails choices said />
        <Sessions sessions=p.sessions said reload />
    }
}

/// What the person is told by mail: each is kept as soon as it is chosen.
#[component]
fn Mails(choices: Vec<(Choice, bool)>, said: Said) -> impl IntoView {
    let i18n = use_i18n();
    let line = move |(choice, wanted): (Choice, bool)| {
        let keep = move |ev| {
            let wanted = event_target_checked(&ev);
            spawn_local(async move {
                said.set(Some(match choose_mail(choice, wanted).await {
                    Ok(()) => Ok(t_string!(i18n, profile.saved).to_owned()),
                    Err(e) => Err(error_words(i18n, &e)),
                }));
            });
        };
        let words = say(move || {
            match choice {
                Choice::Action => t_string!(i18n, mail.ch_action),
                Choice::Reminders => t_string!(i18n, mail.ch_reminders),
                Choice::Alerts => t_string!(i18n, mail.ch_alerts),
                Choice::Digest => t_string!(i18n, mail.ch_digest),
                Choice::Downtime => t_string!(i18n, mail.ch_downtime),
            }
            .to_owned()
        });
        view! {
            <label class="sw">
                <input type="checkbox" role="switch" checked=wanted prop:checked=wanted on:change=keep />
                <span>{words}</span>
            </label>
        }
    };
    view! {
        <section class="card" aria-labelledby="p-mail">
            <header><h2 id="p-mail">{word!(i18n, mail.choices)}</h2></header>
            <div class="pad exempt">
                <p class="soft">{word!(i18n, mail.choices_lead)}</p>
                {choices.into_iter().map(line).collect_view()}
            </div>
        </section>
    }
}

/// Language, theme and keys: each is kept as soon as it is chosen.
#[component]
fn Look(taste: Taste, said: Said) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let taste = RwSignal::new(taste);
    let told = move |r: Result<(), ApiError>| {
        said.set(Some(match r {
            Ok(()) => Ok(t_string!(i18n, profile.saved).to_owned()),
            Err(e) => Err(error_words(i18n, &e)),
        }));
    };
    let keep = Action::new(move |taste: &Taste| {
        let taste = *taste;
        async move { told(set_taste(taste).await) }
    });
    let keep_language = Action::new(move |language: &domain::Language| {
        let language = *language;
        async move {
            told(set_language(language).await);
            here.reread.update(|n| *n += 1);
        }
    });
    let choose = move |new: Taste| {
        taste.set(new);
        browser::remember_taste(new);
        keep.dispatch(new);
    };
    let theme_word = move |theme: Theme| match theme {
        Theme::System => t_string!(i18n, profile.system).to_owned(),
        Theme::Light => t_string!(i18n, profile.light).to_owned(),
        Theme::Dark => t_string!(i18n, profile.dark).to_owned(),
    };
    view! {
        <section class="card" aria-labelledby="look">
            <header><h2 id="look">{word!(i18n, profile.look)}</h2></header>
            <div class="pad form">
                <div class="line-field">
                    <b>{word!(i18n, profile.language)}</b>
                    <LanguageChoice on_choose=move |l| { keep_language.dispatch(l); } />
                </div>
                <fieldset class="choice">
                    <legend>{word!(i18n, profile.theme)}</legend>
                    {Theme::ALL
                        .into_iter()
                        .map(|theme| view! {
                            <label>
                                <input
                                    type="radio"
                                    name="theme"
                                    value=theme.key()
                                    checked=taste.get_untracked().theme == theme
                                    prop:checked=move || taste.get().theme == theme
                                    on:change=move |_| choose(Taste { theme, ..taste.get_untracked() })
                                />
                                {say(move || theme_word(theme))}
                            </label>
                        })
                        .collect_view()}
                </fieldset>
                <fieldset class="choice">
                    <legend>{word!(i18n, profile.keys)}</legend>
                    <label>
                        <input
                            type="checkbox"
                            aria-describedby="shortcuts-note"
                            checked=taste.get_untracked().shortcuts
                            prop:checked=move || taste.get().shortcuts
                            on:change=move |ev| choose(Taste { shortcuts: event_target_checked(&ev), ..taste.get_untracked() })
                        />
                        {word!(i18n, profile.shortcuts)}
                    </label>
                    <small id="shortcuts-note" class="muted">{word!(i18n, profile.shortcuts_lead)}</small>
                </fieldset>
            </div>
        </section>
    }
}

#[component]
fn Password(has: bool, said: Said, reload: RwSignal<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let (old, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let refused = RwSignal::new(None::<ApiError>);
    let changing = Action::new(move |()| async move {
        refused.set(None);
        match change_password(old.get_untracked(), new.get_untracked()).await {
            Ok(()) => {
                said.set(Some(Ok(t_string!(i18n, profile.changed).to_owned())));
                reload.update(|n| *n += 1);
            }
            Err(e) if e.code() == "invalid" => refused.set(Some(e)),
            Err(e) => said.set(Some(Err(error_words(i18n, &e)))),
        }
    });
    let label = |words: fn(I18n) -> String| Signal::derive(move || words(i18n));
    let now = has.then(|| {
        view! {
            <Typed
                id="old-password"
                kind="password"
                autocomplete="current-password"
                value=old
                error=wrong_with(i18n, move || refused.get(), "old")
                label=label(|i18n| t_string!(i18n, profile.old).to_owned())
            />
        }
    });
    view! {
        <section class="card" aria-labelledby="password">
            <header><h2 id="password">{word!(i18n, profile.password)}</h2></header>
            <form class="pad form" on:submit=move |ev| { ev.prevent_default(); changing.dispatch(()); }>
                {now}
                <Typed
                    id="new-password"
                    kind="password"
                    autocomplete="new-password"
                    value=new
                    error=wrong_with(i18n, move || refused.get(), "password")
                    label=label(|i18n| t_string!(i18n, profile.new_password).to_owned())
                    hint=label(|i18n| t_string!(i18n, first.password_hint).to_owned())
                />
                <div><button class="btn pri" disabled=changing.pending()>{word!(i18n, profile.change)}</button></div>
            </form>
        </section>
    }
}

/// How the person stands with their second factor; what is done about it has a page of its own.
#[component]
fn Factor(on: bool, left: u32, must: bool) -> impl IntoView {
    let i18n = use_i18n();
    let lead = if on {
        view! { {word!(i18n, factor.on_lead)} " " {say(move || t_string!(i18n, factor.left, count = left).to_string())} }.into_any()
    } else {
        let words = move || {
            if must {
                t_string!(i18n, factor.set_must)
            } else {
                t_string!(i18n, factor.off_lead)
            }
        };
        say(move || words().to_owned()).into_any()
    };
    let todo = move || {
        if on {
            t_string!(i18n, factor.change)
        } else {
            t_string!(i18n, factor.set_up)
        }
    };
    view! {
        <section class="card" aria-labelledby="factor">
            <header>
                <h2 id="factor">{word!(i18n, factor.title)}</h2>
                <span class="pill" class:run=on>{say(move || if on { t_string!(i18n, factor.on) } else { t_string!(i18n, factor.off) }.to_owned())}</span>
                <a class="btn sm r" href="/second-factor" rel="external" aria-describedby="factor">{say(move || todo().to_owned())}</a>
            </header>
            <div class="pad"><p class="soft">{lead}</p></div>
        </section>
    }
}

#[component]
fn Sessions(sessions: Vec<SessionLine>, said: Said, reload: RwSignal<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let ending = Action::new(move |id: &Option<String>| {
        let id = id.clone();
        async move {
            said.set(Some(match end_session(id).await {
                Ok(()) => Ok(t_string!(i18n, profile.ended).to_owned()),
                Err(e) => Err(error_words(i18n, &e)),
            }));
            reload.update(|n| *n += 1);
        }
    });
    let others = (sessions.len() > 1).then(|| {
        view! {
            <button type="button" class="btn sm r" disabled=ending.pending() on:click=move |_| { ending.dispatch(None); }>
                {word!(i18n, profile.end_others)}
            </button>
        }
    });
    let row = move |s: SessionLine| {
        let (device, id) = (StoredValue::new(s.device), StoredValue::new(s.id));
        let device_word = move || {
            let device = device.get_value();
            if device.is_empty() {
                t_string!(i18n, profile.unknown).to_owned()
            } else {
                device
            }
        };
        let end = if s.this {
            view! { <span class="pill run">{word!(i18n, profile.this)}</span> }.into_any()
        } else {
            view! {
                <button
                    type="button"
                    class="btn sm"
                    aria-label=word!(i18n, profile.end_named, device = device_word())
                    disabled=ending.pending()
                    on:click=move |_| { ending.dispatch(Some(id.get_value())); }
                >
                    {word!(i18n, profile.end)}
                </button>
            }
            .into_any()
        };
        view! {
            <tr role="row">
                <th role="rowheader" scope="row">{say(device_word)}</th>
                <td role="cell" class="muted"><span class="only-m">{word!(i18n, profile.created)} " "</span><Time at=s.created /></td>
                <td role="cell" class="muted"><span class="only-m">{word!(i18n, profile.seen)} " "</span>{s.seen.map(|at| view! { <Time at /> })}</td>
                <td role="cell" class="n">{end}</td>
            </tr>
        }
    };
    view! {
        <section class="card" aria-labelledby="sessions">
            <header><h2 id="sessions">{word!(i18n, profile.sessions)}</h2>{others}</header>
            <div class="tw">
                <table class="stack" role="table" aria-labelledby="sessions">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader" scope="col">{word!(i18n, profile.device)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, profile.created)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, profile.seen)}</th>
                            <td role="cell"></td>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{sessions.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
}
