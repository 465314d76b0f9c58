//! The lexicon: maps each form of each known English and Russian word to its meaning.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::extra;
use super::meaning::{Meaning, Number};
use super::tables::{ACCESSORIES, BACKDROPS, COLORS, COUNTS, MOODS, PLACES, SIZES};
use crate::grammar::english::{plural, singular};
use crate::grammar::russian::{Case, Noun, adjective_forms};
use crate::scene::{Accessory, Backdrop, Kind};
use crate::world::{Thing, things};

/// The length of the longest phrase, in words.
pub(crate) const MAX_PHRASE_WORDS: usize = 5;

/// The meanings of all known words and phrases.
pub(crate) struct Lexicon {
    words: HashMap<String, Meaning>,
}

impl Lexicon {
    /// Returns the lexicon, building it on first use.
    pub(crate) fn get() -> &'static Self {
        static LEXICON: OnceLock<Lexicon> = OnceLock::new();
        LEXICON.get_or_init(Self::build)
    }

    /// The meaning of a word or phrase, given in lower case, with "ё" written as "е" and hyphens as
    /// spaces.
    pub(crate) fn meaning(&self, words: &str) -> Option<Meaning> {
        self.words.get(words).copied()
    }

    /// Whether the name of this kind also names an accessory, such as "hat" or "balloon".
    pub(crate) fn is_accessory_too(&self, kind: Kind) -> bool {
        let name = kind.thing().en.first().map_or("", |name| singular(name));
        matches!(self.meaning(name), Some(Meaning::ThingOrAccessory(..)))
    }

    fn build() -> Self {
        let mut all = Self {
            words: HashMap::new(),
        };
        all.function_words();
        for (word, meaning) in extra::WORDS {
            all.add(word, *meaning);
        }
        for (words, meaning) in extra::ADJECTIVES {
            for word in words.iter().flat_map(|w| adjective_forms(w)) {
                all.add(&word, *meaning);
            }
        }
        for place in PLACES {
            for word in place.en {
                all.add(word, Meaning::Place(place.place));
            }
            for (word, _) in place.ru {
                all.add(word, Meaning::Place(place.place));
            }
        }
        all.adjectives(COLORS, Meaning::Paint);
        all.adjectives(SIZES, Meaning::Size);
        all.adjectives(MOODS, Meaning::Mood);
        for (i, (en, ru)) in COUNTS.iter().enumerate() {
            for word in std::iter::once(en).chain(ru) {
                all.add(word, Meaning::Count(i as u8 + 1));
            }
        }
        for thing in things() {
            all.thing(thing);
        }
        for item in ACCESSORIES {
            for name in item.en {
                all.accessory(singular(name), item.means);
                all.accessory(&plural(name), item.means);
            }
            for form in item.ru.iter().flat_map(Noun::forms) {
                all.accessory(&form, item.means);
            }
        }
        for backdrop in BACKDROPS.iter().filter(|b| b.means == Backdrop::Plain) {
            for phrase in backdrop.en.iter().chain(backdrop.ru) {
                all.add(phrase, Meaning::Backdrop(Backdrop::Plain));
            }
        }
        all
    }

    fn function_words(&mut self) {
        for (words, meaning) in extra::FUNCTION_WORDS {
            for word in words.split_whitespace() {
                self.add(word, *meaning);
            }
        }
    }

    fn adjectives<T: Copy>(
        &mut self,
        table: &[super::tables::Named<T>],
        meaning: impl Fn(T) -> Meaning,
    ) {
        for entry in table {
            for word in entry.en {
                self.add(word, meaning(entry.means));
            }
            for form in entry.ru.iter().flat_map(|w| adjective_forms(w)) {
                self.add(&form, meaning(entry.means));
            }
        }
    }

    fn thing(&mut self, thing: &Thing) {
        let kind = Kind::new(thing.id);
        for name in thing.en {
            let (one, many) = (singular(name), plural(name));
            if one != many {
                self.add(&many, Meaning::Thing(kind, Number::Many));
            }
            self.add(one, Meaning::Thing(kind, Number::One));
        }
        for noun in thing.ru {
            let forms = |plural| Case::ALL.map(|case| noun.form(case, plural));
            let (one, many) = (forms(false), forms(true));
            self.add(&noun.few(), Meaning::Thing(kind, Number::Many));
            for form in &many {
                let also_one = matches!(self.meaning(&fold(form)), Some(Meaning::Thing(k, Number::One | Number::Either)) if k == kind);
                let number = if also_one {
                    Number::Either
                } else {
                    Number::Many
                };
                self.add(form, Meaning::Thing(kind, number));
            }
            for form in &one {
                let number = if many.contains(form) {
                    Number::Either
                } else {
                    Number::One
                };
                self.add(form, Meaning::Thing(kind, number));
            }
        }
        for word in thing.parse_only {
            self.add(word, Meaning::Thing(kind, Number::One));
        }
    }

    /// Adds the name of an accessory, which may also name a thing.
    fn accessory(&mut self, word: &str, item: Accessory) {
        let meaning = match self.meaning(&fold(word)) {
            Some(Meaning::Thing(kind, number)) => Meaning::ThingOrAccessory(kind, number, item),
            Some(both @ Meaning::ThingOrAccessory(..)) => both,
            _ => Meaning::Accessory(item),
        };
        self.add(word, meaning);
    }

    fn add(&mut self, word: &str, meaning: Meaning) {
        self.words.insert(fold(word), meaning);
    }
}

/// Normalizes a word to the spelling that [`Lexicon::meaning`] expects.
fn fold(word: &str) -> String {
    word.to_lowercase().replace('ё', "е").replace('-', " ")
}
