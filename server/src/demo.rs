//! The demo (S10): an office with simulated connectors at work and failures of the five packages in every state,
//! and an office `sandbox` for people who write their own connector.

mod history;
mod jobs;

use crate::{
    connector::{Connector, Home, Line, Simulate, write_secret},
    patience::Patience,
};
use domain::{Caller, Language, OfficeId, Role, Viewer, wire::NewTask};
use engine::{Engine, Error, NewPerson, OfficeRow, Result, people::accounts::default_office};
use serde_json::{Value, json};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinHandle, time::sleep};
use views::clients::DayBar;

/// Code, name, package of the demo's dossiers.
const DOSSIERS: [(&str, &str, &str); 16] = [
    ("BAKSM", "Bakkerij De Smet", "adsolut"),
    ("WOUTE", "Elektro Wouters", "adsolut"),
    ("NYSCH", "Schrijnwerk Nys", "adsolut"),
    ("BROUO", "Brouwerij Oost", "adsolut"),
    ("VANDI", "Vandewalle Interieur", "winbooks"),
    ("MERTE", "Mertens Logistiek", "winbooks"),
    ("HENDR", "Dr. Hendrickx", "wings"),
    ("DUBOI", "Duboisson & Fils", "wings"),
    ("PEETE", "Garage Peeters", "expert_m"),
    ("LAMBR", "Lambrecht Bouw", "expert_m"),
    ("FLORE", "Florence Mode", "exact_online"),
    ("KAPEL", "Apotheek De Kapel", "exact_online"),
    ("JANSS", "Janssens Dakwerken", "exact_online"),
    ("OOSTV", "Oostveld Groenten", "adsolut"),
    ("RAMAE", "Ramaekers Advocaten", "winbooks"),
    ("TIELT", "Tieltse Textiel", "wings"),
];
/// Who signs in to the demo; every office has somebody of each role. Code of the office (nothing for Support), what their
/// link is called in `demo.json`, name, e-mail address, role.
#[rustfmt::skip]
const PEOPLE: [(&str, &str, &str, &str, Role); 13] = [
    ("", "support", "Sara Support", "support@nachtwacht.example", Role::Support),
    ("gent", "admin", "Lotte Maes", "lotte@halden-vos.example", Role::Admin),
    ("gent", "operator", "Omar Diallo", "omar@halden-vos.example", Role::Operator),
    ("gent", "employee", "Emma Claes", "emma@halden-vos.example", Role::Employee),
    ("gent", "client", "Bram De Smet", "bram@bakkerij-desmet.example", Role::Client),
    ("kristiansand", "admin_no", "Kari Moen", "kari@halden-vos.example", Role::Admin),
    ("kristiansand", "operator_no", "Ingrid Bakke", "ingrid@halden-vos.example", Role::Operator),
    ("kristiansand", "employee_no", "Ola Lie", "ola@halden-vos.example", Role::Employee),
    ("kristiansand", "client_no", "Nils Vik", "nils@vik-bygg.example", Role::Client),
    ("sandbox", "admin_sandbox", "Ada Baas", "ada@sandbox.example", Role::Admin),
    ("sandbox", "operator_sandbox", "Olav Post", "olav@sandbox.example", Role::Operator),
    ("sandbox", "employee_sandbox", "Els Boek", "els@sandbox.example", Role::Employee),
    ("sandbox", "client_sandbox", "Carl Klant", "carl@klant.example", Role::Client),
];
/// Who manages what, and which dossiers a client sees.
const MANAGED: [(&str, &[&str]); 4] = [
    (
        "emma@halden-vos.example",
        &["BAKSM", "HENDR", "PEETE", "VANDI", "FLORE"],
    ),
    ("bram@bakkerij-desmet.example", &["BAKSM"]),
    (
        "lotte@halden-vos.example",
        &["WOUTE", "NYSCH", "BROUO", "BAKSM", "KAPEL", "TIELT"],
    ),
    (
        "omar@halden-vos.example",
        &["MERTE", "DUBOI", "LAMBR", "JANSS", "OOSTV"],
    ),
];
/// The connectors that the demo plays itself. Those that a visitor adds are the visitor's.
const CONNECTORS: [&str; 3] = ["Gent 1", "Gent 2", "Gent 3"];
const SANDBOX_CONNECTORS: [&str; 2] = ["Sandbox 1", "Sandbox 2"];
const DAY_MS: i64 = 86_400_000;
/// Days of the past that the demo begins with.
const PAST: i64 = 14;
/// The demo's connectors come again after four to eight seconds, so that a visitor sees them at work.
const POLL: (u32, u32) = (4, 8);
/// A new task arrives this often.
const ARRIVAL: Duration = Duration::from_secs(9);

