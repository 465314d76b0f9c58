//! The words of both languages and their meanings.

mod extra;
pub(crate) mod lexicon;
pub(crate) mod meaning;
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
