//! Lists everything that can be drawn, with the words for it.

use serde::Serialize;

use super::tables::{
    ACCESSORIES, BACKDROPS, COLORS, COUNTS, MOODS, Named, PLACES, SIZES, TIMES, WEATHERS,
};
use crate::grammar::english::singular;
use crate::grammar::russian::Case;
use crate::world::things;

/// A thing, property or relation, with the words for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// The id used in labels. For a shade, the colour and the shade: "blue light".
    pub id: String,
    /// English words, the most common first.
    pub english: Vec<String>,
    /// Russian words in their dictionary form, the most common first.
    pub russian: Vec<String>,
}

/// Everything that a prompt can ask for; see [`vocabulary`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Vocabulary {
    /// The things.
    pub things: Vec<Entry>,
    /// The colours, each in up to three shades.
    pub colors: Vec<Entry>,
    /// The sizes.
    pub sizes: Vec<Entry>,
    /// The numbers.
    pub counts: Vec<Entry>,
    /// The facial expressions.
    pub moods: Vec<Entry>,
    /// The accessories that can be worn or held.
    pub accessories: Vec<Entry>,
    /// The positions relative to other things.
    pub relations: Vec<Entry>,
    /// The backdrops.
    pub backdrops: Vec<Entry>,
    /// The times of day.
    pub times: Vec<Entry>,
    /// The kinds of weather.
    pub weathers: Vec<Entry>,
}

/// Lists everything that can be drawn, with the words for it.
///
/// The parser also accepts further words and, for each word, all its forms.
pub fn vocabulary() -> Vocabulary {
    Vocabulary {
        things: things()
            .map(|thing| Entry {
                id: thing.id.to_owned(),
                english: thing
                    .en
                    .iter()
                    .map(|name| singular(name).to_owned())
                    .collect(),
                russian: thing
                    .ru
                    .iter()
                    .map(|noun| noun.form(Case::Nominative, false))
                    .collect(),
            })
            .collect(),
        colors: COLORS
            .iter()
            .map(|entry| Entry {
                id: match label(&entry.means.shade).as_str() {
                    "plain" => label(&entry.means.color),
                    shade => format!("{} {shade}", label(&entry.means.color)),
                },
                english: owned(entry.en),
                russian: owned(entry.ru),
            })
            .collect(),
        sizes: entries(SIZES),
        counts: COUNTS
            .iter()
            .enumerate()
            .map(|(i, (english, russian))| Entry {
                id: (i + 1).to_string(),
                english: owned(&[*english]),
                russian: owned(&russian[..1]),
            })
            .collect(),
        moods: entries(MOODS),
        accessories: ACCESSORIES
            .iter()
            .map(|entry| Entry {
                id: label(&entry.means),
                english: entry
                    .en
                    .iter()
                    .map(|name| singular(name).to_owned())
                    .collect(),
                russian: entry
                    .ru
                    .iter()
                    .map(|noun| noun.form(Case::Nominative, false))
                    .collect(),
            })
            .collect(),
        relations: PLACES
            .iter()
            .map(|entry| Entry {
                id: label(&entry.place),
                english: owned(entry.en),
                russian: entry
                    .ru
                    .iter()
                    .map(|(words, _)| (*words).to_owned())
                    .collect(),
            })
            .collect(),
        backdrops: entries(BACKDROPS),
        times: entries(TIMES),
        weathers: entries(WEATHERS),
    }
}

fn entries<T: Serialize>(table: &[Named<T>]) -> Vec<Entry> {
    table
        .iter()
        .map(|entry| Entry {
            id: label(&entry.means),
            english: owned(entry.en),
            russian: owned(entry.ru),
        })
        .collect()
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// The id of a value in labels: its serialized name.
fn label<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
