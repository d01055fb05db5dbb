//! The lines of the search: a listbox whose chosen line the field above it names.

use super::{
    icon::{Glyph, Icon},
    say,
    status::{Shape, Word},
};
use crate::i18n::*;
use domain::TaskState;
use leptos::prelude::*;
use views::search::Thing;

/// What choosing a line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Go {
    /// Goes to an address.
    To(String),
    /// Presses the button of the page with these keys.
    Press(String),
}

/// Lines of one kind stand together under a heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What can be done on the page.
    OnPage,
    /// What was opened from here before.
    Recent,
    /// The pages.
    Pages,
    /// What the server found.
    Found(Thing),
}

impl Group {
    fn word(self, i18n: I18n) -> String {
        match self {
            Self::OnPage => t_string!(i18n, search.on_page),
            Self::Recent => t_string!(i18n, search.recent),
            Self::Pages => t_string!(i18n, search.pages),
            Self::Found(Thing::Dossier) => t_string!(i18n, search.dossiers),
            Self::Found(Thing::Task) => t_string!(i18n, search.tasks),
            Self::Found(Thing::Job) => t_string!(i18n, search.jobs),
            Self::Found(Thing::Person) => t_string!(i18n, search.people),
            Self::Found(Thing::Connector) => t_string!(i18n, search.connectors),
            Self::Found(Thing::Cause) => t_string!(i18n, search.causes),
            Self::Found(Thing::Instruction) => t_string!(i18n, search.instructions),
        }
        .to_owned()
    }
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub group: Group,
    /// What it is called.
    pub label: String,
    /// What tells it from others of that name.
    pub detail: String,
    /// Its picture, when it has no state.
    pub icon: Icon,
    /// Of a task: where it stands.
    pub state: Option<TaskState>,
    /// The keys that do the same.
    pub keys: Option<String>,
    /// What it does.
    pub go: Go,
}

/// `Shift+R`, or `G T`, as two keys.
#[component]
pub fn Keys(keys: String) -> impl IntoView {
    let key = |k: &str| view! { <kbd>{k.to_owned()}</kbd> };
    view! { <span class="keys">{keys.split(['+', ' ']).map(key).collect_view()}</span> }
}

/// All lines, by group.
#[component]
pub fn Entries(
    /// In order.
    entries: Memo<Vec<Entry>>,
    /// Place of the chosen one.
    at: RwSignal<usize>,
    /// Does what the line at a place does.
    choose: Callback<usize>,
) -> impl IntoView {
    let i18n = use_i18n();
    move || {
        let entries = entries.get();
        let mut groups: Vec<(Group, Vec<(usize, Entry)>)> = vec![];
        for (i, entry) in entries.into_iter().enumerate() {
            match groups.last_mut() {
                Some((g, lines)) if *g == entry.group => lines.push((i, entry)),
                _ => groups.push((entry.group, vec![(i, entry)])),
            }
        }
        let group = |(n, (group, lines)): (usize, (Group, Vec<(usize, Entry)>))| {
            let id = format!("found-group-{n}");
            let named = id.clone();
            view! {
                <div role="group" aria-labelledby=named>
                    <p class="h" id=id>{group.word(i18n)}</p>
                    {lines.into_iter().map(|(i, entry)| view! { <Line i entry at choose /> }).collect_view()}
                </div>
            }
        };
        groups.into_iter().enumerate().map(group).collect_view()
    }
}

#[component]
fn Line(i: usize, entry: Entry, at: RwSignal<usize>, choose: Callback<usize>) -> impl IntoView {
    let chosen = say(move || (at.get() == i).to_string());
    let picture = match entry.state {
        Some(state) => view! { <Shape state /> }.into_any(),
        None => view! { <Glyph icon=entry.icon /> }.into_any(),
    };
    let state = entry
        .state
        .map(|state| view! { <span class="soft state"><Word state /></span> });
    view! {
        <div role="option" id=format!("found-{i}") aria-selected=chosen on:click=move |_| choose.run(i)>
            {picture}
            <span class="what">
                <b dir="auto">{entry.label}</b>
                <span class="muted" dir="auto">{entry.detail}</span>
            </span>
            {state}
            {entry.keys.map(|keys| view! { <Keys keys /> })}
        </div>
    }
}
