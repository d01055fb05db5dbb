//! `/o/:office/mail`: how an office's mail goes out, and what became of each (S5).

use super::{
    error_words,
    here::Here,
    page::Page,
    profile::{Said, SaidLine, Time},
    unread::once_read,
};
use crate::{
    api::{
        ApiError,
        mail::{mail, retry_all_mail, retry_mail, save_mail, test_mail},
    },
    components::{
        say,
        typed::{Typed, wrong_with},
        word,
    },
    i18n::*,
};
use domain::mail::{Fault, MailLine, MailPage, MailSettings, Security};
use leptos::{prelude::*, task::spawn_local};

/// The outbox is read again this often while something is on its way, milliseconds.
const LOOK_MS: u32 = 2_000;

/// The page.
#[component]
pub fn Mail() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let found = Resource::new_blocking(move || here.office.get(), mail);
    let title = Signal::derive(move || t_string!(i18n, mail.title).to_owned());
    view! {
        <Page title>
            {once_read(found, |page| view! { <Known page /> })}
        </Page>
    }
}

#[component]
fn Known(page: MailPage) -> impl IntoView {
    let here = expect_context::<Here>();
    let data = RwSignal::new(page);
    let look = move || {
        spawn_local(async move {
            if let Ok(now) = mail(here.office.get_untracked()).await {
                let _ = data.try_set(now);
            }
        });
    };
    Effect::new(move |_| {
        crate::browser::every(LOOK_MS, move || {
            let waits = |d: &MailPage| d.lines.iter().any(|l| l.sent.is_none() && l.next.is_some());
            if data.try_with_untracked(waits).unwrap_or(false) {
                look();
            }
        });
    });
    view! {
        <div class="mailpage">
            <Server data look=Callback::new(move |()| look()) />
            <Outbox data look=Callback::new(move |()| look()) />
        </div>
    }
}

