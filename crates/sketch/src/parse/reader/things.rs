//! Nouns: things, later mentions of them, and accessories.

use super::Reader;
use crate::parse::state::{AccessoryState, Modifiers};
use crate::scene::{
    Accessory, Kind, MAX_COUNT, MAX_SUBJECTS, Mood, Place, Relation, Subject, Worn,
};
use crate::words::meaning::Number;

impl Reader {
    pub(super) fn thing(&mut self, kind: Kind, number: Number, word: &str) {
        let modifiers = std::mem::take(&mut self.modifiers);
        let known = self.earlier_mention(kind, &modifiers);
        let Some(this) = known.or_else(|| self.add_subject(kind, number, &modifiers, word)) else {
            self.pending = None;
            self.accessories = AccessoryState::None;
            return;
        };
        let after_with = self.accessories == AccessoryState::AfterWith;
        self.accessories = if self.owner_next {
            AccessoryState::AfterWith
        } else {
            AccessoryState::None
        };
        self.owner_next = false;
        self.clause_start = false;
        let previous = self.last_thing.replace(this);
        if let Some(pending) = self.pending.take() {
            self.complete_pending(pending, this);
        } else if let Some(fronted) = self.fronted.take() {
            self.complete_fronted(fronted, this);
        } else if let (true, Some(previous)) = (after_with, previous) {
            let relation = Relation {
                subject: this,
                place: Place::NextTo,
                object: previous,
                other: None,
            };
            self.add_relation(relation, "with");
        }
    }

    /// The earlier subject that a bare or definite noun refers to.
    fn earlier_mention(&self, kind: Kind, modifiers: &Modifiers) -> Option<usize> {
        if modifiers.indefinite || !modifiers.is_bare() {
            return None;
        }
        (0..self.scene.subjects.len()).rev().find(|&i| {
            self.scene.subjects[i].kind == kind
                && (modifiers.definite || self.introduced_in[i] != self.sentence)
        })
    }

    /// Adds a subject and returns its index, or `None` if the scene is full.
    fn add_subject(
        &mut self,
        kind: Kind,
        number: Number,
        modifiers: &Modifiers,
        word: &str,
    ) -> Option<usize> {
        if self.scene.subjects.len() >= MAX_SUBJECTS {
            self.ignore(word);
            return None;
        }
        let mut subject = Subject::new(kind);
        let several = number == Number::Many
            || (number == Number::Either && !modifiers.oblique && self.pending.is_none());
        subject.count = modifiers
            .count
            .unwrap_or(if several { 3 } else { 1 })
            .clamp(1, MAX_COUNT);
        subject.paint = modifiers.paint();
        subject.size = modifiers.size.unwrap_or_default();
        match modifiers.mood {
            Some(mood) if kind.has_face() => subject.mood = mood,
            Some(Mood::Happy) | None => {}
            Some(_) => self.ignore(word),
        }
        Some(self.push_subject(subject))
    }

    pub(super) fn push_subject(&mut self, subject: Subject) -> usize {
        self.scene.subjects.push(subject);
        self.introduced_in.push(self.sentence);
        self.scene.subjects.len() - 1
    }

    /// Reads the name of an accessory, which may also name a thing.
    pub(super) fn accessory(&mut self, item: Accessory, thing: Option<(Kind, Number)>, word: &str) {
        let after_in = self.pending.is_some_and(|pending| {
            pending.place == Place::In
                && (pending.subject.is_some() || self.accessories == AccessoryState::Expected)
        });
        let expected = after_in
            || matches!(
                self.accessories,
                AccessoryState::Expected | AccessoryState::AfterWith
            );
        let is_object = self
            .pending
            .is_some_and(|pending| pending.first_object.is_none())
            && !after_in;
        if let Some((kind, number)) = thing
            && (!expected || is_object || self.last_thing.is_none())
        {
            self.thing(kind, number, word);
            return;
        }
        let modifiers = std::mem::take(&mut self.modifiers);
        if after_in || is_object {
            self.pending = None;
        }
        self.clause_start = false;
        self.accessories = AccessoryState::Attached;
        let paint = modifiers.paint();
        let fits = self
            .last_thing
            .and_then(|last| self.scene.subjects.get_mut(last))
            .is_some_and(|subject| subject.wear(Worn { item, paint }));
        if !fits {
            self.ignore(word);
        }
    }

    /// After "and" or a comma, another accessory of the same thing may follow.
    pub(super) fn expect_more_accessories(&mut self) {
        if self.accessories == AccessoryState::Attached {
            self.accessories = AccessoryState::Expected;
        }
    }
}
