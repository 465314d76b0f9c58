//! The vocabulary of the built-in renderer, for `models show sketch`.

use serde_json::Value;

/// The vocabulary as JSON, or `None` for other models or without the feature `sketch`.
pub(super) fn as_json(model: &str) -> Option<Value> {
    #[cfg(feature = "sketch")]
    if model == fluxhop::providers::sketch::NAME {
        return Some(serde_json::json!(fluxhop_sketch::vocabulary()));
    }
    let _ = model;
    None
}

/// The vocabulary as tables, or `None` for other models or without the feature `sketch`.
pub(super) fn as_text(model: &str) -> Option<String> {
    #[cfg(feature = "sketch")]
    if model == fluxhop::providers::sketch::NAME {
        return Some(tables(&fluxhop_sketch::vocabulary()));
    }
    let _ = model;
    None
}

#[cfg(feature = "sketch")]
fn tables(vocabulary: &fluxhop_sketch::Vocabulary) -> String {
    use crate::commands::table::table;
    use fluxhop_sketch::{Entry, Vocabulary};

    let Vocabulary {
        things,
        colors,
        sizes,
        counts,
        moods,
        accessories,
        relations,
        ..
    } = vocabulary;
    let sections = [
        ("THINGS", things),
        ("COLOURS", colors),
        ("SIZES", sizes),
        ("COUNTS", counts),
        ("MOODS", moods),
        ("WORN AND HELD", accessories),
        ("RELATIONS", relations),
        ("SETTINGS", &vocabulary.backdrops),
        ("TIMES", &vocabulary.times),
        ("WEATHERS", &vocabulary.weathers),
    ];
    let row = |entry: &Entry| [entry.english.join(", "), entry.russian.join(", ")];
    let section = |(heading, entries): (&str, &Vec<Entry>)| {
        let rows: Vec<_> = entries.iter().map(row).collect();
        format!("\n{}", table([heading, ""], &rows))
    };
    sections.map(section).join("\n")
}
