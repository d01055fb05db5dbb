//! The one line that starts a connector where it shall run (X1.5), and the one by which an integration delivers (X1.6).
//! Both run as they are shown.

use crate::{
    browser,
    components::{copied::Copied, say, word},
    i18n::*,
};
use domain::text::office_code_of;
use leptos::prelude::*;

/// What carries tasks out there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Adapter {
    Hledger,
    Command,
}

/// A word of a command line as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Where a connector keeps its token and what it has not reported yet: two of them may run in one folder.
fn file_name(connector: &str) -> String {
    let name = office_code_of(connector);
    if name.is_empty() {
        "connector".to_owned()
    } else {
        name
    }
}

/// The line for a connector with this code, and what to choose for it.
#[component]
pub fn StartLine(name: String, code: String) -> impl IntoView {
    let i18n = use_i18n();
    let adapter = RwSignal::new(Adapter::Hledger);
    let program = RwSignal::new("./adapter".to_owned());
    let packages = RwSignal::new("exact_online".to_owned());
    let file = file_name(&name);
    let line = Signal::derive(move || {
        let begin = format!(
            "nachtwacht connector --url {} --token-file {file}.token --state {file}-state --enrol {code} --long-poll",
            quoted(&browser::origin())
        );
        match adapter.get() {
            Adapter::Hledger => format!("{begin} --adapter hledger --books books"),
            Adapter::Command => format!(
                "{begin} --adapter command --program {} --packages {}",
                quoted(program.get().trim()),
                quoted(packages.get().trim())
            ),
        }
    });
    let choice = move |a: Adapter, words: Box<dyn Fn() -> String + Send + Sync>| {
        view! {
            <label>
                <input type="radio" name="adapter" checked=a == Adapter::Hledger on:change=move |_| adapter.set(a) />
                {words}
            </label>
        }
    };
    let field = move |id: &'static str,
                      value: RwSignal<String>,
                      words: Box<dyn Fn() -> String + Send + Sync>| {
        view! {
            <div class="line-field">
                <label for=id>{words}</label>
                <span class="field">
                    <input id=id autocomplete="off" spellcheck="false" prop:value=value on:input=move |ev| value.set(event_target_value(&ev)) />
                </span>
            </div>
        }
    };
    view! {
        <fieldset>
            <legend>{word!(i18n, begin.adapter)}</legend>
            {choice(Adapter::Hledger, word!(i18n, begin.adapter_hledger))}
            {choice(Adapter::Command, word!(i18n, begin.adapter_command))}
        </fieldset>
        {move || (adapter.get() == Adapter::Command).then(|| view! {
            {field("program", program, word!(i18n, begin.program))}
            {field("packages", packages, word!(i18n, begin.packages))}
        })}
        <p class="soft">{word!(i18n, connectors.command)}</p>
        <div data-testid="command"><Copied text=line /></div>
        <p class="soft">{say(move || match adapter.get() {
            Adapter::Hledger => t_string!(i18n, begin.needs_hledger).to_owned(),
            Adapter::Command => t_string!(i18n, begin.needs_command).to_owned(),
        })}</p>
    }
}

/// The lines by which an integration with this token delivers an invoice.
#[component]
pub fn DeliverLine() -> impl IntoView {
    let i18n = use_i18n();
    let line = format!(
        "nachtwacht deliver --url {} --token-file integration.token --dossier CODE --activate 'NAME' invoice.xml",
        quoted(&browser::origin())
    );
    view! {
        <p class="soft">{word!(i18n, begin.deliver)}</p>
        <div data-testid="command"><Copied text=line /></div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_word_for_a_shell() {
        for (word, line) in [
            ("https://desk.example:8443", "https://desk.example:8443"),
            ("./my adapter", "'./my adapter'"),
            ("it's", r"'it'\''s'"),
            ("$(reboot)", "'$(reboot)'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), line);
        }
    }

    #[test]
    fn each_connector_of_a_folder_has_files_of_its_own() {
        assert_eq!(file_name("Gent 1"), "gent-1");
        assert_eq!(file_name("../../etc"), "etc");
        assert_eq!(file_name("…"), "connector");
    }
}
