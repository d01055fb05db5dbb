//! `nachtwacht`: serves the desk, or carries out its tasks as a connector.

#![recursion_limit = "512"]

mod address;
mod admission;
mod backup;
mod body;
mod caller;
mod client;
mod config;
mod connector;
mod deliver;
mod demo;
mod documents;
mod door;
mod download;
mod export;
mod factor;
mod forms;
mod gate;
mod grant;
mod health;
mod import;
mod mail;
mod metrics;
mod openapi;
mod paint;
mod patience;
mod problem;
mod rates;
mod reach;
mod router;
mod safe;
mod schedule;
mod serve;
mod site;
mod stop;
mod stream;
mod uploads;

use config::Command;
use std::{io, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    let command = match config::read(std::env::args_os()) {
        Ok(command) => command,
        Err(sentence) => {
            eprintln!("{sentence}");
            return ExitCode::from(2);
        }
    };
    // a desk and its copies are for nobody else to read; what a connector makes, others may have to
    if !matches!(command, Command::Connector(_)) {
        rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    }
    let done = match command {
        Command::Help => {
            print!("{}", config::HELP);
            Ok(())
        }
        Command::Version => {
            println!("nachtwacht {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Command::Serve(serve) => serve::serve(serve).await,
        Command::Connector(options) => connector::run_alone(options).await,
        Command::Deliver(options) => deliver::deliver(options).await,
        Command::Factor(options) => factor::factor(options).await,
        Command::Backup(options) => backup::backup(&options),
        Command::Restore(options) => backup::restore(&options).await,
        Command::Grant(options) => grant::grant(options).await,
        Command::ScheduleNext => schedule::next(io::stdin().lock(), io::stdout().lock()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}
