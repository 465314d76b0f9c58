//! Checked access to the fields of a JSON object. Errors name the field and the expected value.

use std::fmt::Display;
use std::fs::File;
use std::io::Read as _;
use std::ops::RangeInclusive;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{Error, Result};

/// The size limit of a `config.json` in bytes; typical ones have 2 KiB.
const LIMIT: u64 = 1 << 20;

/// The fields of a `config.json`.
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
            let error = Error::model("cannot read the configuration").with_source(error);
            return Err(error.with_context("file", file));
        }
        if text.len() as u64 > LIMIT {
            let error = Error::model(format!("the configuration is larger than {LIMIT} bytes"));
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
                Err(Error::model("the configuration is not a JSON object")
                    .with_context("file", file))
            }
            Err(error) => Err(Error::model("the configuration is not valid JSON")
                .with_source(error)
                .with_context("file", file)),
        }
    }

    /// An error with this file as its context.
    pub(crate) fn error(&self, message: impl Into<String>) -> Error {
        Error::model(message).with_context("file", self.file.clone())
    }

    /// Adds this file to the context of an error.
    pub(crate) fn with_file(&self, error: Error) -> Error {
        error.with_context("file", self.file.clone())
    }

    /// Deserialises the object. `null` counts as a missing field, as in Python.
    pub(crate) fn deserialize<T: DeserializeOwned>(&self) -> Result<T> {
        let present = self.values.iter().filter(|(_, value)| !value.is_null());
        let values = present.map(|(name, value)| (name.clone(), value.clone()));
        T::deserialize(Value::Object(values.collect()))
            .map_err(|error| self.error(format!("invalid configuration: {error}")))
    }

    /// The value of a field; `None` if it is missing or `null`.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    fn expected(&self, name: &str, expected: impl Display) -> Error {
        self.error(match self.get(name) {
            Some(value) => format!("`{name}` is {}, expected {expected}", truncated(value)),
            None => format!("`{name}` is missing, expected {expected}"),
        })
    }

    /// An integer in `range`; `default` if the field is missing.
    pub(crate) fn integer(
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
            self.expected(name, format!("an integer from {from} to {to}"))
        })
    }

    /// A list of integers in `range`, whose length is in `lengths`.
    pub(crate) fn integers(
        &self,
        name: &str,
        lengths: RangeInclusive<usize>,
        range: RangeInclusive<usize>,
    ) -> Result<Vec<usize>> {
        let invalid = || {
            let (min, max) = (lengths.start(), lengths.end());
            let (from, to) = (range.start(), range.end());
            self.expected(name, format!("{min} to {max} integers from {from} to {to}"))
        };
        let list = self
            .get(name)
            .and_then(Value::as_array)
            .ok_or_else(invalid)?;
        if !lengths.contains(&list.len()) {
            return Err(invalid());
        }
        let number = |value: &Value| {
            let number = value.as_u64().and_then(|n| usize::try_from(n).ok());
            number.filter(|n| range.contains(n)).ok_or_else(invalid)
        };
        list.iter().map(number).collect()
    }

    /// A number in `range`; `default` if the field is missing.
    pub(crate) fn float(
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

    /// A boolean; `default` if the field is missing.
    pub(crate) fn bool(&self, name: &str, default: bool) -> Result<bool> {
        match self.get(name) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.expected(name, "true or false")),
        }
    }

    /// Fails if the field is present and not one of the `supported` strings.
    pub(crate) fn one_of(&self, name: &str, supported: &[&str]) -> Result<()> {
        match self.get(name) {
            None => Ok(()),
            Some(Value::String(value)) if supported.contains(&value.as_str()) => Ok(()),
            Some(_) => Err(self.expected(name, format!("`{}`", supported.join("` or `")))),
        }
    }

    /// Fails if the field is set to a value other than `false`.
    pub(crate) fn unsupported(&self, name: &str) -> Result<()> {
        match self.get(name) {
            None | Some(Value::Bool(false)) => Ok(()),
            Some(value) => {
                let value = truncated(value);
                Err(self.error(format!("`{name}` is {value}, which is not supported")))
            }
        }
    }
}

/// A value as JSON, truncated to 80 characters.
fn truncated(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 80 {
        format!("{}…", text.chars().take(80).collect::<String>())
    } else {
        text
    }
}
