//! `models list` and `models rm`: the model files on this machine.

use std::io::{self, BufRead, IsTerminal};

use fluxhop::hub::{Cache, CachedModel, format_bytes};
use fluxhop::{
    Error,
    hub::{resolve, short_name},
};
use serde_json::{Value, json};

use crate::args::NetworkArgs;
use crate::commands::table::table;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::settings::{Environment, Settings, hub};

/// Prints what the hub's cache holds.
pub(super) fn list(
    json: bool,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let cache = cache(environment)?;
    let models = cache.models().map_err(Error::from)?;
    if json {
        let objects: Vec<_> = models.iter().map(as_json).collect();
        return printer.line(&json!(objects).to_string());
    }
    if models.is_empty() {
        let folder = cache.folder().display();
        printer.note(&format!(
            "no model is in {folder}; `fluxhop models pull flux-schnell` brings one"
        ));
        return Ok(());
    }
    let rows: Vec<_> = models.iter().map(row).collect();
    printer.line(&table(["MODEL", "SIZE", "STATE", "PATH"], &rows))
}

/// The cache by the settings.
fn cache(environment: &Environment) -> Result<Cache, Failure> {
    let settings = Settings::load(environment, &NetworkArgs::default(), |_| None)?;
    hub::cache(&settings.config.hub)
}

fn row(model: &CachedModel) -> [String; 4] {
    let state = if model.complete {
        "whole".to_owned()
    } else if model.partial_bytes > 0 {
        format!(
            "cut, {} of the rest here",
            format_bytes(model.partial_bytes)
        )
    } else {
        "cut".to_owned()
    };
    [
        name(model),
        format_bytes(model.bytes),
        state,
        model.path.display().to_string(),
    ]
}

/// What `models pull` and `models rm` take for it.
fn name(model: &CachedModel) -> String {
    let revision = match (&model.revisions, &model.commit) {
        (names, _) if names.iter().any(|name| name == "main") => None,
        (names, commit) => names.first().or(commit.as_ref()),
    };
    let name = match revision {
        Some(revision) => format!("{}@{revision}", model.repo),
        None => model.repo.clone(),
    };
    // The oldest models of the hub have no owner, and are none that this program pulls.
    resolve(&name).map_or(name, |source| short_name(&source))
}

fn as_json(model: &CachedModel) -> Value {
    json!({
        "name": name(model),
        "repo": model.repo,
        "commit": model.commit,
        "revisions": model.revisions,
        "path": model.path,
        "bytes": model.bytes,
        "partial_bytes": model.partial_bytes,
        "complete": model.complete,
    })
}

/// Removes a model, or one version of it, once the user has said yes.
pub(super) fn remove(
    name: &str,
    yes: bool,
    json: bool,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let source = resolve(name)?;
    let cache = cache(environment)?;
    let only_revision = name.contains('@');
    if !yes {
        let models = cache.models().map_err(Error::from)?;
        let bytes: u64 = models
            .iter()
            .filter(|model| model.repo == source.repo())
            .map(|model| model.bytes + model.partial_bytes)
            .sum();
        let what = if only_revision {
            format!(
                "this version of {} (with files that no other has)",
                source.repo()
            )
        } else {
            format!("{} ({})", source.repo(), format_bytes(bytes))
        };
        if models.iter().any(|model| model.repo == source.repo()) && !agreed(&what, printer)? {
            printer.note("nothing was removed");
            return Ok(());
        }
    }
    let freed = cache.remove(&source, only_revision).map_err(Error::from)?;
    printer.note(&format!(
        "{source} is removed; {} are free",
        format_bytes(freed)
    ));
    if json {
        return printer
            .line(&json!({ "removed": short_name(&source), "freed_bytes": freed }).to_string());
    }
    Ok(())
}

/// Asks on the terminal.
fn agreed(what: &str, printer: &Printer) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !printer.stderr_is_terminal() {
        let message = format!("removing {what} takes --yes, where nobody can be asked");
        return Err(Failure::Usage(message));
    }
    printer.raw(format!("remove {what}? [y/N] ").as_bytes());
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.map_err(|error| Failure::file("the answer cannot be read", error))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
