//! `config`: the settings that hold, where they come from, and a file to begin with.

use std::fs;
use std::io;
use std::path::PathBuf;

use fluxhop::config::Config;

use crate::args::{ConfigAction, ConfigArgs, NetworkArgs};
use crate::failure::Failure;
use crate::output;
use crate::printer::Printer;
use crate::settings::{self, Environment, Settings};

/// Does what the action says.
pub(super) fn run(
    arguments: &ConfigArgs,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    match arguments.action.unwrap_or(ConfigAction::Show) {
        ConfigAction::Show => show(environment, printer),
        ConfigAction::Path => path(environment, printer),
        ConfigAction::Init { here } => init(here, environment, printer),
    }
}

fn show(environment: &Environment, printer: &Printer) -> Result<(), Failure> {
    let settings = Settings::load(environment, &NetworkArgs::default(), |_| None)?;
    if settings.files.is_empty() {
        printer.note("no file of settings is there; `fluxhop config init` begins one");
    } else {
        for file in &settings.files {
            printer.note(&format!("from {}", file.display()));
        }
    }
    printer.data(settings.config.to_toml().as_bytes())
}

fn path(environment: &Environment, printer: &Printer) -> Result<(), Failure> {
    for path in settings::files_of(environment) {
        let there = if path.exists() { "there" } else { "not there" };
        printer.line(&format!("{}\t{there}", path.display()))?;
    }
    Ok(())
}

fn init(here: bool, environment: &Environment, printer: &Printer) -> Result<(), Failure> {
    let path = if here {
        PathBuf::from(settings::FILE)
    } else {
        settings::users_file(environment).ok_or_else(|| {
            let message = "there is no folder for the user's settings: set HOME, or take --here";
            Failure::Usage(message.to_owned())
        })?
    };
    let cannot = |error| Failure::file(format!("{} cannot be written", path.display()), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    match output::place(&path, Config::template().as_bytes(), false) {
        Ok(()) => printer.line(&path.display().to_string()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let message = format!("{} is there already, and stays as it is", path.display());
            Err(Failure::Usage(message))
        }
        Err(error) => Err(cannot(error)),
    }
}
