//! What the browser fetches when it is first wanted: pages (`part!`); what opens on one stands in `late.rs`.
//!
//! A part is a file of its own beside the program's, and has all that its pages need and not every page has. It holds
//! the pages that the same people open after one another: more parts would each be smaller, but more of one would be
//! fetched again with the next.

/// `part! { part: name = component, … }`: a module for each page with its `Route`.
macro_rules! part {
    ($part:ident: $($name:ident = $page:path),+ $(,)?) => {$(
        #[doc = concat!("The route of `", stringify!($page), "`, in the part `", stringify!($part), "`.")]
        pub mod $name {
            use leptos::prelude::{AnyView, IntoAny};

            /// Fetches the part, then shows the page.
            pub struct Route;

            // only the browser's program comes in parts; the server has them all
            #[cfg_attr(target_family = "wasm", leptos::wasm_split::wasm_split(
                $part, wasm_split_path = ::leptos::wasm_split, preload(fetch)
            ))]
            fn $name() -> AnyView {
                $page().into_any()
            }

            impl leptos_router::LazyRoute for Route {
                fn data() -> Self {
                    Self
                }

                #[cfg(target_family = "wasm")]
                async fn view(_: Self) -> AnyView {
                    $name().await
                }

                #[cfg(target_family = "wasm")]
                async fn preload() {
                    fetch().await;
                    super::drawn().await;
                }

                #[cfg(not(target_family = "wasm"))]
                async fn view(_: Self) -> AnyView {
                    leptos::prefetch_lazy_fn_on_server(stringify!($part));
                    $name()
                }
            }
        }
    )+};
}

/// Fetches what opens on demand and the server has drawn already, by what it names in the page's head: only what is there
/// can be taken over.
#[cfg(target_family = "wasm")]
async fn drawn() {
    if crate::browser::comes_with("task") {
        super::task::panel::fetch().await;
    }
    if crate::browser::comes_with("frame") {
        super::countdown::strip::fetch().await;
    }
}

part! { desk:
    tasks = crate::pages::tasks::Tasks,
}

part! { task:
    task = crate::pages::task::Task,
}

part! { clients:
    clients = crate::pages::clients::Clients,
    activate = crate::pages::activate::Activate,
    dossier = crate::pages::dossier::Dossier,
}

part! { support:
    causes = crate::pages::causes::Causes,
    instructions = crate::pages::instructions::Instructions,
    instruction = crate::pages::instruction::Instruction,
    offices = crate::pages::offices::Offices,
    connectors = crate::pages::connectors::Connectors,
}

part! { office:
    alerts = crate::pages::alerts::Alerts,
    users = crate::pages::users::Users,
    import = crate::pages::import::Import,
    downtime = crate::pages::downtime::Downtime,
    mail = crate::pages::mail::Mail,
    requests = crate::pages::requests::Requests,
    audit = crate::pages::audit::Audit,
    settings = crate::pages::settings::Settings,
    profile = crate::pages::profile::Profile,
}

part! { jobs:
    jobs = crate::pages::jobs::Jobs,
    job = crate::pages::job::Job,
    runs = crate::pages::runs::Runs,
    kinds = crate::pages::kinds::Kinds,
}

part! { automation:
    blocked = crate::pages::blocked::Blocked,
    hours = crate::pages::hours::Hours,
    collection = crate::pages::collection::Collection,
    procedures = crate::pages::procedures::Procedures,
}
