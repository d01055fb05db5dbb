//! The command line. Every wrong word gets a sentence that names it.

use crate::client::{Network, Proxies};
use crate::door::OF_CLIENT;
use crate::patience::Patience;
use lexopt::{Arg, Parser, ValueExt};
use std::{ffi::OsString, fs, net::SocketAddr, path::PathBuf, time::Duration};

/// What `--help` prints.
pub const HELP: &str = "\
Nachtwacht, the night watch of accounting offices.

  nachtwacht serve --data DIR [--listen ADDR] [--demo] [--secure] [--site DIR] [--log-json]
      Serves the desk. DIR holds the database and is made when missing.
      --listen ADDR   where to listen (127.0.0.1:3100)
      --demo          a demo office with simulated connectors; prints sign-in links and writes DIR/demo.json
      --secure        cookies over TLS only: for a desk behind a TLS proxy
      --trusted-proxy ADDR
                      a proxy in front, or a network of them such as 10.0.0.0/8: what its X-Forwarded-For says of a
                      client is believed. May stand more than once (none: a client is who connects)
      --of-client N   connections of one client's address at once (2048), three quarters of all at most; a trusted proxy
                      may open as many as there are
      --streams N     event streams of one person, or of one integration, at once (10)
      --site DIR      read scripts and styles from DIR instead of the binary
      --log-json      one JSON object a line in the log
      --disk-alert N  an alert when the disk of DIR has less than N MiB free, 0 for never (a twentieth of the disk,
                      from 1024 to 5120)
      --metrics ADDR  where to answer GET /metrics, for Prometheus (nowhere): figures of all offices together
      --base URL      where people reach the desk, such as https://desk.example.com; links in mails lead there and
                      nowhere else. May stand more than once (http://ADDR of --listen)
      --mail-allow-private
                      mail servers may stand on this computer or in the network inside
      --mail-ca FILE  a certificate (PEM) that mail servers may be signed by, beside the usual authorities
      --clock FILE    the wall clock is moved by as many milliseconds as FILE says, which is read again and again:
                      to rehearse a downtime

  nachtwacht connector --url URL --token-file FILE --adapter NAME [options]
      Carries out an office's tasks. NAME is hledger, command or simulate.
      --enrol CODE         trades an enrol code for a token first and writes it to the token file
      --state DIR          undelivered reports are kept here (./connector-state)
      --max-parallel N     tasks at once, 1 to 100 (4)
      --max-run MINUTES    a task that runs longer is stopped and reported so; by kind: 60,run_job=600 (240,run_job=1440);
                           hledger has --time-limit instead
      --long-poll          ask again at once instead of every few minutes
      --packages A,B       packages this connector reaches (hledger: hledger)
      --books DIR          hledger: one folder a dossier
      --program FILE       hledger: the program (hledger); command: what to run for each task
      --kinds A,B          command: kinds of task that the program carries out (all)
      --time-limit SECONDS hledger, command: the program is ended after this long (300)
      --seed N             simulate: same seed, same day

  nachtwacht deliver --url URL --token-file FILE --dossier CODE [--activate NAME] [--package KEY] [--again] [FILE...]
      Delivers invoices (UBL XML, at most 25 MiB each) as booking proposals; with --activate the dossier first. The same
      invoice again is the same task; --again makes a new one, after the first was cancelled, say.

  nachtwacht grant --data DIR --office CODE (--connector NAME | --integration NAME)
      Makes a connector or an integration, or finds it, and prints a new token for it. The server must not run.
  nachtwacht grant --data DIR --support NAME EMAIL [--url URL]
      Makes a person of Support, or finds them, and prints a link that lets them in once, within 72 hours. Neither may
      the server run. URL is where people reach the desk (http://127.0.0.1:3100).

  nachtwacht factor --data DIR --off EMAIL
      Takes the second factor of the person with this address off, for the last admin who lost theirs; nobody is signed
      in as them any more. The server must not run.

  nachtwacht backup --data DIR --to FILE
      Copies the desk to a new file, checked, while it goes on working.

  nachtwacht restore --from FILE --data DIR
      Begins the desk of a backup in a folder that holds none. Connectors are held back and nobody is signed in, until
      a person has looked what was done after the backup.

  nachtwacht schedule next
      When jobs run. Reads lines such as {\"schedule\":{...},\"after\":\"2027-01-04T07:00:00Z\",\"count\":10} and
      answers each with {\"next\":[\"...\"]} or {\"error\":\"...\"}.

  nachtwacht --help | --version
";

/// What the program was asked to do.
#[derive(Debug)]
pub enum Command {
    /// Print the help.
    Help,
    /// Print the version.
    Version,
    /// Serve the desk.
    Serve(Serve),
    /// Be a connector.
    Connector(Connector),
    /// Deliver invoices.
    Deliver(Deliver),
    /// Print a token.
    Grant(Grant),
    /// Take a second factor off.
    Factor(Factor),
    /// Copy the desk.
    Backup(Backup),
    /// Begin a desk from a copy.
    Restore(Restore),
    /// Answer when schedules run.
    ScheduleNext,
}

/// Whom to let in.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The data folder.
    pub data: PathBuf,
    /// Who.
    pub whom: Whom,
}

/// Somebody to let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// A connector of an office, by name.
    Connector { office: String, name: String },
    /// A system that delivers to an office, by name.
    Integration { office: String, name: String },
    /// A person of Support.
    Support {
        name: String,
        email: String,
        /// Where people reach the desk, without a slash at the end.
        url: String,
    },
}

/// Whose second factor to take off.
#[derive(Debug, Clone)]
pub struct Factor {
    /// The data folder.
    pub data: PathBuf,
    /// Their e-mail address.
    pub off: String,
}

/// What to copy.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The data folder.
    pub data: PathBuf,
    /// The new file.
    pub to: PathBuf,
}

/// What to begin a desk from.
#[derive(Debug, Clone)]
pub struct Restore {
    /// A file that `backup` made.
    pub from: PathBuf,
    /// The data folder.
    pub data: PathBuf,
}

/// How to serve.
#[derive(Debug, Clone)]
pub struct Serve {
    /// The data folder.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Make and run the demo.
    pub demo: bool,
    /// Cookies over TLS only.
    pub secure: bool,
    /// Event streams of one holder at once.
    pub streams: usize,
    /// Connections of one client's address at once.
    pub of_client: usize,
    /// Whose word on a client's address is believed.
    pub proxies: Proxies,
    /// Read the site from this folder.
    pub site: Option<PathBuf>,
    /// JSON log.
    pub log_json: bool,
    /// Free bytes of the disk below which there is an alert.
    pub low_disk: Option<u64>,
    /// The wall clock is moved by what this file says.
    pub clock: Option<PathBuf>,
    /// For tests only, and therefore not in the help: the parts that this file names hang, or panic when `!` follows.
    pub rehearse: Option<PathBuf>,
    /// Where people reach the desk.
    pub bases: Vec<String>,
    /// Mail servers may stand in the network inside.
    pub mail_inner: bool,
    /// Mail servers may be signed by this.
    pub mail_ca: Option<PathBuf>,
    /// Where to answer with figures.
    pub metrics: Option<SocketAddr>,
}

/// Where a desk is and how to be let in.
#[derive(Debug, Clone)]
pub struct Remote {
    /// Base address, without a slash at the end.
    pub url: String,
    /// The token.
    pub token: String,
    /// Where it was read, and is read again when it is refused.
    pub token_file: Option<PathBuf>,
}

/// How to be a connector.
#[derive(Debug, Clone)]
pub struct Connector {
    /// Which desk.
    pub remote: Remote,
    /// Trade this code for a token first, and keep it in this file.
    pub enrol: Option<(String, PathBuf)>,
    /// Undelivered reports.
    pub state: PathBuf,
    /// How long a task may run.
    pub patience: Patience,
    /// Tasks at once.
    pub max_parallel: u32,
    /// Ask again at once.
    pub long_poll: bool,
    /// What carries tasks out.
    pub adapter: Adapter,
    /// Packages it reaches.
    pub packages: Vec<String>,
}

/// What carries tasks out.
#[derive(Debug, Clone)]
pub enum Adapter {
    /// The real package hledger.
    Hledger {
        books: PathBuf,
        program: PathBuf,
        time_limit: Duration,
    },
    /// A program a task.
    Command {
        program: PathBuf,
        time_limit: Duration,
        /// What it carries out; empty for everything.
        kinds: Vec<String>,
    },
    /// Nothing real: for demo and load.
    Simulate { seed: u64 },
}

/// What to deliver.
#[derive(Debug, Clone)]
pub struct Deliver {
    /// Which desk.
    pub remote: Remote,
    /// Whose invoices.
    pub dossier: String,
    /// Activate the dossier first, under this name.
    pub activate: Option<String>,
    /// The dossier's package.
    pub package: String,
    /// A new task even for what was delivered before.
    pub again: bool,
    /// UBL XML files.
    pub files: Vec<PathBuf>,
}

/// Options that may stand more than once.
const REPEATED: [&str; 2] = ["trusted-proxy", "base"];

#[derive(Default)]
struct Words {
    values: std::collections::BTreeMap<String, OsString>,
    repeated: Vec<(String, OsString)>,
    flags: std::collections::BTreeSet<String>,
    rest: Vec<PathBuf>,
}

/// Reads the command line.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    let mut parser = Parser::from_iter(args);
    let hint = "See nachtwacht --help.";
    let command = match parser.next().map_err(|e| format!("{e}. {hint}"))? {
        None | Some(Arg::Short('h') | Arg::Long("help")) => return Ok(Command::Help),
        Some(Arg::Short('V') | Arg::Long("version")) => return Ok(Command::Version),
        Some(Arg::Value(word)) => word.string().map_err(|e| format!("{e}. {hint}"))?,
        Some(arg) => return Err(format!("{} before a command. {hint}", arg.unexpected())),
    };
    let (values, flags, files): (&[&str], &[&str], bool) = match command.as_str() {
        "serve" => (
            &[
                "data",
                "listen",
                "site",
                "disk-alert",
                "clock",
                "rehearse",
                "mail-ca",
                "metrics",
                "trusted-proxy",
                "base",
                "streams",
                "of-client",
            ],
            &["demo", "secure", "log-json", "mail-allow-private"],
            false,
        ),
        "connector" => (
            &[
                "url",
                "token-file",
                "adapter",
                "enrol",
                "state",
                "max-parallel",
                "packages",
                "books",
                "program",
                "time-limit",
                "max-run",
                "kinds",
                "seed",
            ],
            &["long-poll"],
            false,
        ),
        "deliver" => (
            &["url", "token-file", "dossier", "activate", "package"],
            &["again"],
            true,
        ),
        "grant" => (
            &["data", "office", "connector", "integration", "support", "url"],
            &[],
            true,
        ),
        "factor" => (&["data", "off"], &[], false),
        "backup" => (&["data", "to"], &[], false),
        "restore" => (&["from", "data"], &[], false),
        "schedule" => (&[], &[], true),
        other => return Err(format!("{other:?} is not a command. {hint}")),
    };
    let Some(words) =
        words(&mut parser, values, flags, files).map_err(|e| format!("{command}: {e}. {hint}"))?
    else {
        return Ok(Command::Help);
    };
    let read = match command.as_str() {
        "serve" => serve(words).map(Command::Serve),
        "connector" => connector(words).map(Command::Connector),
        "grant" => grant(words).map(Command::Grant),
        "factor" => factor(words).map(Command::Factor),
        "backup" => backup(words).map(Command::Backup),
        "restore" => restore(words).map(Command::Restore),
        "schedule" => schedule(&words),
        _ => deliver(words).map(Command::Deliver),
    };
    read.map_err(|e| format!("{command}: {e} {hint}"))
}

