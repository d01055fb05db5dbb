//! Hands what is in the outbox to the offices' mail servers (S5). The engine says what is due and keeps what became of it;
//! here it is put into words and sent.

use app::ssr::letters::{self, About, Written};
use domain::{
    mail::{MailSettings, Security},
    text::is_control,
};
use engine::{
    Engine,
    mail::{Due, Tried},
};
use futures::future::join_all;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// The outbox is looked at this often.
const STEP: Duration = Duration::from_secs(1);
/// What people are to be told is looked for every so many rounds.
const GATHER: u32 = 5;
/// A mail server that says nothing for so long is tried again later.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends as long as the engine lives. `ca` is the certificate of an authority of the office's own.
pub fn start(engine: &Arc<Engine>, ca: Option<Certificate>) {
    let engine = Arc::downgrade(engine);
    tokio::spawn(async move {
        let mut beat = interval(STEP);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for round in 0_u32.. {
            beat.tick().await;
            let Some(engine) = engine.upgrade() else { return };
            if round % GATHER == 0
                && let Err(e) = engine.gather_mail().await
            {
                tracing::error!(error = %e, "what people are to be told could not be gathered");
            }
            if let Err(e) = send_due(&engine, ca.as_ref()).await {
                tracing::error!(error = %e, "the outbox could not be worked through");
            }
        }
    });
}

/// Sends what is due. Offices beside each other: one whose server hangs keeps no other waiting.
async fn send_due(engine: &Engine, ca: Option<&Certificate>) -> engine::Result<()> {
    let mut by_office: BTreeMap<i64, Vec<Due>> = BTreeMap::new();
    for due in engine.due_mail().await? {
        by_office.entry(due.office).or_default().push(due);
    }
    let offices = by_office.into_values().map(async |mails| {
        for mail in mails {
            let tried = send(&mail, ca).await;
            if tried != Tried::Sent {
                tracing::warn!(mail = mail.id, ?tried, "a mail was not sent");
            }
            let hangs = tried == Tried::Later(HANGS.into());
            engine
                .tried_mail(mail.id, mail.letter.is_secret(), tried, mail.tries)
                .await?;
            if hangs {
                // the others of this office wait for their own turn instead of as long again
                break;
            }
        }
        Ok::<(), engine::Error>(())
    });
    join_all(offices).await.into_iter().collect()
}

const HANGS: &str = "The mail server does not answer.";

async fn send(mail: &Due, ca: Option<&Certificate>) -> Tried {
    let message = match message(mail) {
        Ok(message) => message,
        Err(e) => return Tried::Never(e),
    };
    let transport = match transport(&mail.settings, ca) {
        Ok(transport) => transport,
        Err(e) => return Tried::Never(e),
    };
    match timeout(PATIENCE, transport.send(message)).await {
        Ok(Ok(_)) => Tried::Sent,
        Ok(Err(e)) if e.is_permanent() => Tried::Never(e.to_string()),
        Ok(Err(e)) if e.is_timeout() => Tried::Later(HANGS.into()),
        Ok(Err(e)) => Tried::Later(reason(&e)),
        Err(_) => Tried::Later(HANGS.into()),
    }
}

/// An error with what is behind it: "connection error: Connection refused".
fn reason(e: &(dyn std::error::Error + 'static)) -> String {
    let mut said = e.to_string();
    let mut behind = e.source();
    while let Some(cause) = behind {
        let cause_said = cause.to_string();
        if !said.contains(&cause_said) {
            said = format!("{said}: {cause_said}");
        }
        behind = cause.source();
    }
    said
}

fn transport(
    s: &MailSettings,
    ca: Option<&Certificate>,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let tls = || {
        let mut tls = TlsParameters::builder(s.host.clone());
        if let Some(ca) = ca {
            tls = tls.add_root_certificate(ca.clone());
        }
        tls.build().map_err(|e| reason(&e))
    };
    let security = match s.security {
        Security::Tls => Tls::Wrapper(tls()?),
        Security::StartTls => Tls::Required(tls()?),
        Security::None => Tls::None,
    };
    let port = u16::try_from(s.port).map_err(|e| e.to_string())?;
    let mut to = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&s.host)
        .port(port)
        .tls(security)
        .timeout(Some(PATIENCE));
    if !s.username.is_empty() {
        let password = s.password.clone().unwrap_or_default();
        to = to.credentials(Credentials::new(s.username.clone(), password));
    }
    Ok(to.build())
}

