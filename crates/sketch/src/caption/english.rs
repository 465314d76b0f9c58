//! Captions in English.

use super::{Phrasing, Role};
use crate::grammar::english::{plural, singular};
use crate::grammar::russian::Case;
use crate::rng::Rng;
use crate::scene::{Accessory, Mood, Paint, Place, Scene, Size, Worn};
use crate::words::tables::{ACCESSORIES, COLORS, COUNTS, MOODS, Named, PLACES, SIZES};

pub(super) struct English;

/// Picks one of the words for a meaning.
fn pick<T: PartialEq>(table: &'static [Named<T>], means: &T, rng: &mut Rng) -> &'static str {
    table
        .iter()
        .find(|entry| entry.means == *means)
        .map_or("", |entry| rng.pick(entry.en))
}

fn article(phrase: &str) -> &'static str {
    if phrase.starts_with(['a', 'e', 'i', 'o', 'u']) && !phrase.starts_with("uni") {
        "an "
    } else {
        "a "
    }
}

fn color(paint: Option<Paint>, rng: &mut Rng) -> Option<&'static str> {
    paint.map(|paint| pick(COLORS, &paint, rng))
}

fn worn(list: &[Worn], several: bool, rng: &mut Rng) -> String {
    let mut text = String::new();
    let mut holding = false;
    for (i, worn) in list.iter().enumerate() {
        let names = ACCESSORIES
            .iter()
            .find(|entry| entry.means == worn.item)
            .map_or(&[][..], |entry| entry.en);
        let name = singular(rng.pick(names));
        let phrase = color(worn.paint, rng)
            .map_or_else(|| name.to_owned(), |color| format!("{color} {name}"));
        let held = worn.item.is_held();
        let opening = match (i, held && !holding) {
            (0, false) => rng.pick(&[
                " wearing ",
                " in ",
                " with ",
                if several {
                    " that wear "
                } else {
                    " that wears "
                },
            ]),
            (0, true) => rng.pick(&[" holding ", " with "]),
            (_, true) => rng.pick(&[" and holding ", " and with ", " and "]),
            (_, false) => " and ",
        };
        holding |= held;
        text.push_str(opening);
        if worn.item != Accessory::Glasses {
            text.push_str(article(&phrase));
        }
        text.push_str(&phrase);
    }
    text
}

impl Phrasing for English {
    fn subject(&self, scene: &Scene, number: usize, _role: Role, rng: &mut Rng) -> String {
        let subject = &scene.subjects[number];
        let names = subject.kind.thing().en;
        // Use the most common name at least half of the time.
        let name = if rng.chance(0.5) {
            names[0]
        } else {
            rng.pick(names)
        };
        let noun = if subject.count > 1 {
            plural(name)
        } else {
            singular(name).to_owned()
        };
        let mut words: Vec<&str> = Vec::new();
        if subject.size != Size::Medium {
            words.push(pick(SIZES, &subject.size, rng));
        }
        if subject.mood != Mood::Happy {
            words.push(pick(MOODS, &subject.mood, rng));
        }
        words.extend(color(subject.paint, rng));
        words.push(&noun);
        let phrase = words.join(" ");
        let digits = subject.count.to_string();
        let counted = match subject.count {
            1 if rng.chance(0.06) => format!("one {phrase}"),
            1 => format!("{}{phrase}", article(&phrase)),
            _ if rng.chance(0.15) => format!("{digits} {phrase}"),
            n => format!("{} {phrase}", COUNTS[usize::from(n).clamp(1, 5) - 1].0),
        };
        counted + &worn(&subject.worn, subject.count > 1, rng)
    }

    fn again(&self, scene: &Scene, number: usize, _role: Role) -> String {
        let subject = &scene.subjects[number];
        let name = subject.kind.thing().en[0];
        format!(
            "the {}",
            if subject.count > 1 {
                plural(name)
            } else {
                singular(name).to_owned()
            }
        )
    }

    fn place(&self, place: Place, rng: &mut Rng) -> (&'static str, Role) {
        let words = PLACES
            .iter()
            .find(|entry| entry.place == place)
            .map_or("", |entry| rng.pick(entry.en));
        (words, Role::After(Case::Nominative))
    }

    fn join(&self, place: &str, object: &str) -> String {
        format!("{place} {object}")
    }

    fn and(&self) -> &'static str {
        " and "
    }

    fn opening(&self, rng: &mut Rng) -> &'static str {
        if rng.chance(0.75) {
            return "";
        }
        rng.pick(&[
            "a picture of ",
            "a drawing of ",
            "draw ",
            "show me ",
            "an illustration of ",
        ])
    }

    fn there(&self, several: bool, rng: &mut Rng) -> &'static str {
        if several {
            rng.pick(&[" are ", " there are ", ", "])
        } else {
            rng.pick(&[" is ", " there is ", ", "])
        }
    }

    fn verb(&self, several: bool, rng: &mut Rng) -> &'static str {
        if rng.chance(0.6) {
            ""
        } else if several {
            rng.pick(&[" are", " standing"])
        } else {
            rng.pick(&[" is", " standing", " that stands"])
        }
    }
}