/// Makes the demo if it is not there, starts its connectors and writes `demo.json`.
pub async fn start(
    engine: &Arc<Engine>,
    data: &Path,
    base: &str,
    stopped: &watch::Receiver<bool>,
) -> Result<Vec<JoinHandle<()>>> {
    if engine.is_empty().await? {
        make(engine).await?;
    }
    let demo = Demo::find(engine).await?;
    let mut links = serde_json::Map::new();
    println!("Sign in to the demo as (these links need no second factor)");
    for (office, key, name, email, role) in PEOPLE {
        let person = engine.person_number(email).await?.ok_or_else(not_the_demo)?;
        let link = format!("{base}/sign-in/{}", engine.new_link(person, true).await?);
        println!("  {name:<14} {:<9} {office:<13} {link}", role.key());
        links.insert(key.to_owned(), link.into());
    }
    let mut tokens = vec![];
    for id in &demo.sandbox_connectors {
        tokens.push(
            engine
                .new_token(Caller::Connector {
                    id: *id,
                    office: demo.sandbox,
                })
                .await?,
        );
    }
    let integration = engine
        .new_token(Caller::Integration {
            id: demo.integration,
            office: demo.sandbox,
        })
        .await?;
    let file = json!({"base_url": base, "sign_in": links, "sandbox": {"connector_tokens": tokens, "integration_token": integration}});
    let text = serde_json::to_string_pretty(&file)?;
    write_secret(&data.join("demo.json"), &text)
        .map_err(|e| Error::Storage(format!("demo.json cannot be written: {e}.")))?;
    println!(
        "The same links, and tokens of the office sandbox, are in {}.",
        data.join("demo.json").display()
    );

    let mut homes = vec![];
    for (name, id) in &demo.connectors {
        let home = Home {
            line: Line::Inside {
                engine: engine.clone(),
                office: demo.office,
                connector: *id,
            },
            adapter: Arc::new(Simulate {
                seed: *id as u64,
                failing: vec![],
            }),
            packages: packages_of(name),
            max_parallel: 3,
            long_poll: false,
            outbox: data.join("outbox").join(id.to_string()),
            patience: Patience::default(),
        };
        let connector = Connector::new(home).map_err(Error::Storage)?;
        homes.push(tokio::spawn(connector.run(stopped.clone())));
    }
    let failing = ["post_vouchers", "transfer_invoices"].map(|kind| {
        let code = "posting_not_through";
        (kind.to_owned(), jobs::POSTING.to_owned(), code.to_owned())
    });
    // the last of the program servers is gone
    let servers = demo.servers.iter().filter(|(name, _)| *name != jobs::SERVERS[2]);
    for (_, id) in servers {
        let home = Home {
            line: Line::Inside {
                engine: engine.clone(),
                office: demo.job_office,
                connector: *id,
            },
            adapter: Arc::new(Simulate {
                seed: *id as u64,
                failing: failing.to_vec(),
            }),
            packages: vec!["visma_enterprise".into(), "business_central".into()],
            max_parallel: 6,
            long_poll: false,
            outbox: data.join("outbox").join(id.to_string()),
            patience: Patience::default(),
        };
        let connector = Connector::new(home).map_err(Error::Storage)?;
        homes.push(tokio::spawn(connector.run(stopped.clone())));
    }
    homes.push(tokio::spawn(arrivals(
        engine.clone(),
        demo.office,
        stopped.clone(),
    )));
    Ok(homes)
}

fn packages_of(connector: &str) -> Vec<String> {
    let packages: &[&str] = match connector {
        "Gent 1" => &["adsolut", "winbooks"],
        "Gent 2" => &["adsolut", "wings", "expert_m"],
        _ => &["exact_online", "winbooks"],
    };
    packages.iter().map(|p| (*p).to_owned()).collect()
}

/// What the demo consists of, by number.
struct Demo {
    office: OfficeId,
    sandbox: OfficeId,
    connectors: Vec<(String, i64)>,
    /// The office with the program server.
    job_office: OfficeId,
    servers: Vec<(String, i64)>,
    sandbox_connectors: Vec<i64>,
    integration: i64,
}

impl Demo {
    async fn find(engine: &Engine) -> Result<Self> {
        let (office, sandbox, job_office) = (
            engine.office_number("gent").await?.ok_or_else(not_the_demo)?,
            engine.office_number("sandbox").await?.ok_or_else(not_the_demo)?,
            engine
                .office_number("kristiansand")
                .await?
                .ok_or_else(not_the_demo)?,
        );
        let connectors = own(engine, office, &CONNECTORS).await?;
        let sandbox_connectors = own(engine, sandbox, &SANDBOX_CONNECTORS).await?;
        let sandbox_connectors = sandbox_connectors.into_iter().map(|(_, id)| id).collect();
        let integration = engine
            .integration_number(sandbox, "Your own system")
            .await?
            .ok_or_else(not_the_demo)?;
        Ok(Self {
            office,
            sandbox,
            connectors,
            job_office,
            servers: own(engine, job_office, &jobs::SERVERS).await?,
            sandbox_connectors,
            integration,
        })
    }
}

