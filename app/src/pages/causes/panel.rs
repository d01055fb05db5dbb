//! A cause that is open: its tasks by office, and what Support can do to all of them.

use super::line::{Trend, came_back, looks, size_words, stand_words};
use crate::{
    api::{
        ApiError,
        causes::{hand_cause_over, restart_everywhere, solve_cause, take_cause},
    },
    browser,
    components::{
        dialog::{DialogRef, close, show},
        icon::{Glyph, Icon},
        language::reading,
        say,
        status::{Shape, kind_word, tone},
        word,
    },
    i18n::*,
    pages::{error_words, here::Here},
};
use domain::moment::span;
use leptos::prelude::*;
use views::causes::{CauseDetail, CauseDone, CauseOffice, CauseRow, CauseTask, Stand};

type Said = RwSignal<Option<Result<String, ApiError>>>;

/// The unsent note to the offices. It outlives each reading of its cause.
#[derive(Clone, Copy, Default)]
pub(super) struct Note {
    text: RwSignal<String>,
    /// Why it was not sent.
    wrong: RwSignal<Option<String>>,
}

impl Note {
    /// Nothing typed: it is sent, or another cause is open.
    pub(super) fn clear(self) {
        self.text.set(String::new());
        self.wrong.set(None);
    }
}

/// So many tasks are restarted without asking.
const UNASKED: u32 = 50;

#[component]
pub(super) fn Panel(d: CauseDetail, said: Said, note: Note, changed: RwSignal<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let row = d.row.clone();
    let title = row.title.clone().unwrap_or_else(|| row.code.clone());
    let state = looks(row.turn());
    let heading = format!("{title} · {}", row.package_name);
    let (stand, size) = (row.clone(), row.clone());
    let kept = Memo::new({
        let row = row.clone();
        move |_| row.clone()
    });
    Effect::new(|_| browser::arrive("#detail h2"));
    let read_at = d.now;
    let shown: usize = d.offices.iter().map(|o| o.tasks.len()).sum();
    let rest = (shown < row.open() as usize)
        .then(|| view! { <p class="muted">{word!(i18n, causes.first_shown, n = shown)}</p> });
    view! {
        <div data-shown=row.key.clone()>
            <span class=format!("pill {}", tone(state)) data-testid="stand"><Shape state /> {say(move || stand_words(i18n, &stand))}</span>
            <h2 tabindex="-1" dir="auto">{heading}</h2>
            <p class="lead">{say(move || size_words(i18n, &size))}</p>
            <Sayings row=row.clone() />
        </div>
        <Todo d=d.clone() said note changed />
        <section class="sec">
            <Trend row=kept />
            <dl class="kv">
                <dt>{word!(i18n, causes.first)}</dt>
                <dd><time datetime=row.first.rfc3339()>{say(move || row.first.full(reading(i18n)))}</time></dd>
                <dt>{word!(i18n, causes.last)}</dt>
                <dd><time datetime=row.last.rfc3339()>{say(move || row.last.full(reading(i18n)))}</time></dd>
            </dl>
        </section>
        {d.offices.iter().cloned().map(|office| view! { <Tasks office read_at /> }).collect_view()}
        {rest}
        <Technical d />
    }
}

/// Who works on it, who solved it, and that it came back.
#[component]
fn Sayings(row: CauseRow) -> impl IntoView {
    let i18n = use_i18n();
    let taken = row.taken.clone().map(|(who, at)| {
        let words = move || {
            let time = at.full(reading(i18n));
            t_string!(i18n, causes.on_it, who = who.clone(), time = time).to_string()
        };
        view! { <p class="lead">{say(words)}</p> }
    });
    let solved = row.solved.clone().map(|(who, at)| {
        let words = move || {
            let time = at.full(reading(i18n));
            t_string!(i18n, causes.solved_by, who = who.clone(), time = time).to_string()
        };
        view! { <p class="lead">{say(words)}</p> }
    });
    let back = row
        .came_back
        .is_some()
        .then(|| view! { <p class="lead again">{say(move || came_back(i18n, &row))}</p> });
    view! { {taken} {solved} {back} }
}

