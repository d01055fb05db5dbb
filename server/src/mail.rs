//! Hands what is in the outbox to the offices' mail servers (S5). The engine says what is due and keeps what became of it;
//! here it is put into words and sent.

use app::ssr::letters::{self, About, Written};
use domain::{
    OfficeId,
    mail::{Fault, MailSettings, Security},
    text::is_control,
};
use engine::{
    Engine,
    mail::{Due, Tried, inner::is_inner},
    seldom::Seldom,
};
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
use std::{
    collections::{BTreeMap, HashSet},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Semaphore,
    time::{MissedTickBehavior, interval, timeout},
};

/// The outbox is looked at this often.
const STEP: Duration = Duration::from_secs(1);
/// What people are to be told is looked for every so many rounds.
const GATHER: u32 = 5;
/// A mail server that says nothing for so long is tried again later.
const PATIENCE: Duration = Duration::from_secs(20);
/// So many offices send at the same moment. Each has one connection: one whose server hangs keeps no other waiting.
const AT_ONCE: usize = 32;

/// How mail goes out, whatever the office.
#[derive(Default)]
pub struct Way {
    /// The certificate of an authority of the desk's own.
    pub ca: Option<Certificate>,
    /// Mail servers may stand in the network inside.
    pub inner: bool,
}

/// The offices whose letters are being sent.
type Busy = Arc<Mutex<HashSet<OfficeId>>>;

/// An office that sends, until this is dropped.
struct Sending(Busy, OfficeId);

impl Sending {
    fn begin(busy: &Busy, office: OfficeId) -> Option<Self> {
        let begun = busy.lock().unwrap_or_else(PoisonError::into_inner).insert(office);
        begun.then(|| Self(busy.clone(), office))
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.1);
    }
}

/// Sends as long as the engine lives.
pub fn start(engine: &Arc<Engine>, way: Way) {
    let weak = Arc::downgrade(engine);
    let (way, busy, lines) = (Arc::new(way), Busy::default(), Arc::new(Semaphore::new(AT_ONCE)));
    engine.hearts.keep("mail", |heart| async move {
        let mut beat = interval(STEP);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for round in 0_u32.. {
            beat.tick().await;
            heart.pulse().await;
            let Some(engine) = weak.upgrade() else { return };
            if round % GATHER == 0
                && let Err(e) = engine.gather_mail().await
            {
                static FAILED: Seldom = Seldom::new();
                FAILED.say(|unsaid| tracing::error!(error = %e, unsaid, "what people are to be told could not be gathered"));
            }
            if let Err(e) = begin_due(&engine, &way, &busy, &lines).await {
                not_worked_through(&e);
            }
        }
    });
}

fn not_worked_through(e: &engine::Error) {
    static FAILED: Seldom = Seldom::new();
    FAILED.say(|unsaid| tracing::error!(error = %e, unsaid, "the outbox could not be worked through"));
}

/// Begins to send what is due, of each office that is not still at it, and waits for none.
async fn begin_due(
    engine: &Arc<Engine>,
    way: &Arc<Way>,
    busy: &Busy,
    lines: &Arc<Semaphore>,
) -> engine::Result<()> {
    let at_it = busy.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut by_office: BTreeMap<OfficeId, Vec<Due>> = BTreeMap::new();
    for due in engine.due_mail_but(&at_it).await? {
        by_office.entry(due.office).or_default().push(due);
    }
    for (office, mails) in by_office {
        let (Some(sending), Ok(line)) = (Sending::begin(busy, office), lines.clone().try_acquire_owned())
        else {
            continue;
        };
        let (engine, way) = (engine.clone(), way.clone());
        tokio::spawn(async move {
            let _at_it = (sending, line);
            if let Err(e) = send_all(&engine, &way, mails).await {
                not_worked_through(&e);
            }
        });
    }
    Ok(())
}

/// Sends an office's letters one after the other, until its server takes none.
async fn send_all(engine: &Engine, way: &Way, mails: Vec<Due>) -> engine::Result<()> {
    for mail in mails {
        let tried = send(&mail, way).await;
        engine.tried_mail(&mail, tried).await?;
        if matches!(tried, Tried::Later(fault, _) if fault == Fault::Hangs || fault.stops_all()) {
            break;
        }
    }
    Ok(())
}

async fn send(mail: &Due, way: &Way) -> Tried {
    let message = match message(mail) {
        Ok(message) => message,
        Err(e) => {
            tracing::warn!(mail = mail.id, error = %e, "a letter could not be made");
            return Tried::Never(Fault::Letter, None);
        }
    };
    let sent = async {
        let transport = transport(&mail.settings, way).await?;
        transport.send(message).await.map(drop).map_err(|e| {
            tracing::warn!(mail = mail.id, office = %mail.office_code, error = %reason(&e), "a mail was not sent");
            judge(&e)
        })
    };
    match timeout(PATIENCE, sent).await {
        Ok(Ok(())) => Tried::Sent,
        Ok(Err(tried)) => tried,
        Err(_) => Tried::Later(Fault::Hangs, None),
    }
}

