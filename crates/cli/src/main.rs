//! `fluxhop`: text to image on the command line.
//!
//! [Arguments](args) and the environment are resolved to [`settings`] and [`options`], which a
//! [command](commands) works with. Commands return values; only `main` exits.

mod args;
mod batch;
mod commands;
mod failure;
mod generate;
mod interrupt;
mod logging;
mod options;
mod output;
mod preview;
mod printer;
mod reporter;
mod save;
mod settings;
mod signals;
mod text;

use std::process::ExitCode;

use args::Cli;
use printer::Printer;
use settings::Environment;

fn main() -> ExitCode {
    let cli = match Cli::parse_from_arguments(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout, usage errors to stderr. A closed stream is not an error.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let printer = Printer::new(cli.is_quiet(), cli.verbosity() > 0);
    match commands::run(cli, &Environment::read(), &printer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            printer.failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}
