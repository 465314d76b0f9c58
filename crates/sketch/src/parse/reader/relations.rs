//! Relations between subjects, and pronouns.

use super::Reader;
use crate::parse::state::{AccessoryState, FrontedRelation, Modifiers, PendingRelation};
use crate::scene::{MAX_SUBJECTS, Place, Relation};

/// How [`ParsedPrompt::ignored`](crate::ParsedPrompt::ignored) names a relation that does not fit.
const RELATION: &str = "relation";

impl Reader {
    pub(super) fn start_relation(&mut self, place: Place) {
        self.end_phrase();
        if place != Place::In {
            self.split_between();
        }
        self.modifiers.oblique = true;
        // "between a boy in a hat and a girl": the hat belongs to the first neighbour.
        if place == Place::In
            && self
                .pending
                .is_some_and(|pending| pending.first_object.is_some())
        {
            self.accessories = AccessoryState::Expected;
            return;
        }
        self.pending = Some(PendingRelation {
            subject: if self.clause_start {
                None
            } else {
                self.last_thing
            },
            place,
            first_object: None,
        });
        self.clause_start = false;
    }

    /// Completes a pending relation with its object `this`.
    pub(super) fn complete_pending(&mut self, pending: PendingRelation, this: usize) {
        let PendingRelation {
            subject,
            place,
            first_object,
        } = pending;
        if place == Place::Between && first_object.is_none() {
            self.pending = Some(PendingRelation {
                first_object: Some(this),
                ..pending
            });
            return;
        }
        let (object, other) = match first_object {
            Some(first) => (first, Some(this)),
            None => (this, None),
        };
        match subject {
            Some(subject) => {
                let relation = Relation {
                    subject,
                    place,
                    object,
                    other,
                };
                self.add_relation(relation, RELATION);
            }
            None => {
                self.fronted = Some(FrontedRelation {
                    place,
                    object,
                    other,
                });
            }
        }
    }

    /// Completes a fronted relation with its subject `this`. A new subject moves before the objects,
    /// as if it had been named first.
    pub(super) fn complete_fronted(&mut self, fronted: FrontedRelation, this: usize) {
        let FrontedRelation {
            place,
            object,
            other,
        } = fronted;
        let relation = Relation {
            subject: this,
            place,
            object,
            other,
        };
        let first = object.min(other.unwrap_or(object));
        if this != self.scene.subjects.len() - 1
            || first >= this
            || self.introduced_in[first] != self.sentence
        {
            self.add_relation(relation, RELATION);
            return;
        }
        self.scene.subjects[first..].rotate_right(1);
        self.introduced_in[first..].rotate_right(1);
        let moved = |relation: Relation| {
            let index = |i: usize| {
                if i == this {
                    first
                } else if i >= first {
                    i + 1
                } else {
                    i
                }
            };
            Relation {
                subject: index(relation.subject),
                place: relation.place,
                object: index(relation.object),
                other: relation.other.map(index),
            }
        };
        for earlier in &mut self.scene.relations {
            *earlier = moved(*earlier);
        }
        self.last_thing = Some(first);
        self.add_relation(moved(relation), RELATION);
    }

    /// Adds a relation, or reports `word` as ignored if the relation does not fit the others.
    pub(super) fn add_relation(&mut self, relation: Relation, word: &str) {
        if !self.scene.relate(relation) {
            self.ignore(word);
        }
    }

    /// "between two trees": splits the trees into two subjects, one for each side.
    pub(super) fn split_between(&mut self) {
        let Some(PendingRelation {
            subject: Some(subject),
            first_object: Some(first),
            ..
        }) = self.pending
        else {
            return;
        };
        let count = self.scene.subjects[first].count;
        if count < 2 || self.scene.subjects.len() >= MAX_SUBJECTS {
            return;
        }
        let mut half = self.scene.subjects[first].clone();
        half.count = count / 2;
        self.scene.subjects[first].count = count - count / 2;
        let other = self.push_subject(half);
        self.pending = None;
        let relation = Relation {
            subject,
            place: Place::Between,
            object: first,
            other: Some(other),
        };
        self.add_relation(relation, RELATION);
    }

    pub(super) fn pronoun(&mut self) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        self.modifiers = Modifiers::default();
        match (pending.subject, self.last_thing) {
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
                    let relation = Relation {
                        subject,
                        place: pending.place,
                        object,
                        other: None,
                    };
                    self.add_relation(relation, RELATION);
                }
            }
            (None, Some(last)) => {
                self.fronted = Some(FrontedRelation {
                    place: pending.place,
                    object: last,
                    other: None,
                });
            }
            (None, None) => {}
        }
    }

    /// Resolves or drops an incomplete relation at the end of a sentence.
    pub(super) fn end_relation(&mut self) {
        self.split_between();
        self.pending = None;
        if let Some(fronted) = self.fronted.take()
            && let Some(subject) = fronted.object.checked_sub(1)
        {
            let relation = Relation {
                subject,
                place: fronted.place,
                object: fronted.object,
                other: fronted.other,
            };
            self.add_relation(relation, RELATION);
        }
        self.modifiers = Modifiers::default();
    }
}
