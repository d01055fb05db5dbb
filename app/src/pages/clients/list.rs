//! The list: lines that change in place, more of them, a selection, and the keys.

mod asking;
mod selection;

use self::{asking::Asking, selection::Selection};
use super::{Board, address};
use crate::{
    api::clients::clients,
    browser,
    components::{client_row::ClientRow, say, standing::StandingShape, word},
    i18n::*,
    pages::{error_words, here::Here},
};
use leptos::prelude::*;
use views::clients::{After, COUNTED, ClientLine, Clients, ClientsAsked, Colleague, Standing};

/// The dossiers of the page, in the order they were read.
type Lines = RwSignal<Vec<ArcRwSignal<ClientLine>>>;

/// What the parts of the list share.
#[derive(Clone, Copy)]
struct Sheet {
    board: Board,
    lines: Lines,
    /// There are more after the last line.
    more: RwSignal<bool>,
    /// The last line as it was read: the next page begins there, wherever the line may stand by now.
    after: RwSignal<Option<After>>,
    /// The line that the keys stand on.
    current: RwSignal<Option<i64>>,
    /// The line that was selected last: a range begins there.
    anchor: RwSignal<Option<i64>>,
    /// The reader is Support.
    support: bool,
}

impl Sheet {
    fn ids(self) -> Vec<i64> {
        self.lines
            .with_untracked(|l| l.iter().map(|l| l.with_untracked(|l| l.id)).collect())
    }

    /// Selects a line or no longer; with Shift all from the one before.
    fn pick(self, id: i64, range: bool) {
        let ids = self.ids();
        let place = |id: i64| ids.iter().position(|i| *i == id);
        let from = self.anchor.get_untracked().filter(|_| range).and_then(place);
        self.board.picked.update(|picked| match (from, place(id)) {
            (Some(a), Some(b)) => picked.extend(&ids[a.min(b)..=a.max(b)]),
            _ if picked.contains(&id) => drop(picked.remove(&id)),
            _ => drop(picked.insert(id)),
        });
        self.anchor.set(Some(id));
    }

    /// Puts the keys on the line so many further on, with the focus on its name.
    fn step(self, by: i64) {
        let ids = self.ids();
        let at = self
            .current
            .get_untracked()
            .and_then(|c| ids.iter().position(|i| *i == c));
        let to = at.map_or(0, |i| (i as i64 + by).clamp(0, ids.len() as i64 - 1));
        if let Some(id) = ids.get(to as usize) {
            self.current.set(Some(*id));
            browser::focus(&format!("[data-dossier='{id}'] a.to"));
        }
    }
}

/// The line as the place where a page ends.
fn after(line: &ClientLine) -> After {
    After {
        standing: line.standing,
        name: line.name.clone(),
        id: line.id,
    }
}

/// The list as read, and what becomes of it.
#[component]
pub(super) fn Listed(list: Clients, people: Vec<Colleague>, board: Board) -> impl IntoView {
    let i18n = use_i18n();
    let (seq, read_at, matching) = (list.seq, list.now, list.matching);
    let sheet = Sheet {
        board,
        after: RwSignal::new(list.lines.last().map(after)),
        lines: RwSignal::new(list.lines.into_iter().map(ArcRwSignal::new).collect()),
        more: RwSignal::new(list.more),
        current: RwSignal::new(None),
        anchor: RwSignal::new(None),
        support: list.support,
    };
    board.told.set(Some(list.summary));
    board.moved.update(std::collections::BTreeSet::clear);
    let may_pick = !people.is_empty();
    let asking = Asking::follow(sheet, seq);
    browser::on_key(move |key, shift| match key {
        "j" | "J" => sheet.step(1),
        "k" | "K" => sheet.step(-1),
        "x" | "X" if may_pick => {
            if let Some(id) = sheet.current.get_untracked() {
                sheet.pick(id, shift);
            }
        }
        "Escape" => board.picked.update(std::collections::BTreeSet::clear),
        _ => browser::press(key, shift),
    });
    if sheet.lines.with_untracked(Vec::is_empty) {
        return view! { <Nothing board runs_office=may_pick /> }.into_any();
    }
    let all = say(move || match matching {
        n if n > COUNTED && board.asked.with(|a| *a != ClientsAsked::default()) => format!("{COUNTED}+"),
        n => n.to_string(),
    });
    view! {
        {may_pick.then(|| view! { <Selection sheet people asking /> })}
        <section class="card" aria-label=word!(i18n, clients.dossier)>
            <div class="tw">
                <table class="stack clients" role="table" aria-label=word!(i18n, clients.list)>
                    <Heads sheet may_pick />
                    <tbody role="rowgroup"><Rows sheet may_pick read_at /></tbody>
                </table>
            </div>
            <footer class="foot">
                <span>{say(move || t_string!(i18n, clients.shown, n = sheet.lines.with(Vec::len), all = all()).to_string())}</span>
                <More sheet />
                <Keys may_pick />
            </footer>
        </section>
    }
    .into_any()
}

