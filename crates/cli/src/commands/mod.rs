//! The commands, one file each.

mod config;
mod generate;
mod manual;
mod models;
mod providers;
mod space;
mod table;

use clap::CommandFactory;

use crate::args::{Cli, Command};
use crate::failure::Failure;
use crate::logging;
use crate::printer::Printer;
use crate::settings::Environment;

/// Runs the command.
pub(crate) fn run(cli: Cli, environment: &Environment, printer: &Printer) -> Result<(), Failure> {
    logging::start(cli.verbosity());
    match cli.command {
        None => generate::run(&cli.generate, environment, printer),
        Some(Command::Generate(arguments)) => generate::run(&arguments, environment, printer),
        Some(Command::Models(arguments)) => models::run(&arguments, environment, printer),
        Some(Command::Providers(arguments)) => providers::run(&arguments, environment, printer),
        Some(Command::Space(arguments)) => space::run(&arguments, environment, printer),
        Some(Command::Config(arguments)) => config::run(&arguments, environment, printer),
        Some(Command::Completions { shell }) => manual::completions(shell, Cli::command(), printer),
        Some(Command::Man) => manual::page(Cli::command(), printer),
    }
}
