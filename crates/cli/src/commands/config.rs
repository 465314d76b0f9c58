//! `config`: the effective settings, their files, and a template.

use std::fs;
use std::io;
use std::path::PathBuf;

use fluxhop::config::Config;

use crate::args::{ConfigAction, ConfigArgs, NetworkArgs};
use crate::failure::Failure;
use crate::output;
use crate::printer::Printer;
use crate::settings::{self, Environment, Settings};

/// Runs the subcommand.
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
        printer.note("no settings file found; run `fluxhop config init` to create one");
    } else {
        for file in &settings.files {
            printer.note(&format!("read from {}", file.display()));
        }
    }
    printer.data(settings.config.to_toml().as_bytes())
}

fn path(environment: &Environment, printer: &Printer) -> Result<(), Failure> {
    for path in settings::settings_files(environment) {
        let state = if path.exists() { "found" } else { "not found" };
        printer.line(&format!("{}\t{state}", path.display()))?;
    }
    Ok(())
}

fn init(here: bool, environment: &Environment, printer: &Printer) -> Result<(), Failure> {
    let path = if here {
        PathBuf::from(settings::FILE)
    } else {
        settings::user_file(environment).ok_or_else(|| {
            let message = "the user's configuration folder is unknown; set HOME or use --here";
            Failure::Usage(message.to_owned())
        })?
    };
    let write_failed = |error| Failure::file(format!("cannot write {}", path.display()), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(write_failed)?;
    }
    match output::write_atomic(&path, Config::template().as_bytes(), false) {
        Ok(()) => printer.line(&path.display().to_string()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let message = format!("{} already exists", path.display());
            Err(Failure::Usage(message))
        }
        Err(error) => Err(write_failed(error)),
    }
}