fn message(mail: &Due) -> Result<Message, String> {
    let about = About {
        name: &mail.name,
        office: &mail.office_name,
        code: &mail.office_code,
        address: &mail.settings.address,
        unsubscribe: mail.unsubscribe.as_deref(),
    };
    let Written { subject, text, html } = letters::write(&mail.letter, mail.language, about);
    let address = |email: &str| {
        email
            .parse()
            .map_err(|e: lettre::address::AddressError| e.to_string())
    };
    // forms refuse such names; the mail library panics at them
    let plain = |text: &str| text.chars().filter(|c| !is_control(*c)).collect::<String>();
    let name = |name: &str| Some(plain(name)).filter(|n| !n.is_empty());
    let host = mail.settings.sender.rsplit('@').next().unwrap_or("nachtwacht");
    let built = Message::builder()
        .from(Mailbox::new(
            name(&mail.office_name),
            address(&mail.settings.sender)?,
        ))
        .to(Mailbox::new(name(&mail.name), address(&mail.email)?))
        // the same over every try: whoever gets it twice can tell
        .message_id(Some(format!(
            "<nachtwacht-{}-{}@{host}>",
            mail.office_code, mail.id
        )))
        .subject(plain(&subject))
        .multipart(MultiPart::alternative_plain_html(text, html));
    let mut message = built.map_err(|e| e.to_string())?;
    let mut raw = |header: &'static str, value: String| {
        let name = HeaderName::new_from_ascii_str(header);
        message.headers_mut().insert_raw(HeaderValue::new(name, value));
    };
    raw("Auto-Submitted", "auto-generated".into());
    if let Some(path) = &mail.unsubscribe {
        raw("List-Unsubscribe", format!("<{}{path}>", mail.settings.address));
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Language, mail::Letter};

    fn mail(name: &str, office: &str) -> Due {
        Due {
            id: 5,
            tries: 0,
            office: 1,
            office_name: office.into(),
            office_code: "gent".into(),
            name: name.into(),
            email: "emma@halden-vos.example".into(),
            language: Language::Fr,
            letter: Letter::Test,
            settings: MailSettings {
                host: "localhost".into(),
                port: 25,
                sender: "desk@halden-vos.example".into(),
                address: "https://desk.example".into(),
                ..MailSettings::default()
            },
            unsubscribe: Some("/forms/unsubscribe/x".into()),
        }
    }

    #[test]
    fn no_name_makes_a_header() {
        for bad in [
            "Emma\r\nBcc: all@evil.example",
            "Emma\nX: y",
            "\"Emma\" <x@y.example>",
            "Éva 🦉 \u{202e}",
        ] {
            for mail in [mail(bad, "Office"), mail("Emma", bad)] {
                let raw = String::from_utf8(message(&mail).expect("a message").formatted()).expect("text");
                let head = raw.split("\r\n\r\n").next().unwrap_or_default();
                let names = head.split("\r\n").filter(|l| !l.starts_with([' ', '\t']));
                for line in names {
                    let name = line.split(':').next().unwrap_or_default();
                    assert!(
                        [
                            "From",
                            "To",
                            "Message-ID",
                            "Subject",
                            "Date",
                            "MIME-Version",
                            "Content-Type",
                            "Auto-Submitted",
                            "List-Unsubscribe"
                        ]
                        .contains(&name),
                        "{line}"
                    );
                }
                assert_eq!(head.matches("List-Unsubscribe:").count(), 1, "{head}");
            }
        }
    }
}
