//! For the pages: signing in and out, the first admin, the reader's language.

use super::{ApiError, Json};
use domain::{Language, Role};
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
pub async fn who() -> Result<views::Desk, ApiError> {
    let engine = crate::ssr::engine()?;
    let mark = use_context().unwrap_or_else(|| engine.live.mark());
    let viewer = crate::ssr::viewer().await?;
    Ok(engine.desk(&viewer, mark).await?)
}

/// Signs in with e-mail address and password, and leads on to where the person wanted to go. A plain form, so that it
/// works before the page is live.
#[server(prefix = "/api/desk", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, #[server(default)] to: String) -> Result<(), ApiError> {
    let visitor = crate::ssr::visitor()?;
    let session = crate::ssr::engine()?.sign_in(&email, &password, &visitor).await?;
    Ok(crate::ssr::signed_in(&session, true, &to).await?)
}

/// Whom a link would sign in. Looking does not use it up.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "look_at_link")]
pub async fn look_at_link(link: String) -> Result<LinkFor, ApiError> {
    let found = crate::ssr::engine()?.look_at_link(&link).await?;
    Ok(match found {
        engine::people::accounts::LinkFor::Person {
            name,
            role,
            sets_password,
        } => LinkFor::Person {
            name,
            role,
            sets_password,
        },
        engine::people::accounts::LinkFor::FirstAdmin => LinkFor::FirstAdmin,
    })
}

/// Signs in by a link, with the password that the person chooses, and leads on. Links of the demo take none.
#[server(prefix = "/api/desk", endpoint = "use_link")]
pub async fn use_link(
    link: String,
    #[server(default)] password: String,
    #[server(default)] to: String,
) -> Result<(), ApiError> {
    let engine = crate::ssr::engine()?;
    let found = engine.look_at_link(&link).await?;
    let chooses = matches!(
        found,
        engine::people::accounts::LinkFor::Person {
            sets_password: true,
            ..
        }
    );
    let session = if chooses {
        engine.use_link_with(&link, password).await
    } else {
        engine.use_link(&link).await
    };
    let session = session?;
    // whoever looks at the demo goes on in the language of their browser
    Ok(crate::ssr::signed_in(&session, chooses, &to).await?)
}

/// What the page of the first start asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct First {
    /// The printed link.
    pub link: String,
    /// The office's name.
    pub office: String,
    /// What stands in its addresses.
    pub code: String,
    /// Its time zone.
    pub zone: String,
    /// The language of what it sends, by tag.
    pub office_language: String,
    /// The admin's name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// What they read, by tag.
    pub language: String,
    /// The name of the first person of Support.
    #[serde(default)]
    pub support_name: String,
    /// Their e-mail address.
    #[serde(default)]
    pub support_email: String,
    /// Not empty: there is nobody of Support yet.
    #[serde(default)]
    pub alone: String,
}

/// Makes the first office, its admin, whom it signs in, and the first person of Support, whose link is shown next.
#[server(prefix = "/api/desk", endpoint = "first_admin")]
pub async fn first_admin(#[server(flatten)] first: First) -> Result<(), ApiError> {
    use engine::people::first_start::{FirstStart, Someone};
    let language = |tag: &str| Language::from_tag(tag).unwrap_or_default();
    let start = FirstStart {
        office: views::offices::NewOffice {
            name: first.office,
            code: first.code,
            zone: first.zone,
            language: language(&first.office_language),
        },
        admin: Someone {
            name: first.name,
            email: first.email,
        },
        password: first.password,
        language: language(&first.language),
        support: first.alone.is_empty().then_some(Someone {
            name: first.support_name,
            email: first.support_email,
        }),
    };
    let started = crate::ssr::engine()?.begin(&first.link, start).await?;
    match started.support_link {
        // the second factor, where it is still to come, is asked on the way from there
        Some(link) => {
            crate::ssr::take_session(&started.session, true).await?;
            leptos_axum::redirect(&format!("/first-admin/support/{link}"));
            Ok(())
        }
        None => Ok(crate::ssr::signed_in(&started.session, true, "").await?),
    }
}

/// Time zones to choose from, for pages without an office.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "public/zones")]
pub async fn zones() -> Result<Vec<String>, ApiError> {
    Ok(engine::people::offices::zones())
}

/// Signs out.
#[server(prefix = "/api/desk", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), ApiError> {
    if let Some(session) = crate::ssr::session() {
        crate::ssr::engine()?.sign_out(&session).await?;
    }
    crate::ssr::signed_out()?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Keeps the language a person reads.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "set_language")]
pub async fn set_language(language: Language) -> Result<(), ApiError> {
    let viewer = crate::ssr::viewer().await?;
    Ok(crate::ssr::engine()?
        .set_language(viewer.person, language)
        .await?)
}