/// Sorts the words into values and flags; `None` when help was asked for.
fn words(
    parser: &mut Parser,
    values: &[&str],
    flags: &[&str],
    files: bool,
) -> Result<Option<Words>, lexopt::Error> {
    let mut words = Words::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(None),
            Arg::Long(name) if flags.contains(&name) => drop(words.flags.insert(name.to_owned())),
            Arg::Long(name) if values.contains(&name) && REPEATED.contains(&name) => {
                let name = name.to_owned();
                words.repeated.push((name, parser.value()?));
            }
            Arg::Long(name) if values.contains(&name) => {
                let name = name.to_owned();
                if words.values.insert(name.clone(), parser.value()?).is_some() {
                    return Err(format!("--{name} stands twice").into());
                }
            }
            Arg::Value(file) if files => words.rest.push(file.into()),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(words))
}

impl Words {
    fn path(&mut self, name: &str) -> Option<PathBuf> {
        let named = self.values.remove(name).filter(|v| !v.is_empty());
        named.map(PathBuf::from)
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, String> {
        self.values
            .remove(name)
            .map(|v| v.into_string().map_err(|_| format!("--{name} is not text.")))
            .transpose()
    }

    fn needed(&mut self, name: &str) -> Result<String, String> {
        self.text(name)?.ok_or(format!("--{name} is missing."))
    }

    fn folder(&mut self) -> Result<PathBuf, String> {
        self.path("data")
            .ok_or("--data is missing: the folder of the database.".into())
    }

    fn address(&mut self, name: &str) -> Result<Option<SocketAddr>, String> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let wrong =
            || format!("--{name} must be an address and a port such as 127.0.0.1:3100, not {text:?}.");
        text.parse().map(Some).map_err(|_| wrong())
    }

