//! The reader: combines the meanings of words, from first to last, into a scene.

use super::state::{Attach, Before, Fronted, Waiting};
use super::{MAX_LISTED, NothingRecognized, ParsedPrompt};
use crate::scene::{
    Accessory, Backdrop, Kind, MAX_COUNT, MAX_SUBJECTS, Mood, Place, Relation, Scene, Size,
    Subject, Time, Weather, Worn,
};
use crate::words::meaning::{Meaning, Number};

/// Builds a scene from a sequence of meanings.
#[derive(Debug, Default)]
pub(super) struct Reader {
    scene: Scene,
    unknown: Vec<String>,
    ignored: Vec<String>,
    before: Before,
    waiting: Option<Waiting>,
    fronted: Option<Fronted>,
    attach: Attach,
    /// After Russian "у": accessories that follow the next thing belong to it.
    owner: bool,
    /// The last thing mentioned.
    head: Option<usize>,
    /// At the start of a sentence or right after "and": a relation here precedes its subject.
    fresh: bool,
    sentence: usize,
    /// The sentence in which each subject was introduced.
    introduced: Vec<usize>,
    /// Whether the backdrop, the time and the weather have been set.
    set: [bool; 3],
}

impl Reader {
    #[expect(clippy::too_many_lines, reason = "one arm per meaning")]
    pub(super) fn word(&mut self, meaning: Meaning, word: &str) {
        match meaning {
            Meaning::Thing(kind, number) => self.thing(kind, number, word),
            Meaning::Item(item) => self.item(item, None, word),
            Meaning::Both(kind, number, item) => self.item(item, Some((kind, number)), word),
            Meaning::Paint(paint) => {
                self.settle();
                if self.before.paint.is_none() {
                    self.before.paint = Some(paint);
                } else {
                    note(&mut self.ignored, word);
                }
            }
            Meaning::Shade(shade) => self.before.shade = shade,
            Meaning::Size(size) => {
                self.settle();
                self.before.size = Some(size);
            }
            Meaning::Mood(mood) => {
                self.settle();
                self.before.mood = Some(mood);
            }
            Meaning::Count(count) => {
                self.settle();
                self.before.count = Some(count);
            }
            Meaning::TooMany => {
                self.settle();
                self.before.count = Some(MAX_COUNT);
                note(&mut self.ignored, word);
            }
            Meaning::Place(place) => self.place(place),
            Meaning::Beside(place) => {
                self.place(place);
                self.pronoun();
            }
            Meaning::Backdrop(backdrop) => self.backdrop(backdrop, word),
            Meaning::Snow => {
                let inside = self
                    .waiting
                    .is_some_and(|w| matches!(w.place, Place::In | Place::On));
                if inside && !self.set[0] {
                    self.backdrop(Backdrop::Snow, word);
                } else {
                    self.weather(Weather::Snow);
                }
            }
            Meaning::Sky => {
                let elsewhere = self.set[0]
                    || self
                        .waiting
                        .is_some_and(|w| !matches!(w.place, Place::In | Place::On));
                if elsewhere {
                    self.end_setting();
                } else {
                    self.backdrop(Backdrop::Sky, word);
                }
            }
            Meaning::Time(time) => {
                if !self.set[1] || time != Time::Day {
                    self.scene.setting.time = time;
                }
                self.set[1] = true;
                self.end_setting();
            }
            Meaning::Weather(weather) => self.weather(weather),
            Meaning::Wear | Meaning::Hold => {
                self.describe();
                self.attach = Attach::Put;
            }
            Meaning::With => {
                self.describe();
                self.drop_stale();
                self.attach = Attach::With;
                self.before.oblique = true;
            }
            Meaning::Of => {
                self.describe();
                self.owner = true;
                self.before.oblique = true;
            }
            Meaning::And => {
                self.drop_stale();
                self.describe();
                self.revive();
                self.fresh = true;
            }
            Meaning::The => {
                self.settle();
                self.before.definite = true;
            }
            Meaning::A => {
                self.settle();
                self.before.indefinite = true;
            }
            Meaning::Pronoun => self.pronoun(),
            Meaning::Ground => {
                self.before = Before::default();
                self.waiting = None;
            }
            Meaning::Preposition => {
                self.drop_stale();
                self.describe();
                self.before.oblique = true;
            }
            Meaning::Filler => {}
        }
    }