/// The mail server.
#[component]
fn Server(data: RwSignal<MailPage>, look: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let known = data.with_untracked(|d| d.settings.clone());
    let first = known.is_none();
    let s = known.unwrap_or(MailSettings {
        port: 465,
        ..MailSettings::default()
    });
    let text = |t: &str| RwSignal::new(t.to_owned());
    let (host, port, username, sender, address) = (
        text(&s.host),
        text(&s.port.to_string()),
        text(&s.username),
        text(&s.sender),
        text(&s.address),
    );
    let password = text("");
    let security = RwSignal::new(s.security);
    let bases = data.with_untracked(|d| d.bases.clone());
    if (first || !bases.contains(&s.address))
        && let Some(own) = bases.first()
    {
        address.set(own.clone());
    }
    let said = Said::default();
    let refused = RwSignal::new(None::<ApiError>);
    let saving = Action::new(move |()| async move {
        refused.set(None);
        said.set(None);
        let typed = password.get_untracked();
        let settings = MailSettings {
            host: host.get_untracked(),
            // what is no number is refused as one that is out of range
            port: port.get_untracked().trim().parse().unwrap_or(0),
            security: security.get_untracked(),
            username: username.get_untracked(),
            password: (!typed.is_empty()).then_some(typed),
            sender: sender.get_untracked(),
            address: address.get_untracked(),
        };
        match save_mail(here.office.get_untracked(), settings).await {
            Ok(()) => {
                password.set(String::new());
                said.set(Some(Ok(t_string!(i18n, mail.saved).to_owned())));
                look.run(());
            }
            Err(e) if e.code() == "invalid" => refused.set(Some(e)),
            Err(e) => said.set(Some(Err(error_words(i18n, &e)))),
        }
    });
    let testing = Action::new(move |()| async move {
        match test_mail(here.office.get_untracked()).await {
            Ok(_) => {
                said.set(Some(Ok(t_string!(i18n, mail.test_sent).to_owned())));
                look.run(());
            }
            Err(e) if e.code() == "wrong_state" => {
                said.set(Some(Err(t_string!(i18n, mail.test_first).to_owned())));
            }
            Err(e) => said.set(Some(Err(error_words(i18n, &e)))),
        }
    });
    let wrong = move |field: &'static str| wrong_with(i18n, move || refused.get(), field);
    let label = |words: Box<dyn Fn() -> String + Send + Sync>| Signal::derive(words);
    let kept = Signal::derive(move || {
        if data.with(|d| d.has_password) {
            t_string!(i18n, mail.password_kept).to_owned()
        } else {
            String::new()
        }
    });
    let hint = Signal::derive(move || t_string!(i18n, mail.address_hint).to_owned());
    let security_wrong = wrong("security");
    view! {
        <section class="card" aria-labelledby="mail-server">
            <header><h2 id="mail-server">{word!(i18n, mail.server)}</h2></header>
            <form class="pad form" novalidate on:submit=move |ev| { ev.prevent_default(); saving.dispatch(()); }>
                {move || data.with(|d| d.settings.is_none()).then(|| view! { <p class="soft">{word!(i18n, mail.none_lead)}</p> })}
                <Typed id="host" label=label(word!(i18n, mail.host)) value=host error=wrong("host") />
                <div class="line-field">
                    <label for="security">{word!(i18n, mail.security)}</label>
                    <span class="field">
                        <select
                            id="security"
                            aria-describedby="security-note"
                            prop:value=move || security.get().key()
                            on:change=move |ev| security.set(Security::from_key(&event_target_value(&ev)).unwrap_or_default())
                        >
                            {Security::ALL
                                .into_iter()
                                .map(|s| view! { <option value=s.key() selected=security.get_untracked() == s>{say(move || security_word(i18n, s))}</option> })
                                .collect_view()}
                        </select>
                    </span>
                    <small id="security-note" class:error=move || security_wrong.get().is_some()>{say(move || security_wrong.get().unwrap_or_default())}</small>
                </div>
                <Typed id="port" kind="number" label=label(word!(i18n, mail.port)) value=port error=wrong("port") />
                <Typed id="username" label=label(word!(i18n, mail.username)) value=username error=wrong("username") />
                <Typed id="mail-password" kind="password" autocomplete="new-password" label=label(word!(i18n, mail.password)) value=password hint=kept error=wrong("password") />
                <Typed id="sender" kind="email" label=label(word!(i18n, mail.sender)) value=sender error=wrong("sender") />
                <Typed id="address" label=label(word!(i18n, mail.address)) value=address hint error=wrong("address") />
                <SaidLine said />
                <div class="row">
                    <button class="btn pri" disabled=saving.pending()>{word!(i18n, mail.save)}</button>
                    <button type="button" class="btn" disabled=testing.pending() on:click=move |_| { testing.dispatch(()); }>{word!(i18n, mail.test)}</button>
                </div>
            </form>
        </section>
    }
}

fn security_word(i18n: I18n, s: Security) -> String {
    match s {
        Security::Tls => t_string!(i18n, mail.s_tls),
        Security::StartTls => t_string!(i18n, mail.s_starttls),
        Security::None => t_string!(i18n, mail.s_none),
    }
    .to_owned()
}

