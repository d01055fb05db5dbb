//! A program a task: the task's JSON on its standard input, the outcome's JSON on its standard output, and a document that
//! stands beside the task as a file.

use super::{
    Adapter, Line, failed,
    fit::fit,
    real::{beside, unfetched},
};
use domain::wire::{ClaimedTask, Outcome};
use engine::{secret, tasks::dispatch::report::check};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::{
    env, fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, Command as Process},
};

/// Most that is kept of what a program says. An outcome that is too long for a report is cut; one that is longer than
/// this is not read.
const MOST_OUTPUT: usize = 16 << 20;
/// What a program has said is heard to its end this much longer than it runs: something that it started may hold its
/// output open.
const ECHO: Duration = Duration::from_secs(2);
/// Where the program finds the name of the document's file; in its task it stands as `document_file`.
const DOCUMENT: &str = "NACHTWACHT_DOCUMENT";

/// Runs a program for each task.
pub struct Command {
    /// What to run.
    pub program: PathBuf,
    /// It is ended after this long, with everything it started.
    pub time_limit: Duration,
    /// What it carries out.
    pub kinds: Vec<String>,
    /// Where documents beside tasks are fetched.
    pub line: Line,
}

/// A document as a file that its owner alone reads, until this goes.
struct Document(PathBuf);

impl Document {
    fn keep(bytes: &[u8]) -> io::Result<Self> {
        let path = env::temp_dir().join(secret::new("nachtwacht-"));
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&path)?;
        // from here on it goes, also half
        let document = Self(path);
        file.write_all(bytes)?;
        Ok(document)
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        // the program may have moved it
        let _ = fs::remove_file(&self.0);
    }
}

impl Command {
    /// The file of the document that stands beside a task.
    async fn document(&self, task: &ClaimedTask) -> Result<Option<Document>, Outcome> {
        let Some(id) = beside(task) else {
            return Ok(None);
        };
        let bytes = self
            .line
            .document(id)
            .await
            .map_err(|trouble| unfetched(&trouble))?;
        let kept = tokio::task::spawn_blocking(move || Document::keep(&bytes)).await;
        match kept.unwrap_or_else(|e| Err(io::Error::other(e))) {
            Ok(document) => Ok(Some(document)),
            Err(e) => Err(Outcome::Released {
                reason: Some(format!("The document could not be kept as a file: {e}.")),
                retry_after_seconds: None,
            }),
        }
    }
}

impl Adapter for Command {
    fn kinds(&self) -> Vec<String> {
        self.kinds.clone()
    }

    fn recovers(&self) -> Vec<String> {
        vec![]
    }

    fn carry_out<'a>(&'a self, task: &'a ClaimedTask) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let document = match self.document(task).await {
                Ok(document) => document,
                Err(outcome) => return outcome,
            };
            let mut question = json!(task);
            let mut program = Process::new(&self.program);
            if let Some(Document(path)) = &document {
                question["document_file"] = json!(path.to_string_lossy());
                program.env(DOCUMENT, path);
            }
            let child = program
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .process_group(0)
                .spawn();
            let mut child = match child {
                Ok(child) => child,
                Err(e) => {
                    return failed(
                        "package_unreachable",
                        format!("{} cannot be started: {e}.", self.program.display()),
                    );
                }
            };
            let group = Group(child.id());
            let said = tokio::time::timeout(self.time_limit, talk(&mut child, &question)).await;
            drop((group, document));
            match said {
                Ok(Ok((true, text))) => read(&text),
                Ok(Ok((false, text))) => failed(
                    "command_failed",
                    format!("The program ended with an error. It said: {}", shorten(&text)),
                ),
                Ok(Err(e)) => failed(
                    "command_failed",
                    format!("The program could not be talked to: {e}."),
                ),
                Err(_) => failed(
                    "command_timed_out",
                    format!(
                        "The program was ended after {} seconds.",
                        self.time_limit.as_secs()
                    ),
                ),
            }
        })
    }
}

/// The program and all that it started. Ended when this goes, however that comes about.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.0 {
            // SAFETY: kill() takes any number; a group that is already gone answers ESRCH
            #[allow(unsafe_code, reason = "no library in the tree ends a process group")]
            unsafe {
                libc::kill(-(id as i32), libc::SIGKILL)
            };
        }
    }
}

