//! Reading `fluxhop.toml`, with errors that name the file, the line, the key and what is right.

use std::fmt;
use std::ops::Range;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use toml::de::{DeTable, DeValue};

use super::{Config, Defaults, HubConfig, ModelConfig, Network, ProviderConfig};
use crate::{Error, Result, names};

impl Config {
    /// Reads TOML; `origin`, the file's name, stands in errors.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) for `config` on
    /// bad TOML, an unknown key or a value of the wrong type; the text itself is not quoted, for it
    /// may hold a token.
    pub fn parse(text: &str, origin: &str) -> Result<Self> {
        let at = |span: Option<Range<usize>>, what: String| {
            let offset = span.map_or(0, |span| span.start).min(text.len());
            let before = text.get(..offset).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Error::config(format!("{origin}:{line}: {what}"))
        };
        let document =
            DeTable::parse(text).map_err(|error| at(error.span(), error.message().to_owned()))?;
        if let Some((span, what)) = unknown_key(document.get_ref()) {
            return Err(at(Some(span), what));
        }
        toml::from_str(text).map_err(|error| {
            let key = error
                .span()
                .and_then(|span| key_at(document.get_ref(), span.start));
            let message = error.message();
            at(
                error.span(),
                key.map_or(message.to_owned(), |key| format!("`{key}`: {message}")),
            )
        })
    }
}

/// The first key that no setting has, and what it might have meant.
fn unknown_key(document: &DeTable<'_>) -> Option<(Range<usize>, String)> {
    check(document, "", fields::<Config>()).or_else(|| {
        document.iter().find_map(|(section, table)| {
            let DeValue::Table(table) = table.get_ref() else {
                return None; // serde says that a table belongs here
            };
            let section: &str = section.get_ref();
            let of_each = match section {
                "network" => return check(table, section, fields::<Network>()),
                "defaults" => return check(table, section, fields::<Defaults>()),
                "hub" => return check(table, section, fields::<HubConfig>()),
                "providers" => fields::<ProviderConfig>(),
                _ => fields::<ModelConfig>(),
            };
            table
                .iter()
                .find_map(|(name, entry)| match entry.get_ref() {
                    DeValue::Table(entry) => {
                        check(entry, &format!("{section}.{}", name.get_ref()), of_each)
                    }
                    _ => None,
                })
        })
    })
}

fn check(
    table: &DeTable<'_>,
    path: &str,
    known: &'static [&'static str],
) -> Option<(Range<usize>, String)> {
    let key = table
        .keys()
        .find(|key| !known.contains(&&**key.get_ref()))?;
    let name: &str = key.get_ref();
    let place = if path.is_empty() {
        String::new()
    } else {
        format!(" in `[{path}]`")
    };
    let what = format!(
        "unknown key `{name}`{place}; {}",
        names::suggestion(name, known.iter().copied())
    );
    Some((key.span(), what))
}

/// The dotted key whose value stands at `offset`.
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

/// The names of a struct's fields, as its `Deserialize` asks for them.
pub(super) fn fields<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // The names are noted before the error; the error has nothing to say.
    drop(T::deserialize(FieldNames(&mut names)));
    names
}

/// A deserializer that notes which fields are asked for, and gives none.
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