fn not_the_demo() -> Error {
    Error::Storage(
        "This data folder holds a desk that is not the demo. Leave out --demo, or name another folder."
            .into(),
    )
}

/// Makes the people of an office, `""` for Support.
async fn add_people(engine: &Engine, code: &str, office: Option<OfficeId>) -> Result<()> {
    for (_, _, name, email, role) in PEOPLE.into_iter().filter(|p| p.0 == code) {
        let new = NewPerson {
            office,
            email: email.into(),
            name: name.into(),
            role,
            language: Language::En,
            password_hash: None,
        };
        engine.add_person(new).await?;
    }
    Ok(())
}

/// The connectors of an office that the demo made itself, by name.
async fn own(engine: &Engine, office: OfficeId, names: &[&str]) -> Result<Vec<(String, i64)>> {
    let mut all = engine.connectors(office).await?;
    all.retain(|(name, _)| names.contains(&name.as_str()));
    all.sort();
    Ok(all)
}

async fn make(engine: &Engine) -> Result<()> {
    let (poll_from, poll_to) = POLL;
    let office = OfficeRow {
        code: "gent".into(),
        name: "Halden & Vos, Gent".into(),
        support_contact: "support@nachtwacht.example".into(),
        poll_from,
        poll_to,
        ..default_office()
    };
    let gent = engine.add_office(office).await?;
    let sandbox = engine
        .add_office(OfficeRow {
            code: "sandbox".into(),
            name: "Sandbox".into(),
            ..default_office()
        })
        .await?;
    for (code, office) in [("", None), ("gent", Some(gent)), ("sandbox", Some(sandbox))] {
        add_people(engine, code, office).await?;
    }
    for (code, name, package) in DOSSIERS {
        let id = engine.add_dossier(gent, code, name, package).await?;
        for (email, _) in MANAGED.iter().filter(|(_, codes)| codes.contains(&code)) {
            if let Some(person) = engine.person_number(email).await? {
                engine.add_manager(id, person).await?;
            }
        }
        engine.add_days(id, past(code, engine.now() / DAY_MS)).await?;
    }
    for name in CONNECTORS {
        engine.add_connector(gent, name).await?;
    }
    for name in SANDBOX_CONNECTORS {
        engine.add_connector(sandbox, name).await?;
    }
    engine.add_integration(sandbox, "Your own system").await?;
    let dossiers = DOSSIERS.iter().map(|(code, _, package)| (*code, *package));
    engine
        .add_history(gent, history::of(dossiers, engine.now()))
        .await?;
    engine.deliver(gent, first_tasks()).await?;
    make_job_office(engine).await
}

/// The office with the program server.
async fn make_job_office(engine: &Engine) -> Result<()> {
    let (poll_from, poll_to) = POLL;
    let office = engine
        .add_office(OfficeRow {
            code: "kristiansand".into(),
            name: "Halden & Vos, Kristiansand".into(),
            zone: "Europe/Oslo".into(),
            language: "nb".into(),
            support_contact: "support@nachtwacht.example".into(),
            poll_from,
            poll_to,
            ..default_office()
        })
        .await?;
    add_people(engine, "kristiansand", Some(office)).await?;
    for (code, name) in jobs::COMPANIES {
        engine.add_dossier(office, code, name, "visma_enterprise").await?;
    }
    for name in jobs::SERVERS {
        engine.add_connector(office, name).await?;
    }
    let operator = PEOPLE.into_iter().find(|p| p.1 == "operator_no");
    let (_, _, name, email, role) = operator.ok_or_else(not_the_demo)?;
    let viewer = Viewer {
        person: engine.person_number(email).await?.ok_or_else(not_the_demo)?,
        name: name.into(),
        role,
        office: Some(office),
        language: Language::En,
    };
    jobs::make(engine, &viewer, office).await
}

/// What the days before today did for a dossier: work on weekdays, the same on every start.
fn past(code: &str, today: i64) -> Vec<DayBar> {
    let seed = code
        .bytes()
        .fold(7u32, |n, b| n.wrapping_mul(31).wrapping_add(u32::from(b)));
    let day = |ago: i64| {
        // 1 January 1970 was a Thursday
        let weekend = (today - ago + 3).rem_euclid(7) > 4;
        let done = if weekend || ago == 0 {
            0
        } else {
            2 + (seed >> (ago % 13)) % 9
        };
        DayBar { done, stopped: 0 }
    };
    (0..PAST).rev().map(day).collect()
}