    fn bases(&self) -> Result<Vec<String>, String> {
        let given = self.repeated.iter().filter(|(n, _)| n == "base");
        let read = given.map(|(_, value)| {
            let text = value.to_string_lossy();
            let base = text.trim_end_matches('/').to_lowercase();
            let host = base
                .strip_prefix("https://")
                .or_else(|| base.strip_prefix("http://"));
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
            match host.is_some_and(|h| !h.is_empty() && h.chars().all(plain)) {
                true => Ok(base),
                false => Err(format!(
                    "--base must be an address such as https://desk.example.com, not {text:?}."
                )),
            }
        });
        read.collect()
    }

    fn networks(&mut self, name: &str) -> Result<Vec<Network>, String> {
        let given = self.repeated.iter().filter(|(n, _)| n == name);
        let read = given.map(|(_, value)| {
            let text = value.to_string_lossy();
            text.parse().map_err(|()| {
                format!("--{name} must be an address such as 10.0.0.1 or a network such as 10.0.0.0/8, not {text:?}.")
            })
        });
        read.collect()
    }

    fn number(&mut self, name: &str, least: u64, most: u64, default: u64) -> Result<u64, String> {
        let Some(text) = self.text(name)? else {
            return Ok(default);
        };
        let number = text.parse().ok().filter(|n| (least..=most).contains(n));
        number.ok_or(format!(
            "--{name} must be a number from {least} to {most}, not {text:?}."
        ))
    }
}

