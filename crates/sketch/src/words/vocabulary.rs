//! The world as lists of words, for those who ask what can be drawn.

use serde::Serialize;

use super::tables::{
    BACKDROPS, COLORS, COUNTS, ITEMS, MOODS, Named, PLACES, SIZES, TIMES, WEATHERS,
};
use crate::grammar::english::singular;
use crate::grammar::russian::Case;
use crate::world::things;

/// One thing that can be asked for, with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its name in labels; a shade follows its colour after a space: "blue light".
    pub id: String,
    /// English words, the usual one first.
    pub english: Vec<String>,
    /// Russian words in their dictionary form, the usual one first.
    pub russian: Vec<String>,
}

/// Everything that can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Vocabulary {
    /// The things.
    pub things: Vec<Entry>,
    /// The colours and their shades.
    pub colors: Vec<Entry>,
    /// The sizes.
    pub sizes: Vec<Entry>,
    /// How many.
    pub counts: Vec<Entry>,
    /// What faces show.
    pub moods: Vec<Entry>,
    /// What is worn and held.
    pub accessories: Vec<Entry>,
    /// How things stand to each other.
    pub relations: Vec<Entry>,
    /// Where scenes are set.
    pub backdrops: Vec<Entry>,
    /// The times of day.
    pub times: Vec<Entry>,
    /// The weathers.
    pub weathers: Vec<Entry>,
}

/// Lists everything that can be asked for.
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

/// A value's name in labels.
fn label<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
