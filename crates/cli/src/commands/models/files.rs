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

/// Prints the models in the hub's cache.
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
            "no models in {folder}; run `fluxhop models pull flux-schnell` to download one"
        ));
        return Ok(());
    }
    let rows: Vec<_> = models.iter().map(row).collect();
    printer.line(&table(["MODEL", "SIZE", "STATE", "PATH"], &rows))
}

/// The cache from the settings.
fn cache(environment: &Environment) -> Result<Cache, Failure> {
    let settings = Settings::load(environment, &NetworkArgs::default(), |_| None)?;
    hub::cache(&settings.config.hub)
}

fn row(model: &CachedModel) -> [String; 4] {
    let state = if model.complete {
        "complete".to_owned()
    } else if model.partial_bytes > 0 {
        format!(
            "incomplete, {} of partial files",
            format_bytes(model.partial_bytes)
        )
    } else {
        "incomplete".to_owned()
    };
    [
        name(model),
        format_bytes(model.bytes),
        state,
        model.path.display().to_string(),
    ]
}

/// The name for `models pull` and `models rm`.
fn name(model: &CachedModel) -> String {
    let revision = match (&model.revisions, &model.commit) {
        (names, _) if names.iter().any(|name| name == "main") => None,
        (names, commit) => names.first().or(commit.as_ref()),
    };
    let name = match revision {
        Some(revision) => format!("{}@{revision}", model.repo),
        None => model.repo.clone(),
    };
    // The hub's oldest models have no owner; `models pull` does not support them.
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

/// Removes a model or one revision of it, after confirmation.
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
        let target = if only_revision {
            format!(
                "this revision of {} (and files that no other revision uses)",
                source.repo()
            )
        } else {
            format!("{} ({})", source.repo(), format_bytes(bytes))
        };
        if models.iter().any(|model| model.repo == source.repo()) && !confirm(&target, printer)? {
            printer.note("nothing was removed");
            return Ok(());
        }
    }
    let freed = cache.remove(&source, only_revision).map_err(Error::from)?;
    printer.note(&format!("removed {source}, freed {}", format_bytes(freed)));
    if json {
        return printer
            .line(&json!({ "removed": short_name(&source), "freed_bytes": freed }).to_string());
    }
    Ok(())
}

/// Asks for confirmation on the terminal.
fn confirm(target: &str, printer: &Printer) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !printer.stderr_is_terminal() {
        let message =
            format!("cannot ask for confirmation to remove {target}: not a terminal; use --yes");
        return Err(Failure::Usage(message));
    }
    printer.raw(format!("remove {target}? [y/N] ").as_bytes());
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.map_err(|error| Failure::file("cannot read the answer from stdin", error))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
