//! The browser's half: takes over the page that the server has rendered.

#![recursion_limit = "512"]

/// Called by the page's script once the WASM is there.
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    app::browser::lead_anew();
    app::browser::note_early();
    let language = app::browser::language();
    app::browser::fetch_words(language, app::i18n::file(language)).await;
    // parts of the program may have to come first
    leptos::mount::hydrate_lazy(app::App);
}