/// Gives the task, hears the answer; whether the program ended well.
async fn talk(child: &mut Child, question: &Value) -> io::Result<(bool, String)> {
    let (mut input, output) = (child.stdin.take(), child.stdout.take());
    let question = serde_json::to_vec(question)?;
    let ask = async move {
        if let Some(input) = &mut input {
            // a program that does not read its task may still answer
            let _ = input.write_all(&question).await;
        }
    };
    let mut text = vec![];
    let hear = async {
        let Some(mut output) = output else {
            return Ok::<(), io::Error>(());
        };
        let mut piece = vec![0; 64 << 10];
        loop {
            let n = output.read(&mut piece).await?;
            if n == 0 {
                return Ok(());
            }
            // the rest is let in too: a program that cannot speak would not come to its end
            let room = (MOST_OUTPUT + 1).saturating_sub(text.len());
            text.extend_from_slice(&piece[..n.min(room)]);
        }
    };
    let mut both = Box::pin(async { tokio::join!(ask, hear).1 });
    let ended = tokio::select! {
        heard = &mut both => {
            heard?;
            child.wait().await?
        }
        ended = child.wait() => {
            let _ = tokio::time::timeout(ECHO, &mut both).await;
            ended?
        }
    };
    drop(both);
    Ok((ended.success(), String::from_utf8_lossy(&text).into_owned()))
}

fn read(text: &str) -> Outcome {
    if text.len() > MOST_OUTPUT {
        return nonsense(text);
    }
    let said = serde_json::from_str::<Outcome>(text.trim()).map(fit);
    match said {
        Ok(outcome) if check("outcome", &outcome).is_ok() => outcome,
        _ => nonsense(text),
    }
}

fn nonsense(text: &str) -> Outcome {
    failed(
        "command_output_invalid",
        format!(
            "The program's answer is not an outcome. It said: {}",
            shorten(text)
        ),
    )
}

