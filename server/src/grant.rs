//! `nachtwacht grant`: tokens for a desk whose console cannot make them yet.

use crate::{config::Grant, serve::sentence};
use domain::Caller;
use engine::{Engine, Error, Options, SystemClock, accounts::Effort};
use std::sync::Arc;

/// Prints a new token for a connector or an integration, which is made when there is none of that name.
///
/// # Errors
/// A sentence for the person at the console.
pub async fn grant(options: Grant) -> Result<(), String> {
    if !options.data.join(engine::store::FILE).exists() {
        return Err(format!(
            "{} holds no desk. Serve it once and set it up first.",
            options.data.display()
        ));
    }
    let open = Options {
        dir: options.data,
        clock: Arc::new(SystemClock::default()),
        effort: Effort::default(),
        low_disk: None,
    };
    let engine = Engine::open(open).await.map_err(|e| sentence(&e))?;
    let unknown = || format!("There is no office {:?} on this desk.", options.office);
    let office = engine
        .office_number(&options.office)
        .await
        .map_err(|e| sentence(&e))?
        .ok_or_else(unknown)?;
    let token = token(&engine, office, &options.name, options.is_connector)
        .await
        .map_err(|e| sentence(&e))?;
    println!("{token}");
    Ok(())
}

async fn token(engine: &Engine, office: i64, name: &str, is_connector: bool) -> Result<String, Error> {
    let caller = if is_connector {
        let known = engine
            .connectors(office)
            .await?
            .into_iter()
            .find(|(n, _)| n == name);
        let id = match known {
            Some((_, id)) => id,
            None => engine.add_connector(office, name).await?,
        };
        Caller::Connector { id, office }
    } else {
        let id = match engine.integration_number(office, name).await? {
            Some(id) => id,
            None => engine.add_integration(office, name).await?,
        };
        Caller::Integration { id, office }
    };
    engine.new_token(caller).await
}
