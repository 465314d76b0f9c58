//! The English and Russian vocabulary.

mod extra;
pub(crate) mod lexicon;
pub(crate) mod meaning;
pub(crate) mod tables;
mod vocabulary;

pub use vocabulary::{Entry, Vocabulary, vocabulary};

/// A language that prompts and captions can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Russian.
    #[serde(rename = "ru")]
    Russian,
}
