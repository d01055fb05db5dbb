//! For the pages: an office's mail, what a person wants to be told, new passwords, ended subscriptions (S5).

use super::{ApiError, Json};
use domain::mail::{Choice, MailPage, MailSettings};
use leptos::prelude::*;

/// How an office's mail goes out, and its outbox.
#[server(name = MailCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "mail")]
pub async fn mail(office: String) -> Result<MailPage, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?.mail_page(&viewer, &office).await?)
}

/// Sets how an office's mail goes out.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "save_mail")]
pub async fn save_mail(office: String, settings: MailSettings) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?
        .save_mail(&viewer, office.id, settings)
        .await?)
}

/// A test to the reader.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "test_mail")]
pub async fn test_mail(office: String) -> Result<i64, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?.test_mail(&viewer, office.id).await?)
}

/// Another try for a mail that was not sent.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "retry_mail")]
pub async fn retry_mail(office: String, id: i64) -> Result<(), ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?.retry_mail(&viewer, office.id, id).await?)
}

/// Another try for every mail that was given up; says how many.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "retry_all_mail")]
pub async fn retry_all_mail(office: String) -> Result<usize, ApiError> {
    let (viewer, office) = crate::ssr::viewer_running(&office).await?;
    Ok(crate::ssr::engine()?.retry_all_mail(&viewer, office.id).await?)
}

/// What the reader wants to be told.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "mail_choices")]
pub async fn mail_choices() -> Result<Vec<(Choice, bool)>, ApiError> {
    let viewer = crate::ssr::viewer().await?;
    Ok(crate::ssr::engine()?.mail_choices(&viewer).await?)
}

/// Sets what the reader wants to be told.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "choose_mail")]
pub async fn choose_mail(choice: Choice, wanted: bool) -> Result<(), ApiError> {
    let viewer = crate::ssr::viewer().await?;
    Ok(crate::ssr::engine()?.choose_mail(&viewer, choice, wanted).await?)
}

/// A link to choose a new password, to whoever has this address. A plain form: it works before the page is live.
#[server(prefix = "/api/desk", endpoint = "ask_reset")]
pub async fn ask_reset(email: String, #[server(default)] to: String) -> Result<(), ApiError> {
    crate::ssr::engine()?
        .ask_reset_to(&email, &to, &crate::ssr::visitor()?)
        .await?;
    leptos_axum::redirect("/forgot?sent");
    Ok(())
}

/// Ends a subscription by the link of a mail. A plain form, too.
#[server(prefix = "/api/desk", endpoint = "public/unsubscribe")]
pub async fn unsubscribe(link: String) -> Result<(), ApiError> {
    crate::ssr::engine()?.unsubscribe(&link).await?;
    leptos_axum::redirect(&format!(
        "/forms/unsubscribe/{}?done",
        domain::text::for_url(&link)
    ));
    Ok(())
}
