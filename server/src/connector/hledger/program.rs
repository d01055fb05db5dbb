//! Runs hledger, with a time limit.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::{Failure, Hledger};

/// More than this from one run is not an answer but a run out of control.
const OUTPUT_LIMIT: u64 = 64 * 1024 * 1024;
const POLL: Duration = Duration::from_millis(4);

/// What one run of hledger said.
pub(super) struct Output {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

/// Runs hledger in `folder` and waits for it.
///
/// # Errors
///
/// `package_unreachable` when it cannot be started, or is not done within the time limit
/// (it is then killed). A run that ends with an error is an [`Output`] without success.
pub(super) fn run(hledger: &Hledger, folder: &Path, arguments: &[&str]) -> Result<Output, Failure> {
    let deadline = Instant::now() + hledger.time_limit;
    let mut child = start(hledger, folder, arguments)?;
    let stdout = read_aside(child.stdout.take());
    let stderr = read_aside(child.stderr.take());
    let Some(status) = wait_until(&mut child, deadline)? else {
        return Err(too_slow(hledger));
    };
    let (Ok(stdout), Ok(stderr)) = (received(&stdout, deadline), received(&stderr, deadline)) else {
        return Err(too_slow(hledger));
    };
    Ok(Output {
        success: status.success(),
        stdout: String::from_utf8(stdout)
            .map_err(|_| Failure::database("hledger answered in something else than UTF-8."))?,
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    })
}

fn start(hledger: &Hledger, folder: &Path, arguments: &[&str]) -> Result<Child, Failure> {
    Command::new(&hledger.program)
        .args(arguments)
        .current_dir(folder)
        // without a UTF-8 locale hledger refuses any journal with a letter beyond ASCII
        .env("LC_ALL", "C.UTF-8")
        .env("NO_COLOR", "1")
        .env_remove("LEDGER_FILE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            Failure::unreachable(format!(
                "hledger ({}) cannot be started: {error}.",
                hledger.program.display()
            ))
        })
}

/// Reads a pipe on a thread of its own, so that a full pipe never blocks the program and
/// an open pipe never blocks the task.
fn read_aside<P: Read + Send + 'static>(pipe: Option<P>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            // a broken pipe shows as an incomplete answer, which its reader refuses
            let _ = pipe.take(OUTPUT_LIMIT).read_to_end(&mut bytes);
        }
        // nobody listens any more once the time limit has passed
        let _ = sender.send(bytes);
    });
    receiver
}

/// Waits for the end of the program; kills it at the deadline and returns `None`.
fn wait_until(child: &mut Child, deadline: Instant) -> Result<Option<ExitStatus>, Failure> {
    let lost =
        |error: std::io::Error| Failure::unreachable(format!("hledger cannot be waited for: {error}."));
    loop {
        if let Some(status) = child.try_wait().map_err(lost)? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            child.kill().map_err(lost)?;
            child.wait().map_err(lost)?;
            return Ok(None);
        }
        thread::sleep(POLL);
    }
}

fn received(receiver: &Receiver<Vec<u8>>, deadline: Instant) -> Result<Vec<u8>, mpsc::RecvTimeoutError> {
    // the last bytes may arrive just after the program ended at the deadline
    let patience = deadline
        .saturating_duration_since(Instant::now())
        .max(Duration::from_millis(200));
    receiver.recv_timeout(patience)
}

fn too_slow(hledger: &Hledger) -> Failure {
    Failure::unreachable(format!(
        "hledger did not answer within {} ms.",
        hledger.time_limit.as_millis()
    ))
}
