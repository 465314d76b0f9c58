//! Words of both languages.

mod extra;
pub(crate) mod lexicon;
pub mod ru;
pub(crate) mod tables;
mod vocabulary;

pub use vocabulary::{Entry, Vocabulary, vocabulary};

/// A language of prompts and captions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Russian.
    #[serde(rename = "ru")]
    Russian,
}

/// The singular of an English name as the world writes it: "mouse" of "mouse/mice".
pub(crate) fn singular(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

/// The plural of an English name: what follows the slash, or the usual ending.
pub(crate) fn plural(name: &str) -> String {
    if let Some((_, many)) = name.split_once('/') {
        return many.to_owned();
    }
    let ends = |tails: &[&str]| tails.iter().any(|tail| name.ends_with(tail));
    if ends(&["s", "x", "z", "ch", "sh"]) {
        format!("{name}es")
    } else if name.ends_with('y') && !ends(&["ay", "ey", "oy", "uy"]) {
        format!("{}ies", &name[..name.len() - 1])
    } else {
        format!("{name}s")
    }
}
