//! What those do to connectors and integrations who run the office: one dialog, whatever is asked.

use super::{
    super::here::Here,
    command::{DeliverLine, StartLine},
    name_words,
};
use crate::{
    api::{
        ApiError,
        connectors::{add_connector, add_integration, enrol_code, hold_connector, rotate, shut_out},
    },
    components::{copied::Copied, dialog::while_asked, fleet::Life, say, word},
    i18n::*,
};
use domain::fleet::Liveness;
use leptos::prelude::*;
use views::connectors::{FleetView, Holder, Shown};

/// What a person asked for. Names are shown in the dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A new connector.
    AddConnector,
    /// A new integration.
    AddIntegration,
    /// A new code that enrols a connector; asks nothing.
    Enrol(i64),
    /// A new token.
    Rotate(Holder, String),
    /// No more calls.
    ShutOut(Holder, String),
    /// No more tasks.
    Hold(i64, String),
    /// Tasks again; asks nothing.
    LetGo(i64),
    /// Here is the secret.
    Show(Shown),
}

/// What the page and its dialog share.
#[derive(Clone, Copy)]
pub struct Desk {
    /// What the dialog asks.
    pub asked: RwSignal<Option<Asked>>,
    /// What became of it.
    pub said: RwSignal<Option<Result<String, String>>>,
    /// The fleet must be read again: rises each time.
    pub again: RwSignal<u32>,
    /// The fleet as last read.
    pub fleet: RwSignal<Option<FleetView>>,
    /// What a verb answered that needs no dialog.
    direct: RwSignal<Option<Asked>>,
}

impl Desk {
    /// Nothing asked yet.
    pub fn new() -> Self {
        Self {
            asked: RwSignal::new(None),
            said: RwSignal::new(None),
            again: RwSignal::new(0),
            fleet: RwSignal::new(None),
            direct: RwSignal::new(None),
        }
    }

    /// A person wants something.
    pub fn ask(self, asked: Asked) {
        self.said.set(None);
        match asked {
            Asked::Enrol(_) | Asked::LetGo(_) => self.direct.set(Some(asked)),
            _ => self.asked.set(Some(asked)),
        }
    }
}

/// What was typed and chosen in the dialog.
#[derive(Clone, Copy)]
struct Typed {
    text: RwSignal<String>,
    hours: RwSignal<u32>,
}

/// Does what was asked; `Some` is a secret to show.
async fn carry_out(
    office: String,
    asked: Asked,
    text: String,
    hours: u32,
) -> Result<Option<Shown>, ApiError> {
    match asked {
        Asked::AddConnector => add_connector(office, text).await.map(Some),
        Asked::AddIntegration => add_integration(office, text).await.map(Some),
        Asked::Enrol(id) => enrol_code(office, id).await.map(Some),
        Asked::Rotate(holder, _) => rotate(office, holder, hours).await.map(Some),
        Asked::ShutOut(holder, _) => shut_out(office, holder).await.map(|()| None),
        Asked::Hold(id, _) => hold_connector(office, id, Some(text)).await.map(|()| None),
        Asked::LetGo(id) => hold_connector(office, id, None).await.map(|()| None),
        Asked::Show(_) => Ok(None),
    }
}

/// The dialog of the page.
#[component]
pub fn Verbs() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let typed = Typed {
        text: RwSignal::new(String::new()),
        hours: RwSignal::new(24),
    };
    let wrong = RwSignal::new(String::new());
    let doing = Action::new(move |asked: &Asked| {
        let asked = asked.clone();
        let (text, hours) = (typed.text.get_untracked(), typed.hours.get_untracked());
        async move {
            let answer = carry_out(here.office.get_untracked(), asked.clone(), text, hours).await;
            match (answer, &asked) {
                (Ok(Some(shown)), _) => desk.asked.set(Some(Asked::Show(shown))),
                (Ok(None), _) => {
                    desk.said.set(Some(Ok(match asked {
                        Asked::Hold(..) => t_string!(i18n, connectors.said_held),
                        Asked::LetGo(_) => t_string!(i18n, connectors.said_let_go),
                        _ => t_string!(i18n, connectors.said_shut_out),
                    }
                    .to_owned())));
                    desk.asked.set(None);
                }
                (Err(e), Asked::Enrol(_) | Asked::LetGo(_)) => desk.said.set(Some(Err(name_words(i18n, &e)))),
                (Err(e), _) => wrong.set(name_words(i18n, &e)),
            }
            desk.again.update(|n| *n += 1);
        }
    });
    Effect::new(move |_| {
        if let Some(asked) = desk.direct.get() {
            doing.dispatch(asked);
        }
    });
    Effect::new(move |_| {
        desk.asked.track();
        wrong.set(String::new());
        typed.text.set(String::new());
    });
    let dialog = while_asked(desk.asked);
    view! {
        <dialog class="verb" node_ref=dialog aria-labelledby="verb" on:close=move |_| desk.asked.set(None)>
            {move || desk.asked.get().map(|asked| match asked {
                Asked::Show(shown) => view! { <Secret shown /> }.into_any(),
                asked => view! { <Question asked typed wrong doing /> }.into_any(),
            })}
        </dialog>
    }
}