fn serve(mut w: Words) -> Result<Serve, String> {
    let listen = w.address("listen")?;
    Ok(Serve {
        data: w
            .path("data")
            .ok_or("--data is missing: the folder for the database.")?,
        listen: listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3100))),
        metrics: w.address("metrics")?,
        demo: w.flags.contains("demo"),
        secure: w.flags.contains("secure"),
        streams: w.number("streams", 1, 1_000_000, 10)? as usize,
        of_client: w.number("of-client", 1, 1_000_000, OF_CLIENT as u64)? as usize,
        proxies: Proxies::new(w.networks("trusted-proxy")?),
        site: w.path("site"),
        log_json: w.flags.contains("log-json"),
        low_disk: match w.values.contains_key("disk-alert") {
            true => Some(w.number("disk-alert", 0, 1 << 40, 0)? << 20),
            false => None,
        },
        clock: w.path("clock"),
        rehearse: w.path("rehearse"),
        bases: w.bases()?,
        mail_inner: w.flags.contains("mail-allow-private"),
        mail_ca: w.path("mail-ca"),
    })
}

fn remote(w: &mut Words, token: bool) -> Result<Remote, String> {
    let url = web_address(w.needed("url")?)?;
    let token_file = w.path("token-file");
    let token = match &token_file {
        Some(file) if token => {
            let token =
                fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}.", file.display()))?;
            token.trim().to_owned()
        }
        None if token => return Err("--token-file is missing: a file that holds the token.".into()),
        _ => String::new(),
    };
    Ok(Remote {
        url,
        token,
        token_file,
    })
}

