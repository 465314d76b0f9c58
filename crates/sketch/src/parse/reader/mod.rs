//! Combines the meanings of words, from first to last, into a scene.

mod modifiers;
mod relations;
mod setting;
mod things;

use super::state::{AccessoryState, FrontedRelation, Modifiers, PendingRelation, SpecifiedSetting};
use super::{MAX_LISTED, NothingRecognized, ParsedPrompt};
use crate::scene::{MAX_COUNT, Scene};
use crate::words::meaning::Meaning;

/// Builds a scene from a sequence of meanings.
#[derive(Debug, Default)]
pub(super) struct Reader {
    scene: Scene,
    unknown: Vec<String>,
    ignored: Vec<String>,
    modifiers: Modifiers,
    pending: Option<PendingRelation>,
    fronted: Option<FrontedRelation>,
    accessories: AccessoryState,
    /// After Russian "у": the next thing owns the accessories that follow it.
    owner_next: bool,
    /// The last thing mentioned.
    last_thing: Option<usize>,
    /// At the start of a sentence or right after "and", where a relation precedes its subject.
    clause_start: bool,
    sentence: usize,
    /// The sentence that introduced each subject.
    introduced_in: Vec<usize>,
    specified: SpecifiedSetting,
}

impl Reader {
    pub(super) fn word(&mut self, meaning: Meaning, word: &str) {
        match meaning {
            Meaning::Thing(kind, number) => self.thing(kind, number, word),
            Meaning::Accessory(item) => self.accessory(item, None, word),
            Meaning::ThingOrAccessory(kind, number, item) => {
                self.accessory(item, Some((kind, number)), word);
            }
            Meaning::Paint(paint) => {
                self.start_phrase();
                if self.modifiers.paint.is_none() {
                    self.modifiers.paint = Some(paint);
                } else {
                    self.ignore(word);
                }
            }
            Meaning::Shade(shade) => self.modifiers.shade = shade,
            Meaning::Size(size) => {
                self.start_phrase();
                self.modifiers.size = Some(size);
            }
            Meaning::Mood(mood) => {
                self.start_phrase();
                self.modifiers.mood = Some(mood);
            }
            Meaning::Count(count) => {
                self.start_phrase();
                self.modifiers.count = Some(count);
            }
            Meaning::TooMany => {
                self.start_phrase();
                self.modifiers.count = Some(MAX_COUNT);
                self.ignore(word);
            }
            Meaning::The => {
                self.start_phrase();
                self.modifiers.definite = true;
            }
            Meaning::A => {
                self.start_phrase();
                self.modifiers.indefinite = true;
            }
            Meaning::Place(place) => self.start_relation(place),
            Meaning::PlaceOfIt(place) => {
                self.start_relation(place);
                self.pronoun();
            }
            Meaning::Pronoun => self.pronoun(),
            Meaning::Backdrop(backdrop) => self.backdrop(backdrop, word),
            Meaning::Snow => self.snow(word),
            Meaning::Sky => self.sky(word),
            Meaning::Time(time) => self.time(time),
            Meaning::Weather(weather) => self.weather(weather),
            Meaning::Background => {
                self.modifiers = Modifiers::default();
                self.pending = None;
            }
            Meaning::Wear | Meaning::Hold => {
                self.describe_last_thing();
                self.accessories = AccessoryState::Expected;
            }
            Meaning::With => {
                self.describe_last_thing();
                self.drop_unknown_phrase();
                self.accessories = AccessoryState::AfterWith;
                self.modifiers.oblique = true;
            }
            Meaning::Owner => {
                self.describe_last_thing();
                self.owner_next = true;
                self.modifiers.oblique = true;
            }
            Meaning::And => {
                self.end_phrase();
                self.expect_more_accessories();
                self.clause_start = true;
            }
            Meaning::Preposition => {
                self.end_phrase();
                self.modifiers.oblique = true;
            }
            Meaning::Filler => {}
        }
    }

    pub(super) fn unknown(&mut self, word: &str) {
        push_unique(&mut self.unknown, word);
        self.modifiers.stale = true;
    }

    pub(super) fn comma(&mut self) {
        self.end_phrase();
        if self.fronted.is_none() {
            self.expect_more_accessories();
        }
    }

    /// Ends a sentence.
    pub(super) fn stop(&mut self) {
        self.end_phrase();
        self.end_relation();
        self.accessories = AccessoryState::None;
        self.owner_next = false;
        self.clause_start = true;
        self.sentence += 1;
    }

    pub(super) fn finish(mut self) -> Result<ParsedPrompt, NothingRecognized> {
        self.stop();
        if self.scene.subjects.is_empty() && !self.specified.any() {
            return Err(NothingRecognized {
                unknown: if self.unknown.is_empty() {
                    self.ignored
                } else {
                    self.unknown
                },
            });
        }
        Ok(ParsedPrompt {
            scene: self.scene,
            unknown: self.unknown,
            ignored: self.ignored,
        })
    }

    /// Reports a known word that could not be used.
    fn ignore(&mut self, word: &str) {
        push_unique(&mut self.ignored, word);
    }
}

/// Adds a word to a list without repeats, up to [`MAX_LISTED`].
fn push_unique(list: &mut Vec<String>, word: &str) {
    if list.len() < MAX_LISTED && !list.iter().any(|known| known == word) {
        list.push(word.to_owned());
    }
}
