//! Lists of everything that can be drawn, with its words.

use serde::Serialize;

use super::tables::{
    BACKDROPS, COLORS, COUNTS, ITEMS, MOODS, Named, PLACES, SIZES, TIMES, WEATHERS,
};
use crate::grammar::english::singular;
use crate::grammar::russian::Case;
use crate::world::things;

/// A concept with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its id in labels; a shade follows its colour after a space: "blue light".
    pub id: String,
    /// English words, the usual one first.
    pub english: Vec<String>,
    /// Russian words in their dictionary form, the usual one first.
    pub russian: Vec<String>,
}

/// All words that prompts can use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Vocabulary {
    /// The things.
    pub things: Vec<Entry>,
    /// The colours and their shades.
    pub colors: Vec<Entry>,
    /// The sizes.
    pub sizes: Vec<Entry>,
    /// The numbers.
    pub counts: Vec<Entry>,
    /// The expressions of faces.
    pub moods: Vec<Entry>,
    /// What can be worn or held.
    pub accessories: Vec<Entry>,
    /// Positions relative to other things.
    pub relations: Vec<Entry>,
    /// The places where scenes can be set.
    pub backdrops: Vec<Entry>,
    /// The times of day.
    pub times: Vec<Entry>,
    /// Kinds of weather.
    pub weathers: Vec<Entry>,
}

/// Lists everything that can be drawn.
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
        accessories: ITEMS
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

/// The id of a value in labels.
fn label<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
