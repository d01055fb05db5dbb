//! Passwords: their one rule, and their hashes.

use crate::{
    engine::Engine,
    error::{Error, Result},
};
use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::SaltString};
use domain::FieldError;

/// Fewest characters of a password.
pub const SHORTEST: usize = 10;
/// Most bytes of one: hashing more would only cost time.
const LONGEST: usize = 1000;

/// How much work a password hash is.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes.
    pub passes: u32,
}

impl Default for Effort {
    /// argon2id, 64 MiB, three passes, one lane.
    fn default() -> Self {
        Self {
            memory: 64 * 1024,
            passes: 3,
        }
    }
}

/// Adds a [`FieldError`] for a password that is too short or too long.
pub fn check(errors: &mut Vec<FieldError>, password: &str) {
    let message = if password.chars().count() < SHORTEST {
        format!("must have at least {SHORTEST} characters")
    } else if password.len() > LONGEST {
        format!("must have at most {LONGEST} bytes")
    } else {
        return;
    };
    errors.push(FieldError {
        field: "password".into(),
        message,
    });
}

impl Engine {
    /// A PHC string for a password.
    ///
    /// # Errors
    /// When there is no memory or randomness for it.
    pub async fn hash_password(&self, password: String) -> Result<String> {
        let argon = self.argon();
        let hashed = tokio::task::spawn_blocking(move || {
            let mut salt = [0u8; 16];
            getrandom::fill(&mut salt).map_err(|e| e.to_string())?;
            let salt = SaltString::encode_b64(&salt).map_err(|e| e.to_string())?;
            argon
                .hash_password(password.as_bytes(), &salt)
                .map(|h| h.to_string())
                .map_err(|e| e.to_string())
        });
        hashed
            .await
            .map_err(|e| Error::Storage(e.to_string()))?
            .map_err(Error::Storage)
    }

    /// Takes as long for an unknown person as for a wrong password.
    pub(crate) async fn verify(&self, password: String, stored: Option<String>) -> Result<bool> {
        let argon = self.argon();
        let Some(stored) = stored else {
            self.hash_password(password).await?;
            return Ok(false);
        };
        let checked = tokio::task::spawn_blocking(move || {
            PasswordHash::new(&stored).is_ok_and(|h| argon.verify_password(password.as_bytes(), &h).is_ok())
        });
        checked.await.map_err(|e| Error::Storage(e.to_string()))
    }

    fn argon(&self) -> Argon2<'static> {
        let params = argon2::Params::new(self.effort.memory, self.effort.passes, 1, None).unwrap_or_default();
        Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
    }
}
