//! File name templates with the fields `{seed}`, `{n}`, `{slug}` and `{model}`.

use super::slug::truncate;

/// The maximum length of a name without its extension, in bytes; file systems allow 255 in total.
const MAX_LENGTH: usize = 200;

/// A file name with fields.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Field(Field),
}

/// A field of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Slug,
    Seed,
    Number,
    Model,
}

impl Template {
    /// `{slug}-{seed}`
    pub(super) fn default_name() -> Self {
        Self(vec![
            Part::Field(Field::Slug),
            Part::Text("-".to_owned()),
            Part::Field(Field::Seed),
        ])
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        const EXPECTED: &str = "expected {seed}, {n}, {slug} or {model}";
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find(['{', '}']) {
            let Some((name, after)) = rest[start..]
                .strip_prefix('{')
                .and_then(|inner| inner.split_once('}'))
            else {
                return Err(format!(
                    "unmatched brace in the template `{text}`: {EXPECTED}"
                ));
            };
            parts.push(Part::Text(rest[..start].to_owned()));
            parts.push(Part::Field(match name {
                "slug" => Field::Slug,
                "seed" => Field::Seed,
                "n" => Field::Number,
                "model" => Field::Model,
                _ => {
                    return Err(format!(
                        "unknown field {{{name}}} in the template: {EXPECTED}"
                    ));
                }
            }));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }

    /// Fills in the fields; leading and trailing hyphens, left by empty values, are trimmed.
    pub(super) fn fill(&self, value: impl Fn(Field) -> String) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Field(field) => value(*field),
        });
        let name: String = parts.collect();
        truncate(name.trim_matches('-'), MAX_LENGTH).to_owned()
    }
}
