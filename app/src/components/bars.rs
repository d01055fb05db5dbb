//! Fourteen days as bars: how much was done, and on which days something stopped.

use crate::{components::say, i18n::*};
use leptos::prelude::*;
use views::clients::{ClientLine, Standing};

const HEIGHT: f64 = 20.0;
/// A day on which nothing happened is a line, so that the days can be counted.
const LEAST: f64 = 1.5;
const STEP: f64 = 6.0;

/// The last days of a dossier.
#[component]
pub fn Bars(#[prop(into)] line: Signal<ClientLine>) -> impl IntoView {
    let i18n = use_i18n();
    let label = move || {
        let (done, stopped) = line.with(|l| {
            let sum = |f: fn(&views::clients::DayBar) -> u32| l.days.iter().map(f).sum::<u32>();
            (sum(|d| d.done), sum(|d| d.stopped))
        });
        t_string!(i18n, clients.bars, done = done, stopped = stopped).to_string()
    };
    let bars =
        move || {
            line.with(|l| {
                let most = l
                    .days
                    .iter()
                    .map(|d| d.done + d.stopped)
                    .max()
                    .unwrap_or(0)
                    .max(1);
                let tint = if l.standing == Standing::Sup {
                    "bad sup"
                } else {
                    "bad act"
                };
                l.days
                .iter()
                .enumerate()
                .map(|(i, d)| {
                    let n = d.done + d.stopped;
                    let height = (f64::from(n) / f64::from(most) * (HEIGHT - 3.0)).max(LEAST);
                    let class = if d.stopped > 0 { tint } else { "" };
                    let (x, y) = (format!("{:.1}", i as f64 * STEP + 0.8), format!("{:.1}", HEIGHT - height));
                    view! { <rect class=class x=x y=y width="4.5" height=format!("{height:.1}") rx="1" /> }
                })
                .collect_view()
            })
        };
    view! {
        <svg class="bars" width="84" height="20" viewBox="0 0 84 20" role="img" aria-label=say(label)>
            {bars}
        </svg>
    }
}
