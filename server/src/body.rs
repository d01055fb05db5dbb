//! Bodies of requests, up to a limit.

use axum::body::{Body, Bytes};
use domain::Refusal;
use futures::StreamExt;

/// The whole body.
///
/// # Errors
/// [`Refusal::TooLarge`]; [`Refusal::Malformed`] when it breaks off.
pub async fn read(body: Body, most: usize) -> Result<Bytes, Refusal> {
    let mut stream = body.into_data_stream();
    let mut whole = vec![];
    while let Some(bytes) = stream.next().await {
        let bytes = bytes.map_err(|_| Refusal::Malformed("it broke off".into()))?;
        if whole.len() + bytes.len() > most {
            return Err(Refusal::TooLarge);
        }
        whole.extend_from_slice(&bytes);
    }
    Ok(whole.into())
}
