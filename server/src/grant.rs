//! `nachtwacht grant`: tokens for a desk whose console cannot make them yet, and the way in for Support.

use crate::{
    config::{Grant, Whom},
    serve::sentence,
};
use domain::{Caller, OfficeId, Refusal};
use engine::{Engine, Error, Hearts, Options, Quotas, SystemClock, people::accounts::Effort};
use std::{path::PathBuf, sync::Arc};

/// Prints a new token for a connector or an integration, which is made when there is none of that name; or a link that
/// lets a person of Support in.
///
/// # Errors
/// A sentence for the person at the console.
pub async fn grant(options: Grant) -> Result<(), String> {
    let engine = open(options.data).await?;
    let printed = match options.whom {
        Whom::Support { name, email, url } => {
            if engine.is_empty().await.map_err(|e| sentence(&e))? {
                return Err("Nobody is here yet: the first admin opens the link that serve prints.".into());
            }
            let link = engine.support_link(&name, &email).await;
            format!("{url}/sign-in/{}", link.map_err(|e| spelt_out(&e))?)
        }
        Whom::Connector { office, name } => {
            let office = number(&engine, &office).await?;
            connector(&engine, office, &name)
                .await
                .map_err(|e| sentence(&e))?
        }
        Whom::Integration { office, name } => {
            let office = number(&engine, &office).await?;
            integration(&engine, office, &name)
                .await
                .map_err(|e| sentence(&e))?
        }
    };
    println!("{printed}");
    Ok(())
}

/// Opens the desk of a folder, which no server may have open.
///
/// # Errors
/// A sentence for the person at the console.
pub async fn open(data: PathBuf) -> Result<Arc<Engine>, String> {
    if !data.join(engine::FILE).exists() {
        return Err(format!(
            "{} holds no desk. Serve it once and set it up first.",
            data.display()
        ));
    }
    let open = Options {
        dir: data,
        clock: Arc::new(SystemClock::default()),
        effort: Effort::default(),
        low_disk: None,
        bases: vec![],
        mail_inner: false,
        hearts: Hearts::default(),
        quotas: Quotas::default(),
    };
    Engine::open(open).await.map_err(|e| sentence(&e))
}

/// Each broken rule with what it is a rule of.
fn spelt_out(e: &Error) -> String {
    match e {
        Error::Refused(Refusal::Invalid(errors)) => {
            let said: Vec<String> = errors
                .iter()
                .map(|e| format!("The {} {}.", e.field, e.message))
                .collect();
            said.join(" ")
        }
        other => sentence(other),
    }
}

async fn number(engine: &Engine, code: &str) -> Result<OfficeId, String> {
    let found = engine.office_number(code).await.map_err(|e| sentence(&e))?;
    found.ok_or_else(|| format!("There is no office {code:?} on this desk."))
}

async fn connector(engine: &Engine, office: OfficeId, name: &str) -> Result<String, Error> {
    let known = engine.connectors(office).await?;
    let id = match known.into_iter().find(|(n, _)| n == name) {
        Some((_, id)) => id,
        None => engine.add_connector(office, name).await?,
    };
    engine.new_token(Caller::Connector { id, office }).await
}

async fn integration(engine: &Engine, office: OfficeId, name: &str) -> Result<String, Error> {
    let id = match engine.integration_number(office, name).await? {
        Some(id) => id,
        None => engine.add_integration(office, name).await?,
    };
    engine.new_token(Caller::Integration { id, office }).await
}
