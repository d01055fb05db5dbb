//! The bell in the top bar: what this person is told (M13).

use super::{here::Here, late::late, ways::close_on_the_way};
use crate::{
    api::alerts::{notices, read_notices},
    browser,
    components::{
        icon::{Glyph, Icon},
        language::reading,
        say, word,
    },
    i18n::*,
};
use domain::moment::span;
use leptos::{ev::KeyboardEvent, html, prelude::*};
use views::alerts::{NoticeGroup, NoticeKind, NoticeLine, Notices};

/// The bell looks again this often, in milliseconds of the server's clock.
const EVERY: i64 = 60_000;
/// Lines of one cause that are shown.
const LINES: usize = 5;

late! { frame: told(bell: Told) = read }

/// What the bell and its list share.
#[derive(Clone, Copy)]
pub(super) struct Told {
    /// How much of it is unread.
    unread: RwSignal<u32>,
    /// Rises when it is opened: whoever opens it wants to know what is now, not what was when the minute turned.
    opened: RwSignal<u32>,
}

/// The bell, with the number of what is unread. It is filled in the browser: pages do not wait for it.
#[component]
pub fn Bell() -> impl IntoView {
    let i18n = use_i18n();
    let told = Told {
        unread: RwSignal::new(0),
        opened: RwSignal::new(0),
    };
    let idle = RwSignal::new(false);
    // the page may be gone by then
    browser::when_idle(move || _ = idle.try_set(true));
    let bell = NodeRef::<html::Details>::new();
    close_on_the_way(bell);
    let escape = move |ev: KeyboardEvent| {
        if let Some(b) = bell.get_untracked().filter(|b| ev.key() == "Escape" && b.open()) {
            ev.stop_propagation();
            b.set_open(false);
            if let Ok(Some(s)) = b.query_selector("summary") {
                use leptos::wasm_bindgen::JsCast;
                // a summary that takes no focus keeps none either
                let _ = s.unchecked_into::<leptos::web_sys::HtmlElement>().focus();
            }
        }
    };
    let opened = move |_| {
        if bell.get_untracked().is_some_and(|b| b.open()) {
            told.opened.update(|n| *n += 1);
        }
    };
    let number = move || {
        let n = told.unread.get();
        (n > 0).then(|| {
            view! {
                <span class="bell-n">
                    <span aria-hidden="true">{n}</span>
                    <span class="vh">{word!(i18n, alerts.unread, count = n as usize)}</span>
                </span>
            }
        })
    };
    let empty = move || view! { <header><b>{word!(i18n, alerts.bell)}</b></header> };
    let list = move || {
        if idle.get() {
            view! { <Suspense fallback=empty>{told::shown(told)}</Suspense> }.into_any()
        } else {
            empty().into_any()
        }
    };
    view! {
        <details class="bell" node_ref=bell on:keydown=escape on:toggle=opened data-testid="bell">
            <summary class="btn ghost icon">
                <Glyph icon=Icon::Bell />
                <span class="vh">{word!(i18n, alerts.bell)}</span>
                {number}
            </summary>
            <section class="told" aria-label=word!(i18n, alerts.bell)>{list}</section>
        </details>
    }
}

/// What is told, read again and again.
fn read(bell: Told) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let told = RwSignal::new(Notices::default());
    let reading_them = Action::new(move |office: &String| {
        let office = office.clone();
        async move {
            // what cannot be read now is read the next time
            if let Ok(n) = notices(office).await {
                here.alerts.set(n.alerts);
                bell.unread.set(n.unread);
                told.set(n);
            }
        }
    });
    // a link leads away from this page while it is under way: it belongs to none
    let mark = Callback::new(move |ids: Vec<i64>| {
        leptos::task::spawn_local(async move {
            drop(read_notices(here.office.get_untracked(), ids).await);
            here.marked.update(|n| *n += 1);
        });
    });
    let beat = Memo::new(move |_| {
        (
            here.office.get(),
            here.live.now.get() / EVERY,
            here.live.stale.get(),
            here.reread.get(),
            here.marked.get(),
            bell.opened.get(),
        )
    });
    Effect::new(move |_| {
        reading_them.dispatch(beat.get().0);
    });
    let groups = move || {
        let groups = told.with(|t| t.groups.clone());
        if groups.is_empty() {
            return view! { <p class="muted">{word!(i18n, alerts.bell_none)}</p> }.into_any();
        }
        groups
            .into_iter()
            .map(|group| view! { <Group group mark /> })
            .collect_view()
            .into_any()
    };
    view! {
        <header>
            <b>{word!(i18n, alerts.bell)}</b>
            {move || (bell.unread.get() > 0).then(|| view! {
                <button type="button" class="btn sm" on:click=move |_| { mark.run(vec![]); }>{word!(i18n, alerts.all_read)}</button>
            })}
        </header>
        {groups}
    }
}

fn why(i18n: I18n, kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Reminder => t_string!(i18n, alerts.n_reminder),
        NoticeKind::Escalated => t_string!(i18n, alerts.n_escalated),
        NoticeKind::SilentConnector => t_string!(i18n, alerts.n_silent),
        NoticeKind::LateSuccess => t_string!(i18n, reports.notice),
        NoticeKind::MailLogIn => t_string!(i18n, outbox.n_shut),
    }
}

/// What has one cause, with its tasks.
#[component]
fn Group(group: NoticeGroup, mark: Callback<Vec<i64>>) -> impl IntoView {
    let i18n = use_i18n();
    let (kind, title) = (group.kind, group.title);
    let unread: Vec<i64> = group.lines.iter().filter(|l| !l.read).map(|l| l.id).collect();
    let seen = unread.is_empty();
    let more = group.lines.len().saturating_sub(LINES);
    let button = (!seen).then(|| {
        view! {
            <button type="button" class="btn sm icon ghost" on:click=move |_| mark.run(unread.clone())>
                <Glyph icon=Icon::Tick />
                <span class="vh">{word!(i18n, alerts.mark_read)}</span>
            </button>
        }
    });
    let lines = group
        .lines
        .into_iter()
        .take(LINES)
        .map(|line| view! { <Line kind line mark /> });
    view! {
        <article class:seen=seen data-notice=kind.key()>
            <header>
                <span>
                    <small class="muted">{say(move || why(i18n, kind).to_owned())}</small>
                    {(!title.is_empty()).then(|| view! { <b>{title}</b> })}
                </span>
                {button}
            </header>
            <ul>{lines.collect_view()}</ul>
            {(more > 0).then(|| view! { <small class="muted">{word!(i18n, connectors.more_tasks, n = more)}</small> })}
        </article>
    }
}

/// One of them; going there is having seen it.
#[component]
fn Line(kind: NoticeKind, line: NoticeLine, mark: Callback<Vec<i64>>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (id, task, at) = (line.id, line.task, line.at);
    let href = say(move || {
        let office = here.office.get();
        match (kind, task) {
            (_, Some(task)) => format!("/o/{office}/tasks/{task}"),
            (NoticeKind::MailLogIn, _) => format!("/o/{office}/mail"),
            _ => format!("/o/{office}/connectors"),
        }
    });
    let age = say(move || span(here.live.now.get() - at.at, reading(i18n)));
    view! {
        <li class:unread=!line.read>
            <a href=href on:click=move |_| mark.run(vec![id])>
                {line.name}
                {task.map(|t| view! { " " <span class="code">{t.to_string()}</span> })}
            </a>
            <time class="muted" datetime=at.rfc3339() title=say(move || at.full(reading(i18n)))>{age}</time>
        </li>
    }
}
