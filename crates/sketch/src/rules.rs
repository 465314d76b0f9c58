//! What a scene may contain: which accessories fit a thing, and which relations fit together.

use crate::scene::{Accessory, Place, Relation, Scene, Subject, Worn};

impl Subject {
    /// Adds an accessory and returns true, or returns false if the subject cannot wear it or already
    /// wears one in its place.
    pub fn wear(&mut self, worn: Worn) -> bool {
        let head_taken = |item| matches!(item, Accessory::Hat | Accessory::Crown);
        let hand_taken = |item: Accessory| item.is_held();
        let clash = self.worn.iter().any(|other| {
            (head_taken(other.item) && head_taken(worn.item))
                || (hand_taken(other.item) && hand_taken(worn.item))
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
    /// A relation must join subjects that the earlier ones do not join yet, and a subject can be on,
    /// in, under or in front of only one other.
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
    /// Whether it puts the subject on, in, in front of or right under the object, as one group.
    pub(crate) fn is_tight(&self, scene: &Scene) -> bool {
        match self.place {
            Place::On | Place::In | Place::InFrontOf => true,
            Place::Below => scene.subjects[self.object].kind.thing().under.is_some(),
            _ => false,
        }
    }
}

/// The groups of subjects that relations join.
pub(crate) struct Groups {
    /// The group of each subject.
    of: Vec<usize>,
    /// Whether a subject already has a tight relation to another.
    based: Vec<bool>,
}

impl Groups {
    pub(crate) fn new(subjects: usize) -> Self {
        Self {
            of: (0..subjects).collect(),
            based: vec![false; subjects],
        }
    }

    /// Joins the subjects of `relation`. Returns false and joins nothing if the relation names a
    /// missing subject or joins subjects of one group.
    pub(crate) fn accept(&mut self, scene: &Scene, relation: Relation) -> bool {
        let mut members = vec![relation.subject, relation.object];
        match (relation.place, relation.other) {
            (Place::Between, Some(other)) => members.push(other),
            (Place::Between, None) | (_, Some(_)) => return false,
            (_, None) => {}
        }
        if members.iter().any(|&m| m >= self.of.len()) {
            return false;
        }
        let mut roots: Vec<usize> = members.iter().map(|&m| self.of[m]).collect();
        roots.sort_unstable();
        let tight = relation.is_tight(scene);
        if roots.windows(2).any(|pair| pair[0] == pair[1])
            || (tight && self.based[relation.subject])
        {
            return false;
        }
        self.based[relation.subject] |= tight;
        for group in &mut self.of {
            if roots.contains(group) {
                *group = roots[0];
            }
        }
        true
    }
}
