//! A text that is never printed.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// A token, a password or a key: `Debug` and `Display` print `***`, and there is no `Serialize`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Gives the text itself, for the place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all, as with a variable that is set to nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::from(text))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A value of another type is not quoted: serde's own message would print it.
        String::deserialize(deserializer)
            .map(Self)
            .map_err(|_| serde::de::Error::custom("expected a secret as a string"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_debug_nor_display_prints_it() {
        let secret = Secret::from("hf_abc");
        assert_eq!(
            format!("{secret} {secret:?} {:#?}", Some(&secret)),
            "*** *** Some(\n    ***,\n)"
        );
        assert_eq!(secret.expose(), "hf_abc");
    }

    #[test]
    fn a_value_of_another_type_is_not_quoted_in_the_error() {
        let error = serde_json::from_str::<Secret>("123456").expect_err("a number");
        assert!(!error.to_string().contains("123456"), "{error}");
        let secret: Secret = serde_json::from_str("\"hf_abc\"").expect("a string");
        assert_eq!(secret.expose(), "hf_abc");
    }
}
