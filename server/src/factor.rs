//! `nachtwacht factor`: the last admin has lost their second factor, and nobody else can take it off.

use crate::{config::Factor, grant, serve::sentence};
use domain::Refusal;
use engine::Error;

/// Takes the second factor of a person off.
///
/// # Errors
/// A sentence for the person at the console.
pub async fn factor(options: Factor) -> Result<(), String> {
    let engine = grant::open(options.data).await?;
    let done = engine.take_factor_off_here(&options.off).await;
    done.map_err(|e| match e {
        Error::Refused(Refusal::NotFound) => {
            format!(
                "Nobody with the address {:?} may sign in to this desk.",
                options.off
            )
        }
        Error::Refused(Refusal::WrongState(_)) => format!("{} has no second factor.", options.off),
        e => sentence(&e),
    })?;
    println!(
        "The second factor of {} is off, and nobody is signed in as them. They sign in with their password, and set up a new one \
         where their role needs it.",
        options.off
    );
    Ok(())
}
