//! Decides which modifiers to keep, drop or apply to the last thing.

use super::Reader;
use crate::parse::state::{AccessoryState, Modifiers};
use crate::scene::Size;

impl Reader {
    /// Drops the modifiers of an unknown noun before a new noun phrase.
    pub(super) fn start_phrase(&mut self) {
        if self.modifiers.stale {
            self.modifiers = Modifiers::default();
        }
    }

    /// Drops the phrase of an unknown noun, or else applies the modifiers to the last thing.
    pub(super) fn end_phrase(&mut self) {
        self.drop_unknown_phrase();
        self.describe_last_thing();
    }

    /// Drops the modifiers of an unknown noun, and the relation or "with" before it.
    pub(super) fn drop_unknown_phrase(&mut self) {
        if self.modifiers.stale {
            self.modifiers = Modifiers::default();
            if self.accessories == AccessoryState::AfterWith {
                self.accessories = AccessoryState::None;
            }
            self.pending = None;
        }
    }

    /// Applies modifiers that no noun followed to the last thing: "the cat is black".
    pub(super) fn describe_last_thing(&mut self) {
        if self.modifiers.stale {
            self.modifiers = Modifiers::default();
            return;
        }
        if self.pending.is_some() || self.clause_start {
            return;
        }
        let Some(subject) = self
            .last_thing
            .and_then(|last| self.scene.subjects.get_mut(last))
        else {
            return;
        };
        let modifiers = std::mem::take(&mut self.modifiers);
        if subject.paint.is_none() {
            subject.paint = modifiers.paint();
        }
        if let (Some(size), Size::Medium) = (modifiers.size, subject.size) {
            subject.size = size;
        }
        if let (Some(mood), true) = (modifiers.mood, subject.kind.has_face()) {
            subject.mood = mood;
        }
    }
}