fn restarted(i18n: I18n, done: CauseDone) -> String {
    let said = t_string!(i18n, causes.restarted, count = done.done).to_string();
    said + &moved_on(i18n, done)
}

fn moved_on(i18n: I18n, done: CauseDone) -> String {
    if done.moved_on == 0 {
        return String::new();
    }
    format!(" {}", t_string!(i18n, causes.moved_on, count = done.moved_on))
}

#[component]
fn Todo(d: CauseDetail, said: Said, note: Note, changed: RwSignal<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let row = d.row;
    let key = StoredValue::new(row.key.clone());
    let dialog = DialogRef::new();
    let over = move |r: Result<String, ApiError>| {
        // also after a refusal: somebody was faster, and this is not how it stands any more
        changed.update(|n| *n += 1);
        said.set(Some(r));
    };
    let restarting = Action::new(move |one: &bool| {
        let one = *one;
        async move {
            over(
                restart_everywhere(key.get_value(), one)
                    .await
                    .map(|done| restarted(i18n, done)),
            );
        }
    });
    let taking = Action::new(move |()| async move {
        let r = take_cause(key.get_value()).await;
        over(r.map(|_| t_string!(i18n, causes.taken).to_owned()));
    });
    let solving = Action::new(move |()| async move {
        over(
            solve_cause(key.get_value())
                .await
                .map(|()| t_string!(i18n, causes.solved).to_owned()),
        );
    });
    let n = if row.red > 0 { row.red } else { row.orange };
    let busy = move || restarting.pending().get() || taking.pending().get() || solving.pending().get();
    let all = move |_| {
        if n > UNASKED {
            show(dialog);
        } else {
            restarting.dispatch(false);
        }
    };
    let take = (row.red > 0).then(|| {
        view! {
            <button class="btn lg" class:pri=row.stand == Stand::New disabled=busy on:click=move |_| { taking.dispatch(()); }>
                <Glyph icon=Icon::Users />
                {word!(i18n, causes.im_on_it)}
            </button>
        }
    });
    let restart = (n > 0).then(|| {
        let one = (n > 1).then(|| view! {
            <button class="btn lg" disabled=busy on:click=move |_| { restarting.dispatch(true); }>{word!(i18n, causes.restart_one)}</button>
        });
        view! {
            {one}
            <button class="btn lg" aria-keyshortcuts="Shift+R" disabled=busy on:click=all>
                <Glyph icon=Icon::Restart />
                {word!(i18n, causes.restart_all, n = n)}
            </button>
        }
    });
    let package = d.instruction.clone().unwrap_or_else(|| row.package.clone());
    let address = format!("{}/{}", domain::text::for_url(&package), row.code);
    let editor = say(move || format!("/o/{}/instructions/{address}", here.office.get()));
    let written = d.instruction.is_some();
    let solve = (row.stand != Stand::Solved).then(|| {
        view! {
            <button class="btn lg ghost" disabled=busy on:click=move |_| { solving.dispatch(()); }>
                <Glyph icon=Icon::Tick />
                {word!(i18n, causes.solve)}
            </button>
        }
    });
    let hand = (row.red > 0).then(|| view! { <Hand key n=row.red said note changed /> });
    view! {
        <section class=format!("todo {}", tone(looks(row.turn()))) aria-labelledby="what-to-do">
            <h3 id="what-to-do">{word!(i18n, task.what_to_do)}</h3>
            <div class="acts">
                {take} {restart}
                <a class="btn lg" class:pri=!written && row.stand != Stand::New href=editor>
                    <Glyph icon=Icon::Instructions />
                    {if written { word!(i18n, causes.change) } else { word!(i18n, causes.write) }}
                </a>
                {solve}
            </div>
            {(n > 0).then(|| view! { <p class="after">{word!(i18n, causes.what_happens)}</p> })}
            {hand}
            <dialog node_ref=dialog aria-labelledby="restart-title">
                <h2 id="restart-title">{word!(i18n, causes.confirm_title, n = n)}</h2>
                <p>{word!(i18n, causes.what_happens)}</p>
                <div class="acts">
                    <button class="btn pri lg" data-testid="confirm-restart" on:click=move |_| { close(dialog); restarting.dispatch(false); }>{word!(i18n, causes.restart_all, n = n)}</button>
                    <button class="btn lg" on:click=move |_| close(dialog)>{word!(i18n, task.keep)}</button>
                </div>
            </dialog>
        </section>
    }
}

