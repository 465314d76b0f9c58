//! A JSON object read field by field, with errors that name the field and what would be right.

use std::fmt::Display;
use std::fs::File;
use std::io::Read as _;
use std::ops::RangeInclusive;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{Error, Result};

/// The largest `config.json` that is read; real ones have 2 KiB.
const LIMIT: u64 = 1 << 20;

/// The fields of one `config.json`.
pub(crate) struct Fields {
    values: Map<String, Value>,
    file: String,
}

impl Fields {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let file = path.display().to_string();
        let mut text = String::new();
        let read = File::open(path).and_then(|f| f.take(LIMIT + 1).read_to_string(&mut text));
        if let Err(error) = read {
            let error = Error::model("the configuration cannot be read").with_source(error);
            return Err(error.with_context("file", file));
        }
        if text.len() as u64 > LIMIT {
            let error = Error::model(format!("a configuration of more than {LIMIT} bytes"));
            return Err(error.with_context("file", file));
        }
        Self::parse(&text, file)
    }

    /// Parses the text of `file`.
    pub(crate) fn parse(text: &str, file: impl Into<String>) -> Result<Self> {
        let file = file.into();
        match serde_json::from_str(text) {
            Ok(Value::Object(values)) => Ok(Self { values, file }),
            Ok(_) => {
                Err(Error::model("the configuration is no JSON object").with_context("file", file))
            }
            Err(error) => Err(Error::model("the configuration is no JSON")
                .with_source(error)
                .with_context("file", file)),
        }
    }

    /// The error that `what` is wrong with this file.
    pub(crate) fn wrong(&self, what: impl Into<String>) -> Error {
        Error::model(what).with_context("file", self.file.clone())
    }

    /// An error of a value with this file's name.
    pub(crate) fn named(&self, error: Error) -> Error {
        error.with_context("file", self.file.clone())
    }

    /// All of them as a `T`; a `null` is a missing field, as it is in Python.
    pub(crate) fn all<T: DeserializeOwned>(&self) -> Result<T> {
        let there = self.values.iter().filter(|(_, value)| !value.is_null());
        let values = there.map(|(name, value)| (name.clone(), value.clone()));
        T::deserialize(Value::Object(values.collect()))
            .map_err(|error| self.wrong(format!("the configuration does not fit: {error}")))
    }

    /// The value of a field; `null` is none.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    fn expected(&self, name: &str, expected: impl Display) -> Error {
        self.wrong(match self.get(name) {
            Some(value) => format!("`{name}` is {}, not {expected}", shortened(value)),
            None => format!("`{name}` is missing; it is {expected}"),
        })
    }

    /// A whole number within `range`; `default` where the field is missing.
    pub(crate) fn count(
        &self,
        name: &str,
        default: impl Into<Option<usize>>,
        range: RangeInclusive<usize>,
    ) -> Result<usize> {
        let found = match self.get(name) {
            None => default.into(),
            Some(value) => value.as_u64().and_then(|n| usize::try_from(n).ok()),
        };
        found.filter(|n| range.contains(n)).ok_or_else(|| {
            let (from, to) = (range.start(), range.end());
            self.expected(name, format!("a whole number from {from} to {to}"))
        })
    }

    /// Whole numbers within `range`, `lengths` of them.
    pub(crate) fn counts(
        &self,
        name: &str,
        lengths: RangeInclusive<usize>,
        range: RangeInclusive<usize>,
    ) -> Result<Vec<usize>> {
        let wrong = || {
            let (few, many) = (lengths.start(), lengths.end());
            let (from, to) = (range.start(), range.end());
            self.expected(
                name,
                format!("{few} to {many} whole numbers from {from} to {to}"),
            )
        };
        let list = self.get(name).and_then(Value::as_array).ok_or_else(wrong)?;
        if !lengths.contains(&list.len()) {
            return Err(wrong());
        }
        let number = |value: &Value| {
            let number = value.as_u64().and_then(|n| usize::try_from(n).ok());
            number.filter(|n| range.contains(n)).ok_or_else(wrong)
        };
        list.iter().map(number).collect()
    }

    /// A finite number within `range`; `default` where the field is missing.
    pub(crate) fn number(
        &self,
        name: &str,
        default: impl Into<Option<f64>>,
        range: RangeInclusive<f64>,
    ) -> Result<f64> {
        let found = match self.get(name) {
            None => default.into(),
            Some(value) => value.as_f64(),
        };
        found.filter(|n| range.contains(n)).ok_or_else(|| {
            let (from, to) = (range.start(), range.end());
            self.expected(name, format!("a number from {from} to {to}"))
        })
    }

    /// True or false; `default` where the field is missing.
    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool> {
        match self.get(name) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.expected(name, "true or false")),
        }
    }

    /// Refuses a word that is none of `known`; a missing one is the first.
    pub(crate) fn word(&self, name: &str, known: &[&str]) -> Result<()> {
        match self.get(name) {
            None => Ok(()),
            Some(Value::String(word)) if known.contains(&word.as_str()) => Ok(()),
            Some(_) => Err(self.expected(name, format!("`{}`", known.join("` or `")))),
        }
    }

    /// Refuses a field that is there and switches something on that is not supported.
    pub(crate) fn off(&self, name: &str) -> Result<()> {
        match self.get(name) {
            None | Some(Value::Bool(false)) => Ok(()),
            Some(value) => {
                let value = shortened(value);
                Err(self.wrong(format!("`{name}` is {value}, which is not supported")))
            }
        }
    }
}

/// A value as it is written, its beginning where it is long.
fn shortened(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 80 {
        format!("{}…", text.chars().take(80).collect::<String>())
    } else {
        text
    }
}
