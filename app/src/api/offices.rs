//! For the pages: the offices of the desk and the people of Support, for Support alone; and the first steps of an office.

use super::{ApiError, Json};
use leptos::prelude::*;
use views::{
    offices::{AddOffice, Begun, OfficesPage},
    people::Invitation,
};

/// What of an office's first steps is done; nothing to those who do not take them.
#[server(name = BegunCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "begun")]
pub async fn begun(office: String) -> Result<Option<Begun>, ApiError> {
    let (viewer, office) = crate::ssr::viewer_at(&office).await?;
    if viewer.role != domain::Role::Admin {
        return Ok(None);
    }
    let begun = crate::ssr::engine()?.begun(office.id).await;
    Ok(Some(begun?))
}

/// Every office, and the people of Support. `office` says in which zone instants are told.
#[server(name = OfficesCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "offices")]
pub async fn offices(office: String) -> Result<OfficesPage, ApiError> {
    let (viewer, zone) = crate::ssr::support_at(&office).await?;
    Ok(crate::ssr::engine()?.offices(&viewer, zone).await?)
}

/// Adds an office; gives the path of the link that lets its first admin in. It is shown this once.
#[server(name = AddOfficeCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "add_office")]
pub async fn add_office(new: AddOffice) -> Result<String, ApiError> {
    let viewer = crate::ssr::support().await?;
    let link = crate::ssr::engine()?.new_office(viewer, new).await;
    Ok(format!("/sign-in/{}", link?))
}

/// Adds a person of Support; gives the path of the link that lets them in.
#[server(name = InviteSupportCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "invite_support")]
pub async fn invite_support(person: Invitation) -> Result<String, ApiError> {
    let viewer = crate::ssr::support().await?;
    let link = crate::ssr::engine()?.invite_support(viewer, person).await;
    Ok(format!("/sign-in/{}", link?))
}

/// A new link for a person of Support who lost theirs; gives its path.
#[server(name = RenewSupportLinkCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "renew_support_link")]
pub async fn renew_support_link(person: i64) -> Result<String, ApiError> {
    let viewer = crate::ssr::support().await?;
    let link = crate::ssr::engine()?.renew_support_link(viewer, person).await;
    Ok(format!("/sign-in/{}", link?))
}

/// Ends the access of a person of Support, or gives it back.
#[server(name = SupportAccessCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "support_access")]
pub async fn support_access(person: i64, open: bool) -> Result<(), ApiError> {
    let viewer = crate::ssr::support().await?;
    Ok(crate::ssr::engine()?
        .set_support_access(viewer, person, open)
        .await?)
}