fn connector(mut w: Words) -> Result<Connector, String> {
    let enrol = match w.text("enrol")? {
        Some(code) => {
            let file = w
                .values
                .get("token-file")
                .map(PathBuf::from)
                .ok_or("--enrol needs --token-file, where the token is kept.")?;
            Some((code, file))
        }
        None => None,
    };
    let remote = remote(&mut w, enrol.is_none())?;
    let time_limit = Duration::from_secs(w.number("time-limit", 1, 86_400, 300)?);
    let program = w.path("program");
    let name = w.needed("adapter")?;
    let (adapter, default) = match name.as_str() {
        "hledger" => {
            let books = w
                .path("books")
                .ok_or("--books is missing: the folder with one folder a dossier.")?;
            (
                Adapter::Hledger {
                    books,
                    program: program.unwrap_or("hledger".into()),
                    time_limit,
                },
                "hledger",
            )
        }
        "command" => (
            Adapter::Command {
                program: program.ok_or("--program is missing: what to run for each task.")?,
                time_limit,
                kinds: keys(&w.text("kinds")?.unwrap_or_default()),
            },
            "",
        ),
        "simulate" => {
            let seed = w.number("seed", 0, u64::MAX, 1)?;
            (
                Adapter::Simulate { seed },
                "exact_online,wings,expert_m,adsolut,winbooks,hledger",
            )
        }
        other => {
            return Err(format!(
                "--adapter must be hledger, command or simulate, not {other:?}."
            ));
        }
    };
    let packages = w.text("packages")?.unwrap_or(default.to_owned());
    let packages = keys(&packages);
    let patience = match w.text("max-run")? {
        Some(text) => Patience::read(&text).map_err(|e| format!("--max-run {e}."))?,
        None => Patience::default(),
    };
    if packages.is_empty() {
        return Err("--packages is missing: the packages that this connector reaches.".into());
    }
    Ok(Connector {
        remote,
        enrol,
        state: w.path("state").unwrap_or("connector-state".into()),
        max_parallel: w.number("max-parallel", 1, 100, 4)? as u32,
        long_poll: w.flags.contains("long-poll"),
        adapter,
        packages,
        patience,
    })
}

/// The words between commas.
fn keys(text: &str) -> Vec<String> {
    let words = text.split(',').map(str::trim).filter(|p| !p.is_empty());
    words.map(ToOwned::to_owned).collect()
}

fn factor(mut w: Words) -> Result<Factor, String> {
    let off = w
        .text("off")?
        .ok_or("--off is missing: the e-mail address of the person who lost their second factor.")?;
    Ok(Factor {
        data: w.folder()?,
        off,
    })
}

fn grant(mut w: Words) -> Result<Grant, String> {
    let mut rest = std::mem::take(&mut w.rest).into_iter();
    let asked = (w.text("connector")?, w.text("integration")?, w.text("support")?);
    let whom = match asked {
        (Some(name), None, None) => Whom::Connector {
            office: w.needed("office")?,
            name,
        },
        (None, Some(name), None) => Whom::Integration {
            office: w.needed("office")?,
            name,
        },
        (None, None, Some(name)) => Whom::Support {
            name,
            email: rest
                .next()
                .and_then(|e| e.into_os_string().into_string().ok())
                .ok_or("--support needs a name and an e-mail address.")?,
            url: web_address(w.text("url")?.unwrap_or("http://127.0.0.1:3100".into()))?,
        },
        _ => return Err("name either a --connector, an --integration, or somebody of --support.".into()),
    };
    if let Some(word) = rest.next() {
        return Err(format!("{:?} is not expected.", word.display().to_string()));
    }
    let (Whom::Connector { name, .. } | Whom::Integration { name, .. } | Whom::Support { name, .. }) = &whom;
    if name.trim().is_empty() || name.chars().count() > 200 || name.chars().any(domain::text::is_control) {
        return Err("the name must have 1 to 200 characters and no control characters.".into());
    }
    Ok(Grant {
        data: w.folder()?,
        whom,
    })
}

