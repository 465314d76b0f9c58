//! `models`: the known models, and the model files on this machine.

mod files;
mod known;
mod pull;
mod vocabulary;

use crate::args::{ModelsArgs, ModelsCommand, NetworkArgs};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::settings::{Environment, Settings};

/// Runs a subcommand; without one, lists the known models.
pub(super) fn run(
    arguments: &ModelsArgs,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let json = arguments.json;
    let registry = || {
        let settings = Settings::load(environment, &NetworkArgs::default(), |_| None)?;
        settings.registry()
    };
    match &arguments.command {
        None => known::list(&registry()?, json, printer),
        Some(ModelsCommand::Show { name }) => known::show(&registry()?, name, json, printer),
        Some(ModelsCommand::Pull(arguments)) => pull::run(arguments, json, environment, printer),
        Some(ModelsCommand::List) => files::list(json, environment, printer),
        Some(ModelsCommand::Rm { name, yes }) => {
            files::remove(name, *yes, json, environment, printer)
        }
    }
}
