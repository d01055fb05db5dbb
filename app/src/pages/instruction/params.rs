//! The parameters of an instruction: picked from what the failures carried.

use super::{
    draft::Draft,
    fields::{Tick, put},
};
use crate::{
    components::{
        icon::{Glyph, Icon},
        say, word,
    },
    i18n::*,
};
use domain::{
    failure::is_code,
    instruction::{Param, ParamType},
};
use leptos::prelude::*;
use serde_json::Value;

const TYPES: [ParamType; 7] = [
    ParamType::Text,
    ParamType::Code,
    ParamType::OptionalCode,
    ParamType::YearMonth,
    ParamType::YearMonths,
    ParamType::Bool,
    ParamType::Contact,
];

fn type_word(i18n: I18n, t: ParamType) -> String {
    match t {
        ParamType::Text => t_string!(i18n, instructions.type_text),
        ParamType::Code => t_string!(i18n, instructions.type_code),
        ParamType::OptionalCode => t_string!(i18n, instructions.type_code_optional),
        ParamType::YearMonth => t_string!(i18n, instructions.type_month),
        ParamType::YearMonths => t_string!(i18n, instructions.type_months),
        ParamType::Bool => t_string!(i18n, instructions.type_bool),
        ParamType::Contact => t_string!(i18n, instructions.type_contact),
    }
    .to_owned()
}

fn shown(value: &Value) -> String {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned);
    text.chars().take(60).collect()
}

fn add(draft: Draft, name: &str, example: Value) {
    let new = is_code(name)
        && draft
            .text
            .with_untracked(|t| t.params.iter().all(|p| p.name != name));
    if !new {
        return;
    }
    // what the desk itself knows of a task are names; what connectors say are mostly codes
    let r#type = match name {
        "dossier_name" | "document_no" => ParamType::Text,
        "support_contact" => ParamType::Contact,
        _ => ParamType::guess(&example),
    };
    draft.reshape(|t| {
        t.params.push(Param {
            name: name.to_owned(),
            r#type,
            example,
        });
    });
}

#[component]
pub(super) fn Params(draft: Draft, seen: Vec<(String, Value)>) -> impl IntoView {
    let i18n = use_i18n();
    let own = RwSignal::new(String::new());
    let lines = move || {
        draft.shape.track();
        let params = draft.text.with_untracked(|t| t.params.clone());
        params
            .into_iter()
            .map(|p| view! { <One draft p /> })
            .collect_view()
    };
    let seen = StoredValue::new(seen);
    let chips = move || {
        draft.shape.track();
        let there = draft.text.with_untracked(|t| t.params.clone());
        let free = seen
            .get_value()
            .into_iter()
            .filter(|(n, _)| there.iter().all(|p| p.name != *n));
        free.map(|(name, example)| {
            let title = shown(&example);
            let label = name.clone();
            view! {
                <button type="button" class="chip" title=title data-add=name.clone() on:click=move |_| add(draft, &name, example.clone())>
                    <Glyph icon=Icon::Plus />
                    <span class="vh">{word!(i18n, instructions.add)}</span>
                    <span class="mono">{label}</span>
                </button>
            }
        })
        .collect_view()
    };
    view! {
        <fieldset class="params">
            <legend>{word!(i18n, instructions.params)}</legend>
            <p class="muted">{word!(i18n, instructions.params_lead, example = "{period}")}</p>
            <ul>{lines}</ul>
            <div class="chipset">{chips}</div>
            <div class="bar">
                <label class="field">
                    <span class="vh">{word!(i18n, instructions.param_name)}</span>
                    <input maxlength="64" autocomplete="off" placeholder=word!(i18n, instructions.param_name) prop:value=own on:input=move |ev| own.set(event_target_value(&ev)) />
                </label>
                <button
                    type="button"
                    class="btn"
                    disabled=move || own.with(|o| !is_code(o.trim()))
                    on:click=move |_| {
                        add(draft, own.get_untracked().trim(), Value::Null);
                        own.set(String::new());
                    }
                >
                    {word!(i18n, instructions.add)}
                </button>
            </div>
        </fieldset>
    }
}

#[component]
fn One(draft: Draft, p: Param) -> impl IntoView {
    let i18n = use_i18n();
    let name = StoredValue::new(p.name.clone());
    let choose = move |ev| {
        let chosen = event_target_value(&ev)
            .parse::<usize>()
            .ok()
            .and_then(|n| TYPES.get(n).copied());
        draft.change(|t| {
            let found = t.params.iter_mut().find(|p| p.name == name.get_value());
            if let (Some(p), Some(chosen)) = (found, chosen) {
                p.r#type = chosen;
            }
        });
    };
    let options = TYPES.into_iter().enumerate().map(|(n, t)| {
        view! { <option value=n.to_string() selected=t == p.r#type>{say(move || type_word(i18n, t))}</option> }
    });
    let read = say(move || t_string!(i18n, instructions.param_read, name = name.get_value()).to_string());
    let remove = say(move || t_string!(i18n, instructions.remove, what = name.get_value()).to_string());
    let taking = move |_| {
        draft.reshape(|t| {
            t.params.retain(|p| p.name != name.get_value());
            t.group_by.retain(|g| *g != name.get_value());
        });
    };
    view! {
        <li data-param=name.get_value()>
            <span class="mono">{format!("{{{}}}", name.get_value())}</span>
            <label class="field">
                <span class="vh">{read}</span>
                <select on:change=choose>{options.collect_view()}</select>
            </label>
            <Tick
                draft
                is=|t, k| t.group_by.iter().any(|o| o == k)
                set=|t, k, on| put(&mut t.group_by, k, on)
                name=p.name
                label=word!(i18n, instructions.group)
            />
            <button type="button" class="btn ghost icon" aria-label=remove on:click=taking><Glyph icon=Icon::Cancel /></button>
        </li>
    }
}
