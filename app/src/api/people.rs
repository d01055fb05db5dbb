//! For the pages: users and rights, one's own profile and sessions.

use super::{ApiError, Json};
use domain::{Role, typed::Words};
use leptos::prelude::*;
use views::people::{Invitation, ManagedLine, PersonLine, Profile, Taste};

/// The people of an office whose name or e-mail address has `text` in it.
#[server(name = PeopleCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "people")]
pub async fn people(office: String, text: Words) -> Result<Vec<PersonLine>, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .people(&viewer, &office, text.as_str())
        .await?)
}

/// Adds a person; gives the path of the link that lets them in. It is shown this once.
#[server(name = InviteCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "invite")]
pub async fn invite(office: String, person: Invitation) -> Result<String, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    let link = crate::ssr::engine()?.invite(viewer, office.id, person).await;
    Ok(format!("/sign-in/{}", link?))
}

/// A new link for somebody who lost theirs; gives its path, or nothing where it goes to them by mail.
#[server(name = RenewLinkCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "renew_link")]
pub async fn renew_link(office: String, person: i64) -> Result<Option<String>, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    let link = crate::ssr::engine()?.renew_link(viewer, office.id, person).await;
    Ok(link?.map(|l| format!("/sign-in/{l}")))
}

/// Gives a person another role.
#[server(name = SetRoleCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "set_role")]
pub async fn set_role(office: String, person: i64, role: Role) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .set_role(viewer, office.id, person, role)
        .await?)
}

/// Ends a person's access, or gives it back.
#[server(name = SetAccessCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "set_access")]
pub async fn set_access(office: String, person: i64, open: bool) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    let engine = crate::ssr::engine()?;
    let done = if open {
        engine.give_access(viewer, office.id, person).await
    } else {
        engine.end_access(viewer, office.id, person).await
    };
    Ok(done?)
}

/// Dossiers that a person manages or could manage.
#[server(name = DossiersForCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "dossiers_for")]
pub async fn dossiers_for(office: String, person: i64, text: Words) -> Result<Vec<ManagedLine>, ApiError> {
    let (_, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .dossiers_for(office.id, person, text.as_str())
        .await?)
}

/// Gives a person dossiers to manage, and takes others away.
#[server(name = SetManagedCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "set_managed")]
pub async fn set_managed(
    office: String,
    person: i64,
    add: Vec<i64>,
    remove: Vec<i64>,
) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .set_managed(viewer, office.id, person, add, remove)
        .await?)
}

/// One's own page, with instants in the office's zone.
#[server(name = ProfileCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "profile")]
pub async fn profile(office: String) -> Result<Profile, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    let session = crate::ssr::session().unwrap_or_default();
    Ok(crate::ssr::engine()?
        .profile(&viewer, &session, engine::Zone::of(&office.zone))
        .await?)
}

/// Keeps theme and shortcuts.
#[server(name = SetTasteCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "set_taste")]
pub async fn set_taste(taste: Taste) -> Result<(), ApiError> {
    let viewer = crate::ssr::viewer().await?;
    crate::ssr::engine()?.set_taste(viewer.person, taste).await?;
    Ok(crate::ssr::set_taste_cookies(taste)?)
}

/// Changes one's own password; every other session ends.
#[server(name = ChangePasswordCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "change_password")]
pub async fn change_password(old: String, password: String) -> Result<(), ApiError> {
    let viewer = crate::ssr::viewer().await?;
    let session = crate::ssr::session().unwrap_or_default();
    Ok(crate::ssr::engine()?
        .change_password(viewer.person, &session, old, password)
        .await?)
}

/// Ends one of one's own sessions; without an `id` all but this one.
#[server(name = EndSessionCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "end_session")]
pub async fn end_session(id: Option<String>) -> Result<(), ApiError> {
    let viewer = crate::ssr::viewer().await?;
    let session = crate::ssr::session().unwrap_or_default();
    let engine = crate::ssr::engine()?;
    let done = match id {
        Some(id) => engine.end_session(viewer.person, id).await,
        None => engine.end_other_sessions(viewer.person, &session).await,
    };
    Ok(done?)
}