/// Gives the red tasks to their offices, with a note.
#[component]
fn Hand(key: StoredValue<String>, n: u32, said: Said, note: Note, changed: RwSignal<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let Note { text, wrong } = note;
    let handing = Action::new(move |()| async move {
        match hand_cause_over(key.get_value(), text.get_untracked()).await {
            Ok(done) => {
                let words = t_string!(i18n, causes.handed, count = done.done).to_string();
                note.clear();
                said.set(Some(Ok(words + &moved_on(i18n, done))));
                changed.update(|n| *n += 1);
            }
            Err(e) => wrong.set(Some(error_words(i18n, &e))),
        }
    });
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        wrong.set(None);
        handing.dispatch(());
    };
    view! {
        <details class="hand">
            <summary>{word!(i18n, causes.hand)}</summary>
            <form class="line-field" on:submit=submit>
                <label for="hand-note">{word!(i18n, causes.note)}</label>
                <textarea
                    id="hand-note"
                    rows="3"
                    maxlength="1000"
                    required
                    dir="auto"
                    aria-describedby="hand-wrong"
                    prop:value=text
                    on:input=move |ev| text.set(event_target_value(&ev))
                ></textarea>
                <small id="hand-wrong" class="wrong" role="alert">{wrong}</small>
                <button class="btn" disabled=handing.pending()>{word!(i18n, causes.hand_over, count = n)}</button>
            </form>
        </details>
    }
}

#[component]
fn Tasks(office: CauseOffice, read_at: i64) -> impl IntoView {
    let code = office.code;
    let tasks = office
        .tasks
        .into_iter()
        .map(move |task| view! { <One task office=code.clone() read_at /> });
    view! {
        <section class="sec">
            <h3>{office.name}</h3>
            <ul class="of">{tasks.collect_view()}</ul>
        </section>
    }
}

#[component]
fn One(task: CauseTask, office: String, read_at: i64) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let href = format!("/o/{office}/tasks/{}", task.id);
    let since = task.since;
    let urgent = task
        .urgent
        .map(|why| view! { <p class="urgent" dir="auto">{why}</p> });
    view! {
        <li data-task=task.id.to_string()>
            <Shape state=task.state />
            <div>
                // another office has another stream: its page is loaded whole
                <a href=href rel="external">{say(move || kind_word(i18n, &task.kind))}</a>
                " "
                <span class="code">{task.subject}</span>
                <p class="muted" dir="auto">{task.dossier}</p>
                {urgent}
            </div>
            <time class="muted" datetime=since.rfc3339() title=say(move || since.full(reading(i18n)))>
                {say(move || span(here.live.now.get().max(read_at) - since.at, reading(i18n)))}
            </time>
        </li>
    }
}

/// The code, its parameters, what the connector said.
#[component]
fn Technical(d: CauseDetail) -> impl IntoView {
    let i18n = use_i18n();
    let params = d.params.into_iter().map(|(name, value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), ToOwned::to_owned);
        view! { <dt>{name}</dt><dd class="wrap">{value}</dd> }
    });
    view! {
        <details>
            <summary>{word!(i18n, task.technical)}</summary>
            <p class="code wrap">{d.row.key}</p>
            <dl class="kv code">{params.collect_view()}</dl>
            {d.detail.map(|detail| view! { <pre class="code">{detail}</pre> })}
        </details>
    }
}