/// A URL without a slash at the end.
fn web_address(url: String) -> Result<String, String> {
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(format!("--url must begin with http:// or https://, not {url:?}."));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn backup(mut w: Words) -> Result<Backup, String> {
    let to = w.path("to").ok_or("--to is missing: the file to make.")?;
    let data = w.folder()?;
    Ok(Backup { data, to })
}

fn restore(mut w: Words) -> Result<Restore, String> {
    let from = w
        .path("from")
        .ok_or("--from is missing: a file that backup made.")?;
    let data = w.folder()?;
    Ok(Restore { from, data })
}

fn schedule(w: &Words) -> Result<Command, String> {
    match w.rest.as_slice() {
        [word] if word.as_os_str() == "next" => Ok(Command::ScheduleNext),
        _ => Err("say what about it: schedule next.".into()),
    }
}

fn deliver(mut w: Words) -> Result<Deliver, String> {
    let deliver = Deliver {
        remote: remote(&mut w, true)?,
        dossier: w.needed("dossier")?,
        activate: w.text("activate")?,
        package: w.text("package")?.unwrap_or("hledger".into()),
        again: w.flags.contains("again"),
        files: w.rest,
    };
    if deliver.files.is_empty() && deliver.activate.is_none() {
        return Err("name at least one file, or a dossier to --activate.".into());
    }
    Ok(deliver)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str) -> String {
        let args = std::iter::once("nachtwacht")
            .chain(line.split_whitespace())
            .map(OsString::from);
        read(args).expect_err(line)
    }

    #[test]
    fn schedule_next_is_a_command() {
        let args = ["nachtwacht", "schedule", "next"].map(OsString::from);
        assert!(matches!(read(args), Ok(Command::ScheduleNext)));
    }

    #[test]
    fn grant_is_a_command() {
        let whom = |line: &str| match read(line.split_whitespace().map(OsString::from)) {
            Ok(Command::Grant(grant)) => grant.whom,
            other => panic!("{line}: {other:?}"),
        };
        let connector = Whom::Connector {
            office: "office".into(),
            name: "c".into(),
        };
        assert_eq!(
            whom("nachtwacht grant --data d --office office --connector c"),
            connector
        );
        let support = Whom::Support {
            name: "Sam".into(),
            email: "sam@desk.example".into(),
            url: "https://desk.example".into(),
        };
        let line = "nachtwacht grant --data d --support Sam sam@desk.example --url https://desk.example/";
        assert_eq!(whom(line), support);
    }

    #[test]
    fn every_wrong_word_is_named() {
        for (line, part) in [
            ("sing", "\"sing\" is not a command"),
            ("--loud", "--loud"),
            ("serve", "--data is missing"),
            ("serve --data", "data"),
            ("serve --data d --data e", "--data stands twice"),
            ("serve --data d --listen nowhere", "such as 127.0.0.1:3100"),
            ("serve --data d extra", "extra"),
            ("serve --data d --shout", "--shout"),
            (
                "connector --url ftp://x --token-file t --adapter simulate",
                "http://",
            ),
            (
                "connector --url http://x --adapter simulate",
                "--token-file is missing",
            ),
            (
                "connector --url http://x --token-file /dev/null --adapter simulate --max-run never",
                "--max-run must be minutes",
            ),
            (
                "connector --url http://x --token-file /no/such --adapter simulate",
                "/no/such cannot be read",
            ),
            (
                "connector --url http://x --token-file /dev/null --adapter magic",
                "\"magic\"",
            ),
            (
                "connector --url http://x --token-file /dev/null --adapter hledger",
                "--books is missing",
            ),
            (
                "connector --url http://x --token-file /dev/null --adapter command",
                "--program is missing",
            ),
            (
                "connector --url http://x --token-file /dev/null --adapter simulate --max-parallel 0",
                "1 to 100",
            ),
            (
                "deliver --url http://x --token-file /dev/null --dossier A",
                "at least one file",
            ),
            ("grant --data d --office office", "--connector, an --integration"),
            ("grant --data d --connector c", "--office is missing"),
            ("grant --data d --support Sam", "a name and an e-mail address"),
            ("grant --data d --support Sam s@x.y z", "\"z\" is not expected"),
            (
                "grant --data d --support Sam s@x.y --url desk",
                "--url must begin with",
            ),
            ("grant --support Sam s@x.y", "--data is missing"),
            ("serve --data d --metrics 3101", "--metrics must be an address"),
            (
                "serve --data d --trusted-proxy proxy.example",
                "--trusted-proxy must be an address",
            ),
            (
                "serve --data d --trusted-proxy 10.0.0.1 --trusted-proxy 10.0.0.0/33",
                "\"10.0.0.0/33\"",
            ),
            ("factor --data d", "--off is missing"),
            ("factor --off an@gent.example", "--data is missing"),
            (
                "serve --data d --base desk.example.com",
                "such as https://desk.example.com",
            ),
            ("serve --data d --base https://desk.example.com/o/gent", "/o/gent"),
            ("backup --data d", "--to is missing"),
            ("backup --to f", "--data is missing"),
            ("restore --data d", "--from is missing"),
            ("restore --from f", "--data is missing"),
            ("restore --from f --data d --force", "--force"),
            ("schedule", "schedule next"),
            ("schedule then", "schedule next"),
            ("schedule next week", "schedule next"),
            ("schedule next --count 3", "--count"),
        ] {
            let sentence = refused(line);
            assert!(sentence.contains(part), "{line}: {sentence}");
        }
    }
}
