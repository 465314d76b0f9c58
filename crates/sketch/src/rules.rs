//! What a scene may hold: who can wear what, and which relations fit together.

use crate::scene::{Accessory, Place, Relation, Scene, Subject, Worn};

impl Subject {
    /// Puts something on, keeping the order; false where it cannot wear that, or already does.
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
    /// Adds a relation, unless it could contradict those there are: every relation must join
    /// subjects that the earlier ones leave apart, and nothing stands on, in, under or before two
    /// others at once. Returns whether it was added.
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
    /// Whether it makes the subject stand on, in, before or right under the object, as one group.
    pub(crate) fn is_tight(&self, scene: &Scene) -> bool {
        match self.place {
            Place::On | Place::In | Place::InFrontOf => true,
            Place::Below => scene.subjects[self.object].kind.thing().under.is_some(),
            _ => false,
        }
    }
}

/// Which subjects the relations join.
pub(crate) struct Groups {
    /// The group of each subject.
    of: Vec<usize>,
    /// Whether a subject has what it stands on.
    based: Vec<bool>,
}

impl Groups {
    pub(crate) fn new(subjects: usize) -> Self {
        Self {
            of: (0..subjects).collect(),
            based: vec![false; subjects],
        }
    }

    /// Joins the subjects of `relation`; false, and nothing joined, where it names a subject that
    /// is not there or joins what is joined already.
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
