//! `/o/:office/dossiers/:code`: one dossier and its monitoring (T12, M7). The tab is in the address.

mod care;
mod head;
mod monitoring;
mod others;

use self::{
    head::Head,
    monitoring::Monitoring,
    others::{Changes, Tasks},
};
use super::{error_words, here::Here, not_found::Missing, page::Top, unread::Unread};
use crate::{
    api::{ApiError, clients::dossier},
    browser,
    components::{
        say,
        supported::{red_word, supported},
        word,
    },
    i18n::*,
};
use domain::TaskId;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use views::clients::{DossierBody, DossierPage, DossierTab};

type Page = Resource<Result<DossierPage, ApiError>>;
/// What became of what was last asked for.
type Said = RwSignal<Option<Result<String, ApiError>>>;

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Around {
    code: Memo<String>,
    tab: Memo<DossierTab>,
    page: Page,
    said: Said,
    /// Rises when the page must be read again.
    again: RwSignal<u32>,
    /// The colleague that is chosen to manage the dossier too, not added yet; 0 for none.
    chosen: RwSignal<i64>,
}

impl Around {
    /// A tab's address.
    fn address(self, office: &str, tab: DossierTab, before: Option<TaskId>) -> String {
        let before = before.map(|t| format!("&before={t}")).unwrap_or_default();
        format!(
            "/o/{office}/dossiers/{}?tab={}{before}",
            self.code.get(),
            tab.key()
        )
    }
}

/// The page.
#[component]
pub fn Dossier() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (params, query) = (use_params_map(), use_query_map());
    let code = Memo::new(move |_| params.read().get("code").unwrap_or_default());
    let tab = Memo::new(move |_| DossierTab::from_key(&query.read().get("tab").unwrap_or_default()));
    let before = Memo::new(move |_| query.read().get("before").and_then(|t| t.parse::<TaskId>().ok()));
    // read again when a task of the dossier changes
    let version = Memo::new(move |_| {
        here.live.rows.with(|rows| {
            let its = rows.values().filter(|r| code.with(|c| *c == r.dossier_code));
            its.map(|r| r.seq).max()
        })
    });
    let again = RwSignal::new(0u32);
    let page: Page = Resource::new_blocking(
        move || {
            let asked = (here.office.get(), code.get(), tab.get(), before.get());
            let heard = (
                version.get(),
                again.get(),
                here.reread.get(),
                here.live.stale.get(),
            );
            (asked, heard)
        },
        |((office, code, tab, before), _)| dossier(office, code, tab, before),
    );
    let said: Said = RwSignal::new(None);
    let around = Around {
        code,
        tab,
        page,
        said,
        again,
        chosen: RwSignal::new(0),
    };
    Effect::new(move |before: Option<String>| {
        let now = code.get();
        if before.is_some_and(|b| b != now) {
            around.chosen.set(0);
        }
        now
    });
    let title = Signal::derive(move || format!("{} {}", t_string!(i18n, dossier.title), code.get()));
    let back = Signal::derive(move || Some(format!("/o/{}/clients", here.office.get())));
    browser::on_key(browser::press);
    view! {
        <Title text=title />
        <div class="main">
            <Top title back />
            <main id="main" class="page" tabindex="-1">
                <div class="dos">
                    <Transition>
                        {move || Suspend::new(async move { page.await.ok().map(|p| view! { <Head p around /> }) })}
                    </Transition>
                    <Tabs around />
                    <p class="said" role="status" class:none=move || said.with(Option::is_none) class:wrong=move || said.with(|s| matches!(s, Some(Err(_))))>
                        {say(move || said.get().map(|s| s.unwrap_or_else(|e| error_words(i18n, &e))).unwrap_or_default())}
                    </p>
                    <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                        {move || Suspend::new(async move {
                            match page.await {
                                Ok(p) => view! { <Body p around /> }.into_any(),
                                Err(e) if e.code() == "not_found" => view! { <Missing /> }.into_any(),
                                Err(e) => view! { <Unread e /> }.into_any(),
                            }
                        })}
                    </Transition>
                </div>
            </main>
        </div>
    }
}

#[component]
fn Body(p: DossierPage, around: Around) -> impl IntoView {
    let tab = around.tab.get_untracked();
    match p.body {
        DossierBody::Monitoring { stopped, waiting } => {
            view! { <Monitoring line=p.line stopped waiting now=p.now around /> }.into_any()
        }
        DossierBody::Tasks { rows, more } => view! { <Tasks rows more tab now=p.now around /> }.into_any(),
        DossierBody::History(lines) => view! { <Changes lines /> }.into_any(),
    }
}

fn tab_word(i18n: I18n, tab: DossierTab) -> String {
    match tab {
        DossierTab::Monitoring => t_string!(i18n, dossier.monitoring),
        DossierTab::Tasks => t_string!(i18n, dossier.tasks),
        DossierTab::Activation => t_string!(i18n, dossier.activation),
        DossierTab::History => t_string!(i18n, dossier.history),
    }
    .to_owned()
}

/// The tabs; Monitoring carries the number of tasks that need the reader's side (M7).
#[component]
fn Tabs(around: Around) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let tab = move |tab: DossierTab| {
        let href = say(move || around.address(&here.office.get(), tab, None));
        let badge = (tab == DossierTab::Monitoring).then(|| view! { <Badge page=around.page /> });
        view! {
            <a href=href aria-current=move || (around.tab.get() == tab).then_some("page") data-noscroll data-tab=tab.key()>
                {say(move || tab_word(i18n, tab))}
                {badge}
            </a>
        }
    };
    view! { <nav class="tabs" aria-label=word!(i18n, dossier.parts)>{DossierTab::ALL.map(tab).collect_view()}</nav> }
}

#[component]
fn Badge(page: Page) -> impl IntoView {
    let i18n = use_i18n();
    let shown = move |p: DossierPage| {
        let (mine, others, class) = if p.support {
            (p.line.support, p.line.action, "n sup")
        } else {
            (p.line.action, p.line.support, "n act")
        };
        let number = (mine > 0).then(|| {
            view! {
                <span class=class data-testid="badge">
                    <span aria-hidden="true">{mine.to_string()}</span>
                    <span class="vh">{word!(i18n, nav.need_action, count = mine)}</span>
                </span>
            }
        });
        let support = p.support;
        let beside = (others > 0).then(|| {
            let words = move || match support {
                true => t_string!(i18n, dossier.with_office, n = others).to_string(),
                false if !supported() => format!("{others} · {}", red_word(i18n)),
                false => t_string!(i18n, dossier.with_support, n = others).to_string(),
            };
            view! { <span class="beside" data-testid="beside">{say(words)}</span> }
        });
        view! { {number} {beside} }
    };
    view! {
        <Transition>
            {move || Suspend::new(async move { page.await.ok().map(shown) })}
        </Transition>
    }
}
