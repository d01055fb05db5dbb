include!(concat!(env!("OUT_DIR"), "/i18n.rs"));
use leptos::prelude::*;
#[component] pub fn App() -> impl IntoView { let s = leptos_i18n::td_string!(i18n::Locale::en, n, count = 3, who="x"); s.to_string() }
