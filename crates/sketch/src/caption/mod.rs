//! Captions: describes a scene in varied wording that [`crate::parse`] can parse.

mod english;
mod russian;

use crate::rng::Rng;
use crate::scene::{Backdrop, Place, Scene, Setting, Time, Weather};
use crate::words::Language;
use crate::words::tables::{BACKDROPS, Named, TIMES, WEATHERS};

/// The phrases of a language.
trait Phrasing {
    /// A subject: "two small yellow birds".
    fn subject(&self, scene: &Scene, number: usize, role: Role, rng: &mut Rng) -> String;
    /// A subject that was mentioned before: "the birds".
    fn again(&self, scene: &Scene, number: usize, role: Role) -> String;
    /// The words for a place, and the role of the objects after them.
    fn place(&self, place: Place, rng: &mut Rng) -> (&'static str, Role);
    /// Joins the words for a place and its object.
    fn join(&self, place: &str, object: &str) -> String;
    fn and(&self) -> &'static str;
    /// An optional opening of a caption: "a picture of ".
    fn opening(&self, rng: &mut Rng) -> &'static str;
    /// The words between a fronted place and its subject: " is ".
    fn there(&self, several: bool, rng: &mut Rng) -> &'static str;
    /// The words between a subject and its place: " standing".
    fn verb(&self, several: bool, rng: &mut Rng) -> &'static str;
}

/// The grammatical role of a noun phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The subject.
    Subject,
    /// The object of a preposition that takes this case. English ignores the case.
    After(crate::grammar::russian::Case),
}

/// Returns a caption of a scene.
///
/// If the relations form a chain in the order of the subjects and no kind occurs twice, as in scenes
/// from [`crate::random_scene`], then parsing the caption gives the same scene.
pub fn caption(scene: &Scene, language: Language, rng: &mut Rng) -> String {
    match language {
        Language::English => write(&english::English, scene, language, rng),
        Language::Russian => write(&russian::Russian, scene, language, rng),
    }
}

fn write(voice: &dyn Phrasing, scene: &Scene, language: Language, rng: &mut Rng) -> String {
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
    let mut mentioned = vec![false; scene.subjects.len()];
    let mut last = None;
    let mut started = false;
    for relation in &scene.relations {
        let chained = last == Some(relation.subject);
        if !chained {
            if started {
                text.push_str(". ");
            }
            let known = mentioned[relation.subject] || mentioned[relation.object];
            if !started
                && !known
                && relation.other.is_none()
                && rng.chance(0.25)
                && may_front(scene)
            {
                write_fronted(voice, scene, relation, &mut text, rng);
                mentioned[relation.subject] = true;
                mentioned[relation.object] = true;
                started = true;
                continue;
            }
            text.push_str(&mention(
                voice,
                scene,
                relation.subject,
                Role::Subject,
                &mut mentioned,
                rng,
            ));
        }
        if !chained && (started || !opened) {
            text.push_str(voice.verb(scene.subjects[relation.subject].count > 1, rng));
        }
        text.push(' ');
        let (words, role) = voice.place(relation.place, rng);
        let mut object = mention(voice, scene, relation.object, role, &mut mentioned, rng);
        if let Some(other) = relation.other {
            object.push_str(voice.and());
            object.push_str(&mention(voice, scene, other, role, &mut mentioned, rng));
        }
        text.push_str(&voice.join(words, &object));
        last = relation.other.or(Some(relation.object));
        started = true;
    }
    write_unrelated(voice, scene, &mut text, &mut mentioned, started, rng);
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
        text = capitalize(&text);
    }
    text
}

/// Whether the place of the first relation may precede its subject. A second relation could continue
/// from the object, so it must be the only one.
fn may_front(scene: &Scene) -> bool {
    scene.relations.len() == 1
}

fn write_fronted(
    voice: &dyn Phrasing,
    scene: &Scene,
    relation: &crate::scene::Relation,
    text: &mut String,
    rng: &mut Rng,
) {
    let (words, role) = voice.place(relation.place, rng);
    let object = voice.subject(scene, relation.object, role, rng);
    text.push_str(&voice.join(words, &object));
    text.push_str(voice.there(scene.subjects[relation.subject].count > 1, rng));
    text.push_str(&voice.subject(scene, relation.subject, Role::Subject, rng));
}

fn mention(
    voice: &dyn Phrasing,
    scene: &Scene,
    number: usize,
    role: Role,
    mentioned: &mut [bool],
    rng: &mut Rng,
) -> String {
    if std::mem::replace(&mut mentioned[number], true) {
        voice.again(scene, number, role)
    } else {
        voice.subject(scene, number, role, rng)
    }
}

/// Writes the subjects that have no relation.
fn write_unrelated(
    voice: &dyn Phrasing,
    scene: &Scene,
    text: &mut String,
    mentioned: &mut [bool],
    mut started: bool,
    rng: &mut Rng,
) {
    // After a subject with accessories, a balloon would be parsed as one that it holds.
    let clear = scene.subjects.iter().all(|s| s.worn.is_empty());
    let rest: Vec<usize> = (0..mentioned.len()).filter(|&i| !mentioned[i]).collect();
    for (i, &number) in rest.iter().enumerate() {
        if started {
            let end = i + 1 == rest.len();
            text.push_str(match (clear, end) {
                (true, true) => voice.and(),
                (true, false) => ", ",
                (false, _) => "; ",
            });
        }
        text.push_str(&voice.subject(scene, number, Role::Subject, rng));
        started = true;
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

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + chars.as_str()
    })
}