/// What was written, and what became of it.
#[component]
fn Outbox(data: RwSignal<MailPage>, look: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let left = move || {
        let n = data.with(|d| d.failed) as usize;
        let again = move |_| {
            spawn_local(async move {
                // what became of them is read with the list
                let _ = retry_all_mail(here.office.get_untracked()).await;
                look.run(());
            });
        };
        (n > 0).then(|| {
            view! {
                <p class="pad wrong" role="status">{word!(i18n, mail.left, count = n)}</p>
                <p class="pad"><button type="button" class="btn sm" on:click=again>{word!(i18n, outbox.all_again)}</button></p>
            }
        })
    };
    let body = move || {
        let lines = data.with(|d| d.lines.clone());
        if lines.is_empty() {
            return view! { <p class="pad soft">{word!(i18n, mail.outbox_none)}</p> }.into_any();
        }
        view! {
            <div class="scroll">
                <table class="past stack" role="table" aria-labelledby="mail-outbox" data-testid="outbox">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader" scope="col">{word!(i18n, mail.c_to)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, mail.c_what)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, mail.c_made)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, mail.c_state)}</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{lines.into_iter().map(|line| view! { <Line line look now=data.with_untracked(|d| d.now.at) /> }).collect_view()}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="card" aria-labelledby="mail-outbox">
            <header><h2 id="mail-outbox">{word!(i18n, mail.outbox)}</h2></header>
            {left}
            {body}
        </section>
    }
}

#[component]
fn Line(line: MailLine, look: Callback<()>, now: i64) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (id, kind) = (line.id, line.kind.clone());
    let (sent, next, tries) = (line.sent, line.next, line.tries);
    let state = say(move || {
        let near = |at: domain::Moment| at.near(now, crate::components::language::reading(i18n));
        match (sent, next) {
            (Some(at), _) => t_string!(i18n, mail.st_sent, when = near(at)).to_string(),
            (None, Some(_)) if tries == 0 => t_string!(i18n, mail.st_waits).to_owned(),
            (None, Some(at)) => t_string!(i18n, mail.st_again, when = near(at)).to_string(),
            (None, None) => t_string!(i18n, mail.st_failed).to_owned(),
        }
    });
    let is_left = sent.is_none() && (tries > 0 || next.is_none());
    let class = if is_left { "wrong" } else { "" };
    let wiped = is_left && !line.can_again;
    let retry = (is_left && line.can_again).then(|| {
        let again = move |_| {
            spawn_local(async move {
                // what became of it is read with the list
                let _ = retry_mail(here.office.get_untracked(), id).await;
                look.run(());
            });
        };
        view! { <button type="button" class="btn sm" on:click=again>{word!(i18n, mail.again)}</button> }
    });
    let why = line.error.map(|said| {
        if said.is_empty() {
            view! { <br /><span class="muted">{word!(i18n, mail.restored)}</span> }.into_any()
        } else {
            view! { <br /><span class="muted">{say(move || fault_words(i18n, &said))}</span> }.into_any()
        }
    });
    view! {
        <tr role="row" data-mail=id>
            <th role="rowheader" scope="row"><bdi>{line.name}</bdi><br /><bdi class="muted">{line.email}</bdi></th>
            <td role="cell">{say(move || kind_word(i18n, &kind))}</td>
            <td role="cell"><Time at=line.made /></td>
            <td role="cell">
                <span class=class>{state}</span>{why} " " {retry}
                {wiped.then(|| view! { <br /><span class="muted">{word!(i18n, outbox.wiped)}</span> })}
            </td>
        </tr>
    }
}

/// Why a mail did not go out, in the reader's words; with the number that the server gave.
pub(super) fn fault_words(i18n: I18n, said: &str) -> String {
    let Some((fault, number)) = Fault::read(said) else {
        return String::new();
    };
    let words = match fault {
        Fault::Hangs => t_string!(i18n, outbox.hangs),
        Fault::Unreachable => t_string!(i18n, outbox.unreachable),
        Fault::NoTls => t_string!(i18n, outbox.no_tls),
        Fault::LogIn => t_string!(i18n, outbox.log_in),
        Fault::NotNow => t_string!(i18n, outbox.not_now),
        Fault::Refused => t_string!(i18n, outbox.refused),
        Fault::Inner => t_string!(i18n, outbox.inner),
        Fault::Letter => t_string!(i18n, outbox.letter),
    };
    if number.is_empty() {
        words.to_owned()
    } else {
        t_string!(i18n, outbox.number, words = words, number = number).to_string()
    }
}

/// What a mail is, in the reader's words.
fn kind_word(i18n: I18n, kind: &str) -> String {
    match kind {
        "test" => t_string!(i18n, mail.k_test),
        "invitation" => t_string!(i18n, mail.k_invitation),
        "reset" => t_string!(i18n, mail.k_reset),
        "factor" => t_string!(i18n, mail.k_factor),
        "action" => t_string!(i18n, mail.k_action),
        "reminder" => t_string!(i18n, mail.k_reminder),
        "escalated" => t_string!(i18n, mail.k_escalated),
        "silent_connector" => t_string!(i18n, mail.k_silent),
        "job_report" => t_string!(i18n, mail.k_job),
        "digest" => t_string!(i18n, mail.k_digest),
        "downtime" | "downtime_over" => t_string!(i18n, mail.k_downtime),
        other => return other.replace('_', " "),
    }
    .to_owned()
}
