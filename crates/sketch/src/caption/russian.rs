//! Captions in Russian, with words inflected for case, gender and number.

use super::{Phrasing, Role};
use crate::grammar::russian::{Case, Gender, Noun, adjective};
use crate::rng::Rng;
use crate::scene::{Mood, Place, Scene, Size, Subject, Worn};
use crate::words::tables::{ACCESSORIES, COLORS, COUNTS, MOODS, Named, PLACES, SIZES};

pub(super) struct Russian;

fn pick<T: PartialEq>(table: &'static [Named<T>], means: &T, rng: &mut Rng) -> &'static str {
    table
        .iter()
        .find(|entry| entry.means == *means)
        .map_or("", |entry| rng.pick(entry.ru))
}

/// A numeral with its noun: "две кошки", "двух кошек", "пять кошек".
fn counted(noun: &Noun, adjectives: &[&str], count: u8, case: Case, digits: bool) -> String {
    let feminine = noun.gender() == Gender::Feminine;
    let direct = case == Case::Nominative || (case == Case::Accusative && !noun.is_animate());
    // After a nominative numeral, adjectives take the genitive plural and nouns the genitive: singular
    // for two to four, plural from five.
    let (numeral, adjective_case, noun_case, plural) = match (count, direct) {
        (1, _) => (None, case, case, false),
        (2..=4, true) => (Some(case), Case::Genitive, Case::Genitive, false),
        (_, true) => (Some(case), Case::Genitive, Case::Genitive, true),
        (_, false) => (Some(case), case, case, true),
    };
    let mut words: Vec<String> = Vec::new();
    if let Some(numeral_case) = numeral {
        let index = Case::ALL
            .iter()
            .position(|c| *c == numeral_case)
            .unwrap_or(0);
        words.push(if digits {
            count.to_string()
        } else if count == 2 && feminine && direct {
            "две".to_owned()
        } else {
            COUNTS[usize::from(count).clamp(1, 5) - 1].1[index].to_owned()
        });
    }
    let many = count > 1;
    words.extend(adjectives.iter().map(|a| {
        adjective(
            a,
            noun.gender(),
            adjective_case,
            many || noun.is_plural_only(),
            noun.is_animate(),
        )
    }));
    if count > 1 && direct && count <= 4 {
        words.push(noun.few());
    } else {
        words.push(noun.form(noun_case, plural));
    }
    words.join(" ")
}

fn worn(list: &[Worn], several: bool, named: bool, rng: &mut Rng) -> String {
    let mut text = String::new();
    let mut held_before = false;
    let mut verb = Case::Prepositional;
    for (i, worn) in list.iter().enumerate() {
        let nouns = ACCESSORIES
            .iter()
            .find(|entry| entry.means == worn.item)
            .map_or(&[][..], |entry| entry.ru);
        let noun = rng.pick(nouns);
        let color = worn.paint.map(|paint| pick(COLORS, &paint, rng));
        let held = worn.item.is_held();
        if i == 0 || (held && !held_before) {
            // Only a grammatical subject can take a verb; otherwise use a preposition.
            let (opening, case) = match (held, named && rng.chance(0.3), several) {
                (true, true, false) => ("держит", Case::Accusative),
                (true, true, true) => ("держат", Case::Accusative),
                (false, true, false) => ("носит", Case::Accusative),
                (false, true, true) => ("носят", Case::Accusative),
                (true, false, _) => ("с", Case::Instrumental),
                (false, false, _) => rng.pick(&[
                    ("в", Case::Prepositional),
                    ("в", Case::Prepositional),
                    ("с", Case::Instrumental),
                ]),
            };
            verb = case;
            text.push_str(if i == 0 { " " } else { " и " });
            text.push_str(opening);
        } else {
            text.push_str(" и");
        }
        held_before |= held;
        text.push(' ');
        let adjectives: Vec<&str> = color.into_iter().collect();
        text.push_str(&counted(&noun, &adjectives, 1, verb, false));
    }
    text
}

fn noun_of(subject: &Subject, rng: &mut Rng) -> Noun {
    let nouns = subject.kind.thing().ru;
    if rng.chance(0.5) {
        nouns[0]
    } else {
        rng.pick(nouns)
    }
}

fn case_of(role: Role) -> Case {
    match role {
        Role::Subject => Case::Nominative,
        Role::After(case) => case,
    }
}

impl Phrasing for Russian {
    fn subject(&self, scene: &Scene, number: usize, role: Role, rng: &mut Rng) -> String {
        let subject = &scene.subjects[number];
        let noun = noun_of(subject, rng);
        let mut adjectives: Vec<&str> = Vec::new();
        if subject.size != Size::Medium {
            adjectives.push(pick(SIZES, &subject.size, rng));
        }
        if subject.mood != Mood::Happy {
            adjectives.push(pick(MOODS, &subject.mood, rng));
        }
        if let Some(paint) = subject.paint {
            adjectives.push(pick(COLORS, &paint, rng));
        }
        let digits = rng.chance(0.12);
        counted(&noun, &adjectives, subject.count, case_of(role), digits)
            + &worn(&subject.worn, subject.count > 1, role == Role::Subject, rng)
    }

    fn again(&self, scene: &Scene, number: usize, role: Role) -> String {
        let subject = &scene.subjects[number];
        subject.kind.thing().ru[0].form(case_of(role), subject.count > 1)
    }

    fn place(&self, place: Place, rng: &mut Rng) -> (&'static str, Role) {
        PLACES
            .iter()
            .find(|entry| entry.place == place)
            .map_or(("", Role::Subject), |entry| {
                let (words, case) = rng.pick(entry.ru);
                (words, Role::After(case))
            })
    }

    fn join(&self, place: &str, object: &str) -> String {
        // "во дворце", "рядом со львом": the preposition gains a vowel before some clusters.
        let clash = |starts: &[&str]| starts.iter().any(|s| object.starts_with(s));
        if place == "в" && clash(&["дв", "вт", "вс", "льв"]) {
            format!("во {object}")
        } else if place == "рядом с"
            && clash(&["св", "сл", "сн", "со", "ст", "зв", "зо", "шк", "шл", "льв"])
            && !clash(&["сова", "собак", "солн"])
        {
            format!("рядом со {object}")
        } else {
            format!("{place} {object}")
        }
    }

    fn and(&self) -> &'static str {
        " и "
    }

    fn opening(&self, rng: &mut Rng) -> &'static str {
        if rng.chance(0.8) {
            return "";
        }
        rng.pick(&["на картинке ", "на рисунке ", "нарисуй: ", "вот "])
    }

    fn there(&self, several: bool, rng: &mut Rng) -> &'static str {
        if several {
            rng.pick(&[" находятся ", " ", ", "])
        } else {
            rng.pick(&[" находится ", " ", ", "])
        }
    }

    fn verb(&self, several: bool, rng: &mut Rng) -> &'static str {
        if rng.chance(0.6) {
            ""
        } else if several {
            " находятся"
        } else {
            " находится"
        }
    }
}
