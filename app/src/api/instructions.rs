//! For the pages: the instruction catalogue, for Support (M14, M16).

use super::{ApiError, Json};
use domain::instruction::Instruction;
use leptos::prelude::*;
use views::instructions::{Editing, InstructionRow, WrittenNow};

/// Every instruction in its last version.
#[server(name = InstructionsCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "instructions")]
pub async fn instructions(office: String) -> Result<Vec<InstructionRow>, ApiError> {
    let (viewer, zone) = crate::ssr::support_at(&office).await?;
    Ok(crate::ssr::engine()?.instructions(&viewer, zone).await?)
}

/// What the editor of one instruction needs.
#[server(name = EditingCall, input = Json, output = Json, prefix = "/api/desk", endpoint = "editing")]
pub async fn editing(office: String, package: String, code: String) -> Result<Editing, ApiError> {
    let (_, zone) = crate::ssr::support_at(&office).await?;
    Ok(crate::ssr::engine()?.editing(zone, &package, &code).await?)
}

/// Writes a new version. `read` is the version that it was written from, 0 for a new instruction.
#[server(input = Json, output = Json, prefix = "/api/desk", endpoint = "write_instruction")]
pub async fn write_instruction(read: u32, instruction: Instruction) -> Result<WrittenNow, ApiError> {
    let viewer = crate::ssr::support().await?;
    Ok(crate::ssr::engine()?
        .write_instruction(viewer, read, instruction)
        .await?)
}