    pub(super) fn unknown(&mut self, word: &str) {
        note(&mut self.unknown, word);
        self.before.stale = true;
    }

    pub(super) fn comma(&mut self) {
        self.drop_stale();
        self.describe();
        if self.fronted.is_none() {
            self.revive();
        }
    }

    /// After "and" or a comma, the same wearer may get further accessories.
    fn revive(&mut self) {
        if self.attach == Attach::Spent {
            self.attach = Attach::Put;
        }
    }

    pub(super) fn stop(&mut self) {
        self.drop_stale();
        self.describe();
        self.end_relation();
        self.attach = Attach::None;
        self.owner = false;
        self.fresh = true;
        self.sentence += 1;
    }

    pub(super) fn finish(mut self) -> Result<ParsedPrompt, NothingRecognized> {
        self.stop();
        if self.scene.subjects.is_empty() && self.set == [false; 3] {
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

    /// Drops the modifiers that an unknown noun took, when a new phrase begins.
    fn settle(&mut self) {
        if self.before.stale {
            self.before = Before::default();
        }
    }

    /// Like [`Reader::settle`], and also drops a relation to the unknown noun.
    fn drop_stale(&mut self) {
        if self.before.stale {
            self.before = Before::default();
            if self.attach == Attach::With {
                self.attach = Attach::None;
            }
            self.waiting = None;
        }
    }

    /// Applies modifiers that no noun followed to the last thing: "the cat is black".
    fn describe(&mut self) {
        if self.before.stale {
            self.before = Before::default();
            return;
        }
        let before = std::mem::take(&mut self.before);
        let Some(subject) = self.head.and_then(|head| self.scene.subjects.get_mut(head)) else {
            self.before = before;
            return;
        };
        if self.waiting.is_some() || self.fresh {
            self.before = before;
            return;
        }
        if subject.paint.is_none() {
            subject.paint = before.paint();
        }
        if let (Some(size), Size::Medium) = (before.size, subject.size) {
            subject.size = size;
        }
        if let (Some(mood), true) = (before.mood, subject.kind.has_face()) {
            subject.mood = mood;
        }
    }

    /// "between two trees": splits the trees into two subjects, one for each side.
    fn part(&mut self) {
        let Some(Waiting {
            subject: Some(subject),
            first: Some(first),
            word,
            ..
        }) = self.waiting
        else {
            return;
        };
        let count = self.scene.subjects[first].count;
        if count < 2 || self.scene.subjects.len() >= MAX_SUBJECTS {
            return;
        }
        let mut other = self.scene.subjects[first].clone();
        other.count = count / 2;
        self.scene.subjects[first].count = count - count / 2;
        self.scene.subjects.push(other);
        self.introduced.push(self.sentence);
        let last = self.scene.subjects.len() - 1;
        self.waiting = None;
        self.relate(subject, Place::Between, first, Some(last), word);
    }

    fn place(&mut self, place: Place) {
        self.drop_stale();
        self.describe();
        if place != Place::In {
            self.part();
        }
        self.before.oblique = true;
        // "between a boy in a hat and a girl": the hat belongs to the first neighbour.
        if self.waiting.is_some_and(|w| w.first.is_some()) && place == Place::In {
            self.attach = Attach::Put;
            return;
        }
        let subject = if self.fresh { None } else { self.head };
        self.waiting = Some(Waiting {
            subject,
            place,
            first: None,
            word: "relation",
        });
        self.fresh = false;
    }

    fn thing(&mut self, kind: Kind, number: Number, word: &str) {
        let before = std::mem::take(&mut self.before);
        let known = self.mentioned(kind, &before);
        let Some(this) = known.or_else(|| self.add(kind, number, &before, word)) else {
            self.waiting = None;
            self.attach = Attach::None;
            return;
        };
        let with = self.attach == Attach::With;
        self.attach = if self.owner {
            Attach::With
        } else {
            Attach::None
        };
        self.owner = false;
        self.fresh = false;
        let head = self.head.replace(this);
        if let Some(waiting) = self.waiting.take() {
            self.related(waiting, this);
        } else if let Some(fronted) = self.fronted.take() {
            self.front(fronted, this);
        } else if let (true, Some(head)) = (with, head) {
            self.relate(this, Place::NextTo, head, None, "with");
        }
    }

    /// The earlier subject that a bare or definite noun refers to.
    fn mentioned(&self, kind: Kind, before: &Before) -> Option<usize> {
        if before.indefinite || !before.is_bare() {
            return None;
        }
        (0..self.scene.subjects.len()).rev().find(|&i| {
            self.scene.subjects[i].kind == kind
                && (before.definite || self.introduced[i] != self.sentence)
        })
    }

    fn add(&mut self, kind: Kind, number: Number, before: &Before, word: &str) -> Option<usize> {
        if self.scene.subjects.len() >= MAX_SUBJECTS {
            note(&mut self.ignored, word);
            return None;
        }
        let mut subject = Subject::new(kind);
        let several = number == Number::Many
            || (number == Number::Either && !before.oblique && self.waiting.is_none());
        subject.count = before
            .count
            .unwrap_or(if several { 3 } else { 1 })
            .clamp(1, MAX_COUNT);
        subject.paint = before.paint();
        subject.size = before.size.unwrap_or_default();
        match before.mood {
            Some(mood) if kind.has_face() => subject.mood = mood,
            Some(Mood::Happy) | None => {}
            Some(_) => note(&mut self.ignored, word),
        }
        self.scene.subjects.push(subject);
        self.introduced.push(self.sentence);
        Some(self.scene.subjects.len() - 1)
    }

    /// Completes a waiting relation with `this` as its object.
    fn related(&mut self, waiting: Waiting, this: usize) {
        let Waiting {
            subject,
            place,
            first,
            word,
        } = waiting;
        if place == Place::Between && first.is_none() {
            self.waiting = Some(Waiting {
                first: Some(this),
                ..waiting
            });
            return;
        }
        let (object, other) = match first {
            Some(first) => (first, Some(this)),
            None => (this, None),
        };
        match subject {
            Some(subject) => self.relate(subject, place, object, other, word),
            None => {
                self.fronted = Some(Fronted {
                    place,
                    object,
                    other,
                });
            }
        }
    }

    /// Completes a relation that preceded its subject `this`. The subject moves before the objects,
    /// as if it had been named first.
    fn front(&mut self, fronted: Fronted, this: usize) {
        let Fronted {
            place,
            object,
            other,
        } = fronted;
        let at = object.min(other.unwrap_or(object));
        if this != self.scene.subjects.len() - 1
            || at >= this
            || self.introduced[at] != self.sentence
        {
            self.relate(this, place, object, other, "relation");
            return;
        }
        self.scene.subjects[at..].rotate_right(1);
        self.introduced[at..].rotate_right(1);
        let moved = |i: usize| {
            if i == this {
                at
            } else if i >= at {
                i + 1
            } else {
                i
            }
        };
        for relation in &mut self.scene.relations {
            relation.subject = moved(relation.subject);
            relation.object = moved(relation.object);
            relation.other = relation.other.map(moved);
        }
        self.head = Some(at);
        self.relate(at, place, moved(object), other.map(moved), "relation");
    }

    fn relate(
        &mut self,
        subject: usize,
        place: Place,
        object: usize,
        other: Option<usize>,
        word: &str,
    ) {
        let relation = Relation {
            subject,
            place,
            object,
            other,
        };
        if !self.scene.relate(relation) {
            note(&mut self.ignored, word);
        }
    }

    fn pronoun(&mut self) {
        let Some(waiting) = self.waiting.take() else {
            return;
        };
        self.before = Before::default();
        match (waiting.subject, self.head) {
            // "a house with a cat on it": the relation replaces the one from "with".
            (Some(subject), _) => {
                let link = self
                    .scene
                    .relations
                    .iter()
                    .position(|r| r.subject == subject && r.place == Place::NextTo);
                let object = link
                    .map(|i| self.scene.relations[i].object)
                    .or_else(|| subject.checked_sub(1));
                if let Some(object) = object {
                    if let Some(i) = link {
                        self.scene.relations.remove(i);
                    }
                    self.relate(subject, waiting.place, object, None, "relation");
                }
            }
            (None, Some(head)) => {
                self.fronted = Some(Fronted {
                    place: waiting.place,
                    object: head,
                    other: None,
                });
            }
            (None, None) => {}
        }
    }

    /// Reads an accessory; `thing` is set if the word also names a thing of its own.
    fn item(&mut self, item: Accessory, thing: Option<(Kind, Number)>, word: &str) {
        let inside = self.waiting.is_some_and(|w| {
            w.place == Place::In && (w.subject.is_some() || self.attach == Attach::Put)
        });
        let dressing = matches!(self.attach, Attach::Put | Attach::With) || inside;
        let placed = self.waiting.is_some_and(|w| w.first.is_none()) && !inside;
        if let Some((kind, number)) = thing
            && (!dressing || placed || self.head.is_none())
        {
            self.thing(kind, number, word);
            return;
        }
        let before = std::mem::take(&mut self.before);
        if inside || placed {
            self.waiting = None;
        }
        self.fresh = false;
        self.attach = Attach::Spent;
        let paint = before.paint();
        let fits = self
            .head
            .and_then(|head| self.scene.subjects.get_mut(head))
            .is_some_and(|subject| subject.wear(Worn { item, paint }));
        if !fits {
            note(&mut self.ignored, word);
        }
    }

    fn backdrop(&mut self, backdrop: Backdrop, word: &str) {
        if self.set[0] && self.scene.setting.backdrop != backdrop {
            match backdrop {
                Backdrop::Snow => self.scene.setting.weather = Weather::Snow,
                _ => note(&mut self.ignored, word),
            }
        } else {
            self.scene.setting.backdrop = backdrop;
        }
        self.set[0] = true;
        self.end_setting();
    }

    fn weather(&mut self, weather: Weather) {
        self.scene.setting.weather = weather;
        self.set[2] = true;
        self.end_setting();
    }

    /// After a word of the setting, drops the modifiers and the relation that led to it.
    fn end_setting(&mut self) {
        self.part();
        self.before = Before::default();
        if let Some(Waiting { subject: None, .. }) = self.waiting.take() {
            self.fresh = true;
        }
    }

    /// Resolves or drops an incomplete relation at the end of a sentence.
    fn end_relation(&mut self) {
        self.part();
        self.waiting = None;
        if let Some(fronted) = self.fronted.take() {
            let before = fronted.object.checked_sub(1);
            if let Some(subject) = before {
                self.relate(
                    subject,
                    fronted.place,
                    fronted.object,
                    fronted.other,
                    "relation",
                );
            }
        }
        self.before = Before::default();
    }
}

/// Adds a word to a list without repeats, up to [`MAX_LISTED`].
fn note(list: &mut Vec<String>, word: &str) {
    if list.len() < MAX_LISTED && !list.iter().any(|known| known == word) {
        list.push(word.to_owned());
    }
}
