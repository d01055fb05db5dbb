//! For the pages: the second factor (S9). Plain forms, as signing in: they work before the page is live. The first three
//! answer also while the second factor is still to come; nothing else does.

use super::{ApiError, Json};
use leptos::prelude::*;
use views::factor::FactorPage;

/// How whoever looks stands with their second factor; nothing for nobody.
#[server(name = FactorCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "factor")]
pub async fn factor() -> Result<Option<FactorPage>, ApiError> {
    let session = crate::ssr::session().unwrap_or_default();
    let found = crate::ssr::engine()?.factor(&session).await;
    Ok(found?)
}

/// Gives the second factor: a code of the app, or a recovery code.
#[server(prefix = "/api/desk", endpoint = "second_factor")]
pub async fn second_factor(code: String, #[server(default)] to: String) -> Result<(), ApiError> {
    let old = crate::ssr::session().unwrap_or_default();
    let new = crate::ssr::engine()?.second_factor(&old, &code).await;
    crate::ssr::put_session(&new?)?;
    leptos_axum::redirect(&domain::text::on_to("/", &to));
    Ok(())
}

/// Sets a second factor up, with the first code of the app.
#[server(prefix = "/api/desk", endpoint = "set_up_factor")]
pub async fn set_up_factor(code: String, #[server(default)] to: String) -> Result<(), ApiError> {
    let old = crate::ssr::session().unwrap_or_default();
    let new = crate::ssr::engine()?.set_up_factor(&old, &code).await;
    crate::ssr::put_session(&new?)?;
    leptos_axum::redirect(&domain::text::on_to("/recovery-codes", &to));
    Ok(())
}

/// The recovery codes that whoever looks has not put away yet.
#[server(name = RecoveryCodesCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "recovery_codes")]
pub async fn recovery_codes() -> Result<Option<Vec<String>>, ApiError> {
    crate::ssr::viewer().await?;
    let session = crate::ssr::session().unwrap_or_default();
    let codes = crate::ssr::engine()?.recovery_codes(&session).await;
    Ok(codes?)
}

/// They are kept: they are not shown again.
#[server(prefix = "/api/desk", endpoint = "put_codes_away")]
pub async fn put_codes_away(#[server(default)] to: String) -> Result<(), ApiError> {
    crate::ssr::viewer().await?;
    let session = crate::ssr::session().unwrap_or_default();
    let done = crate::ssr::engine()?.put_codes_away(&session).await;
    done?;
    leptos_axum::redirect(&domain::text::on_to("/", &to));
    Ok(())
}

/// New recovery codes; earlier ones are good no more.
#[server(prefix = "/api/desk", endpoint = "renew_codes")]
pub async fn renew_codes(code: String) -> Result<(), ApiError> {
    crate::ssr::viewer().await?;
    let session = crate::ssr::session().unwrap_or_default();
    let done = crate::ssr::engine()?.renew_codes(&session, &code).await;
    done?;
    leptos_axum::redirect("/recovery-codes");
    Ok(())
}

/// Takes one's own second factor off, with password and code.
#[server(prefix = "/api/desk", endpoint = "leave_factor")]
pub async fn leave_factor(#[server(default)] password: String, code: String) -> Result<(), ApiError> {
    crate::ssr::viewer().await?;
    let old = crate::ssr::session().unwrap_or_default();
    let new = crate::ssr::engine()?.leave_factor(&old, password, &code).await;
    crate::ssr::put_session(&new?)?;
    leptos_axum::redirect(crate::ssr::SECOND_FACTOR);
    Ok(())
}

/// Takes a colleague's second factor off: their sessions end, and they are told.
#[server(name = TakeFactorOffCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "take_factor_off")]
pub async fn take_factor_off(office: String, person: i64) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .take_factor_off(viewer, Some(office.id), person)
        .await?)
}
