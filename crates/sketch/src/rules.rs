//! The constraints on a scene: which accessories a subject can have, and which relations can be
//! combined.

use crate::scene::{Accessory, Place, Relation, Scene, Subject, Worn};

impl Subject {
    /// Adds an accessory and returns whether it was added. It is not if the subject cannot wear it,
    /// already has it, or already has another one on its head or in its hand.
    pub fn wear(&mut self, worn: Worn) -> bool {
        let on_head = |item| matches!(item, Accessory::Hat | Accessory::Crown);
        let in_hand = |item: Accessory| item.is_held();
        let clash = self.worn.iter().any(|other| {
            (on_head(other.item) && on_head(worn.item))
                || (in_hand(other.item) && in_hand(worn.item))
                || other.item == worn.item
        });
        if clash || !self.kind.can_wear(worn.item) {
            return false;
        }
        let at = self.worn.partition_point(|other| other.item < worn.item);
        self.worn.insert(at, worn);
        true
    }
}

impl Scene {
    /// Adds a relation unless it could contradict the existing ones, and returns whether it was added.
    ///
    /// A relation must join subjects that earlier relations do not connect, and a subject can be on,
    /// in, directly under or in front of only one other.
    pub fn relate(&mut self, relation: Relation) -> bool {
        let mut groups = Groups::new(self.subjects.len());
        for earlier in &self.relations {
            groups.accept(self, *earlier);
        }
        let fits = groups.accept(self, relation);
        if fits {
            self.relations.push(relation);
        }
        fits
    }
}

impl Relation {
    /// Whether the subject is placed on, in, in front of or directly under the object, so that both
    /// form a group.
    pub(crate) fn is_tight(&self, scene: &Scene) -> bool {
        match self.place {
            Place::On | Place::In | Place::InFrontOf => true,
            Place::Below => scene.subjects[self.object].kind.thing().under.is_some(),
            _ => false,
        }
    }
}

/// The groups of subjects that are connected by relations.
pub(crate) struct Groups {
    /// The group of each subject.
    group_of: Vec<usize>,
    /// Whether each subject already has a tight relation to another.
    has_base: Vec<bool>,
}

impl Groups {
    pub(crate) fn new(subjects: usize) -> Self {
        Self {
            group_of: (0..subjects).collect(),
            has_base: vec![false; subjects],
        }
    }

    /// Joins the groups of the subjects of `relation`. Returns false and changes nothing if a subject
    /// does not exist, two of them are already in one group, or the number of objects does not match
    /// the place.
    pub(crate) fn accept(&mut self, scene: &Scene, relation: Relation) -> bool {
        let mut members = vec![relation.subject, relation.object];
        match (relation.place, relation.other) {
            (Place::Between, Some(other)) => members.push(other),
            (Place::Between, None) | (_, Some(_)) => return false,
            (_, None) => {}
        }
        if members.iter().any(|&m| m >= self.group_of.len()) {
            return false;
        }
        let mut roots: Vec<usize> = members.iter().map(|&m| self.group_of[m]).collect();
        roots.sort_unstable();
        let tight = relation.is_tight(scene);
        if roots.windows(2).any(|pair| pair[0] == pair[1])
            || (tight && self.has_base[relation.subject])
        {
            return false;
        }
        self.has_base[relation.subject] |= tight;
        for group in &mut self.group_of {
            if roots.contains(group) {
                *group = roots[0];
            }
        }
        true
    }
}