fn task(kind: &str, dossier: &str, subject: &str, payload: Value) -> NewTask {
    let subject = (!subject.is_empty()).then(|| subject.to_owned());
    NewTask {
        kind: kind.into(),
        dossier: dossier.into(),
        payload: Some(payload),
        subject,
        after: None,
        idempotency_key: None,
    }
}

fn fail(code: &str, params: Value) -> Value {
    json!({"simulate": {"seconds": 0.5, "fail": {"code": code, "params": params}}})
}

/// A morning's worth: the six instructions of the five packages, causes for Support, a held dossier, plain work.
fn first_tasks() -> Vec<NewTask> {
    let (book, delete, sync, activate) = (
        "process_booking_proposal",
        "delete_booking_proposal",
        "synchronise_dossier",
        "activate_dossier",
    );
    let february = || fail("period_not_open", json!({"period": "201802"}));
    let old = || fail("database_version_outdated", json!({}));
    let new = |name: &str, package: &str, failure: Value| {
        let mut payload = failure;
        payload["name"] = name.into();
        payload["package"] = package.into();
        payload
    };
    let broken = || json!({"simulate": {"seconds": 0.5, "always": true, "fail": {"code": "database_error", "detail": "SQLSTATE HY000: table DOC is locked by user BATCH"}}});
    let rights = fail(
        "dossier_access_missing",
        json!({"connector_user": "connector@halden-vos.example"}),
    );
    let wrong_code = fail("dossier_code_wrong", json!({"suggested_code": "CLAE1"}));
    vec![
        task(book, "BAKSM", "2018-0231.pdf", february()),
        task(book, "BAKSM", "2018-0232.pdf", february()),
        task(book, "WOUTE", "FA-88121.pdf", february()),
        task(delete, "NYSCH", "2018-0102.pdf", february()),
        task(
            book,
            "VANDI",
            "INV-3307.pdf",
            fail("vat_period_not_open", json!({"periods": ["201709", "201712"]})),
        ),
        task(book, "HENDR", "ACH-5521.pdf", old()),
        task(book, "HENDR", "ACH-5522.pdf", old()),
        task(sync, "HENDR", "", old()),
        task(
            delete,
            "PEETE",
            "2026-0412.pdf",
            fail("payment_linked", json!({"document_no": "2026-0412"})),
        ),
        task(
            sync,
            "LAMBR",
            "",
            fail("database_missing", json!({"backup_present": true})),
        ),
        task(
            activate,
            "CLAES",
            "",
            new("Notariaat Claes", "exact_online", wrong_code),
        ),
        task(book, "CLAES", "CL-1.pdf", json!({})),
        task(activate, "XYZ", "", new("XYZ Consult", "exact_online", rights)),
        task(sync, "XYZ", "", json!({})),
        task(sync, "BROUO", "", broken()),
        task(book, "BROUO", "2026-1180.pdf", broken()),
        task(
            book,
            "MERTE",
            "M-771.pdf",
            json!({"simulate": {"seconds": 0.5, "always": true, "fail": {"code": "cost_centre_unknown", "detail": "Kostenplaats 4410 bestaat niet."}}}),
        ),
        task(
            book,
            "DUBOI",
            "D-90.pdf",
            json!({"simulate": {"seconds": 0.5, "fail": {"code": "package_unreachable", "detail": "connect: timed out"}}}),
        ),
        task(book, "KAPEL", "K-12.pdf", json!({"simulate": {"seconds": 600}})),
        task(book, "KAPEL", "K-13.pdf", json!({})),
    ]
}

/// Plain work keeps arriving, so that the screens are alive.
async fn arrivals(engine: Arc<Engine>, office: OfficeId, mut stopped: watch::Receiver<bool>) {
    let plain = ["FLORE", "JANSS", "OOSTV", "RAMAE", "TIELT"];
    let mut n = 0usize;
    loop {
        tokio::select! { () = sleep(ARRIVAL) => {} , _ = stopped.changed() => return }
        let dossier = plain[n % plain.len()];
        let new = match n % 3 {
            0 => task("synchronise_dossier", dossier, "", json!({})),
            _ => task(
                "process_booking_proposal",
                dossier,
                &format!("{dossier}-{n:04}.pdf"),
                json!({}),
            ),
        };
        if let Err(e) = engine.deliver(office, vec![new]).await {
            tracing::warn!(error = %e, "the demo's next task could not be delivered");
        }
        n += 1;
    }
}
