//! A program a task: the task's JSON on its standard input, the outcome's JSON on its standard output.

use super::{Adapter, every_kind, failed};
use domain::wire::{ClaimedTask, Outcome};
use futures::future::BoxFuture;
use std::{path::PathBuf, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, Command as Process},
};

/// Most that a program may say.
const MOST_OUTPUT: u64 = 1 << 20;

/// Runs a program for each task.
#[derive(Debug)]
pub struct Command {
    /// What to run.
    pub program: PathBuf,
    /// It is ended after this long, with everything it started.
    pub time_limit: Duration,
}

impl Adapter for Command {
    fn kinds(&self) -> Vec<String> {
        every_kind()
    }

    fn recovers(&self) -> Vec<String> {
        vec![]
    }

    fn carry_out<'a>(&'a self, task: &'a ClaimedTask) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let child = Process::new(&self.program)
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
            let said = tokio::time::timeout(self.time_limit, talk(&mut child, task)).await;
            drop(group);
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
async fn talk(child: &mut Child, task: &ClaimedTask) -> std::io::Result<(bool, String)> {
    let (mut input, output) = (child.stdin.take(), child.stdout.take());
    let question = serde_json::to_vec(task)?;
    let ask = async move {
        if let Some(input) = &mut input {
            // a program that does not read its task may still answer
            let _ = input.write_all(&question).await;
        }
    };
    let hear = async move {
        let mut text = vec![];
        if let Some(output) = output {
            output.take(MOST_OUTPUT + 1).read_to_end(&mut text).await?;
        }
        if text.len() as u64 > MOST_OUTPUT {
            return Err(std::io::Error::other("it said more than 1 MiB"));
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    };
    let ((), text) = tokio::join!(ask, hear);
    let text = text?;
    Ok((child.wait().await?.success(), text))
}

fn read(text: &str) -> Outcome {
    match serde_json::from_str::<Outcome>(text.trim()) {
        Ok(Outcome::Failed { code, .. }) if !domain::failure::is_code(&code) => nonsense(text),
        Ok(outcome) => outcome,
        Err(_) => nonsense(text),
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
    use std::os::unix::fs::PermissionsExt;

    async fn outcome(script: &str, limit: Duration) -> Outcome {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("program");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let task = serde_json::json!({"id":"1","kind":"synchronise_dossier","lease":"l","attempt":1,"delivered_at":"",
            "dossier":{"code":"A","name":"A","package":"hledger"},"subject":null,"payload":{},"earlier":[]});
        let task = serde_json::from_value(task).unwrap();
        Command {
            program,
            time_limit: limit,
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

    #[tokio::test]
    async fn nonsense_is_a_clear_failure() {
        assert_eq!(code(&outcome("echo hello", LONG).await), "command_output_invalid");
        assert_eq!(
            code(&outcome(r#"echo '{"failed":{"code":"Not A Code"}}'"#, LONG).await),
            "command_output_invalid"
        );
        assert_eq!(code(&outcome("echo oops; exit 3", LONG).await), "command_failed");
        assert_eq!(
            code(&outcome("head -c 2000000 /dev/zero", LONG).await),
            "command_failed"
        );
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