#[component]
fn Question(asked: Asked, typed: Typed, wrong: RwSignal<String>, doing: Action<Asked, ()>) -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let a = asked.clone();
    let title = say(move || match &a {
        Asked::AddIntegration => t_string!(i18n, connectors.add_integration).to_owned(),
        Asked::Rotate(_, name) => t_string!(i18n, connectors.rotate_title, name = name.clone()).to_string(),
        Asked::ShutOut(_, name) => t_string!(i18n, connectors.revoke_title, name = name.clone()).to_string(),
        Asked::Hold(_, name) => t_string!(i18n, connectors.hold_title, name = name.clone()).to_string(),
        _ => t_string!(i18n, connectors.add).to_owned(),
    });
    let a = asked.clone();
    let lead = say(move || {
        match &a {
            Asked::AddIntegration => t_string!(i18n, connectors.add_integration_lead),
            Asked::Rotate(..) => t_string!(i18n, connectors.rotate_lead),
            Asked::ShutOut(Holder::Connector(_), _) => t_string!(i18n, connectors.revoke_lead),
            Asked::ShutOut(..) => t_string!(i18n, connectors.revoke_lead_integration),
            Asked::Hold(..) => t_string!(i18n, connectors.hold_lead),
            _ => t_string!(i18n, connectors.add_lead),
        }
        .to_owned()
    });
    let a = asked.clone();
    let button = say(move || {
        match &a {
            Asked::AddIntegration => t_string!(i18n, connectors.add_integration),
            Asked::Rotate(..) => t_string!(i18n, connectors.rotate),
            Asked::ShutOut(..) => t_string!(i18n, connectors.revoke),
            Asked::Hold(..) => t_string!(i18n, connectors.hold),
            _ => t_string!(i18n, connectors.add),
        }
        .to_owned()
    });
    let field = match &asked {
        Asked::AddConnector | Asked::AddIntegration => {
            view! { <Line typed label=word!(i18n, connectors.name) max="100" /> }.into_any()
        }
        Asked::Hold(..) => view! { <Line typed label=word!(i18n, connectors.reason) max="500" /> }.into_any(),
        Asked::Rotate(..) => view! { <Keep typed /> }.into_any(),
        _ => ().into_any(),
    };
    let shut = matches!(asked, Asked::ShutOut(..));
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        wrong.set(String::new());
        doing.dispatch(asked.clone());
    };
    view! {
        <form on:submit=submit>
            <h2 id="verb">{title}</h2>
            <p class="soft">{lead}</p>
            {field}
            <p class="wrong" role="alert">{wrong}</p>
            <div class="acts">
                <button class="btn pri lg" data-testid="confirm" disabled=move || doing.pending().get()>{button}</button>
                <button type="button" class="btn lg" on:click=move |_| desk.asked.set(None)>
                    {if shut { word!(i18n, connectors.keep_it) } else { word!(i18n, connectors.cancel) }}
                </button>
            </div>
        </form>
    }
}

#[component]
fn Line(typed: Typed, label: Box<dyn Fn() -> String + Send + Sync>, max: &'static str) -> impl IntoView {
    view! {
        <div class="line-field">
            <label for="verb-text">{label}</label>
            <span class="field">
                <input
                    id="verb-text"
                    required
                    autofocus
                    autocomplete="off"
                    maxlength=max
                    prop:value=typed.text
                    on:input=move |ev| typed.text.set(event_target_value(&ev))
                />
            </span>
        </div>
    }
}

#[component]
fn Keep(typed: Typed) -> impl IntoView {
    let i18n = use_i18n();
    let choice = move |hours: u32, text: Box<dyn Fn() -> String + Send + Sync>| {
        view! { <label><input type="radio" name="keep" checked=hours == 24 on:change=move |_| typed.hours.set(hours) /> {text}</label> }
    };
    typed.hours.set(24);
    view! {
        <fieldset>
            <legend class="vh">{word!(i18n, connectors.rotate_lead)}</legend>
            {choice(0, word!(i18n, connectors.keep_0))} {choice(1, word!(i18n, connectors.keep_1))}
            {choice(24, word!(i18n, connectors.keep_24))} {choice(168, word!(i18n, connectors.keep_168))}
        </fieldset>
    }
}

/// A secret, shown this once, with the line to type and whether the connector has called since.
#[component]
fn Secret(shown: Shown) -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let (name, enrols) = (shown.name.clone(), shown.enrols);
    let title = say(move || {
        if enrols {
            t_string!(i18n, connectors.code_for, name = name.clone()).to_string()
        } else {
            t_string!(i18n, connectors.token_for, name = name.clone()).to_string()
        }
    });
    let command = enrols.then(|| view! { <StartLine name=shown.name.clone() code=shown.secret.clone() /> });
    let deliver = matches!(shown.holder, Holder::Integration(_)).then(|| view! { <DeliverLine /> });
    let called = (enrols).then(|| view! { <FirstCall holder=shown.holder name=shown.name.clone() /> });
    view! {
        <h2 id="verb" tabindex="-1">{title}</h2>
        <p class="soft">{word!(i18n, connectors.once)}</p>
        <Copied text=shown.secret />
        {command}
        {deliver}
        {called}
        <div class="acts">
            <button type="button" class="btn pri lg" autofocus on:click=move |_| desk.asked.set(None)>{word!(i18n, connectors.done)}</button>
        </div>
    }
}

/// Whether the connector has called since the code was made.
#[component]
fn FirstCall(holder: Holder, name: String) -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let heard = move || {
        desk.fleet.with(|f| {
            let Holder::Connector(id) = holder else {
                return None;
            };
            let line = f.as_ref()?.connectors.iter().find(|c| c.id == id)?;
            line.heard.map(|m| m.at)
        })
    };
    let before = untrack(heard);
    let called = Memo::new(move |_| heard() > before);
    let words = say(move || {
        if called.get() {
            t_string!(i18n, connectors.called, name = name.clone()).to_string()
        } else {
            t_string!(i18n, connectors.first_call, name = name.clone()).to_string()
        }
    });
    let shape = move || {
        let liveness = if called.get() {
            Liveness::Idle
        } else {
            Liveness::NeverSeen
        };
        view! { <Life liveness /> }
    };
    view! { <p class="first-call" role="status" data-testid="first-call">{shape} {words}</p> }
}
