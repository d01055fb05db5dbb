//! What the palette lists: pages, what the page can do, what was found, what was opened lately.

use super::Palette;
use crate::{
    api::ApiError,
    components::{
        icon::Icon,
        job::job_kind_word,
        palette::{Entry, Go, Group},
        status::kind_word,
    },
    i18n::*,
    pages::ways::{AUTOMATION, FOLLOW_UP, PLATFORM, Way},
};
use domain::{Role, dossier::Activation, text::for_url};
use leptos::prelude::*;
use views::search::{Found, Hit, Thing};

/// All lines: what the page offers, then the pages, then what the server found. Nothing typed yet: what was
/// opened before and what stopped, then the pages.
pub(super) fn entries(
    palette: Palette,
    found: RwSignal<Option<Result<Found, ApiError>>>,
    recent: RwSignal<Vec<Entry>>,
    i18n: I18n,
    office: &str,
) -> Vec<Entry> {
    let typed = palette.asked.get().text.trim().to_lowercase();
    let fits = |label: &str| {
        let label = label.to_lowercase();
        typed.split_whitespace().all(|w| label.contains(w))
    };
    let mut lines: Vec<Entry> = vec![];
    let commands = palette
        .commands
        .with(|c| c.iter().map(command).collect::<Vec<_>>());
    let role = palette.role.get();
    let ways = open_ways(role)
        .map(|way| page(way, i18n, office))
        .chain(deeds(role, i18n, office));
    let hits = found.with(|f| match f {
        Some(Ok(found)) => found.hits.iter().map(|h| line(h, i18n, office)).collect(),
        _ => vec![],
    });
    if typed.is_empty() {
        // what changes something is never the first line of what nobody asked for
        lines.extend(recent.get());
        lines.extend(hits);
        lines.extend(ways);
        lines.extend(commands);
    } else {
        lines.extend(commands.into_iter().chain(ways).filter(|l| fits(&l.label)));
        lines.extend(hits);
    }
    lines
}

pub(super) fn command((label, keys): &(String, String)) -> Entry {
    Entry {
        group: Group::OnPage,
        label: label.clone(),
        detail: String::new(),
        icon: Icon::Forward,
        state: None,
        keys: Some(keys.clone()),
        go: Go::Press(keys.clone()),
    }
}

pub(super) fn open_ways(role: Option<Role>) -> impl Iterator<Item = Way> {
    let ways = FOLLOW_UP.into_iter().chain(AUTOMATION).chain(PLATFORM);
    ways.filter(move |w| role.is_some_and(|r| w.is_open_to(r)))
}

pub(super) fn page(way: Way, i18n: I18n, office: &str) -> Entry {
    Entry {
        group: Group::Pages,
        label: way.word(i18n),
        detail: String::new(),
        icon: way.icon(),
        state: None,
        keys: Some(format!("G {}", key_of(way))),
        go: Go::To(format!("/o/{office}/{}", way.path())),
    }
}

/// What somebody can begin from anywhere, for those who may.
fn deeds(role: Option<Role>, i18n: I18n, office: &str) -> Vec<Entry> {
    let deed = |label: &str, path: &str| Entry {
        group: Group::Pages,
        label: label.to_owned(),
        detail: String::new(),
        icon: Icon::Plus,
        state: None,
        keys: None,
        go: Go::To(format!("/o/{office}/{path}")),
    };
    let Some(role) = role else { return vec![] };
    let mut all = vec![deed(t_string!(i18n, dossiers.activate), "clients/activate")];
    if role.runs_office() {
        all.push(deed(t_string!(i18n, dossiers.import), "clients/import"));
    }
    all
}

/// The key that goes to a page after G.
pub(super) fn key_of(way: Way) -> &'static str {
    match way {
        Way::Clients => "C",
        Way::Tasks => "T",
        Way::Requests => "Q",
        Way::Causes => "R",
        Way::Jobs => "J",
        Way::Collection => "O",
        Way::Procedures => "P",
        Way::Instructions => "I",
        Way::Offices => "F",
        Way::Connectors => "N",
        Way::Alerts => "L",
        Way::Users => "U",
        Way::Downtime => "D",
        Way::Audit => "A",
        Way::Settings => "S",
    }
}

pub(super) fn line(hit: &Hit, i18n: I18n, office: &str) -> Entry {
    let (icon, path) = match hit.thing {
        Thing::Dossier => (Icon::Clients, format!("dossiers/{}", for_url(&hit.key))),
        Thing::Task => (Icon::Tasks, format!("tasks/{}", hit.key)),
        Thing::Job => (Icon::Jobs, format!("jobs/{}", hit.key)),
        Thing::Person => (Icon::Users, format!("users?q={}", for_url(&hit.key))),
        Thing::Connector => (Icon::Connectors, format!("connectors?q={}", for_url(&hit.key))),
        Thing::Cause => (Icon::Causes, format!("causes?q={}", for_url(&hit.title))),
        Thing::Instruction => (Icon::Instructions, format!("instructions/{}", hit.key)),
    };
    let kind = hit.kind.as_deref().map(|k| kind_word(i18n, k));
    let (label, detail) = match (hit.thing, kind) {
        (Thing::Task, Some(kind)) if hit.title.is_empty() => (kind, hit.detail.clone()),
        (Thing::Task, Some(kind)) => (hit.title.clone(), format!("{kind} · {}", hit.detail)),
        (Thing::Job, _) => {
            let kind = job_kind_word(i18n, hit.kind.as_deref().unwrap_or_default());
            (hit.title.clone(), format!("{} · {kind}", hit.detail))
        }
        _ => (hit.title.clone(), hit.detail.clone()),
    };
    let detail = match (hit.thing, hit.kind.as_deref().map(Activation::from_key)) {
        (Thing::Task, _) => format!("{} · {detail}", hit.key),
        (Thing::Dossier, Some(Activation::Activating)) => {
            format!("{detail} · {}", t_string!(i18n, dossiers.starting))
        }
        (Thing::Dossier, Some(Activation::NotActivated)) => {
            format!("{detail} · {}", t_string!(i18n, dossiers.off))
        }
        _ => detail,
    };
    Entry {
        group: Group::Found(hit.thing),
        label,
        detail,
        icon,
        state: hit.state,
        keys: None,
        go: Go::To(format!("/o/{office}/{path}")),
    }
}
