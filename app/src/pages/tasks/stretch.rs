//! Lines near the window, of however many there are: a list is cut into stretches, and a stretch that is far from the
//! window is only as high as its lines would be (P10).

use super::{
    Board,
    groups::{Group, order, pick},
};
use crate::{browser, components::task_row::Line, i18n::*, pages::here::Here};
use domain::TaskId;
use leptos::{html, prelude::*};
use std::sync::Arc;
use views::TaskRow;

/// Lines that are drawn together.
pub const STRETCH: usize = 50;
/// A list of at most so many lines is drawn whole: the browser's own search then finds all of it.
const FEW: usize = 400;

/// Lines that follow one another in a group.
#[component]
pub fn Stretch(
    /// All lines of the group.
    rows: Memo<Vec<Arc<TaskRow>>>,
    /// Which stretch of the group this is, from 0.
    n: usize,
    /// Lines of the groups before.
    before: usize,
    grouped: Memo<Vec<Group>>,
    board: Board,
    read_at: i64,
) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let lines = Memo::new(move |_| {
        rows.with(|rows| {
            let of = rows.iter().skip(n * STRETCH).take(STRETCH);
            of.cloned().collect::<Vec<_>>()
        })
    });
    let opened = Memo::new(move |_| {
        let task = board.asked.with(|a| a.task)?;
        lines.with(|l| l.iter().any(|r| r.id == task).then_some(task))
    });
    // the server and the browser draw the same at first
    let first = before + n * STRETCH < FEW;
    let drawn = RwSignal::new(first || opened.get_untracked().is_some());
    let list = NodeRef::<html::Ul>::new();
    browser::on_near(list, move |near, pixels| {
        // what has the focus, or is open in the panel, must be there to go back to
        let needed = || {
            board.rows.with_untracked(Vec::len) <= FEW
                || opened.get_untracked().is_some()
                || browser::has_focus(list)
        };
        if near {
            drawn.set(true);
        } else if pixels > 0 && drawn.get_untracked() && !needed() {
            browser::set_style(list, "--high", &format!("{pixels}px"));
            drawn.set(false);
        }
    });
    // J and K go on to a line that is not there yet
    Effect::new(move |_| {
        if let Some(task) = opened.get().filter(|_| !drawn.get_untracked()) {
            drawn.set(true);
            browser::reveal_next(&format!("li.tr[data-task='{task}']"));
        }
    });
    let shown = Memo::new(move |_| drawn.get() || board.printing.get());
    // by script: the page's policy lets no style stand in its text
    Effect::new(move |_| {
        browser::set_style(list, "--lines", &lines.with(Vec::len).to_string());
        browser::set_style(list, "--high", "");
    });
    let drawing = move || {
        // lines say their words once, and are drawn anew in another language
        i18n.language();
        shown.get().then(|| {
            let follows = Follows {
                opened: Memo::new(move |_| opened.get()),
                picked: Memo::new(move |_| {
                    lines.with(|lines| {
                        let ids = lines.iter().map(|r| r.id);
                        board
                            .picked
                            .with(|p| ids.filter(|id| p.all || p.ids.contains(id)).collect())
                    })
                }),
                now: Memo::new(move |_| here.live.now.get().max(read_at)),
            };
            view! {
                <For each=move || lines.get() key=|r| r.id let:row>
                    <Shown row grouped board follows />
                </For>
            }
        })
    };
    view! { <ul node_ref=list class:far=move || !shown.get()>{drawing}</ul> }
}

/// What the lines of a stretch follow, as long as it is drawn. A follower that is gone stays in memory until what it
/// followed changes, which much of the page never does: whoever scrolled for an hour would fill it.
#[derive(Clone, Copy)]
struct Follows {
    /// The line whose panel is open, when it is one of these.
    opened: Memo<Option<TaskId>>,
    /// Those of these that are chosen for work on many.
    picked: Memo<Vec<TaskId>>,
    /// The server's clock, milliseconds.
    now: Memo<i64>,
}

/// One line, with the box that chooses it.
#[component]
fn Shown(row: Arc<TaskRow>, grouped: Memo<Vec<Group>>, board: Board, follows: Follows) -> impl IntoView {
    let here = expect_context::<Here>();
    let Follows { opened, picked, now } = follows;
    let id = row.id;
    let told = here
        .live
        .rows
        .with_untracked(|rows| rows.get(&id).filter(|r| r.seq > row.seq).cloned());
    let line = board.line(told.unwrap_or_else(|| (*row).clone()));
    // of the page as it is now: what the address says later is put in when the line is opened
    let mut asked = board.asked.get_untracked();
    asked.task = Some(id);
    let href = asked.address(&board.office.get_untracked());
    let on_open = Callback::new(move |()| board.open(id));
    let selected = Signal::derive(move || opened.get() == Some(id));
    // another filter reads the list anew
    let gone = Signal::derive(move || {
        let state = line.with(|r| r.state);
        !board.asked.with_untracked(|a| a.filter.shown().contains(&state))
    });
    let picked = Signal::derive(move || picked.with(|p| p.contains(&id)));
    let on_pick =
        Callback::new(move |range: bool| pick(board, &grouped.with_untracked(|g| order(g)), id, range));
    view! { <Line row=line href selected gone now picked on_pick on_open /> }
}
