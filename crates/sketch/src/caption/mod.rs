//! From a scene to words: captions in many wordings, which [`crate::parse`] reads back.

mod english;
mod russian;

use crate::rng::Rng;
use crate::scene::{Backdrop, Place, Scene, Setting, Time, Weather};
use crate::words::Language;
use crate::words::tables::{BACKDROPS, Named, TIMES, WEATHERS};

/// What a language must say for itself.
trait Voice {
    /// A subject: "two small yellow birds".
    fn subject(&self, scene: &Scene, number: usize, role: Role, rng: &mut Rng) -> String;
    /// A subject that was named in an earlier sentence: "the birds".
    fn again(&self, scene: &Scene, number: usize, role: Role) -> String;
    /// The words of a place, and the role its objects take.
    fn place(&self, place: Place, rng: &mut Rng) -> (&'static str, Role);
    /// Joins a place's words and its object.
    fn join(&self, place: &str, object: &str) -> String;
    fn and(&self) -> &'static str;
    /// What may open a caption: "a picture of ".
    fn opening(&self, rng: &mut Rng) -> &'static str;
    /// Between a fronted place and its subject: " is ".
    fn there(&self, several: bool, rng: &mut Rng) -> &'static str;
    /// Between a subject and its place: " sits ".
    fn verb(&self, several: bool, rng: &mut Rng) -> &'static str;
}

/// What a noun phrase is in its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The subject.
    Named,
    /// After a preposition that asks for this case; English has no cases.
    After(crate::grammar::russian::Case),
}

/// Describes a scene in words.
///
/// A scene whose relations form a chain in the order of its subjects, with no kind twice, as
/// [`crate::random_scene`] makes them, is read back as the same scene.
pub fn caption(scene: &Scene, language: Language, rng: &mut Rng) -> String {
    match language {
        Language::English => write(&english::English, scene, language, rng),
        Language::Russian => write(&russian::Russian, scene, language, rng),
    }
}

fn write(voice: &dyn Voice, scene: &Scene, language: Language, rng: &mut Rng) -> String {
    let setting = setting(scene.setting, language, rng);
    let first = rng.chance(0.3) && !setting.is_empty();
    let mut text = String::new();
    if first {
        text.push_str(&setting);
        text.push_str(if rng.chance(0.8) { ", " } else { " " });
    } else {
        text.push_str(voice.opening(rng));
    }
    let opened = !first && !text.is_empty();
    let mut told = vec![false; scene.subjects.len()];
    let mut last = None;
    let mut begun = false;
    for relation in &scene.relations {
        let chained = last == Some(relation.subject);
        if !chained {
            if begun {
                text.push_str(". ");
            }
            let known = told[relation.subject] || told[relation.object];
            if !begun && !known && relation.other.is_none() && rng.chance(0.25) && fronts(scene) {
                fronted(voice, scene, relation, &mut text, rng);
                told[relation.subject] = true;
                told[relation.object] = true;
                begun = true;
                continue;
            }
            text.push_str(&mention(
                voice,
                scene,
                relation.subject,
                Role::Named,
                &mut told,
                rng,
            ));
        }
        if !chained && (begun || !opened) {
            text.push_str(voice.verb(scene.subjects[relation.subject].count > 1, rng));
        }
        text.push(' ');
        let (words, role) = voice.place(relation.place, rng);
        let mut object = mention(voice, scene, relation.object, role, &mut told, rng);
        if let Some(other) = relation.other {
            object.push_str(voice.and());
            object.push_str(&mention(voice, scene, other, role, &mut told, rng));
        }
        text.push_str(&voice.join(words, &object));
        last = relation.other.or(Some(relation.object));
        begun = true;
    }
    lone(voice, scene, &mut text, &mut told, begun, rng);
    if !first && !setting.is_empty() {
        if !scene.subjects.is_empty() {
            text.push_str(if rng.chance(0.6) { ", " } else { " " });
        }
        text.push_str(&setting);
    }
    if rng.chance(0.3) {
        text.push('.');
    }
    if rng.chance(0.4) {
        text = capital(&text);
    }
    text
}

/// Whether the first relation may be told with its place before its subject: the second must not
/// go on from its object.
fn fronts(scene: &Scene) -> bool {
    scene.relations.len() == 1
}

fn fronted(
    voice: &dyn Voice,
    scene: &Scene,
    relation: &crate::scene::Relation,
    text: &mut String,
    rng: &mut Rng,
) {
    let (words, role) = voice.place(relation.place, rng);
    let object = voice.subject(scene, relation.object, role, rng);
    text.push_str(&voice.join(words, &object));
    text.push_str(voice.there(scene.subjects[relation.subject].count > 1, rng));
    text.push_str(&voice.subject(scene, relation.subject, Role::Named, rng));
}

fn mention(
    voice: &dyn Voice,
    scene: &Scene,
    number: usize,
    role: Role,
    told: &mut [bool],
    rng: &mut Rng,
) -> String {
    if std::mem::replace(&mut told[number], true) {
        voice.again(scene, number, role)
    } else {
        voice.subject(scene, number, role, rng)
    }
}

/// Subjects that no relation names.
fn lone(
    voice: &dyn Voice,
    scene: &Scene,
    text: &mut String,
    told: &mut [bool],
    mut begun: bool,
    rng: &mut Rng,
) {
    // What can be held would be taken for held after someone who wears something.
    let clear = scene.subjects.iter().all(|s| s.worn.is_empty());
    let rest: Vec<usize> = (0..told.len()).filter(|&i| !told[i]).collect();
    for (i, &number) in rest.iter().enumerate() {
        if begun {
            let end = i + 1 == rest.len();
            text.push_str(match (clear, end) {
                (true, true) => voice.and(),
                (true, false) => ", ",
                (false, _) => "; ",
            });
        }
        text.push_str(&voice.subject(scene, number, Role::Named, rng));
        begun = true;
    }
}

fn setting(setting: Setting, language: Language, rng: &mut Rng) -> String {
    fn phrase<T: PartialEq>(
        table: &[Named<T>],
        means: &T,
        language: Language,
        rng: &mut Rng,
    ) -> Option<&'static str> {
        let entry = table.iter().find(|entry| entry.means == *means)?;
        Some(rng.pick(match language {
            Language::English => entry.en,
            Language::Russian => entry.ru,
        }))
    }
    let mut parts: Vec<&'static str> = Vec::new();
    if setting.backdrop != Backdrop::Plain || rng.chance(0.15) {
        parts.extend(phrase(BACKDROPS, &setting.backdrop, language, rng));
    }
    if setting.time != Time::Day || rng.chance(0.1) {
        parts.extend(phrase(TIMES, &setting.time, language, rng));
    }
    if setting.weather != Weather::Clear {
        parts.extend(phrase(WEATHERS, &setting.weather, language, rng));
    }
    rng.shuffle(&mut parts);
    parts.join(" ")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + chars.as_str()
    })
}
