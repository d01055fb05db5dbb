//! What opens on demand on a page. It is fetched once the page lives and the browser has nothing to do, so that nobody waits
//! for it; who is quicker than that sees it as soon as it is there.

use leptos::prelude::*;

/// `late! { part: name(argument: Type, …) = view, … }`: a module for each view with `shown`, which draws it once its part is
/// there, and `fetch`.
///
/// Where the server draws one, the page waits for the part before it takes over (`drawn` in `lazy.rs`).
macro_rules! late {
    ($part:ident: $($name:ident($($argument:ident: $type:ty),* $(,)?) = $view:path),+ $(,)?) => {$(
        #[doc = concat!("`", stringify!($view), "`, in the part `", stringify!($part), "`.")]
        pub(in crate::pages) mod $name {
            use super::*;

            // only the browser's program comes in parts; the server has them all
            #[cfg_attr(target_family = "wasm", leptos::wasm_split::wasm_split(
                $part, wasm_split_path = ::leptos::wasm_split, preload(fetch)
            ))]
            pub fn $name($($argument: $type),*) -> AnyView {
                $view($($argument),*).into_any()
            }

            /// The view, as soon as its part is there.
            #[cfg(target_family = "wasm")]
            pub fn shown($($argument: $type),*) -> AnyView {
                Suspend::new($name($($argument),*)).into_any()
            }

            /// The view.
            #[cfg(not(target_family = "wasm"))]
            pub fn shown($($argument: $type),*) -> AnyView {
                leptos::prefetch_lazy_fn_on_server(stringify!($part));
                Suspend::new(async move { $name($($argument),*) }).into_any()
            }
        }
    )+};
}
pub(super) use late;

/// Whether something was wanted ever since the page lives. The server draws nothing of it.
pub(super) fn ever(wanted: impl Fn() -> bool + 'static) -> RwSignal<bool> {
    let ever = RwSignal::new(false);
    Effect::new(move |_| {
        if !ever.get_untracked() && wanted() {
            ever.set(true);
        }
    });
    ever
}
