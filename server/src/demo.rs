//! The demo (S10): an office with simulated connectors at work and failures of the five packages in every state,
//! and an office `sandbox` for people who write their own connector.

mod history;
mod jobs;

use crate::connector::{Connector, Home, Line, Simulate, write_secret};
use domain::{Caller, Language, OfficeId, Role, Viewer, view::clients::DayBar, wire::NewTask};
use engine::{
    Engine, Error, Result,
    accounts::default_office,
    store::{office::OfficeRow, person::NewPerson},
};
use serde_json::{Value, json};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinHandle, time::sleep};

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
/// Code, name, e-mail address, role.
const PEOPLE: [(&str, &str, Role); 4] = [
    ("Sara Support", "support@nachtwacht.example", Role::Support),
    ("Lotte Maes", "lotte@halden-vos.example", Role::Admin),
    ("Omar Diallo", "omar@halden-vos.example", Role::Operator),
    ("Emma Claes", "emma@halden-vos.example", Role::Employee),
];
/// The people of the office with the program server: code of their sign-in link beside their role's.
const JOB_PEOPLE: [(&str, &str, Role); 3] = [
    ("Kari Moen", "kari@halden-vos.example", Role::Admin),
    ("Ingrid Bakke", "ingrid@halden-vos.example", Role::Operator),
    ("Ola Lie", "ola@halden-vos.example", Role::Employee),
];
/// The dossiers that the employee manages.
const MANAGED: [&str; 5] = ["BAKSM", "HENDR", "PEETE", "VANDI", "FLORE"];
/// The dossiers that the admin and the operator manage.
const MANAGED_BY_OTHERS: [(&str, &[&str]); 2] = [
    (
        "lotte@halden-vos.example",
        &["WOUTE", "NYSCH", "BROUO", "BAKSM", "KAPEL", "TIELT"],
    ),
    (
        "omar@halden-vos.example",
        &["MERTE", "DUBOI", "LAMBR", "JANSS", "OOSTV"],
    ),
];
const DAY_MS: i64 = 86_400_000;
/// Days of the past that the demo begins with.
const PAST: i64 = 14;
/// The demo's connectors come again after four to eight seconds, so that a visitor sees them at work.
const POLL: (u32, u32) = (4, 8);
/// A new task arrives this often.
const ARRIVAL: Duration = Duration::from_secs(9);

/// Makes the demo if it is not there, starts its connectors and writes `demo.json`.
///
/// # Errors
/// When something cannot be written.
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
    println!("Sign in to the demo as");
    for (person, role, name) in &demo.people {
        let link = format!("{base}/sign-in/{}", engine.new_link(*person, true).await?);
        println!("  {name:<14} {:<9} {link}", role.key());
        links.insert(role.key().to_owned(), link.into());
    }
    for (person, role, name) in &demo.job_people {
        let link = format!("{base}/sign-in/{}", engine.new_link(*person, true).await?);
        println!("  {name:<14} {:<9} {link}", role.key());
        links.insert(format!("{}_no", role.key()), link.into());
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
    people: Vec<(i64, Role, String)>,
    connectors: Vec<(String, i64)>,
    /// The office with the program server.
    job_office: OfficeId,
    job_people: Vec<(i64, Role, String)>,
    servers: Vec<(String, i64)>,
    sandbox_connectors: Vec<i64>,
    integration: i64,
}

impl Demo {
    async fn find(engine: &Engine) -> Result<Self> {
        let none = || {
            Error::Storage("This data folder holds a desk that is not the demo. Leave out --demo, or name another folder.".into())
        };
        let (office, sandbox, job_office) = (
            engine.office_number("gent").await?.ok_or_else(none)?,
            engine.office_number("sandbox").await?.ok_or_else(none)?,
            engine.office_number("kristiansand").await?.ok_or_else(none)?,
        );
        let (mut people, mut job_people) = (vec![], vec![]);
        for (name, email, role) in PEOPLE {
            let id = engine.person_number(email).await?.ok_or_else(none)?;
            people.push((id, role, name.to_owned()));
        }
        for (name, email, role) in JOB_PEOPLE {
            let id = engine.person_number(email).await?.ok_or_else(none)?;
            job_people.push((id, role, name.to_owned()));
        }
        let mut connectors = engine.connectors(office).await?;
        connectors.sort();
        let mut sandbox_connectors = engine.connectors(sandbox).await?;
        sandbox_connectors.sort();
        let sandbox_connectors = sandbox_connectors.into_iter().map(|(_, id)| id).collect();
        let integration = engine
            .integration_number(sandbox, "Your own system")
            .await?
            .ok_or_else(none)?;
        Ok(Self {
            office,
            sandbox,
            people,
            connectors,
            job_office,
            job_people,
            servers: engine.connectors(job_office).await?,
            sandbox_connectors,
            integration,
        })
    }
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
    // the last of the people is the employee
    let mut employee = 0;
    for (name, email, role) in PEOPLE {
        let office = (role != Role::Support).then_some(gent);
        let person = NewPerson {
            office,
            email: email.into(),
            name: name.into(),
            role,
            language: Language::En,
            password_hash: None,
        };
        employee = engine.add_person(person).await?;
    }
    for (code, name, package) in DOSSIERS {
        let id = engine.add_dossier(gent, code, name, package).await?;
        if MANAGED.contains(&code) {
            engine.add_manager(id, employee).await?;
        }
        for (email, codes) in MANAGED_BY_OTHERS {
            if let Some(person) = engine
                .person_number(email)
                .await?
                .filter(|_| codes.contains(&code))
            {
                engine.add_manager(id, person).await?;
            }
        }
        engine.add_days(id, past(code, engine.now() / DAY_MS)).await?;
    }
    for name in ["Gent 1", "Gent 2", "Gent 3"] {
        engine.add_connector(gent, name).await?;
    }
    for name in ["Sandbox 1", "Sandbox 2"] {
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
    let mut owner = None;
    for (name, email, role) in JOB_PEOPLE {
        let person = NewPerson {
            office: Some(office),
            email: email.into(),
            name: name.into(),
            role,
            language: Language::En,
            password_hash: None,
        };
        let id = engine.add_person(person).await?;
        if role == Role::Operator {
            owner = Some(Viewer {
                person: id,
                name: name.into(),
                role,
                office: Some(office),
                language: Language::En,
            });
        }
    }
    for (code, name) in jobs::COMPANIES {
        engine.add_dossier(office, code, name, "visma_enterprise").await?;
    }
    for name in jobs::SERVERS {
        engine.add_connector(office, name).await?;
    }
    match owner {
        Some(owner) => jobs::make(engine, &owner, office).await,
        None => Ok(()),
    }
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
