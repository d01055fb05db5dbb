//! `nachtwacht deliver`: invoices from files into the desk, as a system that delivers would do it.

use crate::{
    config::Deliver,
    connector::{Remote, Trouble, hledger},
};
use domain::{
    document::{MOST_DOCUMENT, MOST_INLINE, subject},
    wire::{DeliverAnswer, Delivered, NewTask},
};
use engine::tasks::document::{sha256, text};
use serde_json::{Value, json};
use std::{borrow::Cow, fs, io, path::Path};

/// Most characters of a file's name that are told to the desk.
const LONGEST_NAME: usize = 120;

/// Delivers the dossier's activation, if asked for, and each file as a booking proposal. What is in a file makes the task,
/// not what it is called: the same invoice twice is one task, two of the same name are two. Each file gets a line; one
/// that is refused stops none of the others.
///
/// # Errors
/// A sentence for the person at the console when not everything was delivered.
pub async fn deliver(options: Deliver) -> Result<(), String> {
    let desk = Remote::new(options.remote.clone());
    let mut refused = 0;
    if let Some(name) = &options.activate
        && let Err(why) = activate(&desk, &options, name).await
    {
        eprintln!("{}: not activated. {}", options.dossier, why.words());
        refused += 1;
        if let Why::Away(_) = why {
            return Err(format!("None of {} files was sent.", options.files.len()));
        }
    }
    for (n, file) in options.files.iter().enumerate() {
        let name = called(file);
        match one(&desk, &options, file, &name).await {
            Ok(()) => {}
            Err(why @ Why::Away(_)) => {
                eprintln!("{name}: not delivered. {}", why.words());
                let left = options.files.len() - n;
                return Err(format!(
                    "{left} of {} files were not delivered.",
                    options.files.len()
                ));
            }
            Err(why) => {
                eprintln!("{name}: not delivered. {}", why.words());
                refused += 1;
            }
        }
    }
    match refused {
        0 => Ok(()),
        _ if options.files.is_empty() => Err("Nothing was delivered.".into()),
        n => Err(format!(
            "{n} of {} were refused; all others were delivered.",
            options.files.len() + usize::from(options.activate.is_some())
        )),
    }
}

/// Why something was not delivered.
enum Why {
    /// It cannot be, as it is.
    Refused(String),
    /// The desk is not there: nor can the others.
    Away(String),
}

impl Why {
    /// One sentence, begun with a capital.
    fn words(&self) -> String {
        let (Self::Refused(why) | Self::Away(why)) = self;
        let mut letters = why.trim().trim_end_matches('.').chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        format!("{first}{}.", letters.as_str())
    }
}

impl From<Trouble> for Why {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Away(why) | Trouble::Later(why, _) => Self::Away(why),
            Trouble::Refused(why) => Self::Refused(why),
        }
    }
}

async fn activate(desk: &Remote, options: &Deliver, name: &str) -> Result<(), Why> {
    let dossier = &options.dossier;
    let task = NewTask {
        kind: "activate_dossier".into(),
        dossier: dossier.clone(),
        payload: Some(json!({"name": name, "package": options.package})),
        subject: None,
        after: None,
        idempotency_key: Some(format!("activate {dossier}")),
    };
    let used = |why| match why {
        Why::Refused(why) if why.contains("idempotency_key") => Why::Refused(format!(
            "{dossier} was activated before, under another name or in another package; that stays as it is"
        )),
        why => why,
    };
    let d = send(desk, task).await.map_err(used)?;
    tell(&d, "activate_dossier", dossier);
    Ok(())
}

async fn one(desk: &Remote, options: &Deliver, file: &Path, name: &str) -> Result<(), Why> {
    let bytes = read(file).map_err(Why::Refused)?;
    let hash = sha256(&bytes);
    let (payload, read) = match content(&bytes).map_err(Why::Refused)? {
        Content::Inline(xml) => (json!({"document": xml, "file_name": name}), hledger::called(&xml)),
        Content::Beside(xml) => {
            let read = hledger::called(&xml);
            let kept = desk.bring(bytes, "application/xml").await?;
            (json!({"document": kept.document, "file_name": name}), read)
        }
    };
    let mut key = format!("{} sha256:{hash}", options.dossier);
    if options.again {
        key = format!("{key} again {}", moment());
    }
    let task = NewTask {
        kind: "process_booking_proposal".into(),
        dossier: options.dossier.clone(),
        payload: Some(payload),
        subject: Some(subject(read.as_deref().unwrap_or(name), &hash)),
        after: None,
        idempotency_key: Some(key),
    };
    let d = send(desk, task).await?;
    let shown = read.map_or_else(|| name.to_owned(), |read| format!("{name} ({read})"));
    tell(&d, "process_booking_proposal", &shown);
    Ok(())
}

