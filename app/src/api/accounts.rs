//! For the pages: signing in and out, the first admin, the reader's language.

use super::{ApiError, Json};
use domain::{Language, Role, view};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Whom a link would sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkFor {
    /// This person.
    Person {
        name: String,
        role: Role,
        /// They choose a password with it.
        sets_password: bool,
    },
    /// Nobody yet: it makes the first admin.
    FirstAdmin,
}

/// Who looks, and the offices they may look at.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "who")]
pub async fn who() -> Result<view::Desk, ApiError> {
    let engine = crate::ssr::engine()?;
    let mark = use_context().unwrap_or_else(|| engine.live.mark());
    let viewer = crate::ssr::viewer().await?;
    engine.desk(&viewer, mark).await.map_err(crate::ssr::refuse)
}

/// Signs in with e-mail address and password. A plain form, so that it works before the page is live.
#[server(prefix = "/api/desk", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String) -> Result<(), ApiError> {
    let session = crate::ssr::engine()?
        .sign_in(&email, &password)
        .await
        .map_err(crate::ssr::refuse)?;
    crate::ssr::signed_in(&session, true).await?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Whom a link would sign in. Looking does not use it up.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "look_at_link")]
pub async fn look_at_link(link: String) -> Result<LinkFor, ApiError> {
    let found = crate::ssr::engine()?
        .look_at_link(&link)
        .await
        .map_err(crate::ssr::refuse)?;
    Ok(match found {
        engine::accounts::LinkFor::Person {
            name,
            role,
            sets_password,
        } => LinkFor::Person {
            name,
            role,
            sets_password,
        },
        engine::accounts::LinkFor::FirstAdmin => LinkFor::FirstAdmin,
    })
}

/// Signs in by a link, with the password that the person chooses. Links of the demo take none.
#[server(prefix = "/api/desk", endpoint = "use_link")]
pub async fn use_link(link: String, #[server(default)] password: String) -> Result<(), ApiError> {
    let engine = crate::ssr::engine()?;
    let found = engine.look_at_link(&link).await.map_err(crate::ssr::refuse)?;
    let chooses = matches!(
        found,
        engine::accounts::LinkFor::Person {
            sets_password: true,
            ..
        }
    );
    let session = if chooses {
        engine.use_link_with(&link, password).await
    } else {
        engine.use_link(&link).await
    };
    let session = session.map_err(crate::ssr::refuse)?;
    // whoever looks at the demo goes on in the language of their browser
    crate::ssr::signed_in(&session, chooses).await?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Makes the first office and its admin, and signs them in.
#[server(prefix = "/api/desk", endpoint = "first_admin")]
pub async fn first_admin(
    link: String,
    office: String,
    name: String,
    email: String,
    password: String,
    language: String,
) -> Result<(), ApiError> {
    let language = Language::from_tag(&language).unwrap_or_default();
    let admin = engine::accounts::FirstAdmin {
        office,
        name,
        email,
        password,
        language,
    };
    let session = crate::ssr::engine()?
        .make_first_admin(&link, admin)
        .await
        .map_err(crate::ssr::refuse)?;
    crate::ssr::signed_in(&session, true).await?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Signs out.
#[server(prefix = "/api/desk", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), ApiError> {
    if let Some(session) = crate::ssr::session() {
        crate::ssr::engine()?
            .sign_out(&session)
            .await
            .map_err(crate::ssr::refuse)?;
    }
    crate::ssr::signed_out()?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Keeps the language a person reads.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "set_language")]
pub async fn set_language(language: Language) -> Result<(), ApiError> {
    let viewer = crate::ssr::viewer().await?;
    crate::ssr::engine()?
        .set_language(viewer.person, language)
        .await
        .map_err(crate::ssr::refuse)
}
