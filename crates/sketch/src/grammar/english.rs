//! The singular and plural of English nouns.
//!
//! A table entry is the singular, with an irregular plural after a slash: "mouse/mice".

/// The singular of an entry: "mouse" for "mouse/mice".
pub(crate) fn singular(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

/// The plural of an entry: the part after the slash, or the regular form.
pub(crate) fn plural(name: &str) -> String {
    if let Some((_, many)) = name.split_once('/') {
        return many.to_owned();
    }
    let ends = |tails: &[&str]| tails.iter().any(|tail| name.ends_with(tail));
    if ends(&["s", "x", "z", "ch", "sh"]) {
        format!("{name}es")
    } else if name.ends_with('y') && !ends(&["ay", "ey", "oy", "uy"]) {
        format!("{}ies", &name[..name.len() - 1])
    } else {
        format!("{name}s")
    }
}
