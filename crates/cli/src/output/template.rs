//! Names with `{seed}`, `{n}`, `{slug}` and `{model}` in them.

use super::slug::cut;

/// The most bytes of a name without its extension: file systems take 255 in all.
const MOST: usize = 200;

/// A name with places to fill.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Field(Field),
}

/// What can stand in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Slug,
    Seed,
    Number,
    Model,
}

impl Template {
    /// `{slug}-{seed}`
    pub(super) fn usual() -> Self {
        Self(vec![
            Part::Field(Field::Slug),
            Part::Text("-".to_owned()),
            Part::Field(Field::Seed),
        ])
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        const RIGHT: &str = "a template takes {seed}, {n}, {slug} and {model}";
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find(['{', '}']) {
            let Some((name, after)) = rest[start..]
                .strip_prefix('{')
                .and_then(|inner| inner.split_once('}'))
            else {
                return Err(format!("`{text}` has a single {{ or }}: {RIGHT}"));
            };
            parts.push(Part::Text(rest[..start].to_owned()));
            parts.push(Part::Field(match name {
                "slug" => Field::Slug,
                "seed" => Field::Seed,
                "n" => Field::Number,
                "model" => Field::Model,
                _ => return Err(format!("{{{name}}} is not known: {RIGHT}")),
            }));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }

    /// The name, without a hyphen at its ends where a value is empty.
    pub(super) fn fill(&self, value: impl Fn(Field) -> String) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Field(field) => value(*field),
        });
        let name: String = parts.collect();
        cut(name.trim_matches('-'), MOST).to_owned()
    }
}