/// What an error of the mail server means for the letter.
fn judge(e: &lettre::transport::smtp::Error) -> Tried {
    let number = e.status().map(u16::from);
    match number {
        // about the user name and the password, not about the letter (RFC 4954, 6)
        Some(530 | 534 | 535 | 538) => Tried::Later(Fault::LogIn, number),
        // what is not about who it is for is about the settings: there is nothing wrong with the letter
        Some(n) if e.is_permanent() && !is_of_recipient(n, &reason(e)) => {
            Tried::Later(Fault::Refused, number)
        }
        _ if e.is_permanent() => Tried::Never(Fault::Refused, number),
        _ if e.is_transient() => Tried::Later(Fault::NotNow, number),
        _ if e.is_timeout() => Tried::Later(Fault::Hangs, None),
        _ if e.is_tls() => Tried::Later(Fault::NoTls, None),
        // no way of logging in that both know, or one that must not be in the clear
        _ if e.is_client() => Tried::Later(Fault::LogIn, None),
        _ => Tried::Later(Fault::Unreachable, None),
    }
}

/// Whether a server refuses for good who a letter is for: by the enhanced status, X.1 and X.2 but for the sender's own
/// (RFC 3463, 3.2 and 3.3); of a server that says none by the number (RFC 5321, 4.2.3).
fn is_of_recipient(number: u16, said: &str) -> bool {
    let enhanced = said
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .find_map(|word| {
            let mut parts = word.trim_matches('.').split('.').map(str::parse::<u16>);
            match (parts.next(), parts.next(), parts.next(), parts.next()) {
                (Some(Ok(5)), Some(Ok(subject)), Some(Ok(detail)), None) => Some((subject, detail)),
                _ => None,
            }
        });
    match enhanced {
        Some((1, 7 | 8)) => false,
        // 5.4.1: Microsoft's for who does not exist
        Some((subject, detail)) => matches!(subject, 1 | 2) || (subject, detail) == (4, 1),
        None => {
            let said = said.to_lowercase();
            let of_settings = [
                "relay",
                "sender",
                "block",
                "black",
                "list",
                "spf",
                "dkim",
                "authenticat",
            ];
            matches!(number, 550..=553) && !of_settings.iter().any(|word| said.contains(word))
        }
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

/// The one address that is written to: looked up here, so that the name cannot mean another when it is connected to.
async fn address(s: &MailSettings, way: &Way) -> Result<IpAddr, Tried> {
    let host = s.host.trim_matches(['[', ']']);
    let found = tokio::net::lookup_host((host, 0)).await.map_err(|e| {
        tracing::warn!(host, error = %e, "a mail server was not found");
        Tried::Later(Fault::Unreachable, None)
    })?;
    let all: Vec<IpAddr> = found.map(|a| a.ip()).collect();
    let may = |a: &&IpAddr| way.inner || !is_inner(**a);
    match all.iter().find(may) {
        Some(address) => Ok(*address),
        None if all.is_empty() => Err(Tried::Later(Fault::Unreachable, None)),
        None => Err(Tried::Later(Fault::Inner, None)),
    }
}

async fn transport(s: &MailSettings, way: &Way) -> Result<AsyncSmtpTransport<Tokio1Executor>, Tried> {
    let tls = || {
        let mut tls = TlsParameters::builder(s.host.clone());
        if let Some(ca) = &way.ca {
            tls = tls.add_root_certificate(ca.clone());
        }
        tls.build().map_err(|e| {
            tracing::warn!(host = s.host, error = %reason(&e), "no TLS with a mail server");
            Tried::Later(Fault::NoTls, None)
        })
    };
    let security = match s.security {
        Security::Tls => Tls::Wrapper(tls()?),
        Security::StartTls => Tls::Required(tls()?),
        Security::None => Tls::None,
    };
    let port = u16::try_from(s.port).map_err(|_| Tried::Later(Fault::Unreachable, None))?;
    let address = address(s, way).await?;
    let mut to = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.to_string())
        .port(port)
        .tls(security)
        .timeout(Some(PATIENCE));
    if !s.username.is_empty() {
        // one that cannot be opened any more is asked for again, and none is made up
        let password = s.password.clone().ok_or(Tried::Later(Fault::LogIn, None))?;
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

    #[test]
    fn only_what_is_about_the_recipient_ends_a_letter() {
        for (number, said, of_recipient) in [
            (550, "permanent error (550): 5.1.1 no such user", true),
            (552, "permanent error (552): 5.2.2 mailbox full", true),
            (550, "permanent error (550): no such user here", true),
            (554, "permanent error (554): 5.7.1 relay access denied", false),
            (
                550,
                "permanent error (550): 5.7.60 client does not have permissions to send as this sender",
                false,
            ),
            (553, "permanent error (553): 5.1.8 sender address rejected", false),
            (554, "permanent error (554): 192.0.2.1 is on a list", false),
            (521, "permanent error (521): we take no mail", false),
            (550, "permanent error (550): relay not permitted", false),
            (550, "permanent error (550): 5.7.1. not from here", false),
            (
                550,
                "permanent error (550): 5.4.1 recipient address rejected: access denied",
                true,
            ),
        ] {
            assert_eq!(is_of_recipient(number, said), of_recipient, "{said}");
        }
    }
}