/// Tells two deliveries of one file apart that are meant to be two.
fn moment() -> u128 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |since| since.as_millis())
}

async fn send(desk: &Remote, task: NewTask) -> Result<Delivered, Why> {
    let payload: Value = json!({"tasks": [task]});
    let answer: DeliverAnswer = desk
        .call("deliver", payload)
        .await
        .map_err(|trouble| match trouble {
            // the desk speaks of a list of tasks; here there is one
            Trouble::Refused(why) => Why::Refused(why.replace("tasks[0].", "")),
            trouble => trouble.into(),
        })?;
    let first = answer.tasks.into_iter().next();
    first.ok_or_else(|| Why::Away("the desk's answer is empty".into()))
}

fn tell(d: &Delivered, kind: &str, what: &str) {
    let again = if d.duplicate { " (delivered before)" } else { "" };
    println!("task {} {kind} {what} {}{again}", d.id, d.status.key());
}

/// A file's name as it is told: without its folder, without what moves the cursor, not too long.
fn called(file: &Path) -> String {
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let seen = name.chars().filter(|c| !domain::text::is_control(*c));
    seen.take(LONGEST_NAME).collect()
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    let unread = |e: io::Error| match e.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "it may not be read by you".into(),
        io::ErrorKind::IsADirectory => "it is a folder".into(),
        _ => format!("it cannot be read: {e}"),
    };
    let size = fs::metadata(file).map_err(unread)?.len();
    if size > MOST_DOCUMENT as u64 {
        let mib = size.div_ceil(1 << 20);
        return Err(format!(
            "it has {mib} MiB; a document may have {}",
            MOST_DOCUMENT >> 20
        ));
    }
    let bytes = fs::read(file).map_err(unread)?;
    if bytes.is_empty() {
        Err("it is empty".into())
    } else {
        Ok(bytes)
    }
}

/// Where a document goes.
#[derive(Debug)]
enum Content<'a> {
    /// Into the payload.
    Inline(Cow<'a, str>),
    /// Beside it, byte for byte.
    Beside(Cow<'a, str>),
}

fn content(bytes: &[u8]) -> Result<Content<'_>, String> {
    if !text::is_xml(bytes) {
        return Err("it is not an invoice in XML".into());
    }
    let xml = text::of(bytes).map_err(|why| why.to_string())?;
    // what is in other characters stays as it is: it says itself in which
    let plain = matches!(xml, Cow::Borrowed(_)) && bytes.len() <= MOST_INLINE;
    Ok(if plain {
        Content::Inline(xml)
    } else {
        Content::Beside(xml)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_documents_and_those_in_other_characters_go_beside_their_task() {
        assert!(matches!(content(b"<a/>"), Ok(Content::Inline(_))));
        let large = format!("<a>{}</a>", "x".repeat(MOST_INLINE));
        assert!(matches!(content(large.as_bytes()), Ok(Content::Beside(_))));
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xC5</a>";
        assert!(matches!(content(latin), Ok(Content::Beside(_))));
    }

    #[test]
    fn what_is_refused_is_said_in_a_sentence() {
        assert_eq!(content(b"%PDF-1.7").unwrap_err(), "it is not an invoice in XML");
        let words = |bytes: &[u8]| Why::Refused(content(bytes).unwrap_err()).words();
        assert!(
            words(b"<?xml version='1.0' encoding='KOI8-R'?><a/>")
                .starts_with("Its characters are in KOI8-R, which is not read")
        );
        assert!(words(b"<a>\xC5</a>").starts_with("Its characters are not in UTF-8"));
        assert_eq!(Why::Refused("it is a folder".into()).words(), "It is a folder.");
        let long = format!("{}\u{202e}.xml", "x".repeat(300));
        assert_eq!(called(Path::new(&long)).chars().count(), LONGEST_NAME);
        assert_eq!(called(Path::new("a/b\u{202e}.xml")), "b.xml");
    }
}
