//! The known models and their providers.

use fluxhop::{ModelEntry, Registry};
use serde_json::json;

use super::vocabulary;
use crate::commands::table::table;
use crate::failure::Failure;
use crate::printer::Printer;

/// Prints the models and their providers, in order of preference.
pub(super) fn list(registry: &Registry, json: bool, printer: &Printer) -> Result<(), Failure> {
    let models = registry.models();
    printer.line(&if json {
        as_json(&models)
    } else {
        as_text(&models)
    })
}

/// Prints one model; for `sketch`, also its vocabulary.
pub(super) fn show(
    registry: &Registry,
    name: &str,
    json: bool,
    printer: &Printer,
) -> Result<(), Failure> {
    let model = registry.model(name)?;
    let resolved = model.info().resolve(name)?;
    let models = registry.models();
    let model: Vec<ModelEntry> = models
        .into_iter()
        .filter(|model| model.name == resolved)
        .collect();
    if json {
        let model = objects(&model);
        return printer
            .line(&json!({ "model": model, "world": vocabulary::as_json(resolved) }).to_string());
    }
    printer.line(&as_text(&model))?;
    match vocabulary::as_text(resolved) {
        Some(words) => printer.line(&words),
        None => Ok(()),
    }
}

fn as_text(models: &[ModelEntry]) -> String {
    let row = |model: &ModelEntry| {
        [
            model.name.clone(),
            model.aliases.join(", "),
            model.providers.join(", "),
            model.label.clone(),
        ]
    };
    let rows: Vec<_> = models.iter().map(row).collect();
    table(["MODEL", "ALIASES", "PROVIDERS", "LABEL"], &rows)
}

fn as_json(models: &[ModelEntry]) -> String {
    objects(models).to_string()
}

fn objects(models: &[ModelEntry]) -> serde_json::Value {
    let object = |model: &ModelEntry| {
        json!({
            "name": model.name,
            "aliases": model.aliases,
            "providers": model.providers,
            "label": model.label,
        })
    };
    let objects: Vec<_> = models.iter().map(object).collect();
    json!(objects)
}