fn shorten(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .take(500)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::fake_desk::{FakeDesk, page};
    use std::os::unix::fs::PermissionsExt;

    async fn outcome(script: &str, limit: Duration) -> Outcome {
        let desk = FakeDesk::start().await;
        with(&desk, json!({}), script, limit).await
    }

    async fn with(desk: &FakeDesk, payload: Value, script: &str, limit: Duration) -> Outcome {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("program");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let task = serde_json::json!({"id":"1","kind":"synchronise_dossier","lease":"l","attempt":1,"delivered_at":"",
            "dossier":{"code":"A","name":"A","package":"hledger"},"subject":null,"payload":payload,"earlier":[]});
        let task = serde_json::from_value(task).unwrap();
        Command {
            program,
            time_limit: limit,
            kinds: vec![],
            line: Line::Remote(desk.remote("t", None)),
        }
        .carry_out(&task)
        .await
    }

    fn code(o: &Outcome) -> &str {
        match o {
            Outcome::Failed { code, .. } => code,
            _ => "",
        }
    }

    const LONG: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn it_hears_the_task_and_gives_the_outcome() {
        let said = outcome(
            r#"grep -q '"id":"1"' && echo '{"succeeded":{"result":{"n":1}}}'"#,
            LONG,
        )
        .await;
        assert_eq!(
            said,
            Outcome::Succeeded {
                result: Some(serde_json::json!({"n": 1}))
            }
        );
        let said = outcome(
            r#"echo '{"failed":{"code":"period_not_open","params":{"period":"201802"}}}'"#,
            LONG,
        )
        .await;
        assert_eq!(code(&said), "period_not_open");
    }

    const NOT_THERE: &str =
        r#"{"type":"about:blank","title":"","status":404,"detail":"","code":"not_found"}"#;

    #[tokio::test]
    async fn a_document_beside_the_task_is_a_file_until_the_program_has_ended() {
        let desk = FakeDesk::start().await;
        let id = domain::document::id_of(&engine::tasks::document::sha256(b"%PDF, large"));
        let asked = format!("documents/{id}");
        let name = asked.clone();
        desk.answers(move |c| (c.name == name).then(|| page(200, "%PDF, large")));
        let payload = json!({"document": id});
        let script = r#"
            read -r task
            case "$task" in *"\"document_file\":\"$NACHTWACHT_DOCUMENT\""*) ;; *) exit 1 ;; esac
            [ "$(stat -c %a "$NACHTWACHT_DOCUMENT")" = 600 ] || exit 1
            echo "{\"succeeded\":{\"result\":{\"read\":\"$(cat "$NACHTWACHT_DOCUMENT")\",\"file\":\"$NACHTWACHT_DOCUMENT\"}}}""#;
        let said = with(&desk, payload.clone(), script, LONG).await;
        let Outcome::Succeeded { result: Some(result) } = said else {
            panic!("{said:?}")
        };
        assert_eq!(result["read"], "%PDF, large");
        assert_eq!(desk.calls(&asked)[0].token, "t");
        let file = PathBuf::from(result["file"].as_str().unwrap());
        assert!(file.is_absolute() && !file.exists(), "it is removed");
        // also when the program is ended
        let dir = tempfile::tempdir().unwrap();
        let mark = dir.path().join("named");
        let script = format!("echo \"$NACHTWACHT_DOCUMENT\" > {}; sleep 30", mark.display());
        let said = with(&desk, payload.clone(), &script, Duration::from_millis(500)).await;
        assert_eq!(code(&said), "command_timed_out");
        let file = fs::read_to_string(mark).unwrap();
        assert!(!PathBuf::from(file.trim()).exists(), "{file}");
        // without it the program is not asked
        desk.answers(move |c| (c.name == asked).then(|| page(404, NOT_THERE)));
        let said = with(&desk, payload, "echo '{\"succeeded\":{}}'", LONG).await;
        assert_eq!(code(&said), "document_missing");
    }

    #[tokio::test]
    async fn nonsense_is_a_clear_failure() {
        assert_eq!(code(&outcome("echo hello", LONG).await), "command_output_invalid");
        assert_eq!(
            code(&outcome(r#"echo '{"failed":{"code":"Not A Code"}}'"#, LONG).await),
            "command_output_invalid"
        );
        assert_eq!(
            code(&outcome(r#"echo '{"failed":{"code":"outcome_unknown"}}'"#, LONG).await),
            "command_output_invalid",
            "only the desk may say that"
        );
        assert_eq!(
            code(&outcome(r#"echo '{"succeeded":{"result":[1]}}'"#, LONG).await),
            "command_output_invalid",
            "the desk would refuse it"
        );
        assert_eq!(code(&outcome("echo oops; exit 3", LONG).await), "command_failed");
        assert_eq!(
            code(&outcome("head -c 20000000 /dev/zero", LONG).await),
            "command_output_invalid",
            "it ended well: no plain failure"
        );
    }

    #[tokio::test]
    async fn a_long_outcome_is_cut_and_stays_what_it_is() {
        let script = r#"printf '{"succeeded":{"result":{"n":1,"log":"'
            head -c 2000000 /dev/zero | tr '\0' x
            echo '"}}}'"#;
        let said = outcome(script, LONG).await;
        let Outcome::Succeeded { result: Some(result) } = said else {
            panic!("{:?}", code(&said))
        };
        assert_eq!(result["n"], 1);
        assert!(result["cut"].is_string(), "{:?}", result["cut"]);
    }

    #[tokio::test]
    async fn its_end_counts_also_when_something_that_it_started_holds_its_output() {
        let said = outcome("sleep 60 &\necho '{\"succeeded\":{}}'", LONG).await;
        assert_eq!(said, Outcome::Succeeded { result: None });
    }

    #[tokio::test]
    async fn at_the_limit_the_whole_group_ends() {
        let dir = tempfile::tempdir().unwrap();
        let mark = dir.path().join("alive");
        let script = format!("(sleep 2; touch {}) &\nsleep 30", mark.display());
        assert_eq!(
            code(&outcome(&script, Duration::from_millis(300)).await),
            "command_timed_out"
        );
        tokio::time::sleep(Duration::from_millis(2300)).await;
        assert!(!mark.exists(), "what the program started must end with it");
    }
}