#[component]
fn Heads(sheet: Sheet, may_pick: bool) -> impl IntoView {
    let i18n = use_i18n();
    let picked = sheet.board.picked;
    let full = move || {
        sheet
            .lines
            .with(|l| picked.with(|p| !l.is_empty() && p.len() >= l.len()))
    };
    let all = move |_| {
        if full() {
            picked.update(std::collections::BTreeSet::clear);
        } else {
            picked.set(sheet.ids().into_iter().collect());
        }
    };
    let box_head = may_pick.then(|| {
        view! {
            <th role="columnheader" scope="col" class="c0">
                <span class="hit"><input type="checkbox" aria-label=word!(i18n, clients.select_all) prop:checked=full on:click=all /></span>
            </th>
        }
    });
    view! {
        <thead role="rowgroup">
            <tr role="row">
                {box_head}
                <th role="columnheader" scope="col" class="c1">{word!(i18n, clients.dossier)}</th>
                <th role="columnheader" scope="col" class="c2">{word!(i18n, clients.needed)}</th>
                <th role="columnheader" scope="col">{word!(i18n, clients.package)}</th>
                <th role="columnheader" scope="col" class="n">{word!(i18n, clients.waiting)}</th>
                <th role="columnheader" scope="col">{word!(i18n, clients.last)}</th>
                <th role="columnheader" scope="col" class="p4">{word!(i18n, clients.days)}</th>
                <th role="columnheader" scope="col" class="p3">{word!(i18n, clients.manager)}</th>
            </tr>
        </thead>
    }
}

#[component]
fn Rows(sheet: Sheet, may_pick: bool, read_at: i64) -> impl IntoView {
    let here = expect_context::<Here>();
    let Board { asked, picked, .. } = sheet.board;
    let now = Signal::derive(move || here.live.now.get().max(read_at));
    let row = move |line: ArcRwSignal<ClientLine>| {
        let id = line.with_untracked(|l| l.id);
        let line: Signal<ClientLine> = line.into();
        let gone = Signal::derive(move || {
            let standing = line.with(|l| l.standing);
            asked.with(|a| !a.wants(standing))
        });
        let current = Signal::derive(move || sheet.current.get() == Some(id));
        let boxed = may_pick.then(|| Signal::derive(move || picked.with(|p| p.contains(&id))));
        let on_pick = Callback::new(move |(id, range)| sheet.pick(id, range));
        view! { <ClientRow line office=here.office now gone current picked=boxed on_pick /> }
    };
    view! { <For each=move || sheet.lines.get() key=|l| l.with_untracked(|l| l.id) children=row /> }
}

/// Appends the next page.
#[component]
fn More(sheet: Sheet) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let wrong = RwSignal::new(None::<String>);
    let reading = Action::new(move |()| async move {
        let (asked, after) = (sheet.board.asked.get_untracked(), sheet.after.get_untracked());
        match clients(here.office.get_untracked(), asked, after).await {
            Ok(page) => append(sheet, page),
            Err(e) => wrong.set(Some(error_words(i18n, &e))),
        }
    });
    move || {
        sheet.more.get().then(|| {
            view! {
                <button type="button" class="btn sm" data-testid="more" disabled=reading.pending() on:click=move |_| { wrong.set(None); reading.dispatch(()); }>
                    {word!(i18n, clients.show_more)}
                </button>
                <span class="wrong" role="alert">{wrong}</span>
            }
        })
    }
}

/// A dossier that has moved in the meantime may come again: its first line stays.
fn append(sheet: Sheet, page: Clients) {
    let known = sheet.ids();
    if let Some(last) = page.lines.last() {
        sheet.after.set(Some(after(last)));
    }
    let fresh = page.lines.into_iter().filter(|l| !known.contains(&l.id));
    sheet
        .lines
        .update(|lines| lines.extend(fresh.map(ArcRwSignal::new)));
    sheet.more.set(page.more);
    sheet.board.told.set(Some(page.summary));
}

#[component]
fn Keys(may_pick: bool) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <span class="keys hide-m" aria-hidden="true">
            <kbd>"J"</kbd> <kbd>"K"</kbd> {word!(i18n, clients.key_move)}
            <kbd>"Enter"</kbd> {word!(i18n, clients.key_open)}
            {may_pick.then(|| view! { <kbd>"X"</kbd> {word!(i18n, clients.key_select)} })}
        </span>
    }
}

/// Why there is no line, and the way on.
#[component]
fn Nothing(board: Board, runs_office: bool) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let asked = board.asked.get_untracked();
    let total = board
        .told
        .with_untracked(|t| t.as_ref().map_or(0, views::clients::Summary::all));
    let back = view! {
        <a class="btn" href=say(move || address(&ClientsAsked::default(), &here.office.get()))>{word!(i18n, clients.show_all)}</a>
    };
    let calm = asked.text.is_empty()
        && asked.package.is_empty()
        && !asked.standings.is_empty()
        && asked.standings.iter().all(|s| !s.is_calm());
    let (title, more) = if total == 0 && asked.standings.is_empty() {
        let more = if runs_office {
            word!(i18n, clients.none_more_admin)
        } else {
            word!(i18n, clients.none_more_staff)
        };
        (word!(i18n, clients.none), more)
    } else if calm && !asked.mine {
        (word!(i18n, clients.all_calm), word!(i18n, clients.all_calm_more))
    } else if asked
        == (ClientsAsked {
            mine: true,
            ..ClientsAsked::default()
        })
    {
        (word!(i18n, clients.no_match), word!(i18n, clients.none_mine))
    } else {
        (word!(i18n, clients.no_match), say(String::new))
    };
    view! {
        <div class="empty card">
            <h2>
                {calm.then(|| view! { <StandingShape standing=Standing::Flow /> })}
                {title}
            </h2>
            <p class="soft">{more}</p>
            {(total > 0 || !asked.standings.is_empty()).then_some(back)}
        </div>
    }
}
