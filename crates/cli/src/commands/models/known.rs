//! The models that are known, and who draws them.

use fluxhop::providers::sketch;
use fluxhop::{ModelEntry, Registry};
use fluxhop_sketch::{Entry, Vocabulary};
use serde_json::json;

use crate::commands::table::table;
use crate::failure::Failure;
use crate::printer::Printer;

/// Prints the models, and who draws them in which order.
pub(super) fn list(registry: &Registry, json: bool, printer: &Printer) -> Result<(), Failure> {
    let models = registry.models();
    printer.line(&if json {
        as_json(&models)
    } else {
        as_text(&models)
    })
}

/// Prints one model; of the sketch world all that it knows.
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
        .filter(|own| own.name == resolved)
        .collect();
    let world = (resolved == sketch::NAME).then(fluxhop_sketch::vocabulary);
    if json {
        let world = world.map(|world| json!(world));
        return printer.line(&json!({ "model": objects(&model), "world": world }).to_string());
    }
    printer.line(&as_text(&model))?;
    match world {
        Some(world) => printer.line(&world_as_text(&world)),
        None => Ok(()),
    }
}

fn world_as_text(world: &Vocabulary) -> String {
    let Vocabulary {
        things,
        colors,
        sizes,
        counts,
        moods,
        accessories,
        relations,
        ..
    } = world;
    let parts = [
        ("THINGS", things),
        ("COLOURS", colors),
        ("SIZES", sizes),
        ("COUNTS", counts),
        ("MOODS", moods),
        ("WORN AND HELD", accessories),
        ("RELATIONS", relations),
        ("SETTINGS", &world.backdrops),
        ("TIMES", &world.times),
        ("WEATHERS", &world.weathers),
    ];
    let row = |entry: &Entry| [entry.english.join(", "), entry.russian.join(", ")];
    let part = |(heading, entries): (&str, &Vec<Entry>)| {
        let rows: Vec<_> = entries.iter().map(row).collect();
        format!("\n{}", table([heading, ""], &rows))
    };
    parts.map(part).join("\n")
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
    table(["MODEL", "ALSO CALLED", "PROVIDERS", "LABEL"], &rows)
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
