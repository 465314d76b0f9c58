//! Parsing of `fluxhop.toml`, with errors that give the file, line, key and expected value.

use std::fmt;
use std::ops::Range;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use toml::de::{DeTable, DeValue};

use super::{Config, Defaults, HubConfig, ModelConfig, Network, ProviderConfig};
use crate::{Error, Result, names};

impl Config {
    /// Parses TOML; `origin` is the file name to use in errors.
    ///
    /// Fails with [`ErrorKind::Config`](crate::ErrorKind::Config) on invalid TOML, an unknown key
    /// or a value of the wrong type. Errors never quote the text, because it may contain a token.
    pub fn parse(text: &str, origin: &str) -> Result<Self> {
        let error_at = |span: Option<Range<usize>>, message: String| {
            let offset = span.map_or(0, |span| span.start).min(text.len());
            let before = text.get(..offset).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Error::config(format!("{origin}:{line}: {message}"))
        };
        let document = DeTable::parse(text)
            .map_err(|error| error_at(error.span(), error.message().to_owned()))?;
        if let Some((span, message)) = unknown_key(document.get_ref()) {
            return Err(error_at(Some(span), message));
        }
        toml::from_str(text).map_err(|error| {
            let key = error
                .span()
                .and_then(|span| key_at(document.get_ref(), span.start));
            let message = error.message();
            error_at(
                error.span(),
                key.map_or(message.to_owned(), |key| format!("`{key}`: {message}")),
            )
        })
    }
}

/// The span of the first unknown key, and an error message that suggests the closest known one.
fn unknown_key(document: &DeTable<'_>) -> Option<(Range<usize>, String)> {
    check(document, "", fields::<Config>()).or_else(|| {
        document.iter().find_map(|(section, table)| {
            let DeValue::Table(table) = table.get_ref() else {
                return None; // serde reports the wrong type
            };
            let section: &str = section.get_ref();
            let entry_fields = match section {
                "network" => return check(table, section, fields::<Network>()),
                "defaults" => return check(table, section, fields::<Defaults>()),
                "hub" => return check(table, section, fields::<HubConfig>()),
                "providers" => fields::<ProviderConfig>(),
                _ => fields::<ModelConfig>(),
            };
            table
                .iter()
                .find_map(|(name, entry)| match entry.get_ref() {
                    DeValue::Table(entry) => check(
                        entry,
                        &format!("{section}.{}", name.get_ref()),
                        entry_fields,
                    ),
                    _ => None,
                })
        })
    })
}

/// Returns the span of the first key of `table` that is not in `known`, and an error message.
fn check(
    table: &DeTable<'_>,
    path: &str,
    known: &'static [&'static str],
) -> Option<(Range<usize>, String)> {
    let key = table
        .keys()
        .find(|key| !known.contains(&&**key.get_ref()))?;
    let name: &str = key.get_ref();
    let location = if path.is_empty() {
        String::new()
    } else {
        format!(" in `[{path}]`")
    };
    let message = format!(
        "unknown key `{name}`{location}; {}",
        names::suggestion(name, known.iter().copied())
    );
    Some((key.span(), message))
}

/// The dotted key whose value contains the byte at `offset`.
fn key_at(table: &DeTable<'_>, offset: usize) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        if let DeValue::Table(inner) = value.get_ref()
            && let Some(rest) = key_at(inner, offset)
        {
            return Some(format!("{}.{rest}", key.get_ref()));
        }
        value
            .span()
            .contains(&offset)
            .then(|| key.get_ref().to_string())
    })
}

/// The field names that a struct's `Deserialize` implementation requests.
pub(super) fn fields<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // `FieldNames` stores the names, then always fails.
    drop(T::deserialize(FieldNames(&mut names)));
    names
}

/// A deserializer that stores the requested field names and then fails.
struct FieldNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for FieldNames<'_> {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom(format_args!("not a struct")))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl fmt::Debug for FieldNames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FieldNames").field(&self.0).finish()
    }
}
