//! The words' files that the reader needs.

use domain::Language;
use leptos::{prelude::*, task::spawn_local, web_sys::js_sys};
use std::{cell::Cell, sync::LazyLock, time::Duration};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Told when a language has come that somebody waits for.
static COME: LazyLock<ArcTrigger> = LazyLock::new(ArcTrigger::new);

thread_local! {
    static CHOSEN: Cell<Language> = const { Cell::new(Language::En) };
    static ASKED: [Cell<bool>; 5] = const { [const { Cell::new(false) }; 5] };
}

/// The language the page is written in.
pub fn language() -> Language {
    let tag = document()
        .document_element()
        .and_then(|root| root.get_attribute("lang"));
    tag.and_then(|tag| Language::from_tag(&tag)).unwrap_or_default()
}

/// Tells the browser which language the page is in.
pub fn mark_language(l: Language) {
    if let Some(root) = document().document_element() {
        // an attribute of a name like this can always be set
        let _ = root.set_attribute("lang", l.tag());
    }
}

/// Asks for a language that is not the page's; what is said in it is said again when it has come.
pub fn ask_words(l: Language, file: String) {
    COME.track();
    if !ASKED.with(|asked| asked[l as usize].replace(true)) {
        spawn_local(async move {
            // a page that something is typed in is not thrown away for a look at another language
            bring(l, &file, || {}).await;
            COME.notify();
        });
    }
}

/// Makes a language the page's, and goes on, when its words are here; unless another was chosen meanwhile.
pub fn with_words(l: Language, file: String, then: impl FnOnce() + 'static) {
    CHOSEN.set(l);
    spawn_local(async move {
        fetch_words(l, file).await;
        if CHOSEN.get() == l {
            then();
        }
    });
}

/// Goes on when the words of a language are here. Words that are not there belong to a program that the server has
/// replaced, and the page comes anew.
pub async fn fetch_words(l: Language, file: String) {
    bring(l, &file, || reload_for(&file)).await;
}

/// Without the network it tries again, as everything else on the page does.
async fn bring(l: Language, file: &str, gone: impl Fn()) {
    while !words::knows(l as usize) {
        match text(file).await {
            Some(Ok(told)) if told.starts_with(words::HEAD) => return words::learn(l as usize, told.leak()),
            Some(Err(404)) => gone(),
            _ => {}
        }
        gloo_timers::future::sleep(Duration::from_secs(2)).await;
    }
}

/// Asks for the page anew, once for a file: what is not there then either is waited for.
fn reload_for(file: &str) {
    let kept = window().session_storage().ok().flatten();
    let before = kept.as_ref().and_then(|k| k.get_item("nw_gone").ok().flatten());
    if let Some(kept) = kept.filter(|_| before.as_deref() != Some(file))
        && kept.set_item("nw_gone", file).is_ok()
    {
        // a page that stands can always be asked for again
        let _ = window().location().reload();
    }
}

/// A file's text, or the status that the server answers with; `None` without an answer.
async fn text(path: &str) -> Option<Result<String, u16>> {
    let answer = JsFuture::from(window().fetch_with_str(path)).await.ok()?;
    let get = |key: &str| js_sys::Reflect::get(&answer, &key.into()).unwrap_or_default();
    if !get("ok").is_truthy() {
        return Some(Err(get("status").as_f64()? as u16));
    }
    let text = get("text")
        .dyn_into::<js_sys::Function>()
        .ok()?
        .call0(&answer)
        .ok()?;
    let text: JsValue = JsFuture::from(text.dyn_into::<js_sys::Promise>().ok()?)
        .await
        .ok()?;
    text.as_string().map(Ok)
}
